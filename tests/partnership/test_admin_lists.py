"""The administration's lists and home: the same number of queries whatever they hold, and filters that open what is counted."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse

from core import clock
from tests.factories.accounts import sign_in
from tests.factories.partnership import (
    ActionFactory,
    AffiliationFactory,
    ApiClientFactory,
    CommitmentFactory,
    ConventionFactory,
    DocumentFactory,
    EvidenceFactory,
    InvitationFactory,
    MandateFactory,
    OrganisationFactory,
    PersonFactory,
)

if TYPE_CHECKING:
    from django.test import Client

    from tests.factories.world import World

pytestmark = pytest.mark.django_db

QUERIES: dict[str, tuple[Any, int]] = {
    "organisation": (OrganisationFactory, 7),
    "affiliation": (AffiliationFactory, 8),
    "apiclient": (ApiClientFactory, 8),
    "person": (PersonFactory, 6),
    "mandate": (MandateFactory, 8),
    "invitation": (InvitationFactory, 6),
    "convention": (ConventionFactory, 8),
    "commitment": (CommitmentFactory, 9),
    "evidence": (EvidenceFactory, 8),
    "action": (ActionFactory, 10),
    "document": (DocumentFactory, 7),
}


@pytest.mark.parametrize("noun", QUERIES)
def test_a_list_when_it_holds_more_rows_then_asks_as_much(client: Client, world: World, django_assert_num_queries: Any, noun: str) -> None:
    factory, queries = QUERIES[noun]
    sign_in(client, world.auditor)
    url = reverse(f"admin:partnership_{noun}_changelist")
    factory()
    client.get(url)
    with django_assert_num_queries(queries):
        client.get(url)

    factory.create_batch(2)

    with django_assert_num_queries(queries):
        client.get(url)


def test_the_home_when_opened_then_counts_in_a_fixed_number_of_queries(
    client: Client, world: World, django_assert_num_queries: Any
) -> None:
    sign_in(client, world.manager)
    client.get("/admin/")

    with django_assert_num_queries(14):
        client.get("/admin/")


def test_a_figure_of_the_home_when_opened_then_lists_what_it_counts(client: Client, world: World) -> None:
    sign_in(client, world.manager)
    yesterday = clock.today() - timedelta(days=1)
    CommitmentFactory(axis=world.axis, obligor=world.party_cnt, beneficiary=world.party_onmt, due_on=yesterday)
    ActionFactory(axis=world.axis, organisation=world.atlas, starts_on=yesterday - timedelta(days=9), due_on=yesterday)
    ConventionFactory(ends_on=clock.today() + timedelta(days=30))
    OrganisationFactory(status="prospective")

    figures = client.get("/admin/").context["figures"]

    assert [figure.count for figure in figures] == [0, 0, 1, 0, 1, 1, 8, 1, 0, 0, 0, 0]
    for figure in figures:
        answer = client.get(figure.url)
        assert (answer.status_code, answer.context["cl"].result_count) == (200, figure.count), figure.url


def test_a_search_when_typed_without_accents_or_in_arabic_then_finds(client: Client, world: World) -> None:
    sign_in(client, world.auditor)
    OrganisationFactory(name_fr="Hôtel Ménara", name_ar="فندق المنارة")
    url = reverse("admin:partnership_organisation_changelist")

    found = [client.get(url, {"q": words}).context["cl"].result_count for words in ("menara HOTEL", "المناره", "rien de tel")]

    assert found == [1, 1, 0]


def test_the_choices_of_an_organisation_when_searched_then_are_found_by_the_same_key(client: Client, world: World) -> None:
    sign_in(client, world.manager)
    query = {"app_label": "partnership", "model_name": "affiliation", "field_name": "organisation", "term": "hotel atlas"}

    answer = client.get(reverse("admin:autocomplete"), query)

    assert [row["text"] for row in answer.json()["results"]] == [str(world.atlas)]
