"""Migrations on a portal in use: nothing that stops it, and the way back and forth on filled tables."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from contextlib import closing
from typing import TYPE_CHECKING, Any

import psycopg2
import pytest

from tests.architecture import house
from tests.architecture.migrations import Played, changed, last_released, unsafe

if TYPE_CHECKING:
    from collections.abc import Iterator

# A statement that this check refuses and that is right all the same, each with its reason: ("app.migration", "rule"): "why".
# Search: PostgreSQL writes a table anew to give it a stored column, whatever the statement. No portal was in use when it was
# written; a filled one runs it while it is closed.
_REWRITES = "a stored search key rewrites its table: run while the portal is closed"
ACCEPTED: dict[tuple[str, str], str] = {
    ("partnership.0005_search", rule): _REWRITES
    for rule in (
        "adding-field-with-default", "ban-drop-column", "require-concurrent-index-creation", "require-concurrent-index-deletion",
    )
}  # fmt: skip


def _server(sql: str) -> None:
    with closing(psycopg2.connect(os.environ["DATABASE_URL"].replace("/portal?", "/postgres?"))) as server:
        server.autocommit = True
        with server.cursor() as cursor:
            cursor.execute(sql)


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    """What `python -m tests.architecture.migrations` tells of a database of its own, copied from the migrated one."""
    name = f"history_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    _server(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    _server(f'CREATE DATABASE "{name}" TEMPLATE "{os.environ.get("PORTAL_TEST_TEMPLATE", "template0")}"')
    environment = os.environ | {
        "DATABASE_URL": os.environ["DATABASE_URL"].replace("/portal?", f"/{name}?"), "PORTAL_MODE": "demo", "LOG_LEVEL": "ERROR",
        "STATEMENT_TIMEOUT_MS": "120000", "MEDIA_ROOT": str(tmp_path_factory.mktemp("media")),
    }  # fmt: skip
    if "PORTAL_TEST_TEMPLATE" not in os.environ:
        subprocess.run([sys.executable, "manage.py", "migrate", "--verbosity=0"], cwd=house.ROOT, env=environment, check=True)
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", "tests.architecture.migrations"],
        cwd=house.ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, f"The way back or forth does not hold on filled tables:\n{done.stderr[-4000:]}"
    yield json.loads(done.stdout)
    _server(f'DROP DATABASE "{name}" WITH (FORCE)')


def test_a_released_migration_when_read_then_is_as_it_was_released() -> None:
    assert changed() == [], "Released migrations are never changed: write a new one (deploy/released-migrations.txt)."


@pytest.mark.slow
def test_migrations_when_played_back_and_forth_on_filled_tables_then_leave_the_schema_and_the_rows_as_they_were(
    history: dict[str, Any],
) -> None:
    assert {one["name"].split(".")[0] for one in history["played"]} == history["targets"].keys() != set()
    assert history["differences"] == []
    assert history["rows"] == []


@pytest.mark.slow
def test_a_migration_when_newer_than_the_release_then_stops_nobody(history: dict[str, Any]) -> None:
    before = last_released()
    lines = []
    for one in history["played"]:
        app, _dot, name = one["name"].partition(".")
        if name > before.get(app, ""):
            lines += unsafe(Played(one["name"], one["atomic"], one["statements"]), history["existing"])
    refused = [line for line in lines if tuple(line.split(": ")[:2]) not in ACCEPTED]
    assert refused == [], "\n" + "\n".join(refused) + "\nA statement that is right all the same is a line of ACCEPTED with its reason."


UNSAFE = [
    (
        'ALTER TABLE "t" ADD COLUMN "c" varchar(10) DEFAULT \'x\' NOT NULL; ALTER TABLE "t" ALTER COLUMN "c" DROP DEFAULT',
        "ban-drop-default",
    ),
    ('ALTER TABLE "t" ADD COLUMN "c" varchar(10) NOT NULL', "adding-required-field"),
    ('ALTER TABLE "t" ADD COLUMN "c" uuid DEFAULT gen_random_uuid() NOT NULL', "adding-field-with-default"),
    ('ALTER TABLE "t" ALTER COLUMN "c" SET NOT NULL', "adding-not-nullable-field"),
    ('ALTER TABLE "t" ALTER COLUMN "c" TYPE text USING "c"::text', "changing-column-type"),
    ('ALTER TABLE "t" RENAME COLUMN "c" TO "d"', "renaming-column"),
    ('ALTER TABLE "t" RENAME TO "u"', "renaming-table"),
    ('CREATE INDEX "i" ON "t" ("c")', "require-concurrent-index-creation"),
    ('DROP INDEX "i"', "require-concurrent-index-deletion"),
    ('ALTER TABLE "t" ADD CONSTRAINT "k" CHECK (c > 0)', "constraint-missing-not-valid"),
    ('ALTER TABLE "t" ADD CONSTRAINT "k" UNIQUE ("c")', "disallowed-unique-constraint"),
    ('ALTER TABLE "t" ADD CONSTRAINT "k" FOREIGN KEY ("c") REFERENCES "q" ("id")', "adding-foreign-key-constraint"),
    ('ALTER TABLE "t" DROP COLUMN "c" CASCADE', "ban-drop-column"),
    ('DROP TABLE "t" CASCADE', "ban-drop-table"),
]


@pytest.mark.parametrize(("sql", "rule"), UNSAFE, ids=[rule for _sql, rule in UNSAFE])
def test_a_statement_when_it_would_lock_or_break_a_portal_in_use_then_is_named(sql: str, rule: str) -> None:
    told = unsafe(Played("app.0003_bad", True, sql.split("; ")), {"t", "q"})

    assert f"app.0003_bad: {rule}: " in "\n".join(told)


@pytest.mark.parametrize(
    ("sql", "atomic"),
    [
        ('ALTER TABLE "t" ADD COLUMN "c" varchar(10) NULL', True),
        ('ALTER TABLE "t" ADD COLUMN "c" varchar(10) DEFAULT \'x\' NOT NULL', True),
        ('ALTER TABLE "t" ADD COLUMN "o" uuid NULL CONSTRAINT "k" REFERENCES "q" ("id") DEFERRABLE INITIALLY DEFERRED', True),
        ('CREATE INDEX CONCURRENTLY "i" ON "t" ("c")', False),
        ('ALTER TABLE "t" ADD CONSTRAINT "k" CHECK (c > 0) NOT VALID', True),
        ('ALTER TABLE "t" VALIDATE CONSTRAINT "k"', True),
        ('ALTER TABLE "t" DROP CONSTRAINT "k"', True),
        ('CREATE TABLE "new" ("id" uuid NOT NULL PRIMARY KEY)', True),
        ('CREATE UNIQUE INDEX "i" ON "new" ("id")', True),
        ('ALTER TABLE "new" ADD CONSTRAINT "k" FOREIGN KEY ("id") REFERENCES "q" ("id") DEFERRABLE INITIALLY DEFERRED', True),
        ('ALTER TABLE "new" ADD COLUMN "c" varchar(10) NOT NULL', True),
    ],
)
def test_a_statement_when_it_stops_nobody_then_passes(sql: str, atomic: bool) -> None:
    assert unsafe(Played("app.0003_good", atomic, [sql]), {"t", "q"}) == []
