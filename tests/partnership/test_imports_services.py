"""Memberships and actions imported through their services: rights, messages and events of each, taken back together."""

from __future__ import annotations

import io
from datetime import date
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from accounts.roles import MandateRole
from core import jobs
from core.imports import services
from core.models import ImportBatch, Notification
from partnership.models import Action, Affiliation, Organisation
from tests.factories.partnership import ActionFactory, OrganisationFactory, ice
from tests.factories.tables import applied, checked, csv_file, undone

if TYPE_CHECKING:
    from accounts.models import User
    from core.models import Job
    from tests.factories.world import World

pytestmark = pytest.mark.django_db


def exported(kind: str, user: User, language: str = "fr") -> Job:
    job = jobs.request_job(kind=kind, params={"format": "xlsx"}, by=user, language=language)
    jobs.run(job.pk)
    job.refresh_from_db()
    return job


def places(batch: ImportBatch) -> list[tuple[int, str]]:
    return [(error["row"], error["letter"]) for error in batch.errors]


# -- memberships ---------------------------------------------------------------------------------------------------------
def test_memberships_when_a_federation_imports_then_its_own_members_join_move_and_come_back(world: World) -> None:
    user = world.users["fnih", MandateRole.ADMINISTRATOR]
    held = Affiliation.objects.get(organisation=world.rif)
    rows = [
        ["organisation", "body", "status", "reason"],
        [world.atlas.ice, "FNIH", "active", ""],
        [world.rif.name_fr, "fnih", "suspended", "cotisation impayée"],
    ]
    batch = checked(csv_file(rows), by=user, kind="affiliations")
    assert (batch.errors, batch.counts["same"], batch.counts["update"]) == ([], 1, 1)
    assert Affiliation.objects.filter(status="suspended").count() == 0
    assert Notification.objects.count() == 0

    batch = applied(batch, by=user)
    assert batch.state == "applied"
    now = Affiliation.objects.get(organisation=world.rif, ends_on=None)
    held.refresh_from_db()
    assert (now.status, now.reason, held.ends_on) == ("suspended", "cotisation impayée", now.starts_on)
    assert Notification.objects.filter(cancelled_at=None).count() > 0

    batch = undone(batch, by=user)
    assert batch.state == "undone"
    held.refresh_from_db()
    assert (held.ends_on, Affiliation.objects.filter(organisation=world.rif).count()) == (None, 1)
    assert Notification.objects.filter(cancelled_at=None).count() == 0


def test_memberships_when_anothers_body_or_an_unseen_firm_is_named_then_each_row_is_refused(world: World) -> None:
    user = world.users["fnih", MandateRole.ADMINISTRATOR]
    stranger = OrganisationFactory(name_fr="Inconnu d'ici", ice=ice(4001))
    rows = [
        ["organisation", "body", "status"],
        [stranger.ice, "FNIH", "active"],
        [world.atlas.ice, "FNAVM", "active"],
        [world.atlas.ice, "CNT", "active"],
        [world.atlas.ice, "FNIH", "suspended"],
    ]
    batch = checked(csv_file(rows), by=user, kind="affiliations")
    assert [row for row, _letter in places(batch)] == [2, 3, 4, 5]
    assert batch.counts["error"] == 4
    assert Affiliation.objects.count() == 5


def test_memberships_when_exported_then_come_back_unchanged(world: World) -> None:
    job = exported("affiliations", world.manager, "ar")
    batch = checked(SimpleUploadedFile("export.xlsx", job.result.read()), by=world.manager, kind="affiliations")
    assert (batch.errors, batch.counts["same"], batch.counts["rows"]) == ([], 5, 5)


def test_memberships_when_a_firm_brings_them_then_do_not_exist(world: World) -> None:
    with pytest.raises(ImportBatch.DoesNotExist):
        services.open_import(kind="affiliations", upload=csv_file([["organisation"]]), by=world.competitor)


# -- actions -------------------------------------------------------------------------------------------------------------
def plan(world: World, *more: list[Any]) -> list[list[Any]]:
    return [
        ["convention", "axis", "organisation", "title", "starts_on", "due_on", "priority"],
        ["ONMT-CNT-2022", "international", world.atlas.ice, "Salon de Berlin", "01/03/2027", "31/03/2027", "high"],
        *more,
    ]


