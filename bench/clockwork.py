"""Times, processor time and memory: of this process, of children that run one job, and of a running PostgreSQL."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from bench.row import Sample

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).resolve().parent.parent
_TICK = os.sysconf("SC_CLK_TCK")


def cpu_seconds(pid: int, *, children: bool = True) -> float:
    """User and system time of a process, of its living children and of those that ended."""
    total = 0.0
    try:
        fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace").rpartition(")")[2].split()
        total += sum(int(value) for value in fields[11:15]) / _TICK
        if children:
            for child in Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split():
                total += cpu_seconds(int(child))
    except (OSError, IndexError):
        return total
    return total


@contextmanager
def measured(postmaster: int) -> Iterator[Callable[[], tuple[float, float, float]]]:
    """Gives a function that says, after the block: seconds, CPU seconds of this process, CPU seconds of PostgreSQL."""
    result: list[float] = []
    wall, cpu, database = time.perf_counter(), time.process_time(), cpu_seconds(postmaster)
    yield lambda: (result[0], result[1], result[2])
    result += [time.perf_counter() - wall, time.process_time() - cpu, cpu_seconds(postmaster) - database]


def repeated(work: Callable[[], object], *, times: int, postmaster: int) -> Sample:
    """The mean of one call, in this process."""
    work()
    with measured(postmaster) as figures:
        for _ in range(times):
            work()
    wall, cpu, database = figures()
    return Sample(wall / times, cpu / times * 1000, database / times * 1000)


def typical(work: Callable[[], object], *, times: int, postmaster: int) -> Sample:
    """The median of one call, in this process: what others do to the machine during some of the calls does not count."""
    work()
    each: list[float] = []
    with measured(postmaster) as figures:
        for _ in range(times):
            began = time.perf_counter()
            work()
            each.append(time.perf_counter() - began)
    _wall, cpu, database = figures()
    return Sample(median(each), cpu / times * 1000, database / times * 1000)


def job(target: str, *arguments: object, postmaster: int, python: str = sys.executable) -> Sample:
    """Run `module:function` once in a process of its own; its memory is counted above what it holds once ready."""
    database = cpu_seconds(postmaster)
    command = [python, "-m", "bench.child", target, *map(str, arguments)]
    done = subprocess.run(command, cwd=ROOT, env=os.environ, capture_output=True, text=True, check=False, timeout=900)  # noqa: S603 - our own
    if done.returncode:
        raise RuntimeError(f"{target} failed:\n{done.stderr[-2000:]}")
    said: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return Sample(said["seconds"], said["cpu"] * 1000, (cpu_seconds(postmaster) - database) * 1000, said["peak_mb"])
