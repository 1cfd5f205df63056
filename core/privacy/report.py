"""The register of processing on paper: as a PDF to sign and file, as a workbook to work with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.utils.formats import date_format
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from core import clock
from core.privacy import register
from core.reports import Report
from core.rights import can_read_administration
from core.tables import Column, Sheet

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from core.actors import Actor
    from core.models.job import Job
    from core.progress import Progress


def facts(entry: register.Entry) -> list[tuple[str, str]]:
    """A processing as labels and texts, in the order of a declaration. An absent receipt is said to be absent."""
    processing = entry.processing
    receipts = [f"{row.get_kind_display()}: {row.number} ({date_format(row.received_on, 'SHORT_DATE_FORMAT')})" for row in entry.receipts]
    return [
        (_("Controller"), str(processing.controller)),
        (_("Purpose"), str(processing.purpose)),
        (_("Legal basis"), str(processing.basis)),
        (_("People concerned"), str(processing.people)),
        (_("Data"), str(processing.data)),
        (_("Recipients"), str(processing.recipients)),
        (_("Kept"), "\n".join(f"{kept.title}{_colon()}{kept.kept}" for kept in entry.retention)),
        (_("Transfer abroad"), str(processing.transfer)),
        (_("Security"), str(processing.security)),
        (_("Receipt of the CNDP"), "\n".join(receipts) or _("Not received yet")),
        (_("Tables"), ", ".join(entry.tables)),
    ]


def _colon() -> str:
    return " : " if get_language() == "fr" else ": "


class RegisterReport(Report):
    """Every processing, with its receipts as they are known."""

    kind: ClassVar[str] = "privacy_register"
    title: ClassVar[Any] = gettext_lazy("Register of processing of personal data")
    description: ClassVar[Any] = gettext_lazy(
        "Every processing with its purpose, its data, how long they are kept and its receipt of the CNDP."
    )
    formats: ClassVar[tuple[str, ...]] = ("pdf", "xlsx")
    template: ClassVar[str] = "core/reports/register.typ"

    def may_request(self, user: Actor, params: Mapping[str, Any]) -> bool:
        """Staff who hold a role."""
        return can_read_administration(user)

    def build(self, params: Mapping[str, Any], *, as_of: datetime, by: Actor, job: Job, progress: Progress) -> dict[str, Any]:
        """The register in the active language; one query."""
        return {
            "as_of": as_of,
            "entries": [{"title": str(entry.processing.title), "facts": facts(entry)} for entry in register.entries()],
        }

    def document(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """Titles and facts; the day of the register is its reference."""
        day = date_format(clock.civil_date(data["as_of"]), "DATE_FORMAT")
        return {
            "title": str(self.title),
            "reference": day,
            "author": str(register.controller()),
            "running": str(self.title),
            "as_of": day,
            "labels": {"page": _("Page")},
            "intro": _(
                "Kept under law 09-08 on the protection of individuals with regard to the processing of personal data. As of %(day)s."
            )
            % {"day": day},
            "entries": data["entries"],
        }

    def sheets(self, data: Mapping[str, Any]) -> Sequence[Sheet]:
        """One processing a line."""
        return [self.table(data)]

    def table(self, data: Mapping[str, Any]) -> Sheet:
        """One processing a line, one fact a column."""
        heads = [label for label, _text in data["entries"][0]["facts"]]
        rows = [[entry["title"], *(text for _label, text in entry["facts"])] for entry in data["entries"]]
        return Sheet(_("Register"), [Column(_("Processing"), width=34), *(Column(head, width=44) for head in heads)], rows)
