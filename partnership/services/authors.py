"""The account to write beside an act."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accounts.models import User

if TYPE_CHECKING:
    from core.actors import Actor


def author(by: Actor) -> User | None:
    """The account of whoever acts; none for the system and for API clients, whose name is in the audit trail."""
    return by if isinstance(by, User) else None
