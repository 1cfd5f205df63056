"""Organisations: those the caller works with; its own profile can be changed by its administrators."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from drf_spectacular.utils import OpenApiExample, extend_schema
from rest_framework import serializers

from core.api.parameters import choice, code, modified_since, reference
from core.api.permissions import Scoped
from core.api.serializers import LabelledOutput, Output, StrictInput, Text, TranslatedOutput
from core.api.shapes import instant, known, labelled, texts
from core.api.views import ResourceViewSet
from partnership.choices import Activity, OrganisationKind, OrganisationStatus, SizeBand
from partnership.models import Organisation
from partnership.services.organisations import update_organisation

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from django.db.models import QuerySet
    from rest_framework.request import Request
    from rest_framework.response import Response


class PlaceOutput(Output):
    """A region or a destination, named."""

    id = serializers.UUIDField()
    code = serializers.CharField()
    name = TranslatedOutput()


class OrganisationOutput(Output):
    """A body or a firm of the sector."""

    id = serializers.UUIDField()
    name = TranslatedOutput()
    acronym = serializers.CharField(allow_null=True)
    kind = LabelledOutput()
    activities = LabelledOutput(many=True)
    state = LabelledOutput()
    ice = serializers.CharField(allow_null=True)
    licence_kind = serializers.CharField(allow_null=True)
    licence_number = serializers.CharField(allow_null=True)
    size = LabelledOutput(allow_null=True)
    region = PlaceOutput(allow_null=True)
    destination = PlaceOutput(allow_null=True)
    email = serializers.CharField(allow_null=True)
    phone = serializers.CharField(allow_null=True)
    website = serializers.CharField(allow_null=True)
    address = serializers.CharField(allow_null=True)
    is_host = serializers.BooleanField(help_text="It runs the portal.")
    is_demo = serializers.BooleanField(help_text="Invented for the demonstration.")
    updated_at = serializers.DateTimeField()


class ProfileInput(StrictInput):
    """The fields to change; those left out keep their value."""

    name_fr = Text(max_length=200, required=False)
    name_ar = Text(max_length=200, required=False, allow_blank=True)
    acronym = Text(max_length=20, required=False, allow_blank=True)
    activities = serializers.ListField(child=serializers.ChoiceField(Activity.choices), max_length=len(Activity), required=False)
    licence_kind = Text(max_length=60, required=False, allow_blank=True)
    licence_number = Text(max_length=60, required=False, allow_blank=True)
    size = serializers.ChoiceField(SizeBand.choices, required=False, allow_blank=True)
    region = serializers.UUIDField(required=False, allow_null=True)
    destination = serializers.UUIDField(required=False, allow_null=True)
    email = Text(max_length=254, required=False, allow_blank=True, help_text="E-mail address.")
    phone = Text(max_length=30, required=False, allow_blank=True, help_text="Moroccan or international number.")
    website = Text(max_length=200, required=False, allow_blank=True, help_text="http:// or https://")
    address = Text(max_length=300, required=False, allow_blank=True)


class OrganisationViewSet(ResourceViewSet):
    """The caller's organisation, its members, the bodies it belongs to, and the parties of its conventions."""

    permission_classes = [Scoped("organisations")]
    queryset = Organisation.objects.none()
    http_method_names = ["get", "head", "patch"]
    columns = (
        "id", "name_fr", "name_ar", "acronym", "kind", "activities", "status", "ice", "licence_kind", "licence_number", "size", "email",
        "phone", "website", "address", "is_host", "is_demo", "updated_at", "region_id", "region__code", "region__name_fr",
        "region__name_ar", "region__name_en", "destination_id", "destination__slug", "destination__name_fr", "destination__name_ar",
        "destination__name_en",
    )  # fmt: skip
    orderings = {"name": ("sort_key", "id"), "-name": ("-sort_key", "-id"), "created_at": ("id",), "-created_at": ("-id",)}
    filters = (
        choice("kind", OrganisationKind, "Kind, or several separated by commas."),
        choice("state", OrganisationStatus, "State, or several separated by commas.", column="status"),
        reference("region", "The region."),
        code("ice", "ice", r"[0-9]{15}", "The ICE, 15 digits."),
        modified_since(),
    )

    def visible(self) -> QuerySet[Any]:
        """Those the caller works with: never its competitors."""
        rows: QuerySet[Any] = Organisation.objects.visible_to(self.actor)
        return rows

    def shape(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """An organisation."""
        return {
            "id": str(row["id"]),
            "name": texts(row, "name"),
            "kind": labelled(OrganisationKind, row["kind"]),
            "activities": [labelled(Activity, activity) for activity in row["activities"]],
            "state": labelled(OrganisationStatus, row["status"]),
            "size": labelled(SizeBand, row["size"]),
            "region": self._place(row, "region", "code"),
            "destination": self._place(row, "destination", "slug"),
            "phone": str(row["phone"]) if row["phone"] else None,
            **{name: known(row[name]) for name in ("acronym", "ice", "licence_kind", "licence_number", "email", "website", "address")},
            "is_host": row["is_host"],
            "is_demo": row["is_demo"],
            "updated_at": instant(row["updated_at"]),
        }

    @staticmethod
    def _place(row: Mapping[str, Any], name: str, code_column: str) -> dict[str, Any] | None:
        if row[f"{name}_id"] is None:
            return None
        return {"id": str(row[f"{name}_id"]), "code": row[f"{name}__{code_column}"], "name": texts(row, f"{name}__name")}

    @extend_schema(responses=OrganisationOutput(many=True))
    def list(self, request: Request) -> Response:
        """The organisations that the caller may read."""
        return super().list(request)

    @extend_schema(responses=OrganisationOutput)
    def retrieve(self, request: Request, id: UUID) -> Response:
        """An organisation."""
        return super().retrieve(request, id)

    @extend_schema(
        request=ProfileInput,
        responses=OrganisationOutput,
        examples=[OpenApiExample("A new web site", value={"website": "https://atlas.example.ma"}, request_only=True)],
    )
    def partial_update(self, request: Request, id: UUID) -> Response:
        """Change the profile (an administrator of the organisation, or ONMT staff)."""
        return self.change(
            id, ProfileInput, lambda values, version: update_organisation(organisation=id, changes=values, by=self.actor, version=version)
        )
