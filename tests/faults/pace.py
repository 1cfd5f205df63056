"""The portal at ten times its speed: every delay of the product divided by the same number, so that their proportions hold.

Nothing else differs from production: same code, same tasks, same schedule, same rows.
"""

from __future__ import annotations

from datetime import time
from typing import Any

PACE = 10


def quicken() -> None:
    """Divide the product's delays in this process. Django must be set up."""
    from core import calendar, jobs, queue
    from core.mail import outbox, store

    change(outbox, "SMTP_TIMEOUT", outbox.SMTP_TIMEOUT / PACE)
    change(outbox, "LEASE", outbox.LEASE / PACE)
    waits = outbox.delay_after
    change(outbox, "delay_after", lambda attempts: waits(attempts) / PACE)
    change(store, "GATHERING", store.GATHERING / PACE)
    change(jobs, "LEASE", jobs.LEASE / PACE)
    change(jobs, "BACK_OFF", jobs.BACK_OFF / PACE)
    change(queue, "SILENCE_SECONDS", queue.SILENCE_SECONDS / PACE)
    change(queue, "LASTS_SECONDS", queue.LASTS_SECONDS / PACE)
    # A run at night or on a Sunday must not wait for the morning.
    change(store, "DAILY_AT", time(0))
    change(calendar, "SATURDAY", 7)


def change(module: Any, name: str, value: Any) -> None:
    """Set what is there: a name that has gone must be noticed."""
    if not hasattr(module, name):
        raise AttributeError(f"{module.__name__} has no {name} any more: tests/faults/pace.py must follow")
    setattr(module, name, value)


def quickened(schedule: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """Beat's schedule, each period and expiry divided."""
    return {
        name: entry
        | {"schedule": entry["schedule"] / PACE}
        | ({"options": entry["options"] | {"expires": entry["options"]["expires"] / PACE}} if "options" in entry else {})
        for name, entry in schedule.items()
    }
