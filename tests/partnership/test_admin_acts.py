"""State buttons, acts on many rows and forms of the administration: all of them go through the services, and say what happened."""

from __future__ import annotations

import re
from datetime import timedelta
from html import unescape
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse

from accounts.models import User
from accounts.roles import StaffRole
from core import clock
from core.history import history, search_trail
from core.models import Notification, OutboxMail
from partnership.models import Action, ApiClient, Commitment, Convention, Document, Invitation, Organisation, Person
from partnership.services import commitments
from partnership.services.evidence import EvidenceDraft
from tests.factories.accounts import sign_in
from tests.factories.files import pdf
from tests.factories.partnership import ActionFactory, OrganisationFactory, ice

if TYPE_CHECKING:
    from django.test import Client

    from tests.factories.world import World

pytestmark = pytest.mark.django_db


def act_url(obj: Any, slug: str) -> str:
    return reverse(f"admin:partnership_{obj._meta.model_name}_act", args=[obj.pk, slug])


def change_url(obj: Any) -> str:
    return reverse(f"admin:{obj._meta.app_label}_{obj._meta.model_name}_change", args=[obj.pk])


def declare(world: World) -> Commitment:
    """What the CNT owes, declared delivered: ONMT is to answer."""
    draft = EvidenceDraft(title="Communiqué", fact_on=clock.today(), url="https://example.ma/a")
    return commitments.declare_commitment(commitment=world.owed_by_cnt.pk, declaration="Livré.", evidence=[draft], by=world.secretariat)


def typed(page: str) -> dict[str, Any]:
    """What a browser would send back of a page's form: its inputs, its texts, its choices."""
    page = unescape(page)
    values: dict[str, Any] = {}
    for tag in re.findall(r"<input[^>]*>", page):
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and value and 'type="checkbox"' in tag and re.search(r"\schecked>$", tag):
            values.setdefault(name.group(1), []).append(value.group(1))
        elif name and not name.group(1).startswith(("_", "csrf")) and 'type="checkbox"' not in tag:
            values[name.group(1)] = value.group(1) if value else ""
    for name, text in re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>\s*(.*?)</textarea>', page, re.S):
        values[name] = text
    for name, options in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', page, re.S):
        chosen = re.search(r'<option value="([^"]*)"[^>]*selected', options)
        values[name] = chosen.group(1) if chosen else ""
    return values


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


# -- forms go to services ----------------------------------------------------------------------------------------------
def test_an_organisation_when_registered_in_the_administration_then_is_as_its_service_leaves_it(client: Client, world: World) -> None:
    sign_in(client, world.staff[StaffRole.DOMESTIC_OFFICER])
    data = {"kind": "operator", "name_fr": "  Riad Neuf ", "activities": ["riad"], "ice": ice(2001), "phone": "0522000000"}

    answer = client.post(reverse("admin:partnership_organisation_add"), data)

    assert answer.status_code == 302
    made = Organisation.objects.get(name_fr="Riad Neuf")
    assert (made.status, made.activities, made.ice, str(made.phone)) == ("registered", ["riad"], ice(2001), "+212522000000")
    assert history(made)[-1].actor == str(world.staff[StaffRole.DOMESTIC_OFFICER])


def test_an_organisation_when_its_ice_is_taken_then_the_form_says_so_and_keeps_what_was_typed(client: Client, world: World) -> None:
    sign_in(client, world.manager)

    answer = client.post(reverse("admin:partnership_organisation_add"), {"kind": "operator", "name_fr": "Copie", "ice": world.rif.ice})

    page = answer.content.decode()
    assert (answer.status_code, 'value="Copie"' in page, "errorlist" in page or "text-red" in page) == (422, True, True)
    assert not Organisation.objects.filter(name_fr="Copie").exists()


def test_a_form_when_nothing_is_changed_then_nothing_is_written(client: Client, world: World) -> None:
    sign_in(client, world.manager)
    for row in (world.rif, world.convention, world.owed_by_cnt, world.axis, world.party_cnt):
        before = len(history(row))
        page = client.get(change_url(row)).content.decode()

        answer = client.post(change_url(row), typed(page))

        assert (answer.status_code, len(history(row))) == (302, before), row


