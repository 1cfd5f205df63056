"""The only place that reads the clock. Instants are UTC; days are Casablanca's, from the pinned tzdata package."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from django.utils import timezone

CASABLANCA = ZoneInfo("Africa/Casablanca")
# Around the law of 2026: Morocco left UTC+1 on 20 September at 02:00. Hours that must separate Casablanca from UTC.
OFFSETS: Final[tuple[tuple[datetime, int], ...]] = (
    (datetime(2025, 3, 15, 12, tzinfo=UTC), 0),
    (datetime(2026, 7, 1, tzinfo=UTC), 1),
    (datetime(2026, 9, 20, 0, 59, tzinfo=UTC), 1),
    (datetime(2026, 9, 20, 1, tzinfo=UTC), 0),
    (datetime(2026, 11, 23, tzinfo=UTC), 0),
    (datetime(2027, 3, 1, 12, tzinfo=UTC), 0),
)


def now() -> datetime:
    """The present instant, aware, in UTC."""
    return timezone.now()


def today() -> date:
    """The civil date in Casablanca."""
    return now().astimezone(CASABLANCA).date()


def civil_date(instant: datetime) -> date:
    """The Casablanca date on which an instant falls."""
    return instant.astimezone(CASABLANCA).date()


def at(day: date, wall: time) -> datetime:
    """The UTC instant of a Casablanca wall time, resolved with the rules known now."""
    return datetime.combine(day, wall, tzinfo=CASABLANCA).astimezone(UTC)


def start_of(day: date) -> datetime:
    """The UTC instant at which a Casablanca day begins."""
    return at(day, time.min)


def end_of(day: date) -> datetime:
    """The UTC instant at which a Casablanca day ends (exclusive): a deadline closes at 23:59 there."""
    return start_of(day + timedelta(days=1))
