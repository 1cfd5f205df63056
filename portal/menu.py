"""What the header of every page shows, and the administration's menu and home."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from django.http import HttpRequest


def navigation(request: HttpRequest) -> dict[str, Any]:
    """The entries of the main navigation, the mandates of the organisation switch, the number of unread notifications."""
    return {
        "nav": (),
        "mandates": getattr(request, "mandates", ()),
        "active_mandate": getattr(request, "mandate", None),
        "unread_count": 0,
    }


def environment(request: HttpRequest) -> list[str] | None:
    """The label beside the administration's title, in the demo only."""
    from django.conf import settings

    return ["Demo", "warning"] if settings.DEMO else None


def admin_menu(request: HttpRequest) -> list[dict[str, Any]]:
    """The administration's grouped menu."""
    return []


def admin_home(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """What awaits a decision, added to the administration's home."""
    return context
