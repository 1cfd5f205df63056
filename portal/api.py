"""Search in the API: every type that the caller may read, or one type page by page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urljoin

from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import OpenApiParameter, extend_schema, extend_schema_serializer
from rest_framework import serializers

from core.api.errors import ApiError
from core.api.pagination import KeysetPagination, read_page_size
from core.api.permissions import AnyCaller, insufficient, scopes_of
from core.api.serializers import Output
from core.api.views import ApiViewSet
from core.search import Group, read_query, search_all, search_one
from core.search.queries import LONGEST
from portal.search import KINDS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rest_framework.request import Request
    from rest_framework.response import Response

    from core.search import Hit, Kind

FIRST: Final = 5
SLUGS: Final = tuple(kind.slug for kind in KINDS)


class FoundOutput(Output):
    """A result."""

    type = serializers.ChoiceField([(slug, slug) for slug in SLUGS])
    id = serializers.UUIDField()
    title = serializers.CharField(help_text="In the language of the request.")
    words = serializers.ListField(child=serializers.CharField(), help_text="The words that matched, as written.")
    is_exact = serializers.BooleanField(help_text="False: nothing matched, and this resembles what was asked.")
    href = serializers.CharField(allow_null=True, help_text="Address of the object in this API; null when it has none.")


class FoundTypeOutput(Output):
    """How many results a type has."""

    type = serializers.ChoiceField([(slug, slug) for slug in SLUGS])
    label = serializers.CharField()  # type: ignore[assignment]
    count = serializers.IntegerField(help_text="At most 100.")
    is_capped = serializers.BooleanField(help_text="There are more than 100.")


@extend_schema_serializer(many=False)
class FoundPageOutput(Output):
    """A page of results."""

    next = serializers.CharField(allow_null=True)
    previous = serializers.CharField(allow_null=True)
    types = FoundTypeOutput(many=True, help_text="Without `type` only: the types that have results.")
    results = FoundOutput(many=True)


class SearchViewSet(ApiViewSet):
    """Names, titles and references, whatever accents, case and script; typing errors are forgiven when nothing matches."""

    permission_classes = [AnyCaller()]
    http_method_names = ["get", "head"]

    def known_parameters(self) -> frozenset[str]:
        """What is looked for, in which type, and the page of that type."""
        return frozenset({"q", "type", "cursor", "page_size"})

    @extend_schema(
        responses=FoundPageOutput,
        parameters=[
            OpenApiParameter("q", {"type": "string", "minLength": 1, "maxLength": LONGEST}, required=True, description="Words."),
            OpenApiParameter("type", {"type": "string", "enum": list(SLUGS)}, description="One type, page by page; else five of each."),
            OpenApiParameter("cursor", {"type": "string"}, description="Opaque: taken from a `next` or `previous` link. With `type`."),
            OpenApiParameter(
                "page_size", {"type": "integer", "minimum": 1, "maximum": 100, "default": 50}, description="Rows per page. With `type`."
            ),
        ],
    )
    def list(self, request: Request) -> Response:
        """What is found among what the caller may see."""
        text = request.query_params.get("q", "")
        if not 1 <= len(text) <= LONGEST:
            raise ApiError(400, "bad_value", _("Write what you look for, in 200 letters at most."), field="q")
        slug = request.query_params.get("type")
        if slug is not None:
            return self._one(request, self._kind(request, slug), text)
        for name in ("cursor", "page_size"):
            if name in request.query_params:
                raise ApiError(400, "type_required", _("Name a type to read its pages."), field=name)
        kinds = [kind for kind in KINDS if self._may_find(request, kind)]
        return self._answer(request, search_all(kinds, read_query(text), user=self.actor, size=FIRST), types=True)

    def _one(self, request: Request, kind: Kind, text: str) -> Response:
        size = read_page_size(request)
        cursor = request.query_params.get("cursor") or None
        return self._answer(request, [search_one(kind, read_query(text), user=self.actor, size=size, cursor=cursor)], types=False)

    @staticmethod
    def _may_find(request: Request, kind: Kind) -> bool:
        scopes = scopes_of(request)
        return scopes is None or kind.scope == "" or f"{kind.scope}:read" in scopes

    def _kind(self, request: Request, slug: str) -> Kind:
        kind = next((kind for kind in KINDS if kind.slug == slug), None)
        if kind is None:
            raise ApiError(400, "bad_value", _("This value cannot be read."), field="type")
        if not self._may_find(request, kind):
            raise insufficient(f"{kind.scope}:read" if kind.scope else "")
        return kind

    def _answer(self, request: Request, groups: Sequence[Group], *, types: bool) -> Response:
        here = request.build_absolute_uri(request.path)
        pages = KeysetPagination()
        pages.request, pages.next, pages.previous = request, None, None
        if not types:
            pages.next, pages.previous = groups[0].next, groups[0].previous
        response = pages.get_paginated_response([_found(hit, here, near=group.near) for group in groups for hit in group.hits])
        response.data["types"] = [_type(group) for group in groups] if types else []
        return response


def _found(hit: Hit, here: str, *, near: bool) -> dict[str, Any]:
    return {
        "type": hit.kind.slug,
        "id": str(hit.row.pk),
        "title": "".join(piece.text for piece in hit.title),
        "words": hit.words,
        "is_exact": not near,
        "href": urljoin(here, f"../{hit.kind.resource}/{hit.row.pk}/") if hit.kind.resource else None,
    }


def _type(group: Group) -> dict[str, Any]:
    return {"type": group.kind.slug, "label": str(group.kind.label), "count": group.count, "is_capped": group.is_capped}
