"""A mail is a row first: nothing is lost when something dies, and every copy carries the same Message-ID."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.core.management import call_command
from django.db import OperationalError, transaction

from core import clock, prepared, queue
from core.choices import MailStatus
from core.errors import Invalid
from core.mail import outbox
from core.models import OutboxMail
from core.tasks import sweep_outbox
from tests.core.smtp_sink import later, mail_to, state_of
from tests.factories.threads import at_once

if TYPE_CHECKING:
    from pytest_django import Settings

    from tests.core.smtp_sink import Sink

pytestmark = pytest.mark.django_db(transaction=True)


# -- sending -----------------------------------------------------------------------------------------------------------
def test_a_mail_when_it_is_sent_then_carries_its_id_its_text_and_its_html(sink: Sink, settings: Settings) -> None:
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

    assert (outbox.sweep(), state_of(mail)) == (0, (MailStatus.SENDING, 0))
    with later(seconds=outbox.LEASE.seconds + 1):
        assert outbox.sweep() == 1
        assert outbox.sweep() == 0

    assert state_of(mail) == (MailStatus.SENT, 1)
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
    assert outbox._send_one(backend, zombie, outbox.Marked()) is False
    outbox._fail(zombie, ValueError("too late"))

    mail.refresh_from_db()
    assert (mail.status, mail.sent_at, len(sink.mails)) == (MailStatus.SENT, sent_at, 1)


class _Killed(BaseException):
    """The process is gone: nothing after it runs."""


def test_a_mail_when_its_sender_dies_every_time_then_fails_after_eight_attempts_and_its_neighbours_leave(
    sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    deadly, neighbour = mail_to("deadly@example.ma"), mail_to("neighbour@example.ma")
    compose = outbox._compose

    def die(row: OutboxMail, user: Any) -> Any:
        if row.pk == deadly.pk:
            raise _Killed
        return compose(row, user)

    monkeypatch.setattr(outbox, "_compose", die)
    for attempt in range(8):
        with later(seconds=(outbox.LEASE.seconds + 1) * attempt), pytest.raises(_Killed):
            outbox.sweep()
    assert (state_of(deadly), state_of(neighbour)) == ((MailStatus.SENDING, 8), (MailStatus.SENDING, 0))

    with later(seconds=(outbox.LEASE.seconds + 1) * 8):
        assert outbox.sweep() == 1

    assert (state_of(deadly), state_of(neighbour)) == ((MailStatus.FAILED, 8), (MailStatus.SENT, 1))


def test_a_mark_when_it_meets_somebody_who_holds_both_mails_then_is_made_alone_and_each_mail_leaves_once(
    sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    mails = [mail_to(f"n{number}@example.ma") for number in range(3)]
    fetch = prepared.fetch

    def deadlocked(sql: str, params: Any, *, within: str) -> Any:
        if "sent AS" in sql:
            raise OperationalError("deadlock detected")
        return fetch(sql, params, within=within)

    monkeypatch.setattr(outbox, "fetch", deadlocked)

    assert outbox.sweep() == 3
    assert [state_of(mail) for mail in mails] == [(MailStatus.SENT, 1)] * 3
    assert len(sink.mails) == 3


def test_two_sweepers_when_they_run_at_once_then_each_mail_leaves_once(sink: Sink) -> None:
    mails = [mail_to(f"reader{number}@example.ma") for number in range(60)]
    sink.seconds_a_mail = 0.005

    sent = at_once(outbox.sweep, outbox.sweep)

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


def test_a_server_when_it_cannot_be_reached_then_costs_no_attempt(sink: Sink, settings: Settings) -> None:
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
