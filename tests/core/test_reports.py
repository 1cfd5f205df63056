"""The three ways a report is written: PDF, Excel, CSV."""

from __future__ import annotations

import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pypdf import PdfReader

from core.csvfile import decode_cell, encode_cell, read_csv, rows_as_csv, write_csv
from core.errors import Invalid
from core.reports import Report, filename
from core.tables import Column, Kind, Sheet
from core.typst.process import RenderingError, render_pdf
from core.workbook import write_workbook

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_django import Settings

COLUMNS = [
    Column("Text"),
    Column("Count", Kind.INTEGER),
    Column("Amount", Kind.MONEY),
    Column("Share", Kind.PERCENT),
    Column("Day", Kind.DAY),
    Column("Instant", Kind.INSTANT),
]
ROW = ["=1+1", 1200, Decimal("1250000.50"), 45, date(2026, 11, 23), datetime(2026, 9, 1, 12, 0, tzinfo=UTC)]
LIVE = frozenset("=+-@\t\r\n|%＝＋－＠")
# What a CSV file in UTF-8 can hold: every character but lone surrogates.
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)


def sheet(*rows: list[Any], name: str = "Feuille [1]") -> Sheet:
    return Sheet(name, COLUMNS, iter(rows), [("Situation", "23 novembre 2026")])


@pytest.mark.parametrize("language", ["fr", "ar"])
def test_workbook_when_read_back_then_numbers_are_numbers_and_nothing_computes(language: str, tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    rows = write_workbook([sheet(ROW, ["@SUM(A1)\x00\x0b", None, None, None, None, None])], path, language=language, title="T", author="A")

    book = openpyxl.load_workbook(path)
    page = book["Feuille  1"]

    assert rows == 2
    assert bool(page.sheet_view.rightToLeft) is (language == "ar")
    assert page.freeze_panes == "A4"
    assert [cell.value for cell in page[3]] == [column.title for column in COLUMNS]
    # 12:00 UTC on 1 September 2026 was 13:00 in Casablanca.
    assert [cell.value for cell in page[4]] == ["=1+1", 1200, 1250000.5, 45, datetime(2026, 11, 23), datetime(2026, 9, 1, 13, 0)]  # noqa: DTZ001
    assert [cell.data_type for cell in page[4]] == ["s", "n", "n", "n", "d", "d"]
    assert page["A5"].value == "@SUM(A1)"
    assert page["A4"].hyperlink is None


def test_workbook_when_opened_as_an_archive_then_holds_no_formula(tmp_path: Path) -> None:
    path = tmp_path / "x.xlsx"
    hostile = ['=HYPERLINK("http://x")', "{=A1}", "http://example.com", "internal:A1", "+cmd|' /C calc'!A0"]
    write_workbook([sheet(*[[text, *ROW[1:]] for text in hostile])], path, language="fr", title="T", author="A")

    with zipfile.ZipFile(path) as archive:
        content = "".join(archive.read(name).decode() for name in archive.namelist() if name.startswith("xl/worksheets/"))

    assert "<f>" not in content
    assert "<hyperlink" not in content


@given(TEXT)
def test_csv_cell_when_encoded_then_comes_back_and_is_never_live(text: str) -> None:
    encoded = encode_cell(text)

    assert decode_cell(encoded) == text
    visible = encoded.lstrip(" \u00a0\u200b\u200e\u200f\ufeff\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
    assert visible[:1] not in LIVE or visible == ""


@given(st.lists(st.lists(TEXT, min_size=6, max_size=6), max_size=8))
def test_csv_when_streamed_and_read_then_is_the_same_table(rows: list[list[str]]) -> None:
    content = b"".join(rows_as_csv(rows))

    assert content.startswith(b"\xef\xbb\xbf")
    assert list(read_csv(content)) == rows


def test_csv_when_written_then_excel_and_programs_read_it(tmp_path: Path) -> None:
    path = tmp_path / "x.csv"

    count = write_csv(sheet(ROW, ["+212 6 00 00 00 00", -5, Decimal("-2.50"), None, None, None]), path)

    assert count == 2
    assert path.read_bytes().decode("utf-8-sig").splitlines() == [
        "Text;Count;Amount;Share;Day;Instant",
        "'=1+1;1200;1250000.50;45;2026-11-23;2026-09-01T13:00:00+01:00",
        "'+212 6 00 00 00 00;-5;-2.50;;;",
    ]


def test_csv_when_not_utf8_then_is_refused() -> None:
    with pytest.raises(Invalid):
        list(read_csv("été".encode("cp1252")))


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Rapport d'avancement « été »", "Rapport-d-avancement-ete-2026-11-23.pdf"),
        ("تقرير التقدم أ", "تقرير-التقدم-أ-2026-11-23.pdf"),
        ("../../etc/passwd\x00", "etc-passwd-2026-11-23.pdf"),
        ("x" * 300, "x" * 100 + "-2026-11-23.pdf"),
    ],
)
def test_file_name_when_made_then_every_system_keeps_it(name: str, expected: str) -> None:
    assert filename(name, datetime(2026, 11, 23, 12, tzinfo=UTC), ".pdf") == expected


