"""What machines ask of the portal: is it alive, is it well, what are its figures."""

from __future__ import annotations

import secrets
import time
from ipaddress import ip_address
from typing import TYPE_CHECKING

from django.conf import settings
from django.http import HttpResponse, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CONTENT_TYPE_LATEST

from core import health, metrics
from core.network import client_ip

if TYPE_CHECKING:
    from django.http import HttpRequest

PUBLIC_VERDICT_SECONDS = 5


def has_token(request: HttpRequest) -> bool:
    """Whether the caller shows METRICS_TOKEN, compared in constant time; no token configured means nobody has it."""
    kind, _space, given = request.headers.get("Authorization", "").partition(" ")
    wanted: str = settings.METRICS_TOKEN
    return bool(wanted) and kind.lower() == "bearer" and secrets.compare_digest(given.strip().encode(), wanted.encode())


def is_trusted_loopback(request: HttpRequest) -> bool:
    """Whether the caller is on this machine, where that proves something (never in production: the proxy is there too)."""
    return bool(settings.TRUST_LOOPBACK) and ip_address(client_ip(request)).is_loopback


def may_see_figures(request: HttpRequest) -> bool:
    """Monitoring by its token, the machine itself in local use, and signed-in staff."""
    if has_token(request) or is_trusted_loopback(request):
        return True
    return bool(request.user.is_authenticated and request.user.is_active and request.user.is_staff)


@never_cache
@require_safe
def live(request: HttpRequest) -> HttpResponse:
    """This process answers (200). Nothing else is looked at: restarting it would not cure the database."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def ready(request: HttpRequest) -> HttpResponse:
    """Whether this process can serve pages: 200, or 503 when the database or its schema is missing. For a load balancer."""
    return _answer(health.report(health.SERVING), detailed=False)


class _Verdict:
    """The last verdict given to the public, kept for a few seconds: asking often must not cost the database anything."""

    checks: list[health.Check] = []
    until = 0.0


@never_cache
@require_safe
def healthz(request: HttpRequest) -> HttpResponse:
    """Whether the portal keeps all its promises: 200 and `ok`, or 503 and `degraded`.

    One word for the public; the checks and their figures for monitoring (bearer METRICS_TOKEN) and for signed-in staff.
    """
    if may_see_figures(request):
        return _answer(health.report(), detailed=True)
    if time.monotonic() >= _Verdict.until:
        _Verdict.checks, _Verdict.until = health.report(), time.monotonic() + PUBLIC_VERDICT_SECONDS
    return _answer(_Verdict.checks, detailed=False)


def _answer(checks: list[health.Check], *, detailed: bool) -> HttpResponse:
    well = all(check.ok for check in checks)
    content: dict[str, object] = {"status": "ok" if well else "degraded"}
    if detailed:
        content["checks"] = {check.name: {"ok": check.ok, **check.detail} for check in checks}
    return JsonResponse(content, status=200 if well else 503)


@never_cache
@require_safe
def prometheus(request: HttpRequest) -> HttpResponse:
    """The figures, for a caller with the bearer METRICS_TOKEN; 401 for any other."""
    if not (has_token(request) or is_trusted_loopback(request)):
        return HttpResponse("A bearer token is needed.\n", status=401, content_type="text/plain", headers={"WWW-Authenticate": "Bearer"})
    return HttpResponse(metrics.exposition(), content_type=CONTENT_TYPE_LATEST)
