"""What Django's `check` adds before anything starts."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register

from core import clock
from core.wall.install import owns_tables

if TYPE_CHECKING:
    from collections.abc import Sequence


@register
def civil_time_follows_the_law(app_configs: Any, **kwargs: Any) -> Sequence[CheckMessage]:
    """Morocco left UTC+1 on 2026-09-20: older zone tables would put every deadline an hour off."""
    wrong = [
        instant.isoformat()
        for instant, hours in clock.OFFSETS
        if instant.astimezone(clock.CASABLANCA).utcoffset() != timedelta(hours=hours)
    ]
    if not wrong:
        return []
    return [
        Error(
            f"Africa/Casablanca has a wrong offset at {', '.join(wrong)}.",
            hint="Install the pinned tzdata package and leave PYTHONTZPATH unset: config/__init__.py reads zones from the package only.",
            id="core.E001",
        )
    ]


@register(Tags.security, deploy=True)
def metrics_token_is_long(app_configs: Any, **kwargs: Any) -> Sequence[CheckMessage]:
    """A token that can be guessed opens the figures to everybody."""
    if settings.METRICS_TOKEN and len(settings.METRICS_TOKEN) < 32:
        return [Warning("METRICS_TOKEN is short.", hint="At least 32 random characters, or none.", id="core.W002")]
    return []


@register(Tags.database, deploy=True)
def login_owns_no_table(app_configs: Any, databases: Sequence[str] | None = None, **kwargs: Any) -> Sequence[CheckMessage]:
    """Web servers and workers need rows, not the schema (ASVS 5.0, 13.2.2). Asked by `check --deploy --database default`."""
    return [
        Warning(
            "The login of DATABASE_URL owns the portal's tables.",
            hint="Migrate with it, and give web servers and workers a login of their own: docs/operate.md, « Two logins ».",
            id="core.W003",
        )
        for alias in databases or ()
        if owns_tables(alias)
    ]
