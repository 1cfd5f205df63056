"""The change feed: a partner that follows it holds what it sees, no more and no less, whatever happened in between."""

from __future__ import annotations

import random
import threading
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from django.db import connection, transaction

from accounts.roles import StaffRole
from core import clock, wall
from core.api import feed
from core.api.changes import resources
from core.models import Feed, FeedEntry
from core.wall import Context
from partnership.choices import Visibility
from partnership.models import Action, Affiliation, Axis, Commitment
from partnership.services.actions import report_progress
from partnership.services.parties import add_party, remove_party
from tests.api.conftest import ids, partner_of
from tests.factories.partnership import (
    ActionFactory,
    AffiliationFactory,
    AxisFactory,
    CommitmentFactory,
    ConventionFactory,
    DocumentVersionFactory,
    EvidenceFactory,
    OrganisationFactory,
)
from tests.factories.world import build_world

if TYPE_CHECKING:
    from collections.abc import Callable

    from pytest_django import DjangoAssertNumQueries, Settings
    from rest_framework.test import APIClient

    from tests.factories.world import World

CHANGES = "/api/v1/changes/"
Told = set[tuple[str, str]]


@pytest.fixture(autouse=True)
def _compared_at_each_call(settings: Settings) -> None:
    settings.API_FEED_SECONDS = 0


def follow(client: APIClient, since: str = "", **query: Any) -> tuple[list[dict[str, Any]], str]:
    """Every page from a cursor to the end, and the cursor for the next time."""
    found: list[dict[str, Any]] = []
    url: str | None = CHANGES
    query |= {"since": since} if since else {}
    while url:
        answer = client.get(url, query)
        assert answer.status_code == 200, answer.content
        page = answer.json()
        found += page["results"]
        url, query = page["next"], {}
    return found, page["cursor"]


def told(rows: list[dict[str, Any]], change: str) -> Told:
    return {(row["type"], row["id"]) for row in rows if row["change"] == change}


class Copy:
    """A partner's copy, kept by the feed alone. `is_calm`: nothing is written while it reads, so that each word is exact."""

    def __init__(self, client: APIClient, *, is_calm: bool = True) -> None:
        self.client, self.cursor, self.is_calm = client, "", is_calm
        self.held: Told = set()

    def update(self) -> list[dict[str, Any]]:
        rows, self.cursor = follow(self.client, self.cursor, page_size=7)
        for row in rows:
            key = (row["type"], row["id"])
            if row["change"] == "deleted":
                assert key in self.held or not self.is_calm, "what was never shown is called gone"
                self.held.discard(key)
            else:
                assert (key in self.held) == (row["change"] == "updated") or not self.is_calm, row
                self.held.add(key)
        return rows

    def visible(self) -> Told:
        """What the lists of the API hold now."""
        found: Told = set()
        for name in resources():
            url: str | None = f"/api/v1/{name}/?page_size=100"
            while url:
                page = self.client.get(url).json()
                found |= {(name, row["id"]) for row in page["results"]}
                url = page["next"]
        return found


def test_a_copy_when_kept_by_the_feed_then_holds_what_the_lists_hold(world: World, partner: Callable[..., APIClient]) -> None:
    copy = Copy(partner(world.cnt))
    copy.update()
    assert copy.held == copy.visible()
    kept, passing = ActionFactory(axis=world.axis, organisation=world.cnt), ActionFactory(axis=world.axis)
    copy.update()

    report_progress(action=kept.pk, progress=30, by=world.secretariat)
    Action.objects.filter(pk=passing.pk).delete()
    made, gone_before_it_was_told = CommitmentFactory(axis=world.axis), CommitmentFactory(axis=world.axis)
    gone_before_it_was_told.delete()
    rows = copy.update()

    assert told(rows, "updated") == {("actions", str(kept.pk))}
    assert told(rows, "deleted") == {("actions", str(passing.pk))}
    assert told(rows, "created") == {("commitments", str(made.pk))}
    assert copy.held == copy.visible()
    assert copy.update() == []


def test_a_right_when_lost_then_everything_seen_by_it_is_gone_and_nothing_else_is_named(
    world: World, partner: Callable[..., APIClient]
) -> None:
    convention = ConventionFactory(organisations=[world.onmt], visibility=Visibility.PARTIES, status="in_review", signed_on=None)
    axis = AxisFactory(convention=convention)
    party = add_party(convention=convention.pk, organisation=world.oasis.pk, by=world.manager)
    seen, stranger = Copy(partner(world.oasis)), Copy(partner(world.atlas))
    seen.update()
    stranger.update()
    action = ActionFactory(axis=axis, organisation=world.onmt)
    assert ("conventions", str(convention.pk)) in seen.held

    seen.update()
    remove_party(party=party.pk, by=world.manager)
    lost = told(seen.update(), "deleted")

    assert {("conventions", str(convention.pk)), ("axes", str(axis.pk)), ("actions", str(action.pk))} <= lost
    assert seen.held == seen.visible()
    assert stranger.update() == []


