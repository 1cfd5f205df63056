"""What the convention's progress report shows, read in a literal number of queries.

Amounts are MAD. An amount that nobody gave is unknown, never zero: `unknown` counts the financial commitments without one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from django.apps import apps
from django.db.models import BooleanField, Case, Count, Exists, OuterRef, Q, Sum, Value, When

from core import clock
from core.models.job import Job, JobState
from partnership.choices import OPEN_ACTION_STATUSES, ArbitrationOutcome, CommitmentStatus, TrustLabel
from partnership.models import Action, Axis, Commitment, Convention, Evidence, Party

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime
    from uuid import UUID

# Where a commitment stands in the ledger, in the order of the columns. `late` is part of `due`.
TO_DELIVER: Final = frozenset({CommitmentStatus.PLANNED, CommitmentStatus.IN_PROGRESS})
COLUMNS: Final = ("due", "late", "declared", "contested", "arbitrated", "confirmed", "cancelled")


@dataclass(slots=True)
class Cell:
    """How many commitments, of which financial, what they sum to, and how many of the financial ones have no known amount."""

    count: int = 0
    financial: int = 0
    amount: Decimal = Decimal(0)
    unknown: int = 0

    def add(self, other: Cell) -> None:
        """Count the other's commitments with these."""
        self.count += other.count
        self.financial += other.financial
        self.amount += other.amount
        self.unknown += other.unknown


@dataclass(slots=True)
class Balance:
    """The columns of the ledger for one party, one axis, or all. `late` is within `due`; `total` leaves the cancelled out."""

    due: Cell = field(default_factory=Cell)
    late: Cell = field(default_factory=Cell)
    declared: Cell = field(default_factory=Cell)
    contested: Cell = field(default_factory=Cell)
    arbitrated: Cell = field(default_factory=Cell)
    confirmed: Cell = field(default_factory=Cell)
    cancelled: Cell = field(default_factory=Cell)
    total: Cell = field(default_factory=Cell)

    def add(self, status: str, is_late: bool, cell: Cell) -> None:
        """Count commitments of one state."""
        column = "due" if status in TO_DELIVER else status
        getattr(self, column).add(cell)
        if is_late:
            self.late.add(cell)
        if status != CommitmentStatus.CANCELLED:
            self.total.add(cell)


@dataclass(slots=True)
class Ledger:
    """The balances by axis and obligor party, by party, by axis, and of the whole."""

    by_axis_and_party: dict[tuple[UUID, UUID], Balance] = field(default_factory=dict)
    by_party: dict[UUID, Balance] = field(default_factory=dict)
    by_axis: dict[UUID, Balance] = field(default_factory=dict)
    whole: Balance = field(default_factory=Balance)


def ledger_balances(convention: Convention, *, today: date) -> Ledger:
    """Every balance, from one aggregate."""
    late = Case(
        When(status__in=TO_DELIVER, due_on__lt=today, then=Value(True)), default=Value(False), output_field=BooleanField()
    )  # fmt: skip
    rows = (
        Commitment.objects.filter(convention=convention)
        .order_by()
        .annotate(is_late_today=late)
        .values("axis_id", "obligor_id", "status", "is_late_today")
        .annotate(count=Count("id"), financial=Count("id", filter=Q(nature="financial")), known=Count("amount"), amount_known=Sum("amount"))
    )
    ledger = Ledger()
    for row in rows:
        cell = Cell(row["count"], row["financial"], row["amount_known"] or Decimal(0), row["financial"] - row["known"])
        axis, party = row["axis_id"], row["obligor_id"]
        for balance in (
            ledger.by_axis_and_party.setdefault((axis, party), Balance()),
            ledger.by_party.setdefault(party, Balance()),
            ledger.by_axis.setdefault(axis, Balance()),
            ledger.whole,
        ):
            balance.add(row["status"], row["is_late_today"], cell)
    return ledger


def parties_of(convention: Convention) -> list[Party]:
    """The parties with their organisations, in their order."""
    return list(Party.objects.filter(convention=convention).select_related("organisation").order_by("order", "id"))


def axes_of(convention: Convention) -> list[Axis]:
    """The axes with their two leads, in their order."""
    return list(Axis.objects.filter(convention=convention).select_related("public_lead", "private_lead").order_by("order", "id"))


