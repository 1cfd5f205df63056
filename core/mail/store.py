"""Writing notifications and mails in the transaction of what causes them; cancelling, reading, sending again."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import time, timedelta
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import connection, transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from core import clock, queue, rights
from core.audit import act
from core.choices import MAIL_TRANSITIONS, Delivery, MailStatus
from core.errors import Conflict, Forbidden, Invalid
from core.mail import render
from core.models import Notification, OutboxMail, Preference
from core.models.mail import DIGEST, MAX_ATTEMPTS, about_key
from core.states import check_transition, lock
from core.validation import check_reason
from core.wall import elevated

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from datetime import date, datetime
    from uuid import UUID

    from django.db.models import Model

    from core.actors import Actor
    from core.mail.message import Message

DAILY_AT = time(8)
# A mail of the day asked for after its hour waits so long for what comes right behind.
GATHERING = timedelta(minutes=5)
CHUNK = 500
GONE = "what caused it is settled or withdrawn"


@dataclass(frozen=True, slots=True)
class Notice:
    """A message, those it is for (accounts), and the key that makes it reach each of them once (empty: no key)."""

    message: Message
    to: tuple[Any, ...]
    key: str = ""


def notify(message: Message, *, to: Iterable[Any], key: str = "") -> int:
    """Tell `message` to these accounts: rows in the caller's transaction, mails after it. Gives how many were told.

    Inactive accounts are left out. With a `key` the same person is told once, however often this is called. An urgent
    message leaves at once in its own mail, another joins the person's mail of the day (08:00 in Casablanca, or five
    minutes from now when that is past; tomorrow's when today's has left); the person's preference comes first.
    """
    with elevated("whom a message concerns, whoever causes it: people of other organisations too"):
        people = tuple(to)
    return len(notify_many([Notice(message, people, key)]))


def notify_many(notices: Iterable[Notice]) -> list[Notification]:
    """Tell many messages in one go (a number of queries that does not grow within 500); gives the notifications written."""
    return write(prepare(notices))


@dataclass(slots=True)
class Draft:
    """One notification before it is written, with what decides its mail."""

    row: Notification
    user: Any
    message: Message


def prepare(notices: Iterable[Notice]) -> list[Draft]:
    """The texts of each message in each reader's language; nothing is written, and a text that cannot be made raises here."""
    drafts: list[Draft] = []
    for notice in notices:
        message = notice.message
        about = about_key(message.about)
        texts: dict[str, render.Texts] = {}
        for user in {user.pk: user for user in notice.to if user.is_active}.values():
            if user.language not in texts:
                texts[user.language] = render.texts(message.template, message.data, user.language)
            text = texts[user.language]
            row = Notification(
                recipient_id=user.pk,
                kind=message.kind,
                url=message.url[:500],
                subject=text.subject,
                body=text.text,
                key=notice.key,
                is_urgent=message.urgent,
                **about,
            )
            drafts.append(Draft(row, user, message))
    return drafts


@transaction.atomic
def write(drafts: Iterable[Draft]) -> list[Notification]:
    """Write what was prepared and give each notification its mail; those whose key was told before are left out.

    Rows are written in the order of their recipients, so that two of these at once wait for each other and never deadlock.
    """
    ordered = sorted(drafts, key=lambda draft: (draft.user.pk, draft.row.key))
    written = [row for start in range(0, len(ordered), CHUNK) for row in _write(ordered[start : start + CHUNK])]
    if any(row.mail is not None and row.mail.kind != DIGEST for row in written):
        _ring()
    return written


def _write(drafts: list[Draft]) -> list[Notification]:
    Notification.objects.bulk_create([draft.row for draft in drafts], ignore_conflicts=True)
    keyed = [draft.row.pk for draft in drafts if draft.row.key]
    if keyed:
        kept = set(Notification.objects.filter(pk__in=keyed).values_list("pk", flat=True))
        drafts = [draft for draft in drafts if not draft.row.key or draft.row.pk in kept]
    _give_mails(drafts)
    return [draft.row for draft in drafts]


