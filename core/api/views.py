"""What every endpoint does alike: language, default deny, limits, known parameters, versions, one transaction a write."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, cast

from django.contrib.auth.models import AnonymousUser
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.translation.trans_real import parse_accept_lang_header
from rest_framework import exceptions
from rest_framework.response import Response
from rest_framework.viewsets import GenericViewSet

from core import wall
from core.api.errors import ApiError, StaleVersionError
from core.api.etags import expected_version, tag_of
from core.api.idempotency import once
from core.api.listing import caller_key
from core.api.parameters import Filter, check_names, condition_of
from core.api.permissions import Public, permission_of, scopes_of
from core.api.shapes import in_one_language
from core.api.throttles import RefusedThrottle
from core.errors import Stale

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from django.db.models import QuerySet
    from django.http import HttpResponseBase
    from rest_framework.request import Request

    from core.api.pagination import KeysetPagination
    from core.api.serializers import StrictInput


class ApiViewSet(GenericViewSet[Any]):
    """Default deny, and the order of checks: method, caller, limits, right, parameters."""

    metadata_class = None
    permission_classes: Sequence[Any]
    filters: ClassVar[Sequence[Filter]] = ()
    orderings: ClassVar[Mapping[str, Sequence[str]]] = {}
    # The order of what is listed under an object, and the actions that list.
    child_ordering: ClassVar[Sequence[str]] = ("id",)
    paged_actions: ClassVar[frozenset[str]] = frozenset({"list"})

    def initialize_request(self, request: Any, *args: Any, **kwargs: Any) -> Request:
        """Accept-Language decides the language of labels and errors."""
        for code, _quality in parse_accept_lang_header(request.headers.get("Accept-Language", "")):
            try:
                translation.activate(translation.get_supported_language_variant(code))
                break
            except LookupError:
                continue
        return super().initialize_request(request, *args, **kwargs)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Every check that comes before the work."""
        if not hasattr(self, str(request.method).lower()):
            raise exceptions.MethodNotAllowed(str(request.method))
        self.format_kwarg = None
        request.accepted_renderer, request.accepted_media_type = self.perform_content_negotiation(request)
        request.version, request.versioning_scheme = None, None
        try:
            self.perform_authentication(request)
        except exceptions.APIException:
            self._count_refused(request)
            raise
        wall.enter(wall.context_of(request.user))
        self.check_throttles(request)
        self.check_permissions(request)
        check_names(request.query_params, self.known_parameters())

    def _count_refused(self, request: Request) -> None:
        throttle = RefusedThrottle()
        if not throttle.allow_request(request, self):
            raise exceptions.Throttled(throttle.wait())

    def known_parameters(self) -> frozenset[str]:
        """The parameters that the address may hold."""
        if self.action == "list":
            return frozenset(entry.name for entry in self.filters) | {"cursor", "page_size", "ordering"}
        if self.action in self.paged_actions and self.request.method in {"GET", "HEAD"}:
            return frozenset({"cursor", "page_size"})
        return frozenset()

    @property
    def actor(self) -> Any:
        """Who reads and writes: the caller; on a public endpoint, nobody when its token lacks the scope to see more."""
        permission, scopes = permission_of(self), scopes_of(self.request)
        if isinstance(permission, Public) and scopes is not None and f"{permission.resource}:read" not in scopes:
            return AnonymousUser()
        return self.request.user

    def parse(self, serializer_class: type[StrictInput]) -> dict[str, Any]:
        """The body as checked values, or every error at once (400)."""
        serializer = serializer_class(data=self.request.data)
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        """Answers depend on the caller and on the language, and are kept by nobody else."""
        final: HttpResponseBase = super().finalize_response(request, response, *args, **kwargs)
        patch_vary_headers(final, ["Accept", "Accept-Language", "Authorization", "Cookie"])
        final.headers.setdefault("Cache-Control", "private, no-cache")
        return final


class ResourceViewSet(ApiViewSet):
    """A list and its objects: a queryset of visible rows, the columns read, one plain function that shapes a row."""

    lookup_field = "id"
    lookup_value_converter = "uuid"
    columns: ClassVar[Sequence[str]] = ()

    def visible(self) -> QuerySet[Any]:
        """The rows that the actor may see."""
        raise NotImplementedError

    def shape(self, row: Mapping[str, Any]) -> dict[str, Any]:
        """A row as it is answered."""
        raise NotImplementedError

    def shape_all(self, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """The rows of a page; a resource with children reads them here, in one query for the page."""
        return [self.shape(row) for row in rows]

    def list(self, request: Request) -> Response:
        """The rows that the caller may see."""
        paginator = cast("KeysetPagination", self.paginator)
        page = paginator.paginate(self.asked_for, request, self, key=self.question_key())
        with in_one_language():
            shaped = self.shape_all(page)
        return paginator.get_paginated_response(shaped)

    def asked_for(self) -> QuerySet[Any]:
        """The visible rows that the address asks for, with the columns that are answered or sorted by."""
        sorts = {name.lstrip("-") for ordering in self.orderings.values() for name in ordering}
        condition = condition_of(self.request.query_params, self.filters)
        return self.visible().filter(condition).values(*sorted({*self.columns, *sorts}))

    def question_key(self) -> Hashable | None:
        """All that `asked_for` is made from, so that its SQL is kept for exactly that; None when it is written anew each time."""
        caller = caller_key(self.actor)
        if caller is None:
            return None
        asked = self.request.query_params
        return type(self), caller, tuple((entry.name, asked[entry.name]) for entry in self.filters if entry.name in asked)

    def retrieve(self, request: Request, id: UUID) -> Response:
        """One object. What the caller may not see does not exist (404)."""
        return self.represent(id)

    def represent(self, id: UUID, *, status: int = 200) -> Response:
        """The object as it is now, with its ETag."""
        row = self.visible().values(*{*self.columns, "updated_at"}).get(id=id)
        return Response(self.shape_all([row])[0], status=status, headers={"ETag": tag_of(row["updated_at"])})

    def version_of(self, id: UUID) -> datetime:
        """The instant of the object's last change; hidden or missing: 404, before anything is said about the body."""
        updated_at: datetime = self.visible().values_list("updated_at", flat=True).get(id=id)
        return updated_at

    def change(
        self, id: UUID, serializer_class: type[StrictInput], service: Callable[[dict[str, Any], datetime | None], object]
    ) -> Response:
        """Hand the checked body and the expected version to one service, and answer with the object as it then is."""

        def act(values: dict[str, Any], version: datetime | None) -> Response:
            service(values, version)
            return self.represent(id)

        return self.add(id, serializer_class, act)

    def add(
        self, id: UUID, serializer_class: type[StrictInput], service: Callable[[dict[str, Any], datetime | None], Response]
    ) -> Response:
        """As `change`, with the service's own answer: for what is created under the object."""
        current = self.version_of(id)
        try:
            return self.guarded(lambda: service(self.parse(serializer_class), expected_version(self.request, current)))
        except Stale as error:
            raise StaleVersionError(tag_of(self.version_of(id))) from error

    def guarded(self, act: Callable[[], Response]) -> Response:
        """Run a write; a POST at most once for each Idempotency-Key."""
        return once(self.request, act) if self.request.method == "POST" else act()


class NothingHere(ApiViewSet):
    """Any other address of the API: the same shape of error as everywhere."""

    permission_classes = [Public()]
    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        """Nothing to check before saying that there is nothing."""
        raise exceptions.NotFound

    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """Not found."""
        raise exceptions.NotFound


__all__ = ["ApiError", "ApiViewSet", "NothingHere", "ResourceViewSet"]
