"""Who is calling, as one short name: for quotas and for idempotency keys."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

from core.network import client_ip

if TYPE_CHECKING:
    from rest_framework.request import Request


def name_of(request: Request) -> str:
    """`client:…` for a partner's token, `user:…` for a session, `ip:…` for nobody."""
    user = request.user
    client_id = getattr(user, "client_id", None)
    if client_id:
        return f"client:{client_id}"
    if user and user.is_authenticated:
        return f"user:{user.pk}"
    return address_of(request)


def address_of(request: Request) -> str:
    """The caller's network: an IPv4 address, or the /64 that one IPv6 subscriber holds. Read as sign-in reads it."""
    address = ipaddress.ip_address(client_ip(request))
    if isinstance(address, ipaddress.IPv6Address):
        return f"ip:{ipaddress.ip_network((address, 64), strict=False)}"
    return f"ip:{address}"
