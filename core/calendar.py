"""Morocco's working days: Monday to Friday, less the public holidays known or estimated."""

from __future__ import annotations

from bisect import bisect_right
from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING, Final

from django.utils.text import slugify
from django.utils.translation import gettext as _

from core import clock, rights
from core.actors import SYSTEM
from core.audit import act
from core.choices import HolidayStatus
from core.errors import Conflict, Invalid
from core.models import Holiday
from core.states import lock

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from uuid import UUID

    from core.actors import Actor

SATURDAY: Final = 5
DAY: Final = timedelta(days=1)
SOURCE: Final = "package holidays (Morocco)"
ESTIMATED_SUFFIX: Final = " (estimated)"
LOADED_FIELDS: Final = ("date", "status", "is_margin", "name_fr", "name_ar", "name_en")


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


def load_holidays(*, years: Collection[int]) -> int:
    """Write the holidays of these years from the `holidays` package; gives how many days were written or changed.

    Fixed feasts are confirmed by the law that names them. Religious ones are estimated, and the package places them up to
    one day before Morocco's own sighting (Eid al-Adha 2021, 2022 and 2025, Eid al-Fitr 2023): the day after each is kept
    as a possible day off, so that the true last day is never counted as worked. A feast that somebody has confirmed stays.
    """
    wanted = [row for year in sorted(set(years)) for row in _holidays_of(year)]
    feasts = {row.feast for row in wanted}
    with act(by=SYSTEM, reason="public holidays"):
        known = {(row.feast, row.rank): row for row in Holiday.objects.select_for_update(of=("self",)).filter(feast__in=feasts)}
        # A source that is not ours means that somebody has set the day.
        settled = {row.feast for row in known.values() if row.source != SOURCE}
        return sum(_keep(row, known.get((row.feast, row.rank))) for row in wanted if row.feast not in settled)


def _keep(row: Holiday, known: Holiday | None) -> bool:
    """Write one day, or bring the one already there up to date; whether anything was written."""
    if known is None:
        row.save(force_insert=True)
        return True
    changed = [name for name in LOADED_FIELDS if getattr(known, name) != getattr(row, name)]
    for name in changed:
        setattr(known, name, getattr(row, name))
    if changed:
        known.save(update_fields=[*changed, "updated_at"])
    return bool(changed)


def _holidays_of(year: int) -> Iterator[Holiday]:
    """The days of one year, feast by feast, each estimated one followed by its possible day."""
    import holidays

    english = holidays.country_holidays("MA", years=year, language="en_US")
    days: dict[str, list[date]] = {}
    for day in sorted(english):
        for name in english.get_list(day):
            days.setdefault(name, []).append(day)
    for name, dates in days.items():
        estimated = name.endswith(ESTIMATED_SUFFIX)
        for number, run in enumerate(_runs(dates)):
            feast = f"{slugify(name.removesuffix(ESTIMATED_SUFFIX))}-{year}" + (f"-{number + 1}" if number else "")
            names = _names(name)
            run_days = [*run, run[-1] + DAY] if estimated else run
            for rank, day in enumerate(run_days, start=1):
                yield Holiday(
                    feast=feast,
                    rank=rank,
                    date=day,
                    status=HolidayStatus.ESTIMATED if estimated else HolidayStatus.CONFIRMED,
                    is_margin=rank > len(run),
                    source=SOURCE,
                    **names,
                )


def _runs(days: list[date]) -> list[list[date]]:
    """Days that follow each other belong to one feast; a lunar feast may come twice in a year."""
    runs: list[list[date]] = []
    for day in days:
        if runs and day - runs[-1][-1] == DAY:
            runs[-1].append(day)
        else:
            runs.append([day])
    return runs


@cache
def _translations() -> dict[str, dict[str, str]]:
    """The package's names in our languages, found on days that hold one feast only."""
    import holidays

    years = range(2024, 2035)
    english = holidays.country_holidays("MA", years=years, language="en_US")
    others = {code: holidays.country_holidays("MA", years=years, language=code) for code in ("fr", "ar")}
    found: dict[str, dict[str, str]] = {}
    for day in sorted(english):
        if len(english.get_list(day)) == 1:
            found.setdefault(english[day], {code: other[day] for code, other in others.items()})
    return found


def _names(english: str) -> dict[str, str]:
    names = {"en": english} | _translations()[english]
    if english.endswith(ESTIMATED_SUFFIX):  # the state says so already, in the reader's language
        names = {code: name.rpartition(" (")[0] for code, name in names.items()}
    return {f"name_{code}": name for code, name in names.items()}


def years_kept() -> range:
    """The years whose holidays are loaded: last year to three years ahead."""
    this = clock.today().year
    return range(this - 1, this + 4)
