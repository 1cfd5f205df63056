"""Organisations imported many at a time: created, updated, refused, exported and taken back."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import transaction
from django.utils.translation import override

from core import jobs
from core.errors import Conflict
from core.history import history
from core.imports import services
from core.models import Event, ImportBatch, ImportedRow, Job
from partnership.imports.organisations import OrganisationImport
from partnership.models import Organisation
from partnership.services.organisations import close_organisation, update_organisation
from tests.factories.partnership import DestinationFactory, OrganisationFactory, ice
from tests.factories.tables import applied, checked, csv_file, undone, xlsx_file

if TYPE_CHECKING:
    from tests.factories.world import World

pytestmark = pytest.mark.django_db
HEADINGS = ["kind", "Nom en français", "ICE", "الجهة", "activities"]


def table(world: World, *more: list[Any]) -> list[list[Any]]:
    return [
        HEADINGS,
        ["operator", "Riad neuf d'essai", ice(2001), "MA-07", "riad ; hotel"],
        ["Operator", "Hôtel Atlas renommé", world.atlas.ice, "MA-07", "hotel"],
        ["operator", world.rif.name_fr, world.rif.ice, "MA-01", "hotel"],
        *more,
    ]


def codes(batch: ImportBatch) -> list[tuple[int, str, str]]:
    return [(error["row"], error["letter"], error["value"]) for error in batch.errors]


def test_organisations_when_imported_then_are_created_updated_and_left_alone(world: World) -> None:
    rif_before = world.rif.updated_at
    batch = checked(csv_file(table(world)), by=world.manager)
    assert (batch.state, batch.counts) == (
        "checked", {"create": 1, "update": 1, "same": 1, "skip": 0, "error": 0, "rows": 3, "findings": 0},
    )  # fmt: skip
    assert Organisation.objects.filter(ice=ice(2001)).count() == 0
    assert batch.sample[0]["about"] == "Hôtel Atlas d'essai"
    assert [change[1:] for change in batch.sample[0]["changes"]] == [["Hôtel Atlas d'essai", "Hôtel Atlas renommé"]]

    batch = applied(batch, by=world.manager)

    assert batch.state == "applied"
    new = Organisation.objects.get(ice=ice(2001))
    assert (new.name_fr, new.status, new.region, new.activities) == (
        "Riad neuf d'essai",
        "registered",
        world.atlas.region,
        ["riad", "hotel"],
    )
    world.atlas.refresh_from_db()
    world.rif.refresh_from_db()
    assert (world.atlas.name_fr, world.atlas.status) == ("Hôtel Atlas renommé", "vouched")
    assert world.rif.updated_at == rif_before
    recorded = history(world.atlas)[0]
    assert (recorded.kind, recorded.actor, [one.field for one in recorded.differences]) == ("update", str(world.manager), ["name_fr"])
    told = Event.objects.filter(name__startswith="organisation.").order_by("name").values_list("name", "about_id", "organisations", "data")
    assert list(told) == [
        ("organisation.registered", new.pk, [new.pk], {}),
        ("organisation.updated", world.atlas.pk, [world.atlas.pk], {"fields": ["name_fr"]}),
    ]


def test_organisations_when_existing_rows_are_skipped_then_only_new_ones_are_written(world: World) -> None:
    batch = checked(csv_file(table(world)), by=world.manager, existing="skip")
    assert (batch.counts["create"], batch.counts["skip"], batch.counts["update"]) == (1, 2, 0)
    applied(batch, by=world.manager)
    world.atlas.refresh_from_db()
    assert world.atlas.name_fr == "Hôtel Atlas d'essai"


def test_organisations_when_cells_are_wrong_then_every_one_is_told_and_nothing_is_written(world: World) -> None:
    close_organisation(organisation=world.oasis.pk, reason="ceased its activity", by=world.manager)
    before = Organisation.objects.count()
    rows = table(
        world,
        ["hotel", "", "123", "Atlantis", "casino"],
        ["operator", "Deux fois", ice(2001), "", ""],
        ["operator", world.oasis.name_fr, world.oasis.ice, "", ""],
        ["operator", "hotel RIF d'essai", "", "", ""],
        ["operator", "x" * 201, "", "", ""],
        ["operator", "Jumeau", "", "", ""],
        ["operator", "jumeau", "", "", ""],
        ["operator", "=1+1", "", "", ""],
    )
    batch = checked(csv_file(rows), by=world.manager)
    assert codes(batch) == [
        (5, "A", "hotel"), (5, "B", ""), (5, "C", "123"), (5, "D", "Atlantis"), (5, "E", "casino"),
        (6, "C", ice(2001)),
        (7, "", ""),
        (8, "B", "hotel RIF d'essai"),
        (9, "B", "x" * 200),
        (11, "B", "jumeau"),
        (12, "B", "=1+1"),
    ]  # fmt: skip
    assert all(error["sentence"] for error in batch.errors)
    assert (batch.counts["error"], batch.counts["findings"]) == (7, 11)
    with pytest.raises(Conflict, match=r".+") as refused:
        services.apply_import(batch=batch.pk, by=world.manager)
    assert refused.value.code == "errors_left"
    assert Organisation.objects.count() == before
    listed = openpyxl.load_workbook(jobs.finished_file(job=batch.check_job_id, by=world.manager).result.open())  # type: ignore[arg-type]
    assert [row[0] for row in listed.worksheets[0].iter_rows(min_row=6, values_only=True)] == [5, 5, 5, 5, 5, 6, 7, 8, 9, 11, 12]


def test_organisations_when_errors_are_left_out_then_the_others_are_written(world: World) -> None:
    rows = table(world, ["operator", "", "", "", ""])
    batch = applied(checked(csv_file(rows), by=world.manager, leaves_errors_out=True), by=world.manager)
    assert (batch.state, batch.counts["create"], batch.counts["error"]) == ("applied", 1, 1)


def test_organisations_when_an_identifier_is_unknown_or_given_twice_then_is_refused(world: World) -> None:
    rows = [
        ["id", "kind", "name_fr", "ice"],
        [str(uuid4()), "operator", "Inconnue", ""],
        [str(world.rif.pk), "operator", world.rif.name_fr, world.atlas.ice],
        [str(world.atlas.pk), "operator", world.atlas.name_fr, ""],
        [str(world.atlas.pk), "operator", world.atlas.name_fr, ""],
        ["n'importe quoi", "operator", "Sans", ""],
    ]
    batch = checked(csv_file(rows), by=world.manager)
    assert [(error["row"], error["letter"]) for error in batch.errors] == [(2, "A"), (3, "D"), (5, "A"), (6, "A")]


def test_organisations_when_a_destination_is_given_then_its_region_follows_or_must_agree(world: World) -> None:
    DestinationFactory(slug="essaouira-essai", region=world.atlas.region)
    rows = [
        ["kind", "name_fr", "ice", "destination"],
        ["operator", "Au bord", ice(2002), "essaouira-essai"],
    ]
    applied(checked(csv_file(rows), by=world.manager), by=world.manager)
    assert Organisation.objects.get(ice=ice(2002)).region == world.atlas.region

    wrong = [["kind", "name_fr", "ice", "region", "destination"], ["operator", "Au bord", ice(2002), "MA-01", "essaouira-essai"]]
    assert [error["letter"] for error in checked(csv_file(wrong), by=world.manager).errors] == ["E"]
    alone = [["kind", "name_fr", "ice", "region"], ["operator", "Au bord", ice(2002), "MA-01"]]
    assert [error["letter"] for error in checked(csv_file(alone), by=world.manager).errors] == ["D"]


# -- round trip ----------------------------------------------------------------------------------------------------------
def exported(world: World, wanted: str, language: str = "fr") -> Job:
    job = jobs.request_job(kind="organisations", params={"format": wanted}, by=world.manager, language=language)
    jobs.run(job.pk)
    job.refresh_from_db()
    return job


@pytest.mark.parametrize("language", ["fr", "ar", "en"])
@pytest.mark.parametrize("wanted", ["csv", "xlsx"])
def test_an_export_when_imported_again_then_changes_nothing(world: World, wanted: str, language: str) -> None:
    place = DestinationFactory(region=world.atlas.region)
    OrganisationFactory(
        name_fr="=HYPERLINK(\"x\")", name_ar="فندق الأطلس", ice=ice(3001), activities=["hotel", "agency_a"], phone="+212522000000",
        email="a@b.example", website="https://b.example/", address="1, rue\nde l'essai; Rabat",
        region=place.region, destination=place, size="micro",
    )  # fmt: skip
    job = exported(world, wanted, language)
    batch = checked(SimpleUploadedFile(f"export.{wanted}", job.result.read()), by=world.manager)
    total = Organisation.objects.count()
    assert (batch.errors, batch.counts["same"], batch.counts["rows"]) == ([], total, total)
    assert len(batch.mapping) == len(batch.headings) == 17


def test_an_export_when_one_cell_is_changed_then_is_one_update(world: World) -> None:
    book = openpyxl.load_workbook(io.BytesIO(exported(world, "xlsx").result.read()))
    page: Any = book.active
    row = next(row for row in page.iter_rows(min_row=2) if row[0].value == str(world.rif.pk))
    row[12].value = "contact@rif.example"
    stream = io.BytesIO()
    book.save(stream)
    batch = applied(checked(SimpleUploadedFile("export.xlsx", stream.getvalue()), by=world.manager), by=world.manager)
    assert (batch.counts["update"], batch.counts["create"]) == (1, 0)
    world.rif.refresh_from_db()
    assert world.rif.email == "contact@rif.example"


def test_an_export_when_an_operator_asks_then_shows_only_what_it_sees(world: World) -> None:
    job = jobs.request_job(kind="organisations", params={"format": "csv", "filters": "q=&kind=operator"}, by=world.operator)
    jobs.run(job.pk)
    job.refresh_from_db()
    rows = list(csv.reader(io.StringIO(job.result.read().decode("utf-8-sig")), delimiter=";"))
    assert [row[0] for row in rows[1:]] == [str(world.atlas.pk)]


# -- rights --------------------------------------------------------------------------------------------------------------
def test_organisations_when_brought_by_somebody_else_than_staff_then_do_not_exist(world: World) -> None:
    for user in (world.competitor, world.secretariat, world.auditor):
        with pytest.raises(ImportBatch.DoesNotExist):
            services.open_import(kind="organisations", upload=csv_file(table(world)), by=user)
    assert ImportBatch.objects.count() == 0


def test_an_import_when_it_is_anothers_then_does_not_exist(world: World) -> None:
    batch = checked(csv_file(table(world)), by=world.manager)
    other = next(user for user in world.staff.values() if user != world.manager)
    for act in (services.apply_import, services.abandon_import):
        with pytest.raises(ImportBatch.DoesNotExist):
            act(batch=batch.pk, by=other)


def test_an_import_when_the_right_is_lost_before_it_runs_then_writes_nothing(world: World) -> None:
    batch = checked(csv_file(table(world)), by=world.manager)
    job = services.apply_import(batch=batch.pk, by=world.manager)
    world.manager.is_active = False
    world.manager.save()
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, Organisation.objects.filter(ice=ice(2001)).count()) == ("failed", 0)


def test_an_import_when_the_role_is_lost_before_it_runs_then_writes_nothing(world: World) -> None:
    batch = checked(csv_file(table(world)), by=world.manager)
    job = services.apply_import(batch=batch.pk, by=world.manager)
    world.manager.groups.clear()
    with override("en"):
        Job.objects.filter(pk=job.pk).update(language="en")
        jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.error) == ("failed", "You no longer have access to what this would show.")
    assert Organisation.objects.filter(ice=ice(2001)).count() == 0


def test_an_import_when_given_up_while_its_job_waits_then_is_not_written(world: World) -> None:
    batch = checked(csv_file(table(world)), by=world.manager)
    job = services.apply_import(batch=batch.pk, by=world.manager)
    # The job is not cancelled and the file still there: only the state tells.
    ImportBatch.objects.filter(pk=batch.pk).update(state="abandoned")
    jobs.run(job.pk)
    job.refresh_from_db()
    batch.refresh_from_db()
    assert (job.state, batch.state, Organisation.objects.filter(ice=ice(2001)).count()) == ("failed", "abandoned", 0)


# -- what changed since --------------------------------------------------------------------------------------------------
def test_an_import_when_the_outcome_changed_since_the_check_then_is_refused(world: World) -> None:
    batch = checked(csv_file(table(world)), by=world.manager)
    update_organisation(organisation=world.rif.pk, changes={"name_fr": "Hôtel Rif autre"}, by=world.manager)
    batch = applied(batch, by=world.manager)
    assert (batch.state, batch.apply_job.state) == ("checked", "failed")  # type: ignore[union-attr]
    assert Organisation.objects.filter(ice=ice(2001)).count() == 0

    update_organisation(organisation=world.rif.pk, changes={"name_fr": world.rif.name_fr, "email": "x@rif.example"}, by=world.manager)
    assert applied(batch, by=world.manager).state == "applied"


def test_an_import_when_its_file_is_another_then_is_refused(world: World) -> None:
    batch = checked(csv_file(table(world)), by=world.manager)
    # Another name for a new row: the same row is created, and nothing but the file's own mark tells.
    path = Path(batch.file.path)
    path.write_bytes(path.read_bytes().replace(b"Riad neuf", b"Riad faux"))
    batch = applied(batch, by=world.manager)
    assert (batch.state, batch.apply_job.state) == ("checked", "failed")  # type: ignore[union-attr]


# -- undoing -------------------------------------------------------------------------------------------------------------
def test_an_import_when_undone_then_all_is_as_before(world: World) -> None:
    batch = undone(applied(checked(csv_file(table(world)), by=world.manager), by=world.manager), by=world.manager)
    assert (batch.state, batch.undo_reason, ImportedRow.objects.filter(batch=batch).count()) == ("undone", "imported by mistake", 2)
    assert Organisation.objects.filter(ice=ice(2001)).count() == 0
    world.atlas.refresh_from_db()
    assert world.atlas.name_fr == "Hôtel Atlas d'essai"
    recorded = history(world.atlas)[0]
    assert (recorded.reason, recorded.actor) == ("imported by mistake", str(world.manager))


def test_an_import_when_its_rows_changed_or_are_needed_since_then_its_undoing_names_them(world: World) -> None:
    from tests.factories.partnership import AffiliationFactory

    batch = applied(checked(csv_file(table(world)), by=world.manager), by=world.manager)
    new = Organisation.objects.get(ice=ice(2001))
    AffiliationFactory(organisation=new, body=world.fnih)
    update_organisation(organisation=world.atlas.pk, changes={"email": "x@atlas.example"}, by=world.manager)
    batch = undone(batch, by=world.manager)
    assert (batch.state, batch.undo_job.state) == ("applied", "failed")  # type: ignore[union-attr]
    assert "3" in batch.undo_job.error  # type: ignore[union-attr]
    assert "2" in batch.undo_job.error  # type: ignore[union-attr]
    assert Organisation.objects.filter(pk=new.pk).exists()


def test_a_workbook_when_an_ice_lost_its_zeros_then_is_named(world: World) -> None:
    rows: list[list[Any]] = [["kind", "name_fr", "ice"], ["operator", "Zéros", int(ice(2001))]]
    batch = checked(xlsx_file(rows), by=world.manager)
    assert [(error["row"], error["letter"]) for error in batch.errors] == [(2, "C")]


def test_a_row_when_its_place_moved_since_the_check_then_nothing_is_written_but_what_was_shown(world: World) -> None:
    place = DestinationFactory(region=world.atlas.region)
    batch = checked(
        csv_file([["kind", "name_fr", "ice", "destination"], ["operator", "Riad neuf", ice(2001), place.slug]]), by=world.manager
    )
    assert batch.state == "checked"
    place.region = world.rif.region
    place.save()

    batch = applied(batch, by=world.manager)

    assert (batch.state, Organisation.objects.filter(ice=ice(2001)).exists()) == ("checked", False)


def test_a_file_when_giving_it_up_fails_then_is_still_there(world: World, django_capture_on_commit_callbacks: Any) -> None:
    batch = checked(csv_file([["kind", "name_fr", "ice"], ["operator", "Riad neuf", ice(2001)]]), by=world.manager)
    path = Path(batch.file.path)

    def give_up_in_vain() -> None:
        with transaction.atomic():
            services.abandon_import(batch=batch.pk, by=world.manager)
            raise RuntimeError

    with pytest.raises(RuntimeError):
        give_up_in_vain()
    assert path.exists()

    with django_capture_on_commit_callbacks(execute=True):
        services.abandon_import(batch=batch.pk, by=world.manager)

    assert not path.exists()


def test_a_table_when_it_has_more_rows_than_its_kind_takes_then_is_refused_whole(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(OrganisationImport, "limit", 2)
    rows = [["kind", "name_fr", "ice"], *(["operator", f"Riad {number}", ice(number)] for number in (2001, 2002, 2003))]

    batch = checked(csv_file(rows), by=world.manager)

    assert batch.check_job is not None
    assert (batch.state, batch.check_job.state) == ("received", "failed")
    assert "2" in batch.check_job.error
