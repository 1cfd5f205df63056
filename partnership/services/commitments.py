"""Every write of a commitment: the terms, kept by convention managers, and the two-way ledger, kept by its two parties.

The obligor starts, declares and withdraws its declaration; the beneficiary, and nobody else, confirms or contests; a convention
manager records what a committee decided. A contest is lifted only by its author's confirmation or closed by that decision.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _

from core import clock
from core.audit import act
from core.errors import Conflict, Invalid
from core.events import announce
from core.mail import cancel, notify
from core.rights import require
from core.states import check_transition, check_version, lock, write
from core.validation import REASON_MINIMUM, check_note, check_reason, check_text
from partnership import events
from partnership.choices import COMMITMENT_TRANSITIONS, DELIVERY_STATUSES, ArbitrationOutcome, CommitmentStatus, DocumentKind
from partnership.models import Commitment, Convention, Document
from partnership.notifications.ledger import (
    CommitmentArbitrated,
    CommitmentCancelled,
    CommitmentConfirmed,
    CommitmentContested,
    CommitmentDeclared,
    CommitmentWithdrawn,
)
from partnership.permissions.ledger import (
    can_arbitrate_commitment,
    can_cancel_commitment,
    can_confirm_commitment,
    can_contest_commitment,
    can_declare_commitment,
    can_start_commitment,
    can_withdraw_declaration,
)
from partnership.selectors.people import users_acting_for
from partnership.services.authors import author
from partnership.services.evidence import EvidenceDraft, keep_commitment_evidence
from partnership.services.recurrence import open_due_occurrences, open_next_occurrence
from partnership.services.terms import create_commitment, update_commitment

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence
    from datetime import datetime
    from uuid import UUID

    from django.db.models import QuerySet

    from accounts.models import User
    from core.actors import Actor
    from core.mail import Message
    from partnership.models import Party

__all__ = [
    "EvidenceDraft", "arbitrate_commitment", "cancel_commitment", "confirm_commitment", "contest_commitment", "create_commitment",
    "declare_commitment", "open_due_occurrences", "open_next_occurrence", "start_commitment", "update_commitment", "withdraw_declaration",
]  # fmt: skip

CONTEST_MINIMUM: Final = 10


# -- the obligor -------------------------------------------------------------------------------------------------------
def start_commitment(*, commitment: UUID, by: Actor, version: datetime | None = None) -> Commitment:
    """Planned → in progress, by the obligor. Refuses while the convention is not signed, or is suspended or closed."""
    with act(by=by):
        held = _held(commitment, by=by, version=version)
        require(can_start_commitment(by, held), _("Only the party that owes this can start it."))
        _move(held, to=CommitmentStatus.IN_PROGRESS, sources={CommitmentStatus.PLANNED}, delivering=True)
        _announce(events.COMMITMENT_STARTED, held)
    return held


def declare_commitment(
    *, commitment: UUID, declaration: str, evidence: Sequence[EvidenceDraft] = (), by: Actor, version: datetime | None = None
) -> Commitment:
    """Planned or in progress → declared, by the obligor: what was delivered, and its evidence.

    The beneficiary's people are asked at once to answer.

    Refuses: no text, no evidence (given now or earlier), a convention not signed, suspended or closed.
    """
    declaration = check_text(declaration, field="declaration", minimum=REASON_MINIMUM)
    with act(by=by):
        held = _held(commitment, by=by, version=version)
        require(can_declare_commitment(by, held), _("Only the party that owes this can declare it delivered."))
        check_transition(COMMITMENT_TRANSITIONS, current=held.status, to=CommitmentStatus.DECLARED)
        if not evidence and not held.evidence.exists():
            raise Invalid(_("Add a piece of evidence: an address or a file."), code="evidence_required", field="evidence")
        keep_commitment_evidence(held, evidence, by=by)
        _move(held, to=CommitmentStatus.DECLARED, delivering=True, declared_at=clock.now(), declared_by=author(by), declaration=declaration)
        _announce(events.COMMITMENT_DECLARED, held)
        _tell(CommitmentDeclared(held, by=by, declaration=declaration), to=[held.beneficiary], by=by)
    return held


def withdraw_declaration(*, commitment: UUID, reason: str, by: Actor, version: datetime | None = None) -> Commitment:
    """Declared → in progress, by the obligor, while nobody has answered. What asked for an answer and has not left is cancelled."""
    reason = check_reason(reason, maximum=2000)
    with act(by=by, reason=reason):
        held = _held(commitment, by=by, version=version)
        require(can_withdraw_declaration(by, held), _("Only the party that declared this can withdraw its declaration."))
        _move(
            held, to=CommitmentStatus.IN_PROGRESS, sources={CommitmentStatus.DECLARED}, status_reason=reason,
            declared_at=None, declared_by=None, declaration="",
        )  # fmt: skip
        cancel(held, [CommitmentDeclared.kind])
        _announce(events.COMMITMENT_WITHDRAWN, held)
        _tell(CommitmentWithdrawn(held, by=by, reason=reason), to=[held.beneficiary], by=by)
    return held


# -- the beneficiary ---------------------------------------------------------------------------------------------------
def confirm_commitment(*, commitment: UUID, by: Actor, note: str = "", version: datetime | None = None) -> Commitment:
    """Declared or contested → confirmed, by the beneficiary: the delivery is verified. It is how a contest is lifted.

    Refuses everybody else, the person who declared included, whatever mandates it holds.
    """
    note = check_note(note, maximum=2000)
    with act(by=by, reason=note):
        held = _held(commitment, by=by, version=version)
        require(can_confirm_commitment(by, held), _("Only the party that awaits this can confirm it, by somebody who did not declare it."))
        _move(held, to=CommitmentStatus.CONFIRMED, settled_at=clock.now(), settled_by=author(by), status_reason=note)
        cancel(held, [CommitmentDeclared.kind, CommitmentContested.kind])
        _announce(events.COMMITMENT_CONFIRMED, held)
        _tell(CommitmentConfirmed(held, by=by, note=note), to=[held.obligor], by=by)
    return held


def contest_commitment(*, commitment: UUID, reason: str, by: Actor, version: datetime | None = None) -> Commitment:
    """Declared → contested, by the beneficiary, with a reason of 10 characters at least.

    It stays contested in every total until its author confirms or a decision closes it.
    """
    reason = check_reason(reason, minimum=CONTEST_MINIMUM, maximum=2000)
    with act(by=by, reason=reason):
        held = _held(commitment, by=by, version=version)
        require(can_contest_commitment(by, held), _("Only the party that awaits this can contest it, by somebody who did not declare it."))
        _move(held, to=CommitmentStatus.CONTESTED, contested_at=clock.now(), contest_reason=reason, status_reason="")
        cancel(held, [CommitmentDeclared.kind])
        _announce(events.COMMITMENT_CONTESTED, held)
        _tell(CommitmentContested(held, by=by, reason=reason), to=[held.obligor], by=by)
    return held


# -- the convention managers -------------------------------------------------------------------------------------------
def arbitrate_commitment(
    *, commitment: UUID, outcome: str, reason: str, document: UUID, by: Actor, version: datetime | None = None
) -> Commitment:
    """Contested → arbitrated: a convention manager records a committee's decision, with its minutes (a document of the convention).

    Refuses: an unknown outcome, no reason, a document that is not minutes, is removed or belongs to another convention.
    """
    reason = check_reason(reason, minimum=CONTEST_MINIMUM, maximum=2000)
    if outcome not in ArbitrationOutcome.values:
        raise Invalid(_("Say whether the committee holds it to be delivered."), code="invalid_choice", field="outcome")
    with act(by=by, reason=reason):
        held = _held(commitment, by=by, version=version)
        require(can_arbitrate_commitment(by, held), _("Only a convention manager records the decision of a committee."))
        check_transition(COMMITMENT_TRANSITIONS, current=held.status, to=CommitmentStatus.ARBITRATED)
        minutes = _minutes(document, of=held, by=by)
        _move(
            held, to=CommitmentStatus.ARBITRATED, arbitration=outcome, status_reason=reason, minutes=minutes,
            settled_at=clock.now(), settled_by=author(by),
        )  # fmt: skip
        cancel(held, [CommitmentContested.kind])
        _announce(events.COMMITMENT_ARBITRATED, held, outcome=outcome)
        told = CommitmentArbitrated(held, by=by, reason=reason, is_delivered=outcome == ArbitrationOutcome.DELIVERED)
        _tell(told, to=[held.obligor, held.beneficiary], by=by)
    return held


def cancel_commitment(*, commitment: UUID, reason: str, by: Actor, version: datetime | None = None) -> Commitment:
    """Planned or in progress → cancelled, by a convention manager, with a reason: what is declared is answered, never cancelled."""
    reason = check_reason(reason, maximum=2000)
    with act(by=by, reason=reason):
        held = _held(commitment, by=by, version=version)
        require(can_cancel_commitment(by, held), _("Only a convention manager cancels a commitment."))
        _move(held, to=CommitmentStatus.CANCELLED, status_reason=reason)
        cancel(held)
        _announce(events.COMMITMENT_CANCELLED, held)
        _tell(CommitmentCancelled(held, by=by, reason=reason), to=[held.obligor, held.beneficiary], by=by)
    return held


# -- the gate ----------------------------------------------------------------------------------------------------------
def _held(commitment: UUID, *, by: Actor, version: datetime | None) -> Commitment:
    held: Commitment = lock(Commitment.objects.visible_to(by), commitment)
    check_version(held, version)
    return held


def _move(commitment: Commitment, *, to: str, sources: Collection[str] | None = None, delivering: bool = False, **values: object) -> None:
    """The one gate of a commitment's states. `delivering`: the convention must be one under which deliveries are made.

    The convention is read after the commitment is locked: closing it locks its commitments, so neither overtakes the other.
    """
    check_transition(COMMITMENT_TRANSITIONS, current=commitment.status, to=to, sources=sources)
    if delivering and Convention.objects.values_list("status", flat=True).get(pk=commitment.convention_id) not in DELIVERY_STATUSES:
        raise Conflict(
            _("The convention is not signed yet, or is suspended or closed: nothing is delivered under it."), code="convention_idle"
        )
    write(commitment, status=to, **values)


def _announce(name: str, commitment: Commitment, **data: str) -> None:
    concerned = [commitment.obligor.organisation_id, commitment.beneficiary.organisation_id]
    announce(name, about=commitment, organisations=concerned, status=commitment.status, **data)


def _tell(message: Message, *, to: Sequence[Party], by: Actor) -> None:
    """Tell the people of these parties, whoever acts excepted."""
    people: QuerySet[User] = users_acting_for(to[0].organisation_id)
    for party in to[1:]:
        people = people | users_acting_for(party.organisation_id)
    account = author(by)
    notify(message, to=people.exclude(pk=account.pk).distinct() if account else people.distinct())


def _minutes(document: UUID, *, of: Commitment, by: Actor) -> Document:
    found: Document | None = Document.objects.visible_to(by).present().filter(pk=document, convention=of.convention_id).first()
    if found is None or found.kind != DocumentKind.MINUTES:
        raise Invalid(
            _("Choose the minutes of the committee among the documents of this convention."), code="invalid_choice", field="document"
        )
    return found
