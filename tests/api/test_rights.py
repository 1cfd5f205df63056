"""Every role on every endpoint that the router has, on what is its own, on what is another's, and on what does not exist.

An endpoint that is not in the table fails the test: nobody adds one without saying who may call it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from accounts.roles import MandateRole, StaffRole
from config.api import router
from core.api.permissions import AnyCaller, Programs, Public, Scoped, permission_of
from partnership.choices import Visibility
from tests.api.conftest import ids, partner_of, session_of
from tests.factories.partnership import (
    ActionFactory,
    AxisFactory,
    CommitmentFactory,
    ConventionFactory,
    DocumentFactory,
    DocumentVersionFactory,
    OrganisationFactory,
)
from tests.factories.world import build_world

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.factories.world import World

# Without the database's own wall, which would hide a filter that is missing here (tests/portal/test_second_wall.py tries that one alone).
pytestmark = pytest.mark.usefixtures("first_wall_alone")

ROLES = ("anonymous", "operator", "competitor", "cnt", "reader", "manager", "auditor", "token", "bare_token")
BODIES: dict[str, dict[str, Any]] = {
    "declare": {"declaration": "Livré."},
    "confirm": {},
    "contest": {"reason": "Il manque une pièce."},
    "withdraw": {"reason": "Par erreur."},
    "add_evidence": {"title": "Preuve", "fact_on": "2026-01-05", "url": "https://example.ma/p"},
    "start": {},
    "progress": {"progress": 10},
    "block": {"reason": "Bloquée."},
    "complete": {"outcome": "Fait."},
    "verify": {},
    "return_": {"reason": "Incomplet."},
}


@dataclass(frozen=True)
class Endpoint:
    """A method of an address, as the router has it."""

    resource: str
    action: str
    method: str
    path: str
    view: Any

    def __str__(self) -> str:
        return f"{self.method} {self.path}"


def endpoints() -> Iterator[Endpoint]:
    for url in router.urls:
        view: Any = url.callback
        path = "/api/v1/" + str(url.pattern).replace("<uuid:id>", "{id}").replace("<int:number>", "1")
        for method, action in view.actions.items():
            if method != "head":
                yield Endpoint(path.split("/")[3], action, method, path, view.cls)


ENDPOINTS = list(endpoints())


@dataclass
class Scene:
    """Per resource: what the CNT sees and the operator does not, what the operator sees and the competitor does not."""

    world: World
    theirs: dict[str, Any]
    own: dict[str, Any]
    clients: dict[str, APIClient]


@pytest.fixture
def scene(db: None) -> Scene:
    world = build_world()
    hidden = ConventionFactory(organisations=[world.onmt, world.cnt], visibility=Visibility.PARTIES)
    axis = AxisFactory(convention=hidden)
    theirs = {
        "conventions": hidden,
        "axes": axis,
        "organisations": OrganisationFactory(),
        "commitments": CommitmentFactory(axis=axis),
        "actions": ActionFactory(axis=axis),
        "documents": DocumentVersionFactory(document=DocumentFactory(convention=hidden)).document,
    }
    own_convention = ConventionFactory(organisations=[world.onmt, world.atlas], visibility=Visibility.PARTIES)
    own_axis = AxisFactory(convention=own_convention)
    own = {
        "conventions": own_convention,
        "axes": own_axis,
        "organisations": world.atlas,
        "commitments": CommitmentFactory(axis=own_axis),
        "actions": ActionFactory(axis=own_axis),
        "documents": DocumentVersionFactory(document=DocumentFactory(convention=own_convention, organisation=world.atlas)).document,
    }
    issuer = world.staff[StaffRole.ACCOUNT_MANAGER]
    clients = {
        "anonymous": APIClient(),
        "operator": session_of(world.operator),
        "competitor": session_of(world.competitor),
        "cnt": session_of(world.secretariat),
        "reader": session_of(world.users["atlas", MandateRole.READER]),
        "manager": session_of(world.manager),
        "auditor": session_of(world.auditor),
        "token": partner_of(world.atlas, issuer),
        "bare_token": partner_of(world.atlas, issuer, ["documents:write"]),
    }
    return Scene(world, theirs, own, clients)


def body_of(endpoint: Endpoint) -> dict[str, Any]:
    """A valid body (KeyError: the endpoint is not in the table)."""
    if endpoint.action == "partial_update":
        profile, progress = {"address": "1, avenue"}, {"progress": 10}
        return profile if endpoint.resource == "organisations" else progress
    return BODIES[endpoint.action]


def call(scene: Scene, role: str, endpoint: Endpoint, pk: Any) -> int:
    client, url = scene.clients[role], endpoint.path.replace("{id}", str(pk))
    if endpoint.method == "get":
        return int(client.get(url).status_code)
    if endpoint.resource == "documents":
        fields: dict[str, Any] = {"file": SimpleUploadedFile("t.csv", b"a;b\n1;2\n")}
        if endpoint.action == "create":
            fields |= {"organisation": str(scene.world.atlas.pk), "title": "Essai", "visibility": "internal"}
        return int(client.post(url, fields, format="multipart").status_code)
    return int(getattr(client, endpoint.method)(url, body_of(endpoint), format="json").status_code)


def lacks_scope(role: str, endpoint: Endpoint) -> bool:
    permission = permission_of(endpoint.view)
    if isinstance(permission, Programs):
        return role not in {"token", "bare_token"}
    if role == "bare_token":
        return isinstance(permission, Scoped) and not (permission.resource == "documents" and endpoint.method != "get")
    # No token is given the right to change an organisation's profile.
    return role == "token" and endpoint.resource == "organisations" and endpoint.method == "patch"


def expected_elsewhere(role: str, endpoint: Endpoint) -> set[int]:
    """On what the role may not see: as if it did not exist."""
    if role == "anonymous" and isinstance(permission_of(endpoint.view), Scoped):
        return {401}
    return {403} if lacks_scope(role, endpoint) else {404}


DETAIL = [endpoint for endpoint in ENDPOINTS if "{id}" in endpoint.path]


@pytest.mark.parametrize("role", ROLES)
def test_what_does_not_exist_and_what_is_anothers_answer_alike(role: str, scene: Scene) -> None:
    for endpoint in DETAIL:
        expected = expected_elsewhere(role, endpoint)
        assert call(scene, role, endpoint, uuid4()) in expected, f"missing: {role} {endpoint}"
        foreign = scene.theirs.get(endpoint.resource)
        if foreign is not None and role not in {"cnt", "manager", "auditor"}:
            assert call(scene, role, endpoint, foreign.pk) in expected, f"foreign: {role} {endpoint}"
        own = scene.own.get(endpoint.resource)
        # A hotel of the same federation sees nothing of its competitor.
        if own is not None and role == "competitor":
            assert call(scene, role, endpoint, own.pk) in expected, f"competitor: {endpoint}"


@pytest.mark.parametrize("role", ["operator", "reader", "token", "auditor"])
def test_what_is_ones_own_is_read_and_is_written_only_by_who_may(role: str, scene: Scene) -> None:
    for endpoint in DETAIL:
        own = scene.own.get(endpoint.resource)
        if own is None:
            continue
        status = call(scene, role, endpoint, own.pk)
        if endpoint.method == "get":
            assert status == 200, f"{role} {endpoint}"
        elif role in {"reader", "auditor"} or lacks_scope(role, endpoint):
            assert status == 403, f"{role} {endpoint}: {status}"
        else:
            # Allowed, or refused for its state, its turn or its input: never hidden, never an error of ours.
            assert status in {200, 201, 400, 403, 409}, f"{role} {endpoint}: {status}"


@pytest.mark.parametrize("role", ROLES)
def test_a_list_holds_what_the_role_sees_and_nothing_of_the_others(role: str, scene: Scene) -> None:
    for endpoint in ENDPOINTS:
        # The search asks for words, and looks at the scopes of each type itself: see test_search.py.
        if endpoint.action != "list" or isinstance(permission_of(endpoint.view), AnyCaller):
            continue
        answer = scene.clients[role].get(f"{endpoint.path}?page_size=100")
        permission = permission_of(endpoint.view)
        if role == "anonymous" and isinstance(permission, (Scoped, Programs)):
            assert answer.status_code == 401, str(endpoint)
            continue
        if lacks_scope(role, endpoint):
            assert answer.status_code == 403, str(endpoint)
            continue
        found = ids(answer)
        if isinstance(permission, Programs):
            assert not {str(row.pk) for row in scene.theirs.values()} & found, role
            assert ({str(row.pk) for row in scene.own.values()} <= found) == (role == "token"), role
        foreign, own = scene.theirs.get(endpoint.resource), scene.own.get(endpoint.resource)
        if foreign is None or own is None:
            continue
        sees_foreign = role in {"manager", "auditor"} or (role == "cnt" and endpoint.resource != "organisations")
        sees_own = role in {"operator", "reader", "token", "manager", "auditor"}
        # The CNT works with its federations; a hotel is a member of one of them, not of the CNT itself.
        assert (str(foreign.pk) in found) == sees_foreign, f"{role} {endpoint}"
        assert (str(own.pk) in found) == sees_own, f"{role} {endpoint}"


def test_a_token_without_the_scope_reads_of_a_public_resource_what_the_public_reads(scene: Scene) -> None:
    for resource in ("conventions", "axes"):
        assert ids(scene.clients["bare_token"].get(f"/api/v1/{resource}/")) == ids(scene.clients["anonymous"].get(f"/api/v1/{resource}/"))
        assert str(scene.own[resource].pk) in ids(scene.clients["token"].get(f"/api/v1/{resource}/"))


def test_every_endpoint_names_its_permission_and_every_write_its_body() -> None:
    assert len(ENDPOINTS) >= 30
    for endpoint in ENDPOINTS:
        assert isinstance(permission_of(endpoint.view), (Public, Scoped, AnyCaller, Programs)), str(endpoint)
        if endpoint.method != "get" and endpoint.resource != "documents":
            assert body_of(endpoint) is not None


def test_the_public_resources_are_these_and_no_others() -> None:
    public = {endpoint.resource for endpoint in ENDPOINTS if isinstance(permission_of(endpoint.view), Public)}
    writes = {str(endpoint) for endpoint in ENDPOINTS if endpoint.resource in public and endpoint.method != "get"}

    assert (public, writes) == ({"regions", "conventions", "axes"}, set())


def test_a_reader_of_the_parties_may_change_nothing(scene: Scene) -> None:
    reader = session_of(scene.world.users["cnt", MandateRole.READER])
    commitment = scene.theirs["commitments"]

    answer = reader.post(f"/api/v1/commitments/{commitment.pk}/declare/", {"declaration": "Livré."})

    assert answer.status_code == 403
