"""Where a request comes from."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING

from django.conf import settings

if TYPE_CHECKING:
    from django.http import HttpRequest

UNKNOWN = "0.0.0.0"  # noqa: S104 - the address of nobody, not one to listen on


def client_ip(request: HttpRequest) -> str:
    """The caller's address. X-Forwarded-For is believed only as far as our own proxies wrote it (TRUSTED_PROXIES).

    Each proxy adds the address it saw at the end: with two proxies of ours the second entry from the end is the caller,
    and whatever stands before it was written by the caller. With fewer entries than proxies the request did not pass
    them all: the connection's own address is used.
    """
    trusted: int = settings.TRUSTED_PROXY_COUNT
    hops = [hop.strip() for hop in request.headers.get("X-Forwarded-For", "").split(",") if hop.strip()]
    candidates = [hops[-trusted]] if trusted and len(hops) >= trusted else []
    for candidate in [*candidates, request.META.get("REMOTE_ADDR", "")]:
        try:
            return str(ip_address(candidate))
        except ValueError:
            continue
    return UNKNOWN
