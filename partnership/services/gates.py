"""What the services of the ledger share: the lock of a convention that may change, and the reason its signature asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _

from core.errors import Conflict, Invalid
from core.rights import require
from core.states import lock
from partnership.choices import OPEN_CONVENTION_STATUSES, ConventionStatus
from partnership.models import Convention
from partnership.permissions.ledger import can_update_convention

if TYPE_CHECKING:
    from collections.abc import Collection
    from uuid import UUID

    from core.actors import Actor

BEFORE_SIGNATURE: Final = frozenset({ConventionStatus.DRAFT, ConventionStatus.IN_REVIEW})


def held_convention(convention: UUID, *, by: Actor) -> Convention:
    """The convention locked for a change of its content. Refuses those who may not, and one that is over."""
    held: Convention = lock(Convention.objects.visible_to(by), convention)
    require(can_update_convention(by, held))
    if held.status not in OPEN_CONVENTION_STATUSES:
        raise Conflict(_("This convention is no longer open: its content does not change."), code="convention_over")
    return held


def require_reason_once_signed(convention: Convention, reason: str, *, what: Collection[str]) -> None:
    """Refuse without a reason a change of something that the parties have signed."""
    if what and convention.status not in BEFORE_SIGNATURE and not reason:
        raise Invalid(_("The convention is signed: say why this changes."), code="reason_required", field="reason")


def organisations_in(convention: Convention) -> list[UUID]:
    """The parties' organisations: those whom an event concerns."""
    return list(convention.parties.values_list("organisation_id", flat=True))
