"""Personal data: the register for everybody, and for each person one's own data and rights."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.conf import settings
from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.public import public
from core.doors import attempt, show
from core.errors import Refusal
from core.jobs import request_job
from core.models import Job, PrivacyRequest
from core.privacy import register, requests
from core.privacy.export import MyData
from portal.forms.privacy import RightsForm

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from accounts.models import User


@public
@require_GET
def privacy(request: HttpRequest) -> HttpResponse:
    """The register in plain words, the rights, and how to use them."""
    context = {"entries": register.entries(), "controller": register.controller(), "contact": settings.PRIVACY_CONTACT}
    return render(request, "portal/privacy.html", context)


def _context(user: User, form: RightsForm) -> dict[str, Any]:
    job = Job.objects.visible_to(user).filter(requested_by=user.pk, kind=MyData.kind).order_by("-created_at", "-id").first()
    mine = PrivacyRequest.objects.visible_to(user).filter(user=user).order_by("-created_at", "-id")
    return {"job": job, "requests": mine, "form": form, "days": requests.ANSWER_WORKING_DAYS}


@never_cache
@require_http_methods(["GET", "POST"])
def my_data(request: HttpRequest) -> HttpResponse:
    """One's data: download them, ask for a rectification, an erasure, or object. A POST asks."""
    user = cast("User", request.user)
    form = RightsForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        outcome = attempt(form, requests.ask, kind=lambda data: data["kind"], words=lambda data: data["words"], by=user)
        if outcome.done:
            messages.success(request, _("Your request is sent. You will be told of the answer."))
            return redirect("portal:my_data")
        status = outcome.status
    return show(request, "portal/my_data.html", _context(user, form), part="" if request.method == "POST" else "archive", status=status)


@require_POST
def my_data_archive(request: HttpRequest) -> HttpResponse:
    """Ask for the archive of one's data; a double click gives one archive."""
    try:
        request_job(kind=MyData.kind, params={}, by=cast("User", request.user))
    except Refusal as refusal:
        messages.warning(request, str(refusal.message))
    return redirect("portal:my_data")
