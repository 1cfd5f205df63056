"""Background jobs: what somebody asked for, how far it is, and the file it made."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core import clock
from core.audit import audited
from core.models.base import Base

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.actors import Actor


class JobState(models.TextChoices):
    """The life of a job."""

    REQUESTED = "requested", _("Requested")
    RUNNING = "running", _("Running")
    DONE = "done", _("Ready")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


# Back to requested: from running when its worker was lost, from failed when the person tries again.
JOB_TRANSITIONS: Final[Mapping[str, frozenset[str]]] = {
    JobState.REQUESTED: frozenset({JobState.RUNNING, JobState.FAILED, JobState.CANCELLED}),
    JobState.RUNNING: frozenset({JobState.DONE, JobState.FAILED, JobState.CANCELLED, JobState.REQUESTED}),
    JobState.FAILED: frozenset({JobState.REQUESTED}),
    JobState.DONE: frozenset(),
    JobState.CANCELLED: frozenset(),
}
MAX_ATTEMPTS: Final = 3
KEPT: Final = timedelta(days=30)


class JobQuerySet(models.QuerySet["Job"]):
    """Jobs, found by who may see them."""

    def visible_to(self, user: Actor) -> Any:
        """One's own requests, and what was made for one: nobody else's, whatever one's role."""
        if user.pk is None or not user.is_authenticated or not user.is_active:
            return self.none()
        return self.filter(
            Q(requested_by=user.pk) | Q(pk__in=self.model.recipients.through.objects.filter(user_id=user.pk).values("job_id"))
        )

    def unfinished(self) -> Any:
        """Waiting or being worked on."""
        return self.filter(state__in=[JobState.REQUESTED, JobState.RUNNING])


@audited(exclude=["progress", "progress_label", "lease_until", "updated_at"])
class Job(Base):
    """A piece of work done outside any request, by whichever worker takes it first. The row is the truth, the broker only rings."""

    kind = models.CharField(_("kind"), max_length=60)
    params = models.JSONField(_("parameters"), default=dict, blank=True)
    unique_key = models.CharField(_("key of uniqueness"), max_length=200)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("requested by"),
        help_text=_("Empty: the portal itself"),
    )  # fmt: skip
    recipients = models.ManyToManyField(settings.AUTH_USER_MODEL, blank=True, related_name="+", verbose_name=_("made for"))
    organisation_id = models.UUIDField(_("organisation"), null=True, blank=True)
    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES, default="fr")
    state = models.CharField(_("state"), max_length=10, choices=JobState.choices, default=JobState.REQUESTED)
    progress = models.PositiveSmallIntegerField(_("progress (%)"), default=0)
    progress_label = models.CharField(_("step"), max_length=200, blank=True)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    lease_until = models.DateTimeField(_("held until"), null=True, blank=True, help_text=_("Until then no other worker takes it"))
    as_of = models.DateTimeField(_("as of"), null=True, blank=True, help_text=_("The instant whose data it shows"))
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    error = models.CharField(_("what went wrong"), max_length=500, blank=True)
    result = models.FileField(_("file"), max_length=200, blank=True)
    filename = models.CharField(_("file name"), max_length=200, blank=True)
    media_type = models.CharField(_("media type"), max_length=100, blank=True)
    size = models.PositiveBigIntegerField(_("size (bytes)"), null=True, blank=True)
    sha256 = models.CharField(_("SHA-256"), max_length=64, blank=True)
    expires_at = models.DateTimeField(_("kept until"), null=True, blank=True)

    objects = JobQuerySet.as_manager()

    class Meta:
        verbose_name = _("background job")
        verbose_name_plural = _("background jobs")
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["requested_by", "-created_at"], name="core_job_mine"),
            models.Index(fields=["lease_until", "id"], condition=Q(state__in=["requested", "running"]), name="core_job_waiting"),
            models.Index(fields=["expires_at"], condition=~Q(result=""), name="core_job_kept"),
            models.Index(fields=["kind", "-as_of"], condition=Q(state="done"), name="core_job_done"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["requested_by", "kind", "unique_key"], name="core_job_once"),
            models.UniqueConstraint(fields=["kind", "unique_key"], condition=Q(requested_by=None), name="core_job_own_once"),
            models.CheckConstraint(condition=Q(progress__lte=100), name="core_job_progress"),
            models.CheckConstraint(condition=Q(attempts__lte=MAX_ATTEMPTS), name="core_job_attempts"),
            models.CheckConstraint(
                condition=~Q(state="running") | Q(lease_until__isnull=False, as_of__isnull=False), name="core_job_leased"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["requested", "running"], finished_at=None)
                | (~Q(state__in=["requested", "running"]) & Q(finished_at__isnull=False)),
                name="core_job_finished",
            ),
            models.CheckConstraint(condition=~Q(state="failed") | ~Q(error=""), name="core_job_error"),
            models.CheckConstraint(
                condition=~Q(state="done") | Q(size__isnull=False, expires_at__isnull=False, sha256__regex=r"^[0-9a-f]{64}$"),
                name="core_job_result",
            ),
            models.CheckConstraint(condition=Q(result="") | Q(state="done"), name="core_job_file_when_done"),
            models.CheckConstraint(condition=Q(expires_at=None) | Q(expires_at__gt=F("created_at")), name="core_job_dates"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def is_finished(self) -> bool:
        """Whether nothing more will happen by itself."""
        return self.state not in {JobState.REQUESTED, JobState.RUNNING}

    @property
    def has_file(self) -> bool:
        """Whether its file can be downloaded now."""
        return self.state == JobState.DONE and bool(self.result) and self.expires_at is not None and self.expires_at > clock.now()
