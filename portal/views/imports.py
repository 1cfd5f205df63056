"""Imports: what one may bring, a file's check with everything it found, its application, its undoing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.contrib import messages
from django.core.exceptions import ObjectDoesNotExist
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts.stepup import fresh_proof
from core.doors import attempt, find_or_404, list_page, show
from core.forms import PortalForm
from core.imports import services
from core.imports.content import imports
from core.models import ImportBatch
from core.models.imports import ImportState
from portal.forms.imports import ChoicesForm, UndoForm, UploadForm

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from uuid import UUID

    from django.http import HttpRequest, HttpResponse

    from accounts.models import User
    from core.imports.content import Import
    from core.models import Job

PAGE = 20
COLOURS = {
    ImportState.RECEIVED: "grey",
    ImportState.CHECKED: "blue",
    ImportState.APPLIED: "green",
    ImportState.UNDONE: "amber",
    ImportState.ABANDONED: "grey",
}
# Each act: its service, its form, its words (title, consequences, button).
ACTS: Mapping[str, tuple[Callable[..., Any], type[PortalForm], Any, Any, Any]] = {
    "apply": (
        services.apply_import, PortalForm, gettext_lazy("Write these rows?"),
        gettext_lazy("All of them are written at once, or none. You can undo the import as long as nobody has changed its rows."),
        gettext_lazy("Write the rows"),
    ),
    "undo": (
        services.undo_import, UndoForm, gettext_lazy("Undo this import?"),
        gettext_lazy("What it created is deleted, what it changed is as before; nothing happens if a row was changed or is needed since."),
        gettext_lazy("Undo the import"),
    ),
    "abandon": (
        services.abandon_import, PortalForm, gettext_lazy("Give up this file?"),
        gettext_lazy("The file is deleted and nothing is written."), gettext_lazy("Give up"),
    ),
}  # fmt: skip


def _offered(user: User) -> list[Import]:
    """The kinds open to this person."""
    return [one for one in imports().values() if one.may_import(user)]


def _described(batch: ImportBatch) -> dict[str, Any]:
    """A batch with its words."""
    importer = imports().get(batch.kind)
    state = ImportState(batch.state)
    return {"batch": batch, "title": importer.title if importer else batch.kind, "state": state.label, "colour": COLOURS[state]}


@never_cache
@require_GET
def import_list(request: HttpRequest) -> HttpResponse:
    """What one may import, and one's files."""
    user = cast("User", request.user)
    page = list_page(request, ImportBatch.objects.visible_to(user), ordering=("-created_at", "-id"), size=PAGE)
    offered = _offered(user)
    if not offered and not page.rows:
        raise Http404
    return render(
        request, "portal/imports.html", {"imports": offered, "page": page, "batches": [_described(row) for row in page.rows]}
    )  # fmt: skip


@fresh_proof()
@require_http_methods(["GET", "POST"])
def import_new(request: HttpRequest, kind: str) -> HttpResponse:
    """Bring a file. It is checked at once; nothing is written before one says so."""
    user = cast("User", request.user)
    importer = next((one for one in _offered(user) if one.kind == kind), None)
    if importer is None:
        raise Http404
    form = UploadForm(request.POST or None, request.FILES or None) if request.method == "POST" else UploadForm()
    status = 200
    if request.method == "POST":
        form = UploadForm(request.POST, request.FILES)
        outcome = attempt(
            form, services.open_import, kind=kind, upload=lambda data: data["file"], existing=lambda data: data["existing"], by=user
        )
        if outcome.done and outcome.result is not None:
            return redirect("portal:import_detail", outcome.result.pk)
        status = outcome.status
    context = {"form": form, "importer": importer, "columns": importer.columns(user)}
    return render(request, "portal/import_form.html", context, status=status)


def _job(batch: ImportBatch) -> Job | None:
    """The job that says most now: an undoing, an application, a check."""
    waiting = [job for job in (batch.undo_job, batch.apply_job, batch.check_job) if job is not None and not job.is_finished]
    if waiting:
        return waiting[0]
    by_state = {ImportState.UNDONE: batch.undo_job, ImportState.APPLIED: batch.undo_job or batch.apply_job}
    # A failed application says more than the check before it, as long as nothing else was chosen.
    failed = batch.apply_job if batch.apply_job and batch.apply_job.params.get("revision") == batch.revision else None
    return by_state.get(ImportState(batch.state), failed or batch.check_job)


