"""What a row of the table is: the limit, the usual way, ours, and the proof that they do the same work."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    from collections.abc import Callable
    from contextlib import AbstractContextManager

    from bench.stand import Stand


@dataclass(frozen=True, slots=True)
class Sample:
    """One measure: seconds of one unit of work (a request, a whole job), its CPU, and memory above an idle portal."""

    seconds: float
    cpu_app_ms: float = 0.0
    cpu_pg_ms: float = 0.0
    peak_mb: float = 0.0


Measure = "Callable[[Stand], Sample]"


@dataclass(frozen=True, slots=True)
class Row:
    """A row. Its figure is limit ÷ ours (how much of the limit we reach), or with `cost` ours ÷ limit (how many times the limit we cost).

    `floor` is what the figure must reach (not exceed, with `cost`). `usual_floor`: how many times faster than the usual way we must be.
    """

    name: str
    title: str
    floor: float
    limit: Callable[[Stand], Sample]
    ours: Callable[[Stand], Sample]
    usual: Callable[[Stand], Sample] | None = None
    check: Callable[[Stand], None] | None = None
    around: Callable[[Stand], AbstractContextManager[Any]] | None = None
    figure: Literal["reach", "cost"] = "reach"
    usual_floor: float | None = None
    most_mb: float | None = None
    # How much slower ours may be at 10 N than at N.
    most_growth: float | None = None
    # What the figure is computed from: seconds, or the CPU of the portal and of PostgreSQL together.
    by: Literal["seconds", "cpu"] = "seconds"
    # What is too slow to be repeated is measured once; what does not depend on the volume, at one size only.
    usual_once: bool = False
    # Limit before ours in every round: ours does something over again.
    in_order: bool = False
    sizes: Literal["both", "small"] = "both"
    # What the growth from N to 10 N should look like.
    shape: Literal["flat", "linear"] = "flat"
    note: str = field(default="")
