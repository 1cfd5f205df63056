"""What the lists and the objects answer, in how many queries, and in which order."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from rest_framework import serializers

from core import clock
from core.api.serializers import Output
from partnership.api import actions, commitments, conventions, documents, evidence, organisations, regions
from partnership.choices import CommitmentStatus, Visibility
from partnership.selectors.trust import trust_of
from tests.api.conftest import ids
from tests.factories.partnership import (
    ActionFactory,
    AxisFactory,
    CommitmentFactory,
    ConventionFactory,
    DocumentFactory,
    DocumentVersionFactory,
    EvidenceFactory,
    RegionFactory,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_django import DjangoAssertNumQueries
    from rest_framework.test import APIClient

    from tests.factories.world import World


@pytest.mark.parametrize(
    ("resource", "queries", "make"),
    [
        # The quota, the token, its access, then the list; one more for the children of the page.
        ("regions", 4, lambda world: [RegionFactory(code=f"MA-{n:02d}") for n in (2, 3, 4)]),
        ("axes", 4, lambda world: [AxisFactory(convention=world.convention) for _ in range(3)]),
        ("conventions", 5, lambda world: [ConventionFactory(organisations=[world.onmt, world.cnt]) for _ in range(3)]),
        ("organisations", 4, lambda world: []),
        ("commitments", 4, lambda world: [CommitmentFactory(axis=world.axis) for _ in range(3)]),
        ("actions", 4, lambda world: [ActionFactory(axis=world.axis) for _ in range(3)]),
        ("documents", 5, lambda world: [DocumentVersionFactory(document__convention=world.convention) for _ in range(3)]),
    ],
)
def test_a_list_whatever_its_length_costs_the_same_queries(
    resource: str,
    queries: int,
    make: Callable[[World], list[Any]],
    world: World,
    partner: Callable[..., APIClient],
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    client = partner(world.cnt)
    DocumentVersionFactory(document__convention=world.convention)
    ActionFactory(axis=world.axis)
    client.get("/api/v1/regions/")  # the hour of last use is written once

    with django_assert_num_queries(queries):
        few = client.get(f"/api/v1/{resource}/")
    make(world)
    with django_assert_num_queries(queries):
        many = client.get(f"/api/v1/{resource}/")

    assert few.status_code == many.status_code == 200
    assert len(few.json()["results"]) >= 1


def test_a_commitment_in_a_list_carries_its_state_its_trust_and_its_money(world: World, session: Callable[..., APIClient]) -> None:
    owed = CommitmentFactory(
        axis=world.axis,
        reference="E-77",
        title_fr="Campagne",
        title_ar="حملة",
        nature="financial",
        amount=Decimal("1500000.50"),
        status=CommitmentStatus.CONTESTED,
    )
    EvidenceFactory(commitment=owed, document=DocumentFactory(convention=world.convention))

    row = session(world.secretariat).get(f"/api/v1/commitments/{owed.pk}/", headers={"Accept-Language": "en"}).json()

    assert row["title"] == {"fr": "Campagne", "ar": "حملة", "en": None}
    assert row["amount"] == {"amount": "1500000.50", "currency": "MAD"}
    assert row["state"] == {"code": "contested", "label": "Contested"}
    assert row["trust"] == {"code": "documented", "label": "Documented"}
    assert row["obligor"]["id"] == str(world.onmt.pk)
    assert row["due_on"] == owed.due_on.isoformat()


@pytest.mark.parametrize("status", [CommitmentStatus.DECLARED, CommitmentStatus.ARBITRATED, CommitmentStatus.CONFIRMED])
def test_a_commitment_when_its_proof_has_expired_then_is_believed_as_much_as_on_its_page(
    world: World, session: Callable[..., APIClient], status: CommitmentStatus
) -> None:
    owed = CommitmentFactory(axis=world.axis, status=status)
    document = DocumentFactory(convention=world.convention)
    EvidenceFactory(commitment=owed, document=document, fact_on=date(2023, 1, 1), expires_on=date(2023, 6, 1))

    row = session(world.secretariat).get(f"/api/v1/commitments/{owed.pk}/").json()

    assert row["trust"]["code"] == trust_of(owed)


def test_labels_and_errors_follow_accept_language(world: World, session: Callable[..., APIClient]) -> None:
    client = session(world.secretariat)

    label = client.get(f"/api/v1/commitments/{world.owed_by_cnt.pk}/", headers={"Accept-Language": "en"}).json()["state"]["label"]
    answer = client.get("/api/v1/commitments/?nothing=1", headers={"Accept-Language": "en;q=0.9, de"})

    assert label == "Planned"
    assert answer.headers["Content-Language"] == "en"
    assert answer.json()["title"] == "The request is not valid"


def test_filters_narrow_and_unknown_ones_are_refused(world: World, session: Callable[..., APIClient]) -> None:
    client = session(world.secretariat)
    late = CommitmentFactory(axis=world.axis, due_on=clock.today() - timedelta(days=3))
    declared = CommitmentFactory(axis=world.axis, status=CommitmentStatus.DECLARED)

    assert ids(client.get("/api/v1/commitments/?late=true")) == {str(late.pk)}
    assert str(late.pk) not in ids(client.get("/api/v1/commitments/?late=false"))
    assert ids(client.get("/api/v1/commitments/?state=declared,contested")) == {str(declared.pk)}
    assert ids(client.get(f"/api/v1/commitments/?obligor={world.cnt.pk}")) == {str(world.owed_by_cnt.pk)}
    assert ids(client.get(f"/api/v1/commitments/?due_until={(clock.today() - timedelta(days=1)).isoformat()}")) == {str(late.pk)}
    assert client.get("/api/v1/commitments/?status=declared").status_code == 400
    assert client.get("/api/v1/commitments/?state=declared&state=planned").status_code == 400


def test_modified_since_gives_what_changed_at_that_instant_or_later(world: World, session: Callable[..., APIClient]) -> None:
    client = session(world.secretariat)
    mark = client.get(f"/api/v1/commitments/{world.owed_by_cnt.pk}/").json()["updated_at"]

    assert str(world.owed_by_cnt.pk) in ids(client.get("/api/v1/commitments/", {"modified_since": mark}))
    assert ids(client.get("/api/v1/commitments/", {"modified_since": "2099-01-01T00:00:00Z"})) == set()


def test_pages_follow_each_other_both_ways_without_a_row_twice(world: World, session: Callable[..., APIClient]) -> None:
    client = session(world.secretariat)
    day = clock.today()
    made = [ActionFactory(axis=world.axis, due_on=day + timedelta(days=n // 3), starts_on=day) for n in range(8)]
    expected = [str(action.pk) for action in sorted(made, key=lambda action: (action.due_on, action.pk))]

    seen: list[str] = []
    url: str | None = "/api/v1/actions/?ordering=due_on&page_size=3"
    pages = []
    while url:
        page = client.get(url).json()
        pages.append(page)
        seen += [row["id"] for row in page["results"]]
        url = page["next"]
    back = client.get(pages[-1]["previous"]).json()

    assert seen == expected
    assert [row["id"] for row in back["results"]] == [row["id"] for row in pages[-2]["results"]]
    assert pages[0]["previous"] is None
    assert pages[-1]["next"] is None


def test_the_public_reads_the_published_convention_its_axes_and_the_regions(world: World, anonymous: APIClient) -> None:
    hidden = ConventionFactory(organisations=[world.onmt, world.cnt], visibility=Visibility.PARTIES)
    AxisFactory(convention=hidden)

    assert ids(anonymous.get("/api/v1/conventions/")) == {str(world.convention.pk)}
    assert ids(anonymous.get("/api/v1/axes/")) == {str(world.axis.pk)}
    assert len(ids(anonymous.get("/api/v1/regions/"))) == 2
    assert anonymous.get(f"/api/v1/conventions/{hidden.pk}/").status_code == 404


def test_a_relation_to_something_hidden_is_null(world: World, session: Callable[..., APIClient]) -> None:
    action = ActionFactory(axis=world.axis, organisation=world.atlas, commitment=world.owed_by_cnt)
    secret = DocumentFactory(convention=world.convention, organisation=world.onmt, visibility=Visibility.INTERNAL)
    proof = EvidenceFactory(commitment=None, action=action, document=secret)
    child = ConventionFactory(organisations=[world.onmt, world.atlas], parent=ConventionFactory())
    operator = session(world.operator)

    assert operator.get(f"/api/v1/actions/{action.pk}/").json()["commitment"] is None
    [row] = operator.get(f"/api/v1/actions/{action.pk}/evidence/").json()["results"]
    assert (row["id"], row["document"]) == (str(proof.pk), None)
    assert operator.get(f"/api/v1/conventions/{child.pk}/").json()["parent"] is None
    assert ids(operator.get(f"/api/v1/actions/?commitment={world.owed_by_cnt.pk}")) == set()


def test_a_file_is_an_attachment_and_hidden_from_who_may_not_read_it(world: World, session: Callable[..., APIClient]) -> None:
    version = DocumentVersionFactory(document__convention=world.convention)
    url = f"/api/v1/documents/{version.document_id}/versions/1/file/"

    answer: Any = session(world.secretariat).get(url, headers={"Accept": "application/pdf"})

    assert b"".join(answer.streaming_content) == b"%PDF-1.4 essai"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert session(world.operator).get(url).status_code == 404


def _names(output: serializers.Serializer[Any] | serializers.ListSerializer[Any]) -> Any:
    """The described fields, nested."""
    if isinstance(output, serializers.ListSerializer):
        return _names(output.child)  # type: ignore[arg-type]
    return {
        name: _names(field) if isinstance(field, Output | serializers.ListSerializer) else None for name, field in output.fields.items()
    }


def _check(row: Any, described: Any, path: str) -> None:
    rows = row if isinstance(row, list) else [row]
    for item in rows:
        assert set(item) == set(described), path
        for name, children in described.items():
            if children is not None and item[name] is not None:
                _check(item[name], children, f"{path}.{name}")


def test_every_answer_has_exactly_the_fields_that_the_schema_describes(world: World, session: Callable[..., APIClient]) -> None:
    client = session(world.secretariat)
    action = ActionFactory(axis=world.axis, commitment=world.owed_by_cnt, status="verified")
    EvidenceFactory(commitment=world.owed_by_cnt)
    version = DocumentVersionFactory(document__convention=world.convention)
    described = {
        f"/api/v1/regions/{world.atlas.region_id}/": regions.RegionOutput(),
        f"/api/v1/organisations/{world.fnih.pk}/": organisations.OrganisationOutput(),
        f"/api/v1/conventions/{world.convention.pk}/": conventions.ConventionOutput(),
        f"/api/v1/axes/{world.axis.pk}/": conventions.AxisOutput(),
        f"/api/v1/commitments/{world.owed_by_cnt.pk}/": commitments.CommitmentOutput(),
        f"/api/v1/commitments/{world.owed_by_cnt.pk}/evidence/": evidence.EvidenceOutput(many=True),
        f"/api/v1/actions/{action.pk}/": actions.ActionOutput(),
        f"/api/v1/documents/{version.document_id}/": documents.DocumentOutput(),
        f"/api/v1/documents/{version.document_id}/versions/": documents.VersionOutput(many=True),
    }

    for url, output in described.items():
        answer = client.get(url)
        body = answer.json()
        rows = body.get("results", body)
        assert rows, url
        _check(rows, _names(output), url)
        assert ("ETag" in answer.headers) == ("results" not in body)
