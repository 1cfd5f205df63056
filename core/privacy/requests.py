"""What people ask about their data, and the numbers that the authority gives: every write, each by its right."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from core import clock
from core.actors import is_system
from core.audit import act
from core.calendar import add_working_days
from core.errors import Conflict, Invalid
from core.models import PrivacyRequest, Receipt
from core.models.privacy import REQUEST_TRANSITIONS, ReceiptKind, RequestKind, RequestState
from core.privacy import register
from core.rights import require
from core.states import check_transition, check_version, lock, write
from core.validation import check_day, check_reason, check_text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime
    from uuid import UUID

    from core.actors import Actor

# The law leaves ten clear days for a rectification (09-08, article 8); five working days stay within them across a feast.
ANSWER_WORKING_DAYS: Final = 5
WORDS: Final = 2000


def can_keep_privacy(user: Actor) -> bool:
    """The system, and the staff who answer for personal data (setting STAFF_PROTECTS)."""
    return is_system(user) or bool(import_string(settings.STAFF_PROTECTS)(user))


def can_answer_request(user: Actor, request: PrivacyRequest) -> bool:
    """The staff who answer for personal data, but nobody one's own request."""
    return can_keep_privacy(user) and request.user_id != user.pk


# -- requests of people ------------------------------------------------------------------------------------------------
def ask(*, kind: str, words: str, by: Actor) -> PrivacyRequest:
    """Ask to have one's data put right or erased, or object to a use of them: whoever has an account. One of a kind at a time.

    To be answered within five working days. Refuses: Invalid on kind, words; Conflict when the same is awaiting an answer.
    """
    require(bool(by.pk) and bool(by.is_active))
    if kind not in RequestKind.values:
        raise Invalid(_("Choose what you ask."), code="unknown_kind", field="kind")
    # An erasure needs no explanation; what is to be put right, or objected to, does.
    text = check_text(words, field="words", minimum=0 if kind == RequestKind.ERASURE else 3, maximum=WORDS)
    with act(by=by, reason=gettext_noop("Request about personal data")):
        row = PrivacyRequest(user_id=by.pk, kind=kind, words=text, due_on=add_working_days(clock.today(), ANSWER_WORKING_DAYS))
        try:
            with transaction.atomic():
                row.save(force_insert=True)
        except IntegrityError as error:
            raise Conflict(_("You have already asked this: it is being handled."), code="already_asked") from error
    return row


def take(*, request: UUID, by: Actor, version: datetime | None = None) -> PrivacyRequest:
    """Say that somebody handles the request. The staff who answer for personal data, never one's own request."""
    with act(by=by):
        held = _held(request, by=by)
        check_version(held, version)
        check_transition(REQUEST_TRANSITIONS, current=held.status, to=RequestState.IN_PROGRESS)
        write(held, status=RequestState.IN_PROGRESS, handled_by_id=by.pk)
    return held


def close(*, request: UUID, by: Actor, answer: str = "", version: datetime | None = None) -> PrivacyRequest:
    """What was asked is done; whoever asked reads the answer, and is told. As for taking it."""
    text = check_text(answer, field="answer", minimum=0, maximum=WORDS)
    return _close(request, RequestState.DONE, text, version=version, by=by)


def refuse(*, request: UUID, reason: str, by: Actor, version: datetime | None = None) -> PrivacyRequest:
    """What was asked cannot be done, and why: whoever asked reads the reason, and is told. As for taking it."""
    return _close(request, RequestState.REFUSED, check_reason(reason, maximum=WORDS), version=version, by=by)


def _close(request: UUID, state: RequestState, answer: str, *, by: Actor, version: datetime | None) -> PrivacyRequest:
    from core.mail import notify
    from core.privacy.messages import RequestAnswered

    with act(by=by):
        held = _held(request, by=by)
        check_version(held, version)
        check_transition(REQUEST_TRANSITIONS, current=held.status, to=state)
        write(held, status=state, answer=answer, closed_at=clock.now(), handled_by_id=by.pk)
        if held.user.is_active:
            notify(RequestAnswered.of(held), to=[held.user])
    return held


def _held(request: UUID, *, by: Actor) -> PrivacyRequest:
    held: PrivacyRequest = lock(PrivacyRequest.objects.visible_to(by).select_related("user"), request)
    require(can_answer_request(by, held), _("Only the staff who answer for personal data may do this, and nobody one's own request."))
    return held


# -- numbers of the authority ------------------------------------------------------------------------------------------
def record_receipt(*, processing: str, kind: str, number: str, received_on: date, by: Actor) -> Receipt:
    """Write the number that the authority gave to a processing of the register. The staff who answer for personal data.

    Refuses: a processing that the register does not hold, a number already written for it.
    """
    require(can_keep_privacy(by))
    with act(by=by):
        row = Receipt(**_receipt(processing=processing, kind=kind, number=number, received_on=received_on))
        _save(row)
    return row


def change_receipt(*, receipt: UUID, changes: Mapping[str, Any], by: Actor, version: datetime | None = None) -> Receipt:
    """Correct a number. As for writing it."""
    require(can_keep_privacy(by))
    with act(by=by):
        row = lock(Receipt.objects.all(), receipt)
        check_version(row, version)
        values = {name: getattr(row, name) for name in ("processing", "kind", "number", "received_on")} | dict(changes)
        for name, value in _receipt(**values).items():
            setattr(row, name, value)
        _save(row)
    return row


def _receipt(*, processing: str, kind: str, number: str, received_on: date) -> dict[str, Any]:
    if processing not in {entry.slug for entry in register.processings()}:
        raise Invalid(_("The register holds no such processing."), code="unknown_processing", field="processing")
    if kind not in ReceiptKind.values:
        raise Invalid(_("Choose a kind."), code="unknown_kind", field="kind")
    return {
        "processing": processing,
        "kind": kind,
        "number": check_text(number, field="number", maximum=60),
        "received_on": check_day(received_on, field="received_on", past=True),
    }


def _save(row: Receipt) -> None:
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        raise Invalid(_("This processing already has a receipt of this kind."), code="unique", field="number") from error
