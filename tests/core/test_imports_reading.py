"""Tables as people bring them: every usual encoding and separator, workbooks, and the hostile ones, each refused by name."""

from __future__ import annotations

import io
import re
import zipfile
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import Invalid
from core.files import inspect
from core.imports import reading
from core.imports.columns import DayCell, NumberCell
from core.imports.reading import Formula, is_table, open_table, told_encoding
from core.imports.services import UNPACKED
from tests.factories.tables import csv_file, xlsx_file

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

KNOWN = frozenset({"name", "city"})
LATIN = st.text("abcdefghijklmnopqrstuvwxyzéèêàçùîôÉ ;,|'\"", max_size=20)
ARABIC = st.lists(st.sampled_from(["فندق", "الأطلس", "مراكش", "رياض", "وكالة"]), min_size=2, max_size=4).map(" ".join)


def read(upload: SimpleUploadedFile, path: Path, **choices: str) -> list[list[Any]]:
    """Headings and rows of a file, inspected as at its door."""
    inspected = inspect(upload, is_text=is_table, unpacked=UNPACKED)
    place = path / "table"
    upload.seek(0)
    place.write_bytes(upload.read())
    with open_table(place, suffix=inspected.suffix, known=KNOWN, sheets=frozenset(), **choices) as table:
        return [table.headings, *(cells for _number, cells in table.rows)]


def refusal(upload: SimpleUploadedFile, path: Path) -> str:
    with pytest.raises(Invalid) as refused:
        read(upload, path)
    assert str(refused.value.message)
    return refused.value.code


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    rows=st.lists(st.tuples(LATIN, LATIN), min_size=1, max_size=8),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1252"]),
    separator=st.sampled_from([";", ",", "\t", "|"]),
)
def test_a_latin_table_when_written_in_any_usual_way_then_is_read_as_it_was(
    rows: list[tuple[str, str]], encoding: str, separator: str, tmp_path: Path
) -> None:
    # A lone apostrophe in front of a guarded character is the guard itself: exports write two.
    rows = [row for row in rows if any(cell.strip() for cell in row) and not any(re.match(r"\s*'", cell) for cell in row)]
    table = [["name", "city"], ["Hôtel Été", "Fès"], *(list(row) for row in rows)]
    assert read(csv_file(table, encoding=encoding, separator=separator), tmp_path) == table


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    rows=st.lists(ARABIC, min_size=3, max_size=8),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "cp1256"]),
    separator=st.sampled_from([";", ",", "\t", "|"]),
)
def test_an_arabic_table_when_written_in_any_usual_way_then_is_read_as_it_was(
    rows: list[str], encoding: str, separator: str, tmp_path: Path
) -> None:
    table = [["name", "city"], *([row, "hôtel"] for row in rows)]
    assert read(csv_file(table, encoding=encoding, separator=separator), tmp_path) == table


def test_a_text_when_french_capitals_are_windows_then_is_not_taken_for_arabic() -> None:
    assert told_encoding(io.BytesIO("ÉTABLISSEMENT;FÈS;HÔTEL\r\n".encode("cp1252"))) == "cp1252"
    assert told_encoding(io.BytesIO("فندق;مراكش\r\n".encode("cp1256"))) == "cp1256"


def test_a_cell_when_guarded_then_is_itself_and_when_it_computes_then_says_so(tmp_path: Path) -> None:
    upload = SimpleUploadedFile("t.csv", b"name;city\r\n'=1+1;=1+1\r\n'tis;''tis\r\n")
    _headings, first, second = read(upload, tmp_path)
    assert (first, isinstance(first[0], Formula), isinstance(first[1], Formula)) == (["=1+1", "=1+1"], False, True)
    assert second == ["'tis", "'tis"]


def test_a_workbook_when_read_then_gives_dates_numbers_and_texts(tmp_path: Path) -> None:
    rows: list[list[Any]] = [[None, None], ["name", "city"], [date(2026, 11, 25), 12.5], ["=text", None]]
    upload = xlsx_file(rows[:3])
    assert read(upload, tmp_path) == [["name", "city"], [date(2026, 11, 25), 12.5]]


