"""Signing in by e-mail and password: the same answer for everybody who may not, and limits before any hashing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
import time_machine
from django.contrib.auth.hashers import MD5PasswordHasher
from django.urls import NoReverseMatch, reverse

from tests.factories.accounts import PASSWORD, UserFactory

if TYPE_CHECKING:
    from django.http import HttpResponse
    from django.test import Client
    from pytest_django import Settings

pytestmark = pytest.mark.django_db

WRONG = "faux mot de passe"


def body(response: HttpResponse, *addresses: str) -> str:
    """The page without what changes at each request: the form's token, and the address that was typed."""
    text = re.sub(r"[A-Za-z0-9]{64}", "", response.content.decode())
    for address in addresses:
        text = text.replace(address, "…")
    return text


def attempt(client: Client, email: str, password: str = WRONG, **headers: str) -> HttpResponse:
    return client.post(reverse("account_login"), {"login": email, "password": password}, headers=headers)  # type: ignore[return-value]


def test_sign_in_when_address_and_password_are_right_then_it_leads_to_the_page_asked_for(client: Client) -> None:
    user = UserFactory.create()

    response = client.post(reverse("account_login"), {"login": user.email.upper(), "password": PASSWORD, "next": "/profile/"})

    assert (response.status_code, response["Location"]) == (302, "/profile/")
    assert client.get("/profile/").status_code == 200


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example/", "/\\evil.example", "javascript:alert(1)", "http://localhost/"]
)
def test_sign_in_when_next_leads_elsewhere_then_it_is_ignored(client: Client, target: str) -> None:
    user = UserFactory.create()

    response = client.post(reverse("account_login"), {"login": user.email, "password": PASSWORD, "next": target})

    assert (response.status_code, response["Location"]) == (302, "/")


def test_sign_in_when_it_fails_then_unknown_known_and_closed_accounts_answer_alike(client: Client) -> None:
    known, closed = UserFactory.create(), UserFactory.create(is_active=False)

    answers = [
        attempt(client, "inconnu@example.ma"),
        attempt(client, known.email),
        attempt(client, closed.email),
        attempt(client, closed.email, PASSWORD),
    ]

    assert [answer.status_code for answer in answers] == [200, 200, 200, 200]
    assert len({body(answer, "inconnu@example.ma", known.email, closed.email) for answer in answers}) == 1


def test_sign_in_when_it_fails_then_every_account_costs_one_hash(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    known, closed = UserFactory.create(), UserFactory.create(is_active=False)
    hashed: list[str] = []
    encode = MD5PasswordHasher.encode

    def counting(self: MD5PasswordHasher, password: str, salt: str) -> str:
        hashed.append(password)
        return encode(self, password, salt)

    monkeypatch.setattr(MD5PasswordHasher, "encode", counting)
    for email in ("inconnu@example.ma", known.email, closed.email):
        attempt(client, email)

    assert len(hashed) == 3


def test_sign_in_when_too_many_failures_for_an_address_then_429_before_hashing_until_the_window_is_over(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    user = UserFactory.create()
    with time_machine.travel("2026-11-23 10:00:00+00:00", tick=False) as clock:
        for _ in range(10):
            assert attempt(client, user.email).status_code == 200
        with monkeypatch.context() as patched:
            patched.setattr(MD5PasswordHasher, "encode", lambda *_args: pytest.fail("a refused attempt was hashed"))
            refused = attempt(client, user.email, PASSWORD)
        clock.shift(301)
        later = attempt(client, user.email, PASSWORD)

    assert (refused.status_code, refused["Retry-After"]) == (429, "300")
    assert later.status_code == 302


@pytest.mark.parametrize("known", [True, False])
def test_sign_in_when_limited_then_known_and_unknown_addresses_answer_alike(client: Client, known: bool) -> None:
    email = UserFactory.create().email if known else "inconnu@example.ma"

    statuses = [attempt(client, email).status_code for _ in range(11)]

    assert statuses == [200] * 10 + [429]


def test_sign_in_when_limited_then_the_page_speaks_the_readers_language(client: Client) -> None:
    for _ in range(10):
        attempt(client, "inconnu@example.ma")

    pages = {code: attempt(client, "inconnu@example.ma", **{"Accept-Language": code}) for code in ("fr", "ar", "en")}

    assert {code: page["Content-Language"] for code, page in pages.items()} == {"fr": "fr", "ar": "ar", "en": "en"}
    assert 'dir="rtl"' in pages["ar"].content.decode()


def test_sign_in_when_a_caller_forges_forwarded_addresses_then_the_limit_per_address_still_holds(client: Client) -> None:
    statuses = [attempt(client, f"a{n}@example.ma", **{"X-Forwarded-For": f"203.0.113.{n}"}).status_code for n in range(31)]

    assert statuses == [200] * 30 + [429]


def test_sign_in_when_behind_our_proxy_then_each_caller_has_its_own_limit(client: Client, settings: Settings) -> None:
    settings.TRUSTED_PROXY_COUNT = 1

    statuses = [attempt(client, f"a{n}@example.ma", **{"X-Forwarded-For": f"1.2.3.4, 203.0.113.{n}"}).status_code for n in range(31)]

    assert statuses == [200] * 31


@pytest.mark.parametrize("path", ["/accounts/signup/", "/accounts/email/", "/accounts/login/code/", "/accounts/signup/passkey/"])
def test_registration_and_its_kin_when_asked_for_then_nothing_is_there(client: Client, path: str) -> None:
    assert client.get(path).status_code == 404
    assert client.post(path, {"email": "x@example.ma"}).status_code == 404


@pytest.mark.parametrize("name", ["account_signup", "account_email", "account_request_login_code"])
def test_registration_and_its_kin_when_named_then_no_address_exists(name: str) -> None:
    with pytest.raises(NoReverseMatch):
        reverse(name)


@pytest.mark.parametrize("text", ["a\x00b@example.ma", "x" * 5000 + "@example.ma", "pas une adresse", ""])
def test_sign_in_when_the_address_is_none_then_the_form_comes_back(client: Client, text: str) -> None:
    assert attempt(client, text).status_code == 200
