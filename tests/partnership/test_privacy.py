"""What people may do with their own data: read them all, ask, be answered; and what everybody may read of the register."""

from __future__ import annotations

import json
import zipfile
from datetime import date, timedelta
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.urls import reverse
from django.utils import translation
from django.utils.html import escape

from accounts.roles import StaffRole
from core import clock, jobs, reminders
from core.calendar import load_holidays
from core.errors import Conflict, Forbidden, Invalid
from core.jobs import request_job
from core.models import Job, Notification, PrivacyRequest, Receipt
from core.privacy import register, requests
from core.privacy.export import KEPT, MyData, content_of
from core.privacy.report import RegisterReport
from core.validation import check_reason, check_text
from partnership.privacy import subject_of
from partnership.services.invitations import invite
from tests.factories.accounts import sign_in
from tests.factories.everything import build_everything

if TYPE_CHECKING:
    from pathlib import Path

    from django.test import Client

    from accounts.models import User
    from tests.factories.world import World


def _keeper(world: World) -> User:
    return world.staff[StaffRole.ACCOUNT_MANAGER]


# -- the export --------------------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_the_export_when_compared_with_the_register_then_gives_every_personal_column_or_a_reason() -> None:
    things = build_everything()
    user: Any = things.mine["user"]

    content = content_of(subject_of(account=user.pk))

    tables = [table for part in content["processings"] for table in part["tables"]]
    assert len(tables) == len(register.holdings())
    for holding in register.holdings():
        (table,) = [entry for entry in tables if entry["rank"] == list(register.holdings()).index(holding)]
        assert table["table"] == holding.model
        assert set(table["withheld"]) == set(holding.withheld)
        for row in table["rows"]:
            missing = set(holding.fields) - set(row) - set(holding.withheld)
            assert missing == set(), (holding.model, missing)
        assert all(str(reason) for reason in holding.withheld.values())
    filled = {table["table"] for table in tables if table["rows"]}
    assert {"accounts.User", "partnership.Person", "partnership.Mandate", "core.PrivacyRequest"} <= filled


@pytest.mark.django_db
def test_the_export_when_made_then_holds_nothing_of_a_competitor_nor_any_secret(world: World) -> None:
    invite(organisation=world.atlas.pk, email="collegue@atlas.example", full_name="Collegue Invite", role="reader", by=world.operator)

    text = json.dumps(content_of(subject_of(account=world.operator.pk)), default=str, ensure_ascii=False)

    assert world.operator.email in text
    assert world.operator.password not in text
    for stranger in (world.competitor.email, "collegue@atlas.example", world.manager.email):
        assert stranger not in text


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["fr", "ar", "en"])
def test_the_archive_when_asked_for_then_is_made_by_a_worker_and_kept_three_days(client: Client, world: World, language: str) -> None:
    with translation.override(language):
        job = request_job(kind=MyData.kind, params={"account": str(world.competitor.pk)}, by=world.operator)
    assert job.params == {"account": str(world.operator.pk)}  # whatever is asked, it is one's own

    assert jobs.run(job.pk)

    job.refresh_from_db()
    assert job.expires_at is not None
    assert timedelta(0) < job.expires_at - clock.now() <= KEPT
    answer = sign_in(client, world.operator).get(reverse("portal:report_file", args=[job.pk]))
    archive = zipfile.ZipFile(BytesIO(b"".join(answer)))
    assert sorted(archive.namelist()) == ["data.html", "data.json"]
    assert json.loads(archive.read("data.json"))["account"] == str(world.operator.pk)
    page = archive.read("data.html").decode()
    assert world.operator.email in page
    assert ('dir="rtl"' in page) == (language == "ar")
    assert sign_in(client, world.competitor).get(reverse("portal:report_file", args=[job.pk])).status_code == 404


@pytest.mark.django_db
def test_the_command_when_it_exports_then_writes_a_file_for_its_owner_alone(world: World, tmp_path: Path) -> None:
    target = tmp_path / "export.zip"
    call_command("export_person", world.operator.email, str(target))

    assert zipfile.ZipFile(target).testzip() is None
    assert target.stat().st_mode & 0o077 == 0
    for email, path in (("inconnu@example.ma", tmp_path / "x.zip"), (world.operator.email, target)):
        with pytest.raises(CommandError):
            call_command("export_person", email, str(path))


