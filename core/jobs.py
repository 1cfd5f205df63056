"""Background jobs as rows: asked once, taken by one worker at a time, finished once whatever dies meanwhile.

The roof lists what can be asked for (settings.JOB_KINDS names its tuple). Celery only rings: `sweep` finds every row
that no worker holds, so losing the broker or a worker costs a delay, never a job.
"""

from __future__ import annotations

import hashlib
import json
import os
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

import structlog
from celery.exceptions import SoftTimeLimitExceeded
from django.conf import settings
from django.core.files.storage import default_storage
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils.module_loading import import_string
from django.utils.translation import get_language, override
from django.utils.translation import gettext_lazy as _

from core import audit, clock, rights, wall
from core.actors import SYSTEM, is_system
from core.errors import Conflict, Invalid, Refusal
from core.models.job import JOB_TRANSITIONS, KEPT, MAX_ATTEMPTS, Job, JobState
from core.progress import LeaseLostError, Progress
from core.states import check_transition, lock
from core.validation import check_note, check_reason

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from uuid import UUID

    from core.actors import Actor

log = structlog.get_logger(__name__)

# Renewed by every progress report; longer than the longest step that reports none (a rendering, 60 s at most).
LEASE: Final = timedelta(seconds=90)
BACK_OFF: Final = timedelta(seconds=30)
MAX_UNFINISHED: Final = 10
_FAILED_UNEXPECTEDLY: Final = _("Something went wrong on our side; it has been recorded. You can try again.")
_FAILED_REPEATEDLY: Final = _("It was tried several times without success; this has been recorded. You can try again.")


@dataclass(frozen=True, slots=True)
class Made:
    """What the work wrote to its draft: the name to give it and its media type."""

    filename: str
    media_type: str
    suffix: str


class Work(Protocol):
    """A kind of job. `run` writes its file to `draft` and may be called again after a failure: it changes nothing else."""

    @property
    def kind(self) -> str:
        """Its name, a stable slug."""

    def clean(self, params: Mapping[str, Any], *, by: Actor) -> dict[str, Any]:
        """The parameters, checked (Invalid) and in one canonical form."""

    def may_request(self, user: Actor, params: Mapping[str, Any]) -> bool:
        """Whether `user` may see what the job shows: asked at the request, when it runs, and at each download."""

    def run(self, job: Job, *, by: Actor, draft: Path, progress: Progress) -> Made:
        """Do the work. A Refusal it raises is shown to the person as it is; anything else is tried again."""

    def delivered(self, job: Job) -> None:
        """Called once, in the transaction that makes the job done: tell the recipients."""


def kinds() -> dict[str, Work]:
    """Every kind of job there is, by its name."""
    return {work.kind: work for work in import_string(settings.JOB_KINDS)}


def request_job(
    *,
    kind: str,
    params: Mapping[str, Any],
    by: Actor,
    unique: str = "",
    language: str = "",
    organisation_id: UUID | None = None,
    recipients: Collection[Any] = (),
) -> Job:
    """Ask for a job; the row that already exists when the same was asked before (a double click gives one job).

    `unique` says what "the same" means; empty: same person, kind, parameters and minute. `recipients` (users) will see it
    too. Refuses: unknown kind or bad parameters (Invalid), what `by` may not see (DoesNotExist), too many unfinished jobs
    (Conflict, too_many_jobs). A worker is rung after commit.
    """
    work = kinds().get(kind)
    if work is None:
        raise Invalid(_("There is no report of this kind."), code="unknown_kind", field="kind")
    with audit.act(by=by):
        cleaned = work.clean(params, by=by)
        if not work.may_request(by, cleaned):
            raise Job.DoesNotExist
        language = language or (get_language() or settings.LANGUAGE_CODE)[:2]
        key = unique or _minute_key(cleaned, language)
        existing = _asked_before(by, kind, key)
        if existing is not None:
            return existing
        if not is_system(by) and Job.objects.filter(requested_by=by.pk).unfinished().count() >= MAX_UNFINISHED:
            raise Conflict(_("Several of your requests are still being prepared: wait until one is ready."), code="too_many_jobs")
        try:
            with transaction.atomic():
                job = Job.objects.create(
                    kind=kind, params=cleaned, unique_key=key, requested_by_id=by.pk, language=language, organisation_id=organisation_id
                )
        except IntegrityError:  # the other click was faster
            return Job.objects.get(requested_by=by.pk, kind=kind, unique_key=key)
        job.recipients.set(recipients)
        _ring(job.pk)
    return job


