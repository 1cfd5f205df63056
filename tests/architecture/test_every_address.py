"""Every address, opened and written to by every role, with nonsense: never broken, never a write by reading, never without its headers."""

from __future__ import annotations

import logging
import re
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import pytest

from tests.architecture import house
from tests.architecture.doors import (
    MALFORMED,
    MISSING,
    ROLES,
    UGLY,
    Door,
    Visitor,
    doors,
    fields_of,
    opens,
    paths,
    person,
    typed,
)
from tests.architecture.test_addresses import PUBLIC
from tests.factories.everything import Everything, build_everything

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.django_db

# What is written by being read, each with its reason.
WRITES_WHEN_READ = {
    "portal:notification_open": "opening a notification is what marks it as read, once; nobody else's row changes",
}
# Addresses that answer 5xx on purpose.
MAY_BE_UNWELL = {"healthz", "health_ready"}
# Django's own catch-alls under /admin/: they redirect to the page of the same id, or add a slash.
CATCH_ALLS = {"admin:"}


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    """Thousands of refusals are told to nobody: kept by the capture of logs, each would hold its whole page."""
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@pytest.fixture
def things(db: None) -> Everything:
    return build_everything()


# Who sees the forms of the acts: for the others one act of a noun stands for all, closed by the same line of code.
ACTING = {"operator", "secretariat", "manager"}


def _addresses(things: Everything, role: str) -> Iterator[tuple[Door, str]]:
    for door in doors():
        if opens(role, door):
            for path in (paths(door, things) or [])[: None if role in ACTING else 2]:
                yield door, path


def test_an_address_when_it_is_new_then_somebody_says_how_to_fill_it(things: Everything) -> None:
    unknown = [f"{door.name} {door.route}" for door in doors() if door.name not in CATCH_ALLS and paths(door, things) is None]
    house.nothing(unknown)


# -- read --------------------------------------------------------------------------------------------------------------
def _headers_missing(path: str, answer: Any, *, signed_in: bool) -> list[str]:
    if not answer.get("Content-Type", "").startswith("text/html") or (answer.status_code == 404 and path.startswith("/static/")):
        return []
    policy = answer.get("Content-Security-Policy", "")
    wrong = []
    if "default-src 'none'" not in policy or "frame-ancestors 'none'" not in policy:
        wrong.append("content policy")
    if "unsafe" in policy and not path.startswith("/admin/"):
        wrong.append("unsafe policy")
    if answer.get("X-Content-Type-Options") != "nosniff":
        wrong.append("nosniff")
    if answer.get("Referrer-Policy") != "same-origin":
        wrong.append("referrer")
    if signed_in and not {"private", "no-store"} <= set(re.split(r",\s*", answer.get("Cache-Control", ""))):
        wrong.append(f"cache {answer.get('Cache-Control')}")
    return wrong


@pytest.mark.parametrize("role", ROLES)
def test_an_address_when_opened_then_reads_only_and_carries_its_headers(things: Everything, role: str) -> None:
    user = person(things, role)
    visit = Visitor(user)
    wrong = []
    for door, path in _addresses(things, role):
        knock = visit("get", path)
        answer = knock.answer
        if answer.status_code >= 500 and door.name not in MAY_BE_UNWELL:
            wrong.append(f"{answer.status_code} {path} {knock.error}")
        if knock.writes and door.name not in WRITES_WHEN_READ:
            wrong.append(f"writes {path} {knock.writes[0]}")
        if user is None and answer.status_code == 200 and door.name not in PUBLIC and door.name != "admin:login":
            wrong.append(f"open to anybody {path}")
        wrong += [f"{what}: {path}" for what in _headers_missing(path, answer, signed_in=user is not None)]
    house.nothing(wrong)


