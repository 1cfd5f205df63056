"""Who calls the API: a partner by its token, or a signed-in user by the session."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Final, Protocol

from django.conf import settings
from django.db.models import Q
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework.authentication import BaseAuthentication, SessionAuthentication
from rest_framework.exceptions import AuthenticationFailed

from core import clock
from core.prepared import Question, question

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from uuid import UUID

    from django.utils.functional import _StrOrPromise
    from rest_framework.request import Request

REALM: Final = 'Bearer realm="api"'
# No token of ours is longer; what is longer is not worth hashing.
LONGEST_TOKEN: Final = 512
# They hold the places of the digest and of the instant in the compiled question.
_SOME_HASH: Final = "0" * 64
_SOME_INSTANT: Final = datetime(1, 3, 1, tzinfo=UTC)


class Access(Protocol):
    """What the ground floor says of an OAuth2 client that may call the API now."""

    pk: UUID
    organisation_id: UUID
    label: str


def resolve_client(client_id: str) -> Access | None:
    """The access that an OAuth2 client stands for, or None when it is revoked, expired or unknown.

    Asked at each request, so that a revocation holds at once. `settings.API_CLIENT_RESOLVER` names who answers.
    """
    resolve: Callable[[str], Access | None] = import_string(settings.API_CLIENT_RESOLVER)
    return resolve(client_id)


@dataclass(frozen=True)
class PartnerPrincipal:
    """A partner's program, acting for its organisation within the scopes of its token. It is no user and no staff."""

    pk: UUID
    organisation_id: UUID
    client_id: str
    scopes: frozenset[str]
    label: str

    is_authenticated = True
    is_anonymous = False
    is_active = True
    is_staff = False
    is_superuser = False
    staff_roles: frozenset[str] = frozenset()

    def __str__(self) -> str:
        return f"api:{self.label}"


class InvalidToken(AuthenticationFailed):
    """The token is unknown, expired or revoked: one text for all three (401), so that nothing is learnt by trying."""

    default_detail = _("The token is not valid, or no longer valid. Ask the token endpoint for a new one.")
    default_code = "invalid_token"


def _token_of(request: Request) -> str | None:
    """The bearer token of a request; None when it carries none."""
    scheme, _space, value = request.headers.get("Authorization", "").partition(" ")
    return value.strip() if scheme.lower() == "bearer" else None


@dataclass(frozen=True, slots=True)
class LiveToken:
    """What a request needs of a token that is valid now."""

    client_id: str
    scopes: frozenset[str]


@cache
def _token_question() -> Question:
    from allauth.idp.oidc.models import Token

    rows = Token.objects.filter(user=None, client__isnull=False, type=Token.Type.ACCESS_TOKEN, hash=_SOME_HASH)
    return question(
        rows.filter(Q(expires_at=None) | Q(expires_at__gt=_SOME_INSTANT)).values("client_id", "scopes"), hash=_SOME_HASH, now=_SOME_INSTANT
    )


def _live_token(value: str) -> LiveToken | None:
    """A client's access token that has not expired, found by its digest: the token itself is stored nowhere."""
    from allauth.idp.oidc.adapter import get_adapter

    if not value or len(value) > LONGEST_TOKEN:
        return None
    found = _token_question().ask(hash=get_adapter().hash_token(value), now=clock.now())
    return LiveToken(found[0]["client_id"], frozenset(found[0]["scopes"].split())) if found else None


class PartnerToken(BaseAuthentication):
    """`Authorization: Bearer …` with a token of the OAuth2 client credentials grant."""

    def authenticate(self, request: Request) -> tuple[PartnerPrincipal, LiveToken] | None:
        """The partner behind the token; None when there is no bearer token; 401 when it is not valid now."""
        value = _token_of(request)
        if value is None:
            return None
        token = _live_token(value)
        access = resolve_client(token.client_id) if token is not None else None
        if token is None or access is None:
            raise InvalidToken
        principal = PartnerPrincipal(
            pk=access.pk,
            organisation_id=access.organisation_id,
            client_id=token.client_id,
            scopes=token.scopes,
            label=access.label,
        )
        return principal, token

    def authenticate_header(self, request: Request) -> str:
        """The WWW-Authenticate challenge of a 401 (RFC 6750): says « invalid token » only to who sent one."""
        return REALM if _token_of(request) is None else f'{REALM}, error="invalid_token"'


class Session(SessionAuthentication):
    """The browser session of somebody who signed in on the pages; unsafe methods need the CSRF token."""


class PartnerTokenScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the schema describes partners' tokens; the scopes are listed by the ground floor (`settings.API_SCOPES`)."""

    target_class = "core.api.authentication.PartnerToken"
    name = "partnerToken"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        """The OAuth2 client credentials flow."""
        from django.urls import reverse

        scopes: Mapping[str, _StrOrPromise] = import_string(settings.API_SCOPES)
        flow = {"tokenUrl": reverse("api_token"), "scopes": {name: str(label) for name, label in scopes.items()}}
        return {"type": "oauth2", "flows": {"clientCredentials": flow}}


class SessionScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """How the schema describes a browser's session."""

    target_class = "core.api.authentication.Session"
    name = "session"

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        """The session cookie."""
        return {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME}
