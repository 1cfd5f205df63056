"""What every page's template may read. The roof fills `nav`; the cellar knows none of its entries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.utils.module_loading import import_string

if TYPE_CHECKING:
    from django.http import HttpRequest


def portal(request: HttpRequest) -> dict[str, Any]:
    """`demo`, and what the roof's NAVIGATION callable gives: `nav`, `mandates`, `active_mandate`, `unread_count`."""
    context: dict[str, Any] = {"demo": settings.DEMO}
    navigation = getattr(settings, "NAVIGATION", None)
    if navigation and hasattr(request, "user"):
        context |= import_string(navigation)(request)
    return context
