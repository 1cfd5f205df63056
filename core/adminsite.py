"""The administration as a site: who enters, and the pages that belong to no table."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.http import Http404
from django.shortcuts import redirect
from django.urls import path
from unfold.sites import UnfoldAdminSite

from core.rights import can_read_administration

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from django.urls import URLPattern, URLResolver


class Site(UnfoldAdminSite):  # type: ignore[misc]  # unfold has no types
    """Entered by staff who hold a role, through the front door alone: it has no sign-in, no password page of its own."""

    def extra_urls(self) -> list[URLPattern]:
        """The pages about the machine itself."""
        from core.admin import pages, privacy

        return [
            path("privacy/", self.admin_view(privacy.register_page), name="privacy_register"),
            path("privacy/retention/", self.admin_view(privacy.retention_page), name="privacy_retention"),
            path("reminders/", self.admin_view(pages.forecast_page), name="forecast"),
            path("trail/", self.admin_view(pages.trail_page), name="trail"),
        ]

    def has_permission(self, request: HttpRequest) -> bool:
        """Active staff with a role."""
        return can_read_administration(request.user)

    def login(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """To the front door; for whoever is signed in and may not enter, the administration does not exist."""
        if request.user.is_authenticated:
            raise Http404
        return redirect(settings.LOGIN_URL)

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Passwords are changed at the front door."""
        raise Http404

    def password_change_done(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """As for changing it."""
        raise Http404

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Without the shortcut to an object's public page: it looks an id up in any table that an address names, and none is linked."""
        found: list[URLPattern | URLResolver] = super().get_urls()
        return [route for route in found if getattr(route, "name", "") != "view_on_site"]

    def search(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The menu's search; a page number that is none is the first one."""
        if not request.GET.get("page", "1").isdecimal():
            query = request.GET.copy()
            query["page"] = "1"
            request.GET = query  # type: ignore[assignment]
        answer: HttpResponse = super().search(request, extra_context)
        return answer
