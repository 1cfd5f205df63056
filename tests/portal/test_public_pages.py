"""What anybody may read, and the switch of organisation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from django.urls import reverse

from accounts.roles import MandateRole
from core.models import Event
from partnership.choices import Visibility
from partnership.services.commitments import start_commitment
from portal.public import figures_of
from portal.reactions import REACTIONS
from tests.factories import partnership as make

if TYPE_CHECKING:
    from django.test import Client

    from tests.factories.world import World

pytestmark = pytest.mark.django_db
LIST = reverse("portal:public")


def detail(convention: Any) -> str:
    return reverse("portal:public_convention", args=[convention.pk])


def test_published_progress_gives_totals_and_no_line_of_the_ledger(world: World, client: Client) -> None:
    world.owed_by_onmt.title_fr = "Ligne secrète du registre"
    world.owed_by_onmt.save()
    make.CommitmentFactory(axis=world.axis, status="confirmed")
    make.CommitmentFactory(axis=world.axis, status="contested", contest_reason="Motif secret de contestation.")
    make.ActionFactory(axis=world.axis, title="Action secrète du plan")
    content = client.get(detail(world.convention)).content.decode()
    assert "Compétitivité internationale" in content
    assert [word in content for word in ("Ligne secrète", "Motif secret", "Action secrète", "E-01")] == [False] * 4
    total = figures_of(world.convention)["total"]
    counts = {segment["slug"]: segment["value"] for segment in total["segments"]}
    assert counts == {"due": 2, "declared": 0, "contested": 1, "arbitrated": 0, "confirmed": 1}
    assert (total["count"], total["delivered"]) == (4, 1)


def test_only_public_and_signed_conventions_exist(world: World, client: Client) -> None:
    hidden = [make.ConventionFactory(visibility=Visibility.PARTIES), make.ConventionFactory(visibility=Visibility.PUBLIC, status="draft")]
    assert [client.get(detail(row)).status_code for row in hidden] == [404, 404]
    assert client.get(reverse("portal:public_convention", args=[uuid4()])).status_code == 404
    content = client.get(LIST).content.decode()
    assert [detail(row) in content for row in (world.convention, *hidden)] == [True, False, False]


def test_home_is_the_published_progress_with_a_way_in_for_anonymous_visitors(world: World, client: Client) -> None:
    content = client.get("/").content.decode()
    assert (detail(world.convention) in content, reverse("account_login") in content) == (True, True)


@pytest.mark.parametrize("count", [1, 3])
def test_published_progress_costs_two_queries_and_one_per_convention_once_its_figures_are_kept(
    world: World, client: Client, django_assert_num_queries: Any, count: int
) -> None:
    for _ in range(count - 1):
        make.ConventionFactory(visibility=Visibility.PUBLIC)
    client.get(LIST)
    with django_assert_num_queries(3 + count):  # the conventions, their parties, the parties' organisations; kept figures
        client.get(LIST)


def test_figures_change_as_soon_as_one_of_them_does(world: World) -> None:
    assert figures_of(world.convention)["total"]["late"] == 0
    make.CommitmentFactory(axis=world.axis, status="confirmed")
    assert figures_of(world.convention)["total"]["count"] == 2
    start_commitment(commitment=world.owed_by_cnt.pk, by=world.secretariat)
    event = Event.objects.get(name="commitment.started")
    for react in REACTIONS[event.name]:
        react(event)
    assert figures_of(world.convention)["total"]["count"] == 3


def test_published_page_is_kept_a_minute_by_an_anonymous_browser_and_never_shared(world: World, client: Client) -> None:
    response = client.get(LIST)
    assert sorted(response["Cache-Control"].split(", ")) == ["max-age=60", "private"]
    client.force_login(world.operator)
    assert {"private", "no-store"} <= set(client.get(LIST)["Cache-Control"].split(", "))


def test_nothing_published_says_so(client: Client) -> None:
    assert client.get(LIST).status_code == 200
    assert client.get(reverse("portal:help")).status_code == 200


# -- the switch ----------------------------------------------------------------------------------------------------------
def test_switch_changes_for_whom_one_acts(world: World, client: Client) -> None:
    second = make.MandateFactory(person=world.operator.person, organisation=world.oasis, role=MandateRole.MEMBER)
    client.force_login(world.operator)
    response = client.post(reverse("portal:switch"), {"mandate": str(second.pk), "next": "/actions/"})
    assert (response.status_code, response["Location"]) == (302, "/actions/")
    assert "Agence Oasis" in client.get(reverse("partnership:organisation_mine")).content.decode()


@pytest.mark.parametrize(
    "address",
    ["https://elsewhere.example/", "//elsewhere.example", "", "/actions/01a20000-0000-7000-8000-000000000000/", "javascript:alert(1)"],
)
def test_switch_goes_home_from_the_page_of_one_object_and_never_elsewhere(world: World, client: Client, address: str) -> None:
    mine = world.operator.person.mandates.get()
    client.force_login(world.operator)
    assert client.post(reverse("portal:switch"), {"mandate": str(mine.pk), "next": address})["Location"] == "/"


def test_switch_to_a_mandate_of_somebody_else_does_not_exist(world: World, client: Client) -> None:
    client.force_login(world.operator)
    foreign = world.competitor.person.mandates.get()
    answers = [client.post(reverse("portal:switch"), {"mandate": value}).status_code for value in (str(foreign.pk), "", "9" * 30, "\x00")]
    assert answers == [404, 404, 404, 404]
    assert client.get(reverse("portal:switch")).status_code == 405
