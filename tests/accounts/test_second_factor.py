"""The second factor: compulsory for staff, sealed in the database, asked again before it is changed."""

from __future__ import annotations

import json
from io import StringIO
from typing import TYPE_CHECKING

import pytest
from allauth.mfa.models import Authenticator
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.urls import reverse

from accounts.middleware import PASS_NAMES, SET_UP_NAMES
from accounts.secrets import seal, unseal
from tests.factories.accounts import PASSWORD, SEED, StaffFactory, UserFactory, give_totp, sign_in, totp_code

if TYPE_CHECKING:
    from pytest_django import Settings

pytestmark = pytest.mark.django_db

CLOSED_TO_UNPROVED = ["/admin/", "/profile/", "/accounts/sessions/", "/accounts/password/change/"]


# -- the gate ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("path", CLOSED_TO_UNPROVED)
def test_staff_when_no_factor_is_set_up_then_every_page_leads_to_setting_one_up(client: Client, path: str) -> None:
    sign_in(client, StaffFactory.create(), second_factor=False)

    response = client.get(path)

    assert response.status_code == 302
    assert response["Location"].startswith(reverse("mfa_index") + "?next=")


@pytest.mark.parametrize("path", CLOSED_TO_UNPROVED)
def test_staff_when_a_factor_was_not_passed_in_this_session_then_every_page_leads_to_passing_it(client: Client, path: str) -> None:
    user = StaffFactory.create()
    give_totp(user)
    sign_in(client, user, second_factor=False)

    response = client.get(path)

    assert response.status_code == 302
    assert response["Location"].startswith(reverse("mfa_reauthenticate") + "?next=")


@pytest.mark.parametrize("name", sorted(SET_UP_NAMES - {"account_logout", "set_language"}))
def test_staff_when_no_factor_is_set_up_then_the_pages_that_set_one_up_open(client: Client, name: str) -> None:
    sign_in(client, StaffFactory.create(), second_factor=False)

    response = client.get(reverse(name))

    assert response.status_code == 200 or response["Location"].startswith(reverse("account_reauthenticate"))


def test_staff_when_a_factor_is_not_passed_then_pages_that_would_replace_it_stay_closed(client: Client) -> None:
    user = StaffFactory.create()
    give_totp(user)
    sign_in(client, user, second_factor=False)

    led_to = {client.get(reverse(name)).get("Location", "").partition("?")[0] for name in SET_UP_NAMES - PASS_NAMES}

    assert led_to == {reverse("mfa_reauthenticate")}


def test_staff_when_the_factor_was_passed_then_pages_open(client: Client) -> None:
    user = StaffFactory.create()
    give_totp(user)
    sign_in(client, user)

    assert client.get("/profile/").status_code == 200


def test_somebody_of_the_sector_when_without_factor_then_pages_open(client: Client) -> None:
    sign_in(client, UserFactory.create(), second_factor=False)

    assert client.get("/profile/").status_code == 200


def test_staff_when_a_fragment_is_asked_without_factor_then_401_and_the_address_to_go_to(client: Client) -> None:
    sign_in(client, StaffFactory.create(), second_factor=False)

    response = client.get("/profile/", headers={"HX-Request": "true", "HX-Current-URL": "http://testserver/profile/?a=1"})

    assert response.status_code == 401
    assert response["HX-Redirect"] == reverse("mfa_index") + "?next=%2Fprofile%2F%3Fa%3D1"


def test_staff_when_the_records_of_another_account_are_in_the_session_then_they_prove_nothing(client: Client) -> None:
    one, other = StaffFactory.create(), StaffFactory.create()
    sign_in(client, one)
    session = client.session
    records = dict(session)
    client.force_login(other)
    session = client.session
    for name in ("account_authentication_methods", "account_authentication_methods_user"):
        session[name] = records[name]
    session.save()

    assert client.get("/profile/").status_code == 302


# -- signing in with it ------------------------------------------------------------------------------------------------
def first_step(client: Client, user: object) -> None:
    response = client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD})  # type: ignore[attr-defined]
    assert response["Location"].startswith(reverse("mfa_authenticate"))


