"""Tables as people bring them: CSV in any usual encoding and separator, streamed; Excel, read by a process of its own.

A table is refused as a whole when it cannot be read at all; what is wrong in one cell is a finding of that cell.
"""

from __future__ import annotations

import codecs
import csv
import json
import re
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import islice
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Final

from django.utils.translation import gettext_lazy as _

from core.csvfile import decode_cell
from core.errors import Invalid
from core.imports.headings import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

ENCODINGS: Final = ("utf-8-sig", "utf-16-le", "utf-16-be", "cp1252", "cp1256")
SEPARATORS: Final = (";", ",", "\t", "|")
MOST_COLUMNS: Final = 60
# Memory that the process reading a workbook may map; 100,000 rows of 17 filled columns use some 210 MB.
MEMORY: Final = 300 * 1024**2
_BOMS: Final = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
_CHUNK: Final = 256 * 1024
_SAMPLE: Final = 64 * 1024
_ARABIC_WORD: Final = re.compile(r"[\u0621-\u064a\u067e\u0686\u0698\u06af]{2,}")
_MIXED_WORD: Final = re.compile(r"(?=\w*[A-Za-z])(?=\w*[\u0621-\u064a])\w+")
_MARKUP: Final = re.compile(r"\s*<(!doctype|!entity|\?xml|html|head|body|svg|script|iframe)", re.IGNORECASE)
_READER: Final = Path(__file__).with_name("child.py")


class Formula(str):
    """A cell of a text that a spreadsheet would compute. In a workbook formulas are suspects, and a text may begin as it likes."""

    __slots__ = ()


@dataclass(frozen=True, slots=True)
class Suspect:
    """A cell that no import reads: `code` says why, `column` counts from 0."""

    code: str
    row: int
    column: int
    value: str


@dataclass(slots=True)
class Table:
    """A table being read. `rows` gives (row number as spreadsheets count it, cells), the headings' row and empty rows left out."""

    headings: list[str]
    rows: Iterator[tuple[int, list[Any]]]
    heading_row: int
    found: dict[str, Any] = field(default_factory=dict)
    suspects: Sequence[Suspect] = ()
    done: Callable[[], float] = lambda: 0.0


@contextmanager
def open_table(
    path: Path, *, suffix: str, encoding: str = "", separator: str = "", sheet: str = "", known: frozenset[str], sheets: frozenset[str]
) -> Iterator[Table]:
    """Read a file that an inspection accepted. `known` headings and names of `sheets` (folded) tell what is meant where nothing is chosen.

    Refuses (Invalid, field "file"): what cannot be decoded or parsed, an empty table, a missing sheet, more than 60 columns.
    """
    if suffix == ".xlsx":
        with _workbook(path, sheet=sheet, sheets=sheets) as table:
            yield table
    else:
        with path.open("rb") as stream:
            yield _csv(stream, encoding=encoding, separator=separator, known=known)


def _refuse(message: Any, code: str) -> Invalid:
    return Invalid(message, code=code, field="file")


# -- text --------------------------------------------------------------------------------------------------------------
def is_table(stream: IO[bytes]) -> bool:
    """Whether bytes are a text that a table can be, in one of the accepted encodings: no control characters, no markup."""
    try:
        encoding = told_encoding(stream)
        stream.seek(0)
        start = _decoder(encoding).decode(stream.read(_SAMPLE), final=False).lstrip("\ufeff")
    except (Invalid, UnicodeDecodeError):
        return False
    controls = re.search(r"[\x01-\x08\x0b\x0e-\x1f\x7f]", start)
    return bool(start.strip()) and controls is None and _MARKUP.match(start) is None


def told_encoding(stream: IO[bytes]) -> str:
    """The encoding: told by its mark, else UTF-8 where the whole file is, else UTF-16 by its zeros, else Windows, Latin or Arabic."""
    stream.seek(0)
    start = stream.read(_SAMPLE)
    for mark, name in _BOMS:
        if start.startswith(mark):
            return name
    zeros = start[:4096]
    if zeros.count(0) > len(zeros) // 4:
        return "utf-16-le" if zeros[1::2].count(0) >= zeros[::2].count(0) else "utf-16-be"
    stream.seek(0)
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        while block := stream.read(_CHUNK):
            decoder.decode(block)
        decoder.decode(b"", True)
    except UnicodeDecodeError:
        return _windows(stream)
    return "utf-8-sig"


