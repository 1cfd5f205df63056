"""What happened and who reacts to it."""

from __future__ import annotations

from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.contrib.postgres.fields import ArrayField
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core import clock
from core.models.base import Base


class Event(Base):
    """A fact announced by a service, written in its transaction; those who react to it are called after the commit."""

    name = models.CharField(_("name"), max_length=80)
    about_type = models.ForeignKey(ContentType, on_delete=models.PROTECT, related_name="+", verbose_name=_("kind of object"))
    about_id = models.UUIDField(_("object"))
    about = GenericForeignKey("about_type", "about_id")
    organisations = ArrayField(models.UUIDField(), verbose_name=_("organisations concerned"), default=list, blank=True)
    data = models.JSONField(_("data"), default=dict, blank=True, encoder=DjangoJSONEncoder)
    request_id = models.CharField(_("request"), max_length=64, blank=True)
    handled_at = models.DateTimeField(_("handled at"), null=True, blank=True)
    not_before = models.DateTimeField(_("handled from"), default=clock.now)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    last_error = models.CharField(_("last error"), max_length=500, blank=True)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["not_before", "id"], condition=Q(handled_at=None), name="core_event_waiting"),
            models.Index(fields=["about_type", "about_id"], name="core_event_about"),
        ]

    def __str__(self) -> str:
        return self.name
