"""State buttons and acts on many rows: all of them go through the services, and say what happened."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse

from accounts.roles import StaffRole
from core import clock
from core.history import history, search_trail
from core.models import Notification, OutboxMail
from partnership.services import commitments
from partnership.services.evidence import EvidenceDraft
from tests.factories.accounts import sign_in
from tests.factories.partnership import ActionFactory, OrganisationFactory
from tests.partnership.admin_pages import act_url, change_url

if TYPE_CHECKING:
    from django.test import Client

    from partnership.models import Commitment
    from tests.factories.world import World

pytestmark = pytest.mark.django_db


def declare(world: World) -> Commitment:
    """What the CNT owes, declared delivered: ONMT is to answer."""
    draft = EvidenceDraft(title="Communiqué", fact_on=clock.today(), url="https://example.ma/a")
    return commitments.declare_commitment(commitment=world.owed_by_cnt.pk, declaration="Livré.", evidence=[draft], by=world.secretariat)


# -- state buttons -----------------------------------------------------------------------------------------------------
def test_the_page_of_a_declared_delivery_when_read_then_offers_to_answer_it_and_nothing_else(client: Client, world: World) -> None:
    declared = declare(world)
    sign_in(client, world.manager)

    page = client.get(change_url(declared)).content.decode()

    offered = re.findall(rf"{declared.pk}/acts/([a-z-]+)/", page)
    assert offered == ["confirm", "contest", "add-evidence"]


def test_an_act_when_opened_then_says_what_it_does_and_asks(client: Client, world: World) -> None:
    declared = declare(world)
    sign_in(client, world.manager)

    page = client.get(act_url(declared, "contest")).content.decode()

    assert ('name="reason"' in page, str(declared.reference) in page, "state-purple" in page) == (True, True, True)
    declared.refresh_from_db()
    assert declared.status == "declared"


def test_a_delivery_when_contested_by_its_button_then_the_service_has_done_all(client: Client, world: World) -> None:
    declared = declare(world)
    sign_in(client, world.manager)

    answer = client.post(act_url(declared, "contest"), {"reason": "La liste des présents manque."})

    declared.refresh_from_db()
    assert (answer.status_code, answer["Location"]) == (302, change_url(declared))
    assert (declared.status, declared.contest_reason) == ("contested", "La liste des présents manque.")
    latest = history(declared)[0]
    assert (latest.reason, latest.actor) == ("La liste des présents manque.", str(world.manager))
    assert Notification.objects.filter(recipient=world.secretariat, about_id=declared.pk, kind="commitment_contested").count() == 1
    assert OutboxMail.objects.filter(recipient=world.secretariat, status="queued").exists()


def test_an_act_when_its_reason_is_missing_then_keeps_the_page_and_writes_nothing(client: Client, world: World) -> None:
    declared = declare(world)
    sign_in(client, world.manager)

    answers = [client.post(act_url(declared, "contest"), {"reason": reason}).status_code for reason in ("", "court", "a\x00" * 20)]

    declared.refresh_from_db()
    assert (answers, declared.status) == ([422, 422, 422], "declared")


def test_a_forbidden_transition_when_posted_by_hand_then_is_refused_and_nothing_is_written(client: Client, world: World) -> None:
    sign_in(client, world.manager)
    events = len(history(world.owed_by_cnt))

    answer = client.post(act_url(world.owed_by_cnt, "confirm"), {"note": ""})

    world.owed_by_cnt.refresh_from_db()
    assert (answer.status_code, world.owed_by_cnt.status, len(history(world.owed_by_cnt))) == (409, "planned", events)
    assert 'role="alert"' in answer.content.decode()


def test_an_act_of_the_other_party_when_posted_by_hand_then_is_forbidden(client: Client, world: World) -> None:
    sign_in(client, world.manager)

    assert client.post(act_url(world.owed_by_cnt, "declare"), {"declaration": "Livré."}).status_code == 403


def test_an_officer_when_posting_an_act_of_the_managers_then_is_forbidden(client: Client, world: World) -> None:
    sign_in(client, world.staff[StaffRole.TASKFORCE_OFFICER])

    statuses = [
        client.post(act_url(world.rif, "vouch")).status_code,
        client.post(act_url(world.rif, "suspend"), {"reason": "Dossier incomplet."}).status_code,
        client.post(act_url(world.convention, "suspend"), {"reason": "Un différend."}).status_code,
        client.post(act_url(world.owed_by_cnt, "cancel"), {"reason": "Remplacé."}).status_code,
    ]

    assert statuses == [403, 403, 403, 403]


def test_an_act_when_the_row_changed_since_it_was_read_then_is_refused(client: Client, world: World) -> None:
    declared = declare(world)
    sign_in(client, world.manager)
    seen = declared.updated_at - timedelta(minutes=1)

    answer = client.post(act_url(declared, "confirm"), {"note": "", "version": seen.isoformat()})

    declared.refresh_from_db()
    assert (answer.status_code, declared.status) == (412, "declared")


def test_an_action_when_returned_then_its_owner_reads_why(client: Client, world: World) -> None:
    action = ActionFactory(
        axis=world.axis, organisation=world.atlas, status="done", outcome="Fait.", done_at=clock.now(), done_by=world.operator
    )
    sign_in(client, world.staff[StaffRole.DOMESTIC_OFFICER])

    client.post(act_url(action, "return"), {"reason": "Il manque le document."})

    action.refresh_from_db()
    assert (action.status, action.status_reason) == ("returned", "Il manque le document.")
    assert Notification.objects.filter(recipient=world.operator, about_id=action.pk, kind="action_returned").exists()


# -- many rows ---------------------------------------------------------------------------------------------------------
def test_an_act_on_many_when_asked_then_says_first_what_happens_to_each(client: Client, world: World) -> None:
    sign_in(client, world.manager)
    chosen = [str(world.rif.pk), str(world.atlas.pk)]

    page = client.post(reverse("admin:partnership_organisation_changelist"), {"action": "vouch", "_selected_action": chosen, "index": "0"})

    body = page.content.decode()
    assert (page.status_code, body.count('<td><span class="act-no">'), 'name="confirmed"' in body) == (200, 1, True)
    world.rif.refresh_from_db()
    assert world.rif.status == "registered"


def test_an_act_on_many_when_confirmed_then_each_row_has_its_own_result_under_one_request(client: Client, world: World) -> None:
    sign_in(client, world.manager)
    rows = [world.rif, world.oasis, world.atlas]

    answer = client.post(
        reverse("admin:partnership_organisation_bulk", args=["vouch"]),
        {"_selected_action": [str(row.pk) for row in rows], "confirmed": "1", "note": "Connus de la FNIH"},
    )

    for row in rows:
        row.refresh_from_db()
    page = answer.content.decode()
    assert ([row.status for row in rows], page.count("state-green"), page.count("state-red")) == (["vouched"] * 3, 2, 1)
    changes = [change for row in (world.rif, world.oasis) for change in history(row) if change.reason == "Connus de la FNIH"]
    assert len(changes) == 2
    assert {change.request_id for change in changes} == {answer["X-Request-ID"]}
    assert len(search_trail(request_id=answer["X-Request-ID"])) == 2


def test_an_act_on_many_when_one_is_refused_by_its_service_then_the_others_are_done(client: Client, world: World) -> None:
    sign_in(client, world.manager)
    ActionFactory(axis=world.axis, organisation=world.atlas)
    lone = OrganisationFactory(status="prospective")

    url = reverse("admin:partnership_organisation_bulk", args=["admit"])
    client.post(url, {"_selected_action": [str(lone.pk), str(world.rif.pk), "x"], "confirmed": "1"})

    lone.refresh_from_db()
    world.rif.refresh_from_db()
    assert (lone.status, world.rif.status) == ("registered", "registered")


def test_an_act_on_many_when_the_reason_is_missing_then_nothing_is_done(client: Client, world: World) -> None:
    sign_in(client, world.manager)

    answer = client.post(
        reverse("admin:partnership_organisation_bulk", args=["suspend"]), {"_selected_action": [str(world.rif.pk)], "confirmed": "1"}
    )

    world.rif.refresh_from_db()
    assert (answer.status_code, world.rif.status) == (422, "registered")
