"""Background jobs, with real processes where a process dies."""

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
from core.actors import SYSTEM
from core.errors import Conflict, Invalid, Refusal
from core.models import Job
from core.models.job import JOB_TRANSITIONS, JobState
from core.states import check_transition
from tests.factories.accounts import UserFactory

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pytest_django import Settings

    from core.actors import Actor
    from core.progress import Progress

ROOT = Path(__file__).resolve().parents[2]


class Greeting:
    """A kind of job for the tests: writes a greeting; its parameters say how it goes wrong."""

    kind = "greeting"

    def clean(self, params: Mapping[str, Any], *, by: Actor) -> dict[str, Any]:
        if "name" not in params:
            raise Invalid("a name is needed", field="name")
        return dict(params)

    def may_request(self, user: Actor, params: Mapping[str, Any]) -> bool:
        return user.is_active and not Path(params.get("forbidden_when", "/nonexistent")).exists()

    def run(self, job: Job, *, by: Actor, draft: Path, progress: Progress) -> jobs.Made:
        progress(10, "begun")
        if beside := job.params.get("started"):
            Path(beside).write_text("started")
        time.sleep(job.params.get("seconds", 0))
        if job.params.get("refused"):
            raise Refusal("nothing to greet")
        if job.params.get("breaks", 0) >= job.attempts:
            raise RuntimeError("broken")
        progress(90, "nearly")
        draft.write_text(f"Hello {job.params['name']}, attempt {job.attempts}")
        return jobs.Made(filename="hello.csv", media_type="text/csv", suffix=".csv")

    def delivered(self, job: Job) -> None:
        if beside := job.params.get("delivered"):
            with Path(beside).open("a") as stream:
                stream.write("once\n")


KINDS = (Greeting(),)


@pytest.fixture(autouse=True)
def _kinds(settings: Settings) -> None:
    settings.JOB_KINDS = "tests.core.test_jobs.KINDS"


def ask(user: Any, **params: Any) -> Job:
    return jobs.request_job(kind="greeting", params={"name": "Amina"} | params, by=user)


pytestmark = pytest.mark.django_db


def test_job_when_asked_and_run_then_has_its_file() -> None:
    user = UserFactory()
    job = ask(user)

    assert jobs.run(job.pk)

    job.refresh_from_db()
    assert (job.state, job.progress, job.attempts, job.filename, job.media_type) == ("done", 100, 1, "hello.csv", "text/csv")
    assert job.result.read() == b"Hello Amina, attempt 1"
    assert job.size == 22
    assert job.expires_at is not None
    assert job.expires_at > clock.now() + timedelta(days=29)
    assert jobs.finished_file(job=job.pk, by=user) == job
    assert list(Path(default_storage.path("jobs/.drafts")).iterdir()) == []


def test_job_when_asked_twice_in_a_minute_then_is_one_and_other_parameters_make_another() -> None:
    user = UserFactory()
    with time_machine.travel("2026-11-23T10:00:10Z", tick=False):
        first, second, other = ask(user), ask(user), ask(user, name="Youssef")
    with time_machine.travel("2026-11-23T10:01:10Z", tick=False):
        later = ask(user)

    assert second == first
    assert len({first.pk, other.pk, later.pk}) == 3


def test_job_when_its_kind_or_parameters_are_wrong_then_is_refused() -> None:
    user = UserFactory()

    with pytest.raises(Invalid) as unknown:
        jobs.request_job(kind="nothing", params={}, by=user)
    with pytest.raises(Invalid) as nameless:
        jobs.request_job(kind="greeting", params={}, by=user)

    assert (unknown.value.field, nameless.value.field) == ("kind", "name")
    assert Job.objects.count() == 0


def test_job_when_it_shows_what_the_person_may_not_see_then_does_not_exist() -> None:
    with pytest.raises(Job.DoesNotExist):
        ask(UserFactory(), forbidden_when=str(ROOT))
    assert Job.objects.count() == 0


def test_job_when_the_right_is_lost_before_it_runs_then_fails_and_shows_nothing(tmp_path: Path) -> None:
    user = UserFactory()
    job = ask(user, forbidden_when=str(tmp_path / "lost"))
    (tmp_path / "lost").touch()

    jobs.run(job.pk)

    job.refresh_from_db()
    assert (job.state, bool(job.result)) == ("failed", False)
    assert job.error != ""


def test_job_when_the_right_is_lost_after_it_ran_then_its_file_does_not_exist(tmp_path: Path) -> None:
    user = UserFactory()
    job = ask(user, forbidden_when=str(tmp_path / "lost"))
    jobs.run(job.pk)
    (tmp_path / "lost").touch()

    with pytest.raises(Job.DoesNotExist):
        jobs.finished_file(job=job.pk, by=user)


def test_job_of_somebody_else_when_looked_for_then_does_not_exist() -> None:
    job = ask(UserFactory())
    jobs.run(job.pk)
    other, closed = UserFactory(is_staff=True, is_superuser=True), UserFactory(is_active=False)

    assert list(Job.objects.visible_to(other)) == []
    assert list(Job.objects.visible_to(closed)) == []
    for act in (jobs.finished_file, jobs.cancel_job, jobs.retry_job):
        with pytest.raises(Job.DoesNotExist):
            act(job=job.pk, by=other)


