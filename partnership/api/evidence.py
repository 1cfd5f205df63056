"""Evidence under a commitment or an action: the same shape and the same form at both addresses."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers
from rest_framework.decorators import action
from rest_framework.response import Response

from core import clock
from core.api.parsers import StrictJSONParser, StrictMultiPartParser
from core.api.serializers import Day, LabelledOutput, Output, StrictInput, Text, Upload
from core.api.shapes import day, instant, known, labelled
from core.api.views import ResourceViewSet
from partnership.api.shapes import OrganisationRefOutput, organisation_columns, organisation_ref, seen
from partnership.choices import TrustLabel
from partnership.models import Document, Evidence
from partnership.services.evidence import EvidenceDraft, add_evidence

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from django.db.models import QuerySet
    from rest_framework.parsers import BaseParser
    from rest_framework.request import Request

PROOF: Final = {
    "title": "Communiqué du 20 mai",
    "fact_on": "2026-05-20",
    "url": "https://example.ma/communique",
}
COLUMNS: Final = (
    "id", "title", "url", "document_seen", "document_id", "fact_on", "received_on", "expires_on", "created_at",
    *organisation_columns("organisation__"),
)  # fmt: skip


class EvidenceOutput(Output):
    """Proof: an address, a document of the portal, or both."""

    id = serializers.UUIDField()
    title = serializers.CharField()
    url = serializers.CharField(allow_null=True)
    document = serializers.UUIDField(allow_null=True, help_text="The document, when the caller may read it.")
    organisation = OrganisationRefOutput(help_text="Who brought it.")
    fact_on = serializers.DateField()
    received_on = serializers.DateField()
    expires_on = serializers.DateField(allow_null=True)
    is_expired = serializers.BooleanField()
    trust = LabelledOutput(help_text="`documented` with a document in the portal, `declared` with an address alone.")
    created_at = serializers.DateTimeField()


class EvidenceFields(StrictInput):
    """Proof by an address."""

    title = Text(max_length=300)
    fact_on = Day(help_text="Date of the fact; not in the future.")
    url = Text(max_length=500, required=False, allow_blank=True, help_text="http:// or https://")
    expires_on = Day(required=False, allow_null=True, help_text="Until when it proves something.")


class EvidenceInput(EvidenceFields):
    """Proof by an address, a file, or both (`multipart/form-data` for a file: pdf, docx, xlsx, png, jpg, csv)."""

    file = Upload(required=False)


def draft_of(values: Mapping[str, Any]) -> EvidenceDraft:
    """The service's draft from a checked body."""
    return EvidenceDraft(
        title=values["title"],
        fact_on=values["fact_on"],
        url=values.get("url", ""),
        upload=values.get("file"),
        expires_on=values.get("expires_on"),
    )


def shape_evidence(row: Mapping[str, Any]) -> dict[str, Any]:
    """A piece of evidence."""
    trust = TrustLabel.DOCUMENTED if row["document_id"] else TrustLabel.DECLARED
    return {
        "id": str(row["id"]),
        "title": row["title"],
        "url": known(row["url"]),
        "document": str(row["document_seen"]) if row["document_seen"] else None,
        "organisation": organisation_ref(row, "organisation__"),
        **{name: day(row[name]) for name in ("fact_on", "received_on", "expires_on")},
        "is_expired": row["expires_on"] is not None and row["expires_on"] < clock.today(),
        "trust": labelled(TrustLabel, trust),
        "created_at": instant(row["created_at"]),
    }


class EvidencedViewSet(ResourceViewSet):
    """A resource whose objects carry evidence; `evidence_of` is the name of evidence's column."""

    evidence_of: str
    paged_actions = frozenset({"list", "evidence"})

    def get_parsers(self) -> list[BaseParser]:
        """Files come as multipart, on the evidence address only."""
        parsers: list[BaseParser] = [StrictJSONParser()]
        if getattr(self, "action", None) == "evidence" or self._is_evidence_address():
            parsers.append(StrictMultiPartParser())
        return parsers

    def _is_evidence_address(self) -> bool:
        # The action is not known yet when the request is wrapped: the router's map of methods tells it.
        actions: dict[str, str] = getattr(self, "action_map", None) or {}
        return "evidence" in actions.values()

    def _evidence(self, id: UUID) -> QuerySet[Any]:
        proofs: QuerySet[Any] = (
            Evidence.objects.visible_to(self.actor)
            .filter(**{f"{self.evidence_of}_id": id})
            .annotate(document_seen=seen(Document.objects.visible_to(self.actor), "document_id"))
        )
        return proofs

    @extend_schema(responses=EvidenceOutput(many=True))
    @action(detail=True, methods=["get"])
    def evidence(self, request: Request, id: UUID) -> Response:
        """The evidence of the object, oldest first."""
        self.version_of(id)
        page = self.paginate_queryset(self._evidence(id).values(*COLUMNS)) or []
        return self.get_paginated_response([shape_evidence(row) for row in page])

    @extend_schema(
        request=EvidenceInput, responses={201: EvidenceOutput}, examples=[OpenApiExample("An address", value=PROOF, request_only=True)]
    )
    @evidence.mapping.post
    def add_evidence(self, request: Request, id: UUID) -> Response:
        """Add a piece of evidence: an address, a file, or both."""

        def create(values: dict[str, Any], _version: Any) -> Response:
            made = add_evidence(**{self.evidence_of: id}, draft=draft_of(values), by=self.actor)
            row = self._evidence(id).values(*COLUMNS).get(id=made.pk)
            return Response(shape_evidence(row), status=201, headers={"Location": request.build_absolute_uri(request.path)})

        return self.add(id, EvidenceInput, create)
