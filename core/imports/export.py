"""The export of a list is the workbook that an import takes back: same columns, same words, same identifiers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final
from urllib.parse import parse_qsl, urlencode

from django.utils.translation import gettext as _

from core import clock
from core.actors import is_system
from core.csvcopy import copy_csv
from core.csvfile import write_csv
from core.files import MEDIA_TYPES
from core.jobs import Made
from core.keyset import keyset_page
from core.reports import Report, filename
from core.tables import Column, CopiedSheet, Sheet
from core.workbook import write_workbook
from core.workbookcopy import copy_workbook

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from core.actors import Actor
    from core.imports.content import Import
    from core.models.job import Job
    from core.progress import Progress

_PAGE: Final = 2000


class ListExport(Report):
    """A list as Excel or CSV: the rows that whoever asks may see, those of the list's filters (`filters`, as in its address)."""

    formats: ClassVar[tuple[str, ...]] = ("xlsx", "csv")
    importer: ClassVar[Import]

    def clean(self, params: Mapping[str, Any], *, by: Actor) -> dict[str, Any]:
        """The format, and the filters in one order."""
        pairs = parse_qsl(str(params.get("filters", ""))[:2000])
        return super().clean(params, by=by) | {"filters": urlencode(sorted(pair for pair in pairs if pair[0] not in {"cursor", "view"}))}

    def may_request(self, user: Actor, params: Mapping[str, Any]) -> bool:
        """Whoever is signed in: the rows are those they see, and nobody sees another's file."""
        return is_system(user) or (user.pk is not None and bool(user.is_active))

    def run(self, job: Job, *, by: Actor, draft: Path, progress: Progress) -> Made:
        """Within one snapshot, in constant memory: written by PostgreSQL where it can tell every cell, row by row where it cannot."""
        wanted, filters = job.params["format"], dict(parse_qsl(job.params["filters"]))
        facts: dict[str, Any] = {"language": job.language, "title": str(self.title), "author": str(_("ONMT–CNT portal"))}
        with progress.snapshot():
            sheet = self._copied(by, filters, progress)
            if sheet is not None and wanted == "xlsx":
                copy_workbook(sheet, draft, **facts)
            elif sheet is not None:
                copy_csv(sheet, draft)
            else:
                self.write_plainly(wanted, draft, by=by, filters=filters, progress=progress, facts=facts)
        name = filename(str(self.title), job.as_of or clock.now(), f".{wanted}")
        return Made(filename=name, media_type=MEDIA_TYPES[f".{wanted}"], suffix=f".{wanted}")

    def write_plainly(
        self, wanted: str, draft: Path, *, by: Actor, filters: Mapping[str, Any], progress: Progress, facts: Mapping[str, Any]
    ) -> None:
        """The same file through Python, cell by cell: what the columns' `write` says."""
        sheet = self._sheet(by, filters, progress)
        if wanted == "xlsx":
            write_workbook([sheet], draft, **facts)
        else:
            write_csv(sheet, draft)

    def _copied(self, by: Actor, filters: Mapping[str, Any], progress: Progress) -> CopiedSheet | None:
        columns = self.importer.columns(by)
        cells = [column.expression() for column in columns]
        if any(cell is None for cell in cells):
            return None
        rows = self.importer.rows(by, filters).order_by(*self.importer.ordering)
        label, total = str(_("Writing the rows")), rows.count() if progress.is_apart else 0

        def told(count: int) -> None:
            if total:
                progress(5 + 90 * count // total, label)

        told(0)
        heads = [Column(column.heading, column.cell.kind, column.width) for column in columns]
        return CopiedSheet(str(self.importer.title), heads, rows, [cell for cell in cells if cell is not None], told)

    def _sheet(self, by: Actor, filters: Mapping[str, str], progress: Progress) -> Sheet:
        columns = self.importer.columns(by)
        rows = self.importer.rows(by, filters)
        label, total = str(_("Writing the rows")), rows.count()

        def written() -> Iterator[list[Any]]:
            # Page by page: behind the wall a cursor of the server cannot carry who reads.
            count, cursor = 0, ""
            while True:
                progress(5 + 90 * count // max(total, 1), label)
                page = keyset_page(rows, ordering=self.importer.ordering, cursor=cursor, size=_PAGE)
                for row in page.rows:
                    yield [column.exported(row) for column in columns]
                count += len(page.rows)
                if page.next is None:
                    return
                cursor = page.next

        heads = [Column(column.heading, column.cell.kind, column.width) for column in columns]
        return Sheet(name=str(self.importer.title), columns=heads, rows=written())
