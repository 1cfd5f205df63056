"""Cells read at a glance: whatever the text, the same value stored and the same refusal as by the plain reading."""

from __future__ import annotations

from typing import Any

import phonenumbers
import pytest
from django.db import models
from hypothesis import example, given, settings
from hypothesis import strategies as st
from phonenumber_field.modelfields import PhoneNumberField

from core.errors import Refusal
from core.imports.columns import Cell, CheckedCell, FieldCell, ImportColumn
from core.imports.quick import glance_of
from core.imports.reading import Formula
from core.imports.rows import Reader
from core.validation import check_text

SHORT = models.CharField("short", max_length=20, blank=True)
NEEDED = models.CharField("needed", max_length=30)
LONG = models.TextField("long", blank=True)
ADDRESS = models.EmailField("address", blank=True)
TELEPHONE = PhoneNumberField("telephone", blank=True, region="MA")
ABROAD = PhoneNumberField("telephone abroad", blank=True, region="FR")
SITE = models.URLField("site", blank=True)
FIELDS = {"short": SHORT, "needed": NEEDED, "long": LONG, "address": ADDRESS, "telephone": TELEPHONE, "abroad": ABROAD, "site": SITE}
for _name, _field in FIELDS.items():
    _field.set_attributes_from_name(_name)

HOSTILE = [
    "CIN AB123456", "carte nationale n° AB12345", "AB123456", "CNIE: b 654321 .", "cin.ab123456@rabat.ma", "x@carte-nationale.ab123456.ma",
    "a\x00b", "a\ud800b", "\u202ereversed", "\u200bzero width", "é" * 20, "é" * 21, "x" * 255, "  blanks  ", "\t", "\u00a0", " \n ", "",
    "أطلس", "١٢٣٤٥", "٠٦١٢٣٤٥٦٧٨", "+٢١٢612345678", "<script>", "=1+1", "'text", "a\nb", "\x7f", "0", "NULL", "\\N", '{"a"}',
    "a@b.ma", "a@b", "a..b@c.ma", ".a@c.ma", "a@-c.ma", "a@c-.ma", "a@c.m", "a@c.ma\n", "a@c.ma.", "a@[127.0.0.1]", '"a b"@c.ma',
    "é@c.ma", "a@é.ma", "a@c.123", "a@c." + "m" * 64, "a@" + "c" * 64 + ".ma", "a@" + "c." * 130 + "ma", "A@C.MA", "a@localhost",
    "a@b@c.ma", "\u212a@c.ma", "a@\u017f.ma", "a+b@c.ma", "a@c_d.ma", "x" * 250 + "@c.ma",
    "+212612345678", "0612345678", "612345678", "00212612345678", "+2120612345678", "+212 612345678", "+212812345678", "0812345678",
    "06123456789", "061234567", "+212612345678x9", "+212612345678\n", "+33612345678", "0033612345678", "+1 212 612 3456", "0528812345",
    "+212528812345", "080012345", "0891234567", "tel:+212612345678", "+212612345678;ext=5", "\uff0b212612345678", "+212\u0660612345678",
]  # fmt: skip
DIGITS = st.text("0123456789", max_size=11)
TEXTS = st.one_of(
    st.sampled_from(HOSTILE),
    st.text(max_size=40),
    st.text(st.characters(codec=None), max_size=40),
    st.text("abAB019 .@-_+'é\u0661", max_size=30),
    st.builds("{}@{}.{}".format, st.text("abAB01.-+_é", max_size=12), st.text("abC1-.", max_size=70), st.text("amM1-", max_size=5)),
    st.builds("{}{}{}".format, st.sampled_from(["+212", "0", "00212", "+", "", "+33", "212"]), st.sampled_from("5678"), DIGITS),
    st.builds("{}{} {}".format, st.sampled_from(["CIN ", "C.N.I.E. n° ", "réf. ", ""]), st.sampled_from(["AB", "b", "É"]), DIGITS),
)


def plainly(column: ImportColumn, raw: Any) -> Any:
    """What the cell itself reads and stores, no glance and no memory between."""
    try:
        return column.cell.stored(column.cell.read(raw))
    except Refusal as refusal:
        return refusal


def compared(column: ImportColumn, reader: Reader, raw: Any) -> None:
    quick = reader.read(raw)
    if isinstance(raw, str) and not raw.strip():
        assert quick == column.cell.empty
        return
    plain = plainly(column, raw)
    if isinstance(plain, Refusal):
        assert isinstance(quick, Refusal)
        assert (quick.code, str(quick.message)) == (plain.code, str(plain.message))
    else:
        assert column.cell.stored(quick) == plain


def columns() -> list[ImportColumn]:
    cells: dict[str, Cell] = {name: FieldCell(field) for name, field in FIELDS.items()}
    cells["checked"] = CheckedCell(SHORT, lambda text: check_text(text, field="short", maximum=20))
    return [ImportColumn(name, name, cell) for name, cell in cells.items()]


COLUMNS = columns()
READERS = [Reader(column, 0) for column in COLUMNS]


@settings(max_examples=400, deadline=None)
@given(TEXTS)
def test_a_text_when_it_is_read_at_a_glance_then_is_stored_or_refused_as_by_the_plain_reading(text: str) -> None:
    for column, reader in zip(COLUMNS, READERS, strict=True):
        compared(column, reader, text)


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_text_when_it_is_read_at_a_glance_then_is_stored_or_refused_as_by_the_plain_reading(text: str) -> None:
    for column, reader in zip(COLUMNS, READERS, strict=True):
        compared(column, reader, text)
        compared(column, reader, text)  # a second time, out of the memory


@settings(max_examples=300, deadline=None)
@given(st.integers(500_000_000, 899_999_999), st.sampled_from(["+212", "0"]))
@example(612_345_678, "0")
@example(528_812_345, "+212")
def test_a_telephone_when_its_digits_are_any_then_is_accepted_at_a_glance_only_where_the_library_does(number: int, form: str) -> None:
    glance = glance_of(TELEPHONE)
    assert glance is not None
    value = glance(f"{form}{number}")
    parsed = phonenumbers.parse(f"{form}{number}", "MA")
    if value is not None:
        assert phonenumbers.is_valid_number(parsed)
        assert value == phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164)


@pytest.mark.parametrize(
    ("field", "text"),
    [(SHORT, "Riad de l'Étoile"), (ADDRESS, "contact@rabat.ma"), (TELEPHONE, "+212612345678"), (TELEPHONE, "0522123456"), (LONG, "أطلس")],
)
def test_the_usual_form_of_a_cell_when_it_is_read_then_a_glance_is_enough(field: Any, text: str) -> None:
    glance = glance_of(field)
    assert glance is not None
    assert glance(text) == FieldCell(field).stored(FieldCell(field).read(text))


def test_a_field_with_a_rule_of_its_own_when_a_glance_is_asked_then_there_is_none() -> None:
    def odd(_value: str) -> None:
        """A rule no pattern knows."""

    ruled = models.CharField(max_length=20, validators=[odd])
    worded = models.CharField(max_length=20, choices=[("a", "A")])
    assert [glance_of(field) for field in (ruled, worded, SITE, models.IntegerField(), models.SlugField())] == [None] * 5


def test_a_formula_when_a_column_has_a_glance_then_is_refused_all_the_same() -> None:
    refused = Reader(ImportColumn("short", "Short", FieldCell(SHORT)), 0).read(Formula("=A1"))
    assert isinstance(refused, Refusal)
    assert refused.code == "formula"
