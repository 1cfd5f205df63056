"""The timeline of a convention."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from core import clock
from partnership.selectors.timeline import timeline
from partnership.services import commitments, conventions
from partnership.services.evidence import EvidenceDraft
from tests.factories.partnership import ActionFactory, CommitmentFactory, ConventionFactory, EvidenceFactory

if TYPE_CHECKING:
    from tests.factories.world import World

pytestmark = pytest.mark.django_db


def test_the_timeline_when_read_then_orders_signature_actions_evidence_and_answers(world: World) -> None:
    conventions.update_convention(
        convention=world.convention.pk,
        changes={"signed_on": date(2022, 4, 15), "effective_on": date(2022, 4, 15)},
        reason="Source.",
        by=world.manager,
    )
    world.convention.refresh_from_db()
    action = ActionFactory(
        axis=world.axis, title="Light Tour", starts_on=date(2022, 5, 17), due_on=date(2022, 5, 20), organisation=world.onmt
    )
    EvidenceFactory(commitment=None, action=action, title="Article de presse", fact_on=date(2022, 5, 18))
    proof = EvidenceDraft(title="Lien", fact_on=date(2022, 6, 1), url="https://example.ma/a")
    commitments.declare_commitment(commitment=world.owed_by_onmt.pk, declaration="Livré.", evidence=[proof], by=world.manager)
    commitments.contest_commitment(commitment=world.owed_by_onmt.pk, reason="Rien n'a été reçu.", by=world.secretariat)

    found = timeline(world.convention)

    assert [(entry.kind, entry.status) for entry in found] == [
        ("commitment", "contested"),
        ("commitment", "declared"),
        ("evidence", ""),
        ("evidence", ""),
        ("action", "todo"),
        ("effect", ""),
        ("signature", ""),
    ]
    assert found[0].detail == "Rien n'a été reçu."
    assert (found[0].organisation, found[1].organisation) == (str(world.cnt), str(world.onmt))
    assert (found[4].on, found[4].until) == (date(2022, 5, 17), date(2022, 5, 20))


def test_the_timeline_when_the_convention_is_suspended_and_resumed_then_shows_both(world: World) -> None:
    conventions.suspend_convention(convention=world.convention.pk, reason="Élections.", by=world.manager)
    conventions.resume_convention(convention=world.convention.pk, by=world.manager)
    entries = [entry for entry in timeline(world.convention) if entry.kind == "convention"]
    assert [(entry.status, entry.detail, entry.on) for entry in entries] == [
        ("in_force", "", clock.today()),
        ("suspended", "Élections.", clock.today()),
    ]


def test_the_timeline_when_another_convention_has_facts_then_leaves_them_out(world: World) -> None:
    before = timeline(world.convention)
    other = ConventionFactory()
    EvidenceFactory(commitment=CommitmentFactory(convention=other, axis__convention=other))
    assert timeline(world.convention) == before


@pytest.mark.parametrize("rows", [1, 3])
def test_the_timeline_when_read_then_takes_five_queries(world: World, rows: int, django_assert_num_queries: Any) -> None:
    for _ in range(rows):
        EvidenceFactory(commitment=CommitmentFactory(axis=world.axis))
        ActionFactory(axis=world.axis, starts_on=clock.today() - timedelta(days=9))
    with django_assert_num_queries(5):
        timeline(world.convention)
