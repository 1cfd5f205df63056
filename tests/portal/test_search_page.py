"""The search page, the header's field and the administration's search."""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.search import read_query, search_all, search_one
from partnership.choices import Visibility
from portal.search import KINDS
from tests.factories.accounts import sign_in
from tests.factories.everything import build_everything
from tests.factories.partnership import (
    ActionFactory,
    AxisFactory,
    CommitmentFactory,
    ConventionFactory,
    DocumentFactory,
    OrganisationFactory,
)

if TYPE_CHECKING:
    from pytest_django import DjangoAssertNumQueries

    from accounts.models import User
    from tests.factories.everything import Everything
    from tests.factories.world import World

pytestmark = pytest.mark.django_db
URL = "/search/"
# A word of every hidden row, and one that no row has: both are as long.
SECRET, NEVER = "quetzalcoatl", "wolframhexen"


def client_of(user: User) -> Client:
    client = Client()
    sign_in(client, user)
    return client


def page_of(user: User | Client, query: dict[str, str], **headers: str) -> Any:
    client = user if isinstance(user, Client) else client_of(user)
    return client.get(URL, query, headers={"Accept-Language": "fr", **headers})


def scrubbed(answer: Any, text: str) -> str:
    page = answer.content.decode().replace(text, "WORD")
    return re.sub(r'(csrf[^>]*?(?:value|content)=")[^"]+|("X-CSRFToken":\s*")[^"]+|[A-Za-z0-9]{64}', "TOKEN", page)


@pytest.fixture
def things(db: None) -> Everything:
    return build_everything()


# -- who sees what -----------------------------------------------------------------------------------------------------
def test_a_competitors_secret_word_when_searched_then_answers_as_a_word_that_never_was(world: World) -> None:
    convention = ConventionFactory(
        reference=SECRET.upper(), title_fr=f"Accord {SECRET}", visibility=Visibility.PARTIES, organisations=[world.onmt, world.atlas]
    )
    axis = AxisFactory(convention=convention, title_fr=f"Volet {SECRET}")
    first, second = convention.parties.order_by("order")
    CommitmentFactory(axis=axis, title_fr=f"Livrer {SECRET}", obligor=first, beneficiary=second)
    DocumentFactory(convention=convention, title=f"Note {SECRET}", visibility=Visibility.PARTIES)
    OrganisationFactory(name_fr=f"Riad {SECRET}", ice="001234567000089")
    assert SECRET in page_of(world.operator, {"q": SECRET[:8]}).content.decode()
    competitor = client_of(world.competitor)
    for asked in ({}, *({"type": kind.slug} for kind in KINDS)):
        # The word itself, its beginning, and a misspelling of it.
        for secret, never in (
            (SECRET, NEVER),
            (SECRET[:9], NEVER[:9]),
            ("quetzacoatl", "wolfrmhexen"),
            ("001234567000089", "001987654000012"),
        ):
            one = page_of(competitor, {"q": secret, **asked})
            other = page_of(competitor, {"q": never, **asked})
            assert (one.status_code, scrubbed(one, secret)) == (other.status_code, scrubbed(other, never)), (secret, asked)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=st.one_of(
        st.text(max_size=12), st.sampled_from(["atlas", "rif", "essai", "onmt", "convention", "a", "ho", "E-0", "axe", "hotelx"])
    )
)
def test_results_when_anything_is_searched_then_are_among_the_visible_rows(things: Everything, text: str) -> None:
    world = things.world
    for user in (world.operator, world.competitor, world.secretariat):
        query = read_query(text)
        for group in search_all(KINDS, query, user=user, size=100):
            seen = set(group.kind.visible(user).values_list("pk", flat=True))
            assert {hit.row.pk for hit in group.hits} <= seen
            assert group.count <= len(seen)


def test_every_result_of_everybody_when_opened_then_its_page_answers(things: Everything) -> None:
    world = things.world
    opened = set()
    for user in (world.operator, world.competitor, world.secretariat, world.manager):
        client = client_of(user)
        for text in ("essai", "onmt", "convention", "atlas", "administrator", "e", "a", "ma", "t", "d", "c"):
            for group in search_all(KINDS, read_query(text), user=user, size=5):
                for hit in group.hits:
                    if hit.address:
                        opened.add(group.kind.slug)
                        assert client.get(hit.address).status_code == 200, (str(user), hit.address)
    assert opened >= {"organisations", "people", "conventions", "axes", "commitments", "actions", "documents", "regions"}


def test_nobody_when_searching_then_is_led_to_the_door(client: Client) -> None:
    assert client.get(URL, {"q": "atlas"}).status_code == 302


# -- the page ----------------------------------------------------------------------------------------------------------
def test_a_word_when_found_then_is_marked_in_its_title_whatever_the_script(world: World) -> None:
    OrganisationFactory(name_fr="Riad <b>Zagora</b>", name_ar="رياض زاكورة")
    page = page_of(world.auditor, {"q": "زاكورة"}).content.decode()
    assert "Riad &lt;b&gt;<mark>Zagora</mark>&lt;/b&gt;" in page
    assert page_of(world.auditor, {"q": "zagora"}).content.decode().count("<mark>Zagora</mark>") == 1