def _windows(stream: IO[bytes]) -> str:
    """Windows-1252 or Windows-1256: read as Arabic, Arabic gives whole Arabic words, and French capitals a word of both scripts."""
    stream.seek(0)
    arabic = mixed = 0
    while block := stream.read(_CHUNK):
        text = block.decode("cp1256")
        arabic += len(_ARABIC_WORD.findall(text))
        mixed += len(_MIXED_WORD.findall(text))
    return "cp1256" if arabic > mixed else "cp1252"


def _decoder(encoding: str) -> Any:
    return codecs.getincrementaldecoder(encoding)()


def _lines(stream: IO[bytes], encoding: str) -> Iterator[str]:
    """Lines with their ends, decoded as they come. Refuses bytes of another encoding, and NUL."""
    stream.seek(0)
    decoder, rest, number = _decoder(encoding), "", 0
    while True:
        block = stream.read(_CHUNK)
        try:
            text = rest + decoder.decode(block, final=not block)
        except UnicodeDecodeError:
            message = _("From line %(number)d on, this file is not written in %(encoding)s: choose another encoding.")
            raise _refuse(message % {"number": number + 1, "encoding": encoding}, "encoding") from None
        if "\x00" in text:
            line = number + 1 + text[: text.index("\x00")].count("\n")
            raise _refuse(_("Line %(number)d holds a character that no text contains (NUL).") % {"number": line}, "nul")
        # Not splitlines: other characters that it takes for an end of line may stand inside a cell.
        lines = [f"{line}\n" for line in text.split("\n")]
        rest = lines.pop()[:-1]
        if not block and rest:
            lines.append(rest)
        if number == 0 and lines:
            lines[0] = lines[0].removeprefix("\ufeff")
        number += len(lines)
        yield from lines
        if not block:
            return


def _csv(stream: IO[bytes], *, encoding: str, separator: str, known: frozenset[str]) -> Table:
    encoding = encoding or told_encoding(stream)
    size = stream.seek(0, 2)
    if not separator:
        separator = _told_separator(list(islice(_lines(stream, encoding), 20)), known)
    records = enumerate(_records(_lines(stream, encoding), separator), start=1)
    first = next((record for record in records if any(fold(cell) for cell in record[1])), None)
    if first is None:
        raise _refuse(_("This file is empty."), "empty_file")
    heading_row, headings = first[0], _checked_headings(first[1])
    width = len(headings)
    rows = ((number, _even(cells, width, number)) for number, cells in records if any(cell and cell.strip() for cell in cells))
    # tell() of the file under the decoder: how much of it has been read.
    return Table(headings, rows, heading_row, {"encoding": encoding, "separator": separator}, (), lambda: stream.tell() / max(size, 1))


def _records(lines: Iterator[str], separator: str) -> Iterator[list[str]]:
    reader = csv.reader(lines, delimiter=separator)
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            message = _("Line %(number)d cannot be read: a quotation mark opens there and never closes, or its lines end oddly.")
            raise _refuse(message % {"number": reader.line_num}, "broken_file") from None
        yield [_marked(cell) if cell and cell[0] in "'=" else cell for cell in cells]


def _marked(cell: str) -> str:
    """A guard taken off; a formula says that it is one."""
    return Formula(cell) if cell[0] == "=" else decode_cell(cell)


def _even(cells: list[str], width: int, number: int) -> list[str]:
    """A row as wide as the headings: what is missing at its end is empty, and nothing stands beyond the headings."""
    if len(cells) < width:
        return cells + [""] * (width - len(cells))
    if len(cells) > width and any(cell.strip() for cell in cells[width:]):
        message = _("Row %(number)d has more cells than there are headings: a separator stands inside a text, or a heading is missing.")
        raise _refuse(message % {"number": number}, "too_many_cells")
    return cells[:width]


def _told_separator(lines: list[str], known: frozenset[str]) -> str:
    """The one under which most headings are known; then the one that gives most columns."""

    def score(separator: str) -> tuple[int, int]:
        try:
            first = next((cells for cells in csv.reader(lines, delimiter=separator) if any(cell.strip() for cell in cells)), [])
        except csv.Error:
            return 0, 0
        return sum(fold(cell) in known for cell in first), len(first)

    return max(SEPARATORS, key=score)


