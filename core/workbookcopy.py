"""The workbook of `core.workbook`, its rows written out by PostgreSQL and put as XML straight into the zip stream.

Everything but the rows (styles, widths, frozen heading, filter, page) is what xlsxwriter writes for a workbook of one empty row,
whose place the rows take.
"""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date
from html import escape
from typing import TYPE_CHECKING, Any, Final

from core.postgres.copying import copy_rows
from core.tables import Kind, Sheet
from core.workbook import CELL_LENGTH, SHEET_ROWS, writable, write_workbook

if TYPE_CHECKING:
    from pathlib import Path
    from typing import BinaryIO

    from core.tables import CopiedSheet

_SHEET: Final = "xl/worksheets/sheet1.xml"
_MODEL: Final = re.compile(rb'<row r="2"[^>]*>(.*?)</row>', re.DOTALL)
_STYLED: Final = re.compile(rb'<c r="([A-Z]+)2" s="(\d+)"/>')
_DIMENSION: Final = re.compile(rb'<dimension ref="[^"]*"/>')
# What XML cannot hold among bytes; the row's own tabs and newlines come escaped, and 1E stands where a row's number goes.
_CONTROLS: Final = bytes(set(range(32)) - {9, 10, 13})
_NUMBER: Final = b"\x1e"
_ESCAPES: Final = {"b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v", "\\": "\\"}
_ESCAPED: Final = re.compile(r"\\(.)", re.DOTALL)
_HEXADECIMAL: Final = re.compile(r"(_x[0-9a-fA-F]{4}_)")
_BATCH: Final = 500
_LEAP_DAY_OF_1900: Final = date(1900, 3, 1)


class _Serials(dict[bytes, bytes]):
    """Days as Excel counts them, each computed once. Excel believes in 29 February 1900."""

    def __missing__(self, day: bytes) -> bytes:
        known = date.fromisoformat(day.decode())
        serial = (known - date(1899, 12, 30)).days - (known < _LEAP_DAY_OF_1900)
        self[day] = written = str(serial).encode()
        return written


class _Rows:
    """Turns the rows of COPY's text format into rows of a worksheet, below the heading."""

    def __init__(self, stream: Any, sheet: CopiedSheet, styles: list[tuple[bytes, bytes]]) -> None:
        self.stream, self.told, self.count = stream, sheet.told, 0
        self.days = [index for index, column in enumerate(sheet.columns) if column.kind is Kind.DAY]
        self.texts = [column.kind is Kind.TEXT for column in sheet.columns]
        self.serials = _Serials()
        # Of each column: what opens a cell, what closes it, and an empty cell.
        self.parts = [_cell_parts(letter, style, is_text=text) for (letter, style), text in zip(styles, self.texts, strict=True)]
        self.batch: list[bytes] = []

    def write(self, row: bytes) -> None:
        """Take one row of COPY."""
        self.count += 1
        if b"\\" in row or b"_x" in row or b"\xef\xbf" in row or len(row) > CELL_LENGTH:
            cells = [_carefully(cell) for cell in row[:-1].split(b"\t")]
        else:
            plain = row[:-1].translate(None, _CONTROLS)
            cells = plain.replace(b"&", b"&amp;").replace(b"<", b"&lt;").replace(b">", b"&gt;").split(b"\t")
        for index in self.days:
            if cells[index]:
                cells[index] = self.serials[cells[index]]
        line = b"".join(
            [opened + cell + closed if cell else empty for (opened, closed, empty), cell in zip(self.parts, cells, strict=True)]
        )
        self.batch.append((b'<row r="\x1e">' + line + b"</row>").replace(_NUMBER, b"%d" % (self.count + 1)))
        if len(self.batch) == _BATCH:
            self.flush()

    def flush(self) -> None:
        """Put what has gathered into the stream."""
        if self.count >= SHEET_ROWS:
            raise ValueError("more rows than a worksheet holds")
        self.stream.write(b"".join(self.batch))
        self.batch.clear()
        self.told(self.count)


def _cell_parts(letter: bytes, style: bytes, *, is_text: bool) -> tuple[bytes, bytes, bytes]:
    start = b'<c r="' + letter + _NUMBER + b'" s="' + style + b'"'
    if is_text:
        return start + b' t="inlineStr"><is><t xml:space="preserve">', b"</t></is></c>", start + b"/>"
    return start + b"><v>", b"</v></c>", start + b"/>"


def _carefully(cell: bytes) -> bytes:
    """A cell with something rare in it: COPY's escapes undone, then what `core.workbook` and xlsxwriter make of the text."""
    text = writable(_ESCAPED.sub(lambda found: _ESCAPES[found[1]], cell.decode()))
    text = _HEXADECIMAL.sub(r"_x005F\1", text).replace("\r", "_x000D_")
    return escape(text, quote=False).encode()


def copy_workbook(sheet: CopiedSheet, destination: Path, *, language: str, title: str, author: str) -> int:
    """Write one table as `write_workbook` does; the number of its rows, without the heading."""
    facts: dict[str, Any] = {"language": language, "title": title, "author": author}
    model = io.BytesIO()
    write_workbook([Sheet(sheet.name, sheet.columns, [[None] * len(sheet.columns)])], model, **facts)
    with destination.open("wb") as stream:
        count = _fill(zipfile.ZipFile(model), sheet, stream)
    if not count:  # a list without rows has no filter either
        write_workbook([Sheet(sheet.name, sheet.columns, [])], destination, **facts)
    return count


def _fill(model: zipfile.ZipFile, sheet: CopiedSheet, destination: BinaryIO) -> int:
    """Copy the parts of `model`, its row replaced by all the others."""
    content = model.read(_SHEET)
    found = _MODEL.search(content)
    assert found is not None, "the model has a row"
    head, tail = _DIMENSION.sub(b"", content[: found.start()]), content[found.end() :]
    with zipfile.ZipFile(destination, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as book:
        with book.open(_SHEET, "w") as stream:
            stream.write(head)
            rows = _Rows(stream, sheet, _STYLED.findall(found[1]))
            copy_rows(sheet.rows, sheet.cells, rows, options="FORMAT text, NULL ''")
            rows.flush()
            stream.write(re.sub(rb'(<autoFilter ref="A1:[A-Z]+)2"', rb'\g<1>%d"' % (rows.count + 1), tail))
        for name in model.namelist():
            if name == "xl/workbook.xml":
                book.writestr(name, re.sub(rb"(\$A\$1:\$[A-Z]+)\$2<", rb"\g<1>$%d<" % (rows.count + 1), model.read(name)))
            elif name != _SHEET:
                book.writestr(name, model.read(name))
    return rows.count
