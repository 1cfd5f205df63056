"""Figures for Prometheus: what this server's requests cost, and what the database says of mails, jobs and rounds.

Requests are counted in memory, shared by the web workers through files (PROMETHEUS_MULTIPROC_DIR, set by
config/gunicorn.py). Everything else is read from the database at each scrape: true whichever process answers.
"""

from __future__ import annotations

import os
import time
from typing import TYPE_CHECKING

from django.db import connection
from django.db.models import Count, Min, Q
from prometheus_client import REGISTRY, CollectorRegistry, Counter, Histogram, generate_latest, multiprocess
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.registry import Collector

from core import clock
from core.choices import MailStatus
from core.models import Heartbeat, OutboxMail
from core.models.job import Job, JobState

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime

    from django.http import HttpRequest, HttpResponse
    from prometheus_client.core import Metric

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
REQUESTS = Counter("portal_http_requests", "Requests answered", ["method", "route", "status"])
SECONDS = Histogram(
    "portal_http_request_seconds",
    "Time to answer a request",
    ["method", "route"],
    buckets=(0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)


class RequestMetrics:
    """Counts every request by the pattern of its address, never by the address itself: the number of series stays small."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, then count."""
        began = time.perf_counter()
        response = self.get_response(request)
        method = request.method if request.method in METHODS else "OTHER"
        route = request.resolver_match.route if request.resolver_match else _unresolved(request)
        REQUESTS.labels(method, route, response.status_code).inc()
        SECONDS.labels(method, route).observe(time.perf_counter() - began)
        return response


def _unresolved(request: HttpRequest) -> str:
    return "static/" if request.path.startswith("/static/") else "(none)"


class DatabaseFigures(Collector):
    """Mails and jobs by state with the age of the oldest due, ages of the rounds, size and connections of the database."""

    def collect(self) -> Iterable[Metric]:
        """Read once per scrape."""
        now = clock.now()
        yield from _by_state(
            "portal_outbox_mails", "Mails by state", OutboxMail.objects.values_list("status").annotate(n=Count("id")), MailStatus.values
        )
        due = OutboxMail.objects.filter(
            Q(status=MailStatus.QUEUED) | Q(status=MailStatus.SENDING, lease_until__lt=now), not_before__lte=now
        )
        yield _age(
            "portal_outbox_oldest_due_seconds", "Age of the oldest mail that should have left", due.aggregate(t=Min("not_before"))["t"], now
        )
        yield from _by_state(
            "portal_jobs", "Background jobs by state", Job.objects.values_list("state").annotate(n=Count("id")), JobState.values
        )
        waiting = Job.objects.filter(state=JobState.REQUESTED).aggregate(t=Min("created_at"))["t"]
        yield _age("portal_jobs_oldest_waiting_seconds", "Age of the oldest job that nobody took", waiting, now)
        rounds = GaugeMetricFamily("portal_heartbeat_age_seconds", "Time since a round last went well", labels=["round"])
        for name, beaten_at in Heartbeat.objects.values_list("name", "beaten_at"):
            rounds.add_metric([name], (now - beaten_at).total_seconds())
        yield rounds
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT pg_database_size(current_database()), (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()),"
                " current_setting('max_connections')::int"
            )
            size, connections, most = cursor.fetchone()
        yield GaugeMetricFamily("portal_database_bytes", "Size of the database", value=size)
        yield GaugeMetricFamily("portal_database_connections", "Connections to the database", value=connections)
        yield GaugeMetricFamily("portal_database_connections_limit", "Connections the server accepts", value=most)


def _by_state(name: str, text: str, counts: Iterable[tuple[str, int]], states: Iterable[str]) -> Iterable[Metric]:
    found = dict(counts)
    family = GaugeMetricFamily(name, text, labels=["state"])
    for state in states:  # an absent state is a zero, not a hole
        family.add_metric([state], found.get(state, 0))
    yield family


def _age(name: str, text: str, oldest: datetime | None, now: datetime) -> Metric:
    return GaugeMetricFamily(name, text, value=(now - oldest).total_seconds() if oldest else 0)


def requests_text() -> bytes:
    """The figures of the requests: those of every web worker when they share a folder, else of this process."""
    if not os.environ.get("PROMETHEUS_MULTIPROC_DIR"):
        return generate_latest(REGISTRY)
    shared = CollectorRegistry()
    multiprocess.MultiProcessCollector(shared)  # type: ignore[no-untyped-call]
    return generate_latest(shared)


def exposition() -> bytes:
    """Every figure in Prometheus's text format."""
    figures = CollectorRegistry()
    figures.register(DatabaseFigures())
    return requests_text() + generate_latest(figures)
