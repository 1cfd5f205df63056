"""The cellar's tables."""

from core.models.api import Feed, FeedEntry, IdempotencyKey, Quota
from core.models.base import Base
from core.models.event import Event
from core.models.heartbeat import Heartbeat
from core.models.holiday import Holiday
from core.models.imports import ImportBatch, ImportedRow, ImportMapping
from core.models.job import Job
from core.models.link import SignedLink
from core.models.mail import Notification, OutboxMail, Preference
from core.models.privacy import Erasure, PrivacyRequest, Receipt
from core.models.reminder import ReminderOccurrence

__all__ = [
    "Base",
    "Erasure",
    "Event",
    "Feed",
    "FeedEntry",
    "Heartbeat",
    "Holiday",
    "IdempotencyKey",
    "ImportBatch",
    "ImportMapping",
    "ImportedRow",
    "Job",
    "Notification",
    "OutboxMail",
    "Preference",
    "PrivacyRequest",
    "Quota",
    "Receipt",
    "ReminderOccurrence",
    "SignedLink",
]
