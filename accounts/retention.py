"""What the front door keeps only while it is of use: sessions, partners' tokens, counters of limits."""

from __future__ import annotations

from importlib import import_module

from allauth.idp.oidc.models import Token
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection

from core import clock


def forget_expired() -> dict[str, int]:
    """Delete expired sessions, tokens and cached rows; how many of each. Runs as often as one likes."""
    import_module(settings.SESSION_ENGINE).SessionStore.clear_expired()
    listed, _each = UserSession.objects.exclude(session_key__in=Session.objects.values("session_key")).delete()
    tokens, _each = Token.objects.expired().delete()
    table = connection.ops.quote_name(str(settings.CACHES["default"]["LOCATION"]))
    with connection.cursor() as cursor:
        cursor.execute(f"DELETE FROM {table} WHERE expires < %s", [clock.now()])  # noqa: S608 - a name from the settings
        cached = cursor.rowcount
    return {"sessions": listed, "tokens": tokens, "cached": cached}
