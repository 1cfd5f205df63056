"""Who acts: a user, a partner's API client, or the system itself. Services take it as `by`."""

from __future__ import annotations

from typing import Any, Protocol, runtime_checkable


@runtime_checkable
class Actor(Protocol):
    """What every service may ask of whoever acts. Rights are decided by the apps' `permissions.py`."""

    @property
    def pk(self) -> Any:
        """What identifies it; None for the system and for an unknown visitor."""

    @property
    def is_authenticated(self) -> Any:
        """Whether it is known who acts."""

    @property
    def is_active(self) -> Any:
        """Whether it may still act."""


class System:
    """The portal acting by itself: beat ticks, data loading. It is never a request's user."""

    pk = None
    is_authenticated = True
    is_active = True
    is_staff = False

    def __str__(self) -> str:
        return "system"


SYSTEM = System()


def is_system(actor: Actor) -> bool:
    """Whether the portal itself acts (identity, so that nothing built from a request can pass for it)."""
    return actor is SYSTEM