# -- hostile -----------------------------------------------------------------------------------------------------------
def packed(parts: dict[str, bytes], name: str = "table.xlsx") -> SimpleUploadedFile:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for part, content in parts.items():
            archive.writestr(part, content)
    return SimpleUploadedFile(name, stream.getvalue())


def parts_of(upload: SimpleUploadedFile) -> dict[str, bytes]:
    with zipfile.ZipFile(upload) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def with_sheet(change: Any) -> SimpleUploadedFile:
    parts = parts_of(xlsx_file([["name", "city"], ["a", "b"]]))
    parts["xl/worksheets/sheet1.xml"] = change(parts["xl/worksheets/sheet1.xml"])
    return packed(parts)


HOSTILE: Sequence[tuple[str, Any, str]] = [
    ("empty", lambda: SimpleUploadedFile("t.csv", b""), "empty_file"),
    ("blank lines", lambda: SimpleUploadedFile("t.csv", b";;\r\n;;\r\n"), "empty_file"),
    ("an empty sheet", lambda: xlsx_file([]), "empty_file"),
    ("50 columns too many", lambda: csv_file([[f"c{n}" for n in range(110)]]), "too_many_columns"),
    ("50 columns too many in a workbook", lambda: xlsx_file([[f"c{n}" for n in range(110)]]), "too_many_columns"),
    ("a cell far to the right", lambda: xlsx_file([["name"], ["a"]], change=lambda page: page.cell(2, 16000, "x")), "too_many_columns"),
    ("two cells at the ends of the world", lambda: xlsx_file([["a"]], change=lambda page: page.cell(1048576, 16384, "x")), "too_heavy"),
    ("NUL", lambda: SimpleUploadedFile("t.csv", b"name;city\r\na\x00b;c\r\n"), "nul"),
    ("a quotation mark that never closes", lambda: SimpleUploadedFile("t.csv", b'name;city\r\n"' + b"a" * 200_000), "broken_file"),
    ("more cells than headings", lambda: SimpleUploadedFile("t.csv", b"name;city\r\na;b;c\r\n"), "too_many_cells"),
    ("a bomb", lambda: with_sheet(lambda xml: xml + b" " * 300_000_000), "zip_bomb"),
    ("a part packed too well", lambda: with_sheet(lambda xml: xml + b"\x20" * 30_000_000), "zip_bomb"),
    ("an entity", lambda: with_sheet(lambda xml: b'<!DOCTYPE x [<!ENTITY a "b">]>' + xml), "doctype"),
    ("a password", lambda: SimpleUploadedFile("t.xlsx", bytes.fromhex("d0cf11e0a1b11ae1") + b"\0" * 600), "encrypted_file"),
    ("a broken sheet", lambda: with_sheet(lambda xml: xml[: len(xml) // 2]), "broken_file"),
    ("a page", lambda: SimpleUploadedFile("t.csv", b"<html><script>alert(1)</script></html>"), "type_refused"),
    ("a program", lambda: SimpleUploadedFile("t.csv", b"MZ\x90\x00\x03\x01\x02"), "type_refused"),
    ("a text called a workbook", lambda: csv_file([["name"]], name="t.xlsx"), "false_type"),
    ("a workbook called a text", lambda: xlsx_file([["name"]], name="t.csv"), "false_type"),
]


@pytest.mark.parametrize(("what", "make", "code"), HOSTILE, ids=[what for what, _make, _code in HOSTILE])
def test_a_hostile_file_when_brought_then_is_refused_by_name(what: str, make: Any, code: str, tmp_path: Path) -> None:
    assert refusal(make(), tmp_path) == code


def test_a_sheet_when_it_is_not_there_then_is_named(tmp_path: Path) -> None:
    with pytest.raises(Invalid) as refused:
        read(xlsx_file([["name"]]), tmp_path, sheet="Autre")
    assert refused.value.code == "no_sheet"


def test_an_encoding_when_chosen_wrongly_then_the_line_is_told(tmp_path: Path) -> None:
    with pytest.raises(Invalid) as refused:
        read(SimpleUploadedFile("t.csv", "name\r\nété\r\n".encode("cp1252")), tmp_path, encoding="utf-8-sig")
    assert refused.value.code == "encoding"


def test_suspect_cells_when_in_a_workbook_then_each_place_is_told(tmp_path: Path) -> None:
    def change(page: Any) -> None:
        page["B3"] = "=SUM(A1:A2)"
        page.merge_cells("A4:B5")
        page["A3"].data_type, page["A3"].value = "e", "#REF!"

    upload = xlsx_file([["name", "city"], ["a", "b"], ["c", "d"], ["e", "f"]], change=change)
    place = tmp_path / "t.xlsx"
    place.write_bytes(upload.read())
    with open_table(place, suffix=".xlsx", known=KNOWN, sheets=frozenset()) as table:
        found = sorted((one.code, one.row, one.column, one.value) for one in table.suspects)
    assert found == [("error_cell", 3, 0, ""), ("formula", 3, 1, "=SUM(A1:A2)"), ("merged_cells", 4, 0, "A4:B5")]


def test_the_process_that_reads_when_a_workbook_is_large_then_stays_within_its_memory(tmp_path: Path) -> None:
    assert reading.MEMORY <= 300 * 1024**2
    rows = [["name", "city"], *([f"Établissement {n}", f"Ville {n}"] for n in range(20_000))]
    assert len(read(xlsx_file(rows), tmp_path)) == 20_001


def test_a_workbook_when_it_unpacks_to_more_than_the_memory_given_then_is_refused_as_too_heavy(tmp_path: Path) -> None:
    # Two cells, and eighteen million between them: some 450 MB once read.
    bomb = xlsx_file([["name", "city"]], change=lambda page: page.cell(20_000, 900, "far"))
    assert bomb.size is not None
    assert bomb.size < 10_000
    assert refusal(bomb, tmp_path) == "too_heavy"


# -- cells -------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        ("1 234,5", "1234.5"),
        ("1.234,56", "1234.56"),
        ("1,234.56", "1234.56"),
        ("1,234,567", "1234567"),
        ("١٢٫٥", "12.5"),
        (12.5, "12.5"),
        ("7", "7"),
    ],
)
def test_a_number_when_written_in_any_usual_way_then_is_the_same(raw: Any, expected: str) -> None:
    assert NumberCell().read(raw) == Decimal(expected)


@pytest.mark.parametrize("raw", ["", "x", "1e5", "--1", "NaN", float("inf"), "1 2 3 x", "-1"])
def test_a_number_when_it_is_none_then_is_refused(raw: Any) -> None:
    with pytest.raises(Invalid):
        NumberCell().read(raw)


def test_a_column_when_it_mixes_decimal_commas_and_points_then_says_so() -> None:
    cell = NumberCell()
    cell.read("1,5")
    cell.read("2")
    with pytest.raises(Invalid) as refused:
        cell.read("2.5")
    assert refused.value.code == "mixed_decimals"


@pytest.mark.parametrize("raw", ["2026-11-25", "25/11/2026", "25.11.2026", "25-11-2026", "٢٥/١١/٢٠٢٦", date(2026, 11, 25)])
def test_a_day_when_written_in_any_usual_way_then_is_the_same(raw: Any) -> None:
    assert DayCell().read(raw) == date(2026, 11, 25)


@pytest.mark.parametrize("raw", ["11/25/2026", "2026-02-30", "25/11/26", "demain", "46351", "25/11/1999", 46351.0])
def test_a_day_when_it_is_none_then_is_refused(raw: Any) -> None:
    with pytest.raises(Invalid):
        DayCell().read(raw)
