"""What a column of an import holds: how a cell is read (or refused, with its sentence), and how an export writes it back.

A cell is read from what a spreadsheet gives: text, a number, a date, a truth. Reading never guesses: what is ambiguous is refused.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from django.db import connection
from django.db.models import F
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from core.errors import Invalid
from core.imports.headings import fold, spellings
from core.imports.quick import glance_of
from core.imports.written import Inert, WordList, Words
from core.tables import Kind
from core.validation import check_day, check_value

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from django.db.models import Field, Model
    from django.db.models.expressions import Combinable

_DAY: Final = re.compile(r"(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4})")
_ISO_DAY: Final = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[T ]00:00(?::00)?)?")
_SPACES: Final = " \u00a0\u202f\u2009'’"


def text_of(raw: Any) -> str:
    """A cell as text: a whole number without its decimals, a date as ISO, Arabic-Indic digits untouched."""
    if isinstance(raw, str):
        return raw.strip()
    if raw is None:
        return ""
    if isinstance(raw, bool):
        return "1" if raw else "0"
    if isinstance(raw, float):
        return str(int(raw)) if raw.is_integer() and abs(raw) < 2**53 else repr(raw)
    return raw.isoformat() if isinstance(raw, date | datetime) else str(raw)


def _western(text: str) -> str:
    """Arabic-Indic digits become ordinary ones."""
    return text if text.isascii() else "".join(str(unicodedata.decimal(c, c)) for c in text)


class Cell:
    """How cells are read and written. Subclasses give `read` for a cell that is not empty."""

    kind = Kind.TEXT
    empty: Any = None
    # Whether the same text always reads the same, so that it is read once.
    steady = True

    def read(self, raw: Any) -> Any:
        """The value of a cell that is not empty. Raises Invalid."""
        raise NotImplementedError

    def glance(self) -> Callable[[str], Any] | None:
        """A quick reading of texts, made once for a column: the value as stored, or None where `read` must decide."""
        return None

    def write(self, value: Any) -> Any:
        """The value as the export shows it: `read` gives it back."""
        return value

    def expression(self, source: Combinable) -> Combinable | None:
        """What `write` gives, as PostgreSQL computes it from `source`; None where only Python can tell."""
        return None

    def stored(self, value: Any) -> str | None:
        """As COPY writes it, before its escapes; None is NULL."""
        return None if value is None else str(value)


class FieldCell(Cell):
    """A text that a model's field accepts: its length, its choices of characters, an address, a telephone number."""

    def __init__(self, of: Field[Any, Any]) -> None:
        self.of = of
        self.empty = "" if of.empty_strings_allowed and not of.null else None

    def read(self, raw: Any) -> Any:
        """The text, checked by the field itself as a service checks it."""
        return check_value(self.of, text_of(raw))

    def glance(self) -> Callable[[str], Any] | None:
        """What the field tells of a text at once; nothing for a subclass that reads by rules of its own."""
        return glance_of(self.of) if type(self).read is FieldCell.read else None

    def write(self, value: Any) -> Any:
        """Nothing is an empty cell."""
        return str(value) if value else ""

    def expression(self, source: Combinable) -> Combinable | None:
        """The text as it is stored."""
        return source

    def stored(self, value: Any) -> str | None:
        """As the field stores it (a telephone number in its international form)."""
        return value if type(value) is str else self.of.get_db_prep_save(value, connection)


class CheckedCell(FieldCell):
    """A text that a service's own function checks: `check(text)` gives the value or raises Invalid."""

    def __init__(self, of: Field[Any, Any], check: Callable[[str], Any]) -> None:
        super().__init__(of)
        self.check = check

    def read(self, raw: Any) -> Any:
        """What the function makes of the text."""
        return self.check(text_of(raw))


