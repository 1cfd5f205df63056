"""Bytes on a socket: a test client hides what a header, a cookie or a broken request line does to a real server."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from tests.architecture import house

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

PATIENCE: Final = 15.0
STATUS: Final = re.compile(rb"HTTP/1\.1 (\d{3}) ")


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: the status (0: the line was closed without a word), how many answers, and everything read."""

    status: int
    count: int
    raw: bytes
    hung: bool


def knock(port: int, *parts: bytes, pause: float = 0.0, half_close: bool = True) -> Answer:
    """Send the parts, `pause` seconds between them, and read until the server closes. The write side is closed after the last one."""
    deadline = time.monotonic() + PATIENCE
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as line:
        try:
            for number, part in enumerate(parts):
                if number:
                    time.sleep(pause)
                line.sendall(part)
            if half_close:
                line.shutdown(socket.SHUT_WR)
        except OSError:  # the server refused before it had read everything: it may, and its answer may still be read
            pass
        raw, hung = _read(line, deadline)
    heads = STATUS.findall(raw)
    return Answer(int(heads[0]) if heads else 0, len(heads), raw, hung)


def _read(line: socket.socket, deadline: float) -> tuple[bytes, bool]:
    raw = bytearray()
    while (left := deadline - time.monotonic()) > 0:
        line.settimeout(left)
        try:
            piece = line.recv(65536)
        except TimeoutError:
            break
        except OSError:
            return bytes(raw), False
        if not piece:
            return bytes(raw), False
        raw += piece
    return bytes(raw), True


@contextmanager
def web_server(folder: Path, *, database: str) -> Iterator[int]:
    """The web server as production starts it (same program, same file of settings, threads), on a free port: give the port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {
        "DATABASE_URL": database, "PORT": str(port), "BIND": f"127.0.0.1:{port}", "WEB_WORKERS": "1", "WEB_THREADS": "4",
        "TRUSTED_PROXIES": "1", "PORTAL_VAR": str(folder), "PROMETHEUS_MULTIPROC_DIR": str(folder / "metrics"), "LOG_LEVEL": "CRITICAL",
    }  # fmt: skip
    command = [sys.executable, "-m", "gunicorn", "-c", "config/gunicorn.py", "config.wsgi"]
    with (
        (folder / "web.log").open("wb") as log,
        subprocess.Popen(command, cwd=house.ROOT, env=environment, stdout=log, stderr=log) as server,
    ):
        try:
            _wait(port, server)
            yield port
        finally:
            server.terminate()
            try:
                server.wait(30)
            except subprocess.TimeoutExpired:
                server.kill()


def _wait(port: int, server: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline and server.poll() is None:
        try:
            if knock(port, b"GET /health/live HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n").status == 200:
                return
        except OSError:
            time.sleep(0.2)
    raise AssertionError("the web server did not start")
