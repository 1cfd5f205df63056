"""Choosing a password anew: the answer never tells whether the address has an account."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
import time_machine
from django.contrib.auth import authenticate
from django.urls import reverse

from accounts.services import request_password_reset
from core.models import OutboxMail
from tests.accounts.test_sign_in import body
from tests.factories.accounts import PASSWORD, StaffFactory, UserFactory, give_totp, sign_in

if TYPE_CHECKING:
    from django.http import HttpResponse
    from django.test import Client
    from pytest_django import DjangoAssertNumQueries

pytestmark = pytest.mark.django_db

NEW = "encore une longue phrase 2027"


def ask(client: Client, email: str, **headers: str) -> HttpResponse:
    return client.post(reverse("account_reset_password"), {"email": email}, headers=headers)  # type: ignore[return-value]


def link_of(mail: OutboxMail) -> str:
    found = re.search(r"http://\S+", mail.body)
    assert found
    return found.group()


def test_reset_when_asked_then_known_unknown_and_closed_accounts_answer_alike(client: Client) -> None:
    known, closed = UserFactory.create(), UserFactory.create(is_active=False)
    addresses = ["inconnu@example.ma", known.email, closed.email]

    answers = [ask(client, email) for email in addresses]
    pages = [client.get(answer["Location"]) for answer in answers]

    assert [(answer.status_code, answer["Location"]) for answer in answers] == [(302, reverse("account_reset_password_done"))] * 3
    assert len({body(page) for page in pages}) == 1  # type: ignore[arg-type]
    assert list(OutboxMail.objects.values_list("to_email", flat=True)) == [known.email]


def test_reset_when_asked_then_an_unknown_address_costs_what_a_known_one_does(django_assert_num_queries: DjangoAssertNumQueries) -> None:
    known = UserFactory.create()
    request_password_reset(email=known.email)

    with django_assert_num_queries(7):
        request_password_reset(email=known.email)
    # The same, then undone: within a test's transaction that is a ROLLBACK TO and a RELEASE instead of the RELEASE alone.
    with django_assert_num_queries(8):
        request_password_reset(email="inconnu@example.ma")


def test_reset_when_the_link_is_followed_then_the_password_changes_once_and_every_session_ends(client: Client) -> None:
    user = UserFactory.create()
    elsewhere = sign_in(type(client)(), user)
    ask(client, user.email)
    link = link_of(OutboxMail.objects.get())

    form = client.get(link, follow=True)
    done = client.post(form.redirect_chain[-1][0], {"password1": NEW, "password2": NEW})
    again = type(client)().get(link, follow=True)

    assert done["Location"] == reverse("account_reset_password_from_key_done")
    assert authenticate(email=user.email, password=NEW) == user
    assert authenticate(email=user.email, password=PASSWORD) is None
    assert elsewhere.get("/profile/").status_code == 302
    assert again.context["token_fail"] is True


def test_reset_when_the_link_is_an_hour_old_then_it_no_longer_works(client: Client) -> None:
    user = UserFactory.create()
    with time_machine.travel("2026-11-23 10:00:00+00:00", tick=False) as clock:
        ask(client, user.email)
        clock.shift(3601)
        page = client.get(link_of(OutboxMail.objects.get()), follow=True)

    assert page.context["token_fail"] is True


def test_reset_when_done_by_staff_then_the_second_step_is_still_asked(client: Client) -> None:
    user = StaffFactory.create()
    give_totp(user)
    ask(client, user.email)
    form = client.get(link_of(OutboxMail.objects.get()), follow=True)
    client.post(form.redirect_chain[-1][0], {"password1": NEW, "password2": NEW})

    assert client.get("/profile/").status_code == 302
    signed = client.post(reverse("account_login"), {"login": user.email, "password": NEW})
    assert signed["Location"] == reverse("mfa_authenticate")


def test_reset_when_the_host_header_is_forged_then_the_link_stays_on_the_portal(client: Client) -> None:
    user = UserFactory.create()

    client.post(reverse("account_reset_password"), {"email": user.email}, headers={"Host": "127.0.0.1"})

    assert link_of(OutboxMail.objects.get()).startswith("http://localhost:")


def test_reset_when_asked_too_often_then_429_for_known_and_unknown_addresses(client: Client) -> None:
    user = UserFactory.create()

    known = [ask(client, user.email).status_code for _ in range(6)]
    unknown = [ask(client, "inconnu@example.ma").status_code for _ in range(6)]

    assert known == unknown == [302] * 5 + [429]


def test_reset_when_the_new_password_is_weak_then_the_form_says_why(client: Client) -> None:
    user = UserFactory.create()
    ask(client, user.email)
    form = client.get(link_of(OutboxMail.objects.get()), follow=True)

    page = client.post(form.redirect_chain[-1][0], {"password1": "court", "password2": "court"})

    assert page.status_code == 200
    assert page.context["form"].errors
    assert authenticate(email=user.email, password=PASSWORD) == user
