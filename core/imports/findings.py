"""What is wrong in a file, all of it at once: kept in a table of the transaction, however many, and shown in order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.db import connection
from django.utils.translation import gettext_lazy as _

from core.imports.columns import text_of
from core.imports.load import Loader

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from core.errors import Refusal
    from core.imports.reading import Table

SHOWN: Final = 200
# More lines than anybody corrects by hand, and fewer than a worksheet holds.
LISTED: Final = 50_000
_COLUMNS: Final = {"row_number": "int", "place": "int", "heading": "text", "code": "text", "value": "text", "sentence": "text"}
_TABLE: Final = f"CREATE TEMP TABLE import_error ({', '.join(f'{name} {kind}' for name, kind in _COLUMNS.items())}) ON COMMIT DROP"
SUSPECTS: Final = {
    "formula": _("This cell holds a formula: paste its value instead (copy, paste special, values)."),
    "merged_cells": _("These cells are merged: split them, and write the value in each."),
    "error_cell": _("This cell holds an error of the spreadsheet, not a value."),
}


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong in one cell: the row as spreadsheets number them, the letter and heading of the column, what stands there, why not."""

    row: int
    letter: str
    heading: str
    value: str
    sentence: str
    code: str = ""

    def as_json(self) -> dict[str, Any]:
        """As the batch keeps it."""
        return {"row": self.row, "letter": self.letter, "heading": self.heading, "value": self.value, "sentence": self.sentence}


def letter_of(index: int) -> str:
    """0 → A, 26 → AA; nothing for no column."""
    letters = ""
    index += 1
    while index > 0:
        index, rest = divmod(index - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


class Findings:
    """Collects while rows are read; the database adds what it finds by itself."""

    def __init__(self, headings: Sequence[str], places: dict[str, int]) -> None:
        self.headings = headings
        self.places = places
        self.rows: set[int] = set()
        with connection.cursor() as cursor:
            cursor.execute(_TABLE)
        self._loader = Loader("import_error", _COLUMNS)

    def of_table(self, table: Table) -> None:
        """The cells that no import reads."""
        for suspect in table.suspects:
            if suspect.row > table.heading_row or suspect.code == "merged_cells":
                self._write(suspect.row, suspect.column, suspect.code, suspect.value, str(SUSPECTS[suspect.code]))

    def add(self, row: int, name: str, raw: Any, refusal: Refusal) -> None:
        """A refusal at a field of a row."""
        self._write(row, self.places.get(name, -1), refusal.code, text_of(raw), str(refusal.message))

    def _write(self, row: int, place: int, code: str, value: str, sentence: str) -> None:
        self.rows.add(row)
        heading = self.headings[place] if 0 <= place < len(self.headings) else ""
        self._loader.add((str(row), str(place), heading, code, value[:200].replace("\x00", "\ufffd"), sentence))

    def store(self) -> None:
        """All of them are in the table now."""
        self._loader.flush()

    @staticmethod
    def count() -> int:
        """How many there are."""
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM import_error")
            return int(cursor.fetchone()[0])

    @staticmethod
    def listed(limit: int = LISTED) -> Iterator[Finding]:
        """In the order of the file."""
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT row_number, place, heading, value, sentence, code FROM import_error ORDER BY row_number, place, code LIMIT %s",
                [limit],
            )
            for row, place, heading, value, sentence, code in cursor.fetchall():
                yield Finding(row, letter_of(place), heading, value, sentence, code)