@pytest.mark.django_db
def test_the_command_when_it_erases_then_says_what_it_does_and_refuses_the_last_administrator(world: World, capsys: Any) -> None:
    member = world.users["atlas", "member"]  # type: ignore[index]
    call_command("erase_person", member.email, "--reason", "Demande", "--yes")
    assert "Kept without the name: mandates (1)" in capsys.readouterr().out
    member.refresh_from_db()
    assert member.erased_at is not None
    with pytest.raises(CommandError, match="without an administrator"):
        call_command("erase_person", world.operator.email, "--reason", "Demande", "--yes")


# -- requests ----------------------------------------------------------------------------------------------------------
@pytest.mark.django_db
@time_machine.travel("2026-11-25 10:00:00+00:00", tick=False)
def test_a_request_when_made_then_is_due_in_five_working_days_and_the_accounts_managers_are_told(world: World) -> None:
    load_holidays(years=[2026])
    row = requests.ask(kind="objection", words="Ne publiez pas mon nom", by=world.operator)

    assert row.due_on == date(2026, 12, 2)
    reminders.find()
    told = Notification.objects.filter(kind="reminder_privacy_request")
    assert [notification.recipient for notification in told] == [_keeper(world)]


@pytest.mark.django_db
def test_a_request_when_moved_then_follows_the_table_and_whoever_asked_is_told(world: World) -> None:
    row = requests.ask(kind="rectification", words="Mon nom", by=world.operator)

    requests.take(request=row.pk, by=_keeper(world))
    requests.refuse(request=row.pk, reason="Le nom est exact", by=_keeper(world))

    row.refresh_from_db()
    assert (row.status, row.answer, row.handled_by) == ("refused", "Le nom est exact", _keeper(world))
    assert Notification.objects.filter(recipient=world.operator, kind="privacy_request_answered").count() == 1
    for verb in (requests.take, requests.close):
        with pytest.raises(Conflict):
            verb(request=row.pk, by=_keeper(world))


