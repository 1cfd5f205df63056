"""An export that PostgreSQL writes is the one that Python writes cell by cell, whatever the cells hold and whoever asks."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
from django.db import connection
from django.db.models import F
from django.db.models.expressions import RawSQL
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override
from python_calamine import CalamineWorkbook

from accounts.roles import MandateRole
from core import jobs, wall
from core.csvcopy import copy_csv
from core.imports.export import ListExport
from core.models import Job
from core.progress import LeaseLostError, Progress
from core.tables import Column, CopiedSheet
from core.workbookcopy import copy_workbook
from partnership.models import Action, Affiliation, Organisation
from tests.factories.partnership import ActionFactory, DestinationFactory, OrganisationFactory, ice

if TYPE_CHECKING:
    from pathlib import Path

    from core.actors import Actor
    from tests.factories.world import World

TEXTS = (
    "Hôtel « Atlas » ; ordinaire",
    "فندق الأطلس",
    "=HYPERLINK(\"https://piege.example\")",
    "+212 6 00", "-5", "@SUM(A1)", "|cmd", "%PATH%", "'déjà gardé'", "＝A1", "＋1",
    "\u200b=A1", " \u00a0=A1", "\u202b-1", "\ufeff@x", "   ", "\u200b",
    "deux\nlignes; et\r\nencore", "seul\rretour", "tab\tulation", "\ttab devant", "\n=A1",
    'des "guillemets"', "C:\\chemin\\n", "\\N", "\\.", "\\", "fin\\",
    "<b>&amp;</b> & <x>", "<r><t>riche</t></r>", "_x0041_ et _x000D_", "_x12",
    "\x01\x02contrôles\x1f\x1e", "\x0b\x0c\x08", "\ufffe\uffff", "😀 émotif", " devant et derrière ",
)  # fmt: skip
LONG = "é" * 40_000


@pytest.fixture
def rows(world: World) -> list[str]:
    """Every text in some row of each list."""
    place = DestinationFactory(region=world.atlas.region)
    for number, text in enumerate(TEXTS):
        owner = OrganisationFactory(ice=ice(5000 + number) if number % 2 else "", region=place.region, destination=place)
        activities = [[], ["hotel"], ["agency_a", "hotel"]][number % 3]
        Organisation.objects.filter(pk=owner.pk).update(
            name_fr=text, address=text, name_ar=text[:40], acronym=text[:10], activities=activities, phone=["", "+212522000000"][number % 2]
        )
        action = ActionFactory(organisation=owner, axis=world.axis)
        Action.objects.filter(pk=action.pk).update(title=text[:200], description=LONG if number == 3 else text * 2, source=text[:100])
        Affiliation.objects.create(organisation=owner, body=world.fnih, status="active", starts_on="2020-02-29", reason=text)
    return list(TEXTS)


def exported(kind: str, wanted: str, by: Actor, language: str) -> bytes:
    job = jobs.request_job(kind=kind, params={"format": wanted, "filters": ""}, by=by, language=language)
    jobs.run(job.pk)
    job.refresh_from_db()
    assert job.state == "done", job.error
    content: bytes = job.result.read()
    return content


def plainly(kind: str, wanted: str, by: Actor, language: str, path: Path) -> bytes:
    export = jobs.kinds()[kind]
    assert isinstance(export, ListExport)
    with override(language), wall.behind(wall.context_of(by)):
        progress = Progress(Job(), lease=jobs.LEASE)
        progress.__class__ = type("Silent", (Progress,), {"__call__": lambda self, percent, label="": None})
        facts = {"language": language, "title": str(export.title), "author": "ONMT"}
        export.write_plainly(wanted, path, by=by, filters={}, progress=progress, facts=facts)
    return path.read_bytes()


def cells(content: bytes) -> list[Any]:
    """What a reader finds: every cell with its look, and the sheet's own settings."""
    page: Any = openpyxl.load_workbook(io.BytesIO(content)).active
    look = [
        (cell.coordinate, cell.value, cell.data_type, cell.number_format, cell.alignment.wrap_text, cell.font.b, cell.fill.fgColor.rgb)
        for row in page.iter_rows()
        for cell in row
    ]
    widths = {letter: dimension.width for letter, dimension in page.column_dimensions.items()}
    frame = [
        page.title,
        page.freeze_panes,
        page.auto_filter.ref,
        page.print_title_rows,
        page.sheet_view.rightToLeft,
        page.dimensions,
        widths,
    ]
    return [*frame, *look]


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["fr", "ar", "en"])
@pytest.mark.parametrize("kind", ["organisations", "actions", "affiliations"])
def test_an_export_when_postgresql_writes_it_then_is_the_one_python_writes(
    world: World, rows: list[str], kind: str, language: str, tmp_path: Path
) -> None:
    for by in (world.manager, world.users["fnih", MandateRole.ADMINISTRATOR]):
        assert exported(kind, "csv", by, language) == plainly(kind, "csv", by, language, tmp_path / "plain.csv")
        fast, plain = exported(kind, "xlsx", by, language), plainly(kind, "xlsx", by, language, tmp_path / "plain.xlsx")
        assert cells(fast) == cells(plain)
        read = [CalamineWorkbook.from_filelike(io.BytesIO(content)).get_sheet_by_index(0).to_python() for content in (fast, plain)]
        assert read[0] == read[1]
        assert len(read[0]) > len(TEXTS) or by != world.manager
        # The workbook's other parts are the plain one's, but for the instant it was made.
        books = [zipfile.ZipFile(io.BytesIO(content)) for content in (fast, plain)]
        assert sorted(books[0].namelist()) == sorted(books[1].namelist())
        for name in {"xl/styles.xml", "xl/workbook.xml", "[Content_Types].xml"}:
            assert books[0].read(name) == books[1].read(name)


