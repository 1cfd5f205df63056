"""What is told to people: notifications, the mails that carry them, and how each person wants them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pghistory
from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core import clock
from core.choices import Delivery, MailStatus
from core.models.base import Base

if TYPE_CHECKING:
    from core.actors import Actor

DIGEST = "digest"
MAX_ATTEMPTS = 8


# Only what people do is in the audit trail (sent again, cancelled): the machine's own steps are the row's own fields.
@pghistory.track(
    pghistory.UpdateEvent(),
    fields=["resent_at", "resent_by", "resend_reason", "cancel_cause"],
    obj_field=pghistory.ObjForeignKey(related_name="events"),
    model_name="OutboxMailEvent",
    meta={"indexes": []},
)
class OutboxMail(Base):
    """One mail to one address, stored with what causes it and sent after that is committed.

    A mail of the day has no text until it leaves: it is composed from the notifications that still hold then.
    """

    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="+", verbose_name=_("recipient")
    )
    to_email = models.EmailField(_("address"), help_text=_("An account's mail goes to the address the account has when it leaves."))
    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES)
    kind = models.CharField(_("kind"), max_length=80)
    key = models.CharField(_("key"), max_length=200, blank=True, help_text=_("Makes the mail unique when not empty"))
    day = models.DateField(_("day"), null=True, blank=True, help_text=_("Of a mail of the day: the Casablanca date"))
    subject = models.CharField(_("subject"), max_length=300, blank=True)
    body = models.TextField(_("text"), blank=True)
    is_sensitive = models.BooleanField(_("holds a one-time link"), default=False, help_text=_("Its text is erased once it has left."))
    status = models.CharField(_("state"), max_length=10, choices=MailStatus.choices, default=MailStatus.QUEUED)
    not_before = models.DateTimeField(_("leaves at"), default=clock.now)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    max_attempts = models.PositiveSmallIntegerField(_("attempts allowed"), default=MAX_ATTEMPTS)
    lease_until = models.DateTimeField(_("held until"), null=True, blank=True)
    sent_at = models.DateTimeField(_("handed over at"), null=True, blank=True)
    last_error = models.CharField(_("last error"), max_length=500, blank=True)
    cancel_cause = models.CharField(_("cause of the cancellation"), max_length=300, blank=True)
    resent_at = models.DateTimeField(_("sent again at"), null=True, blank=True)
    resent_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("sent again by")
    )
    resend_reason = models.CharField(_("reason of sending again"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("outgoing mail")
        verbose_name_plural = _("outgoing mails")
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["not_before", "id"], condition=Q(status__in=["queued", "sending"]), name="core_mail_waiting"),
            models.Index(fields=["status", "-created_at"], name="core_mail_status"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["key"], condition=~Q(key=""), name="core_mail_key_once"),
            models.UniqueConstraint(
                fields=["recipient", "day"], condition=Q(kind=DIGEST) & ~Q(status="cancelled"), name="core_mail_one_a_day"
            ),
            models.CheckConstraint(condition=~Q(kind=DIGEST) | Q(day__isnull=False, recipient__isnull=False), name="core_mail_digest_day"),
            models.CheckConstraint(
                condition=Q(status="sending", lease_until__isnull=False) | (~Q(status="sending") & Q(lease_until=None)),
                name="core_mail_lease",
            ),
            models.CheckConstraint(
                condition=Q(status="sent", sent_at__isnull=False) | (~Q(status="sent") & Q(sent_at=None)), name="core_mail_sent_at"
            ),
            models.CheckConstraint(condition=~Q(status="cancelled") | ~Q(cancel_cause=""), name="core_mail_cancel_cause"),
            models.CheckConstraint(condition=~Q(status="failed") | ~Q(last_error=""), name="core_mail_error"),
        ]

    def __str__(self) -> str:
        return self.subject or f"{self.kind} · {self.to_email}"

    @property
    def message_id(self) -> str:
        """The same at every attempt, so that a receiver can drop a second copy."""
        return f"<{self.pk}@{settings.MAIL_DOMAIN}>"


class NotificationQuerySet(models.QuerySet["Notification"]):
    """A person reads one's own."""

    def visible_to(self, user: Actor) -> NotificationQuerySet:
        """Those addressed to `user` that still hold."""
        return self.filter(recipient_id=user.pk, cancelled_at=None) if user.pk else self.none()

    def unread(self) -> NotificationQuerySet:
        """Those not opened yet."""
        return self.filter(read_at=None)

    def standing(self) -> NotificationQuerySet:
        """Those still worth a mail: neither cancelled nor read in the portal."""
        return self.filter(read_at=None, cancelled_at=None)


class Notification(Base):
    """Something told to one person, in the language the account had then. Shown in the portal, carried by a mail."""

    recipient = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notifications", verbose_name=_("recipient")
    )
    kind = models.CharField(_("kind"), max_length=80)
    about_type = models.ForeignKey(ContentType, on_delete=models.PROTECT, related_name="+", verbose_name=_("kind of object"))
    about_id = models.UUIDField(_("object"))
    about = GenericForeignKey("about_type", "about_id")
    url = models.CharField(_("address"), max_length=500, blank=True)
    subject = models.CharField(_("subject"), max_length=300)
    body = models.TextField(_("text"))
    key = models.CharField(_("key"), max_length=200, blank=True)
    is_urgent = models.BooleanField(_("urgent"), default=False)
    mail = models.ForeignKey(
        OutboxMail, on_delete=models.SET_NULL, null=True, blank=True, related_name="notifications", verbose_name=_("mail that carries it")
    )
    read_at = models.DateTimeField(_("read at"), null=True, blank=True)
    cancelled_at = models.DateTimeField(_("cancelled at"), null=True, blank=True)
    cancel_cause = models.CharField(_("cause of the cancellation"), max_length=300, blank=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        verbose_name = _("notification")
        verbose_name_plural = _("notifications")
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["recipient", "-created_at", "-id"], name="core_notification_list"),
            models.Index(fields=["recipient"], condition=Q(read_at=None, cancelled_at=None), name="core_notification_unread"),
            models.Index(fields=["about_type", "about_id"], name="core_notification_about"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["recipient", "key"], condition=~Q(key=""), name="core_notification_key_once"),
            models.CheckConstraint(condition=Q(cancelled_at=None) | ~Q(cancel_cause=""), name="core_notification_cause"),
        ]

    def __str__(self) -> str:
        return self.subject


class Preference(Base):
    """How one person wants one kind of message by mail; without a row the kind's own rule holds."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="mail_preferences", verbose_name=_("account"))
    kind = models.CharField(_("kind"), max_length=80)
    delivery = models.CharField(_("delivery"), max_length=10, choices=Delivery.choices)

    class Meta:
        verbose_name = _("mail preference")
        verbose_name_plural = _("mail preferences")
        ordering = ["user", "kind"]
        constraints = [models.UniqueConstraint(fields=["user", "kind"], name="core_preference_once")]

    def __str__(self) -> str:
        return f"{self.kind}: {self.get_delivery_display()}"


def about_key(about: models.Model) -> dict[str, Any]:
    """The two columns that point at any object."""
    return {"about_type": ContentType.objects.get_for_model(about), "about_id": about.pk}
