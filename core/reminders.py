"""Reminders: what each kind finds due is computed from rows, written exactly once, caught up after an outage, foreseen.

An app describes its kinds as subclasses of `Reminder`; the setting REMINDERS names the tuples that hold them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, ClassVar

import structlog
from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Model, Q
from django.utils import translation
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from core import clock, heartbeat, queue
from core.calendar import WorkingDays
from core.choices import MailStatus
from core.mail import Message, Notice
from core.mail import store as mail
from core.models import ReminderOccurrence

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from uuid import UUID

log = structlog.get_logger(__name__)

# What an outage may have kept back longer than this is told in one summary a person, never one by one.
CATCH_UP = timedelta(days=30)
LATE_LINES = 20
ROUND = "reminders"


@dataclass(frozen=True, slots=True)
class Offsets:
    """When to remind, counted from a date: negative before it, positive after it, 0 the last working day up to it.

    `every`: and then every so many working days after the last step, as long as it lasts. Days are Morocco's working
    days; with `calendar` they are plain days, brought back to the last working day.
    """

    steps: tuple[int, ...]
    every: int = 0
    calendar: bool = False

    def reach(self, first: date, last: date) -> tuple[date | None, date]:
        """The dates (None: any earlier one) from which a step may fall between `first` and `last`; generous."""
        margin = 1 if self.calendar else 2
        low = None if self.every else first - timedelta(days=max(0, *self.steps) * margin + 15)
        return low, last + timedelta(days=max(0, -min(self.steps)) * margin + 15)

    def hits(self, base: date, first: date, last: date, days: WorkingDays) -> Iterator[tuple[int, date]]:
        """The steps counted from `base` whose day lies from `first` to `last`, with that day."""
        for step in self.steps:
            day = self._day(base, step, days)
            if first <= day <= last:
                yield step, day
        if self.every:
            for day in days.inside(max(first, base + timedelta(days=1)), last):
                beyond = days.between(base, day) - max(self.steps)
                if beyond > 0 and beyond % self.every == 0:
                    yield beyond + max(self.steps), day

    def _day(self, base: date, step: int, days: WorkingDays) -> date:
        if self.calendar or step == 0:
            return days.on_or_before(base + timedelta(days=step))
        return days.add(base, step)


@dataclass(frozen=True, slots=True)
class Due:
    """One reminder that is due: about what, on which day, on which occasion, for whom, and its message."""

    about: Model
    day: date
    base: date
    step: int
    recipients: tuple[Any, ...]
    message: Message

    @property
    def occasion(self) -> str:
        """The same date and step is the same occasion; a date that moves makes a new one."""
        return f"{self.base.isoformat()}{self.step:+d}"


class Reminder:
    """One kind of reminder. A new instance serves each round, so that what it keeps in memory is never stale."""

    message: ClassVar[type[Message]]
    offsets: ClassVar[Offsets]

    def rows(self, low: date | None, high: date) -> Iterable[tuple[date, Any]]:
        """The objects on which something is still awaited, with the date counted from, when that is from `low` to `high`."""
        raise NotImplementedError

    def recipients(self, row: Any) -> Iterable[Any]:
        """The accounts to remind."""
        raise NotImplementedError

    def url(self, row: Any) -> str:
        """The path of the page where it can be settled."""
        raise NotImplementedError

    def data(self, row: Any, base: date) -> dict[str, Any]:
        """What the message's texts read."""
        raise NotImplementedError

    def offsets_of(self, row: Any) -> Offsets:
        """The offsets of one object, where they depend on it."""
        return self.offsets

    def due(self, first: date, last: date, days: WorkingDays) -> Iterator[Due]:
        """What is due from `first` to `last`, from the rows as they are now. The round and the forecast both call this."""
        for base, row in self.rows(*self.offsets.reach(first, last)):
            for step, day in self.offsets_of(row).hits(base, first, last, days):
                recipients = {user.pk: user for user in self.recipients(row) if user.is_active}
                if recipients:
                    message = self.message(about=row, url=self.url(row), data=self.data(row, base))
                    yield Due(row, day, base, step, tuple(recipients.values()), message)


@dataclass(frozen=True, slots=True)
class Planned:
    """One line of the forecast."""

    day: date
    kind: str
    label: Any
    about: Model
    recipients: tuple[Any, ...]
    url: str


class RemindersLate(Message):
    """After an outage longer than the catch-up: one summary instead of a flood."""

    kind = "reminders_late"
    label = _("Reminders held back by an outage")
    template = "core/emails/reminders_late"
    compulsory = True


def kinds() -> tuple[type[Reminder], ...]:
    """Every kind of reminder, from the tuples named in the setting REMINDERS."""
    return tuple(kind for path in settings.REMINDERS for kind in import_string(path))


