"""Many rows into a table of the transaction: blocks of columns, each an array in one parameter.

Nearly as fast as COPY, which cannot carry who reads (core.postgres): the second wall stands during an import too.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.db import connection

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_BLOCK: Final = 2000


def array_of(texts: Sequence[str | None]) -> str:
    """The texts as PostgreSQL writes an array; None is NULL."""
    return "{" + ",".join(["NULL" if text is None else _quoted(text) for text in texts]) + "}"


def _quoted(text: str) -> str:
    if "\\" in text or '"' in text:
        text = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{text}"'


class Loader:
    """Takes rows of texts and inserts them by blocks. `columns`: quoted name → SQL type."""

    def __init__(self, table: str, columns: Mapping[str, str]) -> None:
        names = ", ".join(columns)
        typed = ", ".join(f"c{number}::{kind}" for number, kind in enumerate(columns.values()))
        given = ", ".join(["%s::text[]"] * len(columns))
        called = ", ".join(f"c{number}" for number in range(len(columns)))
        self._sql = f"INSERT INTO {table} ({names}) SELECT {typed} FROM unnest({given}) AS given ({called})"  # noqa: S608 - quoted names of our own tables
        self._rows: list[Sequence[str | None]] = []

    def add(self, row: Sequence[str | None]) -> None:
        """One more row."""
        self._rows.append(row)
        if len(self._rows) >= _BLOCK:
            self.flush()

    def flush(self) -> None:
        """Insert what waits."""
        if self._rows:
            with connection.cursor() as cursor:
                cursor.execute(self._sql, [array_of(column) for column in zip(*self._rows, strict=True)])
            self._rows = []