def _checked_headings(headings: list[Any]) -> list[str]:
    texts = [str(heading).strip() for heading in headings]
    while texts and not texts[-1]:
        texts.pop()
    if len(texts) > MOST_COLUMNS:
        message = _("This table has %(count)d columns: %(limit)d at most are read.") % {"count": len(texts), "limit": MOST_COLUMNS}
        raise _refuse(message, "too_many_columns")
    return texts


# -- workbooks ---------------------------------------------------------------------------------------------------------
@contextmanager
def _workbook(path: Path, *, sheet: str, sheets: frozenset[str]) -> Iterator[Table]:
    order = {"path": str(path), "sheet": sheet, "prefer": sorted(sheets), "memory": MEMORY}
    process = subprocess.Popen(  # noqa: S603 - our own interpreter and our own script, nothing from outside in the command
        [sys.executable, "-I", str(_READER)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        encoding="utf-8",
        env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8"},
    )
    try:
        assert process.stdin is not None
        assert process.stdout is not None
        process.stdin.write(json.dumps(order))
        process.stdin.close()
        yield _sheet(process, process.stdout)
    finally:
        process.kill()
        process.wait()
        if process.stdout is not None:
            process.stdout.close()


_REFUSALS: Final = {
    "encrypted_file": _("This file is protected by a password: it cannot be read."),
    "no_sheet": _("This workbook has no sheet of this name."),
    "broken_file": _("This file is damaged: it cannot be opened."),
    "too_heavy": _("This workbook takes too much memory to be read: keep its one table, without formats, or bring it as CSV."),
}


def _sheet(process: Any, stream: IO[str]) -> Table:
    about = _read_line(process, stream)
    if about is None:
        raise _refuse(_REFUSALS["too_heavy"], "too_heavy")
    if "refused" in about:
        raise _refuse(_REFUSALS[about["refused"]], about["refused"])
    if about["width"] > 16 * MOST_COLUMNS:
        raise _refuse(_("A cell stands far to the right of the table: remove it."), "too_many_columns")
    state = {"row": 0}
    records = _cells(process, stream, state)
    first = next((record for record in records if any(fold(str(cell)) for cell in record[1])), None)
    if first is None:
        raise _refuse(_("This sheet is empty: %(sheet)s.") % {"sheet": about["sheet"]}, "empty_file")
    heading_row, headings = first[0], _checked_headings(first[1])
    width = len(headings)
    rows = ((number, _even_cells(cells, width, number)) for number, cells in records if any(cell != "" for cell in cells))
    suspects = [Suspect(code, *_place(place), value) for code, place, value in about["problems"]]
    found = {"sheet": about["sheet"], "sheets": about["sheets"]}
    return Table(headings, rows, heading_row, found, suspects, lambda: state["row"] / max(about["height"], 1))


def _read_line(process: Any, stream: IO[str]) -> Any:
    line = stream.readline()
    if not line.endswith("\n"):  # it stopped in the middle: out of memory, killed
        return None
    return _DECODER.decode(line)


def _day(value: dict[str, Any]) -> Any:
    if "day" not in value:
        return value
    text = value["day"]
    return date.fromisoformat(text) if len(text) == 10 else datetime.fromisoformat(text)


# One for all rows: json.loads with a hook makes a decoder for each line.
_DECODER: Final = json.JSONDecoder(object_hook=_day)


def _cells(process: Any, stream: IO[str], state: dict[str, int]) -> Iterator[tuple[int, list[Any]]]:
    while (cells := _read_line(process, stream)) is not None:
        state["row"] += 1
        yield state["row"], cells
    if process.wait() != 0:
        raise _refuse(_REFUSALS["too_heavy"], "too_heavy")


def _even_cells(cells: list[Any], width: int, number: int) -> list[Any]:
    if any(cell != "" for cell in cells[width:]):
        message = _("Row %(number)d has a cell beyond the last heading: give its column a heading, or remove it.")
        raise _refuse(message % {"number": number}, "too_many_cells")
    return cells[:width]


def _place(place: str) -> tuple[int, int]:
    """Row and column (from 0) of « B12 » or of the first cell of « B12:C14 »."""
    found = re.match(r"([A-Z]{1,3})(\d+)", place)
    if found is None:
        return 0, 0
    column = 0
    for letter in found[1]:
        column = column * 26 + ord(letter) - 64
    return int(found[2]), column - 1
