"""The convention's progress report: who may have it, what it holds, its name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core.errors import Invalid
from core.mail import notify
from core.reports import Report
from partnership.models import Convention
from partnership.notifications.reports import ReportReady
from partnership.reports.content import progress_content
from partnership.reports.document import progress_document
from partnership.reports.sheets import commitments_sheet, progress_sheets

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from core.actors import Actor
    from core.models.job import Job
    from core.progress import Progress
    from core.tables import Sheet


class ProgressReport(Report):
    """Per axis: commitments by state and party, balance of the ledger, actions late, what changed, trust labels."""

    kind = "convention_progress"
    title = gettext_lazy("Progress report of a convention")
    description = gettext_lazy(
        "Per axis: commitments by state and party, balance of the ledger, late actions, what changed, with its annexes."
    )
    template = "partnership/reports/progress.typ"

    def clean(self, params: Mapping[str, Any], *, by: Actor) -> dict[str, Any]:
        """`convention` (its id) and `format`; `month` (YYYY-MM) is kept when the portal itself asks."""
        cleaned = super().clean(params, by=by)
        try:
            cleaned["convention"] = str(UUID(str(params.get("convention", ""))))
        except ValueError:
            raise Invalid(_("Choose a convention."), code="no_convention", field="convention") from None
        if by.pk is None and params.get("month"):
            cleaned["month"] = str(params["month"])
        return cleaned

    def may_request(self, user: Actor, params: Mapping[str, Any]) -> bool:
        """Those who may open the convention's ledger: ONMT staff with a role, and people of one of its parties."""
        conventions: Any = Convention.objects
        return bool(conventions.of_parties(user).filter(pk=params["convention"]).exists())

    def build(self, params: Mapping[str, Any], *, as_of: datetime, by: Actor, job: Job, progress: Progress) -> dict[str, Any]:
        """The content of one convention at the job's instant."""
        conventions: Any = Convention.objects
        convention = conventions.of_parties(by).get(pk=params["convention"])
        month = params.get("month", "")
        return progress_content(convention, kind=self.kind, as_of=as_of, by=by, progress=progress, month=month)

    def document(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """What the PDF's template reads."""
        return progress_document(data)

    def sheets(self, data: Mapping[str, Any]) -> Sequence[Sheet]:
        """Summary, balance, commitments, actions, changes."""
        return progress_sheets(data)

    def table(self, data: Mapping[str, Any]) -> Sheet:
        """The commitments, one a line."""
        return commitments_sheet(data)

    def name(self, data: Mapping[str, Any]) -> str:
        """Progress report and the convention's reference."""
        return _("Progress report %(reference)s") % {"reference": data["convention"]["reference"]}

    def delivered(self, job: Job) -> None:
        """The monthly report tells those it was made for, once; on demand, the page tells."""
        readers = [user for user in job.recipients.filter(is_active=True) if self.may_request(user, job.params)]
        if not readers:
            return
        convention = Convention.objects.get(pk=job.params["convention"])
        notify(ReportReady(job, convention), to=readers, key=str(job.pk))