def test_a_word_when_only_the_other_language_has_it_then_that_text_is_shown_too(world: World) -> None:
    OrganisationFactory(name_fr="Maison du Sud", name_ar="دار الجنوب")
    assert "دار <mark>الجنوب</mark>" in page_of(world.auditor, {"q": "الجنوب"}).content.decode()


def test_a_line_about_a_result_when_shown_then_is_plain_text_with_its_words_marked_once(world: World) -> None:
    ActionFactory(axis=world.axis, organisation=world.onmt, title="Ouvrir un bureau", due_on=date(2026, 12, 31))
    page = page_of(world.auditor, {"q": "bureau"}).content.decode()
    assert "31 décembre 2026" in page
    assert "&lt;time" not in page
    OrganisationFactory(name_fr="Fédération d'essai", acronym="ZAGX")
    assert page_of(world.auditor, {"q": "zagx"}).content.decode().count("<mark>ZAGX</mark>") == 1


def test_nothing_exact_when_found_then_the_page_says_that_results_are_close(world: World) -> None:
    OrganisationFactory(name_fr="Kasbah Ouarzazate")
    near = page_of(world.auditor, {"q": "ouarzeztam"}).content.decode()
    exact = page_of(world.auditor, {"q": "ouarzazate"}).content.decode()
    sentence = "Aucun résultat exact"
    assert sentence in near
    assert "Kasbah <mark>Ouarzazate</mark>" in near
    assert sentence not in exact


def test_htmx_when_typing_then_gets_the_results_only(world: World) -> None:
    part = page_of(world.auditor, {"q": "atlas"}, **{"HX-Request": "true"}).content.decode()
    assert part.strip().startswith('<div id="results"')
    assert "<html" not in part


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ({}, 200),
        ({"q": ""}, 200),
        ({"q": "a"}, 200),
        ({"q": "؟!%_\\"}, 200),
        ({"q": "x" * 200}, 200),
        ({"q": "\u202e<script>"}, 200),
        ({"q": "x" * 201}, 400),
        ({"q": "x" * 10_000}, 400),
        ({"q": "a\0b"}, 400),
        ({"q": "a", "type": "secrets"}, 400),
        ({"q": "a", "type": "organisations", "cursor": "edited"}, 404),
        ({"type": "organisations"}, 200),
    ],
)
def test_an_address_whatever_it_holds_is_answered_in_words(query: dict[str, str], status: int, world: World) -> None:
    assert page_of(world.operator, query).status_code == status
    assert page_of(world.auditor, query).status_code == status


def test_a_kind_when_it_has_many_rows_then_its_pages_hold_each_once(world: World) -> None:
    for number in range(30):
        OrganisationFactory(name_fr=f"Écolodge {number:02d}")
    client = client_of(world.auditor)
    first = client.get(URL, {"q": "ecolodge"}).content.decode()
    assert "?q=ecolodge&amp;type=organisations" in first
    page = client.get(URL, {"q": "ecolodge", "type": "organisations"}).content.decode()
    found = re.search(r'rel="next" href="([^"]+)"', page)
    assert found
    second = client.get(found[1].replace("&amp;", "&")).content.decode()
    shown = [re.findall(r"</mark> (\d\d)", text) for text in (page, second)]
    assert [number for half in shown for number in half] == [f"{number:02d}" for number in range(30)]


def test_a_page_when_there_are_more_rows_then_costs_the_same_queries(
    world: World, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    user = world.auditor
    assert user.staff_roles
    for number in (1, 4):
        OrganisationFactory.create_batch(number, name_fr="Riad Toubkal")
        query = read_query("toubkal")
        # Nine kinds, how many hits are expected in the three whose order could be walked, then the words to mark.
        with django_assert_num_queries(13):
            assert search_all(KINDS, query, user=user, size=5)
    OrganisationFactory(name_fr="Riad Toubkal")
    with django_assert_num_queries(15):  # two more: the best and the count of the kind that has more
        search_all(KINDS, query, user=user, size=5)
    with django_assert_num_queries(3):
        search_one(KINDS[0], query, user=user, size=3)


def test_the_header_when_signed_in_then_has_the_field_that_the_slash_opens(world: World) -> None:
    page = client_of(world.operator).get("/").content.decode()
    assert re.search(r'<form method="get" action="/search/">\s*<input[^>]+name="q"[^>]+data-search', page)
    assert Client().get("/public/").content.decode().count('action="/search/"') == 0


# -- the administration ------------------------------------------------------------------------------------------------
def test_the_administration_when_searched_then_finds_rows_by_the_same_key(world: World) -> None:
    row = OrganisationFactory(name_fr="Riad Zagora")
    answer = client_of(world.auditor).get("/admin/search/", {"s": "زاكورة", "extended": "1"}).content.decode()
    assert reverse("admin:partnership_organisation_change", args=[row.pk]) in answer


@pytest.mark.parametrize(
    "model", ["organisation", "person", "convention", "axis", "commitment", "action", "document", "region", "destination"]
)
def test_a_list_of_the_administration_when_searched_in_the_other_script_then_answers(model: str, world: World) -> None:
    answer = client_of(world.auditor).get(reverse(f"admin:partnership_{model}_changelist"), {"q": "أطلس %_\\ ٠١"})
    assert answer.status_code == 200
