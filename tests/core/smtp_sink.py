"""A mail server for the tests: speaks enough SMTP in a thread, keeps what it accepts, answers what a test asks of it."""

from __future__ import annotations

import email
import socketserver
import threading
import time
from contextlib import contextmanager
from datetime import timedelta
from email import policy
from typing import TYPE_CHECKING, Any, cast

import time_machine

from core import clock
from core.mail import send_mail

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from email.message import EmailMessage

    from core.models import OutboxMail


class Sink(socketserver.ThreadingTCPServer):
    """`mails` holds each accepted message with its recipient; `answers` may refuse a command or the final dot."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Session)
        self.mails: list[tuple[str, EmailMessage]] = []
        self.connections = 0
        self.seconds_a_mail = 0.0
        # Called with ("RCPT", address) or ("DATA", address): an answer to give instead of accepting, "cut" to hang up.
        self.answer: Callable[[str, str], str | None] = lambda command, address: None
        # Called under the lock, the moment a message is accepted.
        self.accepted: Callable[[], object] = lambda: None
        self.lock = threading.Lock()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.server_address[1])

    @property
    def message_ids(self) -> list[str]:
        """Of all that was accepted, in order."""
        return [str(message["Message-ID"]) for _address, message in self.mails]


class _Session(socketserver.StreamRequestHandler):
    @property
    def sink(self) -> Sink:
        return cast("Sink", self.server)

    def say(self, line: str) -> None:
        self.wfile.write(line.encode() + b"\r\n")

    def handle(self) -> None:
        try:
            self.converse()
        except ConnectionError:  # whoever was sending is gone
            return

    def converse(self) -> None:
        with self.sink.lock:
            self.sink.connections += 1
        self.say("220 sink")
        address = ""
        while line := self.rfile.readline().decode().rstrip("\r\n"):
            command = line[:4].upper()
            if command == "QUIT":
                self.say("221 bye")
                return
            if command == "RCPT":
                address = line.partition("<")[2].partition(">")[0]
            if command == "DATA":
                if not self.receive(address):
                    return
                continue
            refusal = self.sink.answer(command, address) if command == "RCPT" else None
            if refusal == "cut":
                return
            self.say(refusal or "250 ok")

    def receive(self, address: str) -> bool:
        self.say("354 go on")
        lines = []
        while (line := self.rfile.readline()) != b".\r\n":
            if not line:
                return False
            lines.append(line[1:] if line.startswith(b"..") else line)
        time.sleep(self.sink.seconds_a_mail)
        refusal = self.sink.answer("DATA", address)
        if refusal is None or refusal == "cut after":
            message = email.message_from_bytes(b"".join(lines), policy=policy.default)
            with self.sink.lock:
                self.sink.mails.append((address, message))
                self.sink.accepted()
        if refusal in {"cut", "cut after"}:
            return False
        self.say(refusal or "250 accepted")
        return not (refusal or "").startswith("421")


@contextmanager
def running_sink() -> Iterator[Sink]:
    """A server for the length of a test."""
    with Sink() as sink:
        thread = threading.Thread(target=sink.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield sink
        finally:
            sink.shutdown()
            thread.join(5)


def mail_to(address: str = "amina@example.ma", *, language: str = "fr", key: str = "", **data: Any) -> OutboxMail:
    values = {"reference": "E-01", "title": "Un engagement", "obligor": "ONMT", "beneficiary": "CNT", "due_on": "3 décembre 2026"} | data
    return send_mail(to=address, language=language, template="partnership/emails/reminder_commitment_due", data=values, key=key)


def state_of(mail: OutboxMail) -> tuple[str, int]:
    mail.refresh_from_db()
    return mail.status, mail.attempts


def later(**delay: int) -> time_machine.travel:
    return time_machine.travel(clock.now() + timedelta(**delay), tick=True)
