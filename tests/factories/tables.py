"""Tables as people bring them: text in any encoding, real workbooks, and imports taken through their jobs."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any

from django.core.files.uploadedfile import SimpleUploadedFile
from openpyxl import Workbook

from core import jobs
from core.imports import services

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from accounts.models import User
    from core.models import ImportBatch


def csv_file(
    rows: Sequence[Sequence[Any]], *, encoding: str = "utf-8-sig", separator: str = ";", name: str = "table.csv"
) -> SimpleUploadedFile:
    """A CSV in this encoding, byte-order mark included where the encoding has one."""
    stream = io.StringIO(newline="")
    csv.writer(stream, delimiter=separator).writerows(rows)
    return SimpleUploadedFile(name, stream.getvalue().encode(encoding))


def xlsx_file(
    rows: Sequence[Sequence[Any]], *, name: str = "table.xlsx", sheet: str = "Feuille", change: Callable[[Any], object] | None = None
) -> SimpleUploadedFile:
    """A workbook of one sheet; `change(sheet)` merges cells, writes formulas… before it is saved."""
    book = Workbook()
    page: Any = book.active
    page.title = sheet
    for row in rows:
        page.append(list(row))
    if change is not None:
        change(page)
    stream = io.BytesIO()
    book.save(stream)
    return SimpleUploadedFile(name, stream.getvalue())


def checked(upload: SimpleUploadedFile, *, by: User, kind: str = "organisations", **choices: Any) -> ImportBatch:
    """A file brought and checked by its job."""
    batch = services.open_import(kind=kind, upload=upload, by=by)
    if choices:
        batch = services.choose_in_import(batch=batch.pk, choices=choices, by=by)
    return run_check(batch)


def run_check(batch: ImportBatch) -> ImportBatch:
    """Its check, done now."""
    batch.refresh_from_db()
    assert batch.check_job_id is not None
    jobs.run(batch.check_job_id)
    batch.refresh_from_db()
    return batch


def applied(batch: ImportBatch, *, by: User) -> ImportBatch:
    """A checked import, written by its job."""
    jobs.run(services.apply_import(batch=batch.pk, by=by).pk)
    batch.refresh_from_db()
    return batch


def undone(batch: ImportBatch, *, by: User, reason: str = "imported by mistake") -> ImportBatch:
    """An applied import, taken back by its job."""
    jobs.run(services.undo_import(batch=batch.pk, reason=reason, by=by).pk)
    batch.refresh_from_db()
    return batch
