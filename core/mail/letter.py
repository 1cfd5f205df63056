"""The bytes of a mail, written without a message object: less work a mail, the same bytes on every backend."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from email.header import Header
from email.utils import format_datetime, parseaddr
from functools import lru_cache
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.mail.backends.smtp import EmailBackend
from django.core.mail.message import sanitize_address

if TYPE_CHECKING:
    from datetime import datetime

    from django.core.mail.backends.base import BaseEmailBackend

# What needs no encoding, and an encoded word that fits on its line whole: the email package folds the rest, at twenty times the price.
_PLAIN_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+")
_PLAIN_WORDS = re.compile(r"[A-Za-z0-9][A-Za-z0-9 ,.;:'()/+-]{0,58}")
_WORD_BYTES = 42


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

    def hand_over(self, backend: BaseEmailBackend) -> None:
        """Give the mail to a backend that is open. Raises what smtplib raises."""
        if type(backend) is EmailBackend and backend.connection is not None and _PLAIN_ADDRESS.fullmatch(self.to_email):
            # What the backend does, without taking addresses apart that are plain.
            backend.connection.sendmail(_envelope(self.from_email), [self.to_email], self.as_bytes())
        else:
            backend.send_messages([self])  # type: ignore[list-item]  # all that the backends ask of a message

    def message(self) -> _Bytes:
        """The message as the mail backends want it."""
        return _Bytes(self.as_bytes())

    def as_bytes(self) -> bytes:
        """Headers, then the text and its HTML twin. The Message-ID comes from the row: every copy carries the same."""
        boundary = "=_" + self.message_id.strip("<>").partition("@")[0]
        headers = [
            ("From", _sender(self.from_email)),
            ("To", _to(self.to_name, self.to_email)),
            ("Subject", _subject(self.subject)),
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


@lru_cache(maxsize=8)
def _sender(address: str) -> str:
    return sanitize_address(address, "utf-8")


@lru_cache(maxsize=8)
def _envelope(address: str) -> str:
    return sanitize_address(parseaddr(address)[1], "utf-8")


def _to(name: str, address: str) -> str:
    encoded = _one_word(name)
    if not _PLAIN_ADDRESS.fullmatch(address) or (name and encoded is None):
        return sanitize_address((name, address) if name else address, "utf-8")
    return f"{encoded} <{address}>" if name else address


def _subject(text: str) -> str:
    if _PLAIN_WORDS.fullmatch(text):
        return text
    return _one_word(text) or Header(text, "utf-8", header_name="Subject").encode(linesep="\r\n")


def _one_word(text: str) -> str | None:
    """The text as one encoded word (RFC 2047), None when it would be too long for its line."""
    content = text.encode()
    return f"=?utf-8?b?{base64.b64encode(content).decode()}?=" if len(content) <= _WORD_BYTES else None


def _base64(content: str) -> bytes:
    # Base64 keeps long lines, dots and Arabic intact through any relay.
    return base64.encodebytes(content.encode()).replace(b"\n", b"\r\n").rstrip(b"\r\n")
