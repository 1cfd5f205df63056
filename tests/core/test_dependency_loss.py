"""PostgreSQL restarts, the broker is lost in every way it can be: pages and writes go on, rows wait, the sweeps deliver."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.db import DatabaseError, close_old_connections, connection, transaction
from django.urls import reverse
from psycopg2 import connect

from core import jobs, queue
from core.choices import MailStatus
from core.mail import outbox
from core.management.commands import run_outbox
from core.models import OutboxMail
from core.tasks import sweep_outbox
from tests.cluster import migrated_cluster
from tests.core.smtp_sink import mail_to, state_of
from tests.factories.accounts import UserFactory, sign_in
from tests.factories.jobs import ask
from tests.faults.servers import Postgres, Valkey, running_postgres, running_valkey

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.test import Client
    from pytest_django import DjangoDbBlocker, Settings

    from tests.core.smtp_sink import Sink

# What a write may wait for a broker that does not answer, once; afterwards the bell is left alone for a while.
ONCE_SECONDS = 2.5


# -- the broker --------------------------------------------------------------------------------------------------------
@pytest.fixture
def broker(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Valkey]:
    """A broker of the test's own, which the portal rings."""
    from config.celery import app

    kept = app.conf.broker_url
    monkeypatch.setattr(queue, "_silent_until", 0.0)
    with running_valkey(tmp_path / "valkey") as valkey:
        app.conf.broker_url = valkey.url
        app._after_fork()  # forgets its connections
        try:
            yield valkey
        finally:
            valkey.resume()
            app.conf.broker_url = kept
            app._after_fork()


def _refused(valkey: Valkey) -> None:
    valkey.kill()


def _frozen(valkey: Valkey) -> None:
    valkey.pause()


def _emptied(valkey: Valkey) -> None:
    valkey.ask("FLUSHALL")


def _full(valkey: Valkey) -> None:
    valkey.ask("CONFIG", "SET", "maxmemory", "1")


def _killed_while_connected(valkey: Valkey) -> None:
    with transaction.atomic():
        queue.ring(sweep_outbox)
    valkey.kill()


LOSSES = [_refused, _frozen, _emptied, _full, _killed_while_connected]


def _timed(call: Any) -> float:
    began = time.monotonic()
    call()
    return time.monotonic() - began


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("lose", LOSSES, ids=lambda lose: lose.__name__.strip("_"))
def test_a_write_when_the_broker_is_lost_then_is_kept_waits_once_at_most_and_the_sweep_delivers(
    lose: Any, broker: Valkey, sink: Sink
) -> None:
    lose(broker)

    first = _timed(lambda: mail_to("first@example.ma"))
    later = _timed(lambda: [mail_to(f"reader{number}@example.ma") for number in range(10)])

    assert first < ONCE_SECONDS + 0.5  # and what the write itself costs on a busy machine
    assert later < 2
    assert set(OutboxMail.objects.values_list("status", flat=True)) == {MailStatus.QUEUED}
    assert outbox.sweep() == 11
    assert len(sink.mails) == 11


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("lose", LOSSES, ids=lambda lose: lose.__name__.strip("_"))
def test_a_page_when_the_broker_is_lost_then_answers_as_fast_as_ever(lose: Any, broker: Valkey, client: Client) -> None:
    sign_in(client, UserFactory())
    client.get(reverse("portal:notifications"))
    lose(broker)

    began = time.monotonic()
    answer = client.get(reverse("portal:notifications"))

    assert answer.status_code == 200
    assert time.monotonic() - began < 1.0


@pytest.mark.django_db(transaction=True)
def test_a_report_when_the_broker_is_lost_then_its_request_waits_and_a_later_sweep_rings_for_it(broker: Valkey, settings: Settings) -> None:
    settings.JOB_KINDS = "tests.factories.jobs.KINDS"
    broker.kill()
    job = ask(UserFactory())
    broker.start()
    queue._silent_until = 0.0

    assert jobs.sweep()["rung"] == 1

    assert broker.ask("LLEN", "jobs") == 1
    assert jobs.run(job.pk) is True


@pytest.mark.django_db(transaction=True)
def test_bells_when_nobody_hears_them_then_end_by_themselves(broker: Valkey) -> None:
    for _ in range(3):
        with transaction.atomic():
            queue.ring(sweep_outbox)

    messages = [str(one) for one in broker.ask("LRANGE", "celery", "0", "-1")]

    assert len(messages) == 3
    assert [one for one in messages if '"expires": null' in one.replace("\\", "")] == []


