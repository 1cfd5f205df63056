"""Organisations brought as a file: the job that writes them beside COPY into the same table, and a workbook read beside openpyxl.

Of the rows four fifths are new, one fifth change an organisation that exists, three in a hundred are refused. COPY writes as many
valid rows, all new, under the same indexes, constraints and triggers, in an act of the trail; it checks nothing.
"""

from __future__ import annotations

import csv
import io
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid5

from bench.clockwork import job, measured
from bench.row import Row, Sample

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from bench.stand import Stand

HEADINGS = ("kind", "name_fr", "ice", "activities", "region", "email", "phone")
SLICE = 200
_SPACE = UUID("6ba7b811-9dad-11d1-80b4-00c04fd430c8")
# The enterprises of this row, apart from those of the synthetic volume.
_FIRST = 700_000_000
_MINE = "ice ~ '^7[0-9]{14}$'"
_state: dict[str, Any] = {}


def size(stand: Stand) -> int:
    """Rows of the file: 100,000 at the largest; under 5,000 what a job costs whatever it does would be measured instead."""
    return max(5000, int(10_000 * stand.scale))


def _ice(number: int) -> str:
    digits = f"{_FIRST + number:09d}0001"
    return f"{digits}{-int(digits) * 100 % 97:02d}"


def _is_known(number: int) -> bool:
    return number % 5 == 0


def _is_bad(number: int) -> bool:
    return number % 100 in {33, 66, 99}


def _row(number: int) -> list[str]:
    """A row of the file, every text of it its own but for its words of a list."""
    code = _ice(number)
    return [
        "operator", f"Établissement d'été n° {number}", code[:-1] if _is_bad(number) else code, "riad ; hotel" if number % 3 else "hotel",
        f"MA-{number % 12 + 1:02d}", f"contact{number}@volume.invalid", f"+2126{number:08d}",
    ]  # fmt: skip


def _write(path: Path, count: int) -> None:
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, delimiter=";")
        writer.writerow(HEADINGS)
        writer.writerows(_row(number) for number in range(count))


def _columns() -> list[Any]:
    from partnership.models import Organisation

    return [one for one in Organisation._meta.concrete_fields if not getattr(one, "generated", False)]


def _as_copied(numbers: range, *, renamed: bool) -> bytes:
    """The same rows as COPY takes them, every column of the table given."""
    from django.db import connection

    from core import clock
    from core.ids import new_id_text
    from partnership.choices import OrganisationStatus
    from partnership.models import Region

    regions = dict(Region.objects.values_list("code", "pk"))
    now = clock.now().isoformat()
    fixed = {
        each.column: each.get_db_prep_save(each.get_default(), connection)
        for each in _columns()
        if not each.primary_key and each.name not in {"created_at", "updated_at"}
    }
    stream = io.StringIO()
    writer = csv.writer(stream)
    for number in numbers:
        kind, name, _code, activities, region, email, phone = _row(number)
        values = fixed | {
            "id": new_id_text() if renamed else str(uuid5(_SPACE, str(number))), "kind": kind, "ice": _ice(number),
            "name_fr": name if renamed else f"Ancien nom {number}", "email": email, "phone": phone, "region_id": regions[region],
            "activities": "{" + activities.replace(" ; ", ",") + "}", "status": OrganisationStatus.REGISTERED,
            "created_at": now, "updated_at": now,
        }  # fmt: skip
        writer.writerow([_plain(values[each.column]) for each in _columns()])
    return stream.getvalue().encode()


def _plain(value: Any) -> Any:
    if isinstance(value, list | tuple):
        return "{" + ",".join(map(str, value)) + "}"
    return "\\N" if value is None else value


def _copy(rows: bytes) -> None:
    from django.db import connection

    from core.actors import SYSTEM
    from core.audit import act

    names = ", ".join(each.column for each in _columns())
    with act(by=SYSTEM), connection.cursor() as cursor:
        cursor.cursor.copy_expert(f"COPY partnership_organisation ({names}) FROM STDIN WITH (FORMAT csv, NULL '\\N')", io.BytesIO(rows))


