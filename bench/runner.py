"""Alternates limit, usual and ours within one run and turns their measures into ratios: absolute times mean nothing on a shared machine."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import TYPE_CHECKING, Any

from bench.row import Sample

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bench.row import Row
    from bench.stand import Stand

# More rounds for a row whose rounds fall on both sides of its floor.
MORE = 5


@dataclass
class Result:
    """A row at one size."""

    row: Row
    scale: float
    rounds: list[dict[str, Sample]] = field(default_factory=list)
    error: str = ""

    def _cost(self, sample: Sample) -> float:
        return sample.cpu_app_ms + sample.cpu_pg_ms if self.row.by == "cpu" else sample.seconds

    def figures(self) -> list[float]:
        """The row's figure, round by round."""
        pairs = [(self._cost(each["limit"]), self._cost(each["ours"])) for each in self.rounds]
        return [(limit / ours if self.row.figure == "reach" else ours / limit) for limit, ours in pairs]

    @property
    def figure(self) -> float:
        """The median of the rounds' figures."""
        return median(self.figures())

    def reached(self, leniency: float = 1.0) -> list[bool]:
        """Whether each round, taken alone, meets the floor."""
        if self.row.figure == "reach":
            return [figure >= self.row.floor * leniency for figure in self.figures()]
        return [figure <= self.row.floor / leniency for figure in self.figures()]

    @property
    def usual(self) -> float | None:
        """How many times faster than the usual way (median; None: not measured)."""
        usuals = [self._cost(each["usual"]) / self._cost(each["ours"]) for each in self.rounds if "usual" in each]
        return median(usuals) if usuals else None

    @property
    def ours(self) -> Sample:
        """The median of our measures, figure by figure."""
        samples = [each["ours"] for each in self.rounds]
        return Sample(*(median(getattr(sample, name) for sample in samples) for name in Sample.__slots__))

    def as_json(self) -> dict[str, Any]:
        """For bench/out.json."""
        rounds = [{name: asdict(sample) for name, sample in each.items()} for each in self.rounds]
        base = {"name": self.row.name, "scale": self.scale, "error": self.error, "rounds": rounds}
        return base if self.error or not self.rounds else base | {"figure": self.figure, "figures": self.figures(), "usual": self.usual}


def run_row(row: Row, stand: Stand, *, rounds: int, say: Callable[[str], None]) -> Result:
    """One row at the stand's present size: checked, then measured L U O, O U L, L U O…"""
    result = Result(row, stand.scale)
    try:
        with row.around(stand) if row.around else nullcontext():
            if row.check:
                row.check(stand)
            _rounds(row, stand, result, range(rounds))
            if len(set(result.reached())) == 2:
                say(f"  {row.name}: rounds on both sides of the floor, {MORE} more")
                _rounds(row, stand, result, range(rounds, rounds + MORE))
    except Exception as error:  # the other rows are still worth having
        result.error = f"{type(error).__name__}: {error}"[:600]
    return result


def _rounds(row: Row, stand: Stand, result: Result, numbers: range) -> None:
    for number in numbers:
        order: Sequence[str] = ("limit", "usual", "ours") if number % 2 == 0 or row.in_order else ("ours", "usual", "limit")
        measures = {"limit": row.limit, "ours": row.ours, "usual": row.usual}
        each: dict[str, Sample] = {}
        for name in order:
            measure = measures[name]
            if measure is None or (name == "usual" and row.usual_once and number > 0):
                continue
            each[name] = measure(stand)
        result.rounds.append(each)
