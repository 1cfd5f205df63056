"""Conventions and their axes: the published ones are public, the others are their parties'."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers

from core.api.parameters import choice, modified_since, reference
from core.api.permissions import Public
from core.api.serializers import LabelledOutput, Output, TranslatedOutput
from core.api.shapes import day, instant, known, labelled, texts, uuid
from core.api.views import ResourceViewSet
from partnership.api.shapes import OrganisationRefOutput, organisation_columns, organisation_ref, seen
from partnership.choices import ConventionKind, ConventionStatus, Renewal, Visibility
from partnership.models import Axis, Convention, Party

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from uuid import UUID

    from django.db.models import QuerySet
    from rest_framework.request import Request
    from rest_framework.response import Response


class PartyOutput(Output):
    """An organisation in the convention, and who signed for it."""

    id = serializers.UUIDField(help_text="The party: what the commitments name as obligor and beneficiary.")
    organisation = OrganisationRefOutput()
    signatory = serializers.CharField(allow_null=True)
    quality = serializers.CharField(allow_null=True)
    signed_on = serializers.DateField(allow_null=True)


class ConventionOutput(Output):
    """An agreement. What is not known (duration, renewal, notice) is null."""

    id = serializers.UUIDField()
    reference = serializers.CharField()
    kind = LabelledOutput()
    parent = serializers.UUIDField(allow_null=True)  # type: ignore[assignment]
    title = TranslatedOutput()
    object = TranslatedOutput()
    place = serializers.CharField(allow_null=True)
    signed_on = serializers.DateField(allow_null=True)
    effective_on = serializers.DateField(allow_null=True)
    ends_on = serializers.DateField(allow_null=True)
    closed_on = serializers.DateField(allow_null=True)
    renewal = LabelledOutput(allow_null=True)
    notice_days = serializers.IntegerField(allow_null=True)
    visibility = LabelledOutput()
    state = LabelledOutput()
    source = serializers.CharField(allow_null=True)  # type: ignore[assignment]
    parties = PartyOutput(many=True)
    updated_at = serializers.DateTimeField()


class AxisOutput(Output):
    """A strand of a convention."""

    id = serializers.UUIDField()
    convention = serializers.UUIDField()
    code = serializers.CharField()
    order = serializers.IntegerField()
    title = TranslatedOutput()
    object = TranslatedOutput()
    updated_at = serializers.DateTimeField()


class ConventionViewSet(ResourceViewSet):
    """Conventions. Anybody reads the published ones; a party reads its own, once they leave the draft."""

    permission_classes = [Public("conventions")]
    queryset = Convention.objects.none()
    columns = (
        "id", "reference", "kind", "parent_seen", "title_fr", "title_ar", "title_en", "object_fr", "object_ar", "object_en", "place",
        "signed_on", "effective_on", "ends_on", "closed_on", "renewal", "notice_days", "visibility", "status", "source", "updated_at",
    )  # fmt: skip
    orderings = {"-created_at": ("-id",), "created_at": ("id",), "reference": ("reference", "id")}
    filters = (
        choice("state", ConventionStatus, "State, or several separated by commas.", column="status"),
        choice("kind", ConventionKind, "Framework or specific."),
        reference("parent", "The framework convention.", column="parent_seen"),
        modified_since(),
    )

    def visible(self) -> QuerySet[Any]:
        """The published ones, and those of the caller."""
        conventions: QuerySet[Any] = Convention.objects.visible_to(self.actor)
        rows: QuerySet[Any] = conventions.annotate(parent_seen=seen(conventions, "parent_id"))
        return rows

    def shape_all(self, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """The conventions of a page with their parties, in one query more."""
        columns = ("id", "convention_id", "signatory", "quality", "signed_on", *organisation_columns("organisation__"))
        parties: dict[UUID, list[dict[str, Any]]] = defaultdict(list)
        for party in Party.objects.filter(convention__in=[row["id"] for row in rows]).order_by("order", "id").values(*columns):
            parties[party["convention_id"]].append(
                {
                    "id": str(party["id"]),
                    "organisation": organisation_ref(party, "organisation__"),
                    "signatory": known(party["signatory"]),
                    "quality": known(party["quality"]),
                    "signed_on": day(party["signed_on"]),
                }
            )
        return [{**self.shape(row), "parties": parties[row["id"]]} for row in rows]

    def shape(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """A convention without its parties."""
        return {
            "id": str(row["id"]),
            "reference": row["reference"],
            "kind": labelled(ConventionKind, row["kind"]),
            "parent": uuid(row["parent_seen"]),
            "title": texts(row, "title"),
            "object": texts(row, "object"),
            "place": known(row["place"]),
            **{name: day(row[name]) for name in ("signed_on", "effective_on", "ends_on", "closed_on")},
            "renewal": labelled(Renewal, row["renewal"]),
            "notice_days": row["notice_days"],
            "visibility": labelled(Visibility, row["visibility"]),
            "state": labelled(ConventionStatus, row["status"]),
            "source": known(row["source"]),
            "updated_at": instant(row["updated_at"]),
        }

    @extend_schema(responses=ConventionOutput(many=True))
    def list(self, request: Request) -> Response:
        """The conventions that the caller may read."""
        return super().list(request)

    @extend_schema(responses=ConventionOutput)
    def retrieve(self, request: Request, id: UUID) -> Response:
        """A convention with its parties."""
        return super().retrieve(request, id)


class AxisViewSet(ResourceViewSet):
    """The axes (volets) of the conventions that the caller may read."""

    permission_classes = [Public("conventions")]
    queryset = Axis.objects.none()
    columns = (
        "id", "convention_id", "code", "order", "title_fr", "title_ar", "title_en", "object_fr", "object_ar", "object_en", "updated_at",
    )  # fmt: skip
    orderings = {"created_at": ("id",), "-created_at": ("-id",)}
    filters = (reference("convention", "The convention."), modified_since())

    def visible(self) -> QuerySet[Any]:
        """As their convention."""
        rows: QuerySet[Any] = Axis.objects.visible_to(self.actor)
        return rows

    def shape(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """An axis."""
        return {
            "id": str(row["id"]),
            "convention": str(row["convention_id"]),
            "code": row["code"],
            "order": row["order"],
            "title": texts(row, "title"),
            "object": texts(row, "object"),
            "updated_at": instant(row["updated_at"]),
        }

    @extend_schema(responses=AxisOutput(many=True))
    def list(self, request: Request) -> Response:
        """The axes of the conventions that the caller may read."""
        return super().list(request)

    @extend_schema(responses=AxisOutput)
    def retrieve(self, request: Request, id: UUID) -> Response:
        """An axis."""
        return super().retrieve(request, id)
