"""What one was told, what one will be told, and how one wants it."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Final, cast
from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.db.models import Case, IntegerField, Value, When
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from core import clock, mail, reminders
from core.doors import attempt, list_page, show
from core.models import Notification, Preference
from core.privacy.messages import MESSAGES as PRIVACY
from core.reminders import RemindersLate
from partnership.notifications import ledger, organisations
from partnership.notifications.reports import ReportReady
from partnership.reminders import MESSAGES as REMINDERS
from portal.forms.preferences import PreferencesForm

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.http import HttpRequest, HttpResponse
    from django.utils.functional import _StrPromise

    from accounts.models import User
    from core.mail import Message

PAGE = 30
FORECAST_DAYS = 14

# Every kind of message a person may receive, in the order of the preferences page.
GROUPS: Final[Sequence[tuple[_StrPromise, Sequence[type[Message]]]]] = (
    (gettext_lazy("Commitments and actions"), ledger.MESSAGES),
    (gettext_lazy("Organisations and people"), organisations.MESSAGES),
    (gettext_lazy("Reminders"), (*REMINDERS, RemindersLate)),
    (gettext_lazy("Reports"), (ReportReady,)),
    (gettext_lazy("Personal data"), PRIVACY),
)


# -- what one was told ---------------------------------------------------------------------------------------------------
@require_GET
def notification_list(request: HttpRequest) -> HttpResponse:
    """One's notifications by day, the unread ones first."""
    user = cast("User", request.user)
    unread_first = Case(When(read_at=None, then=Value(0)), default=Value(1), output_field=IntegerField())
    rows = Notification.objects.visible_to(user).annotate(is_read=unread_first)
    page = list_page(request, rows, ordering=("is_read", "-created_at", "-id"), size=PAGE)
    # A day of unread ones may stand again further down with those read: they are two groups.
    days = [
        {"is_read": is_read, "day": day, "rows": list(group)}
        for (is_read, day), group in groupby(page.rows, key=lambda row: (row.read_at is not None, clock.civil_date(row.created_at)))
    ]
    unread = any(not group["is_read"] for group in days)
    return show(request, "portal/notifications.html", {"page": page, "days": days, "unread": unread, "today": clock.today()})


@require_GET
def notification_open(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Mark one's notification as read and go to what it speaks of."""
    user = cast("User", request.user)
    row = Notification.objects.visible_to(user).filter(pk=pk).first()
    if row is None:
        raise Http404
    mail.mark_read(by=user, notifications=[row.pk])
    if row.url.startswith("/") and url_has_allowed_host_and_scheme(row.url, allowed_hosts=None):
        return redirect(row.url)
    return redirect("portal:notifications")


@require_POST
def notifications_read(request: HttpRequest) -> HttpResponse:
    """Mark as read the notification named (`id`), or all."""
    user = cast("User", request.user)
    wanted = request.POST.getlist("id")
    if wanted:
        rows = Notification.objects.visible_to(user).filter(pk__in=[pk for pk in map(_uuid, wanted) if pk])
        count = mail.mark_read(by=user, notifications=list(rows.values_list("pk", flat=True)))
    else:
        count = mail.mark_read(by=user)
    sentence = ngettext("%(count)d notification marked as read.", "%(count)d notifications marked as read.", count)
    messages.success(request, sentence % {"count": count})
    return redirect("portal:notifications")


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


# -- what one will be told -----------------------------------------------------------------------------------------------
@require_GET
def forecast(request: HttpRequest) -> HttpResponse:
    """The reminders that will leave for this person in the next 14 days, from the rows as they are now."""
    planned = reminders.forecast(days=FORECAST_DAYS, user=request.user)
    days = [{"day": day, "lines": list(lines)} for day, lines in groupby(planned, key=lambda line: line.day)]
    return render(request, "portal/forecast.html", {"days": days, "count": len(planned), "today": clock.today(), "span": FORECAST_DAYS})


# -- how one wants it ----------------------------------------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
def preferences(request: HttpRequest) -> HttpResponse:
    """Choose, kind by kind, between a mail at once, the mail of the day and no mail."""
    user = cast("User", request.user)
    chosen: dict[str, str] = dict(Preference.objects.filter(user=user).values_list("kind", "delivery"))
    every = [message for _label, group in GROUPS for message in group]
    form = PreferencesForm(request.POST if request.method == "POST" else None, messages=every, chosen=chosen)
    status = 200
    if request.method == "POST":
        outcome = attempt(form, _choose, user=user, choices=lambda _data: form.chosen())
        if outcome.done:
            messages.success(request, _("Your choices are saved."))
            return redirect("portal:preferences")
        status = outcome.status
    groups = [{"label": label, "fields": [form[message.kind] for message in group]} for label, group in GROUPS]
    return render(request, "portal/preferences.html", {"form": form, "groups": groups}, status=status)


@transaction.atomic
def _choose(*, user: User, choices: Mapping[type[Message], str]) -> None:
    """All of the page's choices, or none."""
    for message, delivery in choices.items():
        mail.set_preference(user=user, message=message, delivery=delivery, by=user)
