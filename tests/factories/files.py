"""Small real files, for what services inspect."""

from __future__ import annotations

import socket
import threading

from django.core.files.uploadedfile import SimpleUploadedFile


def pdf(name: str = "preuve.pdf", text: str = "essai") -> SimpleUploadedFile:
    """A file whose content is a PDF's, as far as an inspection of its ends tells; another `text` is another content."""
    return SimpleUploadedFile(name, f"%PDF-1.4\n% {text}\n%%EOF\n".encode(), content_type="application/pdf")


def scanner(path: str, answer: bytes) -> list[bytes]:
    """clamd's side of one INSTREAM exchange, on a real socket."""
    received: list[bytes] = []
    server = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    server.bind(path)
    server.listen(1)

    def talk() -> None:
        connection, _address = server.accept()
        with connection, server:
            content = b""
            while not content.endswith(b"\0\0\0\0"):
                content += connection.recv(65536)
            received.append(content)
            connection.sendall(answer)

    threading.Thread(target=talk, daemon=True).start()
    return received
