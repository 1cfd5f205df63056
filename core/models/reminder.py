"""Which reminders have gone out."""

from __future__ import annotations

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.models.base import Base
from core.models.mail import Notification


class ReminderOccurrence(Base):
    """One reminder to one person on one occasion: the unique key is what makes it go out exactly once."""

    kind = models.CharField(_("kind"), max_length=80)
    about_type = models.ForeignKey(ContentType, on_delete=models.PROTECT, related_name="+", verbose_name=_("kind of object"))
    about_id = models.UUIDField(_("object"))
    about = GenericForeignKey("about_type", "about_id")
    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", verbose_name=_("recipient"))
    occasion = models.CharField(
        _("occasion"), max_length=40, help_text=_("The date counted from and the offset in days, so that a moved date is a new occasion")
    )
    day = models.DateField(_("planned for"))
    notification = models.ForeignKey(
        Notification,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="reminders",
        verbose_name=_("notification"),
        help_text=_("Empty: a later occasion of the same reminder replaced it, or an outage summary stands for it"),
    )

    class Meta:
        verbose_name = _("reminder sent")
        verbose_name_plural = _("reminders sent")
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["kind", "about_type", "about_id", "recipient", "occasion"], name="core_reminder_once"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} · {self.occasion}"
