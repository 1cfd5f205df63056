"""The portal says whether it is well, to whom it concerns."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder
from django.test import Client

from core import clock, health, heartbeat, views
from core.choices import MailStatus
from core.models import Heartbeat, OutboxMail
from tests.factories.accounts import StaffFactory, UserFactory, sign_in

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_django.fixtures import Settings

pytestmark = pytest.mark.django_db


def _outsider() -> Client:
    return Client(REMOTE_ADDR="203.0.113.7")


@pytest.fixture(autouse=True)
def _forget() -> Iterator[None]:
    views._Verdict.until = 0.0
    health._Applied.known = False
    yield
    views._Verdict.until = 0.0


@pytest.fixture
def _alive() -> None:
    heartbeat.beat(heartbeat.WORKER)


def _mail(*, minutes_late: float, status: str = MailStatus.QUEUED) -> OutboxMail:
    return OutboxMail.objects.create(
        to_email="a@example.ma", language="fr", kind="test", status=status, not_before=clock.now() - timedelta(minutes=minutes_late)
    )


@pytest.mark.usefixtures("_alive")
def test_health_when_everything_answers_then_is_ok_with_every_figure(client: Client) -> None:
    answer = client.get("/healthz")

    assert (answer.status_code, answer.json()["status"]) == (200, "ok")
    assert set(answer.json()["checks"]) == {"database", "migrations", "wall", "broker", "worker", "outbox", "time_zone", "disk"}
    assert "no-store" in answer["Cache-Control"]


def test_health_when_no_worker_was_ever_seen_then_is_degraded(client: Client) -> None:
    answer = client.get("/healthz")

    assert (answer.status_code, answer.json()["status"]) == (503, "degraded")
    assert answer.json()["checks"]["worker"] == {"ok": False, "seen_seconds_ago": None}


@pytest.mark.parametrize(("seconds", "status"), [(175, 200), (185, 503)])
def test_health_when_the_worker_was_seen_some_time_ago_then_three_minutes_decide(client: Client, seconds: int, status: int) -> None:
    Heartbeat.objects.create(name=heartbeat.WORKER, beaten_at=clock.now() - timedelta(seconds=seconds))

    assert client.get("/healthz").status_code == status


@pytest.mark.usefixtures("_alive")
@pytest.mark.parametrize(("minutes", "status"), [(4.9, 200), (5.1, 503)])
def test_health_when_a_mail_should_have_left_then_five_minutes_decide(client: Client, minutes: float, status: int) -> None:
    _mail(minutes_late=-60)
    _mail(minutes_late=minutes)

    assert client.get("/healthz").status_code == status


@pytest.mark.usefixtures("_alive")
def test_health_when_the_broker_is_down_then_is_degraded_and_pages_still_serve(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> health.Check:
        raise ConnectionRefusedError("redis://:secret@broker")

    refuse.__name__ = "broker"
    monkeypatch.setattr(health, "ALL", tuple(refuse if check is health.broker else check for check in health.ALL))
    monkeypatch.setattr(health.report, "__defaults__", (health.ALL,))

    answer = client.get("/healthz")

    assert (answer.status_code, answer.json()["checks"]["broker"]) == (503, {"ok": False, "cause": "ConnectionRefusedError"})
    assert "secret" not in answer.content.decode()
    assert client.get("/health/ready").status_code == 200


def test_the_broker_when_nothing_listens_then_its_check_fails_quickly() -> None:
    from celery import current_app

    with current_app.connection_for_write("redis://127.0.0.1:1/0") as bell, pytest.raises(Exception, match=r"(?i)refused|111"):
        bell.ensure_connection(max_retries=1, interval_start=0, timeout=2)


@pytest.mark.usefixtures("_alive")
def test_health_when_asked_by_the_public_then_says_one_word(settings: Settings) -> None:
    settings.METRICS_TOKEN = "t" * 40
    outsider = _outsider()

    assert outsider.get("/healthz").json() == {"status": "ok"}
    assert outsider.get("/healthz", headers={"Authorization": "Bearer wrong"}).json() == {"status": "ok"}
    assert "checks" in outsider.get("/healthz", headers={"Authorization": f"Bearer {'t' * 40}"}).json()


def test_health_when_no_token_is_configured_then_an_empty_one_opens_nothing(settings: Settings) -> None:
    settings.METRICS_TOKEN = ""
    outsider = _outsider()

    assert "checks" not in outsider.get("/healthz", headers={"Authorization": "Bearer "}).json()
    assert outsider.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 401


def test_health_when_in_production_then_loopback_proves_nothing(client: Client, settings: Settings) -> None:
    settings.TRUST_LOOPBACK = False

    assert "checks" not in client.get("/healthz").json()
    assert client.get("/metrics").status_code == 401


def test_health_when_asked_by_signed_in_people_then_only_staff_read_the_figures() -> None:
    person, staff = _outsider(), _outsider()
    sign_in(person, UserFactory())
    sign_in(staff, StaffFactory())

    assert "checks" not in person.get("/healthz").json()
    assert "checks" in staff.get("/healthz").json()


def test_health_when_the_public_asks_often_then_the_database_is_asked_once() -> None:
    outsider = _outsider()
    first = outsider.get("/healthz").status_code
    heartbeat.beat(heartbeat.WORKER)

    assert (first, outsider.get("/healthz").status_code) == (503, 503)


def test_readiness_when_a_migration_waits_then_refuses_visitors(client: Client) -> None:
    (_app, latest), *_others = MigrationExecutor(connection).loader.graph.leaf_nodes("core")
    MigrationRecorder.Migration.objects.filter(app="core", name=latest).delete()

    answer = client.get("/health/ready")

    assert (answer.status_code, answer.json()) == (503, {"status": "degraded"})


def test_liveness_when_asked_then_reads_no_row(client: Client, django_assert_num_queries: pytest.FixtureRequest) -> None:
    with django_assert_num_queries(0):  # type: ignore[operator]
        assert client.get("/health/live").json() == {"status": "ok"}


def test_the_time_zone_when_checked_then_python_and_postgresql_follow_the_law() -> None:
    assert health.time_zone() == health.Check("time_zone", True, {"python": True, "postgresql": True})


def test_health_when_written_to_then_refuses(client: Client) -> None:
    assert [client.post(path).status_code for path in ("/healthz", "/health/live", "/health/ready", "/metrics")] == [405] * 4
