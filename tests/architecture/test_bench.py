"""The bench tells a missed floor from a met one, and says when it is not sure."""

from __future__ import annotations

from typing import Any

import pytest

from bench.row import Row, Sample
from bench.rows import ROWS
from bench.runner import Result, run_row
from bench.table import faults, lines, markdown

STAND: Any = type("Stand", (), {"scale": 1.0})()


def _row(**more: Any) -> Row:
    facts: dict[str, Any] = {"name": "row", "title": "A row", "floor": 0.5, "limit": lambda _: Sample(1), "ours": lambda _: Sample(1)}
    return Row(**(facts | more))


def _result(ours: list[float], **more: Any) -> Result:
    result = Result(_row(**more), 1.0)
    result.rounds = [{"limit": Sample(1.0), "ours": Sample(seconds, 0, 0, 30), "usual": Sample(10.0)} for seconds in ours]
    return result


def test_the_rows_when_listed_then_have_names_of_their_own_and_a_floor() -> None:
    names = [row.name for row in ROWS]
    assert len(names) == len(set(names))
    assert all(row.floor > 0 and row.title for row in ROWS)
    assert {"api-list", "keyset", "mail", "csv", "xlsx", "migrate"} <= set(names)


@pytest.mark.parametrize(
    ("ours", "more", "expected"),
    [
        ([1.0, 1.5, 1.9], {}, []),
        ([2.1, 3.0, 4.0], {}, ["floor missed"]),
        ([1.9, 2.1, 2.2], {}, ["unsure"]),
        ([1.8, 1.9, 2.2], {}, []),
        ([1.1, 1.2, 1.3], {"figure": "cost", "floor": 1.3}, []),
        ([1.5, 1.6, 1.7], {"figure": "cost", "floor": 1.3}, ["floor missed"]),
        ([1.0], {"usual_floor": 8}, []),
        ([1.0], {"usual_floor": 11}, ["under 11x the usual way"]),
        ([1.0], {"most_mb": 20}, ["over 20 MB"]),
    ],
)
def test_a_row_when_measured_then_says_what_it_misses(ours: list[float], more: dict[str, Any], expected: list[str]) -> None:
    assert faults(None, _result(ours, **more), leniency=1.0) == expected


def test_a_row_when_floors_are_lenient_then_passes_a_fifth_under() -> None:
    assert faults(None, _result([2.3]), leniency=0.8) == []
    assert faults(None, _result([2.6]), leniency=0.8) == ["floor missed"]
    assert faults(None, _result([1.5], figure="cost", floor=1.3), leniency=0.8) == []


def test_a_row_when_it_grows_more_than_it_may_then_says_so() -> None:
    small, large = _result([1.0], most_growth=1.2), _result([1.5], most_growth=1.2)
    assert faults(small, large, leniency=1.0) == ["grows over 1.2x"]
    assert "| 1.50 (flat) |" in markdown(lines([(small, large)], leniency=1.0))


def test_a_row_when_run_then_alternates_and_measures_the_slow_way_once() -> None:
    order: list[str] = []

    def measure(name: str) -> Any:
        def take(_stand: Any) -> Sample:
            order.append(name)
            return Sample(1.0)

        return take

    row = _row(limit=measure("L"), usual=measure("U"), ours=measure("O"), usual_once=True)
    result = run_row(row, STAND, rounds=3, say=lambda line: None)
    assert "".join(order) == "LUOOLLO"
    assert result.figure == 1.0


def test_a_row_when_its_rounds_straddle_the_floor_then_is_measured_further() -> None:
    seconds = iter([1.0, 3.0, 1.0, *[1.0] * 5])
    result = run_row(_row(ours=lambda _: Sample(next(seconds))), STAND, rounds=3, say=lambda line: None)
    assert len(result.rounds) == 8


def test_a_row_when_ours_does_not_do_the_same_work_then_fails() -> None:
    def differ(_stand: Any) -> None:
        raise AssertionError("the answers differ")

    result = run_row(_row(check=differ), STAND, rounds=3, say=lambda line: None)
    assert result.rounds == []
    assert faults(None, result, leniency=1.0) == ["AssertionError: the answers differ"]
    assert "the answers differ" in markdown(lines([(None, result)], leniency=1.0))
