"""Documents and their versions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminFileFieldWidget

from core.admin.base import BaseAdmin, ReadOnlyInline
from core.admin.forms import ReasonedForm, ServiceForm
from core.forms import UploadField
from partnership.acts import DOCUMENT_ACTS
from partnership.forms.acts import ACCEPTED
from partnership.models import Document, DocumentVersion
from partnership.permissions.ledger import can_change_document, manages_conventions
from partnership.services import documents

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import Model, QuerySet
    from django.http import HttpRequest

    from core.acts import Act


class UploadingForm(ReasonedForm):
    """A document and its first version."""

    upload = UploadField(label=_("File"), accept=ACCEPTED, widget=UnfoldAdminFileFieldWidget)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding:
            self.fields.pop("upload", None)


class VersionInline(ReadOnlyInline):
    """Every version, the latest first."""

    model = DocumentVersion
    fields = ("number", "shown_file", "size", "scan_state", "uploaded_by", "note", "created_at")
    readonly_fields = ("shown_file", "created_at")
    show_change_link = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[DocumentVersion]:
        """With who sent them."""
        rows: QuerySet[DocumentVersion] = super().get_queryset(request).select_related("uploaded_by", "document")
        return rows

    @admin.display(description=_("file"))
    def shown_file(self, obj: DocumentVersion) -> str:
        """Opened through the portal, which checks who asks."""
        if obj.document.removed_at is not None:
            return obj.filename
        url = reverse("partnership:document_version", args=[obj.document_id, obj.number])
        return format_html('<a class="link" href="{}">{}</a>', url, obj.filename)


@admin.register(Document)
class DocumentAdmin(BaseAdmin):
    """Kept by convention managers for any organisation; versions, removal and restoration are acts."""

    form = UploadingForm
    acts = DOCUMENT_ACTS
    bulk_acts = ("remove", "restore")
    act_related = ("organisation", "convention")
    inlines = (VersionInline,)
    list_display = ("title", "kind", "organisation", "convention", "visibility", "created_at", "removed_at")
    list_filter = ("kind", "visibility", ("removed_at", admin.EmptyFieldListFilter), "convention")
    list_select_related = ("organisation", "convention")
    search_fields = ("search_key", "organisation__search_key")
    ordering = ("-created_at", "id")
    autocomplete_fields = ("organisation", "convention")
    add_fieldsets = ((None, {"fields": ("organisation", "convention", "title", "kind", "visibility", "upload")}),)
    fieldsets = ((None, {"fields": ("organisation", "convention", "title", "kind", "visibility", "removed_at")}),)

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Sequence[str]:
        """Whose it is, and under which convention, stays."""
        return ("organisation", "convention", "removed_at") if obj is not None else ()

    def may_add(self, user: Any) -> bool:
        """Convention managers."""
        return manages_conventions(user)

    def may_change(self, user: Any, obj: Any = None) -> bool:
        """Convention managers, unless it is removed."""
        if obj is None:
            return manages_conventions(user)
        return obj.removed_at is None and can_change_document(user, obj)

    def may_act(self, user: Any) -> bool:
        """Convention managers."""
        return manages_conventions(user)

    def possible(self, user: Any, obj: Document) -> list[Act]:
        """A removed document can only be restored."""
        removed = obj.removed_at is not None
        return [act for act in self.acts if (act.slug == "restore") == removed and act.can(user, obj)]

    def create(self, user: Any, form: ServiceForm) -> Document:
        """Keep the file."""
        return documents.add_document(**form.values, by=user)

    def update(self, user: Any, obj: Document, form: ServiceForm) -> Document:
        """Change what was typed."""
        return documents.update_document(
            document=obj.pk, changes=form.changes, by=user, reason=form.reason, version=form.cleaned_data["version"]
        )