def _give_mails(drafts: list[Draft]) -> None:
    """Attach each notification to the mail that will carry it, after its reader's preference."""
    chosen = {
        (user_id, kind): delivery
        for user_id, kind, delivery in Preference.objects.filter(
            user__in={draft.user.pk for draft in drafts}, kind__in={draft.message.kind for draft in drafts}
        ).values_list("user_id", "kind", "delivery")
    }
    own: list[OutboxMail] = []
    daily: list[Draft] = []
    carried: list[Notification] = []
    for draft in drafts:
        delivery = draft.message.delivery(chosen.get((draft.user.pk, draft.message.kind)))
        if delivery == Delivery.IMMEDIATE:
            draft.row.mail = _mail_to(draft.user, kind=draft.message.kind, subject=draft.row.subject, not_before=clock.now())
            own.append(draft.row.mail)
            carried.append(draft.row)
        elif delivery == Delivery.DAILY:
            daily.append(draft)
    OutboxMail.objects.bulk_create(own)
    digests = _digests({draft.user.pk: draft.user for draft in daily})
    for draft in daily:
        draft.row.mail = digests[draft.user.pk]
        carried.append(draft.row)
    Notification.objects.bulk_update(carried, ["mail"])


def _mail_to(user: Any, **fields: Any) -> OutboxMail:
    return OutboxMail(recipient_id=user.pk, to_email=user.email, language=user.language, **fields)


def _digests(users: Mapping[UUID, Any]) -> dict[UUID, OutboxMail]:
    """Each person's next mail of the day, made when missing and held until the caller's transaction ends."""
    if not users:
        return {}
    now, today = clock.now(), clock.today()
    tomorrow = today + timedelta(days=1)
    found: dict[UUID, OutboxMail] = {}
    if now + GATHERING < clock.end_of(today):
        found = _held_digests(users, today, max(clock.at(today, DAILY_AT), now + GATHERING))
    missing = {pk: user for pk, user in users.items() if pk not in found}
    day = tomorrow
    while missing:  # tomorrow's may itself have left: the clock may have been ahead when it was sent
        found |= _held_digests(missing, day, clock.at(day, DAILY_AT))
        missing = {pk: user for pk, user in missing.items() if pk not in found}
        day += timedelta(days=1)
    return found


def _held_digests(users: Mapping[UUID, Any], day: date, not_before: datetime) -> dict[UUID, OutboxMail]:
    drafts = [_mail_to(users[pk], kind=DIGEST, day=day, not_before=not_before) for pk in sorted(users)]
    OutboxMail.objects.bulk_create(drafts, ignore_conflicts=True)
    # A share lock: writers of notifications do not wait for each other, and a sweeper skips the row until they commit,
    # so that nothing joins a mail that is being composed.
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM core_outboxmail WHERE kind = %s AND day = %s AND status = %s AND recipient_id = ANY(%s::uuid[]) "
            "ORDER BY recipient_id FOR SHARE",
            [DIGEST, day, MailStatus.QUEUED.value, [str(pk) for pk in sorted(users)]],
        )
        held = [row[0] for row in cursor.fetchall()]
    return {mail.recipient_id: mail for mail in OutboxMail.objects.filter(pk__in=held) if mail.recipient_id}


def send_mail(*, to: str, language: str, template: str, data: Mapping[str, Any], key: str, sensitive: bool = True) -> OutboxMail:
    """Queue one mail to an address without an account, or about the account itself; it leaves after the commit.

    With a `key` the mail exists once: the one already queued is given back. A `sensitive` mail (the rule: these
    carry one-time links) loses its text once it has left. Refused: an address that is none (Invalid, field "email").
    """
    try:
        validate_email(to)
    except ValidationError:
        raise Invalid(_("This is not an e-mail address."), field="email") from None
    text = render.texts(template, data, language)
    mail = OutboxMail(
        to_email=to,
        language=language,
        kind=template.rsplit("/", 1)[-1][:80],
        key=key[:200],
        subject=text.subject,
        body=text.text,
        is_sensitive=sensitive,
    )
    with transaction.atomic():
        OutboxMail.objects.bulk_create([mail], ignore_conflicts=True)
        if key:
            mail = OutboxMail.objects.get(key=mail.key)
        _ring()
    return mail


@transaction.atomic
def cancel(about: Model, kinds: Collection[str] | None = None, *, cause: str = GONE) -> int:
    """Withdraw what was told about an object (of these kinds; None: all) and has not left by mail nor been read.

    A mail of its own is cancelled with the cause; a mail of the day leaves without it, and not at all when nothing else
    is left. Gives how many notifications were withdrawn.
    """
    waiting = Notification.objects.standing().filter(**about_key(about))
    if kinds is not None:
        waiting = waiting.filter(kind__in=kinds)
    return withdraw(
        list(waiting.filter(~Q(mail__status=MailStatus.SENT) | Q(mail=None)).order_by("id").values_list("pk", flat=True)), cause=cause
    )


