"""Sending what is queued: claim under a lease, send, note the outcome. Any number of these may run, and die, at once."""

from __future__ import annotations

import secrets
import smtplib
import time
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import structlog
from django.conf import settings
from django.contrib.auth import get_user_model
from django.core.mail import get_connection
from django.db import DatabaseError, InterfaceError, transaction
from django.db import connection as db
from django.db.models import F, Q

from core import clock
from core.choices import MailStatus
from core.mail import render
from core.mail.letter import Letter
from core.models import Notification, OutboxMail
from core.models.mail import DIGEST
from core.prepared import Given, fetch

if TYPE_CHECKING:
    from datetime import datetime

    from django.core.mail.backends.base import BaseEmailBackend

log = structlog.get_logger(__name__)

# One answer of the server may take so long; a mail needs at most ten (connect, EHLO, STARTTLS, EHLO, AUTH twice, MAIL,
# RCPT, DATA, final dot). The lease is more than twice their sum; no mail is begun in its second half.
SMTP_TIMEOUT: Final = 8
LEASE: Final = timedelta(seconds=180)
BATCH = 50
LINK_KEPT = timedelta(days=7)
# How long a sender waits for a database server that fell, to mark again what it has handed over: less than its lease.
MARKED_AGAIN_WITHIN: Final = 60.0
_random = secrets.SystemRandom()


class ConnectionGoneError(Exception):
    """The connection to the mail server is gone: what is left of the batch goes back to the queue."""


def sweep(*, seconds: float = 60.0) -> int:
    """Send everything that is due, for at most so long; gives how many mails were handed over.

    A mail server that cannot be reached costs no attempt: the rows stay queued and the next sweep tries again.
    """
    _fail_exhausted()
    _erase_old_links()
    stop = time.monotonic() + seconds
    sent = 0
    while time.monotonic() < stop and OutboxMail.objects.filter(_due(clock.now())).exists():
        connection = _open()
        if connection is None:
            break
        try:
            claimed = claim()
            if not claimed:
                break
            sent += _send_batch(connection, claimed)
        finally:
            _close(connection)
    return sent


def claim(limit: int = BATCH) -> list[OutboxMail]:
    """Take up to `limit` due mails: nobody else may send them before the lease ends. Committed on return.

    Those whose sender died (lease over) are taken again, under the same Message-ID. The instant at which the lease ends is
    the mark of this claim. No attempt is counted yet: a mail at which senders die must not use up its neighbours' attempts.
    """
    now = clock.now()
    with transaction.atomic():
        rows = list(
            OutboxMail.objects.select_for_update(skip_locked=True, of=("self",)).filter(_due(now)).order_by("not_before", "id")[:limit]
        )
        OutboxMail.objects.filter(pk__in=[row.pk for row in rows]).update(
            status=MailStatus.SENDING, lease_until=now + LEASE, updated_at=now
        )
    for row in rows:
        row.status, row.lease_until = MailStatus.SENDING, now + LEASE
    return rows


def oldest_due() -> datetime | None:
    """Since when the longest-waiting due mail waits (health checks and metrics read it)."""
    return OutboxMail.objects.filter(_due(clock.now())).order_by("not_before").values_list("not_before", flat=True).first()


def _due(now: datetime) -> Q:
    return Q(attempts__lt=F("max_attempts")) & (
        Q(status=MailStatus.QUEUED, not_before__lte=now) | Q(status=MailStatus.SENDING, lease_until__lt=now)
    )


def _fail_exhausted() -> None:
    """A mail whose last attempt never came back (its sender died) has failed."""
    OutboxMail.objects.filter(status=MailStatus.SENDING, lease_until__lt=clock.now(), attempts__gte=F("max_attempts")).update(
        status=MailStatus.FAILED, lease_until=None, last_error="the sender died at every attempt", updated_at=clock.now()
    )


def _erase_old_links() -> None:
    """A failed mail keeps its one-time link a week, for whoever sends it again."""
    OutboxMail.objects.filter(is_sensitive=True, status=MailStatus.FAILED, updated_at__lt=clock.now() - LINK_KEPT).exclude(body="").update(
        body=""
    )


def _open() -> BaseEmailBackend | None:
    # The other backends (files in the demo, memory in the tests) take no timeout.
    options: dict[str, Any] = {"timeout": SMTP_TIMEOUT} if settings.EMAIL_BACKEND.endswith("smtp.EmailBackend") else {}
    try:
        connection = get_connection(**options)
        connection.open()
    except (OSError, smtplib.SMTPException) as error:
        log.error("mail_server_unreachable", error=repr(error))
        return None
    return connection


def _close(connection: BaseEmailBackend) -> None:
    try:
        connection.close()
    except (OSError, smtplib.SMTPException) as error:
        log.info("mail_connection_closed_badly", error=repr(error))


