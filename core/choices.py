"""The words of the cellar's own tables, and the tables of allowed transitions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from collections.abc import Mapping


class MailStatus(TextChoices):
    QUEUED = "queued", _("Waiting to leave")
    SENDING = "sending", _("Being sent")
    SENT = "sent", _("Handed over")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")


# Back to queued: from sending when the server asks to try later, from failed when somebody sends it again.
MAIL_TRANSITIONS: Final[Mapping[str, frozenset[str]]] = {
    MailStatus.QUEUED: frozenset({MailStatus.SENDING, MailStatus.CANCELLED}),
    MailStatus.SENDING: frozenset({MailStatus.SENT, MailStatus.FAILED, MailStatus.QUEUED, MailStatus.CANCELLED}),
    MailStatus.FAILED: frozenset({MailStatus.QUEUED, MailStatus.CANCELLED}),
    MailStatus.SENT: frozenset(),
    MailStatus.CANCELLED: frozenset(),
}


class Delivery(TextChoices):
    """How a person wants one kind of message by mail; the portal's notifications show it in any case."""

    IMMEDIATE = "immediate", _("At once")
    DAILY = "daily", _("In the mail of the day")
    NEVER = "never", _("Not by mail")


class HolidayStatus(TextChoices):
    ESTIMATED = "estimated", _("Estimated")
    CONFIRMED = "confirmed", _("Confirmed")
