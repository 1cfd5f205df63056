"""The convention's progress report: who may have it, what it counts, how it reads, and the monthly one."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
import time_machine
from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pypdf import PdfReader

from accounts.roles import MandateRole
from core import clock, jobs
from core.actors import SYSTEM
from core.csvfile import read_csv
from core.errors import Invalid
from core.models import Job
from core.models.mail import Notification
from core.progress import Progress
from partnership.choices import CommitmentStatus
from partnership.models import Commitment
from partnership.reports import ProgressReport, request_monthly
from partnership.reports.content import COLUMNS, progress_content
from partnership.services.commitments import confirm_commitment, contest_commitment
from tests.factories.partnership import ActionFactory, AxisFactory, CommitmentFactory, ConventionFactory, EvidenceFactory, user_of
from tests.factories.world import World, build_world

if TYPE_CHECKING:
    from pytest_django import DjangoAssertNumQueries

    from partnership.models import Convention

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> World:
    return build_world()


def make(world: World, user: Any, wanted: str = "pdf", language: str = "fr") -> Job:
    """Ask for the report of the world's convention and run the job."""
    job = jobs.request_job(
        kind=ProgressReport.kind, params={"convention": world.convention.pk, "format": wanted}, by=user, language=language
    )
    assert jobs.run(job.pk)
    job.refresh_from_db()
    assert job.error == ""
    return job


def content(convention: Convention, by: Any = SYSTEM) -> dict[str, Any]:
    return progress_content(convention, kind=ProgressReport.kind, as_of=clock.now(), by=by, progress=lambda *_: None)  # type: ignore[arg-type]


def text_of(job: Job) -> str:
    return "\n".join(page.extract_text() for page in PdfReader(job.result.open("rb")).pages)


# -- who ---------------------------------------------------------------------------------------------------------------
def test_report_when_asked_by_those_who_may_open_the_ledger_then_is_made(world: World) -> None:
    for person in (world.secretariat, world.manager, world.auditor):
        assert make(world, person, "csv").state == "done"


def test_report_when_asked_by_an_operator_then_does_not_exist_though_the_convention_is_public(world: World) -> None:
    for person in (world.operator, world.competitor):
        with pytest.raises(ObjectDoesNotExist):
            make(world, person)
    assert Job.objects.count() == 0


def test_report_of_another_when_looked_for_then_does_not_exist(world: World) -> None:
    job = make(world, world.secretariat, "csv")

    for person in (world.operator, world.auditor):
        with pytest.raises(ObjectDoesNotExist):
            jobs.finished_file(job=job.pk, by=person)


@pytest.mark.parametrize("convention", ["", "x", "\x00", None, 10**30, "00000000-0000-0000-0000-000000000000"])
def test_report_when_the_convention_is_not_one_then_is_refused(convention: Any, world: World) -> None:
    with pytest.raises((Invalid, ObjectDoesNotExist)):
        jobs.request_job(kind=ProgressReport.kind, params={"convention": convention}, by=world.secretariat)


# -- what --------------------------------------------------------------------------------------------------------------
LINES = st.lists(
    st.tuples(
        st.integers(0, 2),
        st.booleans(),
        st.sampled_from(list(CommitmentStatus)),
        st.sampled_from(["non_financial", "financial", "unknown"]),
        st.integers(1, 10**9),
        st.sampled_from([-40, -1, 0, 30, None]),
    ),
    max_size=12,
)


@hypothesis_settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=LINES)
def test_totals_when_the_ledger_is_any_then_equal_a_recount_of_its_lines(lines: list[Any]) -> None:
    with transaction.atomic():
        convention = ConventionFactory()
        axes = [AxisFactory(convention=convention) for _ in range(3)]
        parties = list(convention.parties.order_by("order"))
        for axis, turned, status, nature, cents, days in lines:
            obligor, beneficiary = reversed(parties) if turned else parties
            CommitmentFactory(
                axis=axes[axis], obligor=obligor, beneficiary=beneficiary, status=status,
                nature="non_financial" if nature == "non_financial" else "financial",
                amount=Decimal(cents) / 100 if nature == "financial" else None,
                due_on=None if days is None else clock.today() + timedelta(days=days),
            )  # fmt: skip
        data = content(convention)
        rows = list(Commitment.objects.all())

        assert data["whole"] == recount(rows)
        for party in parties:
            assert data["by_party"][party.pk] == recount([row for row in rows if row.obligor_id == party.pk])
        for axis in data["axes"]:
            own = [row for row in rows if row.axis_id == axis["id"]]
            assert axis["whole"] == recount(own)
            for party in parties:
                assert axis["by_party"][party.pk] == recount([row for row in own if row.obligor_id == party.pk])
        assert sum(balance["total"]["count"] for balance in data["by_party"].values()) == data["whole"]["total"]["count"]
        transaction.set_rollback(True)


