"""The table: one line a row, ratios only, and whether each floor is met."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bench.runner import Result

HEAD = ("row", "figure", "median [min–max]", "floor", "usual ÷ ours", "N → 10 N", "peak MB", "")


def growth(small: Result | None, large: Result | None) -> float | None:
    """How many times slower ours is at 10 N (None: measured at one size)."""
    if small is None or large is None or not small.rounds or not large.rounds:
        return None
    return large.ours.seconds / small.ours.seconds


def faults(small: Result | None, large: Result | None, *, leniency: float) -> list[str]:
    """Why a row is not met; nothing when it is."""
    final = large or small
    if final is None:
        return ["not measured"]
    if final.error:
        return [final.error]
    row, wrong = final.row, []
    met = final.reached(leniency)
    if not any(met):
        wrong.append("floor missed")
    elif not all(met) and not _median_meets(final, leniency):
        wrong.append("unsure")
    if row.usual_floor and final.usual is not None and final.usual < row.usual_floor * leniency:
        wrong.append(f"under {row.usual_floor:g}x the usual way")
    if row.most_mb is not None and final.ours.peak_mb > row.most_mb / leniency:
        wrong.append(f"over {row.most_mb:g} MB")
    grown = growth(small, large)
    if row.most_growth and grown is not None and grown > row.most_growth / leniency:
        wrong.append(f"grows over {row.most_growth:g}x")
    return wrong


def _median_meets(result: Result, leniency: float) -> bool:
    row = result.row
    return result.figure >= row.floor * leniency if row.figure == "reach" else result.figure <= row.floor / leniency


def lines(pairs: Sequence[tuple[Result | None, Result | None]], *, leniency: float) -> list[tuple[str, ...]]:
    """The cells of each row."""
    made: list[tuple[str, ...]] = []
    for small, large in pairs:
        final = large or small
        if final is None:
            continue
        row = final.row
        sign = "≥" if row.figure == "reach" else "≤"
        wrong = faults(small, large, leniency=leniency)
        verdict = "ok" if not wrong else ("? " if wrong == ["unsure"] else "✗ ") + "; ".join(wrong)
        if final.error:
            made.append((row.title, "", "", f"{sign} {row.floor:g}", "", "", "", verdict))
            continue
        figures, grown = final.figures(), growth(small, large)
        made.append(
            (
                row.title,
                "limit ÷ ours" if row.figure == "reach" else "ours ÷ limit",
                f"{_short(final.figure)} [{_short(min(figures))}–{_short(max(figures))}]",
                f"{sign} {row.floor:g}",
                "" if final.usual is None else f"{_short(final.usual)}" + (f" (≥ {row.usual_floor:g})" if row.usual_floor else ""),
                "" if grown is None else f"{_short(grown)} ({row.shape})",
                f"{final.ours.peak_mb:.0f}" if final.ours.peak_mb else "",
                verdict,
            )
        )
    return made


def _short(value: float) -> str:
    return f"{value:.2f}" if value < 10 else f"{value:.0f}"


def markdown(cells: Sequence[tuple[str, ...]]) -> str:
    """The table as it is printed and kept in docs/performance.md."""
    rows = [HEAD, tuple("---" for _ in HEAD), *cells]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)