def test_second_step_when_the_code_is_right_then_the_session_has_passed_and_the_code_works_once(client: Client) -> None:
    user = StaffFactory.create()
    code = give_totp(user)
    first_step(client, user)

    assert client.post(reverse("mfa_authenticate"), {"code": code}).status_code == 302
    assert client.get("/profile/").status_code == 200

    replay = Client()
    first_step(replay, user)
    assert replay.post(reverse("mfa_authenticate"), {"code": code}).status_code == 200
    assert replay.get("/profile/").status_code == 302


def test_second_step_when_a_recovery_code_is_typed_then_it_works_once(client: Client) -> None:
    user = StaffFactory.create()
    give_totp(user, codes=True)
    code = Authenticator.objects.get(user=user, type="recovery_codes").wrap().get_unused_codes()[0]
    first_step(client, user)

    assert client.post(reverse("mfa_authenticate"), {"code": code}).status_code == 302
    replay = Client()
    first_step(replay, user)
    assert replay.post(reverse("mfa_authenticate"), {"code": code}).status_code == 200


def test_second_step_when_too_many_codes_are_wrong_then_429(client: Client) -> None:
    user = StaffFactory.create()
    give_totp(user)
    first_step(client, user)

    statuses = [client.post(reverse("mfa_authenticate"), {"code": "abcdef"}).status_code for _ in range(11)]

    assert statuses == [200] * 10 + [429]


# -- changing it -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["mfa_activate_totp", "mfa_add_webauthn", "mfa_generate_recovery_codes"])
def test_factors_when_changed_without_proving_who_one_is_again_then_it_is_asked(client: Client, name: str) -> None:
    sign_in(client, UserFactory.create())

    response = client.post(reverse(name), {"code": "000000"})

    assert response.status_code == 302
    assert response["Location"].startswith(reverse("account_reauthenticate"))


def prove(client: Client) -> None:
    assert client.post(reverse("account_reauthenticate"), {"password": PASSWORD, "next": "/profile/"}).status_code == 302