def _reset(stand: Stand, *, known: bool) -> None:
    """Only the organisations that existed (or none), the batch checked and not applied, the tables in order."""
    from django.db import connection

    from core.actors import SYSTEM
    from core.audit import act

    with act(by=SYSTEM), connection.cursor() as cursor:
        # Not measured: nothing refers to these rows, so neither the trail nor the references need to look at each of them.
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(f"DELETE FROM partnership_organisation WHERE {_MINE}")  # noqa: S608 - a constant
        cursor.execute("DELETE FROM core_importedrow")
        cursor.execute("UPDATE core_importbatch SET state = 'checked', applied_at = NULL WHERE state = 'applied'")
    if known:
        _copy(_as_copied(range(0, size(stand), 5), renamed=False))
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE partnership_organisation, core_importedrow")


@contextmanager
def _brought(stand: Stand) -> Iterator[None]:
    """The file, brought and checked by somebody who may; everything of it goes afterwards."""
    from django.contrib.auth.models import Group
    from django.core.files.uploadedfile import SimpleUploadedFile

    from accounts.models import User
    from accounts.roles import StaffRole
    from core import jobs, wall
    from core.imports import services

    with wall.elevated("bench"):
        path = stand.file("organisations.csv")
        _write(path, size(stand))
        user, _is_new = User.objects.get_or_create(email="manager@volume.invalid", full_name="Bench", is_staff=True)
        user.groups.set([Group.objects.get_or_create(name=StaffRole.CONVENTION_MANAGER.value)[0]])
        user = User.objects.get(pk=user.pk)
        _reset(stand, known=True)
        upload = SimpleUploadedFile(path.name, path.read_bytes())
        batch = services.open_import(kind="organisations", upload=upload, by=user)
        batch = services.choose_in_import(batch=batch.pk, choices={"leaves_errors_out": True}, by=user)
        started = time.perf_counter()
        assert batch.check_job is not None
        jobs.run(batch.check_job.pk)
        _state.update(user=user, batch=batch, check=time.perf_counter() - started)
        batch.refresh_from_db()
        if batch.state != "checked":
            raise RuntimeError(f"the check failed: {batch.check_job.error}")
        try:
            yield
        finally:
            _reset(stand, known=False)


def _limit(stand: Stand) -> Sample:
    _reset(stand, known=False)
    rows = _as_copied(range(int(size(stand) * 0.97)), renamed=True)
    with measured(stand.postmaster) as figures:
        _copy(rows)
    return _sample(figures())


def _sample(figures: tuple[float, float, float], times: float = 1.0) -> Sample:
    wall, cpu, database = figures
    return Sample(wall * times, cpu * 1000 * times, database * 1000 * times)


def ready() -> None:
    """Connect before the clock starts, and load what a worker holds loaded."""
    from django.db import connection

    import core.jobs  # noqa: F401
    import portal.imports  # noqa: F401

    connection.ensure_connection()


def apply_job(key: str) -> None:
    """The job as a worker does it."""
    from core import jobs

    jobs.run(UUID(key))


apply_job.ready = ready  # type: ignore[attr-defined]


def _ours(stand: Stand) -> Sample:
    from core.imports import services

    _reset(stand, known=True)
    asked = services.apply_import(batch=_state["batch"].pk, by=_state["user"])
    sample = job("bench.rows.imports:apply_job", asked.pk, postmaster=stand.postmaster)
    asked.refresh_from_db()
    if asked.state != "done":
        raise RuntimeError(f"the import failed: {asked.error}")
    return sample