def commitments_of(convention: Convention, *, today: date) -> list[Any]:
    """Every commitment with its parties, and whether a document (`documented`) in force today or any evidence proves it."""
    in_force = Evidence.objects.filter(Q(expires_on=None) | Q(expires_on__gte=today), commitment=OuterRef("pk"))
    return list(
        Commitment.objects.filter(convention=convention)
        .select_related("axis", "obligor__organisation", "beneficiary__organisation")
        .annotate(documented=Exists(in_force.filter(document__isnull=False)), evidence_count=Count("evidence"))
        .order_by("axis__order", "reference")
    )


def actions_of(convention: Convention) -> list[Any]:
    """Every action with its owner, its responsible person and its number of proofs, by axis and date."""
    return list(
        Action.objects.filter(convention=convention)
        .select_related("axis", "organisation", "responsible", "commitment")
        .annotate(evidence_count=Count("evidence"), documents=Count("evidence", filter=Q(evidence__document__isnull=False)))
        .order_by("axis__order", "due_on", "id")
    )


def trust_of(commitment: Any) -> TrustLabel | None:
    """How far a delivery is established: declared by its author, documented, verified by the other party or a decision; None before."""
    status = commitment.status
    if status == CommitmentStatus.CONFIRMED:
        return TrustLabel.VERIFIED
    if status == CommitmentStatus.ARBITRATED:
        return TrustLabel.VERIFIED if commitment.arbitration == ArbitrationOutcome.DELIVERED else None
    if status in {CommitmentStatus.DECLARED, CommitmentStatus.CONTESTED}:
        return TrustLabel.DOCUMENTED if commitment.documented else TrustLabel.DECLARED
    return None


def trust_of_action(action: Any) -> TrustLabel | None:
    """An action verified by a second person is verified; done, it is documented or declared; before, nothing is claimed."""
    if action.status == "verified":
        return TrustLabel.VERIFIED
    if action.status == "done":
        return TrustLabel.DOCUMENTED if action.documents else TrustLabel.DECLARED
    return None


def is_late_action(action: Any, *, today: date) -> bool:
    """Open and past its Casablanca date."""
    return action.status in OPEN_ACTION_STATUSES and action.due_on < today


def previous_report(convention: Convention, *, kind: str, before: datetime, month: str = "") -> datetime | None:
    """The instant that this report is compared with: the latest monthly report's (of a month before `month` when given),
    else that of the latest one made on an earlier day. Reports of one day are not compared with each other: the same report
    in another language or format would otherwise show no change. Two queries at most.
    """
    done = Job.objects.filter(kind=kind, state=JobState.DONE, params__convention=str(convention.pk), as_of__lt=before)
    monthly = done.filter(requested_by=None, params__has_key="month")
    if month:
        monthly = monthly.filter(params__month__lt=month)
    instants = monthly.order_by("-params__month", "as_of").values_list("as_of", flat=True)
    asked = done.filter(as_of__lt=clock.start_of(clock.civil_date(before))).order_by("-as_of").values_list("as_of", flat=True)
    instant: datetime | None = instants.first() or asked.first()
    return instant


def states_at(model: str, convention: Convention, instant: datetime) -> dict[UUID, str]:
    """The state each row had at an instant, from the audit trail; rows deleted before it are left out. One query."""
    event = apps.get_model("partnership", f"{model}Event")
    rows = (
        event.objects.filter(convention_id=convention.pk, pgh_created_at__lte=instant)
        .order_by("pgh_obj_id", "-pgh_created_at", "-pgh_id")
        .distinct("pgh_obj_id")
        .values_list("pgh_obj_id", "status", "pgh_label")
    )
    return {pk: status for pk, status, label in rows if label != "delete"}


def new_evidence(convention: Convention, *, since: datetime) -> int:
    """How many proofs were added since an instant."""
    return Evidence.objects.filter(
        Q(commitment__convention=convention) | Q(action__convention=convention), created_at__gt=since
    ).count()  # fmt: skip


def span_of(axes: Sequence[Axis], actions: Sequence[Any], commitments: Sequence[Any], *, today: date) -> tuple[date, date]:
    """The first and last days of the timeline: every action's dates and every commitment's date, today always within."""
    days = [today, *(action.starts_on for action in actions), *(action.due_on for action in actions)]
    days += [commitment.due_on for commitment in commitments if commitment.due_on]
    return min(days), max(days)
