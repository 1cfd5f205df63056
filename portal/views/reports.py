"""Reports asked for from the portal: the catalogue, the request, its progress, its file."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.stepup import fresh_proof
from core.doors import attempt, find_or_404, list_page, show
from core.errors import Conflict
from core.files import serve
from core.jobs import cancel_job, finished_file, kinds, request_job, retry_job
from core.models.job import Job, JobState
from core.reports import FORMAT_LABELS
from partnership.models import Convention
from portal.forms.reports import FORMS, ReportForm
from portal.imports import CATALOGUE as IMPORTS
from portal.reports import CATALOGUE

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from django.http import HttpRequest, HttpResponse
    from django.http.response import HttpResponseBase

    from accounts.models import User
    from core.reports import Report

PAGE = 20
COLOURS = {
    JobState.REQUESTED: "grey",
    JobState.RUNNING: "blue",
    JobState.DONE: "green",
    JobState.FAILED: "red",
    JobState.CANCELLED: "grey",
}
VERBS = {"cancel": cancel_job, "retry": retry_job}


def _catalogue() -> dict[str, Report]:
    return {report.kind: report for report in CATALOGUE}


def _described(jobs: Iterable[Job], *, user: User) -> list[dict[str, Any]]:
    """Jobs with their words: title, convention, format, state. One query, however many."""
    rows, reports, works = list(jobs), _catalogue(), kinds()
    wanted = {job.params.get("convention") for job in rows} - {None}
    conventions = {str(row.pk): row for row in Convention.objects.visible_to(user).filter(pk__in=wanted)}
    return [
        {
            "job": job,
            "title": getattr(works.get(job.kind), "title", job.kind),
            "is_listed": job.kind in reports,
            "convention": conventions.get(job.params.get("convention", "")),
            "format": FORMAT_LABELS.get(job.params.get("format", ""), ""),
            "month": job.params.get("month", ""),
            "state": JobState(job.state).label,
            "colour": COLOURS[JobState(job.state)],
        }
        for job in rows
    ]


@never_cache
@require_GET
def report_list(request: HttpRequest) -> HttpResponse:
    """What can be asked for, and what one asked for or was sent."""
    user = cast("User", request.user)
    page = list_page(request, Job.objects.visible_to(user).filter(kind__in=_catalogue()), ordering=("-created_at", "-id"), size=PAGE)
    available = Convention.objects.of_parties(user).exists()
    context = {
        "reports": [{"report": report, "formats": [FORMAT_LABELS[name] for name in report.formats]} for report in CATALOGUE],
        "available": available,
        "may_import": any(one.may_import(user) for one in IMPORTS),
        "page": page,
        "jobs": _described(page.rows, user=user),
    }
    return render(request, "portal/reports.html", context)


@fresh_proof()
@require_http_methods(["GET", "POST"])
def report_new(request: HttpRequest, kind: str) -> HttpResponse:
    """Ask for a report. A double click gives one report."""
    report = _catalogue().get(kind)
    if report is None:
        raise Http404
    user = cast("User", request.user)
    bound = request.POST if request.method == "POST" else None
    form = FORMS.get(kind, ReportForm)(
        bound, report=report, user=user, initial={name: request.GET[name] for name in ("convention", "filters") if name in request.GET}
    )
    status = 200
    if request.method == "POST":
        outcome = attempt(
            form, request_job, kind=kind, params=lambda _data: form.params(), language=lambda data: data["language"], by=user
        )  # fmt: skip
        if outcome.done and outcome.result is not None:
            return redirect("portal:report_detail", outcome.result.pk)
        status = outcome.status
    return render(request, "portal/report_form.html", {"form": form, "report": report}, status=status)


@never_cache
@require_GET
def report_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """How far a report is. The page asks again by itself; without scripts, it is reloaded."""
    user = cast("User", request.user)
    job = find_or_404(Job.objects.visible_to(user), pk)
    context = {**_described([job], user=user)[0], "is_mine": job.requested_by_id == user.pk}
    return show(request, "portal/report_detail.html", context, part="progress")


@fresh_proof()
@require_GET
def report_file(request: HttpRequest, pk: UUID) -> HttpResponseBase:
    """The file, to whoever may still see what it shows; 404 when it has expired."""
    try:
        job = finished_file(job=pk, by=cast("User", request.user))
    except ObjectDoesNotExist as error:
        raise Http404 from error
    return serve(job.result, filename=job.filename, media_type=job.media_type, sha256=job.sha256, request=request)


@require_POST
def report_act(request: HttpRequest, pk: UUID, slug: str) -> HttpResponse:
    """Cancel a report that is being prepared, or try again one that failed."""
    verb = VERBS.get(slug)
    if verb is None:
        raise Http404
    try:
        verb(job=pk, by=cast("User", request.user))
    except ObjectDoesNotExist as error:
        raise Http404 from error
    except Conflict as refusal:
        messages.warning(request, str(refusal))
    else:
        messages.success(request, _("The report is cancelled.") if slug == "cancel" else _("The report is being prepared again."))
    return redirect("portal:report_detail", pk)
