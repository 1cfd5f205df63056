"""What the readers of a report are told."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.utils.translation import gettext_lazy as _

from core import clock
from core.mail import Message
from partnership.notifications.languages import dated, in_languages

if TYPE_CHECKING:
    from core.models.job import Job
    from partnership.models import Convention


class ReportReady(Message):
    """To everybody who acts for a party: the month's progress report can be downloaded."""

    kind = "report_ready"
    label = _("A monthly report is ready")
    template = "partnership/emails/report_ready"

    def __init__(self, job: Job, convention: Convention) -> None:
        day = dated(clock.civil_date(job.as_of) if job.as_of else None)
        data = {"reference": convention.reference, "title": in_languages(convention, "title"), "day": day}
        super().__init__(about=job, url=settings.JOB_PATH.format(id=job.pk), data=data)
