"""Tables as data: what the Excel and CSV writers take, free of any format."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


class Kind(StrEnum):
    """What a column's cells are; None is an empty cell in any of them."""

    TEXT = "text"
    INTEGER = "integer"
    MONEY = "money"  # Decimal, MAD
    PERCENT = "percent"  # 0 to 100
    DAY = "day"  # date
    INSTANT = "instant"  # aware datetime


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its heading, what its cells are, and its width in characters."""

    title: str
    kind: Kind = Kind.TEXT
    width: int = 16


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table with its name; `rows` may be a generator, it is read once."""

    name: str
    columns: Sequence[Column]
    rows: Iterable[Sequence[Any]]
    notes: Sequence[tuple[str, str]] = field(default_factory=tuple)