def test_a_membership_when_it_ends_by_its_date_alone_then_its_member_is_gone(world: World, partner: Callable[..., APIClient]) -> None:
    member = OrganisationFactory()
    AffiliationFactory(organisation=member, body=world.fnih)
    Affiliation.objects.filter(organisation=member).update(ends_on=clock.today() + timedelta(days=3))
    copy = Copy(partner(world.fnih))
    copy.update()
    assert ("organisations", str(member.pk)) in copy.held

    assert copy.update() == []
    with time_machine.travel(clock.now() + timedelta(days=3, minutes=1), tick=True):
        copy.client = partner(world.fnih)
        rows = copy.update()

    assert told(rows, "deleted") == {("organisations", str(member.pk))}
    assert told(rows, "created") == set()


def test_what_is_computed_beside_a_row_when_it_changes_then_the_row_is_told(world: World, partner: Callable[..., APIClient]) -> None:
    copy = Copy(partner(world.cnt))
    copy.update()

    EvidenceFactory(commitment=world.owed_by_cnt, document=DocumentVersionFactory(document__convention=world.convention).document)
    rows = copy.update()

    assert ("commitments", str(world.owed_by_cnt.pk)) in told(rows, "updated")


def test_a_row_when_it_comes_back_then_is_created_again(world: World, partner: Callable[..., APIClient]) -> None:
    document = DocumentVersionFactory(document__convention=world.convention).document
    copy = Copy(partner(world.cnt))
    key = ("documents", str(document.pk))
    copy.update()
    type(document).objects.filter(pk=document.pk).update(removed_at=clock.now())
    assert told(copy.update(), "deleted") == {key}

    type(document).objects.filter(pk=document.pk).update(removed_at=None)

    assert told(copy.update(), "created") == {key}


def test_a_token_when_its_scopes_are_few_then_gets_their_types_only(world: World, partner: Callable[..., APIClient]) -> None:
    narrow, everything = partner(world.cnt, "actions:read", "documents:write"), partner(world.cnt)
    ActionFactory(axis=world.axis)
    follow(everything)

    rows, cursor = follow(narrow)
    refused = narrow.get(CHANGES, {"type": "actions,commitments"})
    swapped = everything.get(CHANGES, {"since": cursor})

    assert {row["type"] for row in rows} == {"actions", "regions"}
    assert (refused.status_code, refused.json()["code"]) == (403, "insufficient_scope")
    assert (swapped.status_code, swapped.json()["code"]) == (400, "bad_cursor")


def test_a_cursor_when_it_is_another_organisations_or_too_old_then_is_refused(world: World, partner: Callable[..., APIClient]) -> None:
    cnt, fnih = partner(world.cnt), partner(world.fnih)
    action = ActionFactory(axis=world.axis)
    old = follow(cnt, type="actions")[1]
    foreign = fnih.get(CHANGES, {"since": old, "type": "actions"})
    ActionFactory(axis=world.axis)
    action.delete()
    young = follow(cnt, old, type="actions")[1]
    FeedEntry.objects.filter(gone=True).update(noted_at=clock.now() - feed.KEPT - timedelta(days=1))

    assert feed.purge() == 1
    assert (foreign.status_code, foreign.json()["code"]) == (400, "cursor_expired")
    assert cnt.get(CHANGES, {"since": old, "type": "actions"}).json()["code"] == "cursor_expired"
    assert follow(cnt, young, type="actions")[0] == []


def test_a_feed_when_nobody_asked_for_it_in_90_days_then_is_forgotten_with_its_cursors(
    world: World, partner: Callable[..., APIClient]
) -> None:
    client = partner(world.cnt)
    cursor = follow(client)[1]
    Feed.objects.update(asked_at=clock.now() - feed.KEPT - timedelta(days=1))

    assert feed.purge() > 0
    assert not FeedEntry.objects.exists()
    follow(client)
    assert client.get(CHANGES, {"since": cursor}).json()["code"] == "cursor_expired"


def test_a_feed_when_started_from_now_then_tells_only_what_comes_after(world: World, partner: Callable[..., APIClient]) -> None:
    client = partner(world.cnt)
    rows, cursor = follow(client, "now")
    action = ActionFactory(axis=world.axis)

    assert rows == []
    assert told(follow(client, cursor)[0], "created") == {("actions", str(action.pk))}


