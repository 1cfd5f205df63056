"""What the header of every page shows, and the administration's menu and home."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from django.urls import is_valid_path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core.models import Notification
from partnership.querysets import sees_everything

if TYPE_CHECKING:
    from django.http import HttpRequest


def navigation(request: HttpRequest) -> dict[str, Any]:
    """The main entries, the addresses of the header's controls, the organisation switch, the number of unread notifications."""
    if not is_valid_path("/notifications/"):
        return {"nav": ()}
    public = (
        _entry(request, "portal:public", _("Progress"), "chart-bar"),
        _entry(request, "portal:help", _("Help"), "help-circle"),
    )
    context: dict[str, Any] = {
        "links": {"home": reverse("portal:home")},
        "footer_links": [
            {"label": _("Published progress"), "url": reverse("portal:public")},
            {"label": _("Help"), "url": reverse("portal:help")},
        ],
        "public_nav": public,
        "nav": (),
        "mandates": getattr(request, "mandates", ()),
        "active_mandate": getattr(request, "mandate", None),
        "unread_count": 0,
    }
    user = request.user
    if user.is_authenticated:
        context["nav"] = _entries(request, is_staff=sees_everything(user), has_mandate=context["active_mandate"] is not None)
        context["links"] |= {
            "notifications": reverse("portal:notifications"),
            "profile": reverse("profile"),
            "switch_mandate": reverse("portal:switch"),
        }
        # Asked once, and only by a page that shows the bell.
        context["unread_count"] = cache(lambda: Notification.objects.visible_to(user).unread().count())
    return context


def _entries(request: HttpRequest, *, is_staff: bool, has_mandate: bool) -> tuple[dict[str, Any], ...]:
    """At most five: they are the bottom bar of a phone, so their words are short."""
    entries = [
        _entry(request, "portal:home", _("Home"), "home", exact=True),
        _entry(request, "partnership:convention_list", _("Conventions"), "file-certificate"),
        _entry(request, "partnership:action_list", _("Actions"), "list-check", query="?status=open"),
    ]
    if has_mandate:
        entries.append(_entry(request, "partnership:organisation_mine", pgettext("navigation", "Organisation"), "building"))
    elif is_staff:
        entries.append(_entry(request, "partnership:organisation_list", _("Members"), "buildings"))
    entries.append(_entry(request, "portal:reports", _("Reports"), "file-text"))
    return tuple(entries)


def _entry(request: HttpRequest, name: str, label: str, icon: str, *, exact: bool = False, query: str = "") -> dict[str, Any]:
    url = reverse(name)
    active = request.path == url if exact else request.path.startswith(url)
    return {"label": label, "url": f"{url}{query}", "icon": icon, "active": active}


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
