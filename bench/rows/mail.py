"""Mails that wait: the outbox against a bare smtplib loop, and against one connection and one message object a mail."""

from __future__ import annotations

import smtplib
import subprocess
import sys
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from bench.clockwork import ROOT, cpu_seconds
from bench.row import Row, Sample

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from bench.stand import Stand

# Mails of one measure; ten times as many at 10 N.
MAILS = 60


def _number(stand: Stand) -> int:
    return MAILS if stand.scale < 1 else MAILS * 5


@contextmanager
def sink(stand: Stand) -> Iterator[None]:
    """A mail server for the length of the row, and the portal's settings pointed at it."""
    from django.test import override_settings

    process = subprocess.Popen([sys.executable, "-m", "bench.alone.sink"], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        stand.ports["sink"] = int(process.stdout.readline())
        backend = {
            "EMAIL_BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "EMAIL_HOST": "127.0.0.1",
            "EMAIL_PORT": stand.ports["sink"],
        }
        with override_settings(**backend):
            yield
    finally:
        process.terminate()
        process.wait()


def _queue(stand: Stand) -> int:
    """Mails to as many addresses, in the outbox as `send_mail` leaves them; nothing else waits."""
    from core import clock
    from core.models import OutboxMail

    OutboxMail.objects.all().delete()
    with smtplib.SMTP("127.0.0.1", stand.ports["sink"]) as server:
        server.docmd("VRFY")
    OutboxMail.objects.bulk_create(
        OutboxMail(
            to_email=f"bench-{n}@volume.invalid",
            language="fr",
            kind="bench",
            subject=f"Rappel n° {n}",
            body=_text(n),
            not_before=clock.now(),
        )
        for n in range(_number(stand))
    )
    return _number(stand)


def _text(number: int) -> str:
    return f"L'action n° {number} arrive à échéance.\n\nVous pouvez la mettre à jour dans le portail."


def _timed(stand: Stand, work: Callable[[], object], mails: int) -> Sample:
    wall, cpu, database = time.perf_counter(), time.process_time(), cpu_seconds(stand.postmaster)
    work()
    spent = time.perf_counter() - wall
    sample = Sample(
        spent / mails,
        (time.process_time() - cpu) / mails * 1000,
        (cpu_seconds(stand.postmaster) - database) / mails * 1000,
    )
    with smtplib.SMTP("127.0.0.1", stand.ports["sink"]) as server:
        count = server.docmd("NOOP")[1].decode()
    if count != f"{mails} {mails}":
        raise AssertionError(f"{mails} mails were to reach as many people; the server has (mails, people): {count}")
    return sample


def limit(stand: Stand) -> Sample:
    """One connection, bytes made beforehand."""
    from core import clock
    from core.mail import render
    from core.mail.letter import Letter

    mails = _queue(stand)
    texts = render.letter(language="fr", name="", sections=[render.Section(title="", text=_text(1))], subject="Rappel", about_account=False)
    content = Letter("<1@portail.localhost>", "x@volume.invalid", "", "Rappel", texts.text, texts.html, "fr", clock.now()).as_bytes()

    def send() -> None:
        with smtplib.SMTP("127.0.0.1", stand.ports["sink"]) as server:
            for number in range(mails):
                server.sendmail("portail@localhost", [f"bench-{number}@volume.invalid"], content)

    return _timed(stand, send, mails)


def usual(stand: Stand) -> Sample:
    """What a task a mail does, without the cost of the queue itself: read the row, one message object, one connection, save."""
    from django.core.mail import EmailMultiAlternatives

    from core import clock
    from core.mail import render
    from core.models import OutboxMail

    mails = _queue(stand)

    def send() -> None:
        for pk in list(OutboxMail.objects.values_list("pk", flat=True)):
            row = OutboxMail.objects.get(pk=pk)
            section = render.Section(title="", text=row.body)
            texts = render.letter(language="fr", name="", sections=[section], subject=row.subject, about_account=False)
            message = EmailMultiAlternatives(texts.subject, texts.text, to=[row.to_email])
            message.attach_alternative(texts.html, "text/html")
            message.send()
            row.status, row.sent_at = "sent", clock.now()
            row.save()

    return _timed(stand, send, mails)


def ours(stand: Stand) -> Sample:
    """The outbox: claimed in batches, one connection a batch, each row marked after its mail."""
    from core.mail import outbox

    mails = _queue(stand)
    return _timed(stand, lambda: outbox.sweep(seconds=600), mails)


def _forget_rounds() -> None:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM core_reminderoccurrence")
        cursor.execute("DELETE FROM core_notification")
        cursor.execute("DELETE FROM core_outboxmail")
        cursor.execute("DELETE FROM core_heartbeat WHERE name LIKE 'reminders%%'", [])


def first_round(stand: Stand) -> Sample:
    """The round of reminders that finds everything still to be written."""
    from core import reminders

    _forget_rounds()
    return _once(stand, reminders.find, written=True)


def second_round(stand: Stand) -> Sample:
    """The same round again on the same day: nothing more to write."""
    from core import reminders

    return _once(stand, reminders.find, written=False)


def _once(stand: Stand, work: Callable[[], Any], *, written: bool) -> Sample:
    wall, cpu, database = time.perf_counter(), time.process_time(), cpu_seconds(stand.postmaster)
    count = work()
    spent = time.perf_counter() - wall
    if bool(count) is not written:
        raise AssertionError(f"{count} reminders were written")
    return Sample(spent, (time.process_time() - cpu) * 1000, (cpu_seconds(stand.postmaster) - database) * 1000)


ROW = Row(
    name="mail",
    title="Outbox, each mail marked, beside a bare smtplib loop",
    floor=0.40,
    limit=limit,
    usual=usual,
    ours=ours,
    around=sink,
    usual_floor=8,
    shape="flat",
    note="a mail; usual: a message object, a connection and a save each, without the cost of its task",
)
AGAIN = Row(
    name="reminders-again",
    title="Reminders, second round of the day, beside the first",
    floor=0.35,
    figure="cost",
    limit=first_round,
    ours=second_round,
    shape="linear",
    in_order=True,
)
