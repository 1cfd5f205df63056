"""The bell and the lock of the rounds."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest
from django.db import connection, transaction

from core import queue
from core.tasks import heartbeat


class _Recorder:
    """A task that notes its calls, or fails as a dead broker makes it fail."""

    name = "tests.recorder"

    def __init__(self, *, broken: bool = False) -> None:
        self.calls: list[tuple[Any, ...]] = []
        self.options: dict[str, Any] = {}
        self.broken = broken

    def apply_async(self, args: Any = None, **options: Any) -> None:
        self.calls.append(tuple(args))
        self.options = options
        if self.broken:
            raise ConnectionError("no broker")


@pytest.fixture(autouse=True)
def _no_silence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(queue, "_silent_until", 0.0)


@pytest.mark.django_db(transaction=True)
def test_a_bell_when_the_transaction_is_undone_then_is_not_rung() -> None:
    task = _Recorder()

    with transaction.atomic():
        queue.ring(task, "a")
        transaction.set_rollback(True)
    with transaction.atomic():
        queue.ring(task, "b")
        assert task.calls == []

    assert task.calls == [("b",)]


@pytest.mark.django_db(transaction=True)
def test_a_bell_when_nobody_hears_it_then_ends_by_itself_so_that_bells_do_not_pile_up() -> None:
    task = _Recorder()

    with transaction.atomic():
        queue.ring(task, "a")

    assert task.options["expires"] == queue.LASTS_SECONDS == 60


def test_a_report_when_it_waits_then_is_in_another_queue_than_mails_and_rounds_and_a_worker_takes_both() -> None:
    from config.beat import SCHEDULE
    from config.celery import app

    def queue_of(task: str) -> str:
        return str(app.amqp.router.route({}, task)["queue"].name)

    assert set(app.amqp.queues) == {"celery", "jobs"}
    assert queue_of("core.tasks.run_job") == "jobs"
    assert {queue_of(entry["task"]) for entry in SCHEDULE.values()} == {"celery"}


@pytest.mark.django_db(transaction=True)
def test_a_bell_when_the_broker_is_down_then_does_not_raise_and_leaves_it_alone_for_a_while() -> None:
    task = _Recorder(broken=True)

    for _ in range(3):
        with transaction.atomic():
            queue.ring(task, "a")

    assert task.calls == [("a",)]


@pytest.mark.django_db(transaction=True)
def test_a_bell_when_no_server_answers_at_the_brokers_address_then_costs_no_more_than_its_time_limits() -> None:
    from config.celery import app

    kept = app.conf.broker_url
    app.conf.broker_url = "redis://127.0.0.1:1/0"
    app._after_fork()  # forgets its connections
    started = time.monotonic()
    try:
        with transaction.atomic():
            queue.ring(heartbeat)
    finally:
        app.conf.broker_url = kept
        app._after_fork()

    assert time.monotonic() - started < 4


@pytest.mark.django_db(transaction=True)
def test_a_round_when_another_holds_its_lock_then_is_told_so_at_once() -> None:
    answers: list[bool] = []

    def other() -> None:
        try:
            with queue.alone("round") as mine:
                answers.append(mine)
            with queue.alone("another round") as mine:
                answers.append(mine)
        finally:
            connection.close()

    with queue.alone("round") as mine:
        thread = threading.Thread(target=other)
        thread.start()
        thread.join(10)
    with queue.alone("round") as again:
        pass

    assert (mine, answers, again) == (True, [False, True], True)
