"""Civil time is Casablanca's, from the pinned tables, on every machine."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta

import pytest
import time_machine
from django.db import connection

from core import clock


@pytest.mark.parametrize(
    ("instant", "hours"),
    [
        (datetime(2026, 7, 1, 12, tzinfo=UTC), 1),
        (datetime(2026, 9, 20, 0, 59, tzinfo=UTC), 1),
        (datetime(2026, 9, 20, 1, 0, tzinfo=UTC), 0),
        (datetime(2026, 11, 23, 12, tzinfo=UTC), 0),
        (datetime(2027, 3, 1, 12, tzinfo=UTC), 0),
        (datetime(2025, 3, 15, 12, tzinfo=UTC), 0),
    ],
)
def test_casablanca_offset_when_the_law_changed_then_follows_it(instant: datetime, hours: int) -> None:
    assert instant.astimezone(clock.CASABLANCA).utcoffset() == timedelta(hours=hours)


@pytest.mark.parametrize(
    ("instant", "today"),
    [
        (datetime(2026, 7, 1, 22, 59, tzinfo=UTC), date(2026, 7, 1)),
        (datetime(2026, 7, 1, 23, 0, tzinfo=UTC), date(2026, 7, 2)),
        (datetime(2026, 11, 23, 23, 59, tzinfo=UTC), date(2026, 11, 23)),
    ],
)
def test_today_when_greenwich_is_still_on_the_day_before_then_is_casablancas(instant: datetime, today: date) -> None:
    with time_machine.travel(instant, tick=False):
        assert clock.today() == today


def test_a_day_when_the_clock_goes_back_then_lasts_25_hours() -> None:
    assert clock.end_of(date(2026, 9, 20)) - clock.start_of(date(2026, 9, 20)) == timedelta(hours=25)


def test_a_wall_time_when_before_and_after_the_change_then_is_resolved_by_that_days_rule() -> None:
    assert clock.at(date(2026, 9, 19), time(8)) == datetime(2026, 9, 19, 7, tzinfo=UTC)
    assert clock.at(date(2026, 9, 21), time(8)) == datetime(2026, 9, 21, 8, tzinfo=UTC)


@pytest.mark.django_db
def test_the_database_driver_when_connected_then_is_psycopg2() -> None:
    connection.ensure_connection()
    assert any(base.__module__.split(".")[0] == "psycopg2" for base in type(connection.connection).__mro__)
