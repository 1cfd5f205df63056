"""The owner of an account is told of a sign-in from a browser never used before; and ends the sessions of lost devices."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.test import Client
from django.urls import reverse
from structlog.testing import capture_logs

from core import clock
from core.models import OutboxMail
from tests.factories.accounts import PASSWORD, StaffFactory, UserFactory, give_totp, sign_in, totp_code

if TYPE_CHECKING:
    from accounts.models import User

pytestmark = pytest.mark.django_db

NEW = "Une connexion depuis un nouvel appareil"
FIREFOX = {"User-Agent": "Mozilla/5.0 (Android 16; Mobile; rv:140.0) Gecko/140.0 Firefox/140.0"}


def enter(client: Client, user: User) -> None:
    assert client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD}, headers=FIREFOX).status_code == 302


def leave(client: Client) -> None:
    client.post(reverse("account_logout"))


def notices() -> list[str]:
    """The subjects of the notices that leave."""
    return list(OutboxMail.objects.filter(kind="security_notice").values_list("subject", flat=True))


def test_sign_in_when_it_is_the_first_of_all_then_nobody_is_told(client: Client) -> None:
    enter(client, UserFactory.create())

    assert notices() == []


def test_sign_in_when_the_browser_is_known_then_nobody_is_told(client: Client) -> None:
    user = UserFactory.create()
    enter(client, user)
    leave(client)

    enter(client, user)

    assert notices() == []


def test_sign_in_when_the_browser_is_new_then_the_owner_is_told_from_where_and_with_what(client: Client) -> None:
    user = UserFactory.create()
    enter(client, user)

    enter(Client(), user)

    [mail] = OutboxMail.objects.filter(kind="security_notice")
    assert (mail.to_email, mail.subject) == (user.email, NEW)
    assert all(text in mail.body for text in ("127.0.0.1", "Firefox · Android"))


def test_staff_when_signing_in_from_a_new_browser_then_they_are_told_once_the_second_step_is_passed(client: Client) -> None:
    user = StaffFactory.create(last_login=clock.now())
    give_totp(user)
    enter(client, user)
    assert notices() == []

    client.post(reverse("mfa_authenticate"), {"code": totp_code()})

    assert notices() == [NEW]


@pytest.mark.parametrize("value", ["", "x", "WyJhIl0:1abc:forged", "é" * 5000])
def test_browser_when_its_cookie_is_forged_then_it_is_a_new_one(client: Client, value: str) -> None:
    user = UserFactory.create(last_login=clock.now())
    client.cookies[settings.DEVICE_COOKIE_NAME] = value.encode("ascii", "ignore").decode()

    enter(client, user)

    assert notices() == [NEW]


def test_browser_when_shared_then_its_cookie_names_nobody_and_knows_five_accounts(client: Client) -> None:
    users = [UserFactory.create() for _ in range(6)]
    for user in [*users, *users[1:]]:
        enter(client, user)
        leave(client)

    cookie = client.cookies[settings.DEVICE_COOKIE_NAME]
    assert notices() == []
    assert (cookie["httponly"], cookie["samesite"]) == (True, "Lax")
    assert len(cookie.value) < 400
    enter(client, users[0])
    assert notices() == [NEW]


def test_sign_in_when_logged_then_the_line_holds_neither_address_nor_password(client: Client) -> None:
    user = UserFactory.create()
    with capture_logs() as lines:
        client.post(reverse("account_login"), {"login": user.email, "password": "faux-mot-de-passe"})
        enter(client, user)

    ours = [line for line in lines if line["event"] in {"sign_in_failed", "signed_in"}]
    assert [line["event"] for line in ours] == ["sign_in_failed", "signed_in"]
    assert (ours[0]["ip"], ours[1]["user_id"], ours[1]["methods"]) == ("127.0.0.1", str(user.pk), ["password"])
    assert not any(secret in str(ours) for secret in (user.email, "faux-mot-de-passe", PASSWORD))


# -- ending one --------------------------------------------------------------------------------------------------------
def test_device_when_signed_out_from_the_list_then_that_one_alone_ends(client: Client) -> None:
    user = UserFactory.create()
    lost, other = Client(), Client()
    for browser in (client, lost, other):
        enter(browser, user)
    row = UserSession.objects.get(session_key=lost.session.session_key)

    asked = client.get(reverse("session_end", args=[row.pk]))
    done = client.post(reverse("session_end", args=[row.pk]))

    assert (asked.status_code, done.status_code, done["Location"]) == (200, 302, reverse("usersessions_list"))
    assert [browser.get("/profile/").status_code for browser in (client, lost, other)] == [200, 302, 200]


def test_device_when_it_is_somebody_elses_then_it_does_not_exist(client: Client) -> None:
    stranger = Client()
    enter(stranger, UserFactory.create())
    sign_in(client, UserFactory.create())
    row = UserSession.objects.get(session_key=stranger.session.session_key)

    assert client.post(reverse("session_end", args=[row.pk])).status_code == 404
    assert stranger.get("/profile/").status_code == 200