def _send_batch(connection: BaseEmailBackend, rows: list[OutboxMail]) -> int:
    """Send claimed mails over one connection; what cannot be begun in time, or after the connection is lost, goes back."""
    half = time.monotonic() + LEASE.total_seconds() / 2
    sent = 0
    marked = Marked()
    begun = 0
    try:
        for row in rows:
            if time.monotonic() > half:
                break
            begun += 1
            sent += _send_one(connection, row, marked)
        marked.settle()
    except ConnectionGoneError:
        log.info("mail_batch_cut", begun=begun, of=len(rows))
    except (DatabaseError, InterfaceError):
        if db.is_usable() or not marked.again():
            raise
        # The one in hand too, unless it was marked: it was not handed over.
        begun -= 1
    _release(rows[begun:])
    return sent


def _send_one(connection: BaseEmailBackend, row: OutboxMail, marked: Marked) -> bool:
    """Send one claimed mail and note what became of it; whether it was handed over."""
    begun = marked.then_begin(row)
    if begun is None:  # another sender took it over when our lease had ended
        return False
    fresh, user = begun
    try:
        letter = _compose(fresh, user)
        if letter is None:
            return False
        letter.hand_over(connection)
    except smtplib.SMTPServerDisconnected as error:
        _retry(fresh, error)
        raise ConnectionGoneError from error
    except (smtplib.SMTPException, OSError) as error:
        _note_failure(fresh, error)
        if _code(error) == 421 or (isinstance(error, OSError) and not isinstance(error, smtplib.SMTPException)):
            raise ConnectionGoneError from error
        return False
    except Exception as error:  # a mail that cannot be written must not stop the others
        log.exception("mail_not_composed", mail=str(row.pk))
        _retry(fresh, error)
        return False
    marked.handed_over(fresh, letter)
    return True


_SENT: Final = """
UPDATE core_outboxmail
SET status = 'sent', attempts = greatest(attempts, %s), sent_at = %s, lease_until = NULL, last_error = '',
    to_email = %s, subject = %s, body = %s, updated_at = %s
WHERE id = %s AND status = 'sending' AND lease_until = %s
"""
_BEGUN: Final = """
UPDATE core_outboxmail SET attempts = attempts + 1 WHERE id = %s AND status = 'sending' AND lease_until = %s
RETURNING attempts, cancel_cause, to_email, subject, body, recipient_id
"""
# One mail, one mark, but not one wait for the disk each: whoever sends remembers what the disk may still lack (class Marked).
_NO_WAIT: Final = "SET LOCAL synchronous_commit TO off;"


@cache
def _begin_sql(*, after_another: bool) -> str:
    # Only what can have changed since the claim, and the account as it is now; LEFT JOIN, because not every mail has one.
    return (
        f"WITH {f'sent AS ({_SENT}), ' if after_another else ''}begun AS ({_BEGUN}) "  # noqa: S608 - tables of ours
        "SELECT attempts, cancel_cause, to_email, subject, body, u.email, u.full_name, u.is_active "
        f'FROM begun LEFT JOIN "{get_user_model()._meta.db_table}" u ON u.id = recipient_id'
    )


@dataclass(frozen=True, slots=True)
class Addressee:
    """An account as a mail needs it."""

    email: str
    full_name: str
    is_active: bool


class Marked:
    """The marks of one batch: a mail is marked sent in the statement that begins the next one.

    PostgreSQL waits for its disk at the last of them only. Until then the batch's marks are remembered here and, should the database
    server fall, made again afterwards. So neither the death of a sender nor that of the server sends a second copy of more than the
    mail in hand; both at the same moment may, of what was sent in the last instants (three rounds of the log writer, 0.6 s).
    """

    def __init__(self) -> None:
        self._handed_over: list[tuple[OutboxMail, Letter]] = []
        self._marked = 0

    def then_begin(self, row: OutboxMail) -> tuple[OutboxMail, Addressee | None] | None:
        """Mark the mail before, count an attempt of this one and read it anew; None when the claim no longer holds."""
        before = [value for mail in self._handed_over[self._marked :] for value in _mark(*mail)]
        try:
            found = fetch(_begin_sql(after_another=bool(before)), [*before, row.pk, row.lease_until], within=_NO_WAIT)
        except DatabaseError:
            if not before or db.in_atomic_block or not db.is_usable():
                raise
            # Whoever withdraws several mails may hold these two the other way round (deadlock): one at a time, then.
            self.settle()
            found = fetch(_begin_sql(after_another=False), [row.pk, row.lease_until], within=_NO_WAIT)
        self._marked = len(self._handed_over)
        if not found:
            return None
        row.attempts, row.cancel_cause, row.to_email, row.subject, row.body = found[0][:5]
        return row, Addressee(*found[0][5:]) if row.recipient_id is not None else None

    def handed_over(self, row: OutboxMail, letter: Letter) -> None:
        """To be marked at the next step, one at most."""
        self._handed_over.append((row, letter))

    def settle(self) -> None:
        """Mark the last one, and wait for the disk, which then has all those before it too."""
        if self._handed_over:
            _note_sent(*self._handed_over[-1])

    def again(self) -> bool:
        """Wait for the database server to be back, then mark; whether all is marked. Never inside a transaction of somebody else's."""
        stop = time.monotonic() + MARKED_AGAIN_WITHIN
        while not db.in_atomic_block and time.monotonic() < stop:
            try:
                db.close()
                db.ensure_connection()
                while self._handed_over:
                    _note_sent(*self._handed_over[0])
                    self._handed_over.pop(0)
                return True
            except (DatabaseError, InterfaceError):
                time.sleep(0.5)
        return False


