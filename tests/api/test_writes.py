"""What partners and people change through the API: once, on the version they read, and only what is theirs."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection

from core import clock, once
from core.models import IdempotencyKey
from partnership.choices import ActionStatus, CommitmentStatus
from partnership.models import Action, Commitment, Document, Evidence, Organisation
from tests.api.conftest import partner_of
from tests.factories.partnership import ActionFactory, CommitmentFactory, ConventionFactory, DocumentVersionFactory
from tests.factories.world import build_world

if TYPE_CHECKING:
    from collections.abc import Callable

    from rest_framework.test import APIClient

    from tests.factories.world import World

PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
CSV = "région;nuitées\nMarrakech-Safi;120\n".encode()


def test_a_delivery_goes_from_declared_to_contested_to_confirmed_by_two_programs(world: World, partner: Callable[..., APIClient]) -> None:
    cnt, onmt = partner(world.cnt), partner(world.onmt)
    url = f"/api/v1/commitments/{world.owed_by_cnt.pk}/"
    proof = {"title": "Communiqué", "fact_on": clock.today().isoformat(), "url": "https://example.ma/communique"}

    declared = cnt.post(f"{url}declare/", {"declaration": "Livré le 20.", "evidence": [proof]})
    contested = onmt.post(f"{url}contest/", {"reason": "Il manque les données de mai."})
    confirmed = onmt.post(f"{url}confirm/", {})

    assert [answer.status_code for answer in (declared, contested, confirmed)] == [200, 200, 200]
    assert declared.json()["trust"]["code"] == "declared"
    assert contested.json()["contest_reason"] == "Il manque les données de mai."
    assert confirmed.json()["trust"]["code"] == "verified"
    assert Evidence.objects.filter(commitment=world.owed_by_cnt).count() == 1


def test_a_declaration_that_nobody_answered_can_be_withdrawn(world: World, partner: Callable[..., APIClient]) -> None:
    cnt = partner(world.cnt)
    url = f"/api/v1/commitments/{world.owed_by_cnt.pk}/"
    proof = {"title": "Communiqué", "fact_on": clock.today().isoformat(), "url": "https://example.ma/communique"}
    assert cnt.post(f"{url}declare/", {"declaration": "Livré.", "evidence": [proof]}).status_code == 200

    answer = cnt.post(f"{url}withdraw/", {"reason": "Déclaré par erreur."})

    assert (answer.status_code, answer.json()["state"]["code"]) == (200, "in_progress")


def test_an_action_goes_from_started_to_verified(world: World, session: Callable[..., APIClient]) -> None:
    action = ActionFactory(axis=world.axis, organisation=world.cnt)
    url = f"/api/v1/actions/{action.pk}/"
    cnt, manager = session(world.secretariat), session(world.manager)

    states = [
        cnt.post(f"{url}start/", {}).json()["state"]["code"],
        cnt.patch(url, {"progress": 40}).json()["progress"],
        cnt.post(f"{url}block/", {"reason": "Le budget manque."}).json()["state"]["code"],
        cnt.post(f"{url}start/", {}).json()["state"]["code"],
        cnt.post(f"{url}progress/", {"progress": 90}).json()["progress"],
        cnt.post(f"{url}complete/", {"outcome": "Trois ateliers tenus."}).json()["state"]["code"],
        manager.post(f"{url}return/", {"reason": "Compte rendu absent."}).json()["state"]["code"],
        cnt.post(f"{url}complete/", {"outcome": "Avec le compte rendu."}).json()["state"]["code"],
        manager.post(f"{url}verify/", {"note": "Vu."}).json()["state"]["code"],
    ]

    assert states == ["in_progress", 40, "blocked", "in_progress", 90, "done", "returned", "done", "verified"]


def test_the_profile_of_an_organisation_changes_by_its_administrator_and_nobody_else(
    world: World, session: Callable[..., APIClient]
) -> None:
    url = f"/api/v1/organisations/{world.atlas.pk}/"

    changed = session(world.operator).patch(url, {"website": "https://atlas.example.ma", "activities": ["hotel", "golf"]})
    by_the_competitor = session(world.competitor).patch(url, {"website": "https://rif.example.ma"})
    of_its_identity = session(world.operator).patch(url, {"kind": "carrier"})
    by_the_auditor = session(world.auditor).patch(url, {"website": "https://audit.example.ma"})

    assert changed.json()["website"] == "https://atlas.example.ma"
    assert [activity["code"] for activity in changed.json()["activities"]] == ["hotel", "golf"]
    assert [by_the_competitor.status_code, of_its_identity.status_code, by_the_auditor.status_code] == [404, 400, 403]
    assert of_its_identity.json()["errors"][0]["code"] == "unknown_field"
    assert Organisation.objects.get(pk=world.atlas.pk).website == "https://atlas.example.ma"


def test_a_write_on_a_version_that_is_no_longer_current_gets_412_with_the_current_tag(
    world: World, session: Callable[..., APIClient]
) -> None:
    client = session(world.operator)
    url = f"/api/v1/organisations/{world.atlas.pk}/"
    read = client.get(url).headers["ETag"]
    current = client.patch(url, {"address": "12, avenue"}, headers={"If-Match": read}).headers["ETag"]

    stale = client.patch(url, {"address": "13, avenue"}, headers={"If-Match": read})
    fresh = client.patch(url, {"address": "14, avenue"}, headers={"If-Match": f'"1", {current}'})
    foreign = client.patch(url, {"address": "15, avenue"}, headers={"If-Match": "anything"})

    assert (stale.status_code, stale.headers["ETag"], stale.json()["current"]) == (412, current, current)
    assert fresh.status_code == 200
    assert (foreign.status_code, foreign.json()["code"]) == (400, "bad_if_match")
    assert Organisation.objects.get(pk=world.atlas.pk).address == "14, avenue"


def test_the_same_key_sent_again_gets_the_first_answer_and_writes_nothing(world: World, partner: Callable[..., APIClient]) -> None:
    cnt = partner(world.cnt)
    url = f"/api/v1/commitments/{world.owed_by_cnt.pk}/evidence/"
    body = {"title": "Article", "fact_on": clock.today().isoformat(), "url": "https://example.ma/a"}
    key = {"Idempotency-Key": "f3b1-1"}

    first = cnt.post(url, body, headers=key)
    again = cnt.post(url, body, headers=key)
    other = cnt.post(url, body | {"title": "Autre"}, headers=key)

    assert (first.status_code, again.status_code, other.status_code) == (201, 201, 422)
    assert again.json() == first.json()
    assert again.headers["Location"] == first.headers["Location"]
    assert ("Idempotent-Replayed" in first.headers, again.headers["Idempotent-Replayed"]) == (False, "true")
    assert other.json()["code"] == "key_reused"
    assert Evidence.objects.filter(commitment=world.owed_by_cnt).count() == 1


def test_a_refused_write_leaves_no_key_so_that_it_can_be_corrected(world: World, partner: Callable[..., APIClient]) -> None:
    onmt = partner(world.onmt)
    url = f"/api/v1/commitments/{world.owed_by_cnt.pk}/confirm/"

    refused = onmt.post(url, {}, headers={"Idempotency-Key": "k"})

    assert (refused.status_code, refused.json()["code"]) == (409, "forbidden_transition")
    assert not IdempotencyKey.objects.exists()


def test_keys_are_those_of_one_caller_and_are_forgotten_after_a_day(world: World, partner: Callable[..., APIClient]) -> None:
    body = {"title": "Article", "fact_on": clock.today().isoformat(), "url": "https://example.ma/a"}
    url = f"/api/v1/commitments/{world.owed_by_cnt.pk}/evidence/"
    for client in (partner(world.cnt), partner(world.onmt)):
        assert client.post(url, body, headers={"Idempotency-Key": "same"}).status_code == 201
    IdempotencyKey.objects.update(created_at=clock.now() - timedelta(hours=25))

    assert once.purge() == 2
    assert Evidence.objects.filter(commitment=world.owed_by_cnt).count() == 2


def test_files_come_as_multipart_and_are_what_their_content_says(world: World, session: Callable[..., APIClient]) -> None:
    client = session(world.secretariat)
    url = f"/api/v1/commitments/{world.owed_by_cnt.pk}/evidence/"
    fields = {"title": "Tableau", "fact_on": clock.today().isoformat()}

    kept = client.post(url, {**fields, "file": SimpleUploadedFile("t.csv", CSV)}, format="multipart")
    false = client.post(url, {**fields, "file": SimpleUploadedFile("t.pdf", b"<html><script>alert(1)</script>")}, format="multipart")
    empty = client.post(url, {**fields, "file": SimpleUploadedFile("t.csv", b"")}, format="multipart")

    assert kept.status_code == 201, kept.content
    assert kept.json()["trust"]["code"] == "documented"
    assert [(answer.status_code, answer.json()["errors"][0]["field"]) for answer in (false, empty)] == [(400, "file"), (400, "file")]
    assert Evidence.objects.filter(commitment=world.owed_by_cnt).count() == 1


def test_a_document_is_added_with_its_first_version_then_another(world: World, session: Callable[..., APIClient]) -> None:
    client = session(world.secretariat)
    fields = {"organisation": str(world.cnt.pk), "convention": str(world.convention.pk), "title": "Bilan"}

    made = client.post("/api/v1/documents/", {**fields, "file": SimpleUploadedFile("b.csv", CSV)}, format="multipart")
    url = made.headers["Location"]
    version = client.post(f"{url}versions/", {"note": "Corrigé", "file": SimpleUploadedFile("b.csv", CSV + CSV)}, format="multipart")
    same = client.post(f"{url}versions/", {"file": SimpleUploadedFile("b.csv", CSV + CSV)}, format="multipart")

    assert (made.status_code, made.json()["latest"]["number"]) == (201, 1)
    assert (version.status_code, version.json()["number"]) == (201, 2)
    assert client.get(url).json()["latest"]["filename"] == "b.csv"
    assert [row["number"] for row in client.get(f"{url}versions/").json()["results"]] == [2, 1]
    assert (same.status_code, same.json()["errors"][0]["code"]) == (400, "same_content")


def test_foreign_ids_in_a_body_are_refused_and_nothing_is_written(world: World, session: Callable[..., APIClient]) -> None:
    private = ConventionFactory(organisations=[world.onmt, world.rif])
    client = session(world.operator)
    file = {"title": "Essai", "file": SimpleUploadedFile("b.csv", CSV)}
    documents = Document.objects.count()

    for foreign in (
        {"organisation": str(world.rif.pk)},
        {"organisation": str(world.atlas.pk), "convention": str(private.pk)},
        {"organisation": str(uuid4())},
    ):
        file["file"].seek(0)  # type: ignore[attr-defined]
        answer = client.post("/api/v1/documents/", {**file, **foreign, "visibility": "internal"}, format="multipart")
        assert answer.status_code in {400, 403, 404}, (foreign, answer.content)
    place = client.patch(f"/api/v1/organisations/{world.atlas.pk}/", {"region": str(uuid4())})

    assert (place.status_code, place.json()["errors"][0]["field"]) == (400, "region")
    assert Document.objects.count() == documents


def test_a_token_writes_only_within_its_scopes_and_its_organisation(world: World, partner: Callable[..., APIClient]) -> None:
    url = f"/api/v1/commitments/{world.owed_by_cnt.pk}/declare/"
    body = {"declaration": "Livré."}

    reader = partner(world.cnt, "commitments:read", "documents:write").post(url, body)
    other_party = partner(world.onmt).post(url, body)
    stranger = partner(world.atlas).post(url, body)

    assert (reader.status_code, reader.json()["code"]) == (403, "insufficient_scope")
    assert 'scope="commitments:write"' in reader.headers["WWW-Authenticate"]
    assert [other_party.status_code, stranger.status_code] == [403, 404]
    assert Commitment.objects.get(pk=world.owed_by_cnt.pk).status == CommitmentStatus.PLANNED


def test_a_session_needs_its_csrf_token_to_write(world: World) -> None:
    from rest_framework.test import APIClient

    client = APIClient(enforce_csrf_checks=True)
    client.force_login(world.operator)

    answer = client.patch(f"/api/v1/organisations/{world.atlas.pk}/", {"address": "1"})

    assert (answer.status_code, answer.headers["Content-Type"]) == (403, "application/problem+json")


def test_the_version_file_of_an_infected_upload_is_not_given(world: World, session: Callable[..., APIClient]) -> None:
    version = DocumentVersionFactory(document__convention=world.convention, scan_state="infected")

    answer = session(world.secretariat).get(f"/api/v1/documents/{version.document_id}/versions/1/file/")

    assert (answer.status_code, answer.json()["code"]) == (409, "not_scanned")


@pytest.mark.django_db(transaction=True)
def test_rivals_with_one_key_make_one_object_and_get_one_answer(settings: object) -> None:
    world = build_world()
    from accounts.roles import StaffRole

    client = partner_of(world.cnt, world.staff[StaffRole.ACCOUNT_MANAGER])
    url = f"/api/v1/commitments/{world.owed_by_cnt.pk}/evidence/"
    body = {"title": "Article", "fact_on": clock.today().isoformat(), "url": "https://example.ma/a"}

    def post(_: int) -> tuple[int, str]:
        try:
            answer = client.post(url, body, headers={"Idempotency-Key": "rivals"})
            return answer.status_code, json.dumps(answer.json(), sort_keys=True)
        finally:
            connection.close()

    with ThreadPoolExecutor(50) as pool:
        given = list(pool.map(post, range(50)))
    answers = set(given)

    assert (len(given), len(answers)) == (50, 1)
    assert next(iter(answers))[0] == 201
    assert Evidence.objects.filter(commitment=world.owed_by_cnt).count() == 1


def test_the_state_machine_is_the_services(world: World, session: Callable[..., APIClient]) -> None:
    done = ActionFactory(axis=world.axis, organisation=world.cnt, status=ActionStatus.VERIFIED)
    settled = CommitmentFactory(axis=world.axis, obligor=world.party_cnt, beneficiary=world.party_onmt, status=CommitmentStatus.CONFIRMED)
    client = session(world.secretariat)

    for url, body in (
        (f"/api/v1/actions/{done.pk}/start/", {}),
        (f"/api/v1/commitments/{settled.pk}/declare/", {"declaration": "Encore."}),
    ):
        assert client.post(url, body).status_code == 409
    assert Action.objects.get(pk=done.pk).status == ActionStatus.VERIFIED
