"""What pages carry of the row they showed, and whom and what they offer to choose from."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse

from core import clock
from partnership.models import Action
from tests.factories.accounts import sign_in
from tests.factories.files import pdf
from tests.factories.partnership import ActionFactory, CommitmentFactory, ConventionFactory, DocumentFactory

if TYPE_CHECKING:
    from django.test import Client

    from tests.factories.world import World

pytestmark = pytest.mark.django_db


@pytest.fixture
def action(world: World) -> Action:
    """An action of the Atlas, carried by one of its people, whom the CNT's people do not see."""
    made: Action = ActionFactory(
        convention=world.convention, axis=world.axis, organisation=world.atlas, responsible=world.operator.person, title="Former les guides"
    )
    return made


def typed(page: Any, **changes: str) -> dict[str, str]:
    """What the browser sends back: every field as the page shows it, and what was typed."""
    form = page.context["form"]
    return {field.name: str(value) for field in form if (value := field.value()) is not None} | changes


def test_an_action_when_changed_by_a_party_then_keeps_its_owner_and_its_person_responsible(
    client: Client, world: World, action: Action
) -> None:
    sign_in(client, world.secretariat)
    url = reverse("partnership:action_update", args=[action.pk])
    page = client.get(url)

    answer = client.post(url, typed(page, title="Former cinquante guides"))

    assert {"organisation", "responsible"} & set(page.context["form"].fields) == set()
    action.refresh_from_db()
    assert (answer.status_code, action.title, action.responsible) == (302, "Former cinquante guides", world.operator.person)


def test_an_action_when_changed_meanwhile_then_nothing_is_overwritten(client: Client, world: World, action: Action) -> None:
    sign_in(client, world.secretariat)
    url = reverse("partnership:action_update", args=[action.pk])
    sent = typed(client.get(url), title="Former cinquante guides")
    Action.objects.filter(pk=action.pk).update(title="Former cent guides", updated_at=clock.now())

    answer = client.post(url, sent)

    action.refresh_from_db()
    assert (answer.status_code, action.title) == (412, "Former cent guides")


def test_the_date_of_an_action_when_moved_then_needs_its_reason(client: Client, world: World, action: Action) -> None:
    sign_in(client, world.secretariat)
    url = reverse("partnership:action_update", args=[action.pk])
    later = action.due_on + timedelta(days=30)
    sent = typed(client.get(url), due_on=later.isoformat())

    without = client.post(url, sent)
    given = client.post(url, sent | {"reason": "Report de la saison."})

    assert "reason" in without.context["form"].errors
    action.refresh_from_db()
    assert (without.status_code, given.status_code, action.due_on) == (422, 302, later)


def test_a_version_when_added_by_the_page_then_is_the_latest_and_the_same_again_is_refused(client: Client, world: World) -> None:
    document = DocumentFactory(organisation=world.cnt, convention=world.convention)
    sign_in(client, world.secretariat)
    url = reverse("partnership:version_add", args=[document.pk])

    first = client.post(url, {"file": pdf("pv.pdf"), "note": "Signé."})
    second = client.post(url, {"file": pdf("pv.pdf"), "note": ""})

    assert (first.status_code, second.status_code) == (302, 422)
    assert "file" in second.context["version_form"].errors
    latest = document.versions.first()
    assert (latest.filename, latest.note) == ("pv.pdf", "Signé.")


def test_minutes_when_an_arbitration_is_recorded_then_are_chosen_among_those_of_its_convention(client: Client, world: World) -> None:
    own = DocumentFactory(organisation=world.onmt, convention=world.convention, kind="minutes")
    DocumentFactory(organisation=world.onmt, convention=world.convention, kind="report")
    DocumentFactory(organisation=world.onmt, convention=ConventionFactory(), kind="minutes")
    contested = CommitmentFactory(axis=world.axis, status="contested")
    sign_in(client, world.manager)

    page = client.get(reverse("partnership:commitment_act", args=[contested.pk, "arbitrate"]))

    assert list(page.context["form"].fields["document"].queryset) == [own]
