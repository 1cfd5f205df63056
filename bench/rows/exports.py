"""The portal's export of its actions: CSV beside PostgreSQL's own COPY of the same columns, Excel beside xlsxwriter in constant memory.

Each in a process of its own.
"""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING, Any

from bench.clockwork import job
from bench.row import Row, Sample

if TYPE_CHECKING:
    from bench.stand import Stand

EXPORTER = "exporter@volume.invalid"
HEADINGS = (
    "id", "convention", "axis", "commitment", "organisation", "title", "description",
    "priority", "starts_on", "due_on", "source", "status", "progress", "reason",
)  # fmt: skip
COPY = """
COPY (SELECT a.id, c.reference, x.code, m.reference, o.name_fr || ' [' || o.ice || ']', a.title, a.description,
a.priority, a.starts_on, a.due_on, a.source, a.status, a.progress, ''
FROM partnership_action a JOIN partnership_organisation o ON o.id = a.organisation_id JOIN partnership_axis x ON x.id = a.axis_id
JOIN partnership_convention c ON c.id = a.convention_id LEFT JOIN partnership_commitment m ON m.id = a.commitment_id
ORDER BY a.due_on, a.id) TO STDOUT WITH (FORMAT csv, HEADER, DELIMITER ';')
"""


def ready() -> None:
    """Connect before the clock starts."""
    from django.contrib.auth.models import Group
    from django.db import connection

    from accounts.models import User
    from accounts.roles import StaffRole
    from core import jobs

    connection.ensure_connection()
    jobs.kinds()  # what a worker has loaded
    user, _made = User.objects.get_or_create(email=EXPORTER, defaults={"full_name": "Bench", "is_staff": True})
    user.groups.add(Group.objects.get(name=StaffRole.CONVENTION_MANAGER.value))


def copy_csv(path: str) -> None:
    """The limit: PostgreSQL writes the file, unguarded."""
    from django.db import connection

    with Path(path).open("wb") as stream, connection.cursor() as cursor:
        cursor.cursor.copy_expert(COPY, stream)


def _instances() -> Any:
    from partnership.models import Action

    rows = Action.objects.select_related("organisation", "axis", "convention", "commitment").order_by("due_on", "id")
    return rows.iterator()


def _values(row: Any) -> list[Any]:
    owner, commitment = row.organisation, row.commitment
    return [
        str(row.pk), row.convention.reference, row.axis.code, commitment.reference if commitment else "",
        f"{owner.name_fr} [{owner.ice or owner.pk}]", row.title, row.description, row.get_priority_display(),
        row.starts_on, row.due_on, row.source, row.get_status_display(), row.progress, "",
    ]  # fmt: skip


def usual_csv(path: str) -> None:
    """Instances, one row at a time, unguarded."""
    with Path(path).open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, delimiter=";")
        writer.writerow(HEADINGS)
        for row in _instances():
            writer.writerow(_values(row))


def usual_xlsx(path: str) -> None:
    """Instances into xlsxwriter, in constant memory."""
    import xlsxwriter

    with xlsxwriter.Workbook(path, {"constant_memory": True, "remove_timezone": True}) as book:
        page = book.add_worksheet()
        page.write_row(0, 0, HEADINGS)
        day = book.add_format({"num_format": "dd/mm/yyyy"})
        for line, row in enumerate(_instances(), start=1):
            for index, value in enumerate(_values(row)):
                if hasattr(value, "isoformat"):
                    page.write_datetime(line, index, value, day)
                else:
                    page.write(line, index, value)


def _export(path: str, wanted: str) -> None:
    """The portal's own export of its actions, as its job runs it for one of the staff: the rows they may see, behind the wall."""
    from django.utils.translation import override

    from accounts.models import User
    from core import clock, jobs, wall
    from core.models import Job
    from core.progress import Progress

    user = User.objects.get(email=EXPORTER)
    job = Job.objects.create(
        kind="actions", params={"format": wanted, "filters": ""}, unique_key=path, requested_by=user, language="fr",
        state="running", attempts=1, as_of=clock.now(), lease_until=clock.now() + jobs.LEASE,
    )  # fmt: skip
    with override("fr"), wall.behind(wall.context_of(user)):
        jobs.kinds()["actions"].run(job, by=user, draft=Path(path), progress=Progress(job, lease=jobs.LEASE))
    job.delete()


def our_csv(path: str) -> None:
    """Guarded against formulas."""
    _export(path, "csv")


def our_xlsx(path: str) -> None:
    """As the import takes it back: widths, dates, a frozen heading, a filter."""
    _export(path, "xlsx")


for _function in (copy_csv, usual_csv, our_csv, usual_xlsx, our_xlsx):
    _function.ready = ready  # type: ignore[attr-defined]


def _job(stand: Stand, name: str, suffix: str) -> Sample:
    return job(f"bench.rows.exports:{name}", stand.file(f"{name}.{suffix}"), postmaster=stand.postmaster)


def check_csv(stand: Stand) -> None:
    """Row by row what PostgreSQL writes, but for the words of the two states."""
    _job(stand, "copy_csv", "csv")
    _job(stand, "our_csv", "csv")
    files = []
    for name in ("copy_csv", "our_csv"):
        with stand.file(f"{name}.csv").open(encoding="utf-8-sig", newline="") as stream:
            files.append([(*row[:7], *row[8:11], *row[12:]) for row in list(csv.reader(stream, delimiter=";"))[1:]])
    if not files[0] or files[0] != files[1]:
        raise AssertionError("the exports differ")


def check_xlsx(stand: Stand) -> None:
    """As many rows, and the same titles, as the usual way writes."""
    from python_calamine import CalamineWorkbook

    read = []
    for name in ("usual_xlsx", "our_xlsx"):
        _job(stand, name, "xlsx")
        read.append([row[:7] for row in CalamineWorkbook.from_path(stand.file(f"{name}.xlsx")).get_sheet_by_index(0).to_python()][1:])
    if not read[0] or read[0] != read[1]:
        raise AssertionError("the workbooks differ")


CSV = Row(
    name="csv",
    title="CSV export, guarded against formulas, beside COPY",
    floor=0.55,
    limit=lambda stand: _job(stand, "copy_csv", "csv"),
    usual=lambda stand: _job(stand, "usual_csv", "csv"),
    ours=lambda stand: _job(stand, "our_csv", "csv"),
    check=check_csv,
    usual_floor=25,
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
    check=check_xlsx,
    shape="linear",
    most_mb=20,
    note="the limit here is the usual way: the figure says how many times faster",
)
