"""The virus scanner, when there is one: ClamAV's daemon, by its INSTREAM command (clamd documentation)."""

from __future__ import annotations

import socket
import struct
from typing import IO, Final

import structlog
from django.conf import settings

log = structlog.get_logger(__name__)

CLEAN: Final = "clean"
INFECTED: Final = "infected"
PENDING: Final = "pending"
NOT_SCANNED: Final = "not_scanned"
_TIMEOUT: Final = 10
_CHUNK: Final = 64 * 1024


def scan(stream: IO[bytes]) -> str:
    """`clean`, `infected`, `not_scanned` (no scanner is configured) or `pending` (it does not answer: scan again later)."""
    address = getattr(settings, "CLAMAV_SOCKET", "")
    if not address:
        return NOT_SCANNED
    try:
        answer = _ask(address, stream)
    except OSError as error:
        log.warning("virus_scanner_unreachable", error=str(error))
        return PENDING
    if answer.endswith(b"FOUND"):
        return INFECTED
    return CLEAN if answer.endswith(b"OK") else PENDING


def _ask(address: str, stream: IO[bytes]) -> bytes:
    """`address` is the path of a socket, or host:port."""
    host, colon, port = address.rpartition(":")
    family = socket.AF_INET if colon and port.isdigit() else socket.AF_UNIX
    with socket.socket(family, socket.SOCK_STREAM) as clamd:
        clamd.settimeout(_TIMEOUT)
        clamd.connect((host, int(port)) if family == socket.AF_INET else address)
        clamd.sendall(b"zINSTREAM\0")
        stream.seek(0)
        while block := stream.read(_CHUNK):
            clamd.sendall(struct.pack(">I", len(block)) + block)
        clamd.sendall(struct.pack(">I", 0))
        answer = b""
        while not answer.endswith(b"\0") and (block := clamd.recv(4096)):
            answer += block
    return answer.rstrip(b"\0\n")
