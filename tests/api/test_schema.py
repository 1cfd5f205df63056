"""The schema is valid, public, and names every refusal; test_generated.py holds the API to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.management import call_command

if TYPE_CHECKING:
    from pathlib import Path

    from rest_framework.test import APIClient


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
