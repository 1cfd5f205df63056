"""Reports: one class says who may ask and gives plain data; the same data becomes PDF, Excel or CSV.

A report is a kind of job (core/jobs.py): it runs in a worker, reads everything as of one instant, and its file is kept 30 days.
"""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any, ClassVar, Final

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import clock
from core.csvfile import write_csv
from core.errors import Invalid
from core.files import MEDIA_TYPES
from core.jobs import Made
from core.typst.process import render_pdf
from core.workbook import write_workbook

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from pathlib import Path

    from core.actors import Actor
    from core.models.job import Job
    from core.progress import Progress
    from core.tables import Sheet

FORMATS: Final = ("pdf", "xlsx", "csv")
FORMAT_LABELS: Final = {"pdf": gettext_lazy("PDF document"), "xlsx": gettext_lazy("Excel workbook"), "csv": gettext_lazy("CSV table")}


class Report:
    """What a report is. Subclasses give `kind`, `title`, `template`, and the methods that raise NotImplementedError here."""

    kind: ClassVar[str]
    title: ClassVar[Any]
    description: ClassVar[Any] = ""
    formats: ClassVar[tuple[str, ...]] = FORMATS
    languages: ClassVar[tuple[str, ...]] = tuple(code for code, _name in settings.LANGUAGES)
    template: ClassVar[str] = ""

    def clean(self, params: Mapping[str, Any], *, by: Actor) -> dict[str, Any]:
        """The parameters checked, in one canonical form that JSON holds. Every report has a `format`."""
        wanted = params.get("format", self.formats[0])
        if wanted not in self.formats:
            raise Invalid(_("This report does not exist in this format."), code="unknown_format", field="format")
        return {"format": wanted}

    def may_request(self, user: Actor, params: Mapping[str, Any]) -> bool:
        """Who may see what it shows: asked at the request, when it runs, and at each download."""
        raise NotImplementedError

    def build(self, params: Mapping[str, Any], *, as_of: datetime, by: Actor, job: Job, progress: Progress) -> dict[str, Any]:
        """The content as plain data, in the active language, read in one snapshot. Keys are the report's own."""
        raise NotImplementedError

    def document(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """What the PDF's template reads: texts already in the reader's language, numbers already written."""
        raise NotImplementedError

    def sheets(self, data: Mapping[str, Any]) -> Sequence[Sheet]:
        """The workbook's sheets. The one named `table` is also the CSV."""
        raise NotImplementedError

    def table(self, data: Mapping[str, Any]) -> Sheet:
        """The CSV: its one table."""
        raise NotImplementedError

    def name(self, data: Mapping[str, Any]) -> str:
        """The file's name in the reader's language, without extension; `run` adds the date and makes it safe."""
        return str(self.title)

    def delivered(self, job: Job) -> None:
        """Nothing more: whoever asked is looking at the progress bar."""

    def run(self, job: Job, *, by: Actor, draft: Path, progress: Progress) -> Made:
        """Build in one snapshot, then render outside of it, to `draft`."""
        wanted = job.params["format"]
        as_of = job.as_of or clock.now()
        progress(5, _("Reading the data"))
        with progress.snapshot():
            data = self.build(job.params, as_of=as_of, by=by, job=job, progress=progress)
        progress(70, _("Laying out the document"))
        self.render(data, wanted, draft, language=job.language)
        return Made(filename=filename(self.name(data), as_of, f".{wanted}"), media_type=MEDIA_TYPES[f".{wanted}"], suffix=f".{wanted}")

    def render(self, data: Mapping[str, Any], wanted: str, destination: Path, *, language: str) -> None:
        """Write `data` as pdf, xlsx or csv."""
        if wanted == "pdf":
            render_pdf(self.template, {"lang": language, **self.document(data)}, destination)
        elif wanted == "xlsx":
            write_workbook(self.sheets(data), destination, language=language, title=str(self.title), author=str(_("ONMT–CNT portal")))
        else:
            write_csv(self.table(data), destination)


def filename(name: str, as_of: datetime, suffix: str) -> str:
    """A name that every system keeps: letters of the reader's script, hyphens, the Casablanca date, at most 120 characters.

    Accents of Latin letters are dropped; Arabic letters stay.
    """
    plain = "".join(_without_accent(character) for character in unicodedata.normalize("NFC", name))
    words = re.sub(r"[^\w]+", "-", plain, flags=re.UNICODE).strip("-_")
    return f"{words[:100].rstrip('-')}-{clock.civil_date(as_of):%Y-%m-%d}{suffix}"


def _without_accent(character: str) -> str:
    """The base of a Latin letter; any other letter as it is (an Arabic hamza is no accent)."""
    base = unicodedata.normalize("NFKD", character)[:1]
    return base if base.isascii() else character
