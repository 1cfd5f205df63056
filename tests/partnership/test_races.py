"""Two people at once, with real threads and real locks: one wins, the other is told."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from accounts.roles import MandateRole
from core import clock
from core.actors import SYSTEM
from core.errors import Refusal
from core.models import Notification
from partnership.models import Action, Commitment, DocumentVersion
from partnership.services import actions, commitments, conventions
from partnership.services.documents import add_version
from partnership.services.evidence import EvidenceDraft
from tests.factories.files import pdf
from tests.factories.partnership import ActionFactory, CommitmentFactory, DocumentFactory
from tests.factories.threads import at_once
from tests.factories.world import build_world

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.factories.world import World

pytestmark = pytest.mark.django_db(transaction=True)
REASON = "Le compte rendu annoncé n'est pas joint."


@pytest.fixture
def committed(transactional_db: None) -> World:
    """The world, committed, so that other connections see it."""
    return build_world()


def outcomes_of(*calls: Callable[[], Any]) -> list[str]:
    """« done », or the code of the refusal, of each of the calls made at once."""
    return [outcome.code if isinstance(outcome, Refusal) else "done" for outcome in at_once(*calls)]


def _proof() -> EvidenceDraft:
    return EvidenceDraft(title="Article", fact_on=clock.today(), url="https://example.ma/a")


def test_a_commitment_when_declared_twice_at_once_then_one_declaration_stands(committed: World) -> None:
    pk = committed.owed_by_onmt.pk

    def declare() -> Commitment:
        return commitments.declare_commitment(commitment=pk, declaration="Livré.", evidence=[_proof()], by=committed.manager)

    outcomes = outcomes_of(declare, declare)

    assert sorted(outcomes) == ["done", "forbidden_transition"]
    assert committed.owed_by_onmt.evidence.count() == 1
    assert Notification.objects.filter(kind="commitment_declared").count() == 2  # two people of the CNT, once each


def test_a_declaration_when_confirmed_and_contested_at_once_then_one_wins_and_the_other_is_told(committed: World) -> None:
    for _ in range(5):
        row = CommitmentFactory(axis=committed.axis, status="declared")
        # As the pages do: each acts on the version it saw, so that nobody lifts a contest without having read it.
        outcomes = outcomes_of(
            partial(commitments.confirm_commitment, commitment=row.pk, by=committed.secretariat, version=row.updated_at),
            partial(
                commitments.contest_commitment,
                commitment=row.pk,
                reason=REASON,
                by=committed.users["cnt", MandateRole.MEMBER],
                version=row.updated_at,
            ),
        )
        assert sorted(outcomes) == ["done", "stale"]
        assert Commitment.objects.get(pk=row.pk).status == ("confirmed" if outcomes[0] == "done" else "contested")


def test_a_contest_when_a_confirmation_waited_for_it_then_both_are_legal_in_that_order_only(committed: World) -> None:
    for _ in range(5):
        pk = CommitmentFactory(axis=committed.axis, status="declared").pk
        outcomes = outcomes_of(
            partial(commitments.confirm_commitment, commitment=pk, by=committed.secretariat),
            partial(commitments.contest_commitment, commitment=pk, reason=REASON, by=committed.users["cnt", MandateRole.MEMBER]),
        )
        assert outcomes in [["done", "forbidden_transition"], ["done", "done"]]
        assert Commitment.objects.get(pk=pk).status == "confirmed"


def test_a_declaration_when_withdrawn_and_contested_at_once_then_one_wins(committed: World) -> None:
    for _ in range(5):
        pk = CommitmentFactory(axis=committed.axis, status="declared").pk
        outcomes = outcomes_of(
            partial(commitments.withdraw_declaration, commitment=pk, reason=REASON, by=committed.manager),
            partial(commitments.contest_commitment, commitment=pk, reason=REASON, by=committed.secretariat),
        )
        assert sorted(outcomes) == ["done", "forbidden_transition"]
        assert Commitment.objects.get(pk=pk).status == ("in_progress" if outcomes[0] == "done" else "contested")


def test_a_next_occurrence_when_opened_by_two_ticks_at_once_then_exists_once(committed: World) -> None:
    first = CommitmentFactory(axis=committed.axis, reference="E-50", recurrence="yearly", status="confirmed")

    def tick() -> Any:
        return commitments.open_next_occurrence(commitment=first.pk, by=SYSTEM)

    assert outcomes_of(tick, tick) == ["done", "done"]
    assert Commitment.objects.filter(previous=first).count() == 1


def test_a_convention_when_closed_while_something_is_declared_then_nothing_stays_undecided(committed: World) -> None:
    outcomes = outcomes_of(
        partial(conventions.close_convention, convention=committed.convention.pk, by=committed.manager),
        partial(
            commitments.declare_commitment,
            commitment=committed.owed_by_cnt.pk,
            declaration="Livré.",
            evidence=[_proof()],
            by=committed.secretariat,
        ),
    )
    committed.convention.refresh_from_db()
    committed.owed_by_cnt.refresh_from_db()
    assert (outcomes, committed.convention.status, committed.owed_by_cnt.status) in [
        (["done", "convention_idle"], "closed", "planned"),
        (["undecided_commitments", "done"], "in_force", "declared"),
    ]


def test_an_action_when_verified_and_returned_at_once_then_one_wins(committed: World) -> None:
    action = ActionFactory(axis=committed.axis, organisation=committed.atlas, status="done")
    outcomes = outcomes_of(
        partial(actions.verify_action, action=action.pk, by=committed.secretariat),
        partial(actions.return_action, action=action.pk, reason=REASON, by=committed.manager),
    )
    assert sorted(outcomes) == ["done", "forbidden_transition"]
    assert Action.objects.get(pk=action.pk).status in {"verified", "returned"}


def test_two_versions_when_added_at_once_then_take_two_numbers(committed: World) -> None:
    document = DocumentFactory(convention=committed.convention, organisation=committed.cnt)
    outcomes = outcomes_of(
        *(partial(add_version, document=document.pk, upload=pdf(text=text), by=committed.secretariat) for text in ("un", "deux", "trois"))
    )
    assert outcomes == ["done"] * 3
    assert sorted(DocumentVersion.objects.values_list("number", flat=True)) == [1, 2, 3]
