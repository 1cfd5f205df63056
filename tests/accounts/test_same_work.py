"""Nothing tells whether an address has an account: the same work is done for each, counted in rounds of the real password hash."""

from __future__ import annotations

from io import StringIO
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth import hashers
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import crypto

from core.models import OutboxMail
from tests.factories.accounts import PASSWORD, UserFactory

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_django import Settings

pytestmark = pytest.mark.django_db

HASHER = "django.contrib.auth.hashers.PBKDF2PasswordHasher"
ROUNDS = 500
WRONG = "faux mot de passe"


@pytest.fixture
def rounds(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Callable[[], int]:
    """The real hasher, with few rounds; how many rounds have been done since the last question."""
    settings.PASSWORD_HASHERS = [HASHER]
    monkeypatch.setattr(hashers.PBKDF2PasswordHasher, "iterations", ROUNDS)
    done: list[int] = []
    pbkdf2 = crypto.pbkdf2

    def counted(password: Any, salt: Any, iterations: int, *args: Any, **kwargs: Any) -> bytes:
        done.append(iterations)
        return bytes(pbkdf2(password, salt, iterations, *args, **kwargs))

    monkeypatch.setattr(hashers, "pbkdf2", counted)

    def since() -> int:
        total = sum(done)
        done.clear()
        return total

    return since


def attempt(email: str, password: str = WRONG, **meta: str) -> int:
    return (
        Client(REMOTE_ADDR=meta.get("ip", "127.0.0.1")).post(reverse("account_login"), {"login": email, "password": password}).status_code
    )


def test_sign_in_when_it_fails_then_known_unknown_closed_and_passwordless_accounts_cost_the_same_rounds(
    rounds: Callable[[], int],
) -> None:
    accounts = {
        "known": UserFactory.create().email,
        "closed": UserFactory.create(is_active=False).email,
        "without password": UserFactory.create(password=None).email,
        "unknown": "inconnu@example.ma",
    }
    rounds()
    cost = {}
    for name, email in accounts.items():
        assert attempt(email) == 200
        cost[name] = rounds()

    assert cost == dict.fromkeys(accounts, ROUNDS)


def test_sign_in_when_it_is_the_eleventh_failure_then_no_round_is_done(rounds: Callable[[], int]) -> None:
    user = UserFactory.create()
    for _ in range(10):
        attempt(user.email)
    rounds()

    assert (attempt(user.email, PASSWORD), rounds()) == (429, 0)


def test_sign_in_when_one_network_fails_for_many_accounts_then_the_31st_does_no_round(rounds: Callable[[], int]) -> None:
    statuses = [attempt(f"a{n}@example.ma", ip=f"2001:db8:1:2::{n:x}") for n in range(1, 31)]
    rounds()

    assert statuses == [200] * 30
    assert (attempt("b@example.ma", ip="2001:db8:1:2:ffff::1"), rounds()) == (429, 0)
    assert (attempt("b@example.ma", ip="2001:db8:1:3::1"), rounds()) == (200, ROUNDS)


def test_reset_when_asked_then_known_and_unknown_addresses_cost_the_same_queries(client: Client, rounds: Callable[[], int]) -> None:
    known = UserFactory.create()
    path = reverse("account_reset_password")
    client.post(path, {"email": "premier@example.ma"})  # what is read once and kept
    costs = {}
    for email in (known.email, "inconnu@example.ma"):
        rounds()
        with CaptureQueriesContext(connection) as queries:
            assert client.post(path, {"email": email}).status_code == 302
        costs[email] = (len(queries), rounds())

    # The unknown address's row is written too, then undone: undoing a savepoint is one statement more than keeping it.
    assert costs["inconnu@example.ma"] == (costs[known.email][0] + 1, costs[known.email][1])
    assert OutboxMail.objects.count() == 1


def test_passkey_challenge_when_asked_then_it_names_no_account(client: Client) -> None:
    UserFactory.create()

    options = client.get(reverse("mfa_login_webauthn"), headers={"X-Requested-With": "XMLHttpRequest"}).json()["request_options"][
        "publicKey"
    ]

    assert options.get("allowCredentials", []) == []
    assert "example.ma" not in str(options)


@pytest.mark.parametrize("token", ["x", "a" * 43, "é", "../.."])
def test_invitation_when_its_link_is_none_then_every_one_gets_the_same_page(client: Client, token: str) -> None:
    answer = client.get(f"/invitation/{token}/")

    assert answer.status_code in {404, 410}


def test_measure_when_run_then_it_prints_the_medians_and_writes_nothing(rounds: Callable[[], int]) -> None:
    output = StringIO()

    call_command("measure_sign_in", rounds=3, tolerance=10_000, stdout=output)

    assert [line.split()[0] for line in output.getvalue().splitlines()] == ["known", "unknown", "closed", "passwordless", "largest"]
    assert UserFactory._meta.model.objects.count() == 0