def cancel_job(*, job: UUID, by: Actor) -> Job:
    """Stop a job that is waiting or running; its worker notices at its next step. Refuses (Conflict) a finished one."""
    with audit.act(by=by):
        return _cancel(lock(_requests_of(by), job))


def _cancel(row: Job) -> Job:
    check_transition(JOB_TRANSITIONS, current=row.state, to=JobState.CANCELLED)
    row.state, row.finished_at, row.lease_until = JobState.CANCELLED, clock.now(), None
    row.save(update_fields=["state", "finished_at", "lease_until", "updated_at"])
    return row


def retry_job(*, job: UUID, by: Actor) -> Job:
    """Ask again for a job that failed. Refuses (Conflict) any other state."""
    with audit.act(by=by):
        return _retry(lock(_requests_of(by), job))


def _retry(row: Job) -> Job:
    check_transition(JOB_TRANSITIONS, current=row.state, to=JobState.REQUESTED, sources={JobState.FAILED})
    row.state, row.attempts, row.error, row.finished_at, row.lease_until = JobState.REQUESTED, 0, "", None, None
    row.progress, row.progress_label = 0, ""
    row.save(update_fields=["state", "attempts", "error", "finished_at", "lease_until", "progress", "progress_label", "updated_at"])
    _ring(row.pk)
    return row


def stop_job(*, job: UUID, reason: str, by: Actor) -> Job:
    """As `cancel_job`, of anybody's job, by the staff who run the portal, with a reason. They stop it; its file stays its owner's."""
    rights.check_operates(by)
    with audit.act(by=by, reason=check_reason(reason)):
        return _cancel(lock(Job.objects.all(), job))


def restart_job(*, job: UUID, by: Actor, reason: str = "") -> Job:
    """As `retry_job`, of anybody's job, by the staff who run the portal. It runs with the rights of whoever asked for it."""
    rights.check_operates(by)
    with audit.act(by=by, reason=check_note(reason, field="reason")):
        return _retry(lock(Job.objects.all(), job))


def finished_file(*, job: UUID, by: Actor) -> Job:
    """The job whose file `by` may download now. Hidden, expired, or a right lost since: DoesNotExist (404)."""
    row: Job = Job.objects.visible_to(by).get(pk=job)
    work = kinds().get(row.kind)
    if not row.has_file or work is None or not work.may_request(by, row.params):
        raise Job.DoesNotExist
    return row


def run(job_id: UUID) -> bool:
    """Do a job that waits or whose worker was lost; whether this call did it. Safe to call twice, or for any id."""
    job = _claim(job_id)
    if job is None:
        return False
    work = kinds().get(job.kind)
    draft = _draft_path(job)
    with override(job.language):
        try:
            actor = _originator(job)
            with wall.behind(wall.context_of(actor)):
                if work is None or not work.may_request(actor, job.params):
                    raise Invalid(_("You no longer have access to what this would show."), code="right_lost")
                made = work.run(job, by=actor, draft=draft, progress=Progress(job, lease=LEASE))
            _finish(job, work, draft, made)
        except LeaseLostError:
            return False
        except Refusal as refusal:
            _fail(job, str(refusal.message))
        except (Exception, SoftTimeLimitExceeded):
            log.exception("job_failed", job=str(job.pk), kind=job.kind, attempt=job.attempts)
            _try_again(job)
        finally:
            draft.unlink(missing_ok=True)
    return True


def sweep() -> dict[str, int]:
    """Ring for every job that no worker holds, fail those out of attempts, delete files past their time. Safe to run twice."""
    now = clock.now()
    free = Job.objects.unfinished().filter(Q(lease_until=None) | Q(lease_until__lt=now)).order_by("id")
    exhausted = [_give_up(pk) for pk in free.filter(attempts__gte=MAX_ATTEMPTS).values_list("pk", flat=True)[:100]]
    waiting = list(free.filter(attempts__lt=MAX_ATTEMPTS).values_list("pk", flat=True)[:100])
    for pk in waiting:
        _ring(pk)
    return {"rung": len(waiting), "exhausted": sum(exhausted), "expired": delete_expired(now)}


def _requests_of(by: Actor) -> Any:
    return Job.objects.all() if is_system(by) else Job.objects.filter(requested_by=by.pk)


def _asked_before(by: Actor, kind: str, key: str) -> Job | None:
    return Job.objects.filter(requested_by=by.pk, kind=kind, unique_key=key).first()


def _minute_key(params: Mapping[str, Any], language: str) -> str:
    canonical = json.dumps([params, language], sort_keys=True, ensure_ascii=False)
    return f"{clock.now():%Y%m%d%H%M}-{hashlib.sha256(canonical.encode()).hexdigest()}"


