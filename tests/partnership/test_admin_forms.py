"""Forms of the administration: what is typed goes to the services, whose refusals come back beside the fields."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.urls import reverse

from accounts.models import User
from accounts.roles import StaffRole
from core import clock
from core.history import history
from core.models import Notification, OutboxMail
from partnership.models import Action, ApiClient, Commitment, Convention, Document, Invitation, Organisation, Person
from tests.factories.accounts import sign_in
from tests.factories.files import pdf
from tests.factories.partnership import ice
from tests.partnership.admin_pages import act_url, change_url, typed

if TYPE_CHECKING:
    from django.test import Client

    from tests.factories.world import World

pytestmark = pytest.mark.django_db


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
