"""The rules of an action: opened by staff or a party, carried by its owner, verified by a second person."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import IntegrityError, connection, transaction

from accounts.roles import MandateRole, StaffRole
from core import clock
from core.errors import Conflict, Forbidden, Invalid, Stale
from core.models import Notification
from partnership.models import Action
from partnership.services import actions
from partnership.services.evidence import EvidenceDraft
from tests.factories.files import pdf
from tests.factories.partnership import ActionFactory, AxisFactory, MandateFactory, PersonFactory

if TYPE_CHECKING:
    from tests.factories.world import World

pytestmark = pytest.mark.django_db


def opened(world: World, **changes: Any) -> Action:
    """An action of the hotel Atlas, opened by the CNT's secretariat."""
    terms: dict[str, Any] = {
        "convention": world.convention.pk,
        "axis": world.axis.pk,
        "organisation": world.atlas.pk,
        "title": "Recevoir les tour-opérateurs",
        "starts_on": clock.today(),
        "due_on": clock.today() + timedelta(days=30),
        "by": world.manager,
    }
    return actions.open_action(**(terms | changes))


def told(kind: str) -> set[str]:
    """Who has a notification of this kind that still holds."""
    return set(Notification.objects.standing().filter(kind=kind).values_list("recipient__email", flat=True))


def test_an_action_when_opened_then_its_owners_people_are_told(world: World) -> None:
    action = opened(world)
    assert (action.status, action.progress) == ("todo", 0)
    assert told("action_assigned") == {"administrator@atlas.example", "member@atlas.example"}


def test_an_action_when_somebody_is_responsible_then_only_that_person_is_told(world: World) -> None:
    reader = world.users["atlas", MandateRole.READER]
    action = opened(world, responsible=reader.person.pk)
    assert told("action_assigned") == {"reader@atlas.example"}
    actions.start_action(action=action.pk, by=reader)


def test_an_action_when_its_person_has_no_mandate_in_the_owner_then_is_refused(world: World) -> None:
    with pytest.raises(Invalid) as refusal:
        opened(world, responsible=PersonFactory().pk)
    assert refusal.value.field == "responsible"


@pytest.mark.parametrize("role", [role for role in StaffRole if role not in {StaffRole.AUDITOR, StaffRole.ACCOUNT_MANAGER}])
def test_an_action_when_opened_by_an_officer_or_a_party_then_is_accepted(world: World, role: StaffRole) -> None:
    assert opened(world, by=world.staff[role]).pk is not None
    assert opened(world, by=world.secretariat, organisation=world.cnt.pk).pk is not None


