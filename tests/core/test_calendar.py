"""Working days of Morocco: the confirmed holidays, the estimated ones, and the day that an estimate may miss."""

from __future__ import annotations

from datetime import date, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from hypothesis import given
from hypothesis import strategies as st

from accounts.roles import StaffRole
from core.actors import SYSTEM
from core.calendar import WorkingDays, add_working_days, confirm_holiday, holidays_between, is_working_day, load_holidays, years_kept
from core.choices import HolidayStatus
from core.errors import Conflict, Forbidden, Invalid
from core.models import Holiday
from tests.factories.accounts import StaffFactory, UserFactory

ADHA = "eid-al-adha-2027"


@pytest.fixture
def _loaded(db: None) -> None:
    load_holidays(years=[2026, 2027])


@pytest.mark.usefixtures("_loaded")
def test_fixed_feasts_when_they_are_loaded_then_are_confirmed_and_named_in_three_languages() -> None:
    [green_march, independence] = holidays_between(date(2026, 11, 1), date(2026, 11, 30))

    assert (green_march.date, independence.date) == (date(2026, 11, 6), date(2026, 11, 18))
    assert (independence.name_fr, independence.name_ar, independence.name_en) == (
        "Fête de l'indépendance",
        "عيد الاستقلال",
        "Independence Day",
    )
    assert independence.status == HolidayStatus.CONFIRMED


@pytest.mark.usefixtures("_loaded")
def test_a_religious_feast_when_it_is_loaded_then_is_estimated_and_its_second_day_is_kept_whatever_the_moon() -> None:
    days = Holiday.objects.filter(feast=ADHA).order_by("rank")

    assert [(day.date, day.is_margin) for day in days] == [
        (date(2027, 5, 16), False),
        (date(2027, 5, 17), False),
        (date(2027, 5, 18), True),
    ]
    assert {day.status for day in days} == {HolidayStatus.ESTIMATED}
    assert [is_working_day(date(2027, 5, number)) for number in (14, 17, 18, 19)] == [True, False, False, True]
    assert days[0].name_fr == "Fête du sacrifice"


@pytest.mark.django_db
def test_two_feasts_when_they_fall_on_one_day_then_are_both_kept() -> None:
    load_holidays(years=[2027])

    assert {row.feast for row in holidays_between(date(2027, 8, 14), date(2027, 8, 14))} == {
        "oued-ed-dahab-day-2027",
        "prophets-birthday-2027",
    }


@pytest.mark.django_db
def test_a_feast_when_it_comes_twice_in_a_year_then_is_two_feasts() -> None:
    load_holidays(years=[2033])

    assert set(Holiday.objects.filter(feast__startswith="eid-al-fitr").values_list("feast", flat=True)) == {
        "eid-al-fitr-2033",
        "eid-al-fitr-2033-2",
    }


@pytest.mark.django_db
def test_the_command_when_it_runs_twice_then_writes_nothing_the_second_time() -> None:
    first, second = StringIO(), StringIO()
    call_command("load_holidays", stdout=first)
    call_command("load_holidays", stdout=second)

    assert second.getvalue() == "0 holidays written\n"
    assert first.getvalue() == f"{Holiday.objects.count()} holidays written\n"
    assert {row.date.year for row in Holiday.objects.filter(is_margin=False)} == set(years_kept())


# -- confirming --------------------------------------------------------------------------------------------------------
@pytest.mark.usefixtures("_loaded")
def test_a_feast_when_its_day_is_confirmed_then_its_second_day_follows_and_the_possible_day_goes() -> None:
    first = Holiday.objects.get(feast=ADHA, rank=1)
    manager = StaffFactory(roles=[StaffRole.CONVENTION_MANAGER])

    confirm_holiday(holiday=first.pk, date=date(2027, 5, 17), by=manager, reason="Communiqué des Habous du 7 mai 2027")

    days = Holiday.objects.filter(feast=ADHA).order_by("rank")
    assert [(day.date, day.status) for day in days] == [
        (date(2027, 5, 17), HolidayStatus.CONFIRMED),
        (date(2027, 5, 18), HolidayStatus.ESTIMATED),
    ]
    trace = first.events.order_by("pgh_id").last()  # type: ignore[attr-defined]  # pghistory's table
    assert trace.pgh_context.metadata["reason"] == "Communiqué des Habous du 7 mai 2027"
    assert load_holidays(years=[2027]) == 0


@pytest.mark.usefixtures("_loaded")
def test_a_feast_when_it_is_confirmed_by_somebody_who_only_reads_then_is_refused() -> None:
    first = Holiday.objects.get(feast=ADHA, rank=1)

    for somebody in (StaffFactory(roles=[StaffRole.AUDITOR]), UserFactory()):
        with pytest.raises(Forbidden):
            confirm_holiday(holiday=first.pk, date=date(2027, 5, 17), by=somebody, reason="Communiqué")
    first.refresh_from_db()
    assert (first.date, first.status) == (date(2027, 5, 16), HolidayStatus.ESTIMATED)


@pytest.mark.usefixtures("_loaded")
def test_a_feast_when_it_is_confirmed_without_reason_too_far_or_on_a_possible_day_then_is_refused() -> None:
    first, margin = Holiday.objects.get(feast=ADHA, rank=1), Holiday.objects.get(feast=ADHA, is_margin=True)

    with pytest.raises(Invalid) as no_reason:
        confirm_holiday(holiday=first.pk, date=first.date, by=SYSTEM, reason=" ")
    with pytest.raises(Invalid) as too_far:
        confirm_holiday(holiday=first.pk, date=first.date + timedelta(days=11), by=SYSTEM, reason="Communiqué")
    with pytest.raises(Conflict):
        confirm_holiday(holiday=margin.pk, date=margin.date, by=SYSTEM, reason="Communiqué")
    with pytest.raises(Holiday.DoesNotExist):
        confirm_holiday(holiday=StaffFactory().pk, date=first.date, by=SYSTEM, reason="Communiqué")

    assert (no_reason.value.field, too_far.value.field) == ("reason", "date")


# -- counting ----------------------------------------------------------------------------------------------------------
@pytest.mark.usefixtures("_loaded")
def test_working_days_when_a_weekend_and_a_feast_lie_between_then_skip_them() -> None:
    assert add_working_days(date(2026, 11, 17), 1) == date(2026, 11, 19)  # the 18th is Independence Day
    assert add_working_days(date(2026, 11, 23), -3) == date(2026, 11, 17)
    assert add_working_days(date(2026, 11, 21), 0) == date(2026, 11, 21)
    assert WorkingDays().on_or_before(date(2026, 11, 22)) == date(2026, 11, 20)
    assert WorkingDays().between(date(2026, 11, 13), date(2026, 11, 20)) == 4


DAYS = st.dates(min_value=date(2020, 1, 1), max_value=date(2040, 1, 1))


@given(
    day=DAYS, count=st.integers(min_value=1, max_value=60), holidays=st.frozensets(DAYS, max_size=30), offsets=st.sets(st.integers(0, 90))
)
def test_the_nth_working_day_when_counted_back_then_agrees_with_the_count(
    day: date, count: int, holidays: frozenset[date], offsets: set[int]
) -> None:
    days = WorkingDays(holidays | {day + timedelta(days=offset) for offset in offsets})

    there = days.add(day, count)

    assert days.is_working(there)
    assert days.between(day, there) == count
    assert days.between(day, there - timedelta(days=1)) == count - 1
    assert len(days.inside(day + timedelta(days=1), there)) == count
    assert days.add(there, -count) <= day + timedelta(days=1)