def test_a_feed_when_asked_then_costs_one_query_a_type_at_most_and_none_when_it_is_fresh(
    world: World, partner: Callable[..., APIClient], settings: Settings, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    client = partner(world.cnt)
    follow(client)
    for _ in range(3):
        ActionFactory(axis=world.axis)

    # Quota, token, access; the feed, a savepoint, its lock, one comparison a type, its number, the savepoint; the page.
    with django_assert_num_queries(3 + 5 + len(resources()) + 1):
        client.get(CHANGES)
    settings.API_FEED_SECONDS = 10
    with django_assert_num_queries(3 + 1 + 1):
        client.get(CHANGES)
    assert len(resources()) == 7


def test_people_and_nobody_have_no_feed(world: World, session: Callable[..., APIClient], anonymous: APIClient) -> None:
    answers = session(world.secretariat).get(CHANGES), session(world.manager).get(CHANGES), anonymous.get(CHANGES)

    assert [answer.status_code for answer in answers] == [403, 403, 401]
    assert answers[0].json()["code"] == "programs_only"


def _write_slowly(number: int, axis: Axis, seen: list[Any]) -> None:
    """Thirty acts whose transactions stay open for a while: they commit in another order than that of their clocks."""
    dice = random.Random(number)
    try:
        for turn in range(30):
            with transaction.atomic():
                if seen and dice.random() < 0.5:
                    pk = dice.choice(seen)
                    row = Commitment.objects.select_for_update(skip_locked=True).filter(pk=pk).first()
                    if row is not None and dice.random() < 0.4:
                        row.delete()
                    elif row is not None:
                        row.description = f"{number}"
                        row.save(update_fields=["description", "updated_at"])
                else:
                    seen.append(CommitmentFactory(axis=axis, reference=f"T-{number}-{turn}").pk)
                time.sleep(dice.choice([0, 0, 0.01, 0.05]))
    finally:
        connection.close()


def _many_calls(settings: Settings) -> None:
    settings.REST_FRAMEWORK = settings.REST_FRAMEWORK | {"DEFAULT_THROTTLE_RATES": dict.fromkeys(["client", "organisation"], "100000/min")}


@pytest.mark.django_db(transaction=True)
def test_transactions_when_they_commit_out_of_order_then_no_change_is_skipped(settings: Settings) -> None:
    _many_calls(settings)
    world = build_world()
    client = partner_of(world.cnt, world.staff[StaffRole.ACCOUNT_MANAGER])
    copy, versions = Copy(client, is_calm=False), dict[str, str]()
    seen: list[Any] = []
    writers = [threading.Thread(target=_write_slowly, args=(number, world.axis, seen)) for number in range(5)]
    for writer in writers:
        writer.start()

    running = True
    while running:
        running = any(writer.is_alive() for writer in writers)
        for row in copy.update():
            if row["type"] == "commitments" and row["change"] != "deleted":
                answer = client.get(f"/api/v1/commitments/{row['id']}/")
                versions[row["id"]] = answer.json().get("updated_at", "")

    present = {str(pk): updated_at for pk, updated_at in Commitment.objects.values_list("pk", "updated_at")}
    assert len(seen) > 50
    assert len(present) < len(seen)
    assert {pk for kind, pk in copy.held if kind == "commitments"} == present.keys()
    assert {pk: versions[pk] for pk in present} == {pk: at.isoformat().replace("+00:00", "Z") for pk, at in present.items()}
    assert copy.held == copy.visible()


@pytest.mark.django_db(transaction=True)
def test_a_row_when_committed_after_a_younger_one_then_is_told_where_dates_alone_miss_it() -> None:
    world = build_world()
    client = partner_of(world.cnt, world.staff[StaffRole.ACCOUNT_MANAGER])
    written, may_commit, slow = threading.Event(), threading.Event(), list[str]()

    def write_and_wait() -> None:
        try:
            with transaction.atomic():
                slow.append(str(CommitmentFactory(axis=world.axis).pk))
                written.set()
                may_commit.wait(20)
        finally:
            connection.close()

    writer = threading.Thread(target=write_and_wait)
    writer.start()
    assert written.wait(20)
    younger = CommitmentFactory(axis=world.axis)
    cursor = follow(client)[1]
    mark = client.get(f"/api/v1/commitments/{younger.pk}/").json()["updated_at"]
    may_commit.set()
    writer.join(20)

    assert slow[0] not in ids(client.get("/api/v1/commitments/", {"modified_since": mark}))
    assert told(follow(client, cursor)[0], "created") == {("commitments", slow[0])}


def test_modified_since_when_used_on_every_list_then_gives_what_changed_since(world: World, partner: Callable[..., APIClient]) -> None:
    client = partner(world.cnt)
    for name in resources():
        assert ids(client.get(f"/api/v1/{name}/", {"modified_since": "2099-01-01T00:00:00Z"})) == set(), name
        assert ids(client.get(f"/api/v1/{name}/", {"modified_since": "2000-01-01T00:00:00Z"})) == ids(client.get(f"/api/v1/{name}/")), name


def test_the_feed_of_a_competitor_when_a_filter_is_forgotten_then_the_database_hides_it(
    world: World, partner: Callable[..., APIClient]
) -> None:
    rival = OrganisationFactory()
    for organisation in (world.cnt, rival):
        ActionFactory(axis=world.axis, organisation=organisation)
        follow(partner(organisation))
    assert set(FeedEntry.objects.values_list("organisation", flat=True)) == {world.cnt.pk, rival.pk}

    with wall.behind(Context(wall.PEOPLE, owners=[rival.pk])):
        assert set(FeedEntry.objects.values_list("organisation", flat=True)) == {rival.pk}
        assert [row.pk for row in Feed.objects.all()] == [rival.pk]
        assert FeedEntry.objects.filter(organisation=world.cnt.pk).update(gone=True) == 0
    with wall.behind(wall.NOBODY):
        assert not FeedEntry.objects.exists()
        assert not Feed.objects.exists()
