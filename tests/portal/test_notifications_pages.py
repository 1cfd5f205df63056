"""What one was told, will be told, and how one wants it: one's own, and nobody else's."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from django.urls import reverse

from core import clock
from core.mail import notify
from core.models import Notification, Preference
from partnership.notifications.ledger import CommitmentConfirmed, CommitmentDeclared
from tests.factories import partnership as make

if TYPE_CHECKING:
    from django.test import Client

    from tests.factories.world import World

pytestmark = pytest.mark.django_db
LIST = "portal:notifications"


def tell(world: World, times: int = 1, *, to: Any = None) -> list[Notification]:
    """So many notifications to the secretariat, the latest first."""
    for _ in range(times):
        notify(CommitmentConfirmed(world.owed_by_onmt, by=world.manager), to=[to or world.secretariat])
    return list(Notification.objects.filter(recipient=to or world.secretariat))


def test_notifications_are_ones_own_with_the_unread_ones_first(world: World, client: Client) -> None:
    newer, older = tell(world, 2)
    Notification.objects.filter(pk=newer.pk).update(read_at=clock.now())
    Notification.objects.filter(pk=older.pk).update(created_at=clock.now() - timedelta(days=3))
    foreign = tell(world, to=world.operator)[0]
    client.force_login(world.secretariat)
    content = client.get(reverse(LIST)).content.decode()
    places = [content.index(reverse("portal:notification_open", args=[row.pk])) for row in (older, newer)]
    assert places == sorted(places)
    assert str(foreign.pk) not in content


def test_notifications_say_what_will_come_when_there_is_none(world: World, client: Client) -> None:
    client.force_login(world.operator)
    assert reverse("portal:preferences") in client.get(reverse(LIST)).content.decode()


@pytest.mark.parametrize("count", [1, 3])
def test_notifications_cost_the_same_for_any_number_of_rows(
    world: World, client: Client, django_assert_num_queries: Any, count: int
) -> None:
    tell(world, count)
    client.force_login(world.secretariat)
    client.get(reverse(LIST))
    with django_assert_num_queries(5):  # session, account, mandates, the bell, the page
        client.get(reverse(LIST))


def test_notifications_turn_pages_without_losing_or_repeating_one(world: World, client: Client) -> None:
    rows = tell(world, 35)
    Notification.objects.filter(pk__in=[row.pk for row in rows[::2]]).update(read_at=clock.now())
    client.force_login(world.secretariat)
    seen, address = [], reverse(LIST)
    while address:
        page = client.get(address).context["page"]
        seen += [row.pk for row in page.rows]
        address = f"{reverse(LIST)}{page.next_url}" if page.next_url else ""
    assert (len(seen), set(seen)) == (35, {row.pk for row in rows})


def test_opening_a_notification_marks_it_read_and_leads_to_its_object(world: World, client: Client) -> None:
    row = tell(world)[0]
    client.force_login(world.secretariat)
    response = client.get(reverse("portal:notification_open", args=[row.pk]))
    row.refresh_from_db()
    assert (response.status_code, response["Location"]) == (302, f"/commitments/{world.owed_by_onmt.pk}/")
    assert row.read_at is not None


@pytest.mark.parametrize("url", ["", "https://elsewhere.example/", "//elsewhere.example/", "/\\elsewhere.example"])
def test_opening_a_notification_never_leads_elsewhere(world: World, client: Client, url: str) -> None:
    row = tell(world)[0]
    Notification.objects.filter(pk=row.pk).update(url=url)
    client.force_login(world.secretariat)
    assert client.get(reverse("portal:notification_open", args=[row.pk]))["Location"] == reverse(LIST)


def test_notifications_of_others_do_not_exist(world: World, client: Client) -> None:
    row = tell(world)[0]
    client.force_login(world.operator)
    assert client.get(reverse("portal:notification_open", args=[row.pk])).status_code == 404
    assert client.get(reverse("portal:notification_open", args=[uuid4()])).status_code == 404
    client.post(reverse("portal:notifications_read"), {"id": str(row.pk)})
    row.refresh_from_db()
    assert row.read_at is None


@pytest.mark.parametrize(("sent", "left"), [({}, 0), ({"id": "one"}, 2), ({"id": ["nonsense", "9" * 30, "\x00"]}, 3)])
def test_marking_as_read_takes_one_or_all_and_ignores_nonsense(world: World, client: Client, sent: dict[str, Any], left: int) -> None:
    rows = tell(world, 3)
    if sent.get("id") == "one":
        sent = {"id": str(rows[0].pk)}
    client.force_login(world.secretariat)
    assert client.post(reverse("portal:notifications_read"), sent).status_code == 302
    assert Notification.objects.filter(recipient=world.secretariat, read_at=None).count() == left
    assert client.get(reverse("portal:notifications_read")).status_code == 405


# -- to come -------------------------------------------------------------------------------------------------------------
def test_forecast_shows_ones_own_reminders_and_nobody_elses(world: World, client: Client) -> None:
    mine = make.ActionFactory(axis=world.axis, organisation=world.atlas, responsible=world.operator.person, title="Action de l'Atlas",
                              due_on=clock.today() + timedelta(days=4))  # fmt: skip
    client.force_login(world.operator)
    assert f"/actions/{mine.pk}/" in client.get(reverse("portal:forecast")).content.decode()
    client.force_login(world.competitor)
    assert f"/actions/{mine.pk}/" not in client.get(reverse("portal:forecast")).content.decode()


# -- preferences ---------------------------------------------------------------------------------------------------------
def choices(client: Client) -> dict[str, str]:
    form = client.get(reverse("portal:preferences")).context["form"]
    return {name: field.initial for name, field in form.fields.items()}


def test_preferences_keep_what_differs_and_only_that(world: World, client: Client) -> None:
    client.force_login(world.secretariat)
    sent = choices(client) | {CommitmentConfirmed.kind: "never"}
    assert client.post(reverse("portal:preferences"), sent).status_code == 302
    assert list(Preference.objects.values_list("user", "kind", "delivery")) == [(world.secretariat.pk, "commitment_confirmed", "never")]
    assert choices(client) == sent


@pytest.mark.parametrize("value", ["never", "", "sometimes", "9" * 30, "a\x00"])
def test_preferences_refuse_to_switch_off_a_compulsory_kind_and_nonsense(world: World, client: Client, value: str) -> None:
    client.force_login(world.secretariat)
    sent = choices(client) | {CommitmentConfirmed.kind: "never", CommitmentDeclared.kind: value}
    assert client.post(reverse("portal:preferences"), sent).status_code == 422
    assert not Preference.objects.exists()


@pytest.mark.parametrize("name", ["portal:notifications", "portal:forecast", "portal:preferences", "portal:reports"])
def test_page_asks_anonymous_visitors_to_sign_in(world: World, client: Client, name: str) -> None:
    response = client.get(reverse(name))
    assert (response.status_code, response["Location"].startswith(reverse("account_login"))) == (302, True)