def test_a_signed_convention_when_its_title_changes_then_a_reason_is_compulsory(client: Client, world: World) -> None:
    sign_in(client, world.manager)
    data = typed(client.get(change_url(world.convention)).content.decode()) | {"title_fr": "Convention corrigée"}

    refused = client.post(change_url(world.convention), data)
    accepted = client.post(change_url(world.convention), data | {"why": "Erreur de plume"})

    world.convention.refresh_from_db()
    assert (refused.status_code, accepted.status_code, world.convention.title_fr) == (422, 302, "Convention corrigée")
    assert history(world.convention)[0].reason == "Erreur de plume"


def test_a_form_when_somebody_changed_the_row_meanwhile_then_shows_both_versions(client: Client, world: World) -> None:
    sign_in(client, world.manager)
    data = typed(client.get(change_url(world.rif)).content.decode()) | {"address": "12 rue du Port"}
    Organisation.objects.get(pk=world.rif.pk)
    world.rif.address = "1 place du Marché"
    world.rif.save()

    answer = client.post(change_url(world.rif), data)
    page = answer.content.decode()

    world.rif.refresh_from_db()
    assert (answer.status_code, world.rif.address) == (412, "1 place du Marché")
    assert ("12 rue du Port" in page, "1 place du Marché" in page) == (True, True)
    assert client.post(change_url(world.rif), typed(page)).status_code == 302
    world.rif.refresh_from_db()
    assert world.rif.address == "12 rue du Port"


@pytest.mark.parametrize("version", ["x", "2026-01-01", "9999-99-99T00:00:00+00:00", "\x00"])
def test_a_form_when_its_version_is_edited_then_is_refused(client: Client, world: World, version: str) -> None:
    sign_in(client, world.manager)
    data = typed(client.get(change_url(world.rif)).content.decode()) | {"address": "12 rue du Port", "version": version}

    answer = client.post(change_url(world.rif), data)

    world.rif.refresh_from_db()
    assert (answer.status_code, world.rif.address) == (200, "")


def test_a_commitment_when_added_then_gets_the_next_number(client: Client, world: World) -> None:
    sign_in(client, world.manager)
    data = {
        "convention": world.convention.pk, "axis": world.axis.pk, "obligor": world.party_cnt.pk, "beneficiary": world.party_onmt.pk,
        "title_fr": "Tenir un atelier", "nature": "non_financial", "recurrence": "none", "reference": "",
    }  # fmt: skip

    answer = client.post(reverse("admin:partnership_commitment_add"), data)

    assert (answer.status_code, Commitment.objects.get(title_fr="Tenir un atelier").reference) == (302, "E-03")


def test_an_action_when_opened_then_its_owner_is_told(client: Client, world: World) -> None:
    sign_in(client, world.staff[StaffRole.TASKFORCE_OFFICER])
    today = clock.today()
    data = {
        "convention": world.convention.pk, "axis": world.axis.pk, "organisation": world.atlas.pk, "title": "Recevoir un éductour",
        "priority": "normal", "starts_on": today.isoformat(), "due_on": (today + timedelta(days=30)).isoformat(),
    }  # fmt: skip

    client.post(reverse("admin:partnership_action_add"), data)

    action = Action.objects.get(title="Recevoir un éductour")
    assert Notification.objects.filter(recipient=world.operator, about_id=action.pk).exists()


def test_a_draft_when_opened_then_moves_by_its_buttons_until_it_is_in_force(client: Client, world: World) -> None:
    sign_in(client, world.manager)
    client.post(
        reverse("admin:partnership_convention_add"), {"reference": "CV-1", "kind": "specific", "title_fr": "Neuve", "visibility": "parties"}
    )
    draft = Convention.objects.get(reference="CV-1")
    for organisation in (world.onmt, world.cnt):
        client.post(
            reverse("admin:partnership_party_add"),
            {"convention": draft.pk, "organisation": organisation.pk, "order": draft.parties.count() + 1},
        )
    client.post(reverse("admin:partnership_axis_add"), {"convention": draft.pk, "code": "volet", "order": 1, "title_fr": "Volet"})
    today = clock.today().isoformat()
    for slug, data in (("submit", {}), ("sign", {"signed_on": today}), ("bring-into-force", {"effective_on": today})):
        client.post(act_url(draft, slug), data)

    draft.refresh_from_db()
    assert (draft.status, draft.parties.count(), draft.axes.count()) == ("in_force", 2, 1)


