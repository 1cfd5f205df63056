"""What the front door keeps only while it is of use: sessions, partners' tokens, counters of limits."""

from __future__ import annotations

from datetime import timedelta
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final

from allauth.idp.oidc.models import Token
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core import clock
from core.actors import SYSTEM
from core.privacy.retention import ANONYMISE, Housekeeping, Rule, one_by_one

if TYPE_CHECKING:
    from django.db.models import QuerySet


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


class Expired(Housekeeping):
    """Sessions with their devices, partners' tokens, counters of limits: as soon as they have expired."""

    slug = "expired"
    title = _("Sessions, tokens and counters that have expired")
    since = "expire_date"

    def rows(self) -> QuerySet[Any]:
        """The sessions, counted from their end."""
        return Session.objects.all()

    def sweep(self) -> int:
        """Delete all three."""
        return sum(forget_expired().values())


class ClosedAccounts(Rule):
    """Accounts closed for a year: nobody has reopened them."""

    slug = "closed-accounts"
    title = _("Closed accounts")
    age = timedelta(days=365)
    since = "updated_at"
    act = ANONYMISE

    def rows(self) -> QuerySet[Any]:
        """Closed ones that still bear a name; nothing of a closed account changes but its closing."""
        return User.objects.filter(is_active=False, erased_at=None)

    def apply(self, keys: list[Any]) -> int:
        """Erase each as an accounts manager would (setting ACCOUNT_ERASING)."""
        erase = import_string(settings.ACCOUNT_ERASING)
        return one_by_one(keys, lambda key: erase(user=key, reason="Kept long enough", by=SYSTEM))


RULES: Final = (Expired(), ClosedAccounts())
