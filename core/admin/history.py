"""The history of each object, from the audit trail instead of the administration's own log."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.admin.utils import unquote
from django.http import Http404
from django.shortcuts import render
from django.utils.translation import gettext as _

from core.history import history

if TYPE_CHECKING:
    from django.db.models import Model
    from django.http import HttpRequest, HttpResponse

    from core.history import Change


class HistoryMixin:
    """The history tab: who changed what, when and why, in which request."""

    def changes_of(self, obj: Model) -> list[Change]:
        """What the tab shows."""
        return history(obj) if hasattr(type(obj), "events") else []

    def history_view(self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Every recorded change of the object, the latest first."""
        obj = self.get_object(request, unquote(object_id))  # type: ignore[attr-defined]
        if obj is None:
            raise Http404
        context = self.admin_site.each_context(request) | {  # type: ignore[attr-defined]
            "title": _("History"),
            "object": obj,
            "original": obj,
            "opts": self.model._meta,  # type: ignore[attr-defined]
            "changes": self.changes_of(obj),
        }
        return render(request, "core/admin/history.html", context | (extra_context or {}))
