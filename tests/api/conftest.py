"""Callers of the API: sessions, partners' tokens obtained as partners obtain them, and nobody."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from rest_framework.test import APIClient

from core import clock
from partnership.choices import SCOPES
from partnership.services.api_clients import issue_api_client
from tests.factories.accounts import sign_in
from tests.factories.world import build_world

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from accounts.models import User
    from partnership.models import Organisation
    from tests.factories.world import World

ALL = tuple(SCOPES)


@pytest.fixture
def world(db: None) -> World:
    return build_world()


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
