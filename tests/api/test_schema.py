"""The schema says what the API does: checked by a machine that reads it and tries several hundred requests."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import hypothesis
import pytest
import requests
import schemathesis
from django.core.management import call_command
from django.db import transaction
from hypothesis import HealthCheck, Phase
from hypothesis import strategies as st
from rest_framework.test import APIClient
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import content_type_conformance, response_schema_conformance, status_code_conformance
from urllib3 import HTTPResponse

from accounts.roles import StaffRole
from core import clock
from core.api.documentation import openapi
from partnership.services.api_clients import issue_api_client
from tests.api.conftest import ALL, token_of
from tests.factories.partnership import ActionFactory, DocumentVersionFactory

if TYPE_CHECKING:
    from pathlib import Path

    from tests.factories.world import World

SCHEMA = schemathesis.openapi.from_dict(openapi())
OPERATIONS = [(method.upper(), path) for path, item in openapi()["paths"].items() for method in item]
CHECKS: Any = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


class _UndoError(Exception):
    """Ends a case without keeping what it wrote."""


def send(client: Any, case: Any) -> requests.Response:
    """The case as the bytes that a program would send, through the test client (which keeps the test's transaction)."""
    prepared = requests.Request(**case.as_transport_kwargs(base_url="http://testserver")).prepare()
    headers = {name: value for name, value in prepared.headers.items() if name.lower() not in {"content-type", "content-length"}}
    body: Any = prepared.body or b""
    given: Any = client.generic(
        str(prepared.method),
        str(prepared.url).removeprefix("http://testserver"),
        body if isinstance(body, bytes) else body.encode(),
        content_type=prepared.headers.get("Content-Type", ""),
        headers={name: value if isinstance(value, str) else value.decode("latin-1") for name, value in headers.items()},
    )
    answer = requests.Response()
    answer.status_code = given.status_code
    answer.headers.update(given.headers)
    answer._content = b"".join(given.streaming_content) if given.streaming else given.content
    answer.raw = HTTPResponse(headers=dict(given.headers), status=given.status_code, version=11)
    answer.request = prepared
    answer.elapsed = timedelta(0)
    return answer


@pytest.mark.parametrize(("method", "path"), OPERATIONS)
def test_generated_requests_get_only_documented_answers(method: str, path: str, world: World) -> None:
    access, secret = issue_api_client(
        organisation=world.cnt.pk,
        label="Essai",
        scopes=ALL,
        expires_on=clock.today() + timedelta(days=30),
        by=world.staff[StaffRole.ACCOUNT_MANAGER],
    )
    client = APIClient()
    client.credentials(HTTP_AUTHORIZATION=f"Bearer {token_of(access.client_id, secret)}")
    known = {
        "regions": world.atlas.region_id,
        "organisations": world.cnt.pk,
        "conventions": world.convention.pk,
        "axes": world.axis.pk,
        "commitments": world.owed_by_cnt.pk,
        "actions": ActionFactory(axis=world.axis, organisation=world.cnt).pk,
        "documents": DocumentVersionFactory(document__convention=world.convention, document__organisation=world.cnt).document_id,
    }
    resource = path.split("/")[3]

    @hypothesis.seed(20261123)
    @hypothesis.settings(
        max_examples=12, deadline=None, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck), derandomize=False
    )
    @hypothesis.given(case=SCHEMA[path][method].as_strategy(), is_known=st.sampled_from([True, True, False]))
    def try_one(case: Any, is_known: bool) -> None:
        if is_known and "id" in (case.path_parameters or {}):
            case.path_parameters["id"] = str(known[resource])
        try:
            with transaction.atomic():
                case.validate_response(send(client, case), checks=CHECKS)
                raise _UndoError
        except _UndoError:
            pass

    try_one()


def test_the_schema_is_valid_without_a_warning(tmp_path: Path) -> None:
    call_command("spectacular", validate=True, fail_on_warn=True, format="openapi-json", file=str(tmp_path / "schema.json"))


def test_the_schema_is_public_is_openapi_3_1_and_documents_every_refusal(db: None, anonymous: APIClient) -> None:
    answer = anonymous.get("/api/v1/schema/")
    schema = answer.json()

    assert (answer.status_code, schema["openapi"]) == (200, "3.1.0")
    for path, item in schema["paths"].items():
        for method, operation in item.items():
            assert {"400", "401", "429", "503"} <= set(operation["responses"]), f"{method} {path}"
            for status, response in operation["responses"].items():
                if status[0] in "45":
                    assert response["content"] == {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
            if method == "post":
                assert "Idempotency-Key" in {parameter["name"] for parameter in operation["parameters"]}


def test_the_documentation_page_is_public_and_holds_no_script_of_its_own(db: None, anonymous: APIClient) -> None:
    page = anonymous.get("/api/v1/docs/", headers={"Accept": "text/html"})
    script = anonymous.get("/api/v1/docs/?script=", headers={"Accept": "*/*"})

    assert page.status_code == script.status_code == 200
    assert b"<style" not in page.content
    assert page.content.count(b"<script") == page.content.count(b"<script src=") == 3
    assert script.headers["Content-Type"].startswith("application/javascript")
    assert b"/api/v1/schema/" in script.content
