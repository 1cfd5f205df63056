"""`/changes/`: what a partner's program must change in the copy it keeps, removals included."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final

from django.conf import settings
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _
from drf_spectacular.utils import extend_schema, extend_schema_serializer
from rest_framework import serializers
from rest_framework.response import Response

from core.api import feed
from core.api.errors import ApiError
from core.api.pagination import MAX_PAGE_SIZE, PAGE_SIZE, read_page_size
from core.api.permissions import Programs, covers, permission_of, scopes_of
from core.api.serializers import Output
from core.api.shapes import instant
from core.api.views import ApiViewSet, ResourceViewSet

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from rest_framework.request import Request
    from rest_framework.routers import SimpleRouter

    from core.models import FeedEntry

NOW: Final = "now"


def resources() -> dict[str, type[ResourceViewSet]]:
    """Every resource that the API's router has (`settings.API_ROUTER`), by name: a new one falls in the feed without being named."""
    router: SimpleRouter = import_string(settings.API_ROUTER)
    return {name: view for name, view, _basename in router.registry if issubclass(view, ResourceViewSet)}


class ChangeOutput(Output):
    """One object to read again, or to remove."""

    type = serializers.CharField(help_text="Name of the resource, as in its address.")
    id = serializers.UUIDField()
    change = serializers.ChoiceField(
        [("created", "created"), ("updated", "updated"), ("deleted", "deleted")],
        help_text="`created`: it came into your sight. `deleted`: it was removed, or you may no longer see it.",
    )
    at = serializers.DateTimeField(help_text="When the feed noticed.")


@extend_schema_serializer(many=False)
class ChangesOutput(Output):
    """A page of the feed."""

    next = serializers.URLField(allow_null=True, help_text="The following page; null when there is nothing more for now.")
    cursor = serializers.CharField(help_text="Keep it: the `since` of your next call.")
    as_of = serializers.DateTimeField(help_text="What was recorded before this instant is in the feed.")
    results = ChangeOutput(many=True)


class ChangesViewSet(ApiViewSet):
    """What changed in what the caller's organisation sees, in an order that never skips anything."""

    permission_classes = [Programs()]
    pagination_class = None
    described_parameters: ClassVar[Sequence[tuple[str, Mapping[str, Any], str]]] = (
        ("since", {"type": "string"}, "The `cursor` of an earlier answer; `now` to start from here; nothing: from the beginning."),
        ("type", {"type": "string", "pattern": "^[a-z_-]+(,[a-z_-]+)*$"}, "Name of a resource, or several separated by commas."),
        ("page_size", {"type": "integer", "minimum": 1, "maximum": MAX_PAGE_SIZE, "default": PAGE_SIZE}, "Entries per page."),
    )

    def known_parameters(self) -> frozenset[str]:
        """Those described."""
        return frozenset(name for name, _schema, _text in self.described_parameters)

    @extend_schema(responses=ChangesOutput)
    def list(self, request: Request) -> Response:
        """The objects created, updated or gone since a cursor, of the types that the token may read."""
        size = read_page_size(request)
        views = self._asked(request)
        principal: Any = request.user
        known = feed.compare(principal.organisation_id, {name: view.visible for name, view in views.items()})
        types, since = tuple(sorted(views)), request.query_params.get("since")
        start = feed.Position(known.generation, known.sequence if since == NOW else 0, types)
        if since not in (None, NOW):
            start = feed.read_position(since or "", feed=known, types=types)
        rows = feed.entries(start, organisation=principal.organisation_id, size=size + 1)
        more, rows = len(rows) > size, rows[:size]
        # At the end of the feed the cursor also passes over what other types were told: it stays young.
        reached = rows[-1].sequence if more else max(known.sequence, start.sequence)
        cursor = feed.Position(known.generation, reached, types).write()
        return Response(
            {
                "next": self._link(request, cursor) if more else None,
                "cursor": cursor,
                "as_of": instant(feed.as_of(known, types)),
                "results": [_shape(row, start.sequence) for row in rows],
            }
        )

    def _asked(self, request: Request) -> dict[str, ResourceViewSet]:
        """The resources asked for, ready to say what is visible: all those that the scopes cover, or those named (403 when one is not)."""
        found, scopes = resources(), scopes_of(request) or frozenset()
        text = request.query_params.get("type")
        names = [name for name, view in found.items() if covers(permission_of(view), scopes)] if text is None else text.split(",")
        if unknown := [name for name in names if name not in found]:
            raise ApiError(400, "bad_value", _("This value cannot be read."), field="type") from ValueError(unknown[0][:100])
        views = {}
        for name in names:
            if not covers(permission_of(found[name]), scopes):
                raise ApiError(403, "insufficient_scope", _("The token does not have the scope that this needs."), field="type")
            views[name] = found[name](request=request, kwargs={}, action="list")
        return views

    @staticmethod
    def _link(request: Request, cursor: str) -> str:
        query = request.query_params.copy()
        query["since"] = cursor
        return f"{request.build_absolute_uri(request.path)}?{query.urlencode()}"


def _shape(row: FeedEntry, since: int) -> dict[str, Any]:
    change = "deleted" if row.gone else "created" if row.shown_from > since else "updated"
    return {"type": row.type, "id": str(row.object), "change": change, "at": instant(row.noted_at)}


def register(router: SimpleRouter) -> None:
    """Put the feed on the API's router."""
    router.register("changes", ChangesViewSet, basename="changes")
