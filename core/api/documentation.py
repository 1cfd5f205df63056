"""The API describes itself: its OpenAPI schema, and a page to read and try it, from our own static files."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING, Any

from django.utils import translation
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer
from drf_spectacular.views import SpectacularSwaggerSplitView
from rest_framework.renderers import JSONRenderer
from rest_framework.response import Response
from rest_framework.views import APIView

from core.api.permissions import Public

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rest_framework.request import Request


@lru_cache(maxsize=1)
def openapi() -> dict[str, Any]:
    """The schema: the same for every caller, made once per process."""
    with translation.override("en"):
        return dict(SchemaGenerator().get_schema(request=None, public=True))  # type: ignore[no-untyped-call]


class SchemaView(APIView):
    """OpenAPI 3.1, as JSON."""

    permission_classes: Sequence[Any] = [Public()]
    authentication_classes = ()
    renderer_classes = [OpenApiJsonRenderer, JSONRenderer]
    metadata_class = None
    schema = None

    def get(self, request: Request) -> Response:
        """The description of the API."""
        return Response(openapi(), headers={"Cache-Control": "public, max-age=300"})


class DocumentationView(SpectacularSwaggerSplitView):
    """The schema as a page where each call can be tried."""

    permission_classes: Sequence[Any] = [Public()]
    authentication_classes = ()
    throttle_classes = ()
    metadata_class = None
    template_name = "core/api_docs.html"
    url_name = "api:schema"
    schema = None
