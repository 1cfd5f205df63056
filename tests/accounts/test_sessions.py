"""How long a session lives, and what ends it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.idp.oidc.models import Token
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.core.cache import cache
from django.test import Client
from django.urls import reverse

from accounts import services
from accounts.middleware import SEEN_AT
from accounts.retention import forget_expired
from accounts.roles import StaffRole
from core import clock
from core.actors import SYSTEM
from core.models import OutboxMail
from tests.factories.accounts import PASSWORD, StaffFactory, UserFactory, give_totp, sign_in

if TYPE_CHECKING:
    from accounts.models import User

pytestmark = pytest.mark.django_db

START = "2026-11-23 08:00:00+00:00"
NEW = "encore une longue phrase 2027"


def is_open(client: Client) -> bool:
    return client.get("/profile/").status_code == 200


def staff() -> User:
    user: User = StaffFactory.create()
    give_totp(user)
    return user


# -- how long ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("minutes", "expected"), [(29, True), (31, False)])
def test_staff_session_when_idle_then_it_ends_after_half_an_hour(client: Client, minutes: int, expected: bool) -> None:
    with time_machine.travel(START, tick=False) as now:
        sign_in(client, staff())
        now.shift(minutes * 60)
        assert is_open(client) is expected


def test_staff_session_when_used_all_day_then_it_ends_after_eight_hours(client: Client) -> None:
    with time_machine.travel(START, tick=False) as now:
        sign_in(client, staff())
        for _ in range(24):
            now.shift(20 * 60)
            assert is_open(client)
        now.shift(60)
        response = client.get("/profile/")

    assert response["Location"] == reverse("account_login") + "?next=%2Fprofile%2F"


def test_session_of_the_sector_when_idle_for_an_hour_then_it_goes_on(client: Client) -> None:
    with time_machine.travel(START, tick=False) as now:
        sign_in(client, UserFactory.create())
        now.shift(3600)
        assert is_open(client)


def test_session_when_used_then_its_last_use_is_written_once_a_minute(client: Client) -> None:
    with time_machine.travel(START, tick=False) as now:
        sign_in(client, UserFactory.create())
        seen = []
        for _ in range(4):
            now.shift(25)
            is_open(client)
            seen.append(client.session[SEEN_AT])
        row = UserSession.objects.get()

    assert seen == [seen[0], seen[0], seen[0] + 75, seen[0] + 75]
    assert row.last_seen_at.timestamp() == seen[-1]


def test_session_when_opened_by_the_pages_then_no_table_of_addresses_is_written(client: Client) -> None:
    user = UserFactory.create()
    client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})

    assert is_open(client)
    assert EmailAddress.objects.count() == 0


# -- what ends the others ----------------------------------------------------------------------------------------------
def test_sessions_when_the_password_is_changed_then_the_others_end_and_the_owner_is_told(client: Client) -> None:
    user = UserFactory.create()
    elsewhere = sign_in(Client(), user)
    sign_in(client, user)

    response = client.post(reverse("account_change_password"), {"oldpassword": PASSWORD, "password1": NEW, "password2": NEW})

    assert response.status_code == 302
    assert (is_open(client), is_open(elsewhere)) == (True, False)
    assert list(OutboxMail.objects.values_list("to_email", "kind")) == [(user.email, "security_notice")]


def test_sessions_when_the_old_password_is_wrong_then_nothing_changes(client: Client) -> None:
    user = UserFactory.create()
    elsewhere = sign_in(Client(), user)
    sign_in(client, user)

    client.post(reverse("account_change_password"), {"oldpassword": "faux", "password1": NEW, "password2": NEW})

    assert (is_open(client), is_open(elsewhere)) == (True, True)


def test_sessions_when_roles_change_then_all_end_even_those_no_list_knows(client: Client) -> None:
    user = staff()
    sign_in(client, user)
    UserSession.objects.all().delete()

    services.set_staff_roles(user=user.pk, roles=[StaffRole.AUDITOR], by=SYSTEM, reason="essai")

    assert not is_open(client)


def test_sessions_when_roles_stay_the_same_then_they_go_on(client: Client) -> None:
    user = staff()
    sign_in(client, user)

    services.set_staff_roles(user=user.pk, roles=[StaffRole.CONVENTION_MANAGER], by=SYSTEM, reason="essai")

    assert is_open(client)


def test_sessions_when_the_account_is_closed_then_they_end(client: Client) -> None:
    user = UserFactory.create()
    sign_in(client, user)

    services.close_account(user=user.pk, by=SYSTEM, reason="départ")

    assert not is_open(client)


def test_devices_when_the_others_are_signed_out_then_only_this_one_stays(client: Client) -> None:
    user = UserFactory.create()
    elsewhere = Client()
    for browser in (client, elsewhere):
        browser.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})
    assert len(client.get(reverse("usersessions_list")).context["sessions"]) == 2

    client.post(reverse("usersessions_list"))

    assert (is_open(client), is_open(elsewhere)) == (True, False)


def test_devices_when_listed_then_another_accounts_are_not_there(client: Client) -> None:
    stranger = Client()
    stranger.post(reverse("account_login"), {"login": UserFactory.create().email, "password": PASSWORD})
    user = UserFactory.create()
    client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})

    assert [row.user for row in client.get(reverse("usersessions_list")).context["sessions"]] == [user]


def test_what_has_expired_when_forgotten_then_the_rest_stays(client: Client) -> None:
    with time_machine.travel(START, tick=False) as now:
        sign_in(Client(), UserFactory.create())
        Token.objects.create(type="at", hash="a", expires_at=clock.now())
        cache.set("ancien", 1, 60)
        now.shift(9 * 3600)
        sign_in(client, UserFactory.create())
        cache.set("neuf", 1, 60)

        forgotten = forget_expired()

        assert forgotten == {"sessions": 0, "tokens": 1, "cached": 1}
        assert Session.objects.count() == 1
        assert (is_open(client), cache.get("neuf")) == (True, 1)
