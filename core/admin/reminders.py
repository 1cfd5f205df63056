"""The reminders that have gone out."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from core.admin.base import BaseAdmin
from core.admin.lists import PeriodFilter
from core.models import ReminderOccurrence
from core.reminders import kinds


class SentPeriod(PeriodFilter):
    """When it was told."""

    title = _("told")


@admin.register(ReminderOccurrence)
class ReminderAdmin(BaseAdmin):
    """Read by every role, written by the daily round alone."""

    list_display = ("shown_kind", "about_type", "recipient", "occasion", "day", "created_at")
    list_filter = ("kind", SentPeriod)
    list_select_related = ("about_type", "recipient")
    search_fields = ("kind", "recipient__full_name")
    date_hierarchy = "day"
    ordering = ("-created_at", "-id")
    fields = ("shown_kind", "about_type", "about_id", "recipient", "occasion", "day", "notification", "created_at")
    readonly_fields = ("shown_kind",)

    @admin.display(description=_("kind"), ordering="kind")
    def shown_kind(self, obj: Any) -> str:
        """The kind in words."""
        labels = {kind.message.kind: kind.message.label for kind in kinds()}
        return str(labels.get(obj.kind, obj.kind))