# -- PDF ---------------------------------------------------------------------------------------------------------------
TEMPLATE = """
#import "/core/reports/base.typ": *
#let d = json(bytes(sys.inputs.data))
#show: setup.with(d)
= #d.title
#d.body
"""


@pytest.fixture
def templates(tmp_path: Path, settings: Settings) -> Path:
    """A copy of the shared template with a template of the test beside it."""
    base = settings.BASE_DIR
    (tmp_path / "templates/core/reports").mkdir(parents=True)
    (tmp_path / "templates/core/reports/base.typ").write_text((base / "templates/core/reports/base.typ").read_text())
    (tmp_path / "templates/test.typ").write_text(TEMPLATE)
    (tmp_path / "static/fonts").mkdir(parents=True)
    (tmp_path / "static/fonts/pdf").symlink_to(base / "static/fonts/pdf")
    settings.BASE_DIR = tmp_path
    return tmp_path / "templates"


def data(body: str, lang: str = "fr") -> dict[str, Any]:
    return {
        "lang": lang, "title": "Titre", "reference": "R-1", "author": "Portail", "running": "Titre", "as_of": "23/11/2026",
        "labels": {"page": "Page"}, "body": body,
    }  # fmt: skip


def fonts_of(reader: Any) -> set[str]:
    found = set()
    for page in reader.pages:
        for font in page["/Resources"].get("/Font", {}).values():
            found.add(str(font.get_object()["/BaseFont"]).lstrip("/").partition("+")[2])
    return found


@pytest.mark.parametrize(
    ("lang", "body", "font"),
    [("fr", "Été à Marrakech, engagé", "Inter"), ("ar", "المكتب الوطني المغربي للسياحة بمراكش", "IBMPlexSansArabic")],
)
def test_pdf_when_rendered_then_is_tagged_in_our_fonts_and_its_words_can_be_read(
    lang: str, body: str, font: str, templates: Path, tmp_path: Path
) -> None:
    render_pdf("test.typ", data(body, lang), tmp_path / "x.pdf")

    reader: Any = PdfReader(tmp_path / "x.pdf")
    catalogue = reader.trailer["/Root"]
    text = "\n".join(page.extract_text() for page in reader.pages)
    assert (catalogue["/Lang"][:2], bool(catalogue["/MarkInfo"]["/Marked"])) == (lang, True)
    assert set(body.replace(",", " ").split()) <= set(text.replace(",", " ").split())
    assert any(font in name for name in fonts_of(reader))
    assert all(name.startswith(("Inter", "IBMPlexSansArabic")) for name in fonts_of(reader))
    assert reader.metadata is not None
    assert reader.metadata.title == "Titre · R-1"


def test_pdf_when_its_data_looks_like_code_then_is_shown_and_not_run(templates: Path, tmp_path: Path) -> None:
    (templates / "secret.txt").write_text("topsecret")
    hostile = '#read("/secret.txt") #panic("x") $ \\ *bold* #eval("1+1")'

    render_pdf("test.typ", data(hostile), tmp_path / "x.pdf")

    text = PdfReader(tmp_path / "x.pdf").pages[0].extract_text()
    assert "#read" in text
    assert "topsecret" not in text


def test_pdf_when_its_template_fails_then_says_where(templates: Path, tmp_path: Path) -> None:
    (templates / "test.typ").write_text('#panic("nothing to show")')

    with pytest.raises(RenderingError, match="nothing to show"):
        render_pdf("test.typ", data(""), tmp_path / "x.pdf")


def test_pdf_when_an_image_has_no_description_then_is_refused(templates: Path, tmp_path: Path) -> None:
    (templates / "test.typ").write_text(
        "#set document(title: \"x\")\n#image(bytes(\"<svg xmlns='http://www.w3.org/2000/svg' width='9' height='9'/>\"), format: \"svg\")"
    )

    with pytest.raises(RenderingError, match="alt"):
        render_pdf("test.typ", data(""), tmp_path / "x.pdf")


def test_pdf_when_it_would_take_too_much_memory_then_only_the_renderer_dies(templates: Path, tmp_path: Path) -> None:
    (templates / "test.typ").write_text("#let grow(x) = grow(x + x)\n#{ let a = range(1000000); while true { a = a + a } }")

    with pytest.raises(RenderingError):
        render_pdf("test.typ", data(""), tmp_path / "x.pdf")


def test_report_when_asked_in_an_unknown_format_then_is_refused() -> None:
    with pytest.raises(Invalid) as refused:
        Report().clean({"format": "exe"}, by=None)  # type: ignore[arg-type]

    assert refused.value.field == "format"
