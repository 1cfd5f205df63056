"""The cellar's tables."""

from core.models.base import Base
from core.models.event import Event
from core.models.heartbeat import Heartbeat
from core.models.holiday import Holiday
from core.models.mail import Notification, OutboxMail, Preference
from core.models.reminder import ReminderOccurrence

__all__ = [
    "Base",
    "Event",
    "Heartbeat",
    "Holiday",
    "Notification",
    "OutboxMail",
    "Preference",
    "ReminderOccurrence",
]
