"""Morocco's working days: Monday to Friday, less the public holidays known or estimated."""

from __future__ import annotations

from bisect import bisect_right
from datetime import date, timedelta
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from core import clock, rights
from core.audit import act
from core.choices import HolidayStatus
from core.errors import Conflict, Invalid
from core.models import Holiday
from core.states import lock

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from core.actors import Actor

SATURDAY = 5
DAY = timedelta(days=1)


class WorkingDays:
    """The calendar read once (one query), then counted in memory."""

    def __init__(self, holidays: Iterable[date] | None = None) -> None:
        if holidays is None:
            holidays = Holiday.objects.values_list("date", flat=True)
        self._holidays = frozenset(holidays)
        # Only those that take a working day away matter to a count.
        self._lost = sorted(day for day in self._holidays if day.weekday() < SATURDAY)

    def is_working(self, day: date) -> bool:
        """Whether offices are open that day."""
        return day.weekday() < SATURDAY and day not in self._holidays

    def on_or_before(self, day: date) -> date:
        """That day when it is worked, else the last one worked before it."""
        while not self.is_working(day):
            day -= DAY
        return day

    def add(self, day: date, count: int) -> date:
        """The `count`-th working day after `day` (before it when negative; the day itself for 0)."""
        step = DAY if count > 0 else -DAY
        left = abs(count)
        while left:
            day += step
            left -= self.is_working(day)
        return day

    def between(self, start: date, end: date) -> int:
        """How many working days lie after `start`, up to and including `end`; 0 when `end` is not later."""
        if end <= start:
            return 0
        return self._weekdays_until(end) - self._weekdays_until(start) - (bisect_right(self._lost, end) - bisect_right(self._lost, start))

    def inside(self, first: date, last: date) -> list[date]:
        """The working days from `first` to `last`, both included."""
        days = (first + timedelta(days=n) for n in range((last - first).days + 1))
        return [day for day in days if self.is_working(day)]

    @staticmethod
    def _weekdays_until(day: date) -> int:
        # Ordinal 1 is a Monday.
        weeks, rest = divmod(day.toordinal(), 7)
        return weeks * 5 + min(rest, 5)


def is_working_day(day: date) -> bool:
    """Whether offices are open that day in Morocco (one query)."""
    return day.weekday() < SATURDAY and not Holiday.objects.filter(date=day).exists()


def add_working_days(day: date, n: int) -> date:
    """The `n`-th working day after `day`; before it when negative; `day` itself for 0 (one query)."""
    return WorkingDays().add(day, n)


def holidays_between(a: date, b: date) -> list[Holiday]:
    """The public holidays from `a` to `b`, both included, in order."""
    return list(Holiday.objects.filter(date__range=(a, b)))


def confirm_holiday(*, holiday: UUID, date: date, by: Actor, reason: str) -> Holiday:
    """Set the official day of a holiday: every working-day count follows at once (forecast included).

    Confirming the first day of a feast moves its other estimated days behind it and drops the possible one. `reason`
    names the announcement. Refused: to whoever does not run the portal (Forbidden), without a reason, more than
    ten days from what was known (Invalid), for a possible day, which only an estimate has (Conflict).
    """
    rights.check_operates(by)
    reason = reason.strip()
    if not reason:
        raise Invalid(_("Say which announcement fixes this day."), field="reason")
    with act(by=by, reason=reason):
        row = lock(Holiday.objects.all(), holiday)
        if row.is_margin:
            raise Conflict(_("This is only a possible day: confirm the first day of the feast."), code="possible_day")
        if abs((date - row.date).days) > 10:
            raise Invalid(_("This is more than ten days away from the date known so far."), field="date")
        row.date = date
        row.status = HolidayStatus.CONFIRMED
        row.source = reason[:300]
        row.save(update_fields=["date", "status", "source", "updated_at"])
        if row.rank == 1:
            _follow(row)
    return row


def _follow(first: Holiday) -> None:
    """The later days of the feast come right behind its first one."""
    others = Holiday.objects.select_for_update(of=("self",)).filter(feast=first.feast, status=HolidayStatus.ESTIMATED).order_by("rank")
    for other in others:
        if other.is_margin:
            other.delete()
            continue
        other.date = first.date + (other.rank - 1) * DAY
        other.save(update_fields=["date", "updated_at"])


def years_kept() -> range:
    """The years whose holidays are loaded: last year to three years ahead."""
    this = clock.today().year
    return range(this - 1, this + 4)
