"""What the partnership reminds of: whom, on which day, and never of what is settled. The forecast is what is sent."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.roles import MandateRole
from core import clock, reminders
from core.actors import SYSTEM
from core.calendar import WorkingDays, add_working_days, confirm_holiday, load_holidays
from core.mail import cancel, outbox
from core.models import Holiday, Notification, ReminderOccurrence
from partnership import choices
from partnership.models import Commitment, Convention
from partnership.reminders import KINDS, MESSAGES
from partnership.tasks import daily_round
from tests.factories.partnership import ActionFactory, CommitmentFactory, EvidenceFactory, PersonFactory, user_of
from tests.factories.world import World, build_world

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

MONDAY = date(2026, 11, 23)


@contextmanager
def on(day: date, hour: int = 7) -> Iterator[None]:
    with time_machine.travel(datetime(day.year, day.month, day.day, hour, tzinfo=UTC), tick=False):
        yield


@pytest.fixture
def world(db: None) -> World:
    """The world on the Monday, with nothing due by itself, the real holidays, and a first round behind it."""
    with on(MONDAY - timedelta(days=1)):
        made = build_world()
        Commitment.objects.update(due_on=None)
        load_holidays(years=[2026, 2027])
        reminders.find()
    return made


def told_on(day: date) -> set[tuple[str, str]]:
    """The kinds told by the round of that day, and to whom."""
    before = set(Notification.objects.values_list("pk", flat=True))
    with on(day):
        reminders.find()
    rows = Notification.objects.exclude(pk__in=before).select_related("recipient")
    return {(row.kind.removeprefix("reminder_"), row.recipient.email) for row in rows}


CNT = {"administrator@cnt.example", "member@cnt.example"}
ONMT = {"convention_manager@onmt.example"}


def to(kind: str, people: set[str]) -> set[tuple[str, str]]:
    return {(kind, person) for person in people}


# -- commitments -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("step", [-20, -10, -3])
def test_a_commitment_when_its_date_comes_near_then_the_people_of_the_obligor_are_reminded(world: World, step: int) -> None:
    Commitment.objects.filter(pk=world.owed_by_cnt.pk).update(due_on=add_working_days(MONDAY, -step))

    assert told_on(MONDAY) == to("commitment_due", CNT)


def test_a_commitment_when_its_day_is_a_sunday_then_is_reminded_on_the_friday(world: World) -> None:
    Commitment.objects.filter(pk=world.owed_by_onmt.pk).update(due_on=MONDAY + timedelta(days=6))

    assert told_on(MONDAY + timedelta(days=4)) == to("commitment_due", ONMT)


@pytest.mark.parametrize(
    ("late", "expected"),
    [
        (1, to("commitment_overdue", CNT)),
        (2, set()),
        (5, to("commitment_overdue", CNT)),
        (10, to("commitment_escalated", CNT | ONMT)),
    ],
)
def test_a_commitment_when_it_is_late_then_is_reminded_and_escalated_to_both_parties(
    world: World, late: int, expected: set[tuple[str, str]]
) -> None:
    Commitment.objects.filter(pk=world.owed_by_cnt.pk).update(due_on=add_working_days(MONDAY, -late))

    assert told_on(MONDAY) == expected


@pytest.mark.parametrize("status", ["confirmed", "arbitrated", "cancelled"])
def test_a_commitment_when_it_is_settled_then_nothing_is_said_of_it(world: World, status: str) -> None:
    with on(MONDAY - timedelta(days=40)):
        CommitmentFactory(axis=world.axis, status=status, due_on=MONDAY, obligor=world.party_cnt, beneficiary=world.party_onmt)

    assert {kind for offset in (0, 1, 7, 14, 21) for kind, _person in told_on(MONDAY + timedelta(days=offset))} == set()


@pytest.mark.parametrize("status", [choices.ConventionStatus.SUSPENDED, choices.ConventionStatus.CLOSED])
def test_a_convention_when_it_is_suspended_or_closed_then_its_commitments_wait_for_nobody(world: World, status: str) -> None:
    Commitment.objects.filter(pk=world.owed_by_cnt.pk).update(due_on=MONDAY)
    Convention.objects.filter(pk=world.convention.pk).update(status=status, status_reason="Décision.", closed_on=MONDAY)

    assert told_on(MONDAY) == set()


@pytest.mark.parametrize(
    ("waited", "expected"),
    [
        (5, to("declaration_unanswered", ONMT)),
        (10, to("declaration_unanswered", ONMT)),
        (15, to("declaration_escalated", CNT | ONMT)),
    ],
)
def test_a_declaration_when_it_has_no_answer_then_the_beneficiary_is_reminded_then_both_parties(
    world: World, waited: int, expected: set[tuple[str, str]]
) -> None:
    with on(add_working_days(MONDAY, -waited), hour=23):
        CommitmentFactory(axis=world.axis, status="declared", obligor=world.party_cnt, beneficiary=world.party_onmt, due_on=None)

    assert told_on(MONDAY) == expected


def test_a_contest_when_no_decision_comes_then_both_parties_are_reminded_with_its_reason(world: World) -> None:
    with on(add_working_days(MONDAY, -15)):
        CommitmentFactory(axis=world.axis, status="contested", obligor=world.party_cnt, beneficiary=world.party_onmt, due_on=None)

    assert told_on(MONDAY) == to("contest_undecided", CNT | ONMT)
    assert all("Le livrable n'est pas complet." in row.body for row in Notification.objects.all())


# -- actions, evidence, conventions ------------------------------------------------------------------------------------
def test_an_action_when_somebody_is_responsible_then_that_person_alone_is_reminded(world: World) -> None:
    account = user_of(world.fnih, MandateRole.MEMBER, email="karim@fnih.example")
    with on(MONDAY - timedelta(days=20)):
        ActionFactory(axis=world.axis, organisation=world.fnih, due_on=MONDAY, responsible=account.person)
        ActionFactory(axis=world.axis, organisation=world.fnavm, due_on=MONDAY, responsible=PersonFactory(user=None))

    assert told_on(MONDAY) == to("action_due", {"karim@fnih.example", "administrator@fnavm.example", "member@fnavm.example"})


def test_an_action_when_it_stays_late_then_is_reminded_every_week(world: World) -> None:
    with on(MONDAY - timedelta(days=20)):
        ActionFactory(axis=world.axis, organisation=world.cnt, due_on=MONDAY, starts_on=MONDAY)
    told_on(MONDAY)

    days = [offset for offset in (1, 2, 6, 7, 8, 14, 15, 21, 22, 28) if told_on(MONDAY + timedelta(days=offset))]

    assert days == [1, 7, 14, 21, 28]


def test_an_action_when_nobody_verifies_it_then_the_other_party_is_reminded(world: World) -> None:
    with on(add_working_days(MONDAY, -5)):
        ActionFactory(axis=world.axis, organisation=world.cnt, status="done", done_by=world.secretariat)

    assert told_on(MONDAY) == to("action_unverified", ONMT)


@pytest.mark.parametrize("days", [30, 7])
def test_evidence_when_it_expires_soon_then_who_brought_it_is_reminded(world: World, days: int) -> None:
    with on(MONDAY - timedelta(days=20)):
        owed = CommitmentFactory(axis=world.axis, obligor=world.party_cnt, beneficiary=world.party_onmt, due_on=None)
        EvidenceFactory(commitment=owed, expires_on=MONDAY + timedelta(days=days), organisation=world.cnt)

    assert told_on(MONDAY) == to("evidence_expiring", CNT)


def test_a_convention_when_its_end_and_notice_come_near_then_every_party_is_told(world: World) -> None:
    ends_on = date(2027, 5, 31)
    Convention.objects.filter(pk=world.convention.pk).update(ends_on=ends_on, notice_days=90)
    days = WorkingDays()

    expected = [days.on_or_before(ends_on - timedelta(days=before)) for before in (120, 105, 90, 60, 30)]
    around = sorted({day + timedelta(days=shift) for day in expected for shift in (-1, 0, 1)})

    assert [day for day in around if told_on(day)] == expected
    assert {row.recipient.email for row in Notification.objects.all()} == CNT | ONMT


# -- texts -------------------------------------------------------------------------------------------------------------
def test_every_kind_when_it_is_told_then_has_its_texts_in_every_language(world: World) -> None:
    assert {kind.message for kind in KINDS} == set(MESSAGES)
    assert len({message.kind for message in MESSAGES}) == len(MESSAGES)
    with on(MONDAY):
        CommitmentFactory(axis=world.axis, obligor=world.party_cnt, beneficiary=world.party_onmt, due_on=MONDAY, title_ar="تعزيز التنافسية")
        world.secretariat.language = "ar"
        world.secretariat.save()
        reminders.find()

    row = Notification.objects.get(recipient=world.secretariat)
    assert "تعزيز التنافسية" in row.body
    assert "{" not in row.subject + row.body


# -- the forecast ------------------------------------------------------------------------------------------------------
def planned(days: int = 14) -> set[tuple[str, Any, date, Any]]:
    return {(line.kind, line.about.pk, line.day, person.pk) for line in reminders.forecast(days) for person in line.recipients}


@st.composite
def situations(draw: st.DrawFn) -> list[tuple[str, str, int, int]]:
    kinds = st.sampled_from(["commitment", "action"])
    commitment = st.sampled_from(choices.CommitmentStatus.values)
    action = st.sampled_from(choices.ActionStatus.values)
    row = kinds.flatmap(
        lambda kind: st.tuples(st.just(kind), commitment if kind == "commitment" else action, st.integers(-45, 45), st.integers(0, 40))
    )
    return draw(st.lists(row, min_size=1, max_size=6))


def build(world: World, rows: list[tuple[str, str, int, int]]) -> None:
    for kind, status, due, age in rows:
        with on(MONDAY - timedelta(days=age), hour=20):
            due_on = MONDAY + timedelta(days=due)
            if kind == "commitment":
                CommitmentFactory(axis=world.axis, status=status, due_on=due_on)
            else:
                ActionFactory(axis=world.axis, status=status, due_on=due_on, starts_on=due_on - timedelta(days=30))


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=situations())
def test_the_forecast_when_the_days_pass_then_is_exactly_what_is_told(world: World, rows: list[tuple[str, str, int, int]]) -> None:
    savepoint = transaction.savepoint()
    build(world, rows)
    with on(MONDAY):
        foreseen = planned()

    actual = set()
    for offset in range(15):
        day = MONDAY + timedelta(days=offset)
        known = set(ReminderOccurrence.objects.values_list("pk", flat=True))
        with on(day):
            reminders.find()
        fresh = ReminderOccurrence.objects.exclude(pk__in=known).exclude(notification=None)
        actual |= {(row.kind, row.about_id, day, row.recipient_id) for row in fresh}

    assert actual == foreseen
    transaction.savepoint_rollback(savepoint)


def test_the_forecast_when_a_holiday_is_moved_then_changes(world: World) -> None:
    with on(date(2027, 5, 10)):
        reminders.find()
        CommitmentFactory(axis=world.axis, obligor=world.party_cnt, beneficiary=world.party_onmt, due_on=date(2027, 5, 20))
        before = min(line.day for line in reminders.forecast())
        feast = Holiday.objects.get(feast="eid-al-adha-2027", rank=1)

        confirm_holiday(holiday=feast.pk, date=date(2027, 5, 16), by=SYSTEM, reason="Communiqué des Habous")

        after = min(line.day for line in reminders.forecast())
    assert before == date(2027, 5, 13)  # 17 and 18 May are off, or may be: 19, 14, 13
    assert after == date(2027, 5, 14)  # the 18th is worked after all: 19, 18, 14


def test_the_forecast_when_a_delivery_is_declared_then_speaks_of_the_answer_instead(world: World) -> None:
    Commitment.objects.filter(pk=world.owed_by_cnt.pk).update(due_on=MONDAY + timedelta(days=7))
    with on(MONDAY):
        assert {line.kind for line in reminders.forecast()} == {"reminder_commitment_due", "reminder_commitment_overdue"}

        Commitment.objects.filter(pk=world.owed_by_cnt.pk).update(status="declared", declared_at=clock.now(), declaration="Livré.")

        assert {line.kind for line in reminders.forecast()} == {"reminder_declaration_unanswered"}


@pytest.mark.parametrize("count", [1, 3])
def test_the_forecast_when_there_are_more_rows_then_costs_the_same_queries(
    world: World, count: int, django_assert_num_queries: Callable[[int], Any]
) -> None:
    for _ in range(count):
        CommitmentFactory(axis=world.axis, obligor=world.party_cnt, beneficiary=world.party_onmt, due_on=MONDAY)
        ActionFactory(axis=world.axis, organisation=world.cnt, due_on=MONDAY, starts_on=MONDAY)

    with on(MONDAY), django_assert_num_queries(25):
        assert len(reminders.forecast()) > count


# -- with the mail -----------------------------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_a_person_when_several_things_are_due_then_receives_one_mail(mailoutbox: list[Any]) -> None:
    with on(MONDAY - timedelta(days=1)):
        world = build_world()
        Commitment.objects.update(due_on=None)
        reminders.find()
    Commitment.objects.filter(pk=world.owed_by_cnt.pk).update(due_on=MONDAY)
    with on(MONDAY):
        settled = CommitmentFactory(axis=world.axis, obligor=world.party_cnt, beneficiary=world.party_onmt, due_on=MONDAY)
        ActionFactory(axis=world.axis, organisation=world.cnt, due_on=MONDAY, starts_on=MONDAY)
        reminders.find()
        cancel(settled)
    with on(MONDAY, hour=8):
        assert outbox.sweep() == 2

    assert {letter.to[0] for letter in mailoutbox} == CNT
    for letter in mailoutbox:
        assert "E-02" in letter.body
        assert settled.reference not in letter.body


# -- what the calendar alone moves -------------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_the_daily_round_when_a_convention_is_over_and_a_commitment_recurs_then_expires_the_one_and_opens_the_other() -> None:
    with on(MONDAY - timedelta(days=1)):
        world = build_world()
        over = build_convention_ending(world, MONDAY - timedelta(days=1))
        Commitment.objects.filter(pk=world.owed_by_cnt.pk).update(due_on=MONDAY - timedelta(days=1), recurrence="monthly")
        daily_round()
        assert Convention.objects.get(pk=over.pk).status == choices.ConventionStatus.IN_FORCE

    with on(MONDAY):
        daily_round()
        daily_round()

    assert Convention.objects.get(pk=over.pk).status == choices.ConventionStatus.EXPIRED
    following = Commitment.objects.get(previous=world.owed_by_cnt)
    assert following.due_on == date(2026, 12, 22)


def build_convention_ending(world: World, ends_on: date) -> Convention:
    from tests.factories.partnership import ConventionFactory

    made: Convention = ConventionFactory(ends_on=ends_on, organisations=[world.onmt, world.cnt])
    return made
