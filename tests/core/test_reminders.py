"""The reminders' mechanism: exactly once, caught up after an outage, withdrawn when the cause is gone, as foreseen."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from core import clock, heartbeat, reminders
from core.calendar import WorkingDays
from core.mail import Message, outbox
from core.models import Notification, OutboxMail, ReminderOccurrence
from core.reminders import Offsets, Reminder
from tests.factories.accounts import UserFactory
from tests.factories.partnership import OrganisationFactory
from tests.factories.threads import at_once

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_django import Settings

    from accounts.models import User
    from partnership.models import Organisation

pytestmark = pytest.mark.django_db(transaction=True)

MONDAY = date(2026, 11, 23)


class Told(Message):
    kind = "test_reminder"
    label = "Test"
    template = "partnership/emails/reminder_action_due"


class Fake(Reminder):
    """Reminds `reader` of what `awaited` holds: the date of each organisation."""

    message = Told
    offsets = Offsets((-3, 0, 1), every=2)
    awaited: ClassVar[dict[Any, date]] = {}
    readers: ClassVar[list[Any]] = []

    def rows(self, low: date | None, high: date) -> Iterator[tuple[date, Any]]:
        for row, day in self.awaited.items():
            if day <= high and (low is None or day >= low):
                yield day, row

    def recipients(self, row: Any) -> list[Any]:
        return self.readers

    def url(self, row: Any) -> str:
        return f"/organisations/{row.pk}/"

    def data(self, row: Any, base: date) -> dict[str, Any]:
        return {"title": row.name_fr, "organisation": "ONMT", "due_on": base.isoformat()}


class Broken(Fake):
    """A kind whose rows cannot be read."""

    class message(Told):  # noqa: N801
        kind = "test_broken"

    def rows(self, low: date | None, high: date) -> Iterator[tuple[date, Any]]:
        raise ValueError("this kind is broken")


KINDS = (Fake,)
BROKEN_FIRST = (Broken, Fake)


@pytest.fixture(autouse=True)
def _own_kinds(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.REMINDERS = [f"{__name__}.KINDS"]
    monkeypatch.setattr(reminders, "kinds", lambda: KINDS)
    monkeypatch.setattr(Fake, "awaited", {})
    monkeypatch.setattr(Fake, "readers", [])


@pytest.fixture
def thing() -> Organisation:
    made: Organisation = OrganisationFactory(name_fr="Hôtel Atlas")
    return made


@pytest.fixture
def reader() -> User:
    made: User = UserFactory()
    Fake.readers.append(made)
    return made


def on(day: date, hour: int = 7) -> time_machine.travel:
    return time_machine.travel(datetime(day.year, day.month, day.day, hour, tzinfo=UTC), tick=False)


def round_on(day: date) -> int:
    with on(day):
        return reminders.find()


# -- when --------------------------------------------------------------------------------------------------------------
def test_offsets_when_a_holiday_lies_between_then_count_working_days() -> None:
    days = WorkingDays([date(2026, 11, 18)])
    offsets = Offsets((-3, 0, 1), every=2)

    hits = list(offsets.hits(date(2026, 11, 21), date(2026, 11, 1), date(2026, 11, 30), days))  # a Saturday

    assert hits == [
        (-3, date(2026, 11, 17)),
        (0, date(2026, 11, 20)),
        (1, date(2026, 11, 23)),
        (3, date(2026, 11, 25)),
        (5, date(2026, 11, 27)),
    ]


def test_offsets_in_plain_days_when_they_fall_on_a_weekend_then_come_back_to_the_last_working_day() -> None:
    hits = list(Offsets((-30, -7), calendar=True).hits(date(2026, 12, 20), date(2026, 11, 1), date(2026, 12, 31), WorkingDays([])))

    assert hits == [(-30, date(2026, 11, 20)), (-7, date(2026, 12, 11))]


@given(
    steps=st.sets(st.integers(-25, 25), min_size=1, max_size=4),
    every=st.sampled_from([0, 5]),
    calendar=st.booleans(),
    base=st.dates(date(2026, 1, 1), date(2028, 12, 31)),
    start=st.integers(-60, 60),
    length=st.integers(0, 40),
    holidays=st.sets(st.integers(-80, 80), max_size=12),
)
def test_the_reach_of_offsets_when_a_step_falls_in_the_window_then_holds_its_date(
    steps: set[int], every: int, calendar: bool, base: date, start: int, length: int, holidays: set[int]
) -> None:
    offsets = Offsets(tuple(sorted(steps)), every=every, calendar=calendar)
    first = base + timedelta(days=start)
    last = first + timedelta(days=length)
    days = WorkingDays({base + timedelta(days=offset) for offset in holidays})

    hits = list(offsets.hits(base, first, last, days))

    low, high = offsets.reach(first, last)
    assert not hits or ((low is None or low <= base) and base <= high)
    assert all(first <= day <= last for _step, day in hits)


# -- exactly once ------------------------------------------------------------------------------------------------------
def test_a_reminder_when_its_day_comes_then_is_told_once_however_often_the_round_runs(thing: Organisation, reader: User) -> None:
    Fake.awaited[thing] = MONDAY + timedelta(days=2)

    assert [round_on(MONDAY), round_on(MONDAY + timedelta(days=1)), round_on(MONDAY + timedelta(days=2))] == [0, 0, 1]
    assert round_on(MONDAY + timedelta(days=2)) == 0

    occurrence = ReminderOccurrence.objects.get(occasion="2026-11-25+0")
    assert occurrence.notification == Notification.objects.get()
    assert occurrence.notification.url == f"/organisations/{thing.pk}/"


def test_two_rounds_when_they_run_at_once_then_tell_each_reminder_once(reader: User) -> None:
    with on(MONDAY):
        for _ in range(40):
            Fake.awaited[OrganisationFactory()] = MONDAY
        counts = at_once(reminders.find, reminders.find)

    assert sum(counts) == 40
    assert (Notification.objects.count(), OutboxMail.objects.count()) == (40, 1)


def test_a_round_when_it_fails_half_way_then_leaves_nothing_and_the_next_one_tells(
    thing: Organisation, reader: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    Fake.awaited[thing] = MONDAY
    with monkeypatch.context() as patched:
        patched.setattr(heartbeat, "beat_all", _die)
        with pytest.raises(RuntimeError):
            round_on(MONDAY)

    assert (ReminderOccurrence.objects.count(), Notification.objects.count()) == (0, 0)
    assert round_on(MONDAY) == 1


def _die(*_args: Any, **_more: Any) -> None:
    raise RuntimeError("killed")


def test_a_kind_when_it_fails_then_does_not_hold_back_the_others(
    thing: Organisation, reader: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reminders, "kinds", lambda: BROKEN_FIRST)
    Fake.awaited[thing] = MONDAY

    assert round_on(MONDAY) == 1
    assert heartbeat.last("reminders:test_reminder") is not None
    assert heartbeat.last("reminders:test_broken") is None
    assert heartbeat.last("reminders") is None


# -- outages -----------------------------------------------------------------------------------------------------------
def test_reminders_when_the_portal_was_stopped_then_are_caught_up_the_latest_of_each_object_only(thing: Organisation, reader: User) -> None:
    round_on(MONDAY)
    Fake.awaited[thing] = MONDAY + timedelta(days=9)  # Wednesday 2 December; -3: Friday 27, 0: 2, +1: 3

    assert round_on(MONDAY + timedelta(days=11)) == 1  # Friday 4 December

    told = sorted((row.occasion, row.notification_id is not None) for row in ReminderOccurrence.objects.all())
    assert told == [("2026-12-02+0", False), ("2026-12-02+1", True), ("2026-12-02-3", False)]


def test_reminders_when_the_outage_is_longer_than_the_catch_up_then_are_one_summary(reader: User, settings: Settings) -> None:
    round_on(MONDAY)
    for number in range(30):
        Fake.awaited[OrganisationFactory(name_fr=f"Hôtel {number:02d}")] = MONDAY + timedelta(days=40)
    quiet = type("Quiet", (Fake,), {"offsets": Offsets((-20,))})

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(reminders, "kinds", lambda: (quiet,))
        assert round_on(MONDAY + timedelta(days=60)) == 1
        assert round_on(MONDAY + timedelta(days=60)) == 0

    summary = Notification.objects.get()
    assert (summary.kind, summary.recipient) == ("reminders_late", reader)
    assert summary.body.count("•") == reminders.LATE_LINES
    assert ReminderOccurrence.objects.count() == 30


def test_a_kind_when_it_has_never_run_then_digs_up_no_past(thing: Organisation, reader: User) -> None:
    Fake.awaited[thing] = MONDAY - timedelta(days=3)  # +1 is today, the steps before are gone

    assert round_on(MONDAY) == 1
    assert list(ReminderOccurrence.objects.values_list("occasion", flat=True)) == ["2026-11-20+1"]


# -- causes that go ----------------------------------------------------------------------------------------------------
def test_a_reminder_when_its_cause_is_settled_before_the_mail_leaves_then_is_withdrawn(thing: Organisation, reader: User) -> None:
    Fake.awaited[thing] = MONDAY
    round_on(MONDAY)
    del Fake.awaited[thing]

    round_on(MONDAY)

    with on(MONDAY, hour=12):
        assert outbox.sweep() == 0
    assert Notification.objects.visible_to(reader).count() == 0


def test_a_reminder_when_its_cause_comes_back_the_same_day_then_is_told_after_all(thing: Organisation, reader: User) -> None:
    Fake.awaited[thing] = MONDAY
    round_on(MONDAY)
    del Fake.awaited[thing]
    round_on(MONDAY)
    Fake.awaited[thing] = MONDAY

    assert round_on(MONDAY) == 1
    assert Notification.objects.visible_to(reader).count() == 1


def test_a_reminder_when_it_has_left_and_its_cause_is_settled_then_stays_told(thing: Organisation, reader: User) -> None:
    Fake.awaited[thing] = MONDAY
    round_on(MONDAY)
    with on(MONDAY, hour=12):
        assert outbox.sweep() == 1
    del Fake.awaited[thing]

    round_on(MONDAY)

    assert Notification.objects.visible_to(reader).count() == 1


def test_a_date_when_it_moves_then_is_a_new_occasion(thing: Organisation, reader: User) -> None:
    Fake.awaited[thing] = MONDAY
    round_on(MONDAY)
    with on(MONDAY, hour=12):
        outbox.sweep()
    Fake.awaited[thing] = MONDAY + timedelta(days=1)

    assert round_on(MONDAY + timedelta(days=1)) == 1


# -- the forecast ------------------------------------------------------------------------------------------------------
def test_the_forecast_when_days_pass_then_is_what_is_told(reader: User) -> None:
    with on(MONDAY):
        for offset in range(-10, 20, 3):
            Fake.awaited[OrganisationFactory()] = MONDAY + timedelta(days=offset)
        foreseen = {(line.day, line.about.pk) for line in reminders.forecast(14)}

    told = set()
    for offset in range(15):
        day = MONDAY + timedelta(days=offset)
        before = set(Notification.objects.values_list("pk", flat=True))
        round_on(day)
        told |= {(day, row.about_id) for row in Notification.objects.exclude(pk__in=before)}

    assert told == foreseen
    with on(MONDAY + timedelta(days=14)):
        assert reminders.forecast(0) == []


def test_the_forecast_when_asked_for_one_person_then_holds_only_theirs(thing: Organisation, reader: User) -> None:
    Fake.awaited[thing] = MONDAY
    with on(MONDAY):
        assert [line.recipients for line in reminders.forecast(user=reader)] == [(reader,)] * len(reminders.forecast())
        assert reminders.forecast(user=UserFactory()) == []
        assert reminders.forecast()[0].day == clock.today()
