"""Keyset pages in the API: `next` and `previous` links, no count, at most 100 rows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext_lazy as _
from rest_framework.pagination import BasePagination
from rest_framework.response import Response

from core.api.errors import ApiError
from core.api.listing import rows_of_page
from core.keyset import page_of, read_cursor

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

    from rest_framework.request import Request
    from rest_framework.views import APIView

PAGE_SIZE: Final = 50
MAX_PAGE_SIZE: Final = 100


def read_page_size(request: Request) -> int:
    """The `page_size` asked for, 50 by default; from 1 to 100 (400 otherwise)."""
    text = request.query_params.get("page_size")
    if text is None:
        return PAGE_SIZE
    if not (text.isascii() and text.isdigit() and len(text) <= 3 and 1 <= int(text) <= MAX_PAGE_SIZE):
        raise ApiError(400, "bad_value", _("The size of a page is a whole number from 1 to 100."), field="page_size")
    return int(text)


class KeysetPagination(BasePagination):
    """Pages of a view that names its `orderings`: a mapping from the word in the address to the columns, the first being the default."""

    parameters: Final = frozenset({"cursor", "page_size", "ordering"})

    def paginate_queryset(self, queryset: Any, request: Request, view: APIView | None = None) -> list[Any]:
        """One page in one query. A bad cursor, size or ordering is refused (400)."""
        return self.paginate(lambda: queryset, request, view)

    def paginate(self, rows: Callable[[], Any], request: Request, view: Any, *, key: Hashable | None = None) -> list[Any]:
        """The same from a function that gives the queryset; with a `key` (see core/api/listing.py) it is compiled once."""
        ordering, size = self._ordering(request, view), read_page_size(request)
        backwards, position = read_cursor(request.query_params.get("cursor") or None, ordering)
        found: list[Any] = rows_of_page(rows, key=key, ordering=ordering, backwards=backwards, position=position, size=size)
        page = page_of(found, ordering=ordering, backwards=backwards, position=position, size=size)
        self.next, self.previous, self.request = page.next, page.previous, request
        return page.rows

    def get_paginated_response(self, data: Any) -> Response:
        """`results` with the addresses of the neighbouring pages (null: there is none)."""
        return Response({"next": self._link(self.next), "previous": self._link(self.previous), "results": data})

    def _link(self, cursor: str | None) -> str | None:
        if cursor is None:
            return None
        query = self.request.query_params.copy()
        query["cursor"] = cursor
        return f"{self.request.build_absolute_uri(self.request.path)}?{query.urlencode()}"

    @staticmethod
    def _ordering(request: Request, view: Any) -> Sequence[str]:
        if view.action != "list":
            children: Sequence[str] = view.child_ordering
            return children
        orderings: dict[str, Sequence[str]] = view.orderings
        name = request.query_params.get("ordering")
        if name is None:
            return next(iter(orderings.values()))
        if name not in orderings:
            raise ApiError(400, "bad_value", _("The list cannot be sorted this way."), field="ordering")
        return orderings[name]

    def get_paginated_response_schema(self, schema: dict[str, Any]) -> dict[str, Any]:
        """For the OpenAPI schema."""
        link = {"type": ["string", "null"], "format": "uri"}
        return {
            "type": "object",
            "required": ["next", "previous", "results"],
            "properties": {"next": link, "previous": link, "results": schema},
        }

    def get_schema_operation_parameters(self, view: Any) -> list[dict[str, Any]]:
        """For the OpenAPI schema."""
        described: list[tuple[str, dict[str, Any], str]] = [
            ("cursor", {"type": "string"}, "Opaque: taken from a `next` or `previous` link."),
            ("page_size", {"type": "integer", "minimum": 1, "maximum": MAX_PAGE_SIZE, "default": PAGE_SIZE}, "Rows per page."),
        ]
        orderings = list(getattr(view, "orderings", {}))
        if orderings:
            described.append(("ordering", {"type": "string", "enum": orderings, "default": orderings[0]}, "Order of the list."))
        return [{"name": name, "in": "query", "required": False, "schema": schema, "description": text} for name, schema, text in described]