def test_an_action_when_opened_by_an_operator_then_does_not_exist_for_it(world: World) -> None:
    from partnership.models import Convention

    with pytest.raises(Convention.DoesNotExist):
        opened(world, by=world.operator)
    with pytest.raises(Forbidden):
        opened(world, by=world.auditor)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title": ""}, "title"),
        ({"due_on": date(2020, 1, 1)}, "due_on"),
        ({"starts_on": date(1990, 1, 1)}, "starts_on"),
        ({"priority": "urgent"}, "priority"),
        ({"title": "x" * 301}, "title"),
    ],
)
def test_an_action_when_a_term_breaks_a_rule_then_its_field_is_named(world: World, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        opened(world, **changes)
    assert refusal.value.field == field


def test_an_action_when_its_axis_is_of_another_convention_then_is_refused_by_service_and_database(world: World) -> None:
    foreign = AxisFactory()
    with pytest.raises(Invalid):
        opened(world, axis=foreign.pk)
    action = opened(world)
    Action.objects.filter(pk=action.pk).update(axis=foreign)
    with pytest.raises(IntegrityError, match="action_axis_key"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    Action.objects.filter(pk=action.pk).update(axis=world.axis)


def test_progress_when_reported_then_starts_the_action_and_stays_in_bounds(world: World) -> None:
    action = opened(world)
    assert actions.report_progress(action=action.pk, progress=40, by=world.operator).status == "in_progress"
    for wrong in (-1, 101, True):
        with pytest.raises(Invalid):
            actions.report_progress(action=action.pk, progress=wrong, by=world.operator)
    blocked = ActionFactory(axis=world.axis, organisation=world.atlas, status="blocked")
    with pytest.raises(Conflict):
        actions.report_progress(action=blocked.pk, progress=10, by=world.operator)


def test_an_action_when_done_then_needs_what_was_done_and_tells_those_who_verify(world: World) -> None:
    action = opened(world)
    with pytest.raises(Invalid) as refusal:
        actions.complete_action(action=action.pk, outcome=" ", by=world.operator)
    assert refusal.value.field == "outcome"

    done = actions.complete_action(action=action.pk, outcome="Trois ateliers tenus.", by=world.operator)

    assert (done.status, done.progress, done.done_by) == ("done", 100, world.operator)
    assert told("action_assigned") == set()
    assert told("action_done") == {"administrator@cnt.example", "member@cnt.example", "convention_manager@onmt.example"}


def test_an_action_of_high_priority_when_done_without_a_document_then_is_refused(world: World) -> None:
    action = opened(world, priority="high")
    address = EvidenceDraft(title="Article", fact_on=clock.today(), url="https://example.ma/a")
    with pytest.raises(Invalid) as refusal:
        actions.complete_action(action=action.pk, outcome="Fait.", evidence=[address], by=world.operator)
    assert refusal.value.code == "document_required"

    file = EvidenceDraft(title="Compte rendu", fact_on=clock.today(), upload=pdf())
    actions.complete_action(action=action.pk, outcome="Fait.", evidence=[file], by=world.operator)
    assert action.evidence.get().organisation == world.atlas


def test_an_action_when_verified_by_the_person_who_did_it_then_is_refused_by_service_and_database(world: World) -> None:
    MandateFactory(person=world.operator.person, organisation=world.cnt, role=MandateRole.MEMBER)
    action = opened(world)
    actions.complete_action(action=action.pk, outcome="Fait.", by=world.operator)
    with pytest.raises(Forbidden):
        actions.verify_action(action=action.pk, by=world.operator)
    with pytest.raises(IntegrityError, match="second_person"), transaction.atomic():
        Action.objects.filter(pk=action.pk).update(status="verified", verified_at=clock.now(), verified_by=world.operator)


def test_an_action_when_returned_then_says_why_at_once_and_can_be_done_again(world: World) -> None:
    action = opened(world)
    actions.complete_action(action=action.pk, outcome="Fait.", by=world.operator)
    with pytest.raises(Invalid):
        actions.return_action(action=action.pk, reason=" ", by=world.secretariat)

    actions.return_action(action=action.pk, reason="La liste des présents manque.", by=world.secretariat)

    assert told("action_done") == set()
    assert told("action_returned") == {"administrator@atlas.example", "member@atlas.example"}
    done = actions.complete_action(action=action.pk, outcome="Fait, liste jointe.", by=world.operator)
    assert told("action_returned") == set()
    verified = actions.verify_action(action=action.pk, by=world.secretariat, note="Vu.")
    assert (done.status, verified.status, verified.verified_by) == ("done", "verified", world.secretariat)
    assert told("action_verified") == {"administrator@atlas.example", "member@atlas.example"}


def test_an_action_when_reopened_then_nobody_is_asked_to_verify_any_more(world: World) -> None:
    action = opened(world)
    actions.complete_action(action=action.pk, outcome="Fait.", by=world.operator)
    reopened = actions.reopen_action(action=action.pk, by=world.operator)
    assert (reopened.status, reopened.done_at, reopened.done_by) == ("in_progress", None, None)
    assert told("action_done") == set()


def test_an_action_when_cancelled_then_nothing_about_it_is_pending(world: World) -> None:
    action = opened(world)
    actions.cancel_action(action=action.pk, reason="Salon annulé.", by=world.secretariat)
    assert Notification.objects.standing().filter(about_id=action.pk).count() == 0


def test_an_action_when_its_date_moves_then_needs_a_reason_from_somebody_else_than_its_owner(world: World) -> None:
    action = opened(world)
    later = {"due_on": clock.today() + timedelta(days=60)}
    with pytest.raises(Forbidden):
        actions.update_action(action=action.pk, changes=later, reason="Retard.", by=world.operator)
    with pytest.raises(Invalid) as refusal:
        actions.update_action(action=action.pk, changes=later, by=world.secretariat)
    assert refusal.value.field == "reason"
    assert actions.update_action(action=action.pk, changes=later, reason="Salon reporté.", by=world.secretariat).due_on == later["due_on"]


def test_an_action_when_given_to_somebody_else_then_the_new_owner_is_told_instead(world: World) -> None:
    action = opened(world)
    actions.update_action(action=action.pk, changes={"organisation": world.rif.pk}, by=world.manager)
    assert told("action_assigned") == {"administrator@rif.example", "member@rif.example"}


def test_a_done_action_when_its_terms_change_then_is_refused(world: World) -> None:
    action = ActionFactory(axis=world.axis, status="verified")
    with pytest.raises(Conflict):
        actions.update_action(action=action.pk, changes={"title": "Autre"}, by=world.manager)
    with pytest.raises(Invalid) as refusal:
        actions.update_action(action=action.pk, changes={"status": "todo"}, by=world.manager)
    assert refusal.value.field == "status"


def test_an_action_when_the_page_is_old_then_is_stale(world: World) -> None:
    action = opened(world)
    actions.start_action(action=action.pk, by=world.operator)
    with pytest.raises(Stale):
        actions.block_action(action=action.pk, reason="Visa.", by=world.operator, version=action.updated_at)


def test_an_action_when_a_competitor_acts_on_it_then_does_not_exist(world: World) -> None:
    action = opened(world)
    with pytest.raises(Action.DoesNotExist):
        actions.start_action(action=action.pk, by=world.competitor)
