"""What the header of every page shows, and the administration's menu and home."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final, cast

from django.conf import settings
from django.urls import is_valid_path, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from core.models import Notification
from partnership.querysets import sees_everything
from portal.dashboard import figures, quick_links, system

if TYPE_CHECKING:
    from django.http import HttpRequest
    from django.utils.functional import _StrOrPromise

    from accounts.models import User


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
            {"label": _("Personal data"), "url": reverse("portal:privacy")},
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
            "search": reverse("portal:search"),
            "notifications": reverse("portal:notifications"),
            "export_organisations": reverse("portal:report_new", args=["organisations"]),
            "export_actions": reverse("portal:report_new", args=["actions"]),
            "profile": reverse("profile"),
            "my_data": reverse("portal:my_data"),
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
    """The label beside the administration's title, in the demonstration only."""
    return [_("Demonstration"), "warning"] if settings.DEMO else None


# The administration's menu: its groups, and in each what it shows (address, icon of the theme's letters).
ADMIN_MENU: Final = (
    (
        gettext_lazy("Convention"),
        (
            (gettext_lazy("Conventions"), "admin:partnership_convention_changelist", "contract"),
            (gettext_lazy("Parties"), "admin:partnership_party_changelist", "handshake"),
            (gettext_lazy("Axes"), "admin:partnership_axis_changelist", "account_tree"),
            (gettext_lazy("Commitments"), "admin:partnership_commitment_changelist", "balance"),
            (gettext_lazy("Actions"), "admin:partnership_action_changelist", "checklist"),
            (gettext_lazy("Evidence"), "admin:partnership_evidence_changelist", "attach_file"),
            (gettext_lazy("Documents"), "admin:partnership_document_changelist", "description"),
        ),
    ),
    (
        gettext_lazy("Territory and organisations"),
        (
            (gettext_lazy("Organisations"), "admin:partnership_organisation_changelist", "apartment"),
            (gettext_lazy("Memberships"), "admin:partnership_affiliation_changelist", "hub"),
            (gettext_lazy("Regions"), "admin:partnership_region_changelist", "map"),
            (gettext_lazy("Destinations"), "admin:partnership_destination_changelist", "location_on"),
        ),
    ),
    (
        gettext_lazy("People and access"),
        (
            (gettext_lazy("People"), "admin:partnership_person_changelist", "person"),
            (gettext_lazy("Mandates"), "admin:partnership_mandate_changelist", "badge"),
            (gettext_lazy("Invitations"), "admin:partnership_invitation_changelist", "mail"),
            (gettext_lazy("Accounts"), "admin:accounts_user_changelist", "manage_accounts"),
            (gettext_lazy("Staff roles"), "admin:accounts_user_roles", "shield_person"),
            (gettext_lazy("API accesses"), "admin:partnership_apiclient_changelist", "key"),
        ),
    ),
    (
        gettext_lazy("Follow-up"),
        (
            (gettext_lazy("Reports"), "portal:reports", "lab_profile"),
            (gettext_lazy("Imports"), "portal:imports", "upload_file"),
            (gettext_lazy("Reminders to come"), "admin:forecast", "event_upcoming"),
            (gettext_lazy("Reminders sent"), "admin:core_reminderoccurrence_changelist", "notifications"),
            (gettext_lazy("Audit trail"), "admin:trail", "history"),
        ),
    ),
    (
        gettext_lazy("Personal data"),
        (
            (gettext_lazy("Register of processing"), "admin:privacy_register", "policy"),
            (gettext_lazy("Requests of people"), "admin:core_privacyrequest_changelist", "contact_mail"),
            (gettext_lazy("What will be erased"), "admin:privacy_retention", "auto_delete"),
            (gettext_lazy("Erasures done"), "admin:core_erasure_changelist", "person_off"),
            (gettext_lazy("Receipts of the CNDP"), "admin:core_receipt_changelist", "approval"),
        ),
    ),
    (
        gettext_lazy("System"),
        (
            (gettext_lazy("Outgoing mails"), "admin:core_outboxmail_changelist", "outgoing_mail"),
            (gettext_lazy("Background jobs"), "admin:core_job_changelist", "manufacturing"),
            (gettext_lazy("Public holidays"), "admin:core_holiday_changelist", "calendar_month"),
        ),
    ),
)


def admin_menu(request: HttpRequest) -> list[dict[str, Any]]:
    """The administration's grouped menu. Every role reads everything; its acts are each page's own matter."""
    groups: list[dict[str, Any]] = [{"items": [_admin_item(request, _("Home"), "admin:index", "home", exact=True)]}]
    for title, entries in ADMIN_MENU:
        items = [
            _admin_item(request, label, name, icon, exact=name in {"admin:accounts_user_roles", "admin:privacy_register"})
            for label, name, icon in entries
        ]
        groups.append({"title": title, "separator": True, "collapsible": False, "items": items})
    return groups


def _admin_item(request: HttpRequest, label: _StrOrPromise, name: str, icon: str, *, exact: bool = False) -> dict[str, Any]:
    url = reverse(name)
    active = request.path == url if exact else request.path.startswith(url) and request.path != reverse("admin:accounts_user_roles")
    return {"title": label, "icon": icon, "link": url, "active": active}


def admin_home(request: HttpRequest, context: dict[str, Any]) -> dict[str, Any]:
    """What awaits a decision, the state of the machine and quick links, added to the administration's home."""
    user = cast("User", request.user)
    return context | {"figures": figures(user), "system": system(), "quick_links": quick_links(user), "title": _("Home")}