class ChoiceCell(Cell):
    """One of a list of words: its code, or its label in any language."""

    empty = ""

    def __init__(self, choices: Any) -> None:
        self.choices = choices

    def _codes(self) -> dict[str, str]:
        codes = getattr(self, "_known", None)
        if codes is None:
            codes = {fold(str(code)): str(code) for code, _label in self.choices}
            for code, label in self.choices:
                for spelling in spellings([label]):
                    codes.setdefault(spelling, str(code))
            self._known = codes
        return codes

    def read(self, raw: Any) -> Any:
        """The code. Refuses a word that is not in the list, and names the list."""
        code = self._codes().get(fold(text_of(raw)))
        if code is None:
            raise Invalid(_("This is not one of the accepted words: %(words)s.") % {"words": self.words()}, code="invalid_choice")
        return code

    def words(self) -> str:
        """The accepted labels in the reader's language, parted by a mark that no label holds and both scripts share."""
        return " · ".join(str(label) for _code, label in self.choices)

    def write(self, value: Any) -> Any:
        """The label in the reader's language."""
        return str(dict(self.choices).get(value, value)) if value else ""

    def expression(self, source: Combinable) -> Combinable | None:
        """The label in the reader's language."""
        return Words(source, self.choices)


class ChoicesCell(ChoiceCell):
    """Several of a list of words, separated by `;` or `|` (a comma may stand inside a label)."""

    empty: Any = ()

    def read(self, raw: Any) -> Any:
        """The codes, each once, in the order written."""
        words = [word for word in re.split(r"[;|\n؛]", text_of(raw)) if word.strip()]
        return list(dict.fromkeys(super(ChoicesCell, self).read(word) for word in words))

    def write(self, value: Any) -> Any:
        """The labels."""
        return " ; ".join(super(ChoicesCell, self).write(code) for code in value or ())

    def expression(self, source: Combinable) -> Combinable | None:
        """The labels."""
        return WordList(source, self.choices)

    def stored(self, value: Any) -> str | None:
        """A PostgreSQL array: codes hold neither quote nor comma."""
        return "{" + ",".join(value) + "}"


class DayCell(Cell):
    """A civil date: a spreadsheet's date, 2026-11-25, or 25/11/2026 (day first, always)."""

    kind = Kind.DAY

    def __init__(self, *, past: bool = False) -> None:
        self.past = past

    def read(self, raw: Any) -> Any:
        """The date. Refuses what is no date, and years out of range."""
        return check_day(self._day(raw), field="", past=self.past)

    def _day(self, raw: Any) -> date:
        if isinstance(raw, datetime):
            return raw.date()
        if isinstance(raw, date):
            return raw
        text = _western(text_of(raw))
        try:
            if found := _ISO_DAY.fullmatch(text):
                return date(*(int(part) for part in found.groups()))
            if found := _DAY.fullmatch(text):
                return date(*(int(part) for part in reversed(found.groups())))
        except ValueError:
            pass
        raise Invalid(_("This is no date: write it day first, as in 25/11/2026."), code="invalid_date")

    def expression(self, source: Combinable) -> Combinable | None:
        """The day."""
        return source