# -- the database ------------------------------------------------------------------------------------------------------
@pytest.fixture
def own_server(django_db_blocker: DjangoDbBlocker) -> Iterator[Postgres]:
    """A PostgreSQL of the test's own, to be struck down, on which this process works meanwhile."""
    folder = Path(tempfile.mkdtemp(prefix="portal-own-"))  # pytest's own folders are closed to the server's account
    folder.chmod(0o755)
    subprocess.run(["cp", "-a", str(migrated_cluster() / "postgres"), str(folder / "postgres")], check=True)
    try:
        with running_postgres(folder / "postgres") as server, django_db_blocker.unblock():
            kept = {name: connection.settings_dict[name] for name in ("NAME", "HOST", "USER", "PASSWORD", "PORT")}
            connection.close()
            connection.settings_dict.update(NAME="portal", HOST=server.url.split("host=")[1], USER="postgres", PASSWORD="", PORT="")
            try:
                yield server
            finally:
                connection.close()
                connection.settings_dict.update(kept)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def test_a_page_when_the_database_restarted_since_the_last_one_then_answers(own_server: Postgres, client: Client) -> None:
    sign_in(client, UserFactory())
    assert client.get(reverse("portal:notifications")).status_code == 200
    before = connection.connection

    own_server.restart()
    close_old_connections()  # what Django does when a request begins; its test client leaves it out

    assert client.get(reverse("portal:notifications")).status_code == 200
    assert connection.connection is not before


def test_the_loop_without_celery_when_the_database_restarts_then_loses_a_round_at_most_and_sends(
    own_server: Postgres, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    mail, later = mail_to("before@example.ma"), None
    compose = outbox._compose

    def cut(row: OutboxMail, user: Any) -> Any:
        monkeypatch.setattr(outbox, "_compose", compose)
        own_server.restart()
        return compose(row, user)

    monkeypatch.setattr(outbox, "_compose", cut)
    command = run_outbox.Command()

    command._round(reminders_too=True)
    later = mail_to("after@example.ma")
    command._round(reminders_too=True)

    assert state_of(later) == (MailStatus.SENT, 1)
    assert state_of(mail) == (MailStatus.SENT, 1)  # the server fell before its mark: it was marked once the server was back
    assert sorted(sink.message_ids) == sorted([mail.message_id, later.message_id])


def test_mails_when_the_database_falls_before_their_marks_are_on_disk_then_are_marked_again_and_leave_once(
    own_server: Postgres, sink: Sink, monkeypatch: pytest.MonkeyPatch
) -> None:
    mails = [mail_to(f"n{number}@example.ma") for number in range(4)]
    with connection.cursor() as cursor:
        # The server's log writer sleeps: what is not waited for stays in memory, and falls with it.
        cursor.execute("ALTER SYSTEM SET wal_writer_delay = '10s'")
        cursor.execute("SELECT pg_reload_conf()")
    compose = outbox._compose
    struck: list[Any] = []

    def cut(row: OutboxMail, user: Any) -> Any:
        if len(sink.mails) == 3 and not struck:
            own_server.restart()
            with connect(own_server.url) as server, server.cursor() as cursor:
                cursor.execute("SELECT count(*) FROM core_outboxmail WHERE status = 'sent'")
                struck.append(cursor.fetchone())
        return compose(row, user)

    monkeypatch.setattr(outbox, "_compose", cut)

    outbox.sweep()

    assert struck == [(0,)]  # what the fall took away: three mails had left
    assert [state_of(mail)[0] for mail in mails] == [MailStatus.SENT] * 4
    assert sorted(sink.message_ids) == sorted(mail.message_id for mail in mails)


def test_a_task_when_the_database_restarted_since_the_last_one_then_runs(own_server: Postgres, sink: Sink) -> None:
    mail_to()
    sweep_outbox.apply(throw=True)
    own_server.restart()
    with pytest.raises(DatabaseError):
        OutboxMail.objects.count()

    close_old_connections()  # what Celery does before each task
    again = mail_to("again@example.ma")
    sweep_outbox.apply(throw=True)

    assert state_of(again) == (MailStatus.SENT, 1)