def _ring(job_id: UUID) -> None:
    from core.queue import ring
    from core.tasks import run_job

    ring(run_job, str(job_id))


def _originator(job: Job) -> Actor:
    """Whoever asked, read anew: an account closed since has no right any more."""
    return job.requested_by if job.requested_by is not None else SYSTEM


def _claim(job_id: UUID) -> Job | None:
    now = clock.now()
    with transaction.atomic():
        row: Job | None = (
            Job.objects.select_for_update(of=("self",), skip_locked=True)
            .unfinished()
            .filter(Q(lease_until=None) | Q(lease_until__lt=now), pk=job_id, attempts__lt=MAX_ATTEMPTS)
            .select_related("requested_by")
            .first()
        )
        if row is None:
            return None
        row.state, row.attempts, row.lease_until, row.as_of = JobState.RUNNING, row.attempts + 1, now + LEASE, now
        row.progress, row.progress_label = 0, ""
        row.save(update_fields=["state", "attempts", "lease_until", "as_of", "progress", "progress_label", "updated_at"])
    return row


def _draft_path(job: Job) -> Path:
    path = Path(default_storage.path(f"jobs/.drafts/{job.pk}-{job.attempts}"))
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def _finish(job: Job, work: Work, draft: Path, made: Made) -> None:
    """Under lock: only the attempt that still holds the job may put its file in place, so a late twin changes nothing."""
    name = f"jobs/{job.pk.hex[-2:]}/{job.pk}{made.suffix}"
    with draft.open("r+b") as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
        os.fsync(stream.fileno())
    now = clock.now()
    with audit.act(by=SYSTEM):
        row = _held(job)
        place = Path(default_storage.path(name))
        place.parent.mkdir(parents=True, exist_ok=True)
        size = draft.stat().st_size
        draft.replace(place)
        row.result.name, row.filename, row.media_type, row.size, row.sha256 = name, made.filename, made.media_type, size, digest
        row.state, row.progress, row.finished_at, row.expires_at, row.lease_until = JobState.DONE, 100, now, now + KEPT, None
        row.save()
        work.delivered(row)


def _held(job: Job) -> Job:
    row = Job.objects.select_for_update(of=("self",)).filter(pk=job.pk, state=JobState.RUNNING, attempts=job.attempts).first()
    if row is None:
        raise LeaseLostError
    return row


def _fail(job: Job, message: str) -> None:
    Job.objects.filter(pk=job.pk, state=JobState.RUNNING, attempts=job.attempts).update(
        state=JobState.FAILED, error=message[:500], finished_at=clock.now(), lease_until=None, updated_at=clock.now()
    )


def _try_again(job: Job) -> None:
    if job.attempts >= MAX_ATTEMPTS:
        _fail(job, str(_FAILED_UNEXPECTEDLY))
        return
    Job.objects.filter(pk=job.pk, state=JobState.RUNNING, attempts=job.attempts).update(
        state=JobState.REQUESTED, lease_until=clock.now() + BACK_OFF * job.attempts, updated_at=clock.now()
    )


def _give_up(job_id: UUID) -> bool:
    now = clock.now()
    with transaction.atomic():
        row = Job.objects.select_for_update(skip_locked=True).unfinished().filter(pk=job_id, attempts__gte=MAX_ATTEMPTS).first()
        if row is None or (row.lease_until is not None and row.lease_until >= now):
            return False
        with override(row.language):
            row.state, row.error, row.finished_at, row.lease_until = JobState.FAILED, str(_FAILED_REPEATEDLY), now, None
        row.save(update_fields=["state", "error", "finished_at", "lease_until", "updated_at"])
    return True


def delete_expired(now: datetime) -> int:
    """The file first, then its mention: a crash between the two is repaired by the next sweep."""
    deleted = 0
    for pk in list(Job.objects.exclude(result="").filter(expires_at__lte=now).values_list("pk", flat=True)[:200]):
        with transaction.atomic():
            row = Job.objects.select_for_update(skip_locked=True).exclude(result="").filter(pk=pk).first()
            if row is not None:
                default_storage.delete(str(row.result.name))
                row.result.name = ""
                row.save(update_fields=["result", "updated_at"])
                deleted += 1
    _delete_old_drafts(now)
    return deleted


def _delete_old_drafts(now: datetime) -> None:
    """Drafts that a killed worker left."""
    drafts = Path(default_storage.path("jobs/.drafts"))
    for draft in drafts.glob("*") if drafts.is_dir() else ():
        try:
            if draft.stat().st_mtime < now.timestamp() - 24 * 3600:
                draft.unlink()
        except FileNotFoundError:
            continue