class NumberCell(Cell):
    """A number, in any of the usual writings. A column that mixes decimal commas and decimal points is refused: one of them lies."""

    kind = Kind.MONEY
    steady = False

    def __init__(self, *, whole: bool = False, minimum: int = 0, maximum: int = 10**12) -> None:
        self.whole, self.minimum, self.maximum = whole, minimum, maximum
        self.kind = Kind.INTEGER if whole else Kind.MONEY
        self.mark = ""

    def read(self, raw: Any) -> Any:
        """A Decimal, or an int. Refuses what is no number, one out of range, and the other decimal mark than the column's first."""
        number = Decimal(repr(raw)) if isinstance(raw, int | float) and not isinstance(raw, bool) else self._typed(text_of(raw))
        if not number.is_finite() or (self.whole and number != number.to_integral_value()):
            raise Invalid(_("This is no whole number.") if self.whole else _("This is no number."), code="invalid_number")
        if not self.minimum <= number <= self.maximum:
            bounds = {"minimum": self.minimum, "maximum": self.maximum}
            raise Invalid(_("A number from %(minimum)d to %(maximum)d is expected.") % bounds, code="out_of_range")
        return int(number) if self.whole else number

    def _typed(self, text: str) -> Decimal:
        plain = _western(text).replace("٫", ",").replace("٬", " ")
        plain = "".join(c for c in plain if c not in _SPACES)
        commas, points = plain.count(","), plain.count(".")
        mark = ""
        if commas and points:
            mark = max(",.", key=plain.rfind)
            plain = plain.replace("," if mark == "." else ".", "")
        elif commas > 1 or points > 1:  # 1,234,567: thousands
            plain = plain.replace(",", "").replace(".", "")
        elif commas or points:
            mark = "," if commas else "."
        if mark and self.mark and mark != self.mark:
            raise Invalid(_("This column mixes decimal commas and decimal points: use one of them."), code="mixed_decimals")
        self.mark = mark or self.mark
        try:
            if not re.fullmatch(r"[+-]?\d+([.,]\d+)?", plain):
                raise ValueError
            return Decimal(plain.replace(",", "."))
        except ValueError:
            raise Invalid(_("This is no number."), code="invalid_number") from None

    def expression(self, source: Combinable) -> Combinable | None:
        """The number."""
        return source


class IdentifierCell(Cell):
    """The identifier that an export writes: it finds its row again, whatever else changed."""

    def read(self, raw: Any) -> Any:
        """A UUID. Refuses anything else."""
        try:
            return UUID(text_of(raw))
        except ValueError:
            raise Invalid(_("This is no identifier of the portal: copy it from an export, or leave it empty."), code="invalid") from None

    def write(self, value: Any) -> Any:
        """As text."""
        return str(value)

    def expression(self, source: Combinable) -> Combinable | None:
        """As text."""
        return Inert(source)


class ReferenceCell(Cell):
    """Another object, by what people call it: `find(text)` gives the row or None; `name(row)` is what the export writes."""

    def __init__(self, find: Callable[[str], Model | None], name: Callable[[Any], str]) -> None:
        self.find, self.name = find, name

    def read(self, raw: Any) -> Any:
        """The row. Refuses a name that leads to none."""
        found = self.find(text_of(raw))
        if found is None:
            raise Invalid(_("This is not known, or you may not see it."), code="unknown_reference")
        return found

    def write(self, value: Any) -> Any:
        """Its name."""
        return "" if value is None else self.name(value)

    def expression(self, source: Combinable) -> Combinable | None:
        """Its name, which the column says where to find."""
        return source

    def stored(self, value: Any) -> str | None:
        """Its id."""
        return None if value is None else str(value.pk)


@dataclass(frozen=True, slots=True)
class ImportColumn:
    """A column: the field it fills, its heading, its cells. `of` reads the exported value from a row (by default its attribute).

    `source` says the same to the database, as a path or an expression: needed with `of`, and for another object, whose name it is.
    An export all of whose columns have one is written by PostgreSQL.
    """

    name: str
    title: Any
    cell: Cell
    required: bool = False
    other_headings: Sequence[Any] = field(default_factory=tuple)
    of: Callable[[Any], Any] | None = None
    source: str | Combinable | None = None
    width: int = 20
    help: Any = ""

    @property
    def heading(self) -> str:
        """Its heading in the reader's language."""
        return capfirst(str(self.title))

    @property
    def words(self) -> str:
        """The words it accepts, in the reader's language; nothing where any text may stand."""
        return self.cell.words() if isinstance(self.cell, ChoiceCell) else ""

    def exported(self, row: Any) -> Any:
        """The cell that the export writes."""
        return self.cell.write(self.of(row) if self.of else getattr(row, self.name))

    def expression(self) -> Combinable | None:
        """The same cell, as PostgreSQL computes it; None where only Python can tell."""
        source = self.source
        if source is None:
            if self.of is not None or isinstance(self.cell, ReferenceCell):
                return None
            source = self.name
        return self.cell.expression(F(source) if isinstance(source, str) else source)
