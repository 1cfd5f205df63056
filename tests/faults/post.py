"""The mail server of a run: refuses, hangs up after accepting, and notes what it accepted the moment it does."""

from __future__ import annotations

import re
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

from tests.core.smtp_sink import running_sink
from tests.faults.verdict import Accepted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.core.smtp_sink import Sink

MARKER = re.compile(r"F\d{6}")
SECONDS_A_MAIL = 0.04  # a relay that takes its time, so that faults fall into the middle of a mail


class Post:
    """`to_refuse` and `to_cut` count the mails still to be answered 421, or accepted and then cut."""

    def __init__(self, sink: Sink) -> None:
        self.sink = sink
        self.instants: list[float] = []
        self.to_refuse = 0
        self.to_cut = 0
        self.refused = 0
        self.cut = 0
        sink.seconds_a_mail = SECONDS_A_MAIL
        sink.answer = self._answer
        sink.accepted = lambda: self.instants.append(time.time())

    def _answer(self, command: str, address: str) -> str | None:
        if command != "DATA":
            return None
        with self.sink.lock:
            if self.to_refuse:
                self.to_refuse -= 1
                self.refused += 1
                return "421 4.3.2 too busy"
            if self.to_cut:
                self.to_cut -= 1
                self.cut += 1
                return "cut after"
        return None

    def accepted(self) -> list[Accepted]:
        """Everything it accepted so far, in order."""
        with self.sink.lock:
            found = list(zip(self.sink.mails, self.instants, strict=True))
        log = []
        for (address, message), instant in found:
            body = message.get_body(preferencelist=("plain",))
            text = body.get_content() if body is not None else ""
            log.append(Accepted(address, frozenset(MARKER.findall(text)), str(message["Message-ID"]), instant))
        return log

    def forget(self) -> None:
        """Start a new log."""
        with self.sink.lock:
            self.sink.mails.clear()
            self.instants.clear()
        self.to_refuse = self.to_cut = self.refused = self.cut = 0


@contextmanager
def running_post() -> Iterator[Post]:
    """For the length of a run."""
    with running_sink() as sink:
        yield Post(sink)
