"""Malformed and hostile requests: one clear problem each (4xx), never an error of ours, and nothing written."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
import redis
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from core.api import throttles
from core.api.problems import MEDIA_TYPE
from core.models import Quota
from partnership.choices import CommitmentStatus
from partnership.models import Commitment, Document, Evidence
from tests.api.conftest import session_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_django import Settings

    from tests.factories.world import World

BIG = 10**30
DECLARE = "/api/v1/commitments/{commitment}/declare/"
EVIDENCE = "/api/v1/commitments/{commitment}/evidence/"
PROFILE = "/api/v1/organisations/{organisation}/"
LIST = "/api/v1/commitments/"


def nested(depth: int) -> str:
    return '{"declaration": ' + "[" * depth + "]" * depth + "}"


# method, address, body, headers
JSON_PROBES: dict[str, tuple[str, str, bytes | str, dict[str, str]]] = {
    "not json": ("post", DECLARE, "{", {}),
    "empty body": ("post", DECLARE, "", {}),
    "a list for an object": ("post", DECLARE, "[]", {}),
    "a text for an object": ("post", DECLARE, '"x"', {}),
    "null for an object": ("post", DECLARE, "null", {}),
    "a number for an object": ("post", DECLARE, "1", {}),
    "NUL escaped": ("post", DECLARE, '{"declaration": "a\\u0000b"}', {}),
    "NUL raw": ("post", DECLARE, b'{"declaration": "a\x00b"}', {}),
    "NUL in a key": ("post", DECLARE, '{"declaration": "a", "\\u0000": 1}', {}),
    "lone surrogate": ("post", DECLARE, '{"declaration": "\\ud800"}', {}),
    "not UTF-8": ("post", DECLARE, b'{"declaration": "\xff\xfe"}', {}),
    "UTF-16": ("post", DECLARE, '{"declaration": "a"}'.encode("utf-16"), {}),
    "5,000 deep": ("post", DECLARE, nested(5_000), {}),
    "100,000 deep": ("post", DECLARE, nested(100_000), {}),
    "21 deep": ("post", DECLARE, nested(21), {}),
    "60,000 values": ("post", DECLARE, json.dumps({"declaration": [1] * 60_000}), {}),
    "3 MB": ("post", DECLARE, json.dumps({"declaration": "a" * 3_000_000}), {}),
    "unknown key": ("post", DECLARE, '{"declaration": "a", "status": "confirmed"}', {}),
    "unknown nested key": ("post", DECLARE, '{"declaration": "a", "evidence": [{"title": "a", "fact_on": "2026-01-01", "x": 1}]}', {}),
    "key twice": ("post", DECLARE, '{"declaration": "a", "declaration": "b"}', {}),
    "a number for a text": ("post", DECLARE, '{"declaration": 5}', {}),
    "true for a text": ("post", DECLARE, '{"declaration": true}', {}),
    "an object for a text": ("post", DECLARE, '{"declaration": {}}', {}),
    "blank text": ("post", DECLARE, '{"declaration": "   "}', {}),
    "text too long": ("post", DECLARE, json.dumps({"declaration": "a" * 5_001}), {}),
    "an object for a list": ("post", DECLARE, '{"declaration": "a", "evidence": {}}', {}),
    "21 proofs": ("post", DECLARE, json.dumps({"declaration": "a", "evidence": [{"title": "a", "fact_on": "2026-01-01"}] * 21}), {}),
    "NaN": ("patch", PROFILE, '{"size": NaN}', {}),
    "Infinity": ("patch", PROFILE, '{"size": -Infinity}', {}),
    "10^30": ("patch", PROFILE, f'{{"size": {BIG}}}', {}),
    "5,000 digits": ("patch", PROFILE, f'{{"size": {"9" * 5_000}}}', {}),
    "1E+1000000": ("patch", PROFILE, '{"size": 1E+1000000}', {}),
    "a choice that does not exist": ("patch", PROFILE, '{"size": "enormous"}', {}),
    "a place that is not an id": ("patch", PROFILE, '{"region": "MA-07"}', {}),
    "a place that does not exist": ("patch", PROFILE, '{"region": "00000000-0000-0000-0000-000000000000"}', {}),
    "an address that is not one": ("patch", PROFILE, '{"website": "javascript:alert(1)"}', {}),
    "an e-mail that is not one": ("patch", PROFILE, '{"email": "a@b\\nBcc: c@d.ma"}', {}),
    "a number that is not a telephone": ("patch", PROFILE, '{"phone": "123"}', {}),
    "the state, by mass assignment": ("patch", PROFILE, '{"status": "vouched", "is_host": true}', {}),
    "year 1": ("post", EVIDENCE, '{"title": "a", "fact_on": "0001-01-01", "url": "https://e.ma"}', {}),
    "year 9999": ("post", EVIDENCE, '{"title": "a", "fact_on": "9999-12-31", "url": "https://e.ma"}', {}),
    "30 February": ("post", EVIDENCE, '{"title": "a", "fact_on": "2026-02-30", "url": "https://e.ma"}', {}),
    "an instant for a date": ("post", EVIDENCE, '{"title": "a", "fact_on": "2026-01-01T00:00:00Z", "url": "https://e.ma"}', {}),
    "a number for a date": ("post", EVIDENCE, '{"title": "a", "fact_on": 20260101, "url": "https://e.ma"}', {}),
    "an address of another scheme": ("post", EVIDENCE, '{"title": "a", "fact_on": "2026-01-01", "url": "file:///etc/passwd"}', {}),
    "a file by name": ("post", EVIDENCE, '{"title": "a", "fact_on": "2026-01-01", "file": "/etc/passwd"}', {}),
    "If-Match that is not ours": ("patch", PROFILE, '{"address": "x"}', {"If-Match": 'W/"abc"'}),
    "If-Match that is stale": ("patch", PROFILE, '{"address": "x"}', {"If-Match": '"1"'}),
    "If-Match without end": ("patch", PROFILE, '{"address": "x"}', {"If-Match": '"1",' * 1000}),
    "Idempotency-Key too long": ("post", DECLARE, '{"declaration": "a"}', {"Idempotency-Key": "k" * 256}),
    "Idempotency-Key with a space": ("post", DECLARE, '{"declaration": "a"}', {"Idempotency-Key": "a b"}),
    "a method that is not there": ("put", PROFILE, "{}", {}),
    "deleting": ("delete", PROFILE, "", {}),
    "writing to a public list": ("post", "/api/v1/regions/", "{}", {}),
}

ADDRESSES: dict[str, str] = {
    "cursor that is text": f"{LIST}?cursor=abc",
    "cursor that is JSON in base 64": f"{LIST}?cursor=eyJvIjpbImlkIl0sImIiOmZhbHNlLCJ2IjpbWyJ1IiwiMSJdXX0",
    "cursor with a NUL": f"{LIST}?cursor=%00",
    "cursor of 7 kB": f"{LIST}?cursor={'a' * 7000}",
    "page of 0": f"{LIST}?page_size=0",
    "page of 101": f"{LIST}?page_size=101",
    "page of -1": f"{LIST}?page_size=-1",
    "page of 10^30": f"{LIST}?page_size={BIG}",
    "page in Arabic digits": f"{LIST}?page_size=%D9%A5",
    "order by a password": f"{LIST}?ordering=declared_by__password",
    "order by nothing": f"{LIST}?ordering=",
    "unknown parameter": f"{LIST}?due_on__gte=2026-01-01",
    "parameter twice": f"{LIST}?state=planned&state=declared",
    "state that does not exist": f"{LIST}?state=lost",
    "flag that is not one": f"{LIST}?late=maybe",
    "id that is not one": f"{LIST}?convention=1",
    "id of 10^30": f"{LIST}?convention={BIG}",
    "id in braces": f"{LIST}?convention=%7B01a20917-8684-76fa-a238-6dadeb961852%7D",
    "date without dashes": f"{LIST}?due_from=20260101",
    "date of year 0": f"{LIST}?due_from=0000-01-01",
    "date of year 9999": f"{LIST}?due_from=9999-01-01",
    "date that is text": f"{LIST}?due_until=tomorrow",
    "instant without offset": f"{LIST}?modified_since=2026-01-01T00:00:00",
    "instant out of range": f"{LIST}?modified_since=2026-13-01T00:00:00Z",
    "surrogate in a filter": f"{LIST}?state=%ED%A0%80",
    "format": f"{LIST}?format=xml",
    "object by number": "/api/v1/commitments/1/",
    "object by a huge number": f"/api/v1/commitments/{BIG}/",
    "object by text": "/api/v1/commitments/..%2f..%2fetc%2fpasswd/",
    "version 10^30": f"/api/v1/documents/01a20917-8684-76fa-a238-6dadeb961852/versions/{BIG}/file/",
    "no such resource": "/api/v1/passwords/",
    "no such version of the API": "/api/v2/regions/",
    "the root": "/api/",
    "without its last slash": "/api/v1/regions",
    "code with a line end": "/api/v1/regions/?code=MA-07%0A",
    "code in other digits": "/api/v1/regions/?code=MA-%D9%A0%D9%A7",
}


def check_problem(answer: Any, name: str) -> None:
    assert 400 <= answer.status_code < 500, f"{name}: {answer.status_code}"
    assert answer.headers["Content-Type"] == MEDIA_TYPE, name
    body = answer.json()
    assert body["status"] == answer.status_code, name
    assert {"type", "title", "status", "code", "detail", "errors", "request_id"} <= set(body), name
    assert body["detail"], name


@pytest.mark.parametrize("name", JSON_PROBES)
def test_a_hostile_body_is_refused_with_one_problem(name: str, world: World) -> None:
    method, address, body, headers = JSON_PROBES[name]
    is_profile = address == PROFILE
    client: Any = session_of(world.operator if is_profile else world.secretariat)
    url = address.format(commitment=world.owed_by_cnt.pk, organisation=world.atlas.pk)

    answer = client.generic(method.upper(), url, body, content_type="application/json", headers=headers)

    check_problem(answer, name)
    assert Commitment.objects.get(pk=world.owed_by_cnt.pk).status == CommitmentStatus.PLANNED
    assert not Evidence.objects.exists()


def test_a_hostile_address_is_refused_with_one_problem(world: World) -> None:
    client = session_of(world.secretariat)
    for name, url in ADDRESSES.items():
        check_problem(client.get(url), name)


def test_media_types_and_formats_that_are_not_ours_are_refused(world: World) -> None:
    client = session_of(world.secretariat)
    url = DECLARE.format(commitment=world.owed_by_cnt.pk)
    refused = {
        "xml": client.generic("POST", url, "<a/>", content_type="application/xml"),
        "form": client.generic("POST", url, "declaration=a", content_type="application/x-www-form-urlencoded"),
        "text": client.generic("POST", url, '{"declaration": "a"}', content_type="text/plain"),
        "multipart where no file is taken": client.post(url, {"declaration": "a"}, format="multipart"),
        "no type": client.generic("POST", url, '{"declaration": "a"}', content_type=""),
        "json where a file is needed": client.generic("POST", "/api/v1/documents/", "{}", content_type="application/json"),
    }

    for name, answer in refused.items():
        check_problem(answer, name)
        assert answer.status_code in {400, 415}, name
    assert client.get(LIST, headers={"Accept": "text/html"}).status_code == 406


@pytest.mark.parametrize(
    ("fields", "file"),
    [
        ({"title": "a\x00b"}, SimpleUploadedFile("a.csv", b"a;b\n1;2\n")),
        ({"title": "a", "extra": "1"}, SimpleUploadedFile("a.csv", b"a;b\n1;2\n")),
        ({"title": "a"}, SimpleUploadedFile("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>")),
        ({"title": "a"}, SimpleUploadedFile("a.csv", b"\x00" * 100)),
        ({"title": "a"}, "not a file"),
        ({"title": "a"}, None),
    ],
)
def test_a_hostile_upload_is_refused(fields: dict[str, str], file: Any, world: World) -> None:
    client = session_of(world.secretariat)
    body = {**fields, "organisation": str(world.cnt.pk), "convention": str(world.convention.pk)}
    if file is not None:
        body["file"] = file

    check_problem(client.post("/api/v1/documents/", body, format="multipart"), str(fields))
    assert not Document.objects.exists()


def test_a_multipart_body_that_is_broken_or_too_large_is_refused(world: World) -> None:
    client: Any = session_of(world.secretariat)

    broken = client.generic("POST", "/api/v1/documents/", b"--x\r\n", content_type="multipart/form-data")
    boundary = client.generic("POST", "/api/v1/documents/", b"", content_type="multipart/form-data; boundary=" + "x" * 300)
    large = client.generic(
        "POST", "/api/v1/documents/", b"--x--\r\n", content_type="multipart/form-data; boundary=x", CONTENT_LENGTH="20000000"
    )

    check_problem(broken, "no boundary")
    check_problem(boundary, "a long boundary")
    assert (large.status_code, large.json()["code"]) == (413, "too_large")


@pytest.mark.parametrize(
    "header",
    ["Bearer", "Bearer ", "Bearer x", "bearer " + "x" * 5000, "Bearer a b", "Bearer \xff", "Bearer ../../x", "Basic YTpi"],
)
def test_a_wrong_token_is_refused_with_its_challenge(header: str, world: World) -> None:
    answer = APIClient().get(LIST, headers={"Authorization": header})

    check_problem(answer, header)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_a_cookie_with_a_nul_is_refused(world: World) -> None:
    answer = APIClient().get(LIST, headers={"Cookie": 'sessionid="\\000"'})

    check_problem(answer, "cookie")


def test_too_many_requests_get_429_with_the_time_to_wait(world: World, partner: Callable[..., APIClient]) -> None:
    client, colleague = partner(world.cnt), partner(world.cnt)
    client.get("/api/v1/regions/")
    name = Quota.objects.get(caller__startswith="client:").caller
    Quota.objects.filter(caller=name).update(hits=600)

    limited = client.get("/api/v1/regions/")
    same_organisation = colleague.get("/api/v1/regions/")
    Quota.objects.filter(caller__startswith="organisation:").update(hits=1200)
    all_used = colleague.get("/api/v1/regions/")

    check_problem(limited, "429")
    assert (limited.status_code, same_organisation.status_code, all_used.status_code) == (429, 200, 429)
    assert 1 <= int(limited.headers["Retry-After"]) <= 60


def test_limits_hold_for_a_token_an_organisation_and_an_address_while_the_broker_is_down(
    world: World, partner: Callable[..., APIClient], settings: Settings
) -> None:
    settings.CELERY_BROKER_URL = settings.REDIS_URL = "redis://127.0.0.1:1/0"
    with pytest.raises(redis.ConnectionError):
        redis.Redis.from_url(settings.REDIS_URL, socket_connect_timeout=1).ping()
    settings.REST_FRAMEWORK = settings.REST_FRAMEWORK | {
        "DEFAULT_THROTTLE_RATES": {"client": "3/min", "organisation": "5/min", "anonymous": "2/min"}
    }

    with time_machine.travel("2026-11-25T10:00:10Z", tick=False):
        first, second = partner(world.cnt), partner(world.cnt)
        by_token = [first.get("/api/v1/regions/") for _ in range(4)]
        by_organisation = [second.get("/api/v1/regions/").status_code for _ in range(2)]
        by_address = [APIClient(REMOTE_ADDR=f"2001:db8:1:2::{n}").get("/api/v1/regions/").status_code for n in range(3)]
        elsewhere = APIClient(REMOTE_ADDR="2001:db8:1:3::1").get("/api/v1/regions/").status_code

    assert [answer.status_code for answer in by_token] == [200, 200, 200, 429]
    assert by_token[-1].headers["Retry-After"] == "50"
    assert by_organisation == [200, 429]
    assert (by_address, elsewhere) == ([200, 200, 429], 200)


def test_callers_not_seen_for_a_day_are_forgotten(world: World) -> None:
    Quota.objects.create(caller="ip:10.0.0.1", minute=1, hits=1)
    APIClient().get("/api/v1/regions/")

    assert throttles.purge() == 1
    assert Quota.objects.get().caller == "ip:127.0.0.1"


def test_wrong_tokens_count_against_the_address_they_come_from(world: World) -> None:
    Quota.objects.create(caller="ip:127.0.0.1", minute=0, hits=1)
    bad = {"Authorization": "Bearer wrong"}
    assert APIClient().get(LIST, headers=bad).status_code == 401
    Quota.objects.filter(caller="ip:127.0.0.1").update(hits=120)

    assert APIClient().get(LIST, headers=bad).status_code == 429
