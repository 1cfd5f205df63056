"""How long data are kept: one rule a class of data, one round for all of them, and the list of what goes next.

Every rule is computed from rows, so a round that is missed is caught up by the next one and two rounds do the work of one.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Final

import structlog
from django.db import transaction
from django.db.models import Min
from django.utils.translation import gettext_noop

from core import clock, heartbeat, queue
from core.actors import SYSTEM
from core.audit import act
from core.errors import Refusal
from core.privacy import register

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from django.db.models import QuerySet

log = structlog.get_logger(__name__)

ROUND: Final = "retention"
BATCH: Final = 500
AHEAD: Final = timedelta(days=30)
DELETE: Final = "delete"
ANONYMISE: Final = "anonymise"


class Rule:
    """What is done to rows of one class when they are older than `age`, counted from the column `since`."""

    slug: ClassVar[str]
    title: ClassVar[Any]
    age: ClassVar[timedelta]
    since: ClassVar[str]
    act: ClassVar[str] = DELETE

    def rows(self) -> QuerySet[Any]:
        """The rows that the rule is about, whatever their age; those it has already treated are left out."""
        raise NotImplementedError

    def due(self, at: datetime) -> QuerySet[Any]:
        """The rows whose time is over at this instant."""
        return self.rows().filter(**{f"{self.since}__lt": at - self.age})

    def apply(self, keys: list[Any]) -> int:
        """Delete or anonymise these rows in one transaction; gives how many."""
        with act(by=SYSTEM, reason=gettext_noop("Kept long enough")):
            held = self.rows().filter(pk__in=keys).select_for_update(of=("self",), skip_locked=True)
            return self.erase(held)

    def erase(self, rows: QuerySet[Any]) -> int:
        """What is done to the rows, within the act."""
        found = list(rows.values_list("pk", flat=True))
        rows.model._default_manager.filter(pk__in=found).delete()
        return len(found)


class Housekeeping(Rule):
    """What leaves as soon as it has expired, by a function of its own that counts what it removed."""

    age = timedelta(0)

    def sweep(self) -> int:
        """Remove what has expired; gives how many."""
        raise NotImplementedError


def run() -> dict[str, int]:
    """Apply every rule, batch by batch; gives how many rows each one treated (-1: it failed). One that fails stops no other."""
    counts: dict[str, int] = {}
    for rule in register.rules():
        try:
            counts[rule.slug] = _sweep(rule) if isinstance(rule, Housekeeping) else _apply(rule)
        except Exception:
            log.exception("retention_failed", rule=rule.slug)
            counts[rule.slug] = -1
    heartbeat.beat(ROUND, **counts)
    return counts


def _sweep(rule: Housekeeping) -> int:
    with queue.alone(ROUND) as mine:
        return rule.sweep() if mine else 0


def _apply(rule: Rule) -> int:
    """Each batch is a transaction and holds the round's lock for its length only."""
    now, done, last = clock.now(), 0, None
    while True:
        with queue.alone(ROUND) as mine:
            rows = rule.due(now).order_by("pk")
            keys = list((rows if last is None else rows.filter(pk__gt=last)).values_list("pk", flat=True)[:BATCH]) if mine else []
            if not keys:
                return done
            done, last = done + rule.apply(keys), keys[-1]


def one_by_one(keys: list[Any], erase: Callable[[Any], object]) -> int:
    """Treat rows each by itself; one that is refused (the last administrator) waits for the next round."""
    done = 0
    for key in keys:
        try:
            with transaction.atomic():
                erase(key)
            done += 1
        except Refusal as refusal:
            log.info("retention_refused", key=str(key), reason=str(refusal.message))
    return done


@dataclass(frozen=True, slots=True)
class Forecast:
    """What a rule treats now and within thirty days, and the oldest row it is about."""

    rule: Rule
    now: int
    soon: int
    oldest: datetime | None


def forecast() -> list[Forecast]:
    """A dry run: nothing is written. Three queries a rule."""
    now = clock.now()
    return [
        Forecast(
            rule,
            rule.due(now).count(),
            rule.due(now + AHEAD).count(),
            rule.rows().aggregate(oldest=Min(rule.since))["oldest"],
        )
        for rule in register.rules()
    ]
