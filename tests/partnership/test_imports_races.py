"""Imports under workers that die and hands that hurry: real processes, real threads."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import time
from datetime import timedelta
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection, transaction

from core import clock, jobs
from core.errors import Conflict
from core.imports import services
from core.models import ImportedRow, Job
from partnership.models import Organisation
from tests.factories.partnership import ice
from tests.factories.tables import checked, csv_file
from tests.factories.threads import at_once
from tests.factories.world import build_world

if TYPE_CHECKING:
    from pytest_django import Settings

    from core.models import ImportBatch

ROOT = Path(__file__).resolve().parents[2]
pytestmark = pytest.mark.django_db(transaction=True)
WORKER = """
import sys
sys.path.insert(0, {root!r})
import django
from django.conf import settings
django.setup()
settings.MEDIA_ROOT = {media!r}
from uuid import UUID
from core import jobs
jobs.run(UUID({job!r}))
"""


def table() -> list[list[str]]:
    return [["kind", "name_fr", "ice"], *(["operator", f"Riad {n}", ice(5000 + n)] for n in range(20))]


def new() -> int:
    return Organisation.objects.filter(name_fr__startswith="Riad ").count()


def test_an_import_when_applied_by_eight_hands_at_once_then_is_written_once() -> None:
    world = build_world()
    batch = checked(csv_file(table()), by=world.manager)
    asked = at_once(*[lambda: services.apply_import(batch=batch.pk, by=world.manager).pk] * 8)
    assert len(set(asked)) == 1
    assert sorted(at_once(*[lambda: jobs.run(asked[0])] * 8)) == [False] * 7 + [True]
    batch.refresh_from_db()
    assert (batch.state, new(), ImportedRow.objects.count()) == ("applied", 20, 20)
    with pytest.raises(Conflict):
        services.apply_import(batch=batch.pk, by=world.manager)


def test_two_files_when_they_bring_the_same_rows_at_once_then_one_is_refused_whole() -> None:
    world = build_world()
    asked = []
    for _ in range(2):
        batch = checked(csv_file(table()), by=world.manager)
        asked.append(services.apply_import(batch=batch.pk, by=world.manager).pk)
    at_once(lambda: jobs.run(asked[0]), lambda: jobs.run(asked[1]))
    states = sorted(Job.objects.filter(pk__in=asked).values_list("state", flat=True))
    # Both may meet on one row: PostgreSQL then ends one of them, which waits to be tried again and is refused.
    for job in Job.objects.filter(pk__in=asked, state="requested"):
        Job.objects.filter(pk=job.pk).update(lease_until=clock.now() - timedelta(seconds=1))
        jobs.run(job.pk)
    states = sorted(Job.objects.filter(pk__in=asked).values_list("state", flat=True))
    assert (states, new()) == (["done", "failed"], 20)


def test_a_row_that_an_import_leaves_as_it_is_when_others_are_being_written_then_is_held_until_the_end() -> None:
    world = build_world()
    # What was compared must stay so until the end, even where nothing is written.
    same = [world.atlas.kind, world.atlas.name_fr, world.atlas.ice]
    batch = checked(csv_file([*table(), same]), by=world.manager)
    assert (batch.counts["create"], batch.counts["same"]) == (20, 1)
    job = services.apply_import(batch=batch.pk, by=world.manager)

    def work() -> None:
        jobs.run(job.pk)
        connection.close()

    worker = Thread(target=work)
    atlas = Organisation.objects.filter(pk=world.atlas.pk).select_for_update(skip_locked=True)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE core_importedrow IN ACCESS EXCLUSIVE MODE")
        worker.start()
        wait_for_worker(cursor)
        assert list(atlas) == []
    worker.join(60)
    batch.refresh_from_db()
    assert (batch.state, new()) == ("applied", 20)


def wait_for_worker(cursor: Any) -> None:
    """Until somebody waits for the rows of imports, which this test holds."""
    for _ in range(300):
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted AND relation = 'core_importedrow'::regclass")
        if cursor.fetchone()[0]:
            return
        time.sleep(0.1)
    pytest.fail("the worker never came to its rows")


def start_worker(job: Job, media: str) -> subprocess.Popen[bytes]:
    database = connection.settings_dict
    address = f"postgresql://postgres:@/{database['NAME']}?host={database['HOST']}"
    script = textwrap.dedent(WORKER).format(root=str(ROOT), media=media, job=str(job.pk))
    return subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, env=os.environ | {"DATABASE_URL": address})


def killed_while_it_waits(batch: ImportBatch, job: Job, media: str) -> None:
    """Kill its worker within the transaction that writes: a row that it needs is held by this test."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE core_importedrow IN ACCESS EXCLUSIVE MODE")
        worker = start_worker(job, media)
        wait_for_worker(cursor)
        worker.send_signal(signal.SIGKILL)
        worker.wait()


def test_an_import_when_its_worker_is_killed_while_writing_then_nothing_stays_and_another_writes_it(settings: Settings) -> None:
    world = build_world()
    batch = checked(csv_file(table()), by=world.manager)
    job = services.apply_import(batch=batch.pk, by=world.manager)
    killed_while_it_waits(batch, job, str(settings.MEDIA_ROOT))
    batch.refresh_from_db()
    assert (batch.state, new()) == ("checked", 0)

    Job.objects.filter(pk=job.pk).update(lease_until=clock.now() - timedelta(seconds=1))
    assert jobs.sweep()["rung"] == 1
    assert jobs.run(job.pk) is True
    batch.refresh_from_db()
    assert (batch.state, new(), ImportedRow.objects.count()) == ("applied", 20, 20)


def test_an_import_when_its_worker_died_after_writing_then_another_only_says_so() -> None:
    world = build_world()
    batch = checked(csv_file(table()), by=world.manager)
    job = services.apply_import(batch=batch.pk, by=world.manager)
    jobs.run(job.pk)
    Job.objects.filter(pk=job.pk).update(
        state="running", finished_at=None, lease_until=clock.now() - timedelta(seconds=1), result="", size=None, expires_at=None, sha256=""
    )
    assert jobs.run(job.pk) is True
    job.refresh_from_db()
    assert (job.state, new(), ImportedRow.objects.count()) == ("done", 20, 20)


def test_an_import_when_cancelled_before_it_is_written_then_nothing_stays() -> None:
    world = build_world()
    batch = checked(csv_file(table()), by=world.manager)
    job = services.apply_import(batch=batch.pk, by=world.manager)
    services.abandon_import(batch=batch.pk, by=world.manager)
    assert jobs.run(job.pk) is False
    batch.refresh_from_db()
    assert (batch.state, new()) == ("abandoned", 0)
