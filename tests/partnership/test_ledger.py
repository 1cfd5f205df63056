"""The ledger's figures: they equal a recount whatever legal acts came before, and a contest stays one until it is closed."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core import clock
from partnership.choices import DocumentKind
from partnership.models import Commitment
from partnership.selectors.ledger import Balance, Figure, ledger, totals
from partnership.services import commitments
from partnership.services.evidence import EvidenceDraft
from tests.factories.partnership import AxisFactory, CommitmentFactory, DocumentFactory, OrganisationFactory, PartyFactory

if TYPE_CHECKING:
    from collections.abc import Iterable

    from tests.factories.world import World

pytestmark = pytest.mark.django_db
REASON = "Le compte rendu annoncé n'est pas joint."
COLUMNS = {"planned": "due", "in_progress": "due"}
DELIVERED_ACTS = ("start", "declare", "withdraw", "confirm", "contest", "deliver", "refuse", "cancel")


def recount(rows: Iterable[Commitment]) -> dict[str, Figure]:
    """The same figures counted in Python, row by row."""
    figures: dict[str, Figure] = {}
    for row in rows:
        one = Figure(1, row.amount, int(row.nature == "financial" and row.amount is None))
        names = [COLUMNS.get(row.status, row.status)]
        if row.is_late:
            names.append("late")
        if row.status == "arbitrated":
            names.append(f"held_{row.arbitration}")
        for name in names:
            figures[name] = figures.get(name, Figure()) + one
    return figures


def shown(balance: Balance) -> dict[str, Figure]:
    """The columns in which something stands."""
    names = ("due", "declared", "confirmed", "contested", "arbitrated", "cancelled", "late", "held_delivered", "held_not_delivered")
    return {name: getattr(balance, name) for name in names if getattr(balance, name) != Figure()}


def act(name: str, row: Commitment, world: World, minutes: Any) -> None:
    """One legal act by whoever may do it; what the state does not allow is skipped."""
    ours = row.obligor_id == world.party_onmt.pk
    obligor, beneficiary = (world.manager, world.secretariat) if ours else (world.secretariat, world.manager)
    proof = EvidenceDraft(title="Article", fact_on=clock.today(), url="https://example.ma/a")
    pk = row.pk
    table: dict[str, tuple[set[str], Any]] = {
        "start": ({"planned"}, lambda: commitments.start_commitment(commitment=pk, by=obligor)),
        "declare": (
            {"planned", "in_progress"},
            lambda: commitments.declare_commitment(commitment=pk, declaration="Livré.", evidence=[proof], by=obligor),
        ),
        "withdraw": ({"declared"}, lambda: commitments.withdraw_declaration(commitment=pk, reason=REASON, by=obligor)),
        "confirm": ({"declared", "contested"}, lambda: commitments.confirm_commitment(commitment=pk, by=beneficiary)),
        "contest": ({"declared"}, lambda: commitments.contest_commitment(commitment=pk, reason=REASON, by=beneficiary)),
        "deliver": (
            {"contested"},
            lambda: commitments.arbitrate_commitment(
                commitment=pk, outcome="delivered", reason=REASON, document=minutes.pk, by=world.manager
            ),
        ),
        "refuse": (
            {"contested"},
            lambda: commitments.arbitrate_commitment(
                commitment=pk, outcome="not_delivered", reason=REASON, document=minutes.pk, by=world.manager
            ),
        ),
        "cancel": ({"planned", "in_progress"}, lambda: commitments.cancel_commitment(commitment=pk, reason=REASON, by=world.manager)),
    }
    sources, call = table[name]
    row.refresh_from_db()
    if row.status in sources:
        call()


amounts = st.one_of(st.none(), st.decimals(min_value=Decimal("0.01"), max_value=Decimal("999999999.99"), places=2))
owed = st.tuples(st.booleans(), st.booleans(), amounts, st.booleans(), st.integers(-3, 3))


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(owed, min_size=1, max_size=5), acts=st.lists(st.tuples(st.integers(0, 4), st.sampled_from(DELIVERED_ACTS)), max_size=12)
)
def test_the_ledger_when_any_sequence_of_legal_acts_came_before_then_equals_a_recount(
    world: World, rows: list[tuple[bool, bool, Decimal | None, bool, int]], acts: list[tuple[int, str]]
) -> None:
    with transaction.atomic():
        minutes = DocumentFactory(convention=world.convention, kind=DocumentKind.MINUTES)
        other = AxisFactory(convention=world.convention)
        made = [
            CommitmentFactory(
                axis=other if elsewhere else world.axis,
                obligor=world.party_onmt if ours else world.party_cnt,
                beneficiary=world.party_cnt if ours else world.party_onmt,
                nature="financial" if financial or amount is not None else "non_financial",
                amount=amount,
                due_on=clock.today() + timedelta(days=days),
            )
            for ours, elsewhere, amount, financial, days in rows
        ]
        for index, name in acts:
            act(name, made[index % len(made)], world, minutes)

        found = ledger(world.convention)
        everything = list(Commitment.objects.filter(convention=world.convention))
        assert shown(found.total) == recount(everything)
        for line in found.parties:
            assert shown(line.balance) == recount(row for row in everything if row.obligor_id == line.party.pk)
            assert shown(line.awaited) == recount(row for row in everything if row.beneficiary_id == line.party.pk)
        for axis in found.axes:
            assert shown(axis.total) == recount(row for row in everything if row.axis_id == axis.axis.pk)
            for way in axis.directions:
                pair = (axis.axis.pk, way.obligor.pk, way.beneficiary.pk)
                assert shown(way.balance) == recount(r for r in everything if (r.axis_id, r.obligor_id, r.beneficiary_id) == pair)
        assert found.total.total.count == sum(1 for row in everything if row.status != "cancelled")
        transaction.set_rollback(True)


def test_a_contested_delivery_when_other_acts_follow_then_stays_contested_in_every_total_until_a_decision_closes_it(world: World) -> None:
    proof = EvidenceDraft(title="Article", fact_on=clock.today(), url="https://example.ma/a")
    pk = world.owed_by_onmt.pk
    commitments.declare_commitment(commitment=pk, declaration="Livré.", evidence=[proof], by=world.manager)
    commitments.contest_commitment(commitment=pk, reason=REASON, by=world.secretariat)

    for balance in _totals_with(world):
        assert (balance.contested.count, balance.declared.count, balance.confirmed.count, balance.delivered.count) == (1, 0, 0, 0)
    minutes = DocumentFactory(convention=world.convention, kind=DocumentKind.MINUTES)
    commitments.arbitrate_commitment(commitment=pk, outcome="delivered", reason=REASON, document=minutes.pk, by=world.manager)
    for balance in _totals_with(world):
        assert (balance.contested.count, balance.arbitrated.count, balance.delivered.count) == (0, 1, 1)


def _totals_with(world: World) -> list[Balance]:
    found = ledger(world.convention)
    return [
        found.total,
        found.parties[0].balance,
        found.parties[1].awaited,
        found.directions[0].balance,
        found.axes[0].total,
        totals(Commitment.objects.visible_to(world.secretariat)),
    ]


def test_an_amount_when_not_known_then_is_counted_apart_and_never_summed(world: World) -> None:
    for amount in (None, Decimal("1500.50"), None):
        CommitmentFactory(axis=world.axis, nature="financial", amount=amount)
    due = ledger(world.convention).total.due
    assert due == Figure(count=5, amount=Decimal("1500.50"), without_amount=2)
    assert ledger(AxisFactory().convention).total.due == Figure(count=0, amount=None, without_amount=0)


def test_a_commitment_when_due_yesterday_then_is_late_and_when_due_today_is_not(world: World) -> None:
    for days in (-1, 0):
        CommitmentFactory(axis=world.axis, due_on=clock.today() + timedelta(days=days))
    CommitmentFactory(axis=world.axis, due_on=clock.today() - timedelta(days=9), status="declared")
    assert ledger(world.convention).total.late.count == 1


def test_the_ledger_of_three_parties_when_read_then_shows_the_ways_in_which_something_is_owed(world: World) -> None:
    third = PartyFactory(convention=world.convention, organisation=OrganisationFactory(), order=3)
    CommitmentFactory(axis=world.axis, obligor=third, beneficiary=world.party_cnt)
    found = ledger(world.convention)
    assert [(way.obligor, way.beneficiary) for way in found.directions] == [
        (world.party_onmt, world.party_cnt),
        (world.party_cnt, world.party_onmt),
        (third, world.party_cnt),
    ]


@pytest.mark.parametrize("rows", [1, 3])
def test_the_ledger_when_read_then_takes_three_queries(world: World, rows: int, django_assert_num_queries: Any) -> None:
    for _ in range(rows):
        CommitmentFactory(axis=AxisFactory(convention=world.convention), status="contested")
    with django_assert_num_queries(3):
        found = ledger(world.convention)
        names = Counter(str(line.party) for axis in found.axes for line in axis.parties)
    assert set(names.values()) == {rows + 1}
    with django_assert_num_queries(1):
        totals(Commitment.objects.filter(convention=world.convention))
