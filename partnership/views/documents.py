"""Documents: their page, their versions, their files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from core.doors import act_or_404, attempt, find_or_404
from core.errors import Conflict
from core.files import serve
from partnership.forms.documents import DocumentForm
from partnership.forms.records import RecordReasonForm, VersionForm
from partnership.models import Convention, Document
from partnership.permissions import ledger as may
from partnership.services import documents

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest, HttpResponse
    from django.http.response import HttpResponseBase

    from accounts.models import User


def _document(request: HttpRequest, pk: UUID) -> Document:
    rows = Document.objects.visible_to(cast("User", request.user)).select_related("organisation", "convention")
    return cast("Document", find_or_404(rows, pk))


@require_GET
def document_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One document with its versions."""
    document = _document(request, pk)
    user = cast("User", request.user)
    context = {
        "document": document,
        "versions": document.versions.select_related("uploaded_by"),
        "may_change": may.can_change_document(user, document),
        "version_form": VersionForm(),
    }
    return render(request, "partnership/document_detail.html", context)


@require_GET
def document_version(request: HttpRequest, pk: UUID, number: int | None = None) -> HttpResponseBase:
    """The file of a version (the latest by default), as an attachment."""
    document = _document(request, pk)
    versions = document.versions.all() if number is None else document.versions.filter(number=number)
    version = versions.first()
    if version is None or not version.is_readable:
        raise Http404
    return serve(version.file, filename=version.filename, media_type=version.media_type, sha256=version.sha256, request=request)


@require_http_methods(["POST"])
def version_add(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Add a version to a document; the earlier ones stay."""
    document = _document(request, pk)
    user = cast("User", request.user)
    if not may.can_change_document(user, document):
        raise PermissionDenied
    form = VersionForm(request.POST, request.FILES)
    outcome = attempt(form, lambda **given: documents.add_version(document=document.pk, **form.arguments(), **given), by=user)
    if outcome.done:
        messages.success(request, _("The new version is stored; the earlier ones stay readable."))
        return redirect("partnership:document_detail", document.pk)
    context = {
        "document": document,
        "versions": document.versions.select_related("uploaded_by"),
        "may_change": may.can_change_document(user, document),
        "version_form": form,
    }
    return render(request, "partnership/document_detail.html", context, status=outcome.status)


@require_http_methods(["GET", "POST"])
def document_add(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Add a document to a convention, for one of the organisations the user acts for."""
    user = cast("User", request.user)
    convention = find_or_404(Convention.objects.of_parties(user).prefetch_related("parties__organisation"), pk)
    owners = [party.organisation for party in convention.parties.all() if may.can_add_document(user, party.organisation_id)]
    if not owners:
        raise PermissionDenied
    form = DocumentForm(request.POST or None, request.FILES or None, owners=owners, may_publish=may.can_publish_document(user))
    status = 200
    if request.method == "POST":
        given: dict[str, Any] = {"convention": convention.pk, "attached_to": convention, "by": user}
        outcome = attempt(form, lambda **more: documents.add_document(**form.arguments(), **more), **given)
        if outcome.done:
            messages.success(request, _("The document is stored."))
            return redirect(f"{reverse('partnership:convention_detail', args=[convention.pk])}?part=documents")
        status = outcome.status
    return render(request, "partnership/document_form.html", {"form": form, "convention": convention}, status=status)


@require_http_methods(["GET", "POST"])
def document_remove(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Remove a document from view, with a reason; it can be restored."""
    document = _document(request, pk)
    user = cast("User", request.user)
    if not may.can_change_document(user, document):
        raise PermissionDenied
    form = RecordReasonForm(request.POST if request.method == "POST" else None)
    status = 200
    if request.method == "POST":
        outcome = attempt(form, documents.remove_document, document=document.pk, reason=lambda d: d["reason"], by=user)
        if outcome.done:
            return render(request, "partnership/document_removed.html", {"document": document})
        status = outcome.status
    return render(request, "partnership/document_remove.html", {"form": form, "document": document}, status=status)


@require_http_methods(["POST"])
def document_restore(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Put a removed document back."""
    try:
        with act_or_404():
            documents.restore_document(document=pk, by=cast("User", request.user))
    except Conflict as refusal:  # asked twice: it is back already
        messages.warning(request, str(refusal))
    else:
        messages.success(request, _("The document is back."))
    return redirect("partnership:document_detail", pk)