@pytest.mark.django_db
@pytest.mark.parametrize("kind", ["organisations", "actions", "affiliations"])
def test_an_export_of_the_portal_when_asked_then_is_written_by_postgresql(world: World, kind: str) -> None:
    export = jobs.kinds()[kind]
    assert isinstance(export, ListExport)
    assert [column.name for column in export.importer.columns(world.manager) if column.expression() is None] == []


@pytest.mark.django_db
def test_an_export_without_rows_when_written_then_has_its_heading_and_no_filter(world: World, tmp_path: Path) -> None:
    sheet = CopiedSheet("Vide", [Column("Nom"), Column("État")], Organisation.objects.none(), [F("name_fr"), F("status")])
    assert (copy_workbook(sheet, tmp_path / "a.xlsx", language="ar", title="T", author="A"), copy_csv(sheet, tmp_path / "a.csv")) == (0, 0)
    page: Any = openpyxl.load_workbook(tmp_path / "a.xlsx").active
    assert ([[cell.value for cell in row] for row in page.iter_rows()], page.auto_filter.ref) == ([["Nom", "État"]], None)
    assert (tmp_path / "a.csv").read_bytes() == "\ufeffNom;État\r\n".encode()


@pytest.mark.django_db
def test_an_export_when_its_queryset_forgets_who_asks_then_the_wall_still_shows_only_theirs(world: World, tmp_path: Path) -> None:
    sheet = CopiedSheet("Tous", [Column("Nom")], Action.objects.order_by("id"), [F("title")])
    ActionFactory.create_batch(2, axis=world.axis, organisation=world.rif)
    seen = Action.objects.visible_to(world.operator).count()
    with wall.behind(wall.context_of(world.operator)):
        assert copy_csv(sheet, tmp_path / "a.csv") == seen
    assert seen < copy_csv(sheet, tmp_path / "a.csv") == Action.objects.count()


@pytest.mark.django_db
def test_an_export_when_written_then_asks_the_same_number_of_questions_for_any_number_of_rows(world: World) -> None:
    exported("actions", "csv", world.manager, "fr")
    counts = []
    for language in ("ar", "en"):
        ActionFactory.create_batch(30, axis=world.axis)
        with CaptureQueriesContext(connection) as queries:
            exported("actions", "xlsx", world.manager, language)
        counts.append(len(queries))
    assert counts[0] == counts[1]


@pytest.mark.django_db(transaction=True)
def test_an_export_when_it_is_cancelled_while_rows_leave_then_stops_and_the_connection_is_good(tmp_path: Path) -> None:
    OrganisationFactory.create_batch(3)

    def lost(count: int) -> None:
        raise LeaseLostError

    sheet = CopiedSheet("Tous", [Column("Nom")], Organisation.objects.order_by("id"), [F("name_fr")], lost)
    with pytest.raises(LeaseLostError):
        copy_workbook(sheet, tmp_path / "a.xlsx", language="fr", title="T", author="A")
    assert Organisation.objects.count() == 3
    assert copy_csv(sheet, tmp_path / "a.csv") == 3


@pytest.mark.django_db(transaction=True)
def test_an_export_when_it_takes_longer_than_a_page_may_then_is_written_whole(tmp_path: Path) -> None:
    OrganisationFactory.create_batch(3)
    slow = RawSQL("pg_sleep(0.1)::text", ())
    sheet = CopiedSheet("Tous", [Column("Nom"), Column("Attente")], Organisation.objects.order_by("id"), [F("name_fr"), slow])
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout TO 50")
        try:
            assert copy_csv(sheet, tmp_path / "a.csv") == 3
            cursor.execute("SHOW statement_timeout")
            assert cursor.fetchone() == ("50ms",)
        finally:
            cursor.execute("SET statement_timeout TO DEFAULT")
