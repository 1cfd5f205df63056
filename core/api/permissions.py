"""Who may call an endpoint. What they then see is decided by `visible_to`, and what they may do by the services."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _
from rest_framework.permissions import SAFE_METHODS, BasePermission

from core.api.errors import ApiError

if TYPE_CHECKING:
    from rest_framework.request import Request
    from rest_framework.views import APIView


def scopes_of(request: Request) -> frozenset[str] | None:
    """The scopes of a partner's token; None for a signed-in user or nobody, whom scopes do not concern."""
    scopes = getattr(request.user, "scopes", None)
    return None if scopes is None else frozenset(scopes)


class DenyAll(BasePermission):
    """The default: an endpoint that names no permission answers nobody."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Never."""
        return False


class _Named(BasePermission):
    """A permission with parameters: REST framework « instantiates » it by calling it."""

    def __call__(self) -> _Named:
        return self


class Public(_Named):
    """Anybody may read. `resource` is the scope with which a partner's token sees more than the public does."""

    def __init__(self, resource: str = "") -> None:
        self.resource = resource

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Reading only."""
        return request.method in SAFE_METHODS


class SignedIn(_Named):
    """Any user with an account, by session; partners' tokens have no business here."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """A session."""
        return bool(request.user and request.user.is_authenticated and scopes_of(request) is None)


class Programs(_Named):
    """Partners' tokens only: what a program keeps for its organisation; people read the pages and the lists."""

    message = _("This address is for partners' programs: call it with a token.")
    code = "programs_only"

    def has_permission(self, request: Request, view: APIView) -> bool:
        """A token, whatever its scopes."""
        return scopes_of(request) is not None


class Scoped(_Named):
    """Signed-in users as themselves; partners' tokens with `<resource>:read` to read and `<resource>:write` to write."""

    def __init__(self, resource: str) -> None:
        self.resource = resource

    def has_permission(self, request: Request, view: APIView) -> bool:
        """The user, or the scope (403 `insufficient_scope` names the one that is missing)."""
        if not (request.user and request.user.is_authenticated):
            return False
        scopes = scopes_of(request)
        if scopes is None:
            return True
        needed = f"{self.resource}:{'read' if request.method in SAFE_METHODS else 'write'}"
        if needed in scopes:
            return True
        raise insufficient(needed)


class AnyCaller(_Named):
    """Signed-in users as themselves, and partners' tokens whatever their scopes: the endpoint shows to each what its scopes allow."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        """Reading only, and never for nobody."""
        return bool(request.user and request.user.is_authenticated and request.method in SAFE_METHODS)


def insufficient(scope: str) -> ApiError:
    """The refusal of a token that lacks a scope."""
    challenge = f'Bearer realm="api", error="insufficient_scope", scope="{scope}"'
    sentence = _("The token does not have the scope that this needs.")
    return ApiError(403, "insufficient_scope", sentence, headers={"WWW-Authenticate": challenge})


def permission_of(view: Any) -> Any:
    """The first permission an endpoint names: read by the schema and by the actor."""
    return view.permission_classes[0]


def covers(permission: Any, scopes: frozenset[str]) -> bool:
    """Whether a token with these scopes reads a resource with more than the public's eyes, or there is no more to see."""
    return not permission.resource or f"{permission.resource}:read" in scopes
