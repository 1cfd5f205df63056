"""What happens in the demonstration's convention: rows of `commitments.json` and `actions.json`.

What the press reported is true and names its article; dates due, declarations and states are demonstration values and say so.
A day is a date, or a number of days from today, so that something is always late, due soon and awaiting an answer.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

from core import clock

Day = str | int


def day(value: Day) -> date:
    """A date written out, or counted from today in Casablanca."""
    return date.fromisoformat(value) if isinstance(value, str) else clock.today() + timedelta(days=value)


@dataclass(frozen=True)
class Step:
    """One act on a commitment or an action: when, what is said, and the proof brought: its title, an address, a file (pdf, png)."""

    verb: str
    on: Day
    text: str = ""
    proof: str = ""
    url: str = ""
    file: str = ""
    expires: Day | None = None


@dataclass(frozen=True)
class Promise:
    """What `obligor` (key of a party) owes the other party under an axis."""

    reference: str
    axis: str
    obligor: str
    fr: str
    ar: str
    en: str
    due: Day
    steps: tuple[Step, ...] = ()
    description: str = ""
    source: str = ""
    recurrence: str = "none"
    amount: Decimal | None = None


@dataclass(frozen=True)
class Task:
    """One action: its owner (key of an organisation), its dates, and what happened to it."""

    title: str
    axis: str
    owner: str
    starts: Day
    due: Day
    steps: tuple[Step, ...] = ()
    description: str = ""
    source: str = ""
    priority: str = "normal"
    commitment: str = ""
    responsible: str = ""


def promises() -> list[Promise]:
    """The commitments, in the order of their references."""
    rows = _rows("commitments")
    return [Promise(**row | {"steps": _steps(row), "amount": Decimal(row["amount"]) if "amount" in row else None}) for row in rows]


def tasks() -> list[Task]:
    """The actions: first those that the press reported, then the invented ones."""
    return [Task(**row | {"steps": _steps(row)}) for row in _rows("actions")]


def _steps(row: dict[str, Any]) -> tuple[Step, ...]:
    return tuple(Step(**step) for step in row.get("steps", ()))


def _rows(name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads(Path(__file__).with_name(f"{name}.json").read_text(encoding="utf-8"))
    return rows
