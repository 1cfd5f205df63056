"""How long the cellar's own tables keep what they hold about people."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from core import clock, once
from core.actors import SYSTEM
from core.api import feed, throttles
from core.choices import MailStatus
from core.models import IdempotencyKey, ImportBatch, Job, Notification, OutboxMail, ReminderOccurrence, SignedLink
from core.models.imports import FILE_KEPT
from core.privacy.retention import ANONYMISE, Housekeeping, Rule

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet

LEFT: Final = (MailStatus.SENT, MailStatus.CANCELLED)


class ApiCalls(Housekeeping):
    """The answers that a repeated call would get, and the counters of callers."""

    slug = "api-calls"
    title = _("Answers and counters of the API")
    age = once.KEPT
    since = "created_at"

    def rows(self) -> QuerySet[Any]:
        """Every answer kept."""
        return IdempotencyKey.objects.all()

    def sweep(self) -> int:
        """Forget the keys older than a day, the callers not seen since, and what the change feeds told long ago."""
        throttles.purge()
        return once.purge() + feed.purge()


class MailTexts(Rule):
    """The text of a mail that has left, or never will."""

    slug = "mail-texts"
    title = _("Texts of mails that have left")
    age = timedelta(days=90)
    since = "updated_at"
    act = ANONYMISE

    def rows(self) -> QuerySet[Any]:
        """Mails with a text that have left or are cancelled."""
        return OutboxMail.objects.filter(status__in=LEFT).exclude(subject="", body="")

    def erase(self, rows: QuerySet[Any]) -> int:
        """Empty the subject and the text; that a mail left, when and to whom stays for the rule that follows."""
        return rows.update(subject="", body="")


class Mails(Rule):
    """The mention that a mail left."""

    slug = "mails"
    title = _("Mentions of mails")
    age = timedelta(days=730)
    since = "created_at"

    def rows(self) -> QuerySet[Any]:
        """Mails that have left, are cancelled or failed."""
        return OutboxMail.objects.exclude(status__in=[MailStatus.QUEUED, MailStatus.SENDING])


class Notifications(Rule):
    """What was told in the portal and read, or withdrawn."""

    slug = "notifications"
    title = _("Notifications read or withdrawn")
    age = timedelta(days=365)
    since = "settled_at"

    def rows(self) -> QuerySet[Any]:
        """Those that say nothing new any more."""
        return Notification.objects.exclude(read_at=None, cancelled_at=None).annotate(settled_at=Coalesce("read_at", "cancelled_at"))


class NotificationsUnread(Rule):
    """What was told and never read."""

    slug = "notifications-unread"
    title = _("Notifications never read")
    age = timedelta(days=730)
    since = "created_at"

    def rows(self) -> QuerySet[Any]:
        """Those that still stand."""
        return Notification.objects.filter(read_at=None, cancelled_at=None)


class Reminders(Rule):
    """Which reminder went to whom: what makes each go out once."""

    slug = "reminders"
    title = _("Reminders sent")
    age = timedelta(days=1095)
    since = "created_at"

    def rows(self) -> QuerySet[Any]:
        """Every one."""
        return ReminderOccurrence.objects.all()


class Links(Rule):
    """Signed links that open nothing any more."""

    slug = "links"
    title = _("Expired links")
    age = timedelta(days=90)
    since = "expires_at"

    def rows(self) -> QuerySet[Any]:
        """Every link, counted from its end."""
        return SignedLink.objects.all()


class JobFiles(Housekeeping):
    """The files that jobs made; the sweep of the jobs deletes each at its own date, this rule only shows it."""

    slug = "job-files"
    title = _("Files of reports and exports")
    since = "expires_at"

    def rows(self) -> QuerySet[Any]:
        """Jobs that have a file."""
        return Job.objects.exclude(result="")

    def sweep(self) -> int:
        """As the sweep of every half minute."""
        from core import jobs

        return jobs.delete_expired(clock.now())


class ImportFiles(Housekeeping):
    """The files brought to be imported; what undoing needs stays without them."""

    slug = "import-files"
    title = _("Files brought to be imported")
    age = FILE_KEPT
    since = "created_at"

    def rows(self) -> QuerySet[Any]:
        """Imports that have a file."""
        return ImportBatch.objects.exclude(file="")

    def sweep(self) -> int:
        """Delete the files past their time."""
        from core.imports.services import forget_files

        return forget_files(by=SYSTEM)


class Jobs(Rule):
    """Who asked for what."""

    slug = "jobs"
    title = _("Requests of reports and exports")
    age = timedelta(days=365)
    since = "finished_at"

    def rows(self) -> QuerySet[Any]:
        """Finished ones without a file."""
        return Job.objects.filter(result="", finished_at__isnull=False)


RULES: Final[Sequence[Rule]] = (
    ApiCalls(),
    JobFiles(),
    ImportFiles(),
    MailTexts(),
    Mails(),
    Notifications(),
    NotificationsUnread(),
    Reminders(),
    Links(),
    Jobs(),
)
