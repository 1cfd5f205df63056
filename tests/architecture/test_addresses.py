"""Every address asks who calls, unless it is listed here; every endpoint of the API says who may call it."""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from django.contrib.admindocs.views import simplify_regex
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.views import APIView

from accounts.public import PUBLIC_URL_NAMES, is_public
from tests.architecture import house

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.test import Client

# What anybody may open, each with its reason. A page that becomes public is added here, on purpose.
PUBLIC = {
    "healthz": "monitoring: one word for the public",
    "health_live": "a probe of the process",
    "health_ready": "a probe of the load balancer",
    "metrics": "asks for its own bearer token",
    "demo_mails": "404 outside the demonstration",
    "demo_mail": "404 outside the demonstration",
    "set_language": "choosing one's language",
    "jsi18n": "words of the interface",
    "api_token": "partners' programs present their own secret",
    "portal:home": "whoever is not signed in is shown the way to the published progress and to the sign-in page",
    "portal:help": "how the portal works, and how to ask for an account",
    "portal:privacy": "the register of processing and the rights of people",
    "portal:public": "published progress",
    "portal:public_convention": "published progress of one convention",
    "partnership:invitation_accept": "the bearer of an invitation's signed link, before having an account",
} | dict.fromkeys(PUBLIC_URL_NAMES, "signing in, out, and choosing a new password")
PLACEHOLDERS = {"uuid": "01890000-0000-7000-8000-000000000001", "int": "1", "str": "x", "slug": "x", "path": "x"}


class Address(NamedTuple):
    """An address of the portal, with values in place of its parameters."""

    path: str
    name: str
    view: Any


def _fill(pattern: Any) -> str:
    route = str(pattern)
    if hasattr(pattern, "_route"):
        return re.sub(r"<(?:(\w+):)?\w+>", lambda match: PLACEHOLDERS.get(match.group(1) or "str", "x"), route)
    return re.sub(r"<\w+>", "x", simplify_regex(route)).lstrip("/")


def _walk(resolver: URLResolver, prefix: str = "", space: str = "") -> Iterator[Address]:
    for pattern in resolver.url_patterns:
        path = prefix + _fill(pattern.pattern)
        if isinstance(pattern, URLPattern):
            name = f"{space}:{pattern.name}" if space else str(pattern.name or "")
            yield Address("/" + path, name, pattern.callback)
        else:
            inner = pattern.namespace or ""
            yield from _walk(pattern, path, ":".join(filter(None, (space, inner))))


@cache
def addresses() -> tuple[Address, ...]:
    """Every address of the portal, the administration's included."""
    return tuple(_walk(get_resolver()))


def _endpoint(view: Any) -> type[APIView] | None:
    kind = getattr(view, "cls", None) or getattr(view, "view_class", None)
    return kind if isinstance(kind, type) and issubclass(kind, APIView) else None


def _is_listed(address: Address) -> bool:
    return address.name in PUBLIC


def test_the_addresses_when_walked_then_are_many() -> None:
    assert len(addresses()) > 60


def test_a_view_when_marked_public_then_is_listed_here_and_the_other_way_round() -> None:
    marked = {address.name for address in addresses() if _endpoint(address.view) is None and is_public(address.view, address.name)}
    listed = {address.name for address in addresses() if _endpoint(address.view) is None and _is_listed(address)}
    assert marked - listed == set()
    assert listed - marked == set()


@pytest.mark.django_db
def test_an_address_when_nobody_is_signed_in_then_shows_nothing(client: Client) -> None:
    wrong = []
    for address in addresses():
        if _is_listed(address) or _endpoint(address.view) is not None:
            continue
        answer = client.get(address.path)
        to_sign_in = answer.status_code == 302 and answer["Location"].startswith(("/accounts/login/", "/admin/login/"))
        if not (to_sign_in or answer.status_code in {401, 403, 404, 405}):
            wrong.append(f"{answer.status_code} {address.path} ({address.name}) {answer.get('Location', '')}")
    house.nothing(wrong)


@pytest.mark.django_db
def test_a_public_address_when_opened_with_nonsense_then_never_breaks(client: Client) -> None:
    wrong = []
    for address in addresses():
        if _is_listed(address):
            answer = client.get(address.path)
            if answer.status_code >= 500 and address.name not in {"healthz", "health_ready"}:
                wrong.append(f"{answer.status_code} {address.path}")
    house.nothing(wrong)


def test_an_endpoint_when_served_then_says_itself_who_may_call_it() -> None:
    wrong = []
    for address in addresses():
        kind = _endpoint(address.view)
        if kind is None:
            continue
        own = [base for base in kind.__mro__ if base.__module__.split(".")[0] in house.FLOORS and "permission_classes" in base.__dict__]
        if not own or not kind.permission_classes:
            wrong.append(f"{address.path} {kind.__module__}.{kind.__name__}")
    house.nothing(sorted(set(wrong)))


@pytest.mark.django_db
def test_an_endpoint_when_called_by_nobody_then_never_breaks_nor_writes(client: Client) -> None:
    wrong = []
    for address in addresses():
        if _endpoint(address.view) is None:
            continue
        for method in ("get", "post", "put", "patch", "delete"):
            answer = getattr(client, method)(address.path, **({} if method == "get" else {"content_type": "application/json"}))
            allowed = (
                {200, 301, 302, 304, 400, 401, 403, 404, 405, 406, 415, 429} if method == "get" else {400, 401, 403, 404, 405, 415, 429}
            )
            if answer.status_code not in allowed:
                wrong.append(f"{answer.status_code} {method.upper()} {address.path}")
    house.nothing(wrong)
