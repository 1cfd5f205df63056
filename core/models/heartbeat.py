"""When each of the portal's own rounds last went well."""

from __future__ import annotations

from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.utils.translation import gettext_lazy as _

from core import clock


class Heartbeat(models.Model):
    """One row a round: the worker's pulse, the last sweep, the last search for reminders."""

    name: models.CharField[str, str] = models.CharField(_("round"), max_length=100, primary_key=True)
    beaten_at = models.DateTimeField(_("last well done at"), default=clock.now)
    detail: models.JSONField[dict[str, Any], dict[str, Any]] = models.JSONField(
        _("detail"), default=dict, blank=True, encoder=DjangoJSONEncoder
    )

    class Meta:
        verbose_name = _("heartbeat")
        verbose_name_plural = _("heartbeats")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