@pytest.mark.django_db
def test_a_request_when_answered_by_whoever_asked_or_another_role_then_is_refused(world: World) -> None:
    own = requests.ask(kind="erasure", words="", by=_keeper(world))
    row = requests.ask(kind="erasure", words="", by=world.operator)

    with pytest.raises(Forbidden):
        requests.close(request=own.pk, by=_keeper(world))
    for by in (world.manager, world.auditor, world.operator):
        with pytest.raises(Forbidden):
            requests.close(request=row.pk, by=by)
    with pytest.raises(PrivacyRequest.DoesNotExist):
        requests.close(request=row.pk, by=world.competitor)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("kind", "words", "field"),
    [("nothing", "x", "kind"), ("rectification", " ", "words"), ("objection", "a\x00b", "words"), ("objection", "x" * 2001, "words"),
     ("rectification", "Ma CIN est AB123456", "words")],
)  # fmt: skip
def test_a_request_when_wrongly_typed_then_is_refused_on_its_field(world: World, kind: str, words: str, field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        requests.ask(kind=kind, words=words, by=world.operator)
    assert refusal.value.field == field
    assert not PrivacyRequest.objects.exists()


@pytest.mark.django_db
def test_a_request_when_the_same_is_open_then_is_refused(world: World) -> None:
    requests.ask(kind="erasure", words="", by=world.operator)
    with pytest.raises(Conflict):
        requests.ask(kind="erasure", words="", by=world.operator)


# -- pages -------------------------------------------------------------------------------------------------------------
@pytest.mark.django_db
@pytest.mark.parametrize("language", ["fr", "ar", "en"])
def test_the_public_page_when_nobody_is_signed_in_then_shows_every_processing_and_no_invented_number(client: Client, language: str) -> None:
    client.post(reverse("set_language"), {"language": language})
    page = client.get(reverse("portal:privacy"))

    text = page.content.decode()
    with translation.override(language):
        missing = [str(entry.title) for entry in register.processings() if escape(str(entry.title)) not in text]
        receipt = translation.gettext("CNDP receipt no. %(number)s, %(day)s").partition("%")[0].strip()
    assert missing == []
    assert receipt not in text


@pytest.mark.django_db
def test_the_notice_when_a_receipt_is_recorded_then_shows_its_number_and_never_before(client: Client, world: World) -> None:
    before = client.get(reverse("account_login")).content.decode()
    requests.record_receipt(processing="accounts", kind="declaration", number="D-417/2026", received_on=clock.today(), by=_keeper(world))
    after = client.get(reverse("account_login")).content.decode()

    assert "privacy-notice" in before
    assert "D-417/2026" not in before
    assert "D-417/2026" in after
    with pytest.raises(Forbidden):
        requests.record_receipt(processing="accounts", kind="transfer", number="x", received_on=clock.today(), by=world.manager)
    with pytest.raises(Invalid):
        requests.record_receipt(processing="accounts", kind="declaration", number="x", received_on=clock.today(), by=_keeper(world))
    with pytest.raises(Invalid):
        requests.record_receipt(processing="nothing", kind="declaration", number="x", received_on=clock.today(), by=_keeper(world))
    assert Receipt.objects.count() == 1


@pytest.mark.django_db
def test_my_data_when_a_request_is_posted_then_stands_on_the_page_and_a_wrong_one_comes_back(client: Client, world: World) -> None:
    sign_in(client, world.operator)
    address = reverse("portal:my_data")

    assert client.post(address, {"kind": "rectification", "words": ""}).status_code == 422
    assert client.post(address, {"kind": "rectification", "words": "Mon nom est mal écrit"}).status_code == 302
    assert client.post(address, {"kind": "rectification", "words": "encore"}).status_code == 409
    assert "Mon nom est mal écrit" in client.get(address).content.decode()
    assert client.post(reverse("portal:my_data_archive")).status_code == 302
    assert client.post(reverse("portal:my_data_archive")).status_code == 302
    assert Job.objects.filter(kind=MyData.kind, requested_by=world.operator).count() == 1


@pytest.mark.django_db
def test_the_home_when_a_request_waits_then_shows_it_to_the_accounts_manager_alone(client: Client, world: World) -> None:
    row = requests.ask(kind="erasure", words="", by=world.operator)
    address = reverse("admin:core_privacyrequest_change", args=[row.pk])
    assert address in sign_in(client, _keeper(world)).get("/").content.decode()
    assert address not in sign_in(client, world.manager).get("/").content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("form", ["pdf", "xlsx"])
def test_the_register_when_printed_then_the_auditor_has_it_and_an_operator_has_not(client: Client, world: World, form: str) -> None:
    answer = sign_in(client, world.auditor).post(reverse("admin:privacy_register"), {"format": form})
    job = Job.objects.get(kind=RegisterReport.kind)
    assert answer["Location"] == reverse("portal:report_detail", args=[job.pk])
    assert jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.filename.rpartition(".")[2]) == ("done", form)
    with pytest.raises(Job.DoesNotExist):
        request_job(kind=RegisterReport.kind, params={"format": form}, by=world.operator)


@pytest.mark.django_db
def test_erasing_from_the_administration_when_confirmed_then_shows_the_consequences_first(client: Client, world: World) -> None:
    member = world.users["atlas", "member"]  # type: ignore[index]
    address = reverse("admin:accounts_user_act", args=[member.pk, "erase"])
    sign_in(client, _keeper(world))

    page = client.get(address).content.decode()
    assert "act-details" in page
    assert client.post(address, {"reason": "Demande de la personne"}).status_code == 422  # not confirmed
    assert client.post(address, {"reason": "Demande de la personne", "sure": "on"}).status_code == 302
    member.refresh_from_db()
    assert member.erased_at is not None
    last = client.post(reverse("admin:accounts_user_act", args=[world.operator.pk, "erase"]), {"reason": "Demande", "sure": "on"})
    assert last.status_code == 409


# -- identity cards ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "text",
    [
        "CIN AB123456",
        "CNIE n° BE 12345",
        "carte d'identité nationale : J345678",
        "AB123456 (CIN)",
        "C.I.N. : k01234",
        "البطاقة الوطنية رقم AB123456",
    ],
)
def test_a_text_when_it_gives_the_number_of_a_card_then_is_refused(text: str) -> None:
    for check in (check_text, check_reason):
        with pytest.raises(Invalid) as refusal:
            check(f"Mme X, {text}.", field="reason")
        assert refusal.value.code == "identity_number"


@pytest.mark.parametrize(
    "text",
    [
        "vol AT123456",
        "chambre B12345",
        "réf. CN123456",
        "Cinéma CI12345",
        "sans CIN",
        "carte nationale des sites",
        "CIN 2026",
        "ICE 001234567000089",
    ],
)
def test_a_text_when_it_only_looks_like_a_card_then_is_accepted(text: str) -> None:
    assert check_reason(text, field="reason") == text
