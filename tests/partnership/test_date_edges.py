"""Every rule about days, on both sides of the Casablanca midnight: month ends, a leap day, Ramadan, and the law of 20 September 2026.

Until then Morocco was an hour ahead of UTC except in Ramadan; since then it keeps UTC all year.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
import time_machine

from core import clock, reminders
from core.actors import SYSTEM
from core.calendar import add_working_days, is_working_day, load_holidays
from core.models import Job, Notification, OutboxMail
from partnership.choices import ConventionStatus
from partnership.models import Commitment, Convention
from partnership.reports import request_monthly
from partnership.services.recurrence import open_due_occurrences
from partnership.tasks import expire_ended_conventions
from tests.factories.partnership import ConventionFactory
from tests.factories.world import build_world

if TYPE_CHECKING:
    from tests.factories.world import World

pytestmark = pytest.mark.django_db

# A working day, and the first instant of the next day in Casablanca. No feast falls on any of the four days around.
MIDNIGHTS = [
    pytest.param(date(2026, 6, 30), datetime(2026, 6, 30, 23, tzinfo=UTC), id="month end at UTC+1"),
    pytest.param(date(2026, 2, 26), datetime(2026, 2, 27, 0, tzinfo=UTC), id="Ramadan at UTC"),
    pytest.param(date(2026, 3, 26), datetime(2026, 3, 26, 23, tzinfo=UTC), id="after Ramadan at UTC+1"),
    pytest.param(date(2026, 9, 17), datetime(2026, 9, 17, 23, tzinfo=UTC), id="last Thursday at UTC+1"),
    pytest.param(date(2026, 9, 21), datetime(2026, 9, 22, 0, tzinfo=UTC), id="first Monday of the new law"),
    pytest.param(date(2026, 11, 30), datetime(2026, 12, 1, 0, tzinfo=UTC), id="month end at UTC"),
    pytest.param(date(2028, 2, 29), datetime(2028, 3, 1, 0, tzinfo=UTC), id="leap day"),
]
SECOND = timedelta(seconds=1)


@pytest.fixture
def world(db: None) -> World:
    """The world long before any of the days, with nothing due by itself."""
    with at(datetime(2026, 1, 5, 12, tzinfo=UTC)):
        made = build_world()
        Commitment.objects.update(due_on=None)
    return made


def at(instant: datetime) -> time_machine.travel:
    return time_machine.travel(instant, tick=False)


@pytest.mark.parametrize(("day", "midnight"), MIDNIGHTS)
def test_today_when_midnight_passes_in_casablanca_then_changes_there_and_not_before(day: date, midnight: datetime) -> None:
    with at(midnight - SECOND):
        assert (clock.today(), clock.end_of(day)) == (day, midnight)
    with at(midnight):
        assert clock.today() == day + timedelta(days=1)


@pytest.mark.parametrize(
    ("instant", "day"),
    [
        (datetime(2026, 6, 30, 23, 30, tzinfo=UTC), date(2026, 7, 1)),
        (datetime(2026, 2, 28, 23, 30, tzinfo=UTC), date(2026, 2, 28)),
        (datetime(2026, 2, 14, 23, 30, tzinfo=UTC), date(2026, 2, 15)),
        (datetime(2026, 3, 22, 23, 30, tzinfo=UTC), date(2026, 3, 23)),
        (datetime(2026, 9, 19, 23, 30, tzinfo=UTC), date(2026, 9, 20)),
        (datetime(2026, 9, 20, 23, 30, tzinfo=UTC), date(2026, 9, 20)),
        (datetime(2026, 12, 31, 23, 30, tzinfo=UTC), date(2026, 12, 31)),
        (datetime(2028, 2, 29, 23, 30, tzinfo=UTC), date(2028, 2, 29)),
    ],
)
def test_half_past_eleven_at_night_in_utc_when_read_as_a_day_then_is_casablancas(instant: datetime, day: date) -> None:
    with at(instant):
        assert clock.today() == clock.civil_date(instant) == day


@pytest.mark.parametrize(
    ("day", "hours"),
    [(date(2026, 2, 15), 25), (date(2026, 3, 22), 23), (date(2026, 9, 20), 25), (date(2027, 2, 8), 24), (date(2027, 3, 14), 24)],
)
def test_a_day_when_the_clock_is_put_back_or_forward_then_lasts_an_hour_more_or_less_and_never_since_the_new_law(
    day: date, hours: int
) -> None:
    assert clock.end_of(day) - clock.start_of(day) == timedelta(hours=hours)


@pytest.mark.parametrize(("day", "midnight"), MIDNIGHTS)
def test_a_commitment_when_its_day_ends_in_casablanca_then_is_late_and_not_a_second_before(
    world: World, day: date, midnight: datetime
) -> None:
    Commitment.objects.filter(pk=world.owed_by_cnt.pk).update(due_on=day)

    for instant, late in [(midnight - SECOND, False), (midnight, True)]:
        with at(instant):
            assert Commitment.objects.get(pk=world.owed_by_cnt.pk).is_late is late
            assert Commitment.objects.late().filter(pk=world.owed_by_cnt.pk).exists() is late


@pytest.mark.parametrize(("day", "midnight"), MIDNIGHTS)
def test_a_reminder_when_its_day_comes_then_is_told_from_midnight_in_casablanca_once(world: World, day: date, midnight: datetime) -> None:
    Commitment.objects.filter(pk=world.owed_by_cnt.pk).update(due_on=add_working_days(day, 1))  # told on that day itself
    due = clock.start_of(add_working_days(day, 1))
    with at(due - SECOND):
        reminders.find()
        assert Notification.objects.count() == 0

    for instant in (due, clock.end_of(add_working_days(day, 1)) - SECOND):
        with at(instant):
            reminders.find()

    assert {row.kind for row in Notification.objects.all()} == {"reminder_commitment_due"}
    assert Notification.objects.count() == 2  # the two people of the CNT, once
    assert {mail.day for mail in OutboxMail.objects.all()} == {clock.civil_date(due)}
    if add_working_days(day, 1) == day + timedelta(days=1):
        assert due == midnight


@pytest.mark.parametrize(("day", "midnight"), MIDNIGHTS)
def test_a_convention_when_its_last_day_ends_in_casablanca_then_expires_and_not_a_second_before(day: date, midnight: datetime) -> None:
    with at(datetime(2026, 1, 5, 12, tzinfo=UTC)):
        convention = ConventionFactory(ends_on=day)
    with at(midnight - SECOND):
        assert expire_ended_conventions() == 0
    with at(midnight):
        assert expire_ended_conventions() == 1
    assert Convention.objects.get(pk=convention.pk).status == ConventionStatus.EXPIRED


@pytest.mark.parametrize(
    ("first", "following"),
    [
        (date(2026, 8, 31), [date(2026, 9, 30), date(2026, 10, 31), date(2026, 11, 30)]),
        (date(2027, 12, 31), [date(2028, 1, 31), date(2028, 2, 29), date(2028, 3, 31)]),
        (date(2026, 12, 29), [date(2027, 1, 29), date(2027, 2, 28), date(2027, 3, 29)]),
    ],
    ids=["31 to 30", "into a leap year", "29 February that does not exist"],
)
def test_a_monthly_commitment_when_months_are_of_unequal_length_then_keeps_its_day(
    world: World, first: date, following: list[date]
) -> None:
    Commitment.objects.filter(pk=world.owed_by_cnt.pk).update(due_on=first, recurrence="monthly")
    with at(clock.start_of(following[-1])):
        open_due_occurrences(by=SYSTEM)

    opened = Commitment.objects.exclude(previous=None).order_by("due_on").values_list("due_on", flat=True)
    assert list(opened) == following


@pytest.mark.parametrize("first", [date(2026, 7, 1), date(2026, 12, 1), date(2026, 3, 1), date(2026, 10, 1), date(2028, 3, 1)])
def test_the_months_report_when_the_month_begins_in_casablanca_then_is_asked_for_and_not_a_second_before(world: World, first: date) -> None:
    with at(clock.start_of(first) - SECOND):
        request_monthly()
        before = {job.params["month"] for job in Job.objects.all()}
    with at(clock.start_of(first)):
        assert request_monthly() >= 1
        assert request_monthly() == 0

    last_day = first - timedelta(days=1)
    assert before == {f"{last_day:%Y-%m}"}
    assert {job.params["month"] for job in Job.objects.all()} == {f"{last_day:%Y-%m}", f"{first:%Y-%m}"}


def test_working_days_when_a_feast_follows_ramadan_or_the_year_leaps_then_are_counted_right() -> None:
    load_holidays(years=[2026, 2028])

    # Eid al-Fitr 2026: 20 and 21 March, and the 22nd which the moon may add; Friday to Sunday.
    assert [is_working_day(date(2026, 3, day)) for day in (18, 19, 20, 21, 22, 23)] == [True, True, False, False, False, True]
    assert add_working_days(date(2026, 3, 19), 1) == date(2026, 3, 23)
    assert add_working_days(date(2028, 2, 28), 1) == date(2028, 2, 29)
    assert add_working_days(date(2028, 3, 1), -1) == date(2028, 2, 29)
    assert add_working_days(date(2027, 2, 26), 1) == date(2027, 3, 1)