# -- the round ---------------------------------------------------------------------------------------------------------
@dataclass(slots=True)
class _Round:
    """What one round has found, before it is written."""

    today: date
    days: WorkingDays
    drafts: list[mail.Draft] = field(default_factory=list)
    # (recipient, key of the notification) → the occurrence it stands for
    occurrences: dict[tuple[Any, str], ReminderOccurrence] = field(default_factory=dict)
    late: dict[Any, list[Due]] = field(default_factory=dict)
    late_since: date | None = None
    done: list[str] = field(default_factory=list)


def find() -> int:
    """Write every reminder due since the last round that went well, and withdraw those whose cause is gone meanwhile.

    Runs alone (a second round at once does nothing) and in one transaction; a kind that fails is left for the next
    round and does not hold back the others. Gives how many notifications were written.
    """
    with queue.alone(ROUND) as mine:
        if not mine:
            return 0
        work = _Round(clock.today(), WorkingDays())
        starts = window_starts(work.today)
        for kind in starts:
            _find_one(kind, starts[kind], work)
        written = mail.write([*work.drafts, *_late_summaries(work)])
        linked = []
        for row in written:
            occurrence = work.occurrences.get((row.recipient_id, row.key))
            if occurrence is not None:
                occurrence.notification = row
                linked.append(occurrence)
        ReminderOccurrence.objects.bulk_update(linked, ["notification"], batch_size=500)
        heartbeat.beat_all([*work.done, ROUND] if len(work.done) == len(starts) else work.done)
        return len(written)


def _find_one(kind: Reminder, first: date, work: _Round) -> None:
    """Record what one kind finds due and prepare its messages; a failure undoes this kind's part only."""
    try:
        with transaction.atomic():
            due = list(kind.due(first, work.today, work.days))
            rows = _record(kind, due, first)
            told = latest((item, user) for item, user, _row in rows)
            drafts = mail.prepare(_notices(told, since=work.today - CATCH_UP))
            _withdraw(kind, work, due, first)
    except Exception:
        log.exception("reminder_kind_failed", kind=kind.message.kind)
        return
    work.drafts += drafts
    work.occurrences |= {(user.pk, _key(item)): row for item, user, row in rows}
    for item, user in told:
        if item.day < work.today - CATCH_UP:
            work.late_since = min(work.late_since or first, first)
            work.late.setdefault(user, []).append(item)
    work.done.append(_name(kind))


def _name(kind: Reminder) -> str:
    return f"{ROUND}:{kind.message.kind}"


def _key(item: Due) -> str:
    return f"{item.message.kind}:{item.about.pk}:{item.occasion}"


def window_starts(today: date) -> dict[Reminder, date]:
    """Each kind with the day of its last round that went well; today for one that has never run (no past is dug up)."""
    every = [kind() for kind in kinds()]
    last = heartbeat.last_of(_name(kind) for kind in every)
    return {kind: min(today, clock.civil_date(last[_name(kind)])) if _name(kind) in last else today for kind in every}


def _record(kind: Reminder, due: Iterable[Due], first: date) -> list[tuple[Due, Any, ReminderOccurrence]]:
    """Write the occurrences that do not exist yet, in one order for everybody; gives those."""
    # Most rounds of a day find what an earlier one told. Another round at the same moment is kept out by the constraint, below.
    known = set(
        ReminderOccurrence.objects.filter(kind=kind.message.kind, day__gte=first).values_list("about_id", "recipient_id", "occasion")
    )
    rows = [
        (item, user, _occurrence(kind, item, user))
        for item in due
        for user in item.recipients
        if (item.about.pk, user.pk, item.occasion) not in known
    ]
    if not rows:
        return []
    rows.sort(key=lambda found: (found[1].pk, found[0].about.pk, found[0].occasion))
    ReminderOccurrence.objects.bulk_create([row for _item, _user, row in rows], ignore_conflicts=True, batch_size=500)
    kept = set(ReminderOccurrence.objects.filter(pk__in=[row.pk for _item, _user, row in rows]).values_list("pk", flat=True))
    return [found for found in rows if found[2].pk in kept]


def _occurrence(kind: Reminder, item: Due, user: Any) -> ReminderOccurrence:
    about_type = ContentType.objects.get_for_model(item.about)
    return ReminderOccurrence(
        kind=kind.message.kind, about_type=about_type, about_id=item.about.pk, recipient=user, occasion=item.occasion, day=item.day
    )


