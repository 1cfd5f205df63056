"""Commitments that recur: each occurrence opens the next one, exactly once, when it is settled or its date has passed."""

from __future__ import annotations

from calendar import monthrange
from datetime import date
from itertools import chain, count
from typing import TYPE_CHECKING, Final

import structlog
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core import clock
from core.audit import act
from core.errors import Conflict, Refusal
from core.events import announce
from core.rights import require
from core.states import lock
from core.validation import LAST_YEAR
from partnership import events
from partnership.choices import CommitmentStatus, ConventionStatus, Recurrence
from partnership.models import Commitment
from partnership.permissions.ledger import manages_conventions

if TYPE_CHECKING:
    from uuid import UUID

    from django.db.models import QuerySet

    from core.actors import Actor

log = structlog.get_logger(__name__)

REFERENCE_LENGTH: Final = 20
MONTHS: Final = {Recurrence.MONTHLY: 1, Recurrence.QUARTERLY: 3, Recurrence.HALF_YEARLY: 6, Recurrence.YEARLY: 12}
SETTLED: Final = frozenset({CommitmentStatus.CONFIRMED, CommitmentStatus.ARBITRATED})
RUNNING: Final = frozenset({ConventionStatus.SIGNED, ConventionStatus.IN_FORCE})


def commitments_to_repeat() -> QuerySet[Commitment]:
    """Those whose next occurrence is to be opened now: recurring, under a running convention, settled or past their date."""
    ready = Q(status__in=SETTLED) | Q(due_on__lt=clock.today()) & ~Q(status=CommitmentStatus.CANCELLED)
    found: QuerySet[Commitment] = Commitment.objects.filter(ready, following=None, convention__status__in=RUNNING)
    return found.exclude(recurrence=Recurrence.NONE).order_by("due_on", "id")


def open_due_occurrences(*, by: Actor) -> int:
    """Open every next occurrence that is due, each in its own transaction; after an outage, as many as were missed. Gives how many."""
    opened = 0
    exhausted: set[UUID] = set()
    while waiting := [pk for pk in commitments_to_repeat().values_list("pk", flat=True) if pk not in exhausted]:
        for pk in waiting:
            exhausted.add(pk)
            try:
                opened += open_next_occurrence(commitment=pk, by=by) is not None
            except (Refusal, Commitment.DoesNotExist) as refusal:  # moved meanwhile: the next round sees it as it is
                log.info("occurrence_not_opened", commitment=str(pk), reason=str(refusal))
    return opened


def open_next_occurrence(*, commitment: UUID, by: Actor) -> Commitment | None:
    """Open the occurrence that follows, planned, with the same terms: E-04 is followed by E-04-2, E-04-3…

    Asked again, it gives the one already opened: it is opened once. None when the convention ends before its date. Dates do not
    drift: what is due on the 31st stays due at the end of the month. Refuses (409): not recurring, cancelled, or neither settled nor past.
    """
    with act(by=by):
        held: Commitment = lock(Commitment.objects.visible_to(by), commitment)
        require(manages_conventions(by))
        existing = Commitment.objects.filter(previous=held).first()
        if existing is not None:
            return existing
        if held.recurrence not in MONTHS or held.status == CommitmentStatus.CANCELLED or held.due_on is None:
            raise Conflict(_("This commitment does not recur."), code="not_recurring")
        if held.status not in SETTLED and held.due_on >= clock.today():
            raise Conflict(_("The next occurrence opens when this one is settled or its date has passed."), code="too_early")
        first, number = _series(held)
        due_on = _next_due(first, number, held.due_on, held.recurrence)
        if due_on is None or (held.convention.ends_on is not None and held.convention.ends_on < due_on):
            return None
        reference = _reference(first.reference, number + 1, convention=held.convention_id)
        following = Commitment(
            convention_id=held.convention_id, axis_id=held.axis_id, reference=reference,
            obligor_id=held.obligor_id, beneficiary_id=held.beneficiary_id, title_fr=held.title_fr, title_ar=held.title_ar,
            title_en=held.title_en, description=held.description, nature=held.nature, amount=held.amount, due_on=due_on,
            recurrence=held.recurrence, source=held.source, previous=held,
        )  # fmt: skip
        following.save(force_insert=True)
        concerned = [following.obligor.organisation_id, following.beneficiary.organisation_id]
        announce(events.COMMITMENT_CREATED, about=following, organisations=concerned, previous=str(held.pk))
    return following


def _series(commitment: Commitment) -> tuple[Commitment, int]:
    """The first occurrence, and how many there are up to this one."""
    first, number = commitment, 1
    while first.previous is not None:
        first, number = first.previous, number + 1
    return first, number


def _reference(base: str, number: int, *, convention: UUID) -> str:
    """E-04-2, E-04-3…: shortened to fit, and with one more number when somebody gave it to another commitment."""
    taken = set(Commitment.objects.filter(convention=convention).values_list("reference", flat=True))
    suffixes = chain([f"-{number}"], (f"-{number}-{again}" for again in count(2)))
    return next(wanted for suffix in suffixes if (wanted := base[: REFERENCE_LENGTH - len(suffix)] + suffix) not in taken)


def _next_due(first: Commitment, number: int, due_on: date, recurrence: str) -> date | None:
    """The date after `due_on`, counted from the first occurrence so that month ends do not drift; None beyond the accepted years."""
    step = MONTHS[Recurrence(recurrence)]
    candidate = _add_months(first.due_on or due_on, step * number)
    if candidate is not None and candidate <= due_on:  # the first one's date was moved back meanwhile
        candidate = _add_months(due_on, step)
    return candidate


def _add_months(day: date, months: int) -> date | None:
    """The same day of a later month, or its last day when it is shorter; None beyond the accepted years."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    if year > LAST_YEAR:
        return None
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