def _mine(row: OutboxMail) -> Any:
    """The row as long as this claim holds: an older sender that wakes up finds nothing."""
    return OutboxMail.objects.filter(pk=row.pk, status=MailStatus.SENDING, lease_until=row.lease_until)


def _compose(row: OutboxMail, user: Addressee | None) -> Letter | None:
    """The mail as it must leave now; None when there is nothing left to say (then it is cancelled)."""
    if row.cancel_cause:
        _give_up(row, row.cancel_cause)
        return None
    if user is not None and not user.is_active:
        _give_up(row, "the account is closed")
        return None
    sections = [render.Section(title="", text=row.body)] if row.body else _news_of(row)
    if not sections:
        _give_up(row, "everything it had to say was settled or read before it left")
        return None
    name = user.full_name if user is not None else ""
    texts = render.letter(language=row.language, name=name, sections=sections, subject=row.subject, about_account=user is not None)
    return Letter(
        message_id=row.message_id,
        to_email=user.email if user is not None else row.to_email,
        to_name=name,
        subject=texts.subject,
        text=texts.text,
        html=texts.html,
        language=row.language,
        date=clock.now(),
    )


def _news_of(row: OutboxMail) -> list[render.Section]:
    """The notifications that this mail tells, as they stand now."""
    standing = Notification.objects.standing() if row.kind == DIGEST else Notification.objects.filter(cancelled_at=None)
    return [
        render.Section(title=note.subject, text=note.body, url=render.absolute(note.url))
        for note in standing.filter(mail=row).order_by("-is_urgent", "created_at", "id")
    ]


def _give_up(row: OutboxMail, cause: str) -> None:
    _mine(row).update(
        status=MailStatus.CANCELLED,
        lease_until=None,
        cancel_cause=cause[:300],
        body="" if row.is_sensitive else row.body,
        updated_at=clock.now(),
    )


def _mark(row: OutboxMail, letter: Letter) -> list[Any]:
    """The values of _SENT."""
    now = clock.now()
    # The demo keeps every text so that a newcomer can read the mails; elsewhere a one-time link is not kept.
    body = "" if row.is_sensitive and not settings.DEMO else letter.text
    return [row.attempts, now, Given(letter.to_email), Given(letter.subject), Given(body), now, row.pk, row.lease_until]


def _note_sent(row: OutboxMail, letter: Letter) -> None:
    with db.cursor() as cursor:
        cursor.execute(_SENT, _mark(row, letter))


def _note_failure(row: OutboxMail, error: Exception) -> None:
    if _is_final(error):
        _fail(row, error)
    else:
        _retry(row, error)


def _is_final(error: Exception) -> bool:
    """A refusal in the 500s is final, except of the portal's own credentials or address: those are for us to mend."""
    if isinstance(error, smtplib.SMTPAuthenticationError | smtplib.SMTPSenderRefused):
        return False
    code = _code(error)
    return code is not None and code >= 500


def _code(error: Exception) -> int | None:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return max((answer[0] for answer in error.recipients.values()), default=None)
    return error.smtp_code if isinstance(error, smtplib.SMTPResponseException) else None


def _retry(row: OutboxMail, error: Exception) -> None:
    """Back to the queue for later, unless its cause is gone or its attempts are used up."""
    if row.attempts >= row.max_attempts:
        _fail(row, error)
        return
    cause = _mine(row).values_list("cancel_cause", flat=True).first()
    if cause:
        _give_up(row, cause)
        return
    _mine(row).update(
        status=MailStatus.QUEUED,
        lease_until=None,
        not_before=clock.now() + delay_after(row.attempts),
        last_error=_shown(error),
        updated_at=clock.now(),
    )


def delay_after(attempts: int) -> timedelta:
    """How long to wait after so many attempts: 1, 2, 4… up to 60 minutes, a quarter more or less so that peaks spread."""
    minutes = 2 ** min(attempts - 1, 6) * _random.uniform(0.75, 1.25)
    return timedelta(minutes=max(1.0, min(60.0, minutes)))


def _fail(row: OutboxMail, error: Exception) -> None:
    log.warning("mail_failed", mail=str(row.pk), kind=row.kind, attempts=row.attempts, error=_shown(error))
    _mine(row).update(status=MailStatus.FAILED, lease_until=None, last_error=_shown(error), updated_at=clock.now())


def _release(rows: list[OutboxMail]) -> None:
    """Give back what was claimed and not begun: no attempt was made."""
    for row in rows:
        _mine(row).update(status=MailStatus.QUEUED, lease_until=None, updated_at=clock.now())


def _shown(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        error = smtplib.SMTPResponseException(*next(iter(error.recipients.values())))
    if isinstance(error, smtplib.SMTPResponseException):
        text = error.smtp_error.decode("utf-8", "replace") if isinstance(error.smtp_error, bytes) else str(error.smtp_error)
        return f"{error.smtp_code} {text}"[:500]
    return (str(error) or repr(error))[:500]
