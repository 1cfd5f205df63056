"""The portal's rounds without Celery: one plain loop that sends mails, handles events and finds reminders."""

from __future__ import annotations

import signal
import threading
import time
from typing import TYPE_CHECKING, Any

import structlog
from django.core.management.base import BaseCommand
from django.db import DatabaseError, close_old_connections

from core import events, heartbeat, reminders
from core.mail import outbox

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.core.management.base import CommandParser

log = structlog.get_logger(__name__)

REMINDERS_EVERY = 300.0


class Command(BaseCommand):
    """Runs until it is stopped; may run beside the workers: what one has claimed the other leaves alone."""

    help = "Send queued mails, handle announced events and find reminders, without Celery or a broker."

    def add_arguments(self, parser: CommandParser) -> None:
        """Options of the loop."""
        parser.add_argument("--once", action="store_true", help="one round, then stop")
        parser.add_argument("--interval", type=float, default=5.0, help="seconds between two rounds (5)")

    def handle(self, *args: Any, **options: Any) -> None:
        """One round after another; a database that restarts costs a round, not the loop."""
        if options["once"]:
            self.stdout.write(f"{self._round(reminders_too=True)}")
            return
        stopping = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopping.set())
        next_reminders = 0.0
        while not stopping.is_set():
            reminders_too = time.monotonic() >= next_reminders
            if reminders_too:
                next_reminders = time.monotonic() + REMINDERS_EVERY
            self._round(reminders_too=reminders_too)
            stopping.wait(options["interval"])

    def _round(self, *, reminders_too: bool) -> int:
        sent = 0
        steps: list[Callable[[], object]] = [events.sweep, reminders.find] if reminders_too else [events.sweep]
        for step in steps:
            _guarded(step)
        sent = _guarded(outbox.sweep) or 0
        _guarded(lambda: heartbeat.beat("outbox"))
        return sent


def _guarded(step: Callable[[], Any]) -> Any:
    close_old_connections()
    try:
        return step()
    except DatabaseError as error:
        log.error("round_failed", step=getattr(step, "__qualname__", repr(step)), error=repr(error))
        return None
    finally:
        close_old_connections()