def test_job_of_the_portal_when_made_for_people_then_they_see_it_and_may_not_stop_it() -> None:
    reader, other = UserFactory(), UserFactory()
    job = jobs.request_job(kind="greeting", params={"name": "all"}, by=SYSTEM, unique="2026-11", recipients=[reader])
    again = jobs.request_job(kind="greeting", params={"name": "all"}, by=SYSTEM, unique="2026-11", recipients=[reader])
    jobs.run(job.pk)

    assert again == job
    assert jobs.finished_file(job=job.pk, by=reader) == job
    assert list(Job.objects.visible_to(other)) == []
    with pytest.raises(Job.DoesNotExist):
        jobs.cancel_job(job=job.pk, by=reader)


def test_job_when_refused_by_its_work_then_fails_with_that_sentence_and_can_be_tried_again() -> None:
    user = UserFactory()
    job = ask(user, refused=True)
    jobs.run(job.pk)
    job.refresh_from_db()
    assert (job.state, job.error, job.attempts) == ("failed", "nothing to greet", 1)

    again = jobs.retry_job(job=job.pk, by=user)

    assert (again.state, again.error, again.attempts, again.finished_at) == ("requested", "", 0, None)


def test_job_when_it_breaks_then_is_tried_again_later_and_done() -> None:
    job = ask(UserFactory(), breaks=2)
    with time_machine.travel(clock.now(), tick=False) as now:
        for _ in range(3):
            jobs.run(job.pk)
            assert jobs.run(job.pk) is False
            now.shift(timedelta(minutes=5))

    job.refresh_from_db()
    assert (job.state, job.attempts) == ("done", 3)


def test_job_when_it_breaks_three_times_then_fails_in_plain_words() -> None:
    job = ask(UserFactory(), breaks=3)
    with time_machine.travel(clock.now(), tick=False) as now:
        for _ in range(4):
            jobs.run(job.pk)
            now.shift(timedelta(minutes=5))

    job.refresh_from_db()
    assert (job.state, job.attempts) == ("failed", 3)
    assert "broken" not in job.error
    assert job.error != ""


def test_job_when_cancelled_then_does_not_run() -> None:
    user = UserFactory()
    job = ask(user)

    jobs.cancel_job(job=job.pk, by=user)

    assert jobs.run(job.pk) is False
    job.refresh_from_db()
    assert job.state == "cancelled"


def test_jobs_when_many_are_unfinished_then_the_next_is_refused() -> None:
    user = UserFactory()
    for number in range(jobs.MAX_UNFINISHED):
        ask(user, name=f"n{number}")

    with pytest.raises(Conflict) as refused:
        ask(user, name="one more")

    assert refused.value.code == "too_many_jobs"


def test_file_when_past_its_time_then_is_deleted_and_no_longer_given() -> None:
    user = UserFactory()
    job = ask(user)
    jobs.run(job.pk)
    path = Path(default_storage.path(str(Job.objects.get().result.name)))
    Job.objects.update(created_at=clock.now() - timedelta(days=31), expires_at=clock.now() - timedelta(seconds=1))
    with pytest.raises(Job.DoesNotExist):
        jobs.finished_file(job=job.pk, by=user)

    assert jobs.sweep()["expired"] == 1

    assert not path.exists()
    assert jobs.sweep()["expired"] == 0


@pytest.mark.parametrize("current", list(JobState))
@pytest.mark.parametrize("to", list(JobState))
def test_job_when_moved_then_only_along_the_table(current: JobState, to: JobState) -> None:
    if to in JOB_TRANSITIONS[current]:
        check_transition(JOB_TRANSITIONS, current=current, to=to)
    else:
        with pytest.raises(Conflict):
            check_transition(JOB_TRANSITIONS, current=current, to=to)


# -- processes that die, and two workers -------------------------------------------------------------------------------
WORKER = """
import os, sys
sys.path.insert(0, {root!r})
import django
from django.conf import settings
django.setup()
settings.MEDIA_ROOT = {media!r}
settings.JOB_KINDS = "tests.core.test_jobs.KINDS"
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
    did = in_threads(8, lambda: jobs.run(job.pk))

    assert sorted(did) == [False] * 7 + [True]
    assert (tmp_path / "delivered").read_text() == "once\n"


@pytest.mark.django_db(transaction=True)
def test_job_when_asked_by_eight_clicks_at_once_then_is_one() -> None:
    user = UserFactory()
    with time_machine.travel(clock.now(), tick=False):
        made = in_threads(8, lambda: ask(user).pk)

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


def run_apart(job: Job) -> None:
    try:
        jobs.run(job.pk)
    finally:
        connection.close()


def in_threads(count: int, act: Any) -> list[Any]:
    answers: list[Any] = []
    together = threading.Barrier(count)

    def one() -> None:
        try:
            together.wait()
            answers.append(act())
        finally:
            connection.close()

    threads = [threading.Thread(target=one) for _ in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers
