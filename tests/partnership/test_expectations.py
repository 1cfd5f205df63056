"""What is expected of each person."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from accounts.roles import MandateRole, StaffRole
from core import clock
from core.actors import SYSTEM
from partnership.selectors.expectations import LIMIT, expectations
from tests.factories.partnership import ActionFactory, CommitmentFactory, EvidenceFactory, MandateFactory, OrganisationFactory, user_of

if TYPE_CHECKING:
    from tests.factories.world import World

pytestmark = pytest.mark.django_db


def test_a_party_when_it_owes_and_awaits_then_is_asked_to_declare_and_to_answer(world: World) -> None:
    declared = CommitmentFactory(axis=world.axis, status="declared")
    found = expectations(world.secretariat)
    assert found.to_declare.rows == [world.owed_by_cnt]
    assert found.to_answer.rows == [declared]
    assert expectations(world.manager).to_declare.rows == [world.owed_by_onmt]
    assert found.total == 2


def test_a_contest_when_open_then_is_expected_of_its_obligor_and_of_whoever_records_the_decision(world: World) -> None:
    contested = CommitmentFactory(axis=world.axis, status="contested", obligor=world.party_cnt, beneficiary=world.party_onmt)
    assert expectations(world.secretariat).contested.rows == [contested]
    assert expectations(world.secretariat).to_arbitrate.rows == []
    assert expectations(world.manager).to_arbitrate.rows == [contested]


def test_a_commitment_when_past_its_date_then_is_late_for_its_obligor_only(world: World) -> None:
    late = CommitmentFactory(
        axis=world.axis, due_on=clock.today() - timedelta(days=1), obligor=world.party_cnt, beneficiary=world.party_onmt
    )
    assert expectations(world.secretariat).late_commitments.rows == [late]
    assert expectations(world.manager).late_commitments.rows == []


def test_an_operator_when_it_opens_the_portal_then_sees_its_own_actions_and_nothing_of_others(world: World) -> None:
    mine = ActionFactory(axis=world.axis, organisation=world.atlas, due_on=clock.today() + timedelta(days=9))
    ActionFactory(axis=world.axis, organisation=world.rif)
    ActionFactory(axis=world.axis, organisation=world.atlas, status="verified")
    found = expectations(world.operator)
    assert found.actions.rows == [mine]
    assert (found.to_declare.total, found.to_answer.total, found.to_verify.total, found.total) == (0, 0, 0, 1)


def test_an_action_when_done_then_is_to_verify_for_others_than_who_did_it(world: World) -> None:
    done = ActionFactory(axis=world.axis, organisation=world.cnt, status="done", done_by=world.secretariat)
    assert expectations(world.secretariat).to_verify.rows == []
    assert expectations(world.users["cnt", MandateRole.MEMBER]).to_verify.rows == [done]
    assert expectations(world.staff[StaffRole.TASKFORCE_OFFICER]).to_verify.rows == [done]


def test_evidence_when_it_expires_within_thirty_days_then_is_to_renew_by_who_brought_it(world: World) -> None:
    soon = EvidenceFactory(commitment=world.owed_by_cnt, expires_on=clock.today() + timedelta(days=30))
    EvidenceFactory(commitment=world.owed_by_cnt, expires_on=clock.today() + timedelta(days=31))
    EvidenceFactory(commitment=CommitmentFactory(axis=world.axis, status="confirmed"), expires_on=clock.today())
    assert expectations(world.secretariat).expiring.rows == [soon]
    assert expectations(world.manager).expiring.rows == []


def test_readers_auditors_and_the_system_when_they_look_then_nothing_is_expected(world: World) -> None:
    CommitmentFactory(axis=world.axis, status="declared")
    ActionFactory(axis=world.axis, organisation=world.cnt)
    for user in (world.users["cnt", MandateRole.READER], world.auditor, SYSTEM):
        assert expectations(user).total == 0


def test_a_person_of_two_organisations_when_acting_for_one_then_only_its_matters_are_expected(world: World) -> None:
    other = OrganisationFactory()
    user = user_of(other, MandateRole.MEMBER)
    MandateFactory(person=user.person, organisation=world.atlas, role="member")
    ActionFactory(axis=world.axis, organisation=world.atlas)
    ActionFactory(axis=world.axis, organisation=other)
    assert expectations(user).actions.total == 2
    user.acting_organisation_id = other.pk
    assert [action.organisation for action in expectations(user).actions.rows] == [other]


def test_a_long_list_when_read_then_is_cut_and_says_how_many_there_are(world: World) -> None:
    for _ in range(LIMIT + 3):
        ActionFactory(axis=world.axis, organisation=world.atlas)
    found = expectations(world.operator).actions
    assert (len(found.rows), found.total) == (LIMIT, LIMIT + 3)


@pytest.mark.parametrize("rows", [1, 3])
def test_expectations_when_read_then_take_a_fixed_number_of_queries(world: World, rows: int, django_assert_num_queries: Any) -> None:
    for _ in range(rows):
        CommitmentFactory(axis=world.axis, status="declared")
        ActionFactory(axis=world.axis, organisation=world.cnt)
    user = world.secretariat
    # Whom one acts for (1), what one may see (1), the eight lists of somebody who decides no contest.
    with django_assert_num_queries(10):
        found = expectations(user)
        assert [str(row.obligor.organisation) for row in found.to_answer.rows] == [str(world.onmt)] * rows
