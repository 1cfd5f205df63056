"""The history of an object: who, when, why, in which request, and the differences in the reader's words."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
import structlog
from django.utils import translation

from core.actors import SYSTEM
from core.audit import act
from core.states import write
from partnership.models import Commitment
from partnership.selectors.history import Difference, history
from partnership.services import commitments
from tests.factories.partnership import CommitmentFactory, ConventionFactory

if TYPE_CHECKING:
    from tests.factories.world import World

pytestmark = pytest.mark.django_db


def test_a_change_when_read_back_then_tells_who_why_and_in_which_request(world: World) -> None:
    with structlog.contextvars.bound_contextvars(request_id="demande-7"):
        commitments.cancel_commitment(commitment=world.owed_by_cnt.pk, reason="Remplacé.", by=world.manager)

    latest = history(world.owed_by_cnt)[0]

    assert (latest.kind, latest.actor, latest.reason, latest.request_id, latest.is_state) == (
        "update",
        str(world.manager),
        "Remplacé.",
        "demande-7",
        True,
    )


def test_differences_when_read_then_are_labels_names_dates_and_amounts_of_the_language(world: World) -> None:
    commitment = CommitmentFactory(axis=world.axis, nature="financial", amount=Decimal(1000), due_on=date(2026, 3, 1))
    changes = {
        "amount": Decimal("2500.50"),
        "due_on": date(2026, 6, 30),
        "obligor": world.party_cnt.pk,
        "beneficiary": world.party_onmt.pk,
        "recurrence": "yearly",
    }
    commitments.update_commitment(commitment=commitment.pk, changes=changes, reason="Avenant oral.", by=world.manager)

    with translation.override("en"):
        found = {difference.field: difference for difference in history(commitment)[0].differences}

    assert found["recurrence"] == Difference("recurrence", "recurrence", "Once", "Every year")
    assert (found["obligor"].before, found["obligor"].after) == (str(world.onmt), str(world.cnt))
    assert set(found) == set(changes)
    assert found["due_on"].after.endswith("2026")


def test_a_save_when_it_changed_nothing_then_is_left_out(world: World) -> None:
    write(world.owed_by_onmt)
    assert [change.kind for change in history(world.owed_by_onmt)] == ["insert"]


def test_acts_when_nested_or_following_each_other_then_each_keeps_its_reason(world: World) -> None:
    with act(by=world.manager, reason="Le lot"):
        write(world.convention, note="avant")
        with act(by=SYSTEM, reason="La ligne"):
            write(world.owed_by_onmt, description="un")
        with act(by=world.secretariat, reason="L'autre ligne"):
            write(world.owed_by_cnt, description="deux")
        write(world.convention, note="après")

    assert [change.reason for change in history(world.convention)][:2] == ["Le lot", "Le lot"]
    assert next((change.reason, change.actor) for change in history(world.owed_by_cnt)) == ("L'autre ligne", str(world.secretariat))
    with translation.override("en"):
        assert next((change.reason, change.actor) for change in history(world.owed_by_onmt)) == ("La ligne", "The portal")


def test_a_change_when_made_without_a_service_then_is_in_the_history_too(world: World) -> None:
    Commitment.objects.filter(pk=world.owed_by_onmt.pk).update(description="écrit en SQL")
    with translation.override("en"):
        latest = history(world.owed_by_onmt)[0]
    assert (latest.actor, [difference.after for difference in latest.differences]) == ("Outside the portal", ["écrit en SQL"])


def test_a_history_when_the_object_was_never_recorded_then_is_empty() -> None:
    assert history(ConventionFactory.build()) == []


@pytest.mark.parametrize("rows", [1, 3])
def test_a_history_when_read_then_takes_one_query_and_one_for_each_kind_named(
    world: World, rows: int, django_assert_num_queries: Any
) -> None:
    for number in range(rows):
        with act(by=world.manager):
            write(world.owed_by_onmt, description=str(number))
    with django_assert_num_queries(4):  # the events, then the convention, the axis and the parties they name
        assert len(history(world.owed_by_onmt)) == rows + 1
