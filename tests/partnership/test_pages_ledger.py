"""The pages of conventions, commitments, actions and documents: who sees them, what they do, what they refuse."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from django.urls import reverse

from core import clock
from core.models import Notification
from partnership.models import Action, Commitment
from tests.factories.accounts import sign_in
from tests.factories.partnership import ActionFactory, CommitmentFactory, DocumentFactory

if TYPE_CHECKING:
    from django.test import Client

    from tests.factories.world import World

pytestmark = pytest.mark.django_db
LIST_QUERIES = 10
LEDGER_QUERIES = 13


def detail_urls(world: World) -> list[str]:
    document = DocumentFactory(organisation=world.cnt, convention=world.convention)
    action = ActionFactory(convention=world.convention, axis=world.axis, organisation=world.cnt)
    return [
        reverse("partnership:convention_detail", args=[world.convention.pk]),
        *[
            reverse("partnership:convention_detail", args=[world.convention.pk]) + f"?part={part}"
            for part in ("ledger", "timeline", "documents", "parties")
        ],
        reverse("partnership:commitment_detail", args=[world.owed_by_onmt.pk]),
        reverse("partnership:commitment_act", args=[world.owed_by_onmt.pk, "contest"]),
        reverse("partnership:action_detail", args=[action.pk]),
        reverse("partnership:document_detail", args=[document.pk]),
    ]


def test_pages_of_the_convention_when_a_party_opens_them_then_are_shown(client: Client, world: World) -> None:
    sign_in(client, world.secretariat)
    answers = {url: client.get(url).status_code for url in detail_urls(world)}
    # Contesting what is not declared: the button does not exist, the page only asks; the service refuses.
    assert set(answers.values()) == {200}


def test_pages_of_the_convention_when_a_competitor_opens_them_then_do_not_exist(client: Client, world: World) -> None:
    sign_in(client, world.operator)
    answers = {url: client.get(url).status_code for url in detail_urls(world)}
    assert set(answers.values()) == {404}


def test_pages_of_the_convention_when_nobody_is_signed_in_then_lead_to_the_door(client: Client, world: World) -> None:
    for url in detail_urls(world):
        answer = client.get(url)
        assert answer.status_code == 302, url
        assert answer["Location"].startswith(reverse("account_login")), url


def test_pages_when_the_address_is_unknown_then_do_not_exist(client: Client, world: World) -> None:
    sign_in(client, world.secretariat)
    for name in ("convention_detail", "commitment_detail", "action_detail", "document_detail", "document_latest"):
        assert client.get(reverse(f"partnership:{name}", args=[uuid4()])).status_code == 404


def test_an_own_action_when_an_operator_opens_it_then_is_shown_without_the_ledger(client: Client, world: World) -> None:
    action = ActionFactory(convention=world.convention, axis=world.axis, organisation=world.atlas, commitment=world.owed_by_cnt)
    sign_in(client, world.operator)
    page = client.get(reverse("partnership:action_detail", args=[action.pk]))
    assert page.status_code == 200
    assert reverse("partnership:commitment_detail", args=[world.owed_by_cnt.pk]) not in page.content.decode()
    rows = client.get(reverse("partnership:action_list")).context["page"].rows
    assert [row["url"] for row in rows] == [reverse("partnership:action_detail", args=[action.pk])]


def test_declaring_by_the_page_when_complete_then_tells_the_other_party_and_offers_the_way_back(client: Client, world: World) -> None:
    sign_in(client, world.secretariat)
    url = reverse("partnership:commitment_act", args=[world.owed_by_cnt.pk, "declare"])
    given = {
        "declaration": "Deux ateliers tenus à Casablanca et à Fès avec 64 participants.",
        "evidence_title": "Compte rendu en ligne",
        "evidence_url": "https://example.org/compte-rendu",
        "evidence_fact_on": clock.today().isoformat(),
    }
    answer = client.post(url, given, follow=True)
    world.owed_by_cnt.refresh_from_db()
    assert (answer.status_code, world.owed_by_cnt.status) == (200, "declared")
    assert world.owed_by_cnt.evidence.get().title == "Compte rendu en ligne"
    assert Notification.objects.filter(recipient=world.manager, kind="commitment_declared").count() == 1
    assert reverse("partnership:commitment_act", args=[world.owed_by_cnt.pk, "withdraw"]) in answer.content.decode()


@pytest.mark.parametrize(
    ("given", "status"),
    [
        ({}, 422),
        ({"declaration": " "}, 422),
        ({"declaration": "Fait.\x00"}, 422),
        ({"declaration": "x" * 4001}, 422),
        ({"declaration": "Livré à temps, sur place.", "evidence_title": "Photo"}, 422),
        (
            {
                "declaration": "Livré à temps, sur place.",
                "evidence_title": "Photo",
                "evidence_url": "javascript:alert(1)",
                "evidence_fact_on": "2026-01-01",
            },
            422,
        ),
        (
            {
                "declaration": "Livré à temps, sur place.",
                "evidence_title": "Photo",
                "evidence_url": "https://example.org",
                "evidence_fact_on": "0001-01-01",
            },
            422,
        ),
        (
            {
                "declaration": "Livré à temps, sur place.",
                "evidence_title": "Photo",
                "evidence_url": "https://example.org",
                "evidence_fact_on": "9999-12-31",
            },
            422,
        ),
        (
            {
                "declaration": "Livré à temps, sur place.",
                "evidence_title": "Photo",
                "evidence_url": "https://example.org",
                "evidence_fact_on": "demain",
            },
            422,
        ),
    ],
)
def test_declaring_by_the_page_when_the_input_is_bad_then_keeps_what_was_typed_and_writes_nothing(
    client: Client, world: World, given: dict[str, str], status: int
) -> None:
    sign_in(client, world.secretariat)
    answer = client.post(reverse("partnership:commitment_act", args=[world.owed_by_cnt.pk, "declare"]), given)
    world.owed_by_cnt.refresh_from_db()
    assert (answer.status_code, world.owed_by_cnt.status, world.owed_by_cnt.evidence.count()) == (status, "planned", 0)
    assert answer.context["form"].errors
    if given.get("declaration", "").startswith("Livré"):
        assert "Livré à temps, sur place." in answer.content.decode()


def test_an_act_when_its_state_forbids_it_then_is_refused_as_a_conflict(client: Client, world: World) -> None:
    sign_in(client, world.manager)
    answer = client.post(
        reverse("partnership:commitment_act", args=[world.owed_by_cnt.pk, "contest"]), {"reason": "Rien n'a été livré à ce jour."}
    )
    world.owed_by_cnt.refresh_from_db()
    assert (answer.status_code, world.owed_by_cnt.status) == (409, "planned")


@pytest.mark.parametrize("version", ["2022-04-15T10:00:00+00:00", "yesterday", "0"])
def test_an_act_when_the_page_is_older_than_the_row_then_is_refused_with_what_was_typed(client: Client, world: World, version: str) -> None:
    sign_in(client, world.secretariat)
    given = {"declaration": "Livré à temps, sur place.", "version": version}
    answer = client.post(reverse("partnership:commitment_act", args=[world.owed_by_cnt.pk, "declare"]), given)
    world.owed_by_cnt.refresh_from_db()
    assert (answer.status_code, world.owed_by_cnt.status) == (412, "planned")
    assert "Livré à temps, sur place." in answer.content.decode()
    assert answer.context["version"] == world.owed_by_cnt.updated_at.isoformat()


def test_an_act_when_not_ones_own_then_is_refused(client: Client, world: World) -> None:
    sign_in(client, world.secretariat)
    assert client.post(reverse("partnership:commitment_act", args=[world.owed_by_onmt.pk, "start"])).status_code == 403
    sign_in(client, world.auditor)
    assert client.post(reverse("partnership:commitment_act", args=[world.owed_by_onmt.pk, "start"])).status_code == 403
    assert set(Commitment.objects.values_list("status", flat=True)) == {"planned"}


@pytest.mark.parametrize("rows", [1, 3])
def test_the_action_list_when_it_grows_then_costs_the_same_number_of_queries(
    client: Client, world: World, rows: int, django_assert_num_queries: object
) -> None:
    ActionFactory.create_batch(rows, convention=world.convention, axis=world.axis, organisation=world.cnt)
    sign_in(client, world.secretariat)
    client.get(reverse("partnership:action_list"))
    with django_assert_num_queries(LIST_QUERIES):  # type: ignore[operator]
        client.get(reverse("partnership:action_list"))


@pytest.mark.parametrize("rows", [1, 3])
def test_the_ledger_when_it_grows_then_costs_the_same_number_of_queries(
    client: Client, world: World, rows: int, django_assert_num_queries: object
) -> None:
    CommitmentFactory.create_batch(
        rows, convention=world.convention, axis=world.axis, obligor=world.party_cnt, beneficiary=world.party_onmt
    )
    sign_in(client, world.secretariat)
    url = reverse("partnership:convention_detail", args=[world.convention.pk]) + "?part=ledger"
    client.get(url)
    with django_assert_num_queries(LEDGER_QUERIES):  # type: ignore[operator]
        client.get(url)


def test_the_filters_when_in_the_address_then_choose_the_rows(client: Client, world: World) -> None:
    soon = clock.today() + timedelta(days=5)
    late = ActionFactory(
        convention=world.convention,
        axis=world.axis,
        organisation=world.cnt,
        title="Former les médiateurs",
        starts_on=soon - timedelta(days=90),
        due_on=soon - timedelta(days=10),
    )
    on_time = ActionFactory(
        convention=world.convention, axis=world.axis, organisation=world.onmt, title="Éditer le guide", due_on=soon, priority="high"
    )
    sign_in(client, world.secretariat)

    def rows(query: str) -> list[Action]:
        shown = client.get(reverse("partnership:action_list") + query).context["page"].rows
        known = {reverse("partnership:action_detail", args=[action.pk]): action for action in (late, on_time)}
        return [known[row["url"]] for row in shown]

    assert rows("") == [late, on_time]
    assert rows("?status=late") == [late]
    assert rows("?q=editer") == [on_time]
    assert rows("?q=MEDIATEURS former") == [late]
    assert rows(f"?organisation={world.onmt.pk}") == [on_time]
    assert rows("?priority=high&status=open") == [on_time]
    assert rows("?status=verified") == []


@pytest.mark.parametrize(
    "query",
    ["?status=x", "?axis=1", "?organisation=00000000-0000-0000-0000-000000000000", "?q=" + "x" * 300, "?priority[]=high", "?q=%25_%5C"],
)
def test_the_filters_when_they_make_no_sense_then_say_so_and_break_nothing(client: Client, world: World, query: str) -> None:
    sign_in(client, world.secretariat)
    assert client.get(reverse("partnership:action_list") + query).status_code == 200


def test_the_board_when_opened_then_shows_each_action_in_its_column(client: Client, world: World) -> None:
    todo = ActionFactory(convention=world.convention, axis=world.axis, organisation=world.cnt)
    sign_in(client, world.secretariat)
    board = client.get(reverse("partnership:action_list") + "?view=board").context["board"]
    shown = {column["state"].value: [row["url"] for row in column["rows"]] for column in board if column["rows"]}
    assert shown == {"todo": [reverse("partnership:action_detail", args=[todo.pk])]}
