"""Refusing an act for lack of right, and the one right the cellar's own acts need: who holds it is said upstairs (STAFF_OPERATES)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from core.actors import is_system
from core.errors import Forbidden

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

    from core.actors import Actor


def require(allowed: bool, sentence: _StrOrPromise = "") -> None:
    """Refuse (403) an act for which the right was denied."""
    if not allowed:
        raise Forbidden(sentence or _("You are not entitled to do this."))


def can_operate(actor: Actor) -> bool:
    """The system, and the active staff who run the portal: whoever only reads does not."""
    return is_system(actor) or bool(import_string(settings.STAFF_OPERATES)(actor))


def check_operates(actor: Actor) -> None:
    """Refuse (403) whoever does not run the portal."""
    require(can_operate(actor), _("Only the staff who run the portal may do this."))


def can_read_administration(actor: Actor) -> bool:
    """Active staff who hold a role, whatever it is: the administration shows them everything and lets each role do its acts."""
    return bool(actor.is_authenticated and actor.is_active and getattr(actor, "staff_roles", ()))
