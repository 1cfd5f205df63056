"""The processes of a run, and what is done to them: two workers and a beat, each a group that can be struck down whole."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from core.supervisor import end_with_parent
from tests.faults.schedule import Fault

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.faults.post import Post
    from tests.faults.schedule import Planned
    from tests.faults.servers import Postgres, Valkey

WORKERS = 2
CONCURRENCY = 2  # processes that may be sending, a worker
BACK_AFTER = 1.0  # seconds until a process that fell is started again, as systemd does


@dataclass
class Group:
    """A worker or a beat with its children."""

    name: str
    command: list[str]
    log: Path
    process: subprocess.Popen[bytes] | None = None
    restart_at: float | None = None
    frozen_until: float | None = None

    @property
    def is_up(self) -> bool:
        """Whether it runs and is not frozen."""
        return self.process is not None and self.frozen_until is None

    def start(self) -> None:
        """Bring it up, in a group of its own."""
        self.restart_at = None
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                self.command, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT,
                start_new_session=True, preexec_fn=end_with_parent,  # noqa: PLW1509 - one call into the C library
            )  # fmt: skip

    def signal(self, number: signal.Signals) -> None:
        """To the whole group."""
        if self.process is not None:
            try:
                os.killpg(self.process.pid, number)
            except ProcessLookupError:
                return

    def kill(self) -> None:
        """-9, children included."""
        if self.process is not None:
            self.signal(signal.SIGKILL)
            self.process.wait()
        self.process = self.frozen_until = None


@dataclass
class Stage:
    """Everything that a history is played on; `app` is the Celery application, `frozen_for` longer than a lease."""

    app: str
    folder: Path
    postgres: Postgres
    valkey: Valkey
    post: Post
    frozen_for: float
    say: Callable[[str], None]
    groups: list[Group] = field(default_factory=list)
    done: Counter[Fault] = field(default_factory=Counter)
    struck: int = 0
    started: int = 0

    def start(self) -> None:
        """Two workers and a beat."""
        for number in range(WORKERS):
            options = ["worker", "--concurrency", str(CONCURRENCY), "--without-gossip", "--without-mingle", "--hostname", f"w{number}@%h"]
            self._add(f"worker-{number}", options)
        self.add_beat()

    def add_beat(self) -> Group:
        """One more beat, with a memory of its own."""
        self.started += 1
        return self._add(f"beat-{self.started}", ["beat", "--schedule", str(self.folder / f"beat-{self.started}"), "--pidfile", ""])

    def _add(self, name: str, options: list[str]) -> Group:
        group = Group(name, [sys.executable, "-m", "celery", "--app", self.app, "--quiet", *options], self.folder / f"{name}.log")
        group.start()
        self.groups.append(group)
        return group

    def stop(self) -> None:
        """End what was started here, and nothing else."""
        for group in self.groups:
            group.signal(signal.SIGCONT)
            group.kill()
        self.groups.clear()

    def tick(self) -> None:
        """Start again what fell and thaw what was frozen, when its time has come."""
        now = time.monotonic()
        for group in self.groups:
            if group.frozen_until is not None and now >= group.frozen_until:
                group.signal(signal.SIGCONT)
                group.frozen_until = None
            if group.process is not None and group.frozen_until is None and group.process.poll() is not None:
                self.say(f"  {group.name} ended by itself (exit code {group.process.returncode}): see {group.log}")
                group.kill()
                group.restart_at = now + BACK_AFTER
            if group.restart_at is not None and now >= group.restart_at:
                group.start()

    def wait(self, seconds: float) -> None:
        """Let time pass, tending the processes."""
        limit = time.monotonic() + seconds
        while (left := limit - time.monotonic()) > 0:
            self.tick()
            time.sleep(min(0.1, left))

    def play(self, planned: list[Planned]) -> None:
        """Let each fault fall at its instant."""
        began = time.monotonic()
        for one in planned:
            self.wait(began + one.at - time.monotonic())
            self.say(f"  {time.monotonic() - began:6.1f} s  {one.fault}")
            ACTS[one.fault](self, random.Random(one.chance))
            self.done[one.fault] += 1


def _worker(stage: Stage, chance: random.Random) -> Group | None:
    standing = [group for group in stage.groups if group.name.startswith("worker") and group.is_up]
    return chance.choice(standing) if standing else None


def _kill_worker(stage: Stage, chance: random.Random) -> None:
    while (group := _worker(stage, chance)) is None:
        stage.wait(0.2)
    group.kill()
    group.restart_at = time.monotonic() + BACK_AFTER
    stage.struck += CONCURRENCY


def _freeze_worker(stage: Stage, chance: random.Random) -> None:
    while len([group for group in stage.groups if group.name.startswith("worker") and group.is_up]) < WORKERS:
        stage.wait(0.2)  # one worker must be left to take over
    group = _worker(stage, chance)
    assert group is not None
    group.signal(signal.SIGSTOP)
    group.frozen_until = time.monotonic() + stage.frozen_for


def _empty_broker(stage: Stage, chance: random.Random) -> None:
    stage.valkey.kill()
    stage.wait(chance.uniform(0.2, 2.5))
    stage.valkey.start()


def _restart_database(stage: Stage, chance: random.Random) -> None:
    stage.postgres.restart()
    stage.struck += CONCURRENCY * WORKERS


def _refuse_mails(stage: Stage, chance: random.Random) -> None:
    stage.post.to_refuse += chance.randint(3, 8)


def _cut_answers(stage: Stage, chance: random.Random) -> None:
    stage.post.to_cut += chance.randint(2, 5)


def _double_beat(stage: Stage, chance: random.Random) -> None:
    former = next(group for group in stage.groups if group.name.startswith("beat"))
    stage.add_beat()
    stage.wait(chance.uniform(3, 6))
    former.kill()
    stage.groups.remove(former)


ACTS: dict[Fault, Callable[[Stage, random.Random], None]] = {
    Fault.WORKER_KILLED: _kill_worker,
    Fault.WORKER_FROZEN: _freeze_worker,
    Fault.BROKER_EMPTIED: _empty_broker,
    Fault.DATABASE_RESTARTED: _restart_database,
    Fault.MAIL_REFUSED: _refuse_mails,
    Fault.ANSWER_CUT: _cut_answers,
    Fault.TWO_BEATS: _double_beat,
}
