"""One history, in three parts: a calm one with two beats, the faults, and the usual way under faults as a negative control."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import psycopg2

from tests.faults import naive, schedule
from tests.faults.causes import Causes
from tests.faults.pace import PACE
from tests.faults.schedule import Fault, Planned
from tests.faults.stage import Stage
from tests.faults.verdict import History, judge

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from tests.faults.post import Post
    from tests.faults.servers import Postgres, Valkey

FROZEN_FOR = 180 / PACE * 1.2  # a fifth longer than the lease of a mail


@dataclass(frozen=True, slots=True)
class Size:
    """How much is asked, and how many faults fall; `settle` is the longest wait for the end, in seconds."""

    name: str
    faults: int
    mails: int
    reports: int
    settle: float


SMALL = Size("small", faults=21, mails=300, reports=20, settle=120)
LARGE = Size("large", faults=210, mails=5_000, reports=150, settle=300)
CALM_MAILS, CALM_DIGESTS, CALM_REPORTS = 60, 20, 5
NAIVE_MAILS = 400
# The usual way is struck by the same kinds of faults, but for those of the lease it does not have.
NAIVE_FAULTS = (
    Fault.BROKER_EMPTIED,
    Fault.WORKER_KILLED,
    Fault.DATABASE_RESTARTED,
    Fault.MAIL_REFUSED,
    Fault.TWO_BEATS,
    Fault.BROKER_EMPTIED,
)


def play(
    *, folder: Path, postgres: Postgres, valkey: Valkey, post: Post, size: Size, seed: int, say: Callable[[str], None]
) -> dict[str, Any]:
    """Play the three parts; what each must be, its figures, and what it broke."""
    causes = Causes(seed)

    def stage_of(app: str) -> Stage:
        return Stage(app, folder, postgres, valkey, post, FROZEN_FOR, say)

    outcome: dict[str, Any] = {}
    stage = stage_of("tests.faults.worker")
    stage.start()
    try:
        say("Calm, two beats at once")
        outcome["calm"] = _calm(stage, causes)
        say(f"Faults: {size.faults}, {size.mails} mails, {size.reports} reports")
        outcome["faults"] = _faults(stage, causes, size, seed)
    finally:
        stage.stop()
    say("The usual way: flag, then ring")
    stage = stage_of("tests.faults.naive")
    try:
        outcome["flag, then ring"] = _naive(stage, seed)
    finally:
        stage.stop()
    return outcome


def _settle(stage: Stage, causes: Causes, seconds: float) -> list[str]:
    limit = time.monotonic() + seconds
    while (left := causes.unsettled()) and time.monotonic() < limit:
        stage.wait(0.5)
    stage.wait(1)
    return left


def _part(title: str, history: History, *, must_break: bool = False, **figures: Any) -> dict[str, Any]:
    verdict = judge(history)
    return {"title": title, "must_break": must_break, "figures": figures | verdict.figures, "broken": verdict.broken}


def _calm(stage: Stage, causes: Causes) -> dict[str, Any]:
    """No fault at all, and two beats all along: nothing lost and not one copy."""
    stage.add_beat()
    causes.digests(CALM_DIGESTS)
    causes.many(CALM_MAILS, CALM_REPORTS, 6, threading.Event())
    left = _settle(stage, causes, 120)
    extra = stage.groups.pop()
    extra.kill()
    history = History(set(causes.expected), stage.post.accepted(), causes.rows(), causes.works(), unsettled=left)
    return _part("calm", history, faults=0)


def _faults(stage: Stage, causes: Causes, size: Size, seed: int) -> dict[str, Any]:
    """The drawn history, while people go on asking; then the wait until nothing is left to do."""
    stage.post.forget()
    before = causes.rows()
    causes.expected.clear()
    done_before = {work.name for work in causes.works()}
    planned = schedule.draw(seed=seed, count=size.faults)
    stopping = threading.Event()
    asking = threading.Thread(target=causes.many, args=(size.mails, size.reports, planned[-1].at, stopping), daemon=True)
    asking.start()
    try:
        stage.play(planned)
        limit = time.monotonic() + 60
        while asking.is_alive() and time.monotonic() < limit:
            stage.wait(0.2)
        left = _settle(stage, causes, size.settle)
    finally:
        stopping.set()
        asking.join(30)
    rows = {name: row for name, row in causes.rows().items() if name not in before}
    works = [work for work in causes.works() if work.name not in done_before]
    history = History(set(causes.expected), stage.post.accepted(), rows, works, stage.struck, stage.post.cut, left)
    kinds: dict[str, Any] = {str(fault): count for fault, count in sorted(stage.done.items())}
    return _part("faults", history, faults=sum(stage.done.values()), **kinds, refused=stage.post.refused, cut=stage.post.cut)


def _naive(stage: Stage, seed: int) -> dict[str, Any]:
    """The same servers and the same checker."""
    stage.post.forget()
    expected = {(f"n{number}@example.ma", f"F{900_000 + number:06d}") for number in range(NAIVE_MAILS)}
    stage.valkey.kill()
    stage.valkey.start()
    _execute(stage.postgres.url, naive.TABLE)
    stage.start()
    stage.wait(5)  # until its workers listen
    _execute(
        stage.postgres.url,
        "INSERT INTO faults_naive (address, marker) SELECT 'n' || n || '@example.ma', 'F' || (900000 + n) FROM generate_series(0, %s) AS n",
        [NAIVE_MAILS - 1],
    )
    stage.play([Planned(fault, 2 + 3.0 * number, (seed % 97) / 97) for number, fault in enumerate(NAIVE_FAULTS)])
    quiet, seen = time.monotonic(), -1
    while time.monotonic() - quiet < 8:
        stage.wait(0.5)
        if len(stage.post.instants) != seen:
            quiet, seen = time.monotonic(), len(stage.post.instants)
    history = History(expected, stage.post.accepted(), struck=stage.struck, cut=stage.post.cut)
    return _part("flag, then ring", history, must_break=True, faults=sum(stage.done.values()), refused=stage.post.refused)


def _execute(url: str, sql: str, values: list[Any] | None = None) -> None:
    connection = psycopg2.connect(url)
    connection.autocommit = True
    try:
        with connection.cursor() as cursor:
            cursor.execute(sql, values)
    finally:
        connection.close()
