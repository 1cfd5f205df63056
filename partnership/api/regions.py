"""Regions: public."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers

from core.api.parameters import code, modified_since
from core.api.permissions import Public
from core.api.serializers import Output, TranslatedOutput
from core.api.shapes import instant, texts
from core.api.views import ResourceViewSet
from partnership.models import Region

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from django.db.models import QuerySet
    from rest_framework.request import Request
    from rest_framework.response import Response


class RegionOutput(Output):
    """One of the 12 regions of decree 2-15-40."""

    id = serializers.UUIDField()
    code = serializers.RegexField(r"^MA-(0[1-9]|1[0-2])$", help_text="ISO 3166-2.")
    name = TranslatedOutput()
    capital = TranslatedOutput()
    source = serializers.CharField()  # type: ignore[assignment]
    updated_at = serializers.DateTimeField()


class RegionViewSet(ResourceViewSet):
    """The 12 regions of Morocco, with their ISO codes."""

    permission_classes = [Public()]
    queryset = Region.objects.none()
    columns = ("id", "code", "name_fr", "name_ar", "name_en", "capital_fr", "capital_ar", "source", "updated_at")
    orderings = {"code": ("code", "id")}
    filters = (code("code", "code", r"MA-(0[1-9]|1[0-2])", "ISO 3166-2 code."), modified_since())

    def visible(self) -> QuerySet[Any]:
        """All of them: they are public reference data."""
        return Region.objects.all()

    def shape(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """A region."""
        return {
            "id": str(row["id"]),
            "code": row["code"],
            "name": texts(row, "name"),
            "capital": texts(row, "capital"),
            "source": row["source"],
            "updated_at": instant(row["updated_at"]),
        }

    @extend_schema(responses=RegionOutput(many=True))
    def list(self, request: Request) -> Response:
        """The regions."""
        return super().list(request)

    @extend_schema(responses=RegionOutput)
    def retrieve(self, request: Request, id: UUID) -> Response:
        """A region."""
        return super().retrieve(request, id)
