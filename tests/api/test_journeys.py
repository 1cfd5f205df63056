"""The API as its users meet it: a program that only knows HTTP."""

from __future__ import annotations

import base64
import json
import urllib.error
import urllib.parse
import urllib.request
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from accounts.roles import StaffRole
from core import clock
from partnership.services.api_clients import issue_api_client, revoke_api_client
from tests.factories.world import build_world

if TYPE_CHECKING:
    from pytest_django.live_server_helper import LiveServer


def http(method: str, url: str, headers: dict[str, str], body: bytes | None = None) -> tuple[int, dict[str, str], Any]:
    request = urllib.request.Request(url, data=body, headers=headers, method=method)  # noqa: S310 - our own test server
    try:
        with urllib.request.urlopen(request) as answer:  # noqa: S310
            return answer.status, dict(answer.headers), json.load(answer)
    except urllib.error.HTTPError as error:
        return error.code, dict(error.headers), json.load(error)


@pytest.mark.django_db(transaction=True)
def test_a_program_with_nothing_but_http_gets_a_token_reads_writes_and_is_cut_off(live_server: LiveServer) -> None:
    world = build_world()
    issuer = world.staff[StaffRole.ACCOUNT_MANAGER]
    access, secret = issue_api_client(
        organisation=world.cnt.pk,
        label="Observatoire",
        scopes=["commitments:read", "commitments:write"],
        expires_on=clock.today() + timedelta(days=30),
        by=issuer,
    )
    api = f"{live_server.url}/api/v1"

    _, _, schema = http("GET", f"{api}/schema/", {})
    token_url = schema["components"]["securitySchemes"]["partnerToken"]["flows"]["clientCredentials"]["tokenUrl"]
    basic = base64.b64encode(f"{access.client_id}:{secret}".encode()).decode()
    form = urllib.parse.urlencode({"grant_type": "client_credentials", "scope": "commitments:read commitments:write"}).encode()
    status, _, token = http(
        "POST",
        urllib.parse.urljoin(live_server.url, token_url),
        {"Authorization": f"Basic {basic}", "Content-Type": "application/x-www-form-urlencoded"},
        form,
    )
    assert (status, token["token_type"]) == (200, "Bearer")
    bearer = {"Authorization": f"Bearer {token['access_token']}", "Content-Type": "application/json", "Accept-Language": "en"}

    _, _, page = http("GET", f"{api}/commitments/?obligor={world.cnt.pk}", bearer)
    [owed] = page["results"]
    _, read, _ = http("GET", f"{api}/commitments/{owed['id']}/", bearer)
    proof = {"title": "Press release", "fact_on": clock.today().isoformat(), "url": "https://example.ma/release"}
    status, _, declared = http(
        "POST",
        f"{api}/commitments/{owed['id']}/declare/",
        bearer | {"If-Match": read["ETag"], "Idempotency-Key": "declare-1"},
        json.dumps({"declaration": "Delivered.", "evidence": [proof]}).encode(),
    )
    assert (status, declared["state"]) == (200, {"code": "declared", "label": "Declared delivered"})

    revoke_api_client(client=access.pk, by=issuer, reason="Fin du projet.")
    status, headers, problem = http("GET", f"{api}/commitments/", bearer)
    assert (status, headers["Content-Type"], problem["code"]) == (401, "application/problem+json", "invalid_token")
