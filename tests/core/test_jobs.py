"""Background jobs: what is asked, who sees it, how it fails, how long it is kept."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import time_machine
from django.core.files.storage import default_storage

from core import clock, jobs
from core.actors import SYSTEM
from core.errors import Conflict, Invalid
from core.models import Job
from core.models.job import JOB_TRANSITIONS, JobState
from core.states import check_transition
from tests.factories.accounts import UserFactory
from tests.factories.jobs import ask

if TYPE_CHECKING:
    from pytest_django import Settings


@pytest.fixture(autouse=True)
def _kinds(settings: Settings) -> None:
    settings.JOB_KINDS = "tests.factories.jobs.KINDS"


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
        ask(UserFactory(), forbidden_when=__file__)
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