def test_actions_when_a_party_imports_then_are_opened_told_and_taken_back(world: World) -> None:
    rows = [*plan(world)[:1], ["ONMT-CNT-2022", "international", "FNIH", "Salon de Berlin", "01/03/2027", "31/03/2027", "high"]]
    batch = checked(csv_file(rows), by=world.secretariat, kind="actions")
    assert (batch.errors, batch.counts["create"]) == ([], 1)
    assert (Action.objects.count(), Notification.objects.count()) == (0, 0)
    batch = applied(batch, by=world.secretariat)
    action = Action.objects.get()
    assert (action.title, action.due_on, action.priority, action.organisation) == ("Salon de Berlin", date(2027, 3, 31), "high", world.fnih)
    told = Notification.objects.filter(cancelled_at=None)
    assert told.filter(recipient=world.users["fnih", MandateRole.ADMINISTRATOR]).count() == 1

    assert checked(csv_file(rows), by=world.secretariat, kind="actions").counts["same"] == 1

    assert undone(batch, by=world.secretariat).state == "undone"
    assert (Action.objects.count(), told.count()) == (0, 0)


def test_actions_when_rows_are_wrong_then_every_one_is_told(world: World) -> None:
    rows = plan(
        world,
        ["ONMT-CNT-2022", "nulle part", world.atlas.ice, "Sans volet", "01/03/2027", "31/03/2027", ""],
        ["ABSENTE", "international", world.atlas.ice, "Sans convention", "01/03/2027", "31/03/2027", ""],
        ["ONMT-CNT-2022", "international", world.atlas.ice, "À rebours", "31/03/2027", "01/03/2027", ""],
        ["ONMT-CNT-2022", "international", world.atlas.ice, "Mal daté", "31/13/2027", "01/03/2027", "urgent"],
    )
    batch = checked(csv_file(rows), by=world.manager, kind="actions")
    assert places(batch) == [(3, "B"), (4, "A"), (5, "F"), (6, "E"), (6, "G")]
    assert batch.counts["create"] == 1


def test_actions_when_exported_and_a_date_moves_then_a_reason_is_asked_and_one_is_updated(world: World) -> None:
    action = ActionFactory(axis=world.axis, organisation=world.atlas, title="Salon de Berlin")
    ActionFactory(axis=world.axis, organisation=world.rif, title="Autre")
    content = exported("actions", world.manager).result.read()
    same = checked(SimpleUploadedFile("export.xlsx", content), by=world.manager, kind="actions")
    assert (same.errors, same.counts["same"]) == ([], 2)

    book = openpyxl.load_workbook(io.BytesIO(content))
    page: Any = book.active
    row = next(row for row in page.iter_rows(min_row=2) if row[0].value == str(action.pk))
    row[9].value = date(2028, 1, 31)

    def saved() -> SimpleUploadedFile:
        stream = io.BytesIO()
        book.save(stream)
        return SimpleUploadedFile("export.xlsx", stream.getvalue())

    assert len(checked(saved(), by=world.manager, kind="actions").errors) == 1
    row[13].value = "salon reporté"
    batch = applied(checked(saved(), by=world.manager, kind="actions"), by=world.manager)
    action.refresh_from_db()
    assert (batch.counts["update"], action.due_on) == (1, date(2028, 1, 31))

    before = action.due_on
    assert undone(batch, by=world.manager).state == "undone"
    action.refresh_from_db()
    assert action.due_on < before


def test_actions_when_a_state_is_written_in_the_table_then_is_refused(world: World) -> None:
    action = ActionFactory(axis=world.axis, organisation=world.atlas, title="Salon")
    rows = [
        ["id", "convention", "axis", "organisation", "title", "starts_on", "due_on", "status"],
        [str(action.pk), "ONMT-CNT-2022", "international", world.atlas.ice, "Salon", action.starts_on, action.due_on, "verified"],
    ]
    assert places(checked(csv_file(rows), by=world.manager, kind="actions")) == [(2, "H")]


def test_actions_when_a_firm_brings_them_then_do_not_exist(world: World) -> None:
    with pytest.raises(ImportBatch.DoesNotExist):
        services.open_import(kind="actions", upload=csv_file(plan(world)), by=world.competitor)


def test_a_membership_when_its_name_leads_to_another_firm_since_the_check_then_nothing_is_written(world: World) -> None:
    first, second = OrganisationFactory(name_fr="Riad du Palmier"), OrganisationFactory(name_fr="Riad du Jasmin")
    rows = [["organisation", "body", "status"], ["Riad du Palmier", "FNIH", "active"]]
    batch = checked(csv_file(rows), by=world.manager, kind="affiliations")
    assert batch.counts["create"] == 1
    Organisation.objects.filter(pk=first.pk).update(name_fr="Riad du Cèdre")
    Organisation.objects.filter(pk=second.pk).update(name_fr="Riad du Palmier")

    batch = applied(batch, by=world.manager)

    assert (batch.state, Affiliation.objects.filter(organisation__in=[first, second]).exists()) == ("checked", False)
