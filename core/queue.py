"""Ringing the workers' bell. The rows are the truth: a bell that is not heard costs one tick of the sweepers, nothing else."""

from __future__ import annotations

import time
import zlib
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Protocol

import structlog
from django.db import connection, transaction

if TYPE_CHECKING:
    from collections.abc import Iterator

log = structlog.get_logger(__name__)

# After a failure the bell is left alone for so long, so that a dead broker costs one short wait and not one a write.
SILENCE_SECONDS = 15.0
# A bell that no worker has heard for so long is dropped: the sweeps have rung again since. Without an end, every sweep of a
# pile of jobs adds its bells to those before, and beat's own ticks expire behind them.
LASTS_SECONDS = 60.0
_silent_until = 0.0


class Task(Protocol):
    """A Celery task."""

    name: str

    def apply_async(self, args: Any = None, **options: Any) -> Any:
        """Put the task on the broker."""


def ring(task: Task, *args: str | int) -> None:
    """Call `task` with these ids once the transaction is committed; never raises (the sweepers find what was not heard)."""
    transaction.on_commit(lambda: _send(task, args), robust=True)


def _send(task: Task, args: tuple[str | int, ...]) -> None:
    global _silent_until  # noqa: PLW0603  (one breaker a process)
    if time.monotonic() < _silent_until:
        return
    try:
        task.apply_async(args=args, retry=False, ignore_result=True, expires=LASTS_SECONDS)
    except Exception as error:  # whatever the broker does, the write is done and a sweeper will find it
        _silent_until = time.monotonic() + SILENCE_SECONDS
        log.warning("bell_not_heard", task=task.name, error=repr(error))


@contextmanager
def alone(name: str) -> Iterator[bool]:
    """A transaction that holds the lock `name` until it ends; gives False at once when another round holds it."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [zlib.crc32(name.encode())])
        yield bool(cursor.fetchone()[0])
