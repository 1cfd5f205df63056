"""Puts on the request's user the organisation chosen with the organisation switch."""

from __future__ import annotations

from typing import TYPE_CHECKING

from core.wall import elevated
from partnership.models import Mandate

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

SESSION_KEY = "acting_mandate"


class ActingMandate:
    """Sets `request.mandates` (those that hold today) and `request.mandate` (the chosen one), in one query."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Static files and the probes of the machines are left alone: they have no person to read."""
        request.mandates = ()  # type: ignore[attr-defined]
        request.mandate = None  # type: ignore[attr-defined]
        user = request.user
        if user.is_authenticated and not request.path.startswith(("/static/", "/healthz", "/metrics")):
            with elevated("the mandates of whoever signed in say what the request may read"):
                mandates = tuple(
                    Mandate.objects.current()
                    .filter(person__user_id=user.pk)
                    .select_related("organisation", "person")
                    .order_by("organisation__sort_key")
                )
            user._organisation_ids = frozenset(mandate.organisation_id for mandate in mandates)  # type: ignore[attr-defined]
            chosen = request.session.get(SESSION_KEY)
            mandate = next((m for m in mandates if str(m.pk) == chosen), mandates[0] if mandates else None)
            request.mandates = mandates  # type: ignore[attr-defined]
            request.mandate = mandate  # type: ignore[attr-defined]
            if mandate is not None:
                user.acting_organisation_id = mandate.organisation_id
        return self.get_response(request)
