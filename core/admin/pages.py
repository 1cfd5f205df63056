"""Pages of the administration that belong to no table: what will be sent, and the audit trail."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.contrib import admin
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from core import clock
from core.admin.forms import dress
from core.forms import FilterForm
from core.history import search_trail, tracked_models
from core.reminders import forecast

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

FORECAST_DAYS: Final = 14
TRAIL_LIMIT: Final = 100


def _context(request: HttpRequest, title: str) -> dict[str, Any]:
    return admin.site.each_context(request) | {"title": title}


@require_GET
def forecast_page(request: HttpRequest) -> HttpResponse:
    """The reminders that will leave in the coming fourteen days, day by day, from the rows as they are now."""
    days = [{"day": day, "lines": list(lines)} for day, lines in groupby(forecast(FORECAST_DAYS), key=lambda line: line.day)]
    context = _context(request, _("Reminders to come")) | {"days": days, "count": FORECAST_DAYS}
    return render(request, "core/admin/forecast.html", context)


class TrailForm(FilterForm):
    """What to look for in the audit trail."""

    request_id = forms.CharField(label=gettext_lazy("Request"), required=False, max_length=64)
    actor = forms.CharField(label=gettext_lazy("Author"), required=False, max_length=100)
    kind = forms.ChoiceField(label=gettext_lazy("Kind of object"), required=False)
    about = forms.UUIDField(
        label=gettext_lazy("Object"), required=False, help_text=gettext_lazy("Its identifier, as in the page's address.")
    )
    since = forms.DateField(label=gettext_lazy("From"), required=False)
    until = forms.DateField(label=gettext_lazy("Until"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kinds = [(model._meta.label_lower, str(model._meta.verbose_name)) for model in tracked_models()]
        self.fields["kind"].choices = [("", _("All")), *sorted(kinds, key=lambda pair: pair[1])]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Days that the calendar of the portal holds."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        for name in ("since", "until"):
            day = data.get(name)
            if day is not None and not 2000 <= day.year <= 2100:
                self.add_error(
                    name, _("This date is out of range: years %(first)d to %(last)d are accepted.") % {"first": 2000, "last": 2100}
                )
        return data


@require_GET
def trail_page(request: HttpRequest) -> HttpResponse:
    """The latest recorded changes that answer to the search: by request, author, kind of object, object, days of Casablanca."""
    form = TrailForm(request.GET)
    lines = []
    if form.is_valid():
        given = form.cleaned_data
        lines = search_trail(
            request_id=given["request_id"],
            actor=given["actor"],
            about=given["about"],
            kinds=[model for model in tracked_models() if model._meta.label_lower == given["kind"]],
            since=clock.start_of(given["since"]) if given["since"] else None,
            until=clock.end_of(given["until"]) if given["until"] else None,
            limit=TRAIL_LIMIT,
        )
    shown = [{"line": line, "url": _page_of(line.model, line.about_id)} for line in lines]
    context = _context(request, _("Audit trail")) | {"form": dress(form), "lines": shown, "limit": TRAIL_LIMIT}
    return render(request, "core/admin/trail.html", context)


def _page_of(model: Any, pk: Any) -> str:
    """The history of an object in the administration, where it has one."""
    if pk is None:
        return ""
    try:
        return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_history", args=[pk])
    except NoReverseMatch:
        return ""