@never_cache
@require_http_methods(["GET", "POST"])
def import_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """How far a file is, what its check found, and the choices that can be corrected (POST: chosen, checked again)."""
    user = cast("User", request.user)
    batch: ImportBatch = find_or_404(ImportBatch.objects.visible_to(user).select_related("check_job", "apply_job", "undo_job"), pk)
    importer = imports().get(batch.kind)
    if importer is None or not importer.may_import(user):
        raise Http404
    job = _job(batch)
    form, status = None, 200
    if batch.state in {ImportState.RECEIVED, ImportState.CHECKED} and (job is None or job.is_finished or request.method == "POST"):
        form = ChoicesForm(request.POST if request.method == "POST" else None, batch=batch, columns=importer.columns(user))
    if request.method == "POST":
        if form is None:
            return redirect("portal:import_detail", pk)
        outcome = attempt(form, services.choose_in_import, batch=pk, choices=lambda _data: form.choices(), by=user)
        if outcome.done:
            return redirect("portal:import_detail", pk)
        status = outcome.status
    counts = batch.counts
    context = {
        **_described(batch),
        "job": job,
        "form": form,
        "counts": [(label, counts.get(name, 0), colour) for name, label, colour in _counted(batch)] if batch.checked_at else [],
        "more_errors": max(0, counts.get("findings", 0) - len(batch.errors)),
        "may_apply": batch.state == ImportState.CHECKED
        and bool(counts.get("create") or counts.get("update"))
        and (not counts.get("findings") or batch.leaves_errors_out),
        "urls": {slug: reverse("portal:import_act", args=[pk, slug]) for slug in ACTS},
        "acts": {slug: {"title": title, "consequences": what, "submit": submit} for slug, (_s, _f, title, what, submit) in ACTS.items()},
    }
    return show(request, "portal/import_detail.html", context, part="result" if request.method == "GET" else "", status=status)


def _counted(batch: ImportBatch) -> tuple[tuple[str, str, str], ...]:
    written = batch.applied_at is not None
    return (
        ("create", _("created rows") if written else _("to create"), "green"),
        ("update", _("changed rows") if written else _("to change"), "blue"), ("same", _("unchanged"), ""),
        ("skip", _("left as they are"), ""),
        ("error", _("with errors"), "red"),
    )  # fmt: skip


@require_http_methods(["GET", "POST"])
def import_act(request: HttpRequest, pk: UUID, slug: str) -> HttpResponse:
    """Apply, undo or give up: asks (GET), then does (POST). A refusal stays on the page with its reason."""
    user = cast("User", request.user)
    batch: ImportBatch = find_or_404(ImportBatch.objects.visible_to(user), pk)
    importer = imports().get(batch.kind)
    if slug not in ACTS or importer is None or not importer.may_import(user):
        raise Http404
    service, form_class, title, consequences, submit = ACTS[slug]
    form, status = form_class(), 200
    if request.method == "POST":
        form = form_class(request.POST)
        given = {"reason": lambda data: data["reason"]} if slug == "undo" else {}
        outcome = attempt(form, service, batch=pk, by=user, **given)
        if outcome.done:
            if slug == "abandon":
                messages.success(request, _("The file is deleted; nothing was written."))
                return redirect("portal:imports")
            return redirect("portal:import_detail", pk)
        status = outcome.status
    context = {
        "batch": batch, "form": form, "title": title, "consequences": consequences, "submit": submit, "danger": slug != "apply",
        "back": reverse("portal:import_detail", args=[pk]),
    }  # fmt: skip
    return render(request, "portal/import_act.html", context, status=status)


@require_POST
def import_stop(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Stop the check, the application or the undoing under way: nothing of it stays."""
    from core.jobs import cancel_job

    user = cast("User", request.user)
    batch: ImportBatch = find_or_404(ImportBatch.objects.visible_to(user).select_related("check_job", "apply_job", "undo_job"), pk)
    job = _job(batch)
    try:
        if job is not None and not job.is_finished:
            cancel_job(job=job.pk, by=user)
            messages.success(request, _("It is stopped; nothing was written."))
    except ObjectDoesNotExist as error:
        raise Http404 from error
    return redirect("portal:import_detail", pk)
