"""The actions as a file: CSV beside PostgreSQL's own COPY, Excel beside xlsxwriter in constant memory. Each in a process of its own."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.clockwork import job
from bench.row import Row, Sample

if TYPE_CHECKING:
    from collections.abc import Iterable

    from bench.stand import Stand

COLUMNS = (
    "title",
    "organisation__name_fr",
    "axis__title_fr",
    "priority",
    "starts_on",
    "due_on",
    "progress",
    "status",
    "outcome",
    "updated_at",
)
COPY = """
COPY (SELECT a.title, o.name_fr, x.title_fr, a.priority, a.starts_on, a.due_on, a.progress, a.status, a.outcome, a.updated_at
FROM partnership_action a JOIN partnership_organisation o ON o.id = a.organisation_id JOIN partnership_axis x ON x.id = a.axis_id)
TO STDOUT WITH (FORMAT csv, HEADER, DELIMITER ';')
"""


def ready() -> None:
    """Connect before the clock starts."""
    from django.db import connection

    connection.ensure_connection()


def copy_csv(path: str) -> None:
    """The limit: PostgreSQL writes the file, unguarded."""
    from django.db import connection

    with Path(path).open("wb") as stream, connection.cursor() as cursor:
        cursor.cursor.copy_expert(COPY, stream)


def usual_csv(path: str) -> None:
    """Instances, one row at a time, unguarded."""
    from partnership.models import Action

    with Path(path).open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, delimiter=";")
        writer.writerow(COLUMNS)
        for row in Action.objects.select_related("organisation", "axis").iterator():
            writer.writerow([_value(row, name) for name in COLUMNS])


def _value(row: Any, path: str) -> Any:
    for name in path.split("__"):
        row = getattr(row, name)
    return row


def _rows() -> Iterable[Any]:
    from partnership.models import Action

    return Action.objects.order_by().values_list(*COLUMNS).iterator(chunk_size=2000)


def _sheet() -> Any:
    from core.tables import Column, Kind, Sheet

    kinds = {"starts_on": Kind.DAY, "due_on": Kind.DAY, "progress": Kind.PERCENT, "updated_at": Kind.INSTANT}
    return Sheet("Actions", [Column(name, kinds.get(name, Kind.TEXT)) for name in COLUMNS], _rows())


def our_csv(path: str) -> None:
    """The writer of the portal's reports, guarded against formulas."""
    from core.csvfile import write_csv

    write_csv(_sheet(), Path(path))


def usual_xlsx(path: str) -> None:
    """Instances into xlsxwriter, in constant memory."""
    import xlsxwriter

    from partnership.models import Action

    with xlsxwriter.Workbook(path, {"constant_memory": True, "remove_timezone": True}) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, COLUMNS)
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        for line, row in enumerate(Action.objects.select_related("organisation", "axis").iterator(), start=1):
            for index, name in enumerate(COLUMNS):
                value = _value(row, name)
                if hasattr(value, "isoformat"):
                    page.write_datetime(line, index, value, day)
                else:
                    page.write(line, index, value)


def our_xlsx(path: str) -> None:
    """The writer of the portal's reports."""
    from core.workbook import write_workbook

    write_workbook([_sheet()], Path(path), language="fr", title="Actions", author="bench")


for _function in (copy_csv, usual_csv, our_csv, usual_xlsx, our_xlsx):
    _function.ready = ready  # type: ignore[attr-defined]


def _job(stand: Stand, name: str, suffix: str) -> Sample:
    return job(f"bench.rows.exports:{name}", stand.file(f"{name}.{suffix}"), postmaster=stand.postmaster)


def check_csv(stand: Stand) -> None:
    """As many rows, and the same titles, as PostgreSQL writes."""
    _job(stand, "copy_csv", "csv")
    _job(stand, "our_csv", "csv")
    titles = []
    for name in ("copy_csv", "our_csv"):
        with stand.file(f"{name}.csv").open(encoding="utf-8-sig", newline="") as stream:
            titles.append(sorted(row[0] for row in list(csv.reader(stream, delimiter=";"))[1:]))
    if titles[0] != titles[1]:
        raise AssertionError("the exports differ")


CSV = Row(
    name="csv",
    title="CSV export, guarded against formulas, beside COPY",
    floor=0.55,
    limit=lambda stand: _job(stand, "copy_csv", "csv"),
    usual=lambda stand: _job(stand, "usual_csv", "csv"),
    ours=lambda stand: _job(stand, "our_csv", "csv"),
    check=check_csv,
    usual_once=True,
    shape="linear",
    most_mb=20,
)
XLSX = Row(
    name="xlsx",
    title="Excel export, beside xlsxwriter in constant memory",
    floor=6,
    limit=lambda stand: _job(stand, "usual_xlsx", "xlsx"),
    ours=lambda stand: _job(stand, "our_xlsx", "xlsx"),
    shape="linear",
    most_mb=20,
    note="the limit here is the usual way: the figure says how many times faster",
)