def latest(found: Iterable[tuple[Due, Any]]) -> list[tuple[Due, Any]]:
    """Of several occasions of one kind for the same object and person, the last one stands for all."""
    best: dict[tuple[UUID, Any], tuple[Due, Any]] = {}
    for item, user in found:
        key = (item.about.pk, user.pk)
        if key not in best or (best[key][0].day, best[key][0].step) < (item.day, item.step):
            best[key] = (item, user)
    return list(best.values())


def _notices(told: Iterable[tuple[Due, Any]], *, since: date) -> list[Notice]:
    grouped: dict[str, tuple[Due, list[Any]]] = {}
    for item, user in told:
        if item.day >= since:
            grouped.setdefault(_key(item), (item, []))[1].append(user)
    return [Notice(item.message, tuple(users), key) for key, (item, users) in grouped.items()]


def _late_summaries(work: _Round) -> list[mail.Draft]:
    """One message a person for all that an outage kept back longer than the catch-up."""
    notices = []
    for user, items in work.late.items():
        with translation.override(user.language):
            lines = [f"{item.message.label}: {item.about}" for item in items[:LATE_LINES]]
        data = {
            "count": len(items),
            "lines": lines,
            "more": len(items) - len(lines),
            "since": work.late_since,
            "until": work.today - CATCH_UP,
        }
        message = RemindersLate(about=user, url="/", data=data)
        notices.append(Notice(message, (user,), f"{RemindersLate.kind}:{work.today.isoformat()}"))
    return mail.prepare(notices)


def _withdraw(kind: Reminder, work: _Round, due: Iterable[Due], first: date) -> None:
    """Take back what has not left by mail and is no longer due: settled, cancelled, moved, or no longer that person's."""
    waiting = list(
        ReminderOccurrence.objects.filter(
            ~Q(notification__mail__status=MailStatus.SENT) | Q(notification__mail=None),
            kind=kind.message.kind,
            day__gte=work.today - CATCH_UP,
            notification__isnull=False,
            notification__read_at=None,
            notification__cancelled_at=None,
        )
    )
    if not waiting:
        return
    oldest = min(row.day for row in waiting)
    if oldest < first:
        due = kind.due(oldest, work.today, work.days)
    standing = {(item.about.pk, user.pk, item.occasion) for item in due for user in item.recipients}
    gone = [row for row in waiting if (row.about_id, row.recipient_id, row.occasion) not in standing]
    notifications = [row.notification_id for row in gone if row.notification_id]
    mail.withdraw(notifications, cause=mail.GONE, forget_keys=True)
    # The occasion has not been used: should it come back the same day, it is told after all.
    ReminderOccurrence.objects.filter(pk__in=[row.pk for row in gone]).delete()


# -- the forecast ------------------------------------------------------------------------------------------------------
def forecast(days: int = 14, user: Any = None) -> list[Planned]:
    """What the coming rounds will tell until `days` from today, from the rows as they are now, in order of days.

    The same code as the round: what is already told is left out, what an outage keeps back is planned for today.
    With `user`: only what that person will receive.
    """
    today, working = clock.today(), WorkingDays()
    found: list[tuple[Due, Any]] = []
    for kind, start in window_starts(today).items():
        due = kind.due(max(start, today - CATCH_UP), today + timedelta(days=days), working)
        found += [(item, person) for item in due for person in item.recipients if user is None or person.pk == user.pk]
    return sorted(_planned(_untold(found), today), key=lambda line: (line.day, line.kind, str(line.about.pk)))


def _untold(found: list[tuple[Due, Any]]) -> list[tuple[Due, Any]]:
    """Those of which no round has written the occurrence (one query)."""
    told = set(
        ReminderOccurrence.objects.filter(
            kind__in={item.message.kind for item, _user in found},
            about_id__in={item.about.pk for item, _user in found},
            day__gte=min((item.day for item, _user in found), default=clock.today()),
        ).values_list("kind", "about_id", "recipient_id", "occasion")
    )
    return [(item, user) for item, user in found if (item.message.kind, item.about.pk, user.pk, item.occasion) not in told]


def _planned(found: list[tuple[Due, Any]], today: date) -> list[Planned]:
    by_day: dict[tuple[str, date], list[tuple[Due, Any]]] = {}
    for item, user in found:
        by_day.setdefault((item.message.kind, max(item.day, today)), []).append((item, user))
    lines: dict[tuple[date, str], tuple[Due, list[Any]]] = {}
    for (_kind, day), pairs in by_day.items():
        for item, user in latest(pairs):
            lines.setdefault((day, _key(item)), (item, []))[1].append(user)
    return [
        Planned(day, item.message.kind, item.message.label, item.about, tuple(users), item.message.url)
        for (day, _unique), (item, users) in lines.items()
    ]
