"""The bytes of a mail, written without a message object: less work a mail, the same bytes on every backend."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from email.header import Header
from email.utils import format_datetime
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.mail.message import sanitize_address

if TYPE_CHECKING:
    from datetime import datetime


class _Bytes:
    """What Django's mail backends ask of `message()`."""

    def __init__(self, content: bytes) -> None:
        self._content = content

    def as_bytes(self, unixfrom: bool = False, linesep: str = "\r\n") -> bytes:
        """The whole message, its lines ended by CRLF as SMTP wants them."""
        return self._content if linesep == "\r\n" else self._content.replace(b"\r\n", linesep.encode())

    def get_charset(self) -> None:
        """No charset object: the bytes are final."""


@dataclass(frozen=True, slots=True)
class Letter:
    """One mail ready to hand over."""

    message_id: str
    to_email: str
    to_name: str
    subject: str
    text: str
    html: str
    language: str
    date: datetime
    reply_to: str = ""
    encoding = "utf-8"

    @property
    def from_email(self) -> str:
        """The portal's own address."""
        return settings.DEFAULT_FROM_EMAIL

    @property
    def to(self) -> list[str]:
        """The only recipient."""
        return [self.to_email]

    @property
    def body(self) -> str:
        """The plain text."""
        return self.text

    def recipients(self) -> list[str]:
        """Who receives it."""
        return [self.to_email]

    def message(self) -> _Bytes:
        """The message as the mail backends want it."""
        return _Bytes(self.as_bytes())

    def as_bytes(self) -> bytes:
        """Headers, then the text and its HTML twin. The Message-ID comes from the row: every copy carries the same."""
        boundary = "=_" + self.message_id.strip("<>").partition("@")[0]
        headers = [
            ("From", sanitize_address(self.from_email, "utf-8")),
            ("To", sanitize_address((self.to_name, self.to_email) if self.to_name else self.to_email, "utf-8")),
            ("Subject", Header(self.subject, "utf-8", header_name="Subject").encode(linesep="\r\n")),
            ("Date", format_datetime(self.date)),
            ("Message-ID", self.message_id),
            ("X-Entity-Ref-ID", self.message_id.strip("<>")),
            ("Auto-Submitted", "auto-generated"),
            ("Content-Language", self.language),
            ("MIME-Version", "1.0"),
            ("Content-Type", f'multipart/alternative; boundary="{boundary}"'),
        ]
        head = "\r\n".join(f"{name}: {value}" for name, value in headers).encode()
        parts = [head, b""]
        for media_type, content in (("text/plain", self.text), ("text/html", self.html)):
            parts += [f"--{boundary}".encode(), f'Content-Type: {media_type}; charset="utf-8"'.encode()]
            parts += [b"Content-Transfer-Encoding: base64", b"", _base64(content)]
        parts += [f"--{boundary}--".encode(), b""]
        return b"\r\n".join(parts)


def _base64(content: str) -> bytes:
    # Base64 keeps long lines, dots and Arabic intact through any relay.
    return base64.encodebytes(content.encode()).replace(b"\n", b"\r\n").rstrip(b"\r\n")
