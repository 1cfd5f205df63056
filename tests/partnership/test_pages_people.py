"""Colleagues, invitations and the page that an invitation's link opens."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse

from accounts.models import User
from accounts.roles import MandateRole
from core import clock
from core.models import OutboxMail
from partnership.models import Invitation, Mandate
from tests.factories import partnership as make
from tests.factories.accounts import UserFactory, sign_in

if TYPE_CHECKING:
    from django.test import Client

    from tests.factories.world import World

pytestmark = pytest.mark.django_db
ADMIN, MEMBER, READER = MandateRole.ADMINISTRATOR, MandateRole.MEMBER, MandateRole.READER
GUEST = {"full_name": "Nadia Invitée", "email": "nadia@example.ma", "role": "member", "language": "ar"}
CHOSEN = {"full_name": "Nadia Invitée", "password": "quatre mots tres ordinaires", "repeated": "quatre mots tres ordinaires"}


def invite(world: World) -> str:
    return reverse("partnership:organisation_invite", args=[world.atlas.pk])


def mandate_of(world: World, role: MandateRole, name: str = "atlas") -> Mandate:
    mandate: Mandate = world.users[name, role].person.mandates.get()
    return mandate


def address(name: str, row: Mandate | Invitation, slug: str) -> str:
    return reverse(f"partnership:{name}_act", args=[row.pk, slug])


def link(token: str) -> str:
    return reverse("partnership:invitation_accept", args=[token])


# -- inviting ------------------------------------------------------------------------------------------------------------
def test_invitation_leaves_by_mail_and_shows_among_those_awaited(world: World, client: Client) -> None:
    sign_in(client, world.operator)
    response = client.post(invite(world), GUEST, follow=True)
    assert response.status_code == 200
    assert "nadia@example.ma" in response.content.decode()
    assert OutboxMail.objects.get(to_email="nadia@example.ma").language == "ar"


def test_invitation_answers_alike_whether_the_address_has_an_account_or_not(world: World, client: Client) -> None:
    UserFactory(email="known@example.ma")
    sign_in(client, world.operator)
    answers = []
    for email in ("known@example.ma", "unknown@example.ma"):
        response = client.post(invite(world), GUEST | {"email": email})
        answers.append((response.status_code, response["Location"]))
    assert answers[0] == answers[1]


def test_inviting_is_for_administrators(world: World, client: Client) -> None:
    answers = {}
    for name, user in {"member": world.users["atlas", MEMBER], "reader": world.users["atlas", READER], "foreign": world.competitor}.items():
        sign_in(client, user)
        answers[name] = (client.get(invite(world)).status_code, client.post(invite(world), GUEST).status_code)
    assert answers == {"member": (403, 403), "reader": (403, 403), "foreign": (404, 404)}
    assert not Invitation.objects.exists()


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", ""), ("email", "no address"), ("email", "a\x00@example.ma"), ("email", "x" * 300 + "@example.ma"), ("full_name", ""),
        ("full_name", "x" * 151), ("role", "owner"), ("role", ""), ("language", "de"), ("language", "9" * 30),
    ],
)  # fmt: skip
def test_invitation_refuses_ugly_input_and_gives_back_what_was_typed(world: World, client: Client, field: str, value: str) -> None:
    sign_in(client, world.operator)
    response = client.post(invite(world), GUEST | {field: value})
    kept = "nadia@example.ma" if field != "email" else "Nadia Invitée"
    assert (response.status_code, kept in response.content.decode()) == (422, True)
    assert not Invitation.objects.exists()


def test_invitation_of_somebody_invited_already_says_to_renew(world: World, client: Client) -> None:
    make.InvitationFactory(organisation=world.atlas, email="nadia@example.ma")
    sign_in(client, world.operator)
    assert client.post(invite(world), GUEST).status_code == 409
    assert Invitation.objects.count() == 1


def test_invitation_is_renewed_then_withdrawn_after_a_confirmation(world: World, client: Client) -> None:
    invitation = make.InvitationFactory(organisation=world.atlas, expires_at=clock.now() - timedelta(days=1))
    sign_in(client, world.operator)
    for slug in ("renew", "withdraw"):
        assert client.get(address("invitation", invitation, slug)).status_code == 200
        assert client.post(address("invitation", invitation, slug)).status_code == 302
    held = Invitation.objects.get(pk=invitation.pk)
    assert (held.expires_at > clock.now(), held.revoked_at is not None) == (True, True)
    assert client.post(address("invitation", invitation, "renew")).status_code == 409
    sign_in(client, world.competitor)
    assert client.get(address("invitation", invitation, "renew")).status_code == 404


# -- colleagues ----------------------------------------------------------------------------------------------------------
def test_role_of_a_colleague_changes(world: World, client: Client) -> None:
    colleague = mandate_of(world, MEMBER)
    sign_in(client, world.operator)
    content = client.get(address("mandate", colleague, "role")).content.decode()
    assert 'value="member"' in content
    assert client.post(address("mandate", colleague, "role"), {"role": "administrator"}).status_code == 302
    colleague.refresh_from_db()
    assert colleague.role == "administrator"
    assert client.post(address("mandate", colleague, "role"), {"role": "owner"}).status_code == 422


def test_last_administrator_is_told_before_and_refused_after(world: World, client: Client) -> None:
    mine = mandate_of(world, ADMIN)
    sign_in(client, world.operator)
    people = client.get(reverse("partnership:organisation_detail", args=[world.atlas.pk]) + "?part=people").content.decode()
    assert address("mandate", mine, "end") not in people
    assert address("mandate", mandate_of(world, MEMBER), "end") in people
    assert client.post(address("mandate", mine, "end")).status_code == 409
    mine.refresh_from_db()
    assert mine.ends_on is None


def test_member_leaves_the_organisation_and_lands_on_the_home_page(world: World, client: Client) -> None:
    sign_in(client, world.users["atlas", MEMBER])
    response = client.post(address("mandate", mandate_of(world, MEMBER), "end"), {"reason": ""})
    assert (response.status_code, response["Location"]) == (302, "/")
    assert mandate_of(world, MEMBER).ends_on == clock.today()


def test_mandates_of_others_do_not_exist_and_those_of_colleagues_are_not_for_members(world: World, client: Client) -> None:
    sign_in(client, world.competitor)
    assert client.post(address("mandate", mandate_of(world, MEMBER), "end")).status_code == 404
    sign_in(client, world.users["atlas", MEMBER])
    assert client.post(address("mandate", mandate_of(world, READER), "end")).status_code == 403
    assert mandate_of(world, READER).ends_on is None


# -- the link ------------------------------------------------------------------------------------------------------------
def test_link_gives_an_account_a_mandate_and_a_session(world: World, client: Client) -> None:
    make.InvitationFactory(organisation=world.atlas, email="nadia@example.ma", token="secret", language="fr")
    assert "Hôtel Atlas" in client.get(link("secret")).content.decode()
    response = client.post(link("secret"), CHOSEN, follow=True)
    user = User.objects.get(email="nadia@example.ma")
    assert response.redirect_chain[-1][0] == reverse("partnership:organisation_mine")
    assert user.person.mandates.get().organisation == world.atlas
    assert client.session["_auth_user_id"] == str(user.pk)


def test_link_speaks_the_language_of_the_invitation(world: World, client: Client) -> None:
    make.InvitationFactory(organisation=world.atlas, token="secret", language="ar")
    assert '<html lang="ar" dir="rtl">' in client.get(link("secret")).content.decode()
    client.cookies["django_language"] = "fr"
    assert '<html lang="fr" dir="ltr">' in client.get(link("secret")).content.decode()


def test_every_link_that_is_over_gets_the_same_page(world: World, client: Client) -> None:
    now = clock.now()
    make.InvitationFactory(organisation=world.atlas, token="expired", expires_at=now - timedelta(seconds=1))
    make.InvitationFactory(organisation=world.atlas, token="revoked", revoked_at=now)
    make.InvitationFactory(organisation=world.atlas, token="used", accepted_at=now, mandate=mandate_of(world, MEMBER))
    pages = set()
    for token in ("expired", "revoked", "used", "unknown", "x" * 3000, "é"):
        response = client.get(link(token))
        pages.add((response.status_code, "invitation_over" in str([template.name for template in response.templates])))
    assert pages == {(410, True)}


@pytest.mark.parametrize(
    "change",
    [
        {"password": "short", "repeated": "short"}, {"password": "", "repeated": ""}, {"repeated": "something else entirely"},
        {"password": "a\x00" + "b" * 20, "repeated": "a\x00" + "b" * 20}, {"password": "x" * 5000, "repeated": "x" * 5000},
        {"full_name": "x" * 151}, {"full_name": ""},
    ],
)  # fmt: skip
def test_link_refuses_ugly_input_and_creates_nobody(world: World, client: Client, change: dict[str, Any]) -> None:
    make.InvitationFactory(organisation=world.atlas, email="nadia@example.ma", token="secret")
    response = client.post(link("secret"), CHOSEN | change)
    assert response.status_code == 422
    assert not User.objects.filter(email="nadia@example.ma").exists()


def test_link_for_an_address_with_an_account_asks_to_sign_in_then_accepts(world: World, client: Client) -> None:
    known = UserFactory(email="nadia@example.ma")
    make.InvitationFactory(organisation=world.atlas, email="nadia@example.ma", token="secret")
    assert reverse("account_login") in client.get(link("secret")).content.decode()
    assert client.post(link("secret"), CHOSEN).status_code == 403
    assert not Mandate.objects.filter(person__user=known).exists()
    sign_in(client, known)
    assert client.post(link("secret")).status_code == 302
    assert Mandate.objects.get(person__user=known).organisation == world.atlas


def test_link_opened_by_somebody_else_says_to_sign_out(world: World, client: Client) -> None:
    make.InvitationFactory(organisation=world.atlas, email="nadia@example.ma", token="secret")
    sign_in(client, world.competitor)
    assert reverse("account_logout") in client.get(link("secret")).content.decode()
    assert client.post(link("secret")).status_code == 403
