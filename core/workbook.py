"""Excel workbooks in constant memory: right to left for Arabic, numbers as numbers, no cell that computes anything."""

from __future__ import annotations

import re
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

import xlsxwriter
from xlsxwriter.worksheet import Worksheet

from core.clock import CASABLANCA
from core.tables import Kind

if TYPE_CHECKING:
    from collections.abc import Sequence
    from io import BytesIO
    from pathlib import Path

    from core.tables import Sheet

ACCENT: Final = "#a3222a"
_FORMATS: Final[dict[Kind, dict[str, Any]]] = {
    Kind.TEXT: {"text_wrap": True},
    Kind.INTEGER: {"num_format": "#,##0"},
    Kind.MONEY: {"num_format": '#,##0.00" MAD"'},
    Kind.PERCENT: {"num_format": '0" %"'},
    Kind.DAY: {"num_format": "dd/mm/yyyy", "align": "center"},
    Kind.INSTANT: {"num_format": "dd/mm/yyyy hh:mm", "align": "center"},
}
_HEADING: Final = {"bold": True, "font_color": "#ffffff", "bg_color": ACCENT, "text_wrap": True, "valign": "vcenter", "border": 1}
CELL_LENGTH: Final = 32_767
SHEET_ROWS: Final = 1_048_576
# What XML 1.0 cannot hold, and the characters Excel refuses in the name of a sheet.
_UNWRITABLE: Final = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_UNNAMEABLE: Final = re.compile(r"[\[\]:*?/\\]")


class _Page(Worksheet):  # type: ignore[misc]
    """A worksheet in which « <r>…</r> » is a text like another: in constant memory xlsxwriter takes it for XML of its own."""

    def _xml_rich_inline_string(self, string: str, attributes: Any = ()) -> None:
        self._xml_inline_string(string, preserve=False, attributes=attributes)


def write_workbook(sheets: Sequence[Sheet], destination: Path | BytesIO, *, language: str, title: str, author: str) -> int:
    """Write the sheets in order; the number of rows written, headings left out.

    Text stays text whatever it starts with: nothing in the workbook is a formula, a link or a macro.
    """
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_numbers": False,
        "strings_to_urls": False,
        "nan_inf_to_errors": False,
    }
    count = 0
    with xlsxwriter.Workbook(destination, options) as book:
        book.set_properties({"title": title, "author": author})
        heading = book.add_format(_HEADING)
        note = book.add_format({"bold": True, "font_color": ACCENT, "valign": "top"})
        formats = {kind: book.add_format({"valign": "top"} | more) for kind, more in _FORMATS.items()}
        for sheet in sheets:
            count += _write_sheet(book, sheet, formats, heading, note, rtl=language == "ar")
    return count


def _write_sheet(book: Any, sheet: Sheet, formats: dict[Kind, Any], heading: Any, note: Any, *, rtl: bool) -> int:
    page = book.add_worksheet(_sheet_name(sheet.name), _Page)
    if rtl:
        page.right_to_left()
    page.set_landscape()
    page.set_paper(9)
    page.fit_to_pages(1, 0)
    page.hide_gridlines(2)
    for index, column in enumerate(sheet.columns):
        page.set_column(index, index, column.width)
    line = 0
    for name, value in sheet.notes:
        page.write_string(line, 0, writable(name), note)
        page.write_string(line, 1, writable(value), formats[Kind.TEXT])
        line += 1
    first = line = line + 1 if line else 0
    page.set_row(line, 32)
    for index, column in enumerate(sheet.columns):
        page.write_string(line, index, writable(column.title), heading)
    page.freeze_panes(line + 1, 0)
    page.repeat_rows(line)
    kinds = [column.kind for column in sheet.columns]
    for row in sheet.rows:
        line += 1
        if line >= SHEET_ROWS:
            raise ValueError(f"sheet {sheet.name}: more rows than a worksheet holds")
        for index, (kind, value) in enumerate(zip(kinds, row, strict=True)):
            _write_cell(page, line, index, kind, value, formats[kind])
    if line > first:
        page.autofilter(first, 0, line, len(sheet.columns) - 1)
    return line - first


def _write_cell(page: Any, line: int, index: int, kind: Kind, value: Any, style: Any) -> None:
    if value is None or value == "":
        page.write_blank(line, index, None, style)
    elif kind is Kind.INSTANT and isinstance(value, datetime):
        page.write_datetime(line, index, value.astimezone(CASABLANCA).replace(tzinfo=None), style)
    elif kind is Kind.DAY and isinstance(value, date):
        page.write_datetime(line, index, value, style)
    elif kind in {Kind.INTEGER, Kind.MONEY, Kind.PERCENT} and isinstance(value, int | float | Decimal):
        page.write_number(line, index, value, style)
    elif text := writable(str(value)):
        page.write_string(line, index, text, style)
    else:
        page.write_blank(line, index, None, style)


def writable(text: str) -> str:
    """`text` as a cell can hold it: without characters that XML forbids, no longer than Excel's limit."""
    return _UNWRITABLE.sub("", text)[:CELL_LENGTH]


def _sheet_name(name: str) -> str:
    return _UNNAMEABLE.sub(" ", writable(name)).strip("' ")[:31] or "1"
