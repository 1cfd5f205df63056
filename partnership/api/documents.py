"""Documents and their versions, with the files themselves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext_lazy as _
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response

from core.api.parameters import choice, modified_since, reference
from core.api.parsers import StrictJSONParser, StrictMultiPartParser
from core.api.permissions import Scoped
from core.api.serializers import LabelledOutput, Output, StrictInput, Text, Upload
from core.api.shapes import instant, known, labelled, uuid
from core.api.views import ResourceViewSet
from core.errors import Conflict
from core.files import serve
from partnership.api.shapes import OrganisationRefOutput, organisation_columns, organisation_ref, seen
from partnership.choices import DocumentKind, ScanState, Visibility
from partnership.models import Convention, Document, DocumentVersion
from partnership.services.documents import add_document, add_version

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from django.db.models import QuerySet
    from django.http import HttpResponseBase
    from rest_framework.parsers import BaseParser
    from rest_framework.request import Request

VERSION_COLUMNS: Final = ("id", "document_id", "number", "filename", "media_type", "size", "sha256", "scan_state", "note", "created_at")


class VersionOutput(Output):
    """One content of a document."""

    number = serializers.IntegerField()
    filename = serializers.CharField()
    media_type = serializers.CharField()
    size = serializers.IntegerField(help_text="Bytes.")
    sha256 = serializers.CharField()
    scan = LabelledOutput(help_text="Virus scan; only `clean` and `not_scanned` can be downloaded.")
    note = serializers.CharField(allow_null=True)
    file = serializers.CharField(help_text="Address of the file itself.")
    created_at = serializers.DateTimeField()


class DocumentOutput(Output):
    """A document; its content is its latest version."""

    id = serializers.UUIDField()
    organisation = OrganisationRefOutput(help_text="The owner.")
    convention = serializers.UUIDField(allow_null=True)
    title = serializers.CharField()
    kind = LabelledOutput()
    visibility = LabelledOutput()
    latest = VersionOutput(allow_null=True)
    created_at = serializers.DateTimeField()
    updated_at = serializers.DateTimeField()


class DocumentInput(StrictInput):
    """A new document with its first version: pdf, docx, xlsx, png, jpg or csv, at most 10 MB."""

    organisation = serializers.UUIDField(help_text="The owner: one that the caller acts for.")
    convention = serializers.UUIDField(required=False)
    title = Text(max_length=300)
    kind = serializers.ChoiceField(DocumentKind.choices, required=False)
    visibility = serializers.ChoiceField(Visibility.choices, required=False)
    file = Upload()


class VersionInput(StrictInput):
    """A new content; earlier ones stay readable."""

    note = Text(max_length=300, required=False, allow_blank=True, help_text="What changed.")
    file = Upload()


class DocumentViewSet(ResourceViewSet):
    """The documents that the caller may read, by their visibility."""

    permission_classes = [Scoped("documents")]
    queryset = Document.objects.none()
    paged_actions = frozenset({"list", "versions"})
    child_ordering = ("-number",)
    adding_actions = frozenset({"create"})
    columns = (
        "id", "title", "kind", "visibility", "convention_seen", "created_at", "updated_at", *organisation_columns("organisation__"),
    )  # fmt: skip
    orderings = {"-created_at": ("-id",), "created_at": ("id",)}
    filters = (
        reference("convention", "The convention.", column="convention_seen"),
        reference("organisation", "The owner."),
        choice("kind", DocumentKind, "Kind, or several separated by commas."),
        choice("visibility", Visibility, "Visibility, or several separated by commas."),
        modified_since(),
    )

    def get_parsers(self) -> list[BaseParser]:
        """Files come as multipart and nothing else; other addresses take no body."""
        return [StrictMultiPartParser()] if self.request is None or self.request.method == "POST" else [StrictJSONParser()]

    def perform_content_negotiation(self, request: Request, force: bool = False) -> Any:
        """A file is what it is, whatever the caller prefers."""
        if getattr(self, "action", None) == "file":
            return JSONRenderer(), "application/json"
        return super().perform_content_negotiation(request, force)

    def visible(self) -> QuerySet[Any]:
        """By visibility; removed ones are gone."""
        rows: QuerySet[Any] = (
            Document.objects.visible_to(self.actor)
            .present()
            .annotate(convention_seen=seen(Convention.objects.visible_to(self.actor), "convention_id"))
        )
        return rows

    def shape_all(self, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """The documents of a page with their latest version, in one query more."""
        newest = DocumentVersion.objects.filter(document__in=[row["id"] for row in rows]).order_by("document_id", "-number")
        latest = {row["document_id"]: row for row in newest.distinct("document_id").values(*VERSION_COLUMNS)}
        return [{**self.shape(row), "latest": self.shape_version(latest[row["id"]]) if row["id"] in latest else None} for row in rows]

    def shape(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """A document without its latest version."""
        return {
            "id": str(row["id"]),
            "organisation": organisation_ref(row, "organisation__"),
            "convention": uuid(row["convention_seen"]),
            "title": row["title"],
            "kind": labelled(DocumentKind, row["kind"]),
            "visibility": labelled(Visibility, row["visibility"]),
            "created_at": instant(row["created_at"]),
            "updated_at": instant(row["updated_at"]),
        }

    def shape_version(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """A version."""
        path = self.reverse_action("file", kwargs={"id": row["document_id"], "number": row["number"]})
        return {
            **{name: row[name] for name in ("number", "filename", "media_type", "size", "sha256")},
            "scan": labelled(ScanState, row["scan_state"]),
            "note": known(row["note"]),
            "file": path,
            "created_at": instant(row["created_at"]),
        }

    @extend_schema(responses=DocumentOutput(many=True))
    def list(self, request: Request) -> Response:
        """The documents that the caller may read."""
        return super().list(request)

    @extend_schema(responses=DocumentOutput)
    def retrieve(self, request: Request, id: UUID) -> Response:
        """A document with its latest version."""
        return super().retrieve(request, id)

    @extend_schema(request={"multipart/form-data": DocumentInput}, responses={201: DocumentOutput})
    def create(self, request: Request) -> Response:
        """Add a document with its first version."""

        def act() -> Response:
            values = self.parse(DocumentInput)
            made = add_document(upload=values.pop("file"), **values, by=self.actor)
            response = self.represent(made.pk, status=201)
            response["Location"] = self.reverse_action("detail", kwargs={"id": made.pk})
            return response

        return self.guarded(act)

    @extend_schema(responses=VersionOutput(many=True))
    @action(detail=True, methods=["get"])
    def versions(self, request: Request, id: UUID) -> Response:
        """The versions of a document, newest first."""
        self.version_of(id)
        rows = DocumentVersion.objects.filter(document=id).values(*VERSION_COLUMNS)
        page = self.paginate_queryset(rows) or []
        return self.get_paginated_response([self.shape_version(row) for row in page])

    @extend_schema(request={"multipart/form-data": VersionInput}, responses={201: VersionOutput})
    @versions.mapping.post
    def add_version(self, request: Request, id: UUID) -> Response:
        """Add a version."""

        def service(values: dict[str, Any], version: Any) -> Response:
            made = add_version(document=id, upload=values["file"], note=values.get("note", ""), by=self.actor, version=version)
            row = DocumentVersion.objects.values(*VERSION_COLUMNS).get(pk=made.pk)
            body = self.shape_version(row)
            return Response(body, status=201, headers={"Location": body["file"]})

        return self.add(id, VersionInput, service)

    @extend_schema(responses={(200, "*/*"): OpenApiTypes.BINARY})
    @action(detail=True, methods=["get"], url_path="versions/<int:number>/file")
    def file(self, request: Request, id: UUID, number: int) -> HttpResponseBase:
        """The file of a version, always as an attachment."""
        self.version_of(id)
        kept = DocumentVersion.objects.get(document=id, number=number)
        if not kept.is_readable:
            raise Conflict(_("This file cannot be downloaded: its virus scan is not done, or found something."), code="not_scanned")
        return serve(kept.file, filename=kept.filename, media_type=kept.media_type, sha256=kept.sha256, request=request._request)
