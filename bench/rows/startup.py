"""Starting: the schema from nothing beside `manage.py check`, and a test database copied beside migrated."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

import psycopg2

from bench.clockwork import ROOT
from bench.row import Row, Sample

if TYPE_CHECKING:
    from bench.stand import Stand


def _server(sql: str) -> None:
    parts = urlsplit(os.environ["DATABASE_URL"])
    connection = psycopg2.connect(urlunsplit(parts._replace(path="/postgres")))
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql)
    finally:
        connection.close()


def _manage(*command: str, database: str = "") -> Sample:
    environment: dict[str, Any] = dict(os.environ)
    if database:
        environment["DATABASE_URL"] = urlunsplit(urlsplit(environment["DATABASE_URL"])._replace(path=f"/{database}"))
    began = time.perf_counter()
    subprocess.run(  # noqa: S603 - our own command
        [sys.executable, "manage.py", *command], cwd=ROOT, env=environment, check=True, capture_output=True, timeout=300
    )
    return Sample(time.perf_counter() - began)


def check_alone(stand: Stand) -> Sample:
    """The system checks, which start Django and touch no table."""
    return _manage("check")


def migrate(stand: Stand) -> Sample:
    """Every table, constraint and trigger, in an empty database; it is left as the template of the other row."""
    _server("DROP DATABASE IF EXISTS bench_template")
    _server("CREATE DATABASE bench_template TEMPLATE template0 LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C.UTF-8'")
    return _manage("migrate", "--verbosity=0", "--skip-checks", database="bench_template")


def copy(stand: Stand) -> Sample:
    """A database made from the migrated one."""
    _server("DROP DATABASE IF EXISTS bench_copy")
    began = time.perf_counter()
    _server("CREATE DATABASE bench_copy TEMPLATE bench_template")
    return Sample(time.perf_counter() - began)


MIGRATE = Row(
    name="migrate",
    title="migrate from nothing, beside manage.py check",
    floor=3,
    figure="cost",
    limit=check_alone,
    ours=migrate,
    sizes="small",
)
TEMPLATE = Row(
    name="template",
    title="Test database from a template, beside migrate",
    floor=0.15,
    figure="cost",
    limit=migrate,
    ours=copy,
    sizes="small",
    in_order=True,
)
