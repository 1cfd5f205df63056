"""Keeps a few child processes running and stops them in order: the demo's web server, worker and beat.

Nothing here knows Django: it also runs before settings are read.
"""

from __future__ import annotations

import ctypes
import json
import os
import signal
import socket
import subprocess
import sys
import time
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path
    from types import FrameType

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
BACK_OFF_SECONDS = (1, 2, 5, 10, 30)
STEADY_SECONDS = 60  # a child that lived this long has recovered: its next fall waits the shortest time again

_libc = ctypes.CDLL(None) if sys.platform == "linux" else None
_PR_SET_PDEATHSIG = 1


class Stopped(SystemExit):
    """Somebody asked the program to stop (Ctrl-C, a closed terminal, `kill`): a clean end, exit code 0."""

    def __init__(self) -> None:
        super().__init__(0)


def end_with_parent() -> None:
    """Run in a child before its program: a supervisor killed outright leaves no orphan behind (Linux)."""
    if _libc is not None:
        _libc.prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)


def stop_on_signals() -> None:
    """From now on a stop signal raises `Stopped` once; further ones are ignored, so that the clean-up itself is not cut short."""

    def handle(number: int, frame: FrameType | None) -> None:
        for other in STOP_SIGNALS:
            signal.signal(other, signal.SIG_IGN)
        raise Stopped

    for number in STOP_SIGNALS:
        signal.signal(number, handle)


def port_is_free(port: int) -> bool:
    """Whether a server may listen on this port of the machine, in both families of addresses."""
    for family, host in ((socket.AF_INET, "0.0.0.0"), (socket.AF_INET, "127.0.0.1"), (socket.AF_INET6, "::1")):  # noqa: S104 - a probe
        try:
            with socket.socket(family, socket.SOCK_STREAM) as probe:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
                probe.bind((host, port))
        except OSError as error:
            if family is socket.AF_INET6 and error.errno not in {98, 48}:  # this machine has no IPv6
                continue
            return False
    return True


def read_port(text: str) -> int:
    """The port asked for, when it can be listened on; otherwise one clear line and the end of the program."""
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        sys.exit(f"portal: PORT is {text!r}: expected a number from 1 to 65535")
    port = int(text)
    if not port_is_free(port):
        if port < 1024 and os.geteuid() != 0:
            sys.exit(f"portal: port {port} is reserved or in use: choose another one, for example PORT=8080")
        other = port + 1 if port < 65535 else 8000
        sys.exit(f"portal: port {port} is already in use: stop what listens there, or choose another one with PORT={other}")
    return port


@dataclass
class Program:
    """A child to keep alive. `stop_signal` asks it to finish what it does; after `patience` seconds it is killed."""

    name: str
    command: Sequence[str]
    log: Path
    patience: float = 25
    stop_signal: signal.Signals = signal.SIGTERM
    environment: Mapping[str, str] = field(default_factory=dict)
    process: subprocess.Popen[bytes] | None = None
    started: float = 0
    falls: int = 0
    restart_at: float = 0
    reader: IO[str] | None = None


class Supervisor:
    """Starts programs, shows the important lines of their logs, restarts those that die, stops them in reverse order."""

    def __init__(self, programs: Sequence[Program], *, say: Callable[[str], None]) -> None:
        self.programs = programs
        self.say = say

    def start(self) -> None:
        """Start every program, in order."""
        for program in self.programs:
            self._start(program)

    def _start(self, program: Program) -> None:
        program.log.parent.mkdir(parents=True, exist_ok=True)
        with program.log.open("ab") as log:
            if program.reader is None:
                program.reader = program.log.open(encoding="utf-8", errors="replace")
                program.reader.seek(0, os.SEEK_END)
            # No thread runs here, and what precedes the program is one call into the C library.
            # A session of its own: the terminal's Ctrl-C reaches the supervisor only, which then stops them in order.
            program.process = subprocess.Popen(  # noqa: S603 - our own commands
                program.command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                env={**os.environ, **program.environment}, start_new_session=True, preexec_fn=end_with_parent,  # noqa: PLW1509 - see above
            )  # fmt: skip
        program.started = time.monotonic()

    def tick(self) -> None:
        """Show what the logs say, bury the dead, start again those whose wait is over."""
        for program in self.programs:
            self._show(program)
            if program.process is None:
                if time.monotonic() >= program.restart_at:
                    self._start(program)
                continue
            code = program.process.poll()
            if code is None:
                continue
            if time.monotonic() - program.started > STEADY_SECONDS:
                program.falls = 0
            wait = BACK_OFF_SECONDS[min(program.falls, len(BACK_OFF_SECONDS) - 1)]
            program.falls += 1
            self._end_group(program.process.pid)
            program.process = None
            program.restart_at = time.monotonic() + wait
            self.say(f"! {program.name} stopped (exit code {code}); starting it again in {wait} s. Its log: {program.log}")

    def run(self, seconds: float | None = None, until: Callable[[], bool] = lambda: False) -> bool:
        """Keep watch for some seconds (None: until a stop signal), or until something is true; says whether it came true."""
        limit = None if seconds is None else time.monotonic() + seconds
        while limit is None or time.monotonic() < limit:
            self.tick()
            if until():
                return True
            time.sleep(0.5)
        return False

    def stop(self) -> None:
        """Ask each program to finish, the last started first, and wait for it; kill what does not end in time."""
        for program in reversed(self.programs):
            process = program.process
            if process is None:
                continue
            if process.poll() is None:
                process.send_signal(program.stop_signal)
                try:
                    process.wait(timeout=program.patience)
                except subprocess.TimeoutExpired:
                    self.say(f"! {program.name} did not stop within {program.patience:.0f} s: killed")
            self._end_group(process.pid)
            process.wait()
            program.process = None
            if program.reader is not None:
                program.reader.close()
                program.reader = None

    @staticmethod
    def _end_group(group: int) -> None:
        """Kill what a program may have left of its own children."""
        try:
            os.killpg(group, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            return

    def _show(self, program: Program) -> None:
        if program.reader is None:
            return
        for line in program.reader.readlines(65536):
            text = important(line)
            if text:
                self.say(f"  [{program.name}] {text}")


def important(line: str) -> str:
    """What a person at the terminal should read of a log line: warnings and worse; the rest stays in the file.

    A line that is not JSON is shown when it looks like the end of a traceback.
    """
    text = line.rstrip()
    try:
        entry = json.loads(text)
    except ValueError:
        return text[:300] if "Error" in text and not text.startswith((" ", "Traceback")) else ""
    if not isinstance(entry, dict) or str(entry.get("level", "")).lower() not in {"warning", "error", "critical"}:
        return ""
    # Health is asked until it is green: its refusals are the waiting itself. Python's warnings are for developers.
    if "/healthz" in str(entry) or entry.get("logger") == "py.warnings":
        return ""
    said = " ".join(str(entry[key]) for key in ("level", "event", "request", "exc_type") if entry.get(key))
    return said.splitlines()[0][:300]


class Steps:
    """Progress on the terminal: one line for each thing done, with the time since the line before."""

    def __init__(self) -> None:
        self.last = time.monotonic()

    def done(self, text: str) -> None:
        """Say what is now done."""
        now = time.monotonic()
        print(f"✓ {text} ({now - self.last:.1f} s)", flush=True)  # noqa: T201 - the command line's own output
        self.last = now


step = Steps().done
