"""The gates that several services pass: a convention that may change, the reason a signature asks for, a first administrator."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _

from accounts.roles import MandateRole
from core import clock
from core.errors import Conflict, Invalid
from core.rights import require
from core.states import lock
from partnership.choices import OPEN_CONVENTION_STATUSES, ConventionStatus
from partnership.models import Convention
from partnership.permissions.ledger import can_update_convention
from partnership.selectors.people import administrators_on

if TYPE_CHECKING:
    from collections.abc import Collection
    from datetime import date
    from uuid import UUID

    from core.actors import Actor
    from partnership.models import Organisation

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


def require_an_administrator(organisation: Organisation, *, role: str, on: date, field: str) -> None:
    """Refuse an account with another role where no administrator can sign in from that day on. The host is run by its staff."""
    if role == MandateRole.ADMINISTRATOR or organisation.is_host:
        return
    if not administrators_on(organisation.pk, max(clock.today(), on)).exists():
        raise Invalid(_("The first account of an organisation is its administrator's."), code="no_administrator", field=field)