def recount(rows: list[Commitment]) -> dict[str, Any]:
    """The same figures, counted one line at a time in Python."""

    def columns(row: Commitment) -> set[str]:
        column = "due" if row.status in {"planned", "in_progress"} else row.status
        return {column} | ({"late"} if row.is_late else set()) | (set() if row.status == "cancelled" else {"total"})

    counted = {}
    for name in (*COLUMNS, "total"):
        own = [row for row in rows if name in columns(row)]
        amounts = [row.amount for row in own if row.amount is not None]
        counted[name] = {
            "count": len(own),
            "amount": sum(amounts, Decimal(0)) if amounts else None,
            "unknown": sum(row.nature == "financial" and row.amount is None for row in own),
        }
    return counted


@pytest.mark.parametrize("rows", [1, 3])
def test_content_when_there_are_more_lines_then_takes_as_many_queries(rows: int, django_assert_num_queries: DjangoAssertNumQueries) -> None:
    convention = ConventionFactory()
    for _ in range(rows):
        axis = AxisFactory(convention=convention)
        commitment = CommitmentFactory(axis=axis, status="contested")
        EvidenceFactory(commitment=commitment)
        ActionFactory(axis=axis, commitment=commitment)

    # Parties, axes, balances; commitments, actions; the previous monthly report, the previous report on demand.
    with django_assert_num_queries(7):
        content(convention)


def test_labels_when_a_delivery_is_proved_or_confirmed_then_say_how_far_it_is_established(world: World) -> None:
    declared = CommitmentFactory(axis=world.axis, status="declared")
    confirmed = CommitmentFactory(axis=world.axis, status="confirmed")
    planned = CommitmentFactory(axis=world.axis)

    trust = {line["id"]: line["trust"] for line in content(world.convention)["commitments"]}

    assert (trust[declared.pk], trust[confirmed.pk], trust[planned.pk]) == ("declared", "verified", "")


def test_report_when_a_delivery_is_contested_then_confirmed_then_says_so_and_what_changed(world: World) -> None:
    with time_machine.travel("2026-11-02T09:00:00Z", tick=True):
        line = CommitmentFactory(axis=world.axis, status="declared", title_fr="Former deux cents riads")
        first = content(world.convention)
        make(world, world.secretariat, "csv")
    with time_machine.travel(datetime(2026, 11, 20, 9, tzinfo=UTC), tick=True):
        contest_commitment(commitment=line.pk, reason="La moitié des riads manque.", by=beneficiary_user(world, line))
        contested = content(world.convention)
        confirm_commitment(commitment=line.pk, by=beneficiary_user(world, line))
        confirmed = content(world.convention)

    assert (first["changes"]["since"], first["contested"]) == (None, [])
    assert [row["contest_reason"] for row in contested["contested"]] == ["La moitié des riads manque."]
    assert contested["changes"]["since"] == Job.objects.get().as_of
    # The audit trail is dated by the database, so the state of the first report is read from it at that clock.
    assert (confirmed["contested"], confirmed["whole"]["confirmed"]["count"]) == ([], 1)


def beneficiary_user(world: World, line: Commitment) -> Any:
    return world.manager if line.beneficiary == world.party_onmt else world.secretariat


@pytest.mark.django_db(transaction=True)
def test_changes_when_a_report_was_made_before_then_are_those_since_its_instant(world: World) -> None:
    before = CommitmentFactory(axis=world.axis, status="declared")
    make(world, world.secretariat, "csv")
    contest_commitment(commitment=before.pk, reason="Incomplet.", by=beneficiary_user(world, before))
    new = CommitmentFactory(axis=world.axis)
    EvidenceFactory(commitment=new)

    with time_machine.travel(clock.now() + timedelta(days=1), tick=True):
        changes = content(world.convention)["changes"]

    assert {(row["id"], row["before"] == "", row["status"]) for row in changes["commitments"]} == {
        (before.pk, False, "contested"),
        (new.pk, True, "planned"),
    }
    assert (changes["actions"], changes["evidence"]) == ([], 1)


# -- how ---------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("fr", ["Rassurer", "les", "opérateurs", "internationaux", "ONMT", "CNT"]),
        ("ar", ["طمأنة", "الفاعلين", "المكتب", "الوطني", "المغربي", "للسياحة"]),
        ("en", ["Reassure", "international", "operators"]),
    ],
)
def test_pdf_when_made_then_reads_in_its_language_with_our_fonts(language: str, words: list[str], world: World) -> None:
    CommitmentFactory(
        axis=world.axis, status="contested", contest_reason="Motif", nature="financial", amount=Decimal("2500000"),
        title_fr="Rassurer les opérateurs internationaux", title_ar="طمأنة الفاعلين الدوليين", title_en="Reassure international operators",
    )  # fmt: skip
    ActionFactory(axis=world.axis, starts_on=date(2026, 1, 5), due_on=date(2026, 3, 5), title="Tournée")

    job = make(world, world.secretariat, language=language)

    reader: Any = PdfReader(job.result.open("rb"))
    fonts = {
        str(font.get_object()["/BaseFont"]).lstrip("/").partition("+")[2]
        for page in reader.pages
        for font in page["/Resources"].get("/Font", {}).values()
    }
    text = text_of(job)
    assert [word for word in words if word not in text] == []
    assert all(name.startswith(("Inter", "IBMPlexSansArabic")) for name in fonts)
    assert reader.trailer["/Root"]["/Lang"][:2] == language
    assert world.secretariat.full_name in text
    assert "500" in text
    assert (job.media_type, job.filename.endswith(f"{clock.today():%Y-%m-%d}.pdf")) == ("application/pdf", True)


