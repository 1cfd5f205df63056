"""Background jobs: who asked for what, how far it is, what went wrong. Their files are opened in the portal, by their owners."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from core import jobs
from core.acts import Act
from core.admin.base import BaseAdmin
from core.admin.lists import PeriodFilter
from core.admin.mail import OptionalReasonForm, ShortReasonForm
from core.models import Job
from core.models.job import JOB_TRANSITIONS, JobState
from core.rights import can_operate
from core.templatetags.ui import state_badge

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet
    from django.http import HttpRequest

COLOURS: Final = {JobState.DONE: "green", JobState.FAILED: "red", JobState.RUNNING: "blue", JobState.REQUESTED: "amber"}

JOB_ACTS: Final[Sequence[Act]] = (
    Act(
        slug="restart",
        label=_("Try again"),
        title=_("Try this job again?"),
        consequences=_("It runs again from the start, with the rights of whoever asked for it."),
        done=_("The job waits for a worker."),
        can=lambda user, obj: can_operate(user),
        service=jobs.restart_job,
        target="job",
        form=OptionalReasonForm,
        icon="refresh",
    ),
    Act(
        slug="stop",
        label=_("Stop the job"),
        title=_("Stop this job?"),
        consequences=_("Its worker stops at its next step, and no file is kept. It can be asked for again."),
        done=_("The job is stopped."),
        can=lambda user, obj: can_operate(user),
        service=jobs.stop_job,
        target="job",
        form=ShortReasonForm,
        icon="ban",
        danger=True,
    ),
)


@admin.register(Job)
class JobAdmin(BaseAdmin):
    """Read by every role; tried again or stopped by those who run the portal."""

    acts = JOB_ACTS
    bulk_acts = ("restart", "stop")
    list_display = ("kind", "shown_state", "requested_by", "created_at", "finished_at", "attempts", "error")
    list_filter = ("state", "kind", PeriodFilter)
    list_select_related = ("requested_by",)
    search_fields = ("kind", "requested_by__full_name", "error")
    ordering = ("-created_at", "-id")
    fieldsets = (
        (None, {"fields": ("kind", "requested_by", "language", "params")}),
        (_("Progress"), {"fields": ("state", "progress", "progress_label", "attempts", "error", "created_at", "as_of", "finished_at")}),
        (_("File"), {"fields": ("filename", "size", "sha256", "expires_at")}),
    )

    def may_act(self, user: Any) -> bool:
        """Those who run the portal."""
        return can_operate(user)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Job]:
        """All of them: what is shown here is how they went, never what they hold."""
        return Job.objects.order_by(*self.ordering)

    def possible(self, user: Any, obj: Job) -> list[Act]:
        """By its state, which jobs name otherwise."""
        fitting = {"restart": obj.state == JobState.FAILED, "stop": JobState.CANCELLED in JOB_TRANSITIONS[obj.state]}
        return [act for act in self.acts if fitting[act.slug] and act.can(user, obj)]

    @admin.display(description=_("state"), ordering="state")
    def shown_state(self, obj: Job) -> str:
        """The state as a badge."""
        return state_badge(JobState(obj.state), colour=COLOURS.get(JobState(obj.state), "grey"))
