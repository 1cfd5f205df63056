"""How far a job is, written beside its work: on a connection of its own, so that the reader of the page sees it at once."""

from __future__ import annotations

import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Final

from django.db import connection, transaction

from core import clock

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import timedelta

    from core.models.job import Job

_EVERY: Final = 0.3
_WRITE: Final = """
UPDATE core_job SET progress = %s, progress_label = %s, lease_until = %s, updated_at = %s
WHERE id = %s AND state = 'running' AND attempts = %s
"""


class LeaseLostError(Exception):
    """The job was cancelled, or another worker has taken it: stop, write nothing."""


_HOLD: Final = "SELECT id FROM core_job WHERE id = %s AND state = 'running' AND attempts = %s FOR NO KEY UPDATE"


class Progress:
    """Call it with a percentage and what is being done. Writes at most three times a second, and renews the lease.

    Raises LeaseLostError when the job is no longer this worker's.
    """

    def __init__(self, job: Job, *, lease: timedelta) -> None:
        self._job = job
        self._lease = lease
        self._written = float("-inf")
        self._beside: Any = None

    def __call__(self, percent: int, label: str = "") -> None:
        """Say how far the work is, and what it is doing."""
        elapsed = time.monotonic() - self._written
        if elapsed < _EVERY and percent < 100:
            return
        now = clock.now()
        values: list[Any] = [max(0, min(99, percent)), str(label)[:200], now + self._lease, now, self._job.pk, self._job.attempts]
        with (self._beside or connection).cursor() as cursor:
            cursor.execute(_WRITE, values)
            held = cursor.rowcount == 1
        self._written = time.monotonic()
        if not held:
            raise LeaseLostError

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Read everything as of one instant: a report's totals and lines agree, whatever is written meanwhile.

        Progress goes on beside it. Inside somebody's transaction there is nothing to open: that one serves.
        """
        if connection.in_atomic_block:
            yield
            return
        with self.beside(), transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            yield

    @contextmanager
    def beside(self) -> Iterator[None]:
        """Write progress on a connection of its own for a while: the work is one transaction, and the page sees how far it is."""
        if connection.in_atomic_block:
            yield
            return
        self._beside = connection.copy()
        try:
            yield
        finally:
            self._beside.close()
            self._beside = None

    @property
    def is_apart(self) -> bool:
        """Whether it may be told while a statement is still giving its rows: what it writes goes over another connection."""
        return self._beside is not None

    def hold(self) -> None:
        """Within the work's transaction, before it ends: nobody cancels nor takes the job any more. Raises LeaseLostError."""
        with connection.cursor() as cursor:
            cursor.execute(_HOLD, [self._job.pk, self._job.attempts])
            if cursor.fetchone() is None:
                raise LeaseLostError
