"""The account to write beside an act, and the refusal of those who may not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.errors import Forbidden

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

    from core.actors import Actor


def author(by: Actor) -> User | None:
    """The account of whoever acts; none for the system and for API clients, whose name is in the audit trail."""
    return by if isinstance(by, User) else None


def require(allowed: bool, sentence: _StrOrPromise = "") -> None:
    """Refuse (403) an act for which the right was denied."""
    if not allowed:
        raise Forbidden(sentence or _("You are not entitled to do this."))
