"""The two-way ledger: what each party owes the other, counted and summed by state, per axis and per pair of parties.

Amounts are MAD. An amount that is not known is null: it adds to the count, to `without_amount`, and never to a sum.
A contested delivery stays in `contested`, and in nothing else, until its author confirms it or a decision closes it.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db.models import Count, Q, Sum

from core import clock
from partnership.choices import ArbitrationOutcome, CommitmentNature, CommitmentStatus
from partnership.models import Axis, Commitment, Party
from partnership.querysets import late_commitment

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date
    from uuid import UUID

    from django.db.models import QuerySet

    from partnership.models import Convention


@dataclass(frozen=True, slots=True)
class Figure:
    """How many commitments, how much in MAD (null: no amount known among them), and how many financial ones without an amount."""

    count: int = 0
    amount: Decimal | None = None
    without_amount: int = 0

    def __add__(self, other: Figure) -> Figure:
        known = [amount for amount in (self.amount, other.amount) if amount is not None]
        return Figure(self.count + other.count, sum(known, Decimal(0)) if known else None, self.without_amount + other.without_amount)


@dataclass(frozen=True, slots=True)
class Balance:
    """A side of the ledger by state. `due`, `declared`, `confirmed`, `contested`, `arbitrated`, `cancelled` share out all commitments.

    `late` is the part of `due` past its Casablanca date; `delivered` and `not_delivered` the parts of `arbitrated`.
    """

    due: Figure = field(default_factory=Figure)
    declared: Figure = field(default_factory=Figure)
    confirmed: Figure = field(default_factory=Figure)
    contested: Figure = field(default_factory=Figure)
    arbitrated: Figure = field(default_factory=Figure)
    cancelled: Figure = field(default_factory=Figure)
    late: Figure = field(default_factory=Figure)
    held_delivered: Figure = field(default_factory=Figure)
    held_not_delivered: Figure = field(default_factory=Figure)

    def __add__(self, other: Balance) -> Balance:
        return Balance(*(getattr(self, one.name) + getattr(other, one.name) for one in fields(self)))

    @property
    def total(self) -> Figure:
        """Everything owed: all but what is cancelled."""
        return self.due + self.declared + self.confirmed + self.contested + self.arbitrated

    @property
    def settled(self) -> Figure:
        """What is closed: confirmed, or decided either way."""
        return self.confirmed + self.arbitrated

    @property
    def delivered(self) -> Figure:
        """What counts as delivered: confirmed by the other party, or held so by a committee. Never what is only declared."""
        return self.confirmed + self.held_delivered

    @property
    def open(self) -> Figure:
        """On which something is awaited from a party or from a committee."""
        return self.due + self.declared + self.contested


@dataclass(frozen=True, slots=True)
class PartyLine:
    """What a party owes (`balance`) and what it awaits from the others (`awaited`)."""

    party: Party
    balance: Balance
    awaited: Balance


@dataclass(frozen=True, slots=True)
class Direction:
    """What one party owes another: a column of the ledger."""

    obligor: Party
    beneficiary: Party
    balance: Balance


@dataclass(frozen=True, slots=True)
class AxisLine:
    """An axis: its total, what each party owes under it, and both directions."""

    axis: Axis
    total: Balance
    parties: list[PartyLine]
    directions: list[Direction]


@dataclass(frozen=True, slots=True)
class Ledger:
    """The whole ledger of a convention on a day. Every list keeps the order of the parties and of the axes."""

    convention: Convention
    on: date
    total: Balance
    parties: list[PartyLine]
    directions: list[Direction]
    axes: list[AxisLine]


_BY_STATUS = {
    CommitmentStatus.PLANNED: "due",
    CommitmentStatus.IN_PROGRESS: "due",
    CommitmentStatus.DECLARED: "declared",
    CommitmentStatus.CONFIRMED: "confirmed",
    CommitmentStatus.CONTESTED: "contested",
    CommitmentStatus.ARBITRATED: "arbitrated",
    CommitmentStatus.CANCELLED: "cancelled",
}
_BY_OUTCOME = {ArbitrationOutcome.DELIVERED: "held_delivered", ArbitrationOutcome.NOT_DELIVERED: "held_not_delivered"}


def ledger(convention: Convention) -> Ledger:
    """The ledger of a convention today, in 3 queries: its parties, its axes, and one aggregate."""
    parties = list(Party.objects.filter(convention=convention).select_related("organisation"))
    axes = list(Axis.objects.filter(convention=convention))
    cells: dict[tuple[UUID, UUID, UUID], Balance] = {}
    for row in _aggregate(convention):
        key = (row["axis_id"], row["obligor_id"], row["beneficiary_id"])
        cells[key] = cells.get(key, Balance()) + _balance(row)
    return Ledger(
        convention=convention,
        on=clock.today(),
        total=_sum(cells.values()),
        parties=_party_lines(parties, cells),
        directions=_directions(parties, cells),
        axes=[_axis_line(axis, parties, {key: cell for key, cell in cells.items() if key[0] == axis.pk}) for axis in axes],
    )


def totals(commitments: QuerySet[Commitment]) -> Balance:
    """The balance of any set of commitments (a filtered list, a party's own), in one query."""
    return _sum(_balance(row) for row in _grouped(commitments))


def _aggregate(convention: Convention) -> Iterable[dict[str, Any]]:
    return _grouped(Commitment.objects.filter(convention=convention), "axis_id", "obligor_id", "beneficiary_id")


def _grouped(commitments: QuerySet[Commitment], *by: str) -> Iterable[dict[str, Any]]:
    past = late_commitment()
    unknown = Q(nature=CommitmentNature.FINANCIAL, amount=None)
    rows: Iterable[dict[str, Any]] = (
        commitments.order_by()
        .values(*by, "status", "arbitration")
        .annotate(
            count=Count("id"),
            sum=Sum("amount"),
            without=Count("id", filter=unknown),
            late_count=Count("id", filter=past),
            late_sum=Sum("amount", filter=past),
            late_without=Count("id", filter=past & unknown),
        )
    )
    return rows


def _balance(row: dict[str, Any]) -> Balance:
    """One group of the aggregate, which has one state."""
    figure = Figure(row["count"], row["sum"], row["without"])
    columns = {_BY_STATUS[row["status"]]: figure}
    if row["arbitration"]:
        columns[_BY_OUTCOME[row["arbitration"]]] = figure
    if row["late_count"]:
        columns["late"] = Figure(row["late_count"], row["late_sum"], row["late_without"])
    return Balance(**columns)


def _sum(balances: Iterable[Balance]) -> Balance:
    return sum(balances, Balance())


def _party_lines(parties: list[Party], cells: dict[tuple[UUID, UUID, UUID], Balance]) -> list[PartyLine]:
    return [
        PartyLine(
            party=party,
            balance=_sum(cell for (_axis, obligor, _to), cell in cells.items() if obligor == party.pk),
            awaited=_sum(cell for (_axis, _from, beneficiary), cell in cells.items() if beneficiary == party.pk),
        )
        for party in parties
    ]


def _directions(parties: list[Party], cells: dict[tuple[UUID, UUID, UUID], Balance]) -> list[Direction]:
    """Both ways between two parties, always; between more, those in which something is owed."""
    pairs = [(obligor, beneficiary) for obligor in parties for beneficiary in parties if obligor.pk != beneficiary.pk]
    directions = [
        Direction(
            obligor,
            beneficiary,
            _sum(cell for (_axis, one, other), cell in cells.items() if (one, other) == (obligor.pk, beneficiary.pk)),
        )
        for obligor, beneficiary in pairs
    ]
    return directions if len(parties) == 2 else [line for line in directions if line.balance != Balance()]


def _axis_line(axis: Axis, parties: list[Party], cells: dict[tuple[UUID, UUID, UUID], Balance]) -> AxisLine:
    return AxisLine(axis=axis, total=_sum(cells.values()), parties=_party_lines(parties, cells), directions=_directions(parties, cells))
