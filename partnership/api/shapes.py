"""What several resources of the partnership have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import OuterRef, Subquery
from rest_framework import serializers

from core.api.serializers import Output, TranslatedOutput
from core.api.shapes import texts

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.db.models import QuerySet


class OrganisationRefOutput(Output):
    """An organisation, named."""

    id = serializers.UUIDField()
    name = TranslatedOutput()
    acronym = serializers.CharField(allow_null=True)


def organisation_columns(prefix: str) -> tuple[str, ...]:
    """What `organisation_ref` reads, behind this relation."""
    return tuple(f"{prefix}{name}" for name in ("id", "name_fr", "name_ar", "acronym"))


def organisation_ref(row: Mapping[str, Any], prefix: str) -> dict[str, Any]:
    """An organisation by its names."""
    return {
        "id": str(row[f"{prefix}id"]),
        "name": texts(row, f"{prefix}name"),
        "acronym": row[f"{prefix}acronym"] or None,
    }


def seen(visible: QuerySet[Any], column: str) -> Subquery:
    """The id in `column` when the object behind it is visible, else null: a relation never tells of what is hidden."""
    return Subquery(visible.filter(pk=OuterRef(column)).order_by().values("pk")[:1])
