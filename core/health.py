"""Is the portal well? Each check answers yes or no with the figures behind it; docs/operate.md says what to do about a no."""

from __future__ import annotations

import shutil
import time
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import structlog
from celery import current_app
from django.conf import settings
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.models import Min, Q

from core import clock, heartbeat
from core.choices import MailStatus
from core.models import OutboxMail
from core.wall import elevated, install

if TYPE_CHECKING:
    from collections.abc import Callable

log = structlog.get_logger(__name__)

# Three rings of beat's bell missed six times over (R6 of the reliability study).
WORKER_WITHIN: Final = timedelta(minutes=3)
OUTBOX_WITHIN: Final = timedelta(minutes=5)
DISK_FREE_BYTES: Final = 500 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Check:
    """One answer. `detail` holds figures for those who may read them, never a secret."""

    name: str
    ok: bool
    detail: dict[str, Any] = field(default_factory=dict)


def database() -> Check:
    """PostgreSQL answers."""
    began = time.perf_counter()
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_setting('server_version')")
        version = cursor.fetchone()[0]
    return Check("database", True, {"version": version, "milliseconds": round((time.perf_counter() - began) * 1000, 1)})


class _Applied:
    """Once every migration is applied it stays so for the life of the process: its code cannot change."""

    known = False


def migrations() -> Check:
    """No migration of this code waits to be applied."""
    if _Applied.known:
        return Check("migrations", True, {"waiting": 0})
    executor = MigrationExecutor(connection)
    waiting = len(executor.migration_plan(executor.loader.graph.leaf_nodes()))
    _Applied.known = waiting == 0
    return Check("migrations", waiting == 0, {"waiting": waiting})


def broker() -> Check:
    """The broker takes connections. Pages work without it: the sweeps deliver late what it would have announced."""
    began = time.perf_counter()
    with current_app.connection_for_write() as bell:
        bell.ensure_connection(max_retries=1, interval_start=0, timeout=2)
    return Check("broker", True, {"milliseconds": round((time.perf_counter() - began) * 1000, 1)})


def worker() -> Check:
    """A worker answered beat's bell lately: one row proves beat, broker and worker together."""
    age = heartbeat.age(heartbeat.WORKER)
    seconds = None if age is None else round(age.total_seconds(), 1)
    return Check("worker", age is not None and age < WORKER_WITHIN, {"seen_seconds_ago": seconds})


def outbox() -> Check:
    """No mail that should have left is still here."""
    now = clock.now()
    due = Q(status=MailStatus.QUEUED) | Q(status=MailStatus.SENDING, lease_until__lt=now)
    oldest = OutboxMail.objects.filter(due, not_before__lte=now).aggregate(oldest=Min("not_before"))["oldest"]
    age = now - oldest if oldest else timedelta(0)
    return Check("outbox", age < OUTBOX_WITHIN, {"oldest_due_seconds": round(age.total_seconds(), 1)})


def time_zone() -> Check:
    """Civil time is Morocco's of today's law, in Python (which decides) and in PostgreSQL (which only shows)."""
    python = [instant.astimezone(clock.CASABLANCA).utcoffset() for instant, _hours in clock.OFFSETS]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT (given AT TIME ZONE 'Africa/Casablanca') - (given AT TIME ZONE 'UTC') FROM unnest(%s::timestamptz[]) WITH ORDINALITY"
            " AS probe(given, place) ORDER BY place",
            [[instant for instant, _hours in clock.OFFSETS]],
        )
        postgresql = [row[0] for row in cursor.fetchall()]
    law = [timedelta(hours=hours) for _instant, hours in clock.OFFSETS]
    return Check("time_zone", python == law and postgresql == law, {"python": python == law, "postgresql": postgresql == law})


def second_wall() -> Check:
    """PostgreSQL itself hides the rows of others: the roles and policies of this release are there, and no role passes them."""
    with elevated("whether the wall stands is asked by the role that put it up"):
        state = install.state()
    return Check("wall", not any(state.values()), state)


def disk() -> Check:
    """There is room for files and logs."""
    folder = Path(settings.MEDIA_ROOT)
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    return Check("disk", free >= DISK_FREE_BYTES, {"free_megabytes": free // 2**20})


# What a page needs; without it this process should receive no visitor.
SERVING: Final[tuple[Callable[[], Check], ...]] = (database, migrations)
ALL: Final[tuple[Callable[[], Check], ...]] = (*SERVING, second_wall, broker, worker, outbox, time_zone, disk)


def report(checks: tuple[Callable[[], Check], ...] = ALL) -> list[Check]:
    """Every answer; a check that breaks is a no, and its cause goes to the log, not to the caller."""
    answers = []
    for check in checks:
        try:
            answers.append(check())
        except Exception as error:
            log.warning("health_check_failed", check=check.__name__, cause=type(error).__name__, error=str(error)[:300])
            answers.append(Check(check.__name__, False, {"cause": type(error).__name__}))
    return answers