@transaction.atomic
def withdraw(notifications: Collection[UUID], *, cause: str, forget_keys: bool = False) -> int:
    """Withdraw these notifications, and the mails that carried nothing else; forgotten keys may be told again."""
    changes: dict[str, Any] = {"cancelled_at": clock.now(), "cancel_cause": cause[:300]}
    if forget_keys:
        changes["key"] = ""
    count = Notification.objects.standing().filter(pk__in=notifications).update(**changes)
    own = OutboxMail.objects.filter(notifications__in=notifications).exclude(kind=DIGEST)
    _cancel_rows([mail.pk for mail in own], cause=cause)
    return count


def cancel_mail(*, key: str, cause: str) -> bool:
    """Cancel the mail of this key while it has not left (an invitation withdrawn before it went); whether one was."""
    with transaction.atomic():
        return bool(_cancel_rows(list(OutboxMail.objects.filter(key=key).exclude(key="").values_list("pk", flat=True)), cause=cause))


def _cancel_rows(mails: Collection[UUID], *, cause: str) -> int:
    rows = OutboxMail.objects.filter(pk__in=mails)
    done = rows.filter(status__in=[MailStatus.QUEUED, MailStatus.FAILED]).update(
        status=MailStatus.CANCELLED, cancel_cause=cause[:300], updated_at=clock.now()
    )
    rows.filter(status=MailStatus.CANCELLED, is_sensitive=True).update(body="")
    # One in a sender's hands may still go; if it comes back, it is not tried again.
    done += rows.filter(status=MailStatus.SENDING).update(cancel_cause=cause[:300], updated_at=clock.now())
    return done


def mark_read(*, by: Actor, notifications: Collection[UUID] | None = None) -> int:
    """Mark one's own notifications as read (None: all): they leave the mail of the day. Others' are not touched."""
    mine = Notification.objects.visible_to(by).unread()
    if notifications is not None:
        mine = mine.filter(pk__in=notifications)
    return mine.update(read_at=clock.now())


def set_preference(*, user: Any, message: type[Message], delivery: str, by: Actor) -> Preference:
    """Choose how one kind of message comes by mail: at once, in the mail of the day, or never.

    Refused: for somebody else (Forbidden), an unknown choice, switching off a compulsory kind (Invalid, field "delivery").
    """
    if by.pk is None or by.pk != user.pk:
        raise Forbidden(_("Each person chooses for oneself."))
    if delivery not in Delivery.values:
        raise Invalid(_("This choice does not exist."), field="delivery")
    if message.compulsory and delivery == Delivery.NEVER:
        raise Invalid(_("These messages cannot be switched off."), field="delivery")
    with act(by=by):
        preference, _created = Preference.objects.update_or_create(user_id=user.pk, kind=message.kind, defaults={"delivery": delivery})
    return preference


def resend(*, mail: UUID, by: Actor, reason: str = "") -> OutboxMail:
    """Give a failed mail eight more attempts, from now, under the same Message-ID; recorded with who asked.

    Refused: to whoever does not run the portal (Forbidden); a mail that has not failed, or whose one-time link has
    been erased meanwhile (Conflict).
    """
    rights.check_operates(by)
    with act(by=by, reason=reason):
        row = lock(OutboxMail.objects.all(), mail)
        check_transition(MAIL_TRANSITIONS, current=row.status, to=MailStatus.QUEUED)
        if row.status != MailStatus.FAILED:
            raise Conflict(_("Only a mail that has failed can be sent again."), code="not_failed")
        if row.is_sensitive and not row.body:
            raise Conflict(_("Its link has been erased: send a new one instead."), code="link_erased")
        row.status = MailStatus.QUEUED
        row.max_attempts = row.attempts + MAX_ATTEMPTS
        row.not_before = row.resent_at = clock.now()
        row.resent_by_id = by.pk
        row.resend_reason = reason[:300]
        row.save(update_fields=["status", "max_attempts", "not_before", "resent_at", "resent_by", "resend_reason", "updated_at"])
        _ring()
    return row


def drop_mail(*, mail: UUID, reason: str, by: Actor) -> OutboxMail:
    """Cancel a mail that waits or has failed: it never leaves. What it told stays in the portal. Staff who run it, with a reason.

    Refused: Forbidden; Invalid on reason; Conflict once it has left, or while it is leaving.
    """
    rights.check_operates(by)
    cause = check_reason(reason, maximum=300)
    with act(by=by, reason=cause):
        row = lock(OutboxMail.objects.all(), mail)
        check_transition(MAIL_TRANSITIONS, current=row.status, to=MailStatus.CANCELLED, sources={MailStatus.QUEUED, MailStatus.FAILED})
        _cancel_rows([row.pk], cause=cause)
        row.refresh_from_db()
    return row


def _ring() -> None:
    from core.tasks import sweep_outbox

    queue.ring(sweep_outbox)
