"""The hostile list against a real web server: no error of ours, no hang, nothing written, and it still answers at the end."""

from __future__ import annotations

import os
import socket
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.test import Client

from accounts.roles import StaffRole
from core import clock
from partnership.choices import CommitmentStatus
from partnership.models import Commitment, Document, Evidence, Organisation
from partnership.services.api_clients import issue_api_client
from tests.api.conftest import ALL, token_of
from tests.factories.accounts import sign_in
from tests.factories.partnership import DocumentFactory, DocumentVersionFactory
from tests.factories.world import build_world
from tests.hostile.probes import EITHER, NOT_IMPLEMENTED, PROBES, REFUSED, SERVED
from tests.hostile.wire import Answer, knock, web_server

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from tests.factories.world import World

HEALTHY = b"GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"


def _who(world: World) -> Mapping[bytes, bytes]:
    """What the probes name: a token and a session of the CNT, things of its own, and one that is another's."""
    access, secret = issue_api_client(
        organisation=world.cnt.pk, label="Essai", scopes=ALL, expires_on=clock.today() + timedelta(days=30),
        by=world.staff[StaffRole.ACCOUNT_MANAGER],
    )  # fmt: skip
    person = Client()
    sign_in(person, world.secretariat)
    version = DocumentVersionFactory(document__convention=world.convention, document__organisation=world.cnt)
    foreign = DocumentFactory(organisation=world.rif, visibility="internal")
    named = {
        "TOKEN": token_of(access.client_id, secret), "SESSION": person.cookies["sessionid"].value, "CSRF": "a" * 32,
        "COMMITMENT": world.owed_by_cnt.pk, "ORGANISATION": world.cnt.pk, "DOCUMENT": version.document_id, "FOREIGN": foreign.pk,
    }  # fmt: skip
    return {f"@{name}@".encode(): str(value).encode() for name, value in named.items()}


def _kept() -> tuple[list[Any], int, int]:
    """What the probes try to write."""
    return list(Organisation.objects.order_by("pk").values()), Document.objects.count(), Evidence.objects.count()


def _filled(part: bytes, who: Mapping[bytes, bytes], number: int) -> bytes:
    """The probe with its names; each comes from an address of its own, so that no limit of another hides what it does."""
    for name, value in who.items():
        part = part.replace(name, value)
    return part.replace(b"@CALLER@", b"10.9.%d.%d" % divmod(number, 250))


def _fault(kind: str, answer: Answer) -> str:
    """What is wrong with an answer; empty when nothing is."""
    if answer.hung:
        return f"no end after {len(answer.raw)} bytes"
    if kind == NOT_IMPLEMENTED:
        return "" if answer.status == 501 else f"{answer.status}"
    if answer.status >= 500:
        return f"{answer.status} {answer.raw[:300]!r}"
    if answer.count > 1 and b"HTTP/1.1 100 " not in answer.raw:
        return f"{answer.count} answers: a request was smuggled"
    if kind == REFUSED and not (answer.status == 0 or 400 <= answer.status < 500):
        return f"{answer.status} {answer.raw[:300]!r}"
    if kind == SERVED and not 200 <= answer.status < 400:
        return f"{answer.status} {answer.raw[:300]!r}"
    return ""


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_the_hostile_list_when_sent_to_the_web_server_then_nothing_breaks_nor_hangs(tmp_path: Path) -> None:
    world = build_world()
    who = _who(world)
    before = _kept()
    database = os.environ["DATABASE_URL"].replace("/portal?", f"/{connection.settings_dict['NAME']}?")
    wrong, statuses = [], dict[int, int]()

    with web_server(tmp_path, database=database) as port:
        for number, (name, (kind, parts)) in enumerate(PROBES.items()):
            answer = knock(port, *(_filled(part, who, number) for part in parts), pause=0.2)
            statuses[answer.status] = statuses.get(answer.status, 0) + 1
            if fault := _fault(kind, answer):
                wrong.append(f"{name}: {fault}")
        alive = knock(port, HEALTHY).status

    assert not wrong, f"{len(wrong)} of {len(PROBES)}\n" + "\n".join(wrong)
    assert len(PROBES) >= 120
    assert alive == 200
    assert _kept() == before
    assert Commitment.objects.get(pk=world.owed_by_cnt.pk).status == CommitmentStatus.PLANNED


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_slow_and_broken_lines_when_fewer_than_the_threads_then_others_are_still_answered(tmp_path: Path) -> None:
    database = os.environ["DATABASE_URL"].replace("/portal?", f"/{connection.settings_dict['NAME']}?")
    with web_server(tmp_path, database=database) as port:
        lines = [socket.create_connection(("127.0.0.1", port), timeout=5) for _ in range(43)]
        for line in lines[:3]:  # in the middle of a body
            line.sendall(
                b"POST /api/v1/documents/ HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 900\r\n\r\n{"
            )
        # The others say nothing at all: they cost no thread.

        meanwhile = [knock(port, HEALTHY).status for _ in range(5)]
        for line in lines:
            line.close()
        afterwards = [knock(port, HEALTHY).status for _ in range(5)]

    assert meanwhile == afterwards == [200] * 5


def test_every_probe_when_listed_then_says_what_it_expects() -> None:
    assert {kind for kind, _parts in PROBES.values()} == {REFUSED, SERVED, EITHER, NOT_IMPLEMENTED}
