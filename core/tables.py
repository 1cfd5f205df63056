"""Tables as data: what the Excel and CSV writers take, free of any format."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from django.db.models import QuerySet
    from django.db.models.expressions import Combinable


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


@dataclass(frozen=True, slots=True)
class CopiedSheet:
    """A table whose rows PostgreSQL writes out itself: `cells` are expressions over `rows`, one a column, None being an empty cell.

    There are no instants in it: they are shown in Casablanca's time, which the database does not know. `told` hears the number of
    rows written, now and then.
    """

    name: str
    columns: Sequence[Column]
    rows: QuerySet[Any]
    cells: Sequence[Combinable]
    told: Callable[[int], None] = lambda count: None
