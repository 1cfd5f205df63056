"""The CSV of `core.csvfile`, byte for byte, written by PostgreSQL: for lists that may hold every row of a table."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING, Any, Final

from django.db.models import Func, TextField, Value

from core.csvfile import BLOCK, LIVE, UNSEEN, encode_cell
from core.postgres.copying import copy_rows
from core.tables import Kind

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from typing import BinaryIO

    from core.tables import CopiedSheet

_LIVE: Final = sorted(LIVE)
# What a cell that needs a second look begins with, as `ascii()` tells it: nearly all others are let through by one comparison.
_DOUBTFUL: Final = ", ".join(str(ord(character)) for character in sorted({*LIVE, *UNSEEN}))


class Guarded(Func):
    """A text as `encode_cell` writes it; nothing for an empty one."""

    output_field = TextField()

    def as_sql(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        """The guard, around the text's own SQL."""
        text, params = compiler.compile(self.source_expressions[0])
        return self.around(text, list(params))

    @staticmethod
    def around(text: str, params: list[Any]) -> tuple[str, list[Any]]:
        """The guard around a text given as SQL."""
        live = ", ".join(["%s"] * len(_LIVE))
        return (
            f"CASE WHEN ascii({text}) IN ({_DOUBTFUL}) AND left(ltrim({text}, %s), 1) IN ({live}) "
            f"THEN '''' || {text} ELSE nullif({text}, '') END",
            [*params, *params, UNSEEN, *_LIVE, *params, *params],
        )


def _guarded(cell: Any) -> Any:
    """The cell of a text: its own guarded form when it has one."""
    if isinstance(cell, Value):
        return Value(encode_cell(str(cell.value or "")) or None, output_field=TextField())
    return cell.guarded() if hasattr(cell, "guarded") else Guarded(cell)


class _Lines:
    """Ends each row as a spreadsheet expects, and counts."""

    def __init__(self, stream: BinaryIO, told: Callable[[int], None]) -> None:
        self.stream, self.told, self.count = stream, told, 0

    def write(self, row: bytes) -> None:
        """Take one row of COPY."""
        self.stream.write(row[:-1])
        self.stream.write(b"\r\n")
        self.count += 1
        if not self.count % BLOCK:
            self.told(self.count)


def copy_csv(sheet: CopiedSheet, destination: Path) -> int:
    """Write one table as `write_csv` does; the number of its rows, without the heading."""
    heading = io.StringIO(newline="")
    csv.writer(heading, delimiter=";", lineterminator="\r\n").writerow([encode_cell(column.title) for column in sheet.columns])
    cells = [_guarded(cell) if column.kind is Kind.TEXT else cell for column, cell in zip(sheet.columns, sheet.cells, strict=True)]
    with destination.open("wb") as stream:
        stream.write(heading.getvalue().encode("utf-8-sig"))
        lines = _Lines(stream, sheet.told)
        copy_rows(sheet.rows, cells, lines, options="FORMAT csv, DELIMITER ';'")
    return lines.count
