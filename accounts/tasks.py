"""What the worker does for the front door."""

from __future__ import annotations

from celery import shared_task

from accounts.retention import forget_expired


@shared_task(name="accounts.tasks.forget_expired")  # type: ignore[untyped-decorator]
def forget() -> None:
    """Delete what has expired."""
    forget_expired()
