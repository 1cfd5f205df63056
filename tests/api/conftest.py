"""Callers of the API: sessions, partners' tokens obtained as partners obtain them, and nobody."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from rest_framework.test import APIClient

from core import clock
from core.api.documentation import openapi
from partnership.choices import SCOPES
from partnership.services.api_clients import issue_api_client
from tests.factories.accounts import sign_in
from tests.factories.world import build_world

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from accounts.models import User
    from partnership.models import Organisation
    from tests.factories.world import World

ALL = tuple(SCOPES)


@pytest.fixture
def world(db: None) -> World:
    return build_world()


def undocumented(method: str, path: str, status: int) -> str:
    """What the schema does not say of an answer; empty when it does, or when the address has no such operation."""
    for template, item in openapi()["paths"].items():
        route = re.sub(r"\\{\w+\\}", "[0-9a-f-]+", re.escape(template))
        operation = item.get(method.lower())
        if operation is not None and re.fullmatch(route, path) and str(status) not in operation["responses"]:
            return f"{method} {template}: {status}"
    return ""


@pytest.fixture(autouse=True)
def _every_status_is_documented(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Whatever a test asks of the API, the schema names the status that it gets."""
    wrong: set[str] = set()
    ask = APIClient.request

    def noting(self: APIClient, **environ: Any) -> Any:
        answer = ask(self, **environ)
        fault = undocumented(environ.get("REQUEST_METHOD", ""), environ.get("PATH_INFO", ""), answer.status_code)
        if fault:
            wrong.add(fault)
        return answer

    monkeypatch.setattr(APIClient, "request", noting)
    yield
    assert wrong == set(), "the schema does not name these statuses"


def session_of(user: User) -> APIClient:
    client = APIClient()
    sign_in(client, user)
    return client


def token_of(access_client_id: str, secret: str) -> str:
    answer = APIClient().post(
        "/api/token/",
        f"grant_type=client_credentials&client_id={access_client_id}&client_secret={secret}",
        content_type="application/x-www-form-urlencoded",
    )
    assert answer.status_code == 200, answer.content
    return str(answer.json()["access_token"])


def partner_of(organisation: Organisation, issuer: User, scopes: Iterable[str] = ALL) -> APIClient:
    access, secret = issue_api_client(
        organisation=organisation.pk, label="Essai", scopes=scopes, expires_on=clock.today() + timedelta(days=30), by=issuer
    )
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token_of(access.client_id, secret)}")
    return client


@pytest.fixture
def partner(world: World) -> Callable[..., APIClient]:
    """A partner's program of an organisation, with the scopes named (all of them by default)."""
    from accounts.roles import StaffRole

    issuer = world.staff[StaffRole.ACCOUNT_MANAGER]

    def make(organisation: Organisation, *scopes: str) -> APIClient:
        return partner_of(organisation, issuer, scopes or ALL)

    return make


@pytest.fixture
def session() -> Callable[[User], APIClient]:
    return session_of


@pytest.fixture
def anonymous() -> APIClient:
    return APIClient()


def ids(answer: Any) -> set[str]:
    """The ids of a list's rows."""
    assert answer.status_code == 200, answer.content
    return {row["id"] for row in answer.json()["results"]}
