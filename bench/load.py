"""A small load of HTTP: eight connections kept open, each asking again as soon as it is answered."""

from __future__ import annotations

import selectors
import socket
import time
from typing import TYPE_CHECKING

from bench.clockwork import cpu_seconds
from bench.row import Sample

if TYPE_CHECKING:
    from bench.stand import Stand

CONNECTIONS = 8


def load(stand: Stand, server: str, path: str, *, seconds: float) -> Sample:
    """Ask `path` of one of the stand's servers for so long; the mean seconds an answer (all connections together) and its CPU."""
    port, pid = stand.ports[server], stand.pids[server]
    request = _request(path, stand.tokens[server])
    app, database = cpu_seconds(pid), cpu_seconds(stand.postmaster)
    began = time.perf_counter()
    answers = _ask(port, request, until=began + seconds)
    spent = time.perf_counter() - began
    app, database = cpu_seconds(pid) - app, cpu_seconds(stand.postmaster) - database
    return Sample(spent / answers, app / answers * 1000, database / answers * 1000)


def get(stand: Stand, server: str, path: str) -> bytes:
    """One answer's body; anything but 200 is an error."""
    with socket.create_connection(("127.0.0.1", stand.ports[server]), timeout=30) as connection:
        connection.sendall(_request(path, stand.tokens[server]))
        return _Answer(connection).read()


def _request(path: str, authorization: str) -> bytes:
    return (
        f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: {authorization}\r\nAccept: application/json\r\n"
        "Accept-Language: fr\r\n\r\n"
    ).encode()


def _ask(port: int, request: bytes, *, until: float) -> int:
    answers = 0
    with selectors.DefaultSelector() as selector:
        for _ in range(CONNECTIONS):
            connection = socket.create_connection(("127.0.0.1", port), timeout=30)
            connection.sendall(request)
            selector.register(connection, selectors.EVENT_READ)
        while time.perf_counter() < until:
            for key, _events in selector.select(timeout=1):
                asked = key.fileobj
                assert isinstance(asked, socket.socket)
                _Answer(asked).read()
                answers += 1
                asked.sendall(request)
        for key in list(selector.get_map().values()):
            assert isinstance(key.fileobj, socket.socket)
            _Answer(key.fileobj).read()
            answers += 1
            key.fileobj.close()
    return answers


class _Answer:
    """One answer, read by its Content-Length."""

    def __init__(self, connection: socket.socket) -> None:
        self.connection = connection

    def read(self) -> bytes:
        """The body."""
        data = b""
        while b"\r\n\r\n" not in data:
            data += self._more()
        head, _blank, body = data.partition(b"\r\n\r\n")
        lines = head.decode("latin-1").split("\r\n")
        if " 200 " not in lines[0]:
            raise RuntimeError(f"{lines[0]}: {body[:300]!r}")
        length = next(int(line.partition(":")[2]) for line in lines if line.lower().startswith("content-length:"))
        parts = [body]
        have = len(body)
        while have < length:
            parts.append(self._more())
            have += len(parts[-1])
        return b"".join(parts)

    def _more(self) -> bytes:
        data = self.connection.recv(262_144)
        if not data:
            raise RuntimeError("the server hung up")
        return data