def test_pdf_when_the_convention_is_empty_then_is_made_all_the_same(world: World) -> None:
    empty = ConventionFactory(organisations=[world.onmt, world.cnt], ends_on=None)

    job = jobs.request_job(kind=ProgressReport.kind, params={"convention": empty.pk}, by=world.secretariat)
    jobs.run(job.pk)

    job.refresh_from_db()
    assert (job.state, job.error) == ("done", "")


def test_pdf_when_texts_are_hostile_or_very_long_then_is_made_and_shows_them(world: World) -> None:
    CommitmentFactory(axis=world.axis, status="contested", title_fr='#panic("x") $a$ \\ *gras*', contest_reason="mot " * 900 + "fin\u202e")
    ActionFactory(axis=world.axis, title="x" * 300)

    assert '#panic("x")' in text_of(make(world, world.secretariat))


def test_workbook_when_made_in_arabic_then_runs_right_to_left_and_its_numbers_are_numbers(world: World) -> None:
    CommitmentFactory(axis=world.axis, nature="financial", amount=Decimal("1234567.89"), title_fr="=1+1", reference="E-77")

    book = openpyxl.load_workbook(make(world, world.secretariat, "xlsx", "ar").result.open("rb"))

    assert len(book.worksheets) == 4
    assert all(page.sheet_view.rightToLeft for page in book.worksheets)
    line = next(row for row in book.worksheets[1].iter_rows() if row[0].value == "E-77")
    assert (line[2].value, line[2].data_type, line[6].value, line[6].data_type) == ("=1+1", "s", 1234567.89, "n")


def test_csv_when_made_then_holds_each_commitment_once(world: World) -> None:
    CommitmentFactory(axis=world.axis, title_fr="-2+3", reference="E-77")

    table = list(read_csv(make(world, world.secretariat, "csv").result.read()))

    assert sorted(row[0] for row in table[1:]) == sorted(Commitment.objects.values_list("reference", flat=True))
    assert [row[2] for row in table if row[0] == "E-77"] == ["-2+3"]


def test_report_when_the_data_changes_while_it_is_read_then_totals_and_lines_agree_in_one_snapshot(world: World) -> None:
    # Inside a test's transaction there is one snapshot already; the progress still goes on.
    job = make(world, world.secretariat, "csv")

    with Progress(job, lease=jobs.LEASE).snapshot():
        data = content(world.convention)

    assert data["whole"]["total"]["count"] == len([line for line in data["commitments"] if line["status"] != "cancelled"])


# -- every month -------------------------------------------------------------------------------------------------------
def test_monthly_report_when_the_round_passes_twice_then_is_one_a_language_and_tells_its_readers(world: World) -> None:
    arabic = user_of(world.cnt, MandateRole.MEMBER, language="ar")
    reader = user_of(world.cnt, MandateRole.READER, language="en")

    assert request_monthly() == 2
    assert request_monthly() == 0
    for job in Job.objects.all():
        jobs.run(job.pk)

    made = {job.language: job for job in Job.objects.all()}
    assert {job.state for job in made.values()} == {"done"}
    assert set(made["ar"].recipients.all()) == {arabic}
    assert {world.secretariat, world.manager} <= set(made["fr"].recipients.all())
    told = Notification.objects.filter(kind="report_ready")
    assert {note.recipient for note in told} == set(made["fr"].recipients.all()) | {arabic}
    assert {note.url for note in told.filter(recipient=arabic)} == {f"/reports/{made['ar'].pk}/"}
    assert jobs.finished_file(job=made["ar"].pk, by=arabic) == made["ar"]
    for stranger in (world.operator, reader):
        with pytest.raises(ObjectDoesNotExist):
            jobs.finished_file(job=made["fr"].pk, by=stranger)


def test_monthly_report_when_a_month_passes_then_compares_with_the_month_before(world: World) -> None:
    with time_machine.travel("2026-10-05T09:00:00Z", tick=True):
        request_monthly()
        october = Job.objects.get(language="fr")
        jobs.run(october.pk)
        october.refresh_from_db()
    with time_machine.travel("2026-11-01T00:30:00Z", tick=True):
        assert request_monthly() >= 1
        november = Job.objects.exclude(pk=october.pk).get(language="fr")
        jobs.run(november.pk)
        november.refresh_from_db()

    assert (october.params["month"], november.params["month"], november.state) == ("2026-10", "2026-11", "done")


def test_monthly_report_when_the_convention_is_not_followed_then_is_not_made() -> None:
    ConventionFactory(status="draft")
    ConventionFactory(status="signed")
    ConventionFactory(status="closed", closed_on=date(2026, 1, 1))

    assert request_monthly() == 0