def set_up(client: Client) -> None:
    """Set the app up as a browser does: read the seed on the page, type the code."""
    from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value

    from core import clock

    prove(client)
    seed = client.get(reverse("mfa_activate_totp")).context["form"].secret
    code = format_hotp_value(hotp_value(seed, int(clock.now().timestamp()) // 30))
    assert client.post(reverse("mfa_activate_totp"), {"code": code}).status_code == 302


def test_staff_when_the_app_is_set_up_then_pages_open_and_the_other_sessions_have_ended(client: Client) -> None:
    user = StaffFactory.create()
    elsewhere = sign_in(Client(), user)
    sign_in(client, user, second_factor=False)

    set_up(client)

    assert client.get("/profile/").status_code == 200
    assert client.get(reverse("mfa_view_recovery_codes")).status_code == 200
    assert elsewhere.get("/profile/")["Location"].startswith(reverse("account_login"))


def test_staff_when_the_last_factor_is_removed_then_the_gate_closes_and_the_other_sessions_have_ended(client: Client) -> None:
    user = StaffFactory.create()
    give_totp(user)
    elsewhere = sign_in(Client(), user)
    sign_in(client, user)
    prove(client)

    assert client.post(reverse("mfa_deactivate_totp")).status_code == 302

    assert client.get("/profile/")["Location"].startswith(reverse("mfa_index"))
    assert elsewhere.get("/profile/")["Location"].startswith(reverse("account_login"))


# -- at rest -----------------------------------------------------------------------------------------------------------
def test_secrets_when_stored_then_neither_the_seed_nor_a_code_is_readable_in_the_database() -> None:
    user = UserFactory.create()
    give_totp(user, codes=True)
    codes = Authenticator.objects.get(user=user, type="recovery_codes").wrap().get_unused_codes()

    with connection.cursor() as cursor:
        cursor.execute("SELECT type, data::text FROM mfa_authenticator WHERE user_id = %s", [user.pk])
        rows = dict(cursor.fetchall())

    assert SEED not in rows["totp"]
    assert unseal(json.loads(rows["totp"])["secret"]) == SEED
    assert len(codes) == 10
    assert not any(code in rows["recovery_codes"] for code in codes)
    assert len(unseal(json.loads(rows["recovery_codes"])["seed"])) == 80


def test_secrets_when_the_key_is_replaced_then_the_former_one_still_opens_until_it_is_dropped(settings: Settings) -> None:
    sealed = seal("graine")
    former, settings.SECRET_KEY = settings.SECRET_KEY, "another-key-" + "1" * 50

    settings.SECRET_KEY_FALLBACKS = [former]
    assert unseal(sealed) == "graine"
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(ImproperlyConfigured):
        unseal(sealed)


def test_secrets_when_resealed_then_the_former_key_can_be_dropped_and_codes_still_work(settings: Settings) -> None:
    user = UserFactory.create()
    give_totp(user, codes=True)
    codes = Authenticator.objects.get(user=user, type="recovery_codes").wrap().get_unused_codes()
    former, settings.SECRET_KEY = settings.SECRET_KEY, "another-key-" + "1" * 50
    settings.SECRET_KEY_FALLBACKS = [former]

    output = StringIO()
    call_command("reseal_secrets", stdout=output)

    settings.SECRET_KEY_FALLBACKS = []
    assert output.getvalue() == "2 second factors are sealed with the present key.\n"
    assert unseal(Authenticator.objects.get(user=user, type="totp").data["secret"]) == SEED
    assert Authenticator.objects.get(user=user, type="recovery_codes").wrap().get_unused_codes() == codes


def test_secrets_when_one_opens_with_no_key_then_none_is_resealed(settings: Settings) -> None:
    give_totp(UserFactory.create())
    lost = UserFactory.create()
    give_totp(lost)
    Authenticator.objects.filter(user=lost).update(data={"secret": "gAAAAA-nobody-can-open-this"})
    before = list(Authenticator.objects.order_by("pk").values_list("data", flat=True))

    with pytest.raises(CommandError, match="SECRET_KEY_FALLBACKS"):
        call_command("reseal_secrets")

    assert list(Authenticator.objects.order_by("pk").values_list("data", flat=True)) == before


# -- the demonstration -------------------------------------------------------------------------------------------------
def test_second_step_when_in_the_demonstration_then_the_page_holds_the_code(client: Client, settings: Settings) -> None:
    settings.DEMO = True
    user = StaffFactory.create()
    give_totp(user)
    first_step(client, user)

    page = client.get(reverse("mfa_authenticate"))

    assert page.context["demo_totp_code"] == totp_code()


def test_second_step_when_not_in_the_demonstration_then_no_forgery_brings_the_code(client: Client) -> None:
    user = StaffFactory.create()
    give_totp(user)
    first_step(client, user)
    session = client.session
    session["DEMO"] = session["demo_totp_code"] = "1"
    session.save()

    for page in (
        client.get(reverse("mfa_authenticate"), {"DEMO": "1", "demo": "1", "demo_totp_code": "1"}, headers={"X-Demo": "1"}),
        client.post(reverse("mfa_authenticate"), {"code": "x", "DEMO": "1", "demo_totp_code": "1"}),
    ):
        assert "demo_totp_code" not in page.context
        assert totp_code() not in page.content.decode()


def test_demonstration_when_it_answers_to_a_real_name_then_it_shows_no_code(client: Client, settings: Settings) -> None:
    settings.DEMO = True
    settings.ALLOWED_HOSTS = ["portail.onmt.ma", "testserver"]
    user = StaffFactory.create()
    give_totp(user)
    first_step(client, user)

    page = client.get(reverse("mfa_authenticate"))

    assert "demo_totp_code" not in page.context
    assert [problem.id for problem in run_checks(tags=["security"]) if problem.id == "accounts.E001"] == ["accounts.E001"]


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]", "192.168.1.20", "demo.localhost"])
def test_demonstration_when_it_answers_to_local_names_then_it_is_allowed(settings: Settings, host: str) -> None:
    settings.DEMO = True
    settings.ALLOWED_HOSTS = [host]

    assert [problem.id for problem in run_checks(tags=["security"]) if problem.id == "accounts.E001"] == []


def test_sign_in_page_when_not_in_the_demonstration_then_it_lists_no_account(client: Client) -> None:
    assert client.get(reverse("account_login"), {"demo_accounts": "1", "DEMO": "1"}).context["demo_accounts"] == ()


def demo_rows() -> list[dict[str, str]]:
    return [{"email": "essai@example.ma", "password": "un mot", "role": "Essai"}]


def test_sign_in_page_when_in_the_demonstration_then_it_lists_the_accounts(client: Client, settings: Settings) -> None:
    settings.DEMO = True
    settings.DEMO_ACCOUNTS = f"{__name__}.demo_rows"

    assert "essai@example.ma" in client.get(reverse("account_login")).content.decode()
