"""Limits per minute, per client and per organisation, counted in PostgreSQL: exact when many call, alive while the broker is down."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.db import connection
from rest_framework.settings import api_settings
from rest_framework.throttling import BaseThrottle

from core import clock
from core.api import callers
from core.models import Quota

if TYPE_CHECKING:
    from rest_framework.request import Request
    from rest_framework.views import APIView

# Sorted by the caller: two requests that touch the same rows lock them in the same order.
COUNT: Final = """
INSERT INTO core_quota AS q (caller, minute, hits) VALUES {rows}
ON CONFLICT (caller) DO UPDATE SET
    hits = CASE WHEN q.minute = excluded.minute THEN q.hits + 1 ELSE 1 END, minute = excluded.minute
RETURNING q.caller, q.hits
"""


def _limit(name: str) -> int:
    return int(str(api_settings.DEFAULT_THROTTLE_RATES[name]).partition("/")[0])


def count(names: list[str]) -> dict[str, int]:
    """Add one to each of these callers' minute and return the totals. One query."""
    minute = int(clock.now().timestamp() // 60)
    parameters = [value for name in sorted(names) for value in (name, minute, 1)]
    with connection.cursor() as cursor:
        cursor.execute(COUNT.format(rows=", ".join(["(%s, %s, %s)"] * len(names))), parameters)
        return dict(cursor.fetchall())


def purge() -> int:
    """Forget the callers not seen for a day and return how many there were."""
    yesterday = int(clock.now().timestamp() // 60) - 24 * 60
    return Quota.objects.filter(minute__lt=yesterday).delete()[0]


class ClientThrottle(BaseThrottle):
    """So many requests a minute for a client, and for all the clients of its organisation together."""

    def allow_request(self, request: Request, view: APIView) -> bool:
        """False beyond a limit: the view answers 429 with Retry-After."""
        name = callers.name_of(request)
        limits = {name: _limit("anonymous" if name.startswith("ip:") else "client")}
        organisation = getattr(request.user, "organisation_id", None)
        if organisation:
            limits[f"organisation:{organisation}"] = _limit("organisation")
        return all(hits <= limits[caller] for caller, hits in count(list(limits)).items())

    def wait(self) -> float:
        """Seconds until the next minute."""
        return 60 - clock.now().timestamp() % 60


class RefusedThrottle(ClientThrottle):
    """For calls with bad credentials: they count against the address they come from."""

    def allow_request(self, request: Request, view: APIView) -> bool:
        """False beyond the limit of anonymous callers."""
        name = callers.address_of(request)
        return count([name])[name] <= _limit("anonymous")
