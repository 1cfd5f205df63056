"""Browsers that an account is known to sign in from: a signed cookie remembers them, nothing is kept of them on our side.

Its value names no account: a keyed digest of each, for five of them at most. Somebody who holds a password but not this browser
has no such cookie, and the account's owner is told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.core import signing
from django.utils.crypto import constant_time_compare, salted_hmac

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from accounts.models import User

SALT: Final = "accounts.devices"
YEAR: Final = 365 * 24 * 3600
# Accounts that one browser remembers: a desk that several people share.
REMEMBERED: Final = 5


def _mark(user: User) -> str:
    return salted_hmac(SALT, str(user.pk), algorithm="sha256").hexdigest()[:32]


def _marks(request: HttpRequest) -> list[str]:
    value = request.COOKIES.get(settings.DEVICE_COOKIE_NAME, "")
    try:
        marks: list[str] = signing.loads(value, salt=SALT, max_age=YEAR)
    except signing.BadSignature:
        return []
    return marks


def is_known(request: HttpRequest, user: User) -> bool:
    """Whether this browser has already signed in with the account, this year."""
    mark = _mark(user)
    return any(constant_time_compare(mark, other) for other in _marks(request))


def remember(response: HttpResponse, request: HttpRequest, user: User) -> None:
    """From now on the browser is known to the account."""
    mark = _mark(user)
    marks = [mark, *(other for other in _marks(request) if other != mark)][:REMEMBERED]
    response.set_cookie(
        settings.DEVICE_COOKIE_NAME,
        signing.dumps(marks, salt=SALT, compress=True),
        max_age=YEAR,
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Lax",
    )
