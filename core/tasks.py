"""The cellar's background work. Tasks take ids only, read everything anew, and may run twice or die without harm."""

from __future__ import annotations

from uuid import UUID

from celery import shared_task

from core import events, jobs, reminders
from core import heartbeat as pulse
from core.mail import outbox
from core.privacy import retention


@shared_task  # type: ignore[untyped-decorator]
def sweep_outbox() -> None:
    """Send the mails that are due (a bell rings it at once, beat every 30 seconds)."""
    outbox.sweep()
    pulse.beat("outbox")


@shared_task  # type: ignore[untyped-decorator]
def handle_event(event_id: str) -> None:
    """Run the reactions to one announced fact."""
    events.handle(event_id)


@shared_task  # type: ignore[untyped-decorator]
def sweep_events() -> None:
    """Run the reactions that no bell announced."""
    events.sweep()


@shared_task  # type: ignore[untyped-decorator]
def heartbeat() -> None:
    """The worker's pulse: fresh when beat, broker, worker and database all work."""
    pulse.beat(pulse.WORKER)


@shared_task  # type: ignore[untyped-decorator]
def find_reminders() -> None:
    """Write the reminders due since the last round that went well."""
    reminders.find()


@shared_task  # type: ignore[untyped-decorator]
def run_job(job_id: str) -> None:
    """Do one background job, unless another worker holds it or has done it."""
    jobs.run(UUID(job_id))


@shared_task  # type: ignore[untyped-decorator]
def sweep_jobs() -> None:
    """Ring for the jobs that no worker holds, end those out of attempts, delete the files past their time."""
    jobs.sweep()


@shared_task  # type: ignore[untyped-decorator]
def retain() -> None:
    """Delete or make anonymous what has been kept long enough, rule by rule."""
    retention.run()
