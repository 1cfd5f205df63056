"""A mail that is withdrawn, fails, or is sent again: its states, and what the database insists on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.db.utils import IntegrityError

from accounts.roles import StaffRole
from core import clock
from core.actors import SYSTEM
from core.choices import MAIL_TRANSITIONS, MailStatus
from core.errors import Conflict, Forbidden
from core.mail import cancel_mail, outbox, resend
from core.models import OutboxMail
from tests.core.smtp_sink import later, mail_to, state_of
from tests.factories.accounts import StaffFactory, UserFactory

if TYPE_CHECKING:
    from pytest_django import Settings

    from tests.core.smtp_sink import Sink

pytestmark = pytest.mark.django_db(transaction=True)


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


def test_a_one_time_link_when_its_mail_has_left_then_is_erased_except_in_the_demo(sink: Sink, settings: Settings) -> None:
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
