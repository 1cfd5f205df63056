"""What is told about requests on personal data, and the reminder of those that await an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.urls import reverse
from django.utils.formats import date_format
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _
from django.utils.translation import override

from core.mail import Message
from core.models import PrivacyRequest
from core.models.privacy import RequestKind, RequestState
from core.reminders import Offsets, Reminder

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from datetime import date

    from django.utils.functional import _StrOrPromise


def _in_each(label: _StrOrPromise) -> dict[str, str]:
    """A label in every language."""
    found = {}
    for code, _name in settings.LANGUAGES:
        with override(code):
            found[code] = str(label)
    return found


def _day_in_each(day: date) -> dict[str, str]:
    found = {}
    for code, _name in settings.LANGUAGES:
        with override(code):
            found[code] = date_format(day, "DATE_FORMAT")
    return found


class RequestAnswered(Message):
    """To whoever asked."""

    kind = "privacy_request_answered"
    label = _("My request about my personal data is answered")
    template = "core/emails/privacy_request_answered"
    compulsory = True

    @classmethod
    def of(cls, row: PrivacyRequest) -> RequestAnswered:
        """The message about this request."""
        data = {
            "kind": _in_each(RequestKind(row.kind).label),
            "state": _in_each(RequestState(row.status).label),
            "answer": row.answer,
        }
        return cls(about=row, url=settings.PRIVACY_PATH, data=data)


class RequestWaiting(Message):
    """To the staff who answer for personal data."""

    kind = "reminder_privacy_request"
    label = _("A request about personal data awaits an answer")
    template = "core/emails/reminder_privacy_request"
    compulsory = True


class RequestUnanswered(Reminder):
    """The day it is asked, two working days before its date, on the date, and every two working days after it."""

    message: ClassVar[type[Message]] = RequestWaiting
    offsets: ClassVar[Offsets] = Offsets(steps=(-5, -2, 0, 1), every=2)

    def rows(self, low: date | None, high: date) -> Iterator[tuple[date, PrivacyRequest]]:
        """Open requests, counted from the date by which they are to be answered."""
        found = PrivacyRequest.objects.open().filter(due_on__lte=high).select_related("user").order_by("due_on", "id")
        for row in found if low is None else found.filter(due_on__gte=low):
            yield row.due_on, row

    def recipients(self, row: PrivacyRequest) -> Iterable[Any]:
        """Those who answer for personal data, whoever asked left out."""
        return [user for user in import_string(settings.PRIVACY_STAFF)() if user.pk != row.user_id]

    def url(self, row: PrivacyRequest) -> str:
        """Its page in the administration."""
        return reverse("admin:core_privacyrequest_change", args=[row.pk])

    def data(self, row: PrivacyRequest, base: date) -> dict[str, Any]:
        """Who asks what, and until when."""
        return {"kind": _in_each(RequestKind(row.kind).label), "person": str(row.user), "due": _day_in_each(base)}


MESSAGES = (RequestAnswered, RequestWaiting)
KINDS = (RequestUnanswered,)
