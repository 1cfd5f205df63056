"""The fast path of the lists answers exactly what the plain path would, and keeps SQL for nobody but its own caller."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from uuid import UUID

import orjson
import pytest
from django.db import connection
from django.urls import resolve
from django.utils import translation
from django.utils.translation import gettext_lazy
from rest_framework.renderers import JSONRenderer
from rest_framework.test import APIRequestFactory

from core import clock, prepared
from core.api import listing
from core.api.authentication import PartnerPrincipal
from core.api.renderers import FastJSONRenderer
from partnership.api.actions import ActionViewSet
from partnership.api.commitments import CommitmentViewSet
from partnership.api.conventions import AxisViewSet, ConventionViewSet
from partnership.api.documents import DocumentViewSet
from partnership.api.organisations import OrganisationViewSet
from partnership.api.regions import RegionViewSet
from partnership.choices import SCOPES, Priority
from partnership.services.organisations import suspend_organisation
from tests.api.conftest import ids
from tests.factories.partnership import ActionFactory, AxisFactory, CommitmentFactory, ConventionFactory, DocumentVersionFactory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pytest_django import DjangoAssertNumQueries
    from rest_framework.test import APIClient

    from core.api.views import ResourceViewSet
    from tests.factories.world import World

LISTS: dict[str, type[ResourceViewSet]] = {
    "regions": RegionViewSet,
    "organisations": OrganisationViewSet,
    "conventions": ConventionViewSet,
    "axes": AxisViewSet,
    "commitments": CommitmentViewSet,
    "actions": ActionViewSet,
    "documents": DocumentViewSet,
}


@pytest.fixture(autouse=True)
def _nothing_known() -> Iterator[None]:
    listing.forget()
    yield
    listing.forget()


@pytest.fixture
def filled(world: World) -> World:
    for number in range(4):
        ConventionFactory(organisations=[world.onmt, world.cnt])
        ActionFactory(axis=world.axis, commitment=world.owed_by_cnt if number % 2 else None, due_on=clock.today() + timedelta(days=number))
        CommitmentFactory(axis=world.axis, nature="financial", amount=Decimal("1500.50"))
        AxisFactory(convention=world.convention)
        DocumentVersionFactory(document__convention=world.convention)
    return world


def _view(resource: str, actor: Any) -> Any:
    view: Any = LISTS[resource]()
    view.action, view.basename = "list", resource
    view.request = APIRequestFactory().get(f"/api/v1/{resource}/")
    view.request.resolver_match = resolve(view.request.path)
    view.request.user = actor
    view.request.query_params = {}
    view.format_kwarg = None
    return view


def _principal(world: World) -> PartnerPrincipal:
    return PartnerPrincipal(pk=world.cnt.pk, organisation_id=world.cnt.pk, client_id="c", scopes=frozenset(SCOPES), label="c")


@pytest.mark.parametrize("resource", LISTS)
def test_a_list_when_walked_both_ways_then_answers_what_the_plain_path_does(
    resource: str, filled: World, partner: Callable[..., APIClient]
) -> None:
    client, view = partner(filled.cnt), _view(resource, _principal(filled))
    for name, ordering in view.orderings.items():
        sorts = {column.lstrip("-") for column in ordering}
        with translation.override("fr"):
            plain = view.shape_all(list(view.visible().order_by(*ordering).values(*{*view.columns, *sorts})))
        assert len(plain) >= 2
        for _round in range(3):  # written, kept, prepared
            url: str | None = f"/api/v1/{resource}/?ordering={name}&page_size=2"
            forwards, pages = [], []
            while url:
                pages.append(client.get(url, headers={"Accept-Language": "fr"}).json())
                forwards += pages[-1]["results"]
                url = pages[-1]["next"]
            assert forwards == json.loads(json.dumps(plain))
            if len(pages) > 1:
                back = client.get(pages[-1]["previous"], headers={"Accept-Language": "fr"}).json()
                assert back["results"] == pages[-2]["results"]


@pytest.mark.parametrize("resource", LISTS)
def test_a_list_when_its_question_is_written_then_reads_nothing_and_not_the_hour(
    resource: str, filled: World, django_assert_num_queries: DjangoAssertNumQueries, monkeypatch: pytest.MonkeyPatch
) -> None:
    view = _view(resource, _principal(filled))
    with django_assert_num_queries(0):
        first = view.asked_for().query.sql_with_params()
    later = clock.now() + timedelta(seconds=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert view.asked_for().query.sql_with_params() == first


def test_a_caller_when_a_person_then_nothing_is_kept_and_when_a_partner_all_of_it_counts(world: World) -> None:
    one = _principal(world)
    other = PartnerPrincipal(pk=one.pk, organisation_id=world.fnih.pk, client_id="c", scopes=one.scopes, label="c")

    assert listing.caller_key(world.secretariat) is None
    assert listing.caller_key(one) != listing.caller_key(other)
    assert listing.caller_key(one) == listing.caller_key(_principal(world))


def test_two_partners_when_they_ask_the_same_address_then_each_sees_its_own(filled: World, partner: Callable[..., APIClient]) -> None:
    mine, rival = ActionFactory(axis=filled.axis, organisation=filled.atlas), ActionFactory(axis=filled.axis, organisation=filled.rif)
    atlas, rif = partner(filled.atlas), partner(filled.rif)

    for _round in range(3):
        assert ids(atlas.get("/api/v1/actions/?page_size=100")) == {str(mine.pk)}
        assert ids(rif.get("/api/v1/actions/?page_size=100")) == {str(rival.pk)}


def test_a_partner_when_its_organisation_is_suspended_then_is_refused_at_once(filled: World, partner: Callable[..., APIClient]) -> None:
    client = partner(filled.atlas)
    for _round in range(3):
        assert client.get("/api/v1/actions/").status_code == 200
    suspend_organisation(organisation=filled.atlas.pk, reason="Licence retirée", by=filled.manager)

    assert client.get("/api/v1/actions/").status_code == 401


def test_a_filter_when_another_value_is_asked_then_is_another_question(filled: World, partner: Callable[..., APIClient]) -> None:
    client = partner(filled.cnt)
    high = ActionFactory(axis=filled.axis, priority=Priority.HIGH)

    for _round in range(3):
        assert ids(client.get("/api/v1/actions/?priority=high")) == {str(high.pk)}
        assert str(high.pk) not in ids(client.get("/api/v1/actions/?priority=normal"))
        assert client.get("/api/v1/actions/?priority=urgent").status_code == 400


def test_a_label_when_the_language_changes_then_follows_it(filled: World, partner: Callable[..., APIClient]) -> None:
    client = partner(filled.cnt)
    words = [
        client.get("/api/v1/actions/", headers={"Accept-Language": language}).json()["results"][0]["state"]["label"]
        for language in ("en", "fr", "ar", "en")
    ]
    assert words[0] == words[3] == "To do"
    assert len(set(words)) == 3


def test_questions_when_many_then_the_oldest_are_forgotten(filled: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(listing, "KEPT", 3)
    rows = _view("regions", _principal(filled)).asked_for
    for number in range(5):
        listing.rows_of_page(rows, key=number, ordering=("code", "id"), backwards=False, position=None, size=2)
    assert [key[0] for key in listing._questions] == [2, 3, 4]  # type: ignore[index]


@pytest.mark.parametrize(
    "data",
    [
        {"a": 'é ع \u2028 \u2029 " \\ \x7f', "n": 2**70, "f": 1.5, "b": [True, None]},
        {"day": date(2026, 11, 23), "at": datetime(2026, 11, 23, 9, 30, 0, 123456, tzinfo=UTC), "id": UUID(int=5), "d": Decimal("1.50")},
        {"lazy": gettext_lazy("High"), "choice": Priority.HIGH, 3: "number", "set": frozenset({1})},
        "text",
        [],
        None,
    ],
)
def test_an_answer_when_written_fast_then_reads_as_the_plain_one(data: Any) -> None:
    for accepted in ("application/json", "application/json; indent=2"):
        assert FastJSONRenderer().render(data, accepted) == JSONRenderer().render(data, accepted)


@pytest.mark.parametrize("data", [float("nan"), {"x": float("inf")}])
def test_a_number_that_json_does_not_have_when_written_then_is_no_json_number(data: Any) -> None:
    assert b"null" in orjson.dumps(data)
    assert b"null" in FastJSONRenderer().render(data, "application/json")


def test_the_count_of_requests_when_kept_then_waits_for_no_disk(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT relpersistence FROM pg_class WHERE relname = 'core_quota'")
        assert cursor.fetchone() == ("u",)


def test_the_driver_when_used_then_is_the_one_whose_statements_are_prepared_here() -> None:
    driver: Any = connection
    assert driver.Database.__name__ == "psycopg2"
    assert prepared.KEPT >= 10
