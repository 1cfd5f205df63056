"""The demonstration's only privilege: the second factor's code is shown to whoever signs in. It does not exist anywhere else."""

from __future__ import annotations

from ipaddress import ip_address
from typing import TYPE_CHECKING, Any

from allauth.mfa import app_settings
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from allauth.mfa.utils import decrypt
from django.conf import settings
from django.utils.module_loading import import_string

from core import clock

if TYPE_CHECKING:
    from collections.abc import Sequence

    from accounts.models import User

# Names that no real portal bears (RFC 6761, RFC 6762).
LOCAL_NAMES = frozenset({"localhost", "testserver"})
LOCAL_SUFFIXES = (".localhost", ".local", ".test", ".internal")


def is_local(host: str) -> bool:
    """Whether a host name can only be this machine or its own network."""
    name = host.strip().lower().strip("[]")
    try:
        address = ip_address(name)
    except ValueError:
        return name in LOCAL_NAMES or name.endswith(LOCAL_SUFFIXES)
    return address.is_loopback or address.is_private


def is_demonstration() -> bool:
    """Whether this process is a demonstration that only its own network can reach by name."""
    return settings.DEMO is True and all(is_local(host) for host in settings.ALLOWED_HOSTS)


def current_code(user: User) -> str | None:
    """The code that the user's authenticator app shows now; None outside the demonstration, and without such a factor."""
    if not is_demonstration():
        return None
    factor = Authenticator.objects.filter(user_id=user.pk, type=Authenticator.Type.TOTP).first()
    if factor is None:
        return None
    counter = int(clock.now().timestamp()) // app_settings.TOTP_PERIOD
    return str(format_hotp_value(hotp_value(decrypt(factor.data["secret"]), counter)))


def credentials() -> Sequence[Any]:
    """Who can sign in to the demonstration, rows of email, password and role; nobody anywhere else."""
    if not is_demonstration():
        return ()
    rows: Sequence[Any] = import_string(settings.DEMO_ACCOUNTS)()
    return rows