@pytest.mark.parametrize("role", ["operator", "manager"])
def test_an_address_when_its_id_is_nonsense_then_leads_nowhere(things: Everything, role: str) -> None:
    visit = Visitor(person(things, role))
    wrong = []
    seen: set[str] = set()
    for door, path in _addresses(things, role):
        match = re.search(r"[0-9a-f]{8}-[0-9a-f-]{27}", path)
        if door.name.startswith("admin:") and not door.name.endswith("_change"):
            continue
        if match is None or door.name.startswith("admin:") != (role == "manager") or door.name in seen:
            continue
        seen.add(door.name)
        for nonsense in MALFORMED:
            broken = path.replace(match.group(), nonsense)
            knock = visit("get", broken)
            if knock.answer.status_code not in {302, 400, 403, 404, 405}:
                wrong.append(f"{knock.answer.status_code} {broken[:90]} {knock.error}")
    house.nothing(wrong)


QUERY = (
    "q", "status", "axis", "organisation", "obligor", "commitment", "convention", "priority", "mine", "kind", "activity", "region",
    "membership", "part", "view", "cursor", "page", "p", "o", "e", "all", "next", "actor", "about", "since", "until", "request_id", "kinds",
    "term", "app_label", "model_name", "field_name", "status__exact", "status__in", "due_on__gte", "id__in", "days", "user", "language",
    "_facets", "_popup",
)  # fmt: skip
# The pages that read their query: lists, and those whose form is filled from it.
READS_ITS_QUERY = re.compile(
    r"partnership:(\w+_list|action_new|organisation_\w+|convention_detail)$|portal:(?!help)"
    r"|admin:(\w+_changelist|search|trail|forecast|autocomplete)$|account_login$"
)


@pytest.mark.parametrize("role", ["anonymous", "secretariat", "manager"])
def test_an_address_when_its_query_is_nonsense_then_never_breaks(things: Everything, role: str) -> None:
    visit = Visitor(person(things, role))
    values = ("1" + "0" * 30, "<script>🏨فندق../../x", "9999-12-31", "0001-01-01", MISSING)
    queries = [urlencode(dict.fromkeys(QUERY, value)) for value in values]
    queries.append(urlencode([(name, value) for name in QUERY for value in ("é" * 500, *values[1:])]))
    wrong = []
    for door, path in _addresses(things, role):
        if READS_ITS_QUERY.match(door.name) is None or door.name.startswith("admin:") != (role == "manager"):
            continue
        for query in queries:
            knock = visit("get", f"{path}?{query}")
            if knock.answer.status_code >= 500 and door.name not in MAY_BE_UNWELL:
                wrong.append(f"{knock.answer.status_code} {path}?{query[:60]} {knock.error}")
    house.nothing(wrong)


# Whose pages hold forms, between them every form there is.
WRITERS = {"anonymous", "operator", "secretariat", "manager", "accounts"}


# -- write -------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("role", ROLES)
def test_an_address_when_nothing_or_nonsense_is_sent_then_never_breaks(things: Everything, role: str) -> None:
    user = person(things, role)
    visit = Visitor(user)
    wrong = []
    for door, path in _addresses(things, role):
        if role == "manager" and not door.name.startswith("admin:"):
            continue  # the secretariat and the operator see the same forms
        knock = visit("post", path)
        if knock.answer.status_code >= 500 and door.name not in MAY_BE_UNWELL:
            wrong.append(f"{knock.answer.status_code} POST nothing {path} {knock.error}")
        wrong += [f"{what}: {path}" for what in _headers_missing(path, knock.answer, signed_in=user is not None and "logout" not in path)]
        if knock.answer.status_code in {403, 404, 405} or role not in WRITERS:
            continue
        fields = fields_of(knock.answer)  # a form that was refused comes back
        for kind in () if not fields else UGLY if role != "manager" else ("flat", "last"):
            knock = visit("post", path, typed(fields, kind))
            if knock.answer.status_code >= 500:
                wrong.append(f"{knock.answer.status_code} POST {kind} {path} {knock.error}")
            if knock.answer.status_code == 302 and "evil.example" in knock.answer["Location"]:
                wrong.append(f"leads away: {path} {knock.answer['Location']}")
    house.nothing(wrong)
