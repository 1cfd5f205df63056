"""CSV that a spreadsheet opens without running anything, and that comes back exactly as it left.

UTF-8 with a byte-order mark and `;`, which Excel expects in French and Arabic. A cell that a spreadsheet could take for a formula
gets an apostrophe in front; reading takes one apostrophe off. Rule and its measurement: docs/decisions, "Formulas in exports".
"""

from __future__ import annotations

import csv
import io
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from core.clock import CASABLANCA
from core.errors import Invalid

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence
    from pathlib import Path

    from core.tables import Sheet

# The first visible character decides; the apostrophe itself is guarded so that taking one off is always right.
LIVE: Final = frozenset("=+-@\t\r\n|%＝＋－＠'")
UNSEEN: Final = " \u00a0\u200b\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
BLOCK: Final = 500


def encode_cell(text: str) -> str:
    """`text`, guarded when a spreadsheet could run it."""
    visible = text.lstrip(UNSEEN)
    return f"'{text}" if visible and visible[0] in LIVE else text


def decode_cell(text: str) -> str:
    """What `encode_cell` was given. An apostrophe that guards nothing is somebody's own: it stays."""
    return text[1:] if text.startswith("'") and encode_cell(text[1:]) == text else text


def plain(value: Any) -> str:
    """A value as text that programs read: ISO dates, Casablanca instants with their offset, a point in decimals."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, datetime):
        return value.astimezone(CASABLANCA).isoformat(timespec="seconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return f"{value:f}"
    return str(value)


def cell(value: Any) -> str:
    """A value as a cell. Numbers are not guarded: a minus sign in front of a number is a number."""
    text = plain(value)
    return text if isinstance(value, int | float | Decimal) else encode_cell(text)


def write_csv(sheet: Sheet, destination: Path) -> int:
    """Write one table; the number of its rows, without the heading."""
    count = 0
    with destination.open("w", encoding="utf-8-sig", newline="") as stream:
        writer = csv.writer(stream, delimiter=";", lineterminator="\r\n")
        writer.writerow([encode_cell(column.title) for column in sheet.columns])
        for row in sheet.rows:
            writer.writerow([cell(value) for value in row])
            count += 1
    return count


def read_csv(content: bytes) -> Iterator[list[str]]:
    """The rows of a CSV written here, headings included, guards taken off. Refuses (Invalid) what is not UTF-8."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise Invalid(str(error), code="broken_file", field="file") from error
    for row in csv.reader(io.StringIO(text, newline=""), delimiter=";"):
        yield [decode_cell(value) for value in row]


def rows_as_csv(rows: Iterable[Sequence[Any]]) -> Iterator[bytes]:
    """The same writing, streamed in blocks, for answers that are not stored."""
    buffer = io.StringIO(newline="")
    buffer.write("\ufeff")
    writer = csv.writer(buffer, delimiter=";", lineterminator="\r\n")
    for number, row in enumerate(rows, start=1):
        writer.writerow([cell(value) for value in row])
        if number % BLOCK == 0:
            yield buffer.getvalue().encode()
            buffer.seek(0)
            buffer.truncate()
    yield buffer.getvalue().encode()
