"""The dated facts of a convention in one line of time: what was signed, done, proved, declared, contested and decided."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import groupby
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext

from core import clock
from partnership.choices import CommitmentStatus, ConventionStatus, TrustLabel
from partnership.models import Action, Commitment, Convention, Evidence
from partnership.selectors.history import events_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date, datetime
    from uuid import UUID


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """A fact on a day. `kind`: signature, effect, end, convention, commitment, action, evidence. `about` names the object to open.

    `status` is the state it led to (or stands in), `at` the instant when there is one, `until` the last day of what lasts.
    """

    on: date
    kind: str
    title: str
    about: str
    about_id: UUID
    detail: str = ""
    organisation: str = ""
    status: str = ""
    trust: TrustLabel | None = None
    url: str = ""
    until: date | None = None
    at: datetime | None = None


def timeline(convention: Convention) -> list[TimelineEntry]:
    """The facts of a convention, the latest first, in 5 queries: actions, evidence, commitments, and the changes of state of both.

    For the people of its parties: the public reads no line of the ledger.
    """
    entries = [*_convention_facts(convention), *_actions(convention), *_evidence(convention), *_states(convention), *_answers(convention)]
    # Sorted forward, then turned: what one transaction did at one instant keeps its order.
    return sorted(entries, key=lambda entry: (entry.on, entry.at or clock.start_of(entry.on)))[::-1]


def _convention_facts(convention: Convention) -> Iterator[TimelineEntry]:
    facts = [
        (convention.signed_on, "signature", gettext("Signature of the convention")),
        (convention.effective_on, "effect", gettext("The convention takes effect")),
        (convention.ends_on, "end", gettext("End of the convention")),
    ]
    for day, kind, title in facts:
        if day is not None:
            yield TimelineEntry(day, kind, title, "convention", convention.pk, detail=convention.place if kind == "signature" else "")


def _actions(convention: Convention) -> Iterator[TimelineEntry]:
    for action in Action.objects.filter(convention=convention).select_related("organisation"):
        yield TimelineEntry(
            on=action.starts_on, kind="action", title=action.title, about="action", about_id=action.pk, detail=action.outcome,
            organisation=str(action.organisation), status=action.status, url=action.source, until=action.due_on,
        )  # fmt: skip


def _evidence(convention: Convention) -> Iterator[TimelineEntry]:
    # The union of two indexed lists: a condition over both joins would read every piece of evidence.
    of_commitments = Evidence.objects.filter(commitment__convention=convention)
    of_actions = Evidence.objects.filter(action__convention=convention)
    rows = Evidence.objects.filter(pk__in=of_commitments.values("pk").union(of_actions.values("pk")))
    for proof in rows.select_related("organisation", "document"):
        about, about_id = ("commitment", proof.commitment_id) if proof.commitment_id else ("action", proof.action_id)
        if about_id is not None:
            yield TimelineEntry(
                on=proof.fact_on, kind="evidence", title=proof.title, about=about, about_id=about_id, organisation=str(proof.organisation),
                trust=proof.trust, url=proof.url,
            )  # fmt: skip


def _states(convention: Convention) -> Iterator[TimelineEntry]:
    """Changes of state of the convention after its signature: suspended, resumed, expired, denounced, closed."""
    told = {ConventionStatus.DRAFT, ConventionStatus.IN_REVIEW, ConventionStatus.SIGNED}
    for before, row in _transitions(Convention, pgh_obj_id=convention.pk):
        if row.status in told or (before == ConventionStatus.SIGNED and row.status == ConventionStatus.IN_FORCE):
            continue
        yield TimelineEntry(
            on=clock.civil_date(row.pgh_created_at), kind="convention", title=str(ConventionStatus(row.status).label), about="convention",
            about_id=convention.pk, detail=row.status_reason, status=row.status, at=row.pgh_created_at,
        )  # fmt: skip


def _answers(convention: Convention) -> Iterator[TimelineEntry]:
    """Changes of state in the ledger: declared, withdrawn, confirmed, contested, arbitrated, cancelled, each with its author's words."""
    commitments = {
        row.pk: row
        for row in Commitment.objects.filter(convention=convention).select_related("obligor__organisation", "beneficiary__organisation")
    }
    words = {CommitmentStatus.DECLARED: "declaration", CommitmentStatus.CONTESTED: "contest_reason"}
    for _before, row in _transitions(Commitment, convention=convention.pk):
        commitment = commitments.get(row.id)
        if commitment is None:
            continue
        at = min(row.pgh_created_at, _said_at(commitment, row.status) or row.pgh_created_at)
        party = commitment.beneficiary if row.status in {CommitmentStatus.CONFIRMED, CommitmentStatus.CONTESTED} else commitment.obligor
        yield TimelineEntry(
            on=clock.civil_date(at), kind="commitment", title=str(commitment), about="commitment", about_id=commitment.pk,
            detail=getattr(row, words.get(row.status, "status_reason")), organisation=str(party.organisation), status=row.status,
            at=at,
        )  # fmt: skip


def _said_at(commitment: Commitment, status: str) -> datetime | None:
    """The instant that the row itself gives: an answer given on paper may be recorded later than it was given."""
    if status == CommitmentStatus.DECLARED:
        return commitment.declared_at
    if status == CommitmentStatus.CONTESTED:
        return commitment.contested_at
    return commitment.settled_at if status in {CommitmentStatus.CONFIRMED, CommitmentStatus.ARBITRATED} else None


def _transitions(model: Any, **about: Any) -> Iterator[tuple[str, Any]]:
    """The recorded rows in which the state differs from the one before, with that one; the first row of each object is its creation."""
    rows = events_of(model).filter(**about).order_by("pgh_obj_id", "pgh_id")
    for _pk, events in groupby(rows, key=lambda row: row.pgh_obj_id):
        before = None
        for row in events:
            if before is not None and row.status != before:
                yield before, row
            before = row.status