def _usual(stand: Stand) -> Sample:
    """A form of the model a row, found by its key and saved: a slice of the file, counted as the whole."""
    from django.forms import modelform_factory

    from core.actors import SYSTEM
    from core.audit import act
    from partnership.models import Organisation, Region

    _reset(stand, known=True)
    form_class = modelform_factory(Organisation, fields=["kind", "name_fr", "ice", "activities", "region", "email", "phone"])
    with measured(stand.postmaster) as figures, act(by=SYSTEM):
        for number in range(SLICE):
            given = dict(zip(HEADINGS, _row(number), strict=True))
            found = Organisation.objects.filter(ice=given["ice"]).first()
            region = Region.objects.get(code=given["region"])
            data = given | {"region": region.pk, "activities": given["activities"].replace(" ; ", ",")}
            form = form_class(data, instance=found)
            if form.is_valid():
                form.save()
    return _sample(figures(), size(stand) / SLICE)


def check(stand: Stand) -> None:
    """Both write what the file says: the names of every valid row, each once."""
    from partnership.models import Organisation

    _ours(stand)
    mine = Organisation.objects.filter(ice__startswith="7").order_by("ice")
    written = dict(mine.values_list("ice", "name_fr"))
    wrong = [n for n in range(size(stand)) if not _is_bad(n) and written.get(_ice(n)) != _row(n)[1]]
    if wrong:
        raise AssertionError(f"{len(wrong)} rows are not as in the file, row {wrong[0]} first")
    if any(written.get(_ice(n), "Ancien") == _row(n)[1] for n in range(size(stand)) if _is_bad(n)):
        raise AssertionError("a refused row was written")


# -- workbooks ---------------------------------------------------------------------------------------------------------
@contextmanager
def _workbook(stand: Stand) -> Iterator[None]:
    from core.tables import Column, Kind, Sheet
    from core.workbook import write_workbook

    sheet = Sheet("Table", [Column(name, Kind.TEXT) for name in HEADINGS], (_row(number) for number in range(size(stand))))
    write_workbook([sheet], stand.file("organisations.xlsx"), language="fr", title="Table", author="bench")
    yield


def read_ours(path: str) -> int:
    """As an import reads it: in a process of its own, within its memory."""
    from pathlib import Path

    from core.imports.reading import open_table

    with open_table(Path(path), suffix=".xlsx", known=frozenset(HEADINGS), sheets=frozenset()) as table:
        return sum(1 for _ in table.rows)


_OPENPYXL = """
import sys, openpyxl
book = openpyxl.load_workbook(sys.argv[1], read_only=True)
print(sum(1 for _ in book.worksheets[0].iter_rows(values_only=True)))
"""


def read_usual(path: str) -> int:
    """openpyxl, in its mode for reading, in a process of its own too: both sides start one, and load their library in it."""
    command = [sys.executable, "-I", "-c", _OPENPYXL, path]
    return int(subprocess.run(command, capture_output=True, text=True, check=True, timeout=600).stdout)  # noqa: S603 - our own


def check_workbook(stand: Stand) -> None:
    """Both read every row."""
    path = str(stand.file("organisations.xlsx"))
    if not read_usual(path) >= read_ours(path) >= size(stand):
        raise AssertionError(f"{read_ours(path)} rows read of {size(stand)}")


ROW = Row(
    name="import",
    title="Organisations written from a checked CSV, beside COPY",
    floor=0.45,
    usual_floor=80,
    limit=_limit,
    usual=_usual,
    ours=_ours,
    check=check,
    around=_brought,
    usual_once=True,
    shape="linear",
    most_mb=300,
)
XLSX = Row(
    name="import-xlsx",
    title="Reading a workbook, beside openpyxl in its reading mode",
    floor=10,
    limit=lambda stand: job("bench.rows.imports:read_usual", stand.file("organisations.xlsx"), postmaster=stand.postmaster),
    ours=lambda stand: job("bench.rows.imports:read_ours", stand.file("organisations.xlsx"), postmaster=stand.postmaster),
    check=check_workbook,
    around=_workbook,
    shape="linear",
    note="the limit here is the usual way: the figure says how many times faster",
)
