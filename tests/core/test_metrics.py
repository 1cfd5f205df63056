"""Prometheus reads figures that are true, and addresses never become labels."""

from __future__ import annotations

import os
import subprocess
import sys
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.test import Client
from prometheus_client.parser import text_string_to_metric_families

from core import clock, heartbeat
from core.choices import MailStatus
from core.models import Heartbeat, OutboxMail

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_django.fixtures import Settings

pytestmark = pytest.mark.django_db


def _figures(answer: Any) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    assert answer.status_code == 200
    return {
        (sample.name, tuple(sorted(sample.labels.items()))): sample.value
        for family in text_string_to_metric_families(answer.content.decode())
        for sample in family.samples
    }


def test_metrics_when_scraped_then_count_requests_by_pattern_and_not_by_address(client: Client) -> None:
    key = ("portal_http_requests_total", (("method", "GET"), ("route", "demo/mails/<str:key>/"), ("status", "404")))
    before = _figures(client.get("/metrics")).get(key, 0)
    client.get("/demo/mails/one/")
    client.get("/demo/mails/two/")

    figures = _figures(client.get("/metrics"))

    assert figures[key] == before + 2
    assert not any("mails/one" in dict(labels).get("route", "") for _name, labels in figures)


def test_metrics_when_an_address_is_unknown_or_a_method_invented_then_share_one_series(client: Client) -> None:
    client.generic("INVENTED", "/no/such/page/1")
    client.generic("INVENTED", "/no/such/page/2")

    routes = {dict(labels).get("route") for name, labels in _figures(client.get("/metrics")) if name == "portal_http_requests_total"}

    assert not any(route and "no/such" in route for route in routes)
    assert any(dict(labels).get("method") == "OTHER" for _name, labels in _figures(client.get("/metrics")))


def test_metrics_when_mails_wait_then_tell_how_many_and_since_when(client: Client) -> None:
    now = clock.now()
    for status, minutes in ((MailStatus.QUEUED, 10), (MailStatus.QUEUED, -60)):
        OutboxMail.objects.create(
            to_email="a@example.ma", language="fr", kind="test", status=status, not_before=now - timedelta(minutes=minutes)
        )

    figures = _figures(client.get("/metrics"))

    assert figures[("portal_outbox_mails", (("state", "queued"),))] == 2
    assert figures[("portal_outbox_mails", (("state", "failed"),))] == 0
    assert 600 <= figures[("portal_outbox_oldest_due_seconds", ())] < 660


def test_metrics_when_rounds_beat_then_tell_their_ages(client: Client) -> None:
    Heartbeat.objects.create(name=heartbeat.WORKER, beaten_at=clock.now() - timedelta(seconds=90))

    figures = _figures(client.get("/metrics"))

    assert 90 <= figures[("portal_heartbeat_age_seconds", (("round", "worker"),))] < 120
    assert figures[("portal_jobs", (("state", "requested"),))] == 0
    assert figures[("portal_database_bytes", ())] > 1_000_000


def test_metrics_when_asked_without_the_token_then_refuse(settings: Settings) -> None:
    settings.METRICS_TOKEN = "m" * 40
    outsider = Client(REMOTE_ADDR="203.0.113.7")

    assert outsider.get("/metrics").status_code == 401
    assert outsider.get("/metrics")["WWW-Authenticate"] == "Bearer"
    assert outsider.get("/metrics", headers={"Authorization": "Bearer " + "m" * 39}).status_code == 401
    assert outsider.get("/metrics", headers={"Authorization": "Bearer " + "m" * 40}).status_code == 200


def test_metrics_when_several_workers_count_then_are_added_up(tmp_path: Path) -> None:
    count = "from prometheus_client import Counter; Counter('portal_test', 'x', ['a']).labels('b').inc({n})"
    environment = os.environ | {"PROMETHEUS_MULTIPROC_DIR": str(tmp_path)}
    for number in (2, 3):
        subprocess.run([sys.executable, "-c", count.format(n=number)], env=environment, check=True)
    read = "from core.metrics import requests_text; print(requests_text().decode())"
    setup = "import django; django.setup(); "

    done = subprocess.run([sys.executable, "-c", setup + read], env=environment, check=True, capture_output=True, text=True)

    assert 'portal_test_total{a="b"} 5.0' in done.stdout
