"""Background jobs under workers that die, race each other, or wake up late: with real processes and threads."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading
import time
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from django.core.files.storage import default_storage
from django.db import connection

from core import clock, jobs
from core.models import Job
from tests.factories.accounts import UserFactory
from tests.factories.jobs import Greeting, ask
from tests.factories.threads import at_once

if TYPE_CHECKING:
    from pytest_django import Settings


ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(autouse=True)
def _kinds(settings: Settings) -> None:
    settings.JOB_KINDS = "tests.factories.jobs.KINDS"


WORKER = """
import os, sys
sys.path.insert(0, {root!r})
import django
from django.conf import settings
django.setup()
settings.MEDIA_ROOT = {media!r}
settings.JOB_KINDS = "tests.factories.jobs.KINDS"
from uuid import UUID
from core import jobs
jobs.run(UUID({job!r}))
"""


def start_worker(job: Job, media: str) -> subprocess.Popen[bytes]:
    """A process of its own that runs the job on this test's database."""
    database = connection.settings_dict
    address = f"postgresql://postgres:@/{database['NAME']}?host={database['HOST']}"
    script = textwrap.dedent(WORKER).format(root=str(ROOT), media=media, job=str(job.pk))
    return subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, env=os.environ | {"DATABASE_URL": address})


@pytest.mark.django_db(transaction=True)
def test_job_when_its_worker_is_killed_then_is_done_once_by_another(tmp_path: Path, settings: Settings) -> None:
    started, delivered = tmp_path / "started", tmp_path / "delivered"
    job = ask(UserFactory(), seconds=60, started=str(started), delivered=str(delivered))
    worker = start_worker(job, str(settings.MEDIA_ROOT))
    for _ in range(300):
        if started.exists():
            break
        time.sleep(0.1)
    worker.send_signal(signal.SIGKILL)
    worker.wait()
    job.refresh_from_db()
    assert (job.state, job.attempts, job.progress_label) == ("running", 1, "begun")
    assert jobs.run(job.pk) is False

    Job.objects.update(lease_until=clock.now() - timedelta(seconds=1), params=job.params | {"seconds": 0})
    assert jobs.sweep()["rung"] == 1
    assert jobs.run(job.pk) is True
    assert jobs.run(job.pk) is False

    job.refresh_from_db()
    assert (job.state, job.attempts) == ("done", 2)
    assert job.result.read() == b"Hello Amina, attempt 2"
    assert delivered.read_text() == "once\n"


@pytest.mark.django_db(transaction=True)
def test_job_when_its_worker_is_lost_three_times_then_fails() -> None:
    job = ask(UserFactory())
    past = clock.now() - timedelta(seconds=1)
    Job.objects.update(state="running", attempts=3, lease_until=past, as_of=past)

    assert jobs.sweep() == {"rung": 0, "exhausted": 1, "expired": 0}

    job.refresh_from_db()
    assert job.state == "failed"
    assert job.error != ""


@pytest.mark.django_db(transaction=True)
def test_job_when_eight_workers_take_it_at_once_then_one_does_it(tmp_path: Path) -> None:
    job = ask(UserFactory(), seconds=0.5, delivered=str(tmp_path / "delivered"))
    did = at_once(*[lambda: jobs.run(job.pk)] * 8)

    assert sorted(did) == [False] * 7 + [True]
    assert (tmp_path / "delivered").read_text() == "once\n"


@pytest.mark.django_db(transaction=True)
def test_job_when_asked_by_eight_clicks_at_once_then_is_one() -> None:
    user = UserFactory()
    with time_machine.travel(clock.now(), tick=False):
        made = at_once(*[lambda: ask(user).pk] * 8)

    assert len(set(made)) == 1
    assert Job.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_job_when_cancelled_while_it_runs_then_its_worker_stops_and_leaves_no_file(tmp_path: Path) -> None:
    user = UserFactory()
    job = ask(user, seconds=1, started=str(tmp_path / "started"))
    worker = threading.Thread(target=run_apart, args=[job])
    worker.start()
    while not (tmp_path / "started").exists():
        time.sleep(0.02)

    jobs.cancel_job(job=job.pk, by=user)
    worker.join()

    job.refresh_from_db()
    assert (job.state, bool(job.result)) == ("cancelled", False)
    assert list(Path(default_storage.path("jobs")).glob("*/*.csv")) == []


@pytest.mark.django_db(transaction=True)
def test_job_when_a_late_twin_finishes_after_another_took_it_then_changes_nothing(tmp_path: Path) -> None:
    job = ask(UserFactory(), seconds=1, started=str(tmp_path / "started"))
    late = threading.Thread(target=run_apart, args=[job])
    late.start()
    while not (tmp_path / "started").exists():
        time.sleep(0.02)
    Job.objects.update(lease_until=clock.now() - timedelta(seconds=1), params=job.params | {"seconds": 0})

    assert jobs.run(job.pk) is True
    late.join()

    job.refresh_from_db()
    assert (job.state, job.attempts) == ("done", 2)
    assert job.result.read() == b"Hello Amina, attempt 2"


@pytest.mark.django_db(transaction=True)
def test_job_when_its_lease_ends_after_the_last_word_of_progress_then_the_other_attempts_file_stays(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    job = ask(UserFactory())
    work = Greeting.run

    def overtaken(self: Greeting, row: Job, **given: Any) -> jobs.Made:
        made = work(self, row, **given)
        if row.attempts == 1:
            Job.objects.update(lease_until=clock.now() - timedelta(seconds=1))
            assert jobs.run(row.pk) is True
        return made

    monkeypatch.setattr(Greeting, "run", overtaken)

    assert jobs.run(job.pk) is False

    job.refresh_from_db()
    assert (job.state, job.attempts, job.result.read()) == ("done", 2, b"Hello Amina, attempt 2")


def run_apart(job: Job) -> None:
    try:
        jobs.run(job.pk)
    finally:
        connection.close()
