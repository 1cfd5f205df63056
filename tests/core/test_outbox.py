"""A mail is a row first: nothing is lost when something dies, and every copy carries the same Message-ID."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection, transaction
from django.db.utils import IntegrityError

from accounts.roles import StaffRole
from core import clock, queue
from core.actors import SYSTEM
from core.choices import MAIL_TRANSITIONS, MailStatus
from core.errors import Conflict, Forbidden, Invalid
from core.mail import cancel_mail, outbox, resend, send_mail
from core.models import OutboxMail
from core.tasks import sweep_outbox
from tests.core.smtp_sink import Sink, running_sink
from tests.factories.accounts import StaffFactory, UserFactory

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_django.fixtures import SettingsWrapper

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def sink(settings: SettingsWrapper) -> Iterator[Sink]:
    with running_sink() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST = "127.0.0.1"
        settings.EMAIL_PORT = server.port
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
        yield server


def mail_to(address: str = "amina@example.ma", *, language: str = "fr", key: str = "", **data: Any) -> OutboxMail:
    values = {"reference": "E-01", "title": "Un engagement", "obligor": "ONMT", "beneficiary": "CNT", "due_on": "3 décembre 2026"} | data
    return send_mail(to=address, language=language, template="partnership/emails/reminder_commitment_due", data=values, key=key)


def state_of(mail: OutboxMail) -> tuple[str, int]:
    mail.refresh_from_db()
    return mail.status, mail.attempts


def later(**delay: int) -> time_machine.travel:
    return time_machine.travel(clock.now() + timedelta(**delay), tick=True)


# -- sending -----------------------------------------------------------------------------------------------------------
def test_a_mail_when_it_is_sent_then_carries_its_id_its_text_and_its_html(sink: Sink, settings: SettingsWrapper) -> None:
    mail = mail_to(title="L'été à Fès")

    assert outbox.sweep() == 1

    [(address, message)] = sink.mails
    assert state_of(mail) == (MailStatus.SENT, 1)
    assert address == "amina@example.ma"
    assert message["Message-ID"] == f"<{mail.pk}@{settings.MAIL_DOMAIN}>"
    assert message["X-Entity-Ref-ID"] == f"{mail.pk}@{settings.MAIL_DOMAIN}"
    assert message["Subject"] == mail.subject
    text, html = list(message.iter_parts())
    assert (text.get_content_type(), html.get_content_type()) == ("text/plain", "text/html")
    assert "L'été à Fès" in text.get_content()
    assert "L&#x27;été à Fès" in html.get_content()
    assert '<html lang="fr" dir="ltr">' in html.get_content()


def test_a_mail_when_its_reader_reads_arabic_then_runs_from_right_to_left(sink: Sink) -> None:
    mail_to(language="ar", title="تعزيز تنافسية الوجهة")

    outbox.sweep()

    [(_address, message)] = sink.mails
    text, html = [part.get_content() for part in message.iter_parts()]
    assert message["Content-Language"] == "ar"
    assert "تعزيز تنافسية الوجهة" in text
    assert '<html lang="ar" dir="rtl">' in html
    assert "text-align:right" in html


def test_a_subject_when_the_data_hold_line_breaks_then_stays_one_header(sink: Sink) -> None:
    mail_to(reference="E-01\r\nBcc: other@example.ma\r\n\r\n<b>")

    outbox.sweep()

    [(_address, message)] = sink.mails
    assert message["Bcc"] is None
    assert "E-01 Bcc: other@example.ma <b>" in message["Subject"]


def test_many_mails_when_they_leave_then_share_one_connection_a_batch(sink: Sink) -> None:
    for number in range(outbox.BATCH):
        mail_to(f"reader{number}@example.ma")

    assert outbox.sweep() == outbox.BATCH
    assert (sink.connections, len(set(sink.message_ids))) == (1, outbox.BATCH)


def test_an_address_when_it_is_none_then_is_refused_and_nothing_is_queued() -> None:
    with pytest.raises(Invalid) as refusal:
        mail_to("nobody at all")

    assert (refusal.value.field, OutboxMail.objects.count()) == ("email", 0)


def test_a_key_when_it_is_used_twice_then_makes_one_mail(sink: Sink) -> None:
    first, second = mail_to(key="invitation:1"), mail_to(key="invitation:1")

    assert (first.pk, outbox.sweep()) == (second.pk, 1)


def test_a_mail_when_the_transaction_is_undone_then_does_not_exist(sink: Sink) -> None:
    with transaction.atomic():
        mail_to()
        transaction.set_rollback(True)

    assert (outbox.sweep(), sink.mails) == (0, [])


def test_a_mail_when_the_broker_is_down_then_is_sent_by_the_sweeper(sink: Sink, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_options: Any) -> None:
        raise ConnectionError("no broker")

    monkeypatch.setattr(queue, "_silent_until", 0.0)
    monkeypatch.setattr(sweep_outbox, "apply_async", refuse)
    mail = mail_to()

    sweep_outbox()

    assert state_of(mail) == (MailStatus.SENT, 1)


def test_a_mail_when_there_is_no_celery_then_is_sent_by_the_command(sink: Sink) -> None:
    mail = mail_to()

    call_command("run_outbox", "--once")

    assert state_of(mail) == (MailStatus.SENT, 1)


# -- faults ------------------------------------------------------------------------------------------------------------
def test_a_worker_when_it_dies_between_claim_and_send_then_the_mail_leaves_once_after_the_lease(sink: Sink) -> None:
    mail = mail_to()
    outbox.claim()  # … and dies here

    assert (outbox.sweep(), state_of(mail)) == (0, (MailStatus.SENDING, 1))
    with later(seconds=outbox.LEASE.seconds + 1):
        assert outbox.sweep() == 1
        assert outbox.sweep() == 0

    assert state_of(mail) == (MailStatus.SENT, 2)
    assert sink.message_ids == [mail.message_id]


def test_a_sender_when_it_wakes_up_after_its_lease_then_sends_nothing_and_overwrites_nothing(sink: Sink) -> None:
    mail = mail_to()
    [zombie] = outbox.claim()
    with later(seconds=outbox.LEASE.seconds + 1):
        outbox.sweep()
    mail.refresh_from_db()
    sent_at = mail.sent_at

    backend = outbox._open()
    assert backend is not None
    assert outbox._send_one(backend, zombie) is False
    outbox._fail(zombie, ValueError("too late"))

    mail.refresh_from_db()
    assert (mail.status, mail.sent_at, len(sink.mails)) == (MailStatus.SENT, sent_at, 1)


def test_a_mail_when_its_sender_dies_every_time_then_fails_after_eight_attempts() -> None:
    mail = mail_to()
    for attempt in range(8):
        with later(seconds=(outbox.LEASE.seconds + 1) * attempt):
            assert len(outbox.claim()) == 1

    with later(seconds=(outbox.LEASE.seconds + 1) * 8):
        assert outbox.claim() == []
        outbox.sweep()

    assert state_of(mail) == (MailStatus.FAILED, 8)


def test_two_sweepers_when_they_run_at_once_then_each_mail_leaves_once(sink: Sink) -> None:
    mails = [mail_to(f"reader{number}@example.ma") for number in range(60)]
    sink.seconds_a_mail = 0.005
    start = threading.Barrier(2)
    sent: list[int] = []

    def run() -> None:
        try:
            start.wait(10)
            sent.append(outbox.sweep())
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)

    assert sum(sent) == 60
    assert sorted(sink.message_ids) == sorted(mail.message_id for mail in mails)
    assert set(OutboxMail.objects.values_list("status", "attempts")) == {(MailStatus.SENT, 1)}


def test_a_server_when_it_says_later_then_the_mail_waits_and_leaves_under_the_same_id(sink: Sink) -> None:
    mail, other = mail_to("first@example.ma"), mail_to("second@example.ma")
    refused: list[str] = []

    def once(command: str, address: str) -> str | None:
        if command == "RCPT" and address == "first@example.ma" and not refused:
            refused.append(address)
            return "421 too busy"
        return None

    sink.answer = once
    assert outbox.sweep() == 1

    mail.refresh_from_db()
    assert (mail.status, mail.attempts, mail.last_error) == (MailStatus.QUEUED, 1, "421 too busy")
    assert timedelta(seconds=50) < mail.not_before - clock.now() <= timedelta(minutes=1, seconds=15)
    assert state_of(other) == (MailStatus.SENT, 1)
    with later(minutes=2):
        assert outbox.sweep() == 1
    assert sorted(sink.message_ids) == sorted([mail.message_id, other.message_id])


def test_a_server_when_it_refuses_for_good_then_the_mail_fails_at_once_and_the_others_leave(sink: Sink) -> None:
    bad, good = mail_to("nobody@example.ma"), mail_to("somebody@example.ma")
    sink.answer = lambda command, address: "550 no such user" if address == "nobody@example.ma" and command == "RCPT" else None

    assert outbox.sweep() == 1

    bad.refresh_from_db()
    assert (bad.status, bad.attempts, bad.last_error) == (MailStatus.FAILED, 1, "550 no such user")
    assert state_of(good) == (MailStatus.SENT, 1)


def test_a_server_when_it_hangs_up_after_accepting_then_the_second_copy_has_the_same_id(sink: Sink) -> None:
    mail = mail_to()
    sink.answer = lambda command, address: "cut after" if command == "DATA" and len(sink.mails) == 0 else None

    assert outbox.sweep() == 0
    with later(minutes=2):
        assert outbox.sweep() == 1

    assert sink.message_ids == [mail.message_id] * 2


def test_a_server_when_it_cannot_be_reached_then_costs_no_attempt(sink: Sink, settings: SettingsWrapper) -> None:
    mail = mail_to()
    settings.EMAIL_PORT = 1

    assert (outbox.sweep(), state_of(mail)) == (0, (MailStatus.QUEUED, 0))


def test_the_connection_when_it_is_lost_then_what_was_not_begun_goes_back_without_an_attempt(sink: Sink) -> None:
    mails = [mail_to(f"reader{number}@example.ma") for number in range(3)]
    cut: list[str] = []

    def once(command: str, address: str) -> str | None:
        if command == "RCPT" and not cut:
            cut.append(address)
            return "cut"
        return None

    sink.answer = once

    assert outbox.sweep() == 2
    assert sorted(state_of(mail) for mail in mails) == [("queued", 1), ("sent", 1), ("sent", 1)]


def test_the_wait_when_attempts_add_up_then_grows_from_one_to_sixty_minutes() -> None:
    for attempts, low, high in [(1, 1, 1.25), (2, 1.5, 2.5), (4, 6, 10), (7, 45, 60), (20, 45, 60)]:
        for _ in range(20):
            assert timedelta(minutes=low) <= outbox.delay_after(attempts) <= timedelta(minutes=high)


# -- cancelling and sending again --------------------------------------------------------------------------------------
def test_a_mail_when_its_cause_is_withdrawn_then_is_cancelled_and_its_link_forgotten(sink: Sink) -> None:
    mail = mail_to(key="invitation:1")

    assert cancel_mail(key="invitation:1", cause="the invitation is withdrawn")

    assert outbox.sweep() == 0
    mail.refresh_from_db()
    assert (mail.status, mail.cancel_cause, mail.body) == (MailStatus.CANCELLED, "the invitation is withdrawn", "")


def test_a_mail_when_it_is_withdrawn_in_the_hands_of_a_sender_then_is_not_tried_again(sink: Sink) -> None:
    mail = mail_to(key="invitation:1")

    def withdraw_meanwhile(command: str, _address: str) -> str | None:
        if command != "DATA":
            return None
        OutboxMail.objects.filter(pk=mail.pk).update(cancel_cause="withdrawn")
        return "451 try later"

    sink.answer = withdraw_meanwhile

    assert (outbox.sweep(), state_of(mail)) == (0, (MailStatus.CANCELLED, 1))


def test_a_one_time_link_when_its_mail_has_left_then_is_erased_except_in_the_demo(sink: Sink, settings: SettingsWrapper) -> None:
    link = mail_to(key="a", title="https://portal/one-time")
    settings.DEMO = False
    outbox.sweep()
    shown = mail_to(key="b", title="https://portal/one-time")
    settings.DEMO = True
    outbox.sweep()

    link.refresh_from_db()
    shown.refresh_from_db()
    assert "one-time" not in link.subject + link.body
    assert "https://portal/one-time" in shown.body
    assert len(sink.mails) == 2


def test_a_failed_mail_when_staff_send_it_again_then_leaves_under_the_same_id_and_is_recorded(sink: Sink) -> None:
    sink.answer = lambda command, address: "550 no such user" if command == "RCPT" else None
    mail = mail_to()
    outbox.sweep()
    manager = StaffFactory(roles=[StaffRole.CONVENTION_MANAGER])
    sink.answer = lambda command, address: None

    resend(mail=mail.pk, by=manager, reason="the address exists now")

    assert outbox.sweep() == 1
    mail.refresh_from_db()
    assert (mail.status, mail.attempts, mail.resent_by, sink.message_ids) == (MailStatus.SENT, 2, manager, [mail.message_id])
    [trace] = mail.events.all()  # type: ignore[attr-defined]  # pghistory's table
    assert trace.pgh_context.metadata["actor"] == str(manager.pk)
    assert trace.pgh_context.metadata["reason"] == "the address exists now"


@pytest.mark.parametrize("role", [None, StaffRole.AUDITOR])
def test_a_failed_mail_when_somebody_who_only_reads_sends_it_again_then_is_refused(sink: Sink, role: StaffRole | None) -> None:
    sink.answer = lambda command, address: "550 no such user" if command == "RCPT" else None
    mail = mail_to()
    outbox.sweep()

    with pytest.raises(Forbidden):
        resend(mail=mail.pk, by=StaffFactory(roles=[role]) if role else UserFactory())

    assert state_of(mail) == (MailStatus.FAILED, 1)


def test_a_failed_link_when_a_week_has_passed_then_is_erased_and_cannot_be_sent_again(sink: Sink) -> None:
    sink.answer = lambda command, address: "550 no such user" if command == "RCPT" else None
    mail = mail_to()
    outbox.sweep()

    with later(days=8):
        outbox.sweep()
        with pytest.raises(Conflict) as refusal:
            resend(mail=mail.pk, by=SYSTEM)

    assert refusal.value.code == "link_erased"


@pytest.mark.parametrize("status", [status for status in MailStatus if status != MailStatus.FAILED])
def test_a_mail_when_it_has_not_failed_then_cannot_be_sent_again(status: MailStatus) -> None:
    mail = mail_to()
    now = clock.now()
    OutboxMail.objects.filter(pk=mail.pk).update(
        status=status,
        lease_until=now if status == MailStatus.SENDING else None,
        sent_at=now if status == MailStatus.SENT else None,
        cancel_cause="gone" if status == MailStatus.CANCELLED else "",
    )

    with pytest.raises(Conflict):
        resend(mail=mail.pk, by=SYSTEM)


def test_the_table_of_states_when_it_is_read_then_ends_with_sent_and_cancelled() -> None:
    assert {status for status in MailStatus if not MAIL_TRANSITIONS[status]} == {MailStatus.SENT, MailStatus.CANCELLED}
    assert set(MAIL_TRANSITIONS) == set(MailStatus)


@pytest.mark.parametrize(
    "wrong",
    [
        {"status": MailStatus.SENT},
        {"status": MailStatus.SENDING},
        {"status": MailStatus.CANCELLED},
        {"status": MailStatus.FAILED},
        {"lease_until": clock.now()},
        {"kind": "digest"},
    ],
)
def test_a_row_when_its_state_lacks_what_it_needs_then_the_database_refuses_it(wrong: dict[str, Any]) -> None:
    mail = mail_to()

    with pytest.raises(IntegrityError):
        OutboxMail.objects.filter(pk=mail.pk).update(**wrong)