def test_a_document_when_added_then_its_file_is_kept_and_a_false_one_refused(client: Client, world: World) -> None:
    sign_in(client, world.manager)
    data = {"organisation": world.onmt.pk, "convention": world.convention.pk, "title": "PV", "kind": "minutes", "visibility": "parties"}

    false = client.post(reverse("admin:partnership_document_add"), data | {"upload": pdf("pv.xlsx")})
    true = client.post(reverse("admin:partnership_document_add"), data | {"upload": pdf("pv.pdf")})

    assert (false.status_code, true.status_code, Document.objects.get(title="PV").versions.count()) == (422, 302, 1)


# -- people and access -------------------------------------------------------------------------------------------------
def test_an_access_to_the_api_when_issued_then_its_secret_is_shown_once(client: Client, world: World) -> None:
    sign_in(client, world.staff[StaffRole.ACCOUNT_MANAGER])
    data = {
        "organisation": world.atlas.pk, "label": "Logiciel", "scopes": ["actions:read"],
        "expires_on": (clock.today() + timedelta(days=90)).isoformat(),
    }  # fmt: skip

    answer = client.post(reverse("admin:partnership_apiclient_add"), data)

    access = ApiClient.objects.get(label="Logiciel")
    secret = re.search(r"data-secret>([^<]+)<", answer.content.decode())
    assert secret is not None
    assert (access.client.check_secret(secret.group(1)), "no-store" in answer["Cache-Control"]) == (True, True)
    assert secret.group(1) not in client.get(change_url(access)).content.decode()


def test_a_staff_account_when_opened_then_a_mail_leads_to_its_password(client: Client, world: World) -> None:
    sign_in(client, world.staff[StaffRole.ACCOUNT_MANAGER])

    client.post(
        reverse("admin:accounts_user_add"),
        {"full_name": "Sara Neuve", "email": "sara@onmt.example", "language": "fr", "roles": ["domestic_officer"]},
    )

    account = User.objects.get(email="sara@onmt.example")
    assert (account.is_staff, set(account.staff_roles), account.has_usable_password()) == (True, {StaffRole.DOMESTIC_OFFICER}, False)
    assert OutboxMail.objects.filter(to_email="sara@onmt.example").count() == 1


def test_roles_when_given_then_stand_in_the_history_and_nobody_gives_their_own(client: Client, world: World) -> None:
    keeper, officer = world.staff[StaffRole.ACCOUNT_MANAGER], world.staff[StaffRole.DOMESTIC_OFFICER]
    sign_in(client, keeper)
    data = {"roles": ["domestic_officer", "training_officer"], "reason": "Remplacement"}

    done = client.post(reverse("admin:accounts_user_act", args=[officer.pk, "roles"]), data)
    own = client.post(reverse("admin:accounts_user_act", args=[keeper.pk, "roles"]), {"roles": list(StaffRole), "reason": "Pour moi"})

    page = client.get(reverse("admin:accounts_user_history", args=[officer.pk])).content.decode()
    assert (done.status_code, own.status_code, "Remplacement" in page) == (302, 403, True)
    assert set(User.objects.get(pk=officer.pk).staff_roles) == {StaffRole.DOMESTIC_OFFICER, StaffRole.TRAINING_OFFICER}


def test_an_invitation_when_sent_then_leaves_by_mail_and_its_link_is_not_shown(client: Client, world: World) -> None:
    sign_in(client, world.staff[StaffRole.ACCOUNT_MANAGER])
    data = {"organisation": world.atlas.pk, "full_name": "Nadia Essai", "email": "nadia@example.ma", "role": "member", "language": "fr"}

    client.post(reverse("admin:partnership_invitation_add"), data)

    assert Invitation.objects.filter(email="nadia@example.ma", organisation=world.atlas).count() == 1
    mail = OutboxMail.objects.get(to_email="nadia@example.ma")
    assert re.search(r"/invitation/[\w-]{10}", client.get(change_url(mail)).content.decode()) is None


def test_a_person_when_registered_then_can_be_tied_to_an_account_by_its_address(client: Client, world: World) -> None:
    sign_in(client, world.staff[StaffRole.ACCOUNT_MANAGER])
    account = User.objects.create(email="libre@example.ma", full_name="Libre")
    client.post(
        reverse("admin:partnership_person_add"), {"full_name": "Libre Essai", "email": "libre@example.ma", "languages": ["fr", "ar"]}
    )
    person = Person.objects.get(email="libre@example.ma")

    unknown = client.post(act_url(person, "link"), {"email": "personne@example.invalid"})
    client.post(act_url(person, "link"), {"email": "Libre@example.ma"})

    person.refresh_from_db()
    assert (unknown.status_code, person.user, person.languages) == (422, account, ["fr", "ar"])
