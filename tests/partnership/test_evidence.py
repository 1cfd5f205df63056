"""The rules of evidence: an address or a file, a dated fact, and nothing that vanishes once it is judged."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from accounts.roles import StaffRole
from core import clock
from core.errors import Conflict, Forbidden, Invalid
from partnership.models import Commitment, Evidence
from partnership.selectors.trust import trust_of, with_trust
from partnership.services.evidence import EvidenceDraft, add_evidence, remove_evidence
from tests.factories.files import pdf
from tests.factories.partnership import ActionFactory, CommitmentFactory, EvidenceFactory

if TYPE_CHECKING:
    from tests.factories.world import World

pytestmark = pytest.mark.django_db


def draft(**changes: Any) -> EvidenceDraft:
    """An address given as evidence."""
    values: dict[str, Any] = {"title": "Article", "fact_on": clock.today(), "url": "https://example.ma/article"}
    return EvidenceDraft(**(values | changes))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": " "}, "title"),
        ({"url": ""}, "url"),
        ({"url": "javascript:alert(1)"}, "url"),
        ({"url": "ftp://example.ma/x"}, "url"),
        ({"fact_on": clock.today() + timedelta(days=1)}, "fact_on"),
        ({"fact_on": date(1999, 12, 31)}, "fact_on"),
        ({"expires_on": clock.today() - timedelta(days=1)}, "expires_on"),
        ({"expires_on": date(2101, 1, 1)}, "expires_on"),
        ({"title": "x\x00y"}, "title"),
    ],
)
def test_evidence_when_it_breaks_a_rule_then_its_field_is_named(world: World, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        add_evidence(commitment=world.owed_by_onmt.pk, draft=draft(**changes), by=world.manager)
    assert refusal.value.field == field
    assert Evidence.objects.count() == 0


def test_evidence_when_brought_by_either_party_then_carries_its_name(world: World) -> None:
    ours = add_evidence(commitment=world.owed_by_onmt.pk, draft=draft(), by=world.manager)
    theirs = add_evidence(commitment=world.owed_by_onmt.pk, draft=draft(), by=world.secretariat)
    assert (ours.organisation, theirs.organisation, theirs.added_by) == (world.onmt, world.cnt, world.secretariat)


def test_evidence_of_a_commitment_when_brought_by_an_officer_or_auditor_then_is_refused(world: World) -> None:
    for role in (StaffRole.TASKFORCE_OFFICER, StaffRole.AUDITOR, StaffRole.ACCOUNT_MANAGER):
        with pytest.raises(Forbidden):
            add_evidence(commitment=world.owed_by_onmt.pk, draft=draft(), by=world.staff[role])


def test_evidence_of_an_action_when_brought_by_an_officer_then_carries_the_hosts_name(world: World) -> None:
    action = ActionFactory(axis=world.axis, organisation=world.atlas)
    added = add_evidence(action=action.pk, draft=draft(), by=world.staff[StaffRole.TASKFORCE_OFFICER])
    assert added.organisation == world.onmt
    assert add_evidence(action=action.pk, draft=draft(), by=world.operator).organisation == world.atlas


def test_evidence_when_it_proves_nothing_or_two_things_then_is_refused(world: World) -> None:
    action = ActionFactory(axis=world.axis)
    for target in ({}, {"commitment": world.owed_by_onmt.pk, "action": action.pk}):
        with pytest.raises(Invalid):
            add_evidence(**target, draft=draft(), by=world.manager)


def test_evidence_of_a_cancelled_commitment_when_added_then_is_refused(world: World) -> None:
    with pytest.raises(Conflict):
        add_evidence(commitment=CommitmentFactory(axis=world.axis, status="cancelled").pk, draft=draft(), by=world.manager)


def test_evidence_when_somebody_elses_then_does_not_exist(world: World) -> None:
    with pytest.raises(Commitment.DoesNotExist):
        add_evidence(commitment=world.owed_by_onmt.pk, draft=draft(), by=world.operator)


def test_evidence_when_removed_before_the_declaration_then_its_document_goes_with_it(world: World) -> None:
    added = add_evidence(commitment=world.owed_by_cnt.pk, draft=draft(url="", upload=pdf()), by=world.secretariat)
    document = added.document
    assert document is not None

    remove_evidence(evidence=added.pk, reason="Mauvais fichier.", by=world.secretariat)

    document.refresh_from_db()
    assert Evidence.objects.count() == 0
    assert document.removed_at is not None


def test_evidence_when_what_it_proves_is_declared_then_stays(world: World) -> None:
    commitment = CommitmentFactory(axis=world.axis, status="declared")
    proof = EvidenceFactory(commitment=commitment)
    with pytest.raises(Conflict):
        remove_evidence(evidence=proof.pk, reason="Mauvais fichier.", by=world.manager)


def test_evidence_when_removed_by_the_other_party_then_is_refused(world: World) -> None:
    proof = EvidenceFactory(commitment=world.owed_by_onmt)
    with pytest.raises(Forbidden):
        remove_evidence(evidence=proof.pk, reason="Mauvais fichier.", by=world.secretariat)


def test_the_trust_label_when_proof_comes_expires_or_is_confirmed_then_follows(world: World) -> None:
    commitment = CommitmentFactory(axis=world.axis, status="declared")
    assert trust_of(world.owed_by_onmt) is None
    add_evidence(commitment=commitment.pk, draft=draft(), by=world.manager)
    assert trust_of(commitment) == "declared"
    proof = add_evidence(commitment=commitment.pk, draft=draft(url="", upload=pdf(), expires_on=clock.today()), by=world.manager)
    assert trust_of(commitment) == "documented"
    Evidence.objects.filter(pk=proof.pk).update(fact_on=clock.today() - timedelta(days=9), expires_on=clock.today() - timedelta(days=1))
    assert trust_of(commitment) == "declared"
    assert trust_of(CommitmentFactory(axis=world.axis, status="confirmed")) == "verified"
    assert trust_of(CommitmentFactory(axis=world.axis, status="arbitrated")) == "documented"


@pytest.mark.parametrize("rows", [1, 3])
def test_trust_labels_when_listed_then_take_one_query(world: World, rows: int, django_assert_num_queries: Any) -> None:
    for _ in range(rows):
        EvidenceFactory(commitment=CommitmentFactory(axis=world.axis, status="declared"))
    with django_assert_num_queries(1):
        assert [trust_of(row) for row in with_trust(Commitment.objects.filter(status="declared"))] == ["declared"] * rows
