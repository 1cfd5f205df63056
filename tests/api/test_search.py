"""Search in the API: the types that the caller's scopes allow, among the rows that it sees."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from partnership.choices import Visibility
from portal.api import FoundOutput, FoundPageOutput, FoundTypeOutput
from portal.search import KINDS
from tests.factories.partnership import (
    ActionFactory,
    AffiliationFactory,
    AxisFactory,
    ConventionFactory,
    OrganisationFactory,
    RegionFactory,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_django import DjangoAssertNumQueries
    from rest_framework.test import APIClient

    from core.api.serializers import Output
    from tests.factories.world import World

URL = "/api/v1/search/"


def types(answer: Any) -> set[str]:
    assert answer.status_code == 200, answer.content
    return {row["type"] for row in answer.json()["results"]}


@pytest.fixture
def named(world: World) -> World:
    """Something of most types is called Zagora, and belongs to Atlas and ONMT."""
    convention = ConventionFactory(
        reference="ZAG-1", title_fr="Convention de Zagora", organisations=[world.onmt, world.atlas], visibility=Visibility.PARTIES
    )
    axis = AxisFactory(convention=convention, title_fr="Volet Zagora", title_ar="محور زاكورة")
    ActionFactory(axis=axis, organisation=world.atlas, title="Ouvrir le bureau de Zagora")
    RegionFactory(code="MA-08", name_fr="Drâa-Tafilalet", name_ar="درعة تافيلالت", capital_fr="Zagora")
    return world


# -- what is answered --------------------------------------------------------------------------------------------------
def test_a_search_when_answered_then_has_the_shape_that_the_schema_says(named: World, partner: Callable[..., APIClient]) -> None:
    answer = partner(named.atlas).get(URL, {"q": "زاكورة"}, HTTP_ACCEPT_LANGUAGE="fr").json()
    assert set(answer) == set(FoundPageOutput().fields)
    assert answer["results"], "nothing found"
    for row, kind in [*((row, FoundOutput) for row in answer["results"]), *((row, FoundTypeOutput) for row in answer["types"])]:
        shape: type[Output] = kind
        assert set(row) == set(shape().fields)
    assert {row["type"] for row in answer["results"]} == {"conventions", "axes", "actions", "regions"}
    axis = next(row for row in answer["results"] if row["type"] == "axes")
    assert (axis["title"], axis["words"], axis["is_exact"]) == ("Volet Zagora", ["Zagora"], True)


def test_a_result_when_it_has_an_address_then_the_address_answers_with_it(named: World, partner: Callable[..., APIClient]) -> None:
    client = partner(named.atlas)
    for row in client.get(URL, {"q": "zagora"}).json()["results"]:
        assert client.get(row["href"]).json()["id"] == row["id"]


def test_a_misspelt_word_when_nothing_matches_then_what_resembles_says_that_it_is_not_exact(
    named: World, partner: Callable[..., APIClient]
) -> None:
    rows = partner(named.atlas).get(URL, {"q": "convantion zagorrar"}).json()["results"]
    assert [row["type"] for row in rows] == ["conventions"]
    assert not rows[0]["is_exact"]


# -- scopes and visibility ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("scopes", "found"),
    [
        (("actions:read",), {"actions", "regions"}),
        (("conventions:read",), {"conventions", "axes", "regions"}),
        (("documents:write",), {"regions"}),
    ],
)
def test_a_token_when_it_searches_then_finds_only_the_types_of_its_scopes(
    scopes: tuple[str, ...], found: set[str], named: World, partner: Callable[..., APIClient]
) -> None:
    assert types(partner(named.atlas, *scopes).get(URL, {"q": "zagora"})) == found


def test_a_type_without_its_scope_when_named_then_is_refused_and_people_are_for_accounts_only(
    named: World, partner: Callable[..., APIClient], session: Callable[..., APIClient]
) -> None:
    client = partner(named.atlas, "actions:read")
    answer = client.get(URL, {"q": "zagora", "type": "conventions"})
    assert (answer.status_code, answer.json()["code"]) == (403, "insufficient_scope")
    assert 'scope="conventions:read"' in answer["WWW-Authenticate"]
    assert partner(named.atlas).get(URL, {"q": "atlas", "type": "people"}).status_code == 403
    assert types(session(named.operator).get(URL, {"q": "administrator", "type": "people"})) == {"people"}


def test_a_competitor_when_it_searches_a_hidden_word_then_gets_the_answer_of_a_word_that_never_was(
    named: World, partner: Callable[..., APIClient], session: Callable[..., APIClient]
) -> None:
    for client in (partner(named.rif), session(named.competitor)):
        for kind in ("", *(kind.slug for kind in KINDS if kind.slug not in {"people", "regions"})):
            there = client.get(URL, {"q": "bureau ouvrir", **({"type": kind} if kind else {})})
            nowhere = client.get(URL, {"q": "qwvzxk jkwqzx", **({"type": kind} if kind else {})})
            assert (there.status_code, there.content) == (nowhere.status_code, nowhere.content)


def test_nobody_when_searching_then_is_asked_who_he_is(world: World, anonymous: APIClient) -> None:
    assert anonymous.get(URL, {"q": "atlas"}).status_code == 401


# -- pages -------------------------------------------------------------------------------------------------------------
def test_a_type_when_read_page_by_page_then_every_row_comes_once_in_order(world: World, session: Callable[..., APIClient]) -> None:
    for number in range(7):
        OrganisationFactory(name_fr=f"Écolodge {number}")
    client, seen, url = session(world.auditor), [], f"{URL}?q=ecolodge&type=organisations&page_size=3"
    while url:
        page = client.get(url).json()
        seen += [row["title"] for row in page["results"]]
        url = page["next"]
    assert seen == [f"Écolodge {number}" for number in range(7)]


def test_a_count_when_it_passes_a_hundred_then_stops_there(world: World, session: Callable[..., APIClient]) -> None:
    OrganisationFactory.create_batch(101, name_fr="Écolodge")
    answer = session(world.auditor).get(URL, {"q": "ecolodge"}).json()
    assert [(row["type"], row["count"], row["is_capped"]) for row in answer["types"]] == [("organisations", 100, True)]
    assert len(answer["results"]) == 5


@pytest.mark.parametrize(
    ("parameters", "code", "field"),
    [
        ({}, "bad_value", "q"),
        ({"q": ""}, "bad_value", "q"),
        ({"q": "x" * 201}, "bad_value", "q"),
        ({"q": "x" * 10_000}, "bad_value", "q"),
        ({"q": "x", "type": "secrets"}, "bad_value", "type"),
        ({"q": "x", "type": ""}, "bad_value", "type"),
        ({"q": "x", "cursor": "abc"}, "type_required", "cursor"),
        ({"q": "x", "page_size": "5"}, "type_required", "page_size"),
        ({"q": "x", "type": "actions", "cursor": "abc"}, "bad_cursor", "cursor"),
        ({"q": "x", "type": "actions", "page_size": "1000"}, "bad_value", "page_size"),
        ({"q": "x", "typ": "actions"}, "unknown_parameter", "typ"),
    ],
)
def test_an_address_when_it_makes_no_sense_then_is_refused_by_its_parameter(
    parameters: dict[str, str], code: str, field: str, world: World, session: Callable[..., APIClient]
) -> None:
    answer = session(world.operator).get(URL, parameters)
    assert answer.status_code == 400
    assert (answer.json()["code"], answer.json()["errors"][0]["field"]) == (code, field)


@pytest.mark.parametrize("text", ["%ED%A0%80", "%FF", "%25_%5C", "'--", "%E2%80%AE", "1", "%F0%9F%8F%A8", "%28" * 60])
def test_a_text_when_it_is_hostile_then_is_answered(text: str, world: World, session: Callable[..., APIClient]) -> None:
    assert session(world.manager).get(f"{URL}?q={text}").status_code == 200


def test_a_nul_when_searched_then_is_refused(world: World, session: Callable[..., APIClient]) -> None:
    assert session(world.manager).get(f"{URL}?q=a%00b").status_code == 400


def test_a_search_when_there_are_more_rows_then_costs_the_same_queries(
    world: World, partner: Callable[..., APIClient], django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = partner(world.fnih)
    client.get(URL, {"q": "atlas"})
    for number in (1, 4):
        for row in OrganisationFactory.create_batch(number, name_fr="Riad Toubkal"):
            AffiliationFactory(organisation=row, body=world.fnih)
        # The quota, the token, its access; the words; eight types; the words to mark.
        with django_assert_num_queries(13):
            assert types(client.get(URL, {"q": "toubkal"})) == {"organisations"}
