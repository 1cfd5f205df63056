"""Rows of a table, read cell by cell into values: every refusal is found, none stops the reading."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext_lazy as _

from core.errors import Invalid, Refusal
from core.imports.findings import SUSPECTS
from core.imports.reading import Formula

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from core.actors import Actor
    from core.imports.columns import ImportColumn
    from core.imports.content import Import
    from core.imports.findings import Findings
    from core.imports.reading import Table

# The same text in the same column is read once; beyond this many, a column is not made of repeated words.
_REMEMBERED: Final = 5000
REQUIRED: Final = _("This is compulsory.")


@dataclass(slots=True)
class ReadRow:
    """A row of the file: its number, its values by field, whether a cell was refused, and its cells as they stood."""

    number: int
    values: dict[str, Any]
    bad: bool
    cells: Mapping[str, Any]


class Reader:
    """Reads one column; `read(raw)` gives the value of a cell, or the Refusal that says why it has none."""

    def __init__(self, column: ImportColumn, place: int) -> None:
        self.column, self.place, self.name = column, place, column.name
        read = _remembering(self._read) if column.cell.steady else self._read
        glance = column.cell.glance()
        self.read: Callable[[Any], Any] = read if glance is None else _glancing(glance, read)

    def _read(self, raw: Any) -> Any:
        if isinstance(raw, Formula):
            return Invalid(SUSPECTS["formula"], code="formula")
        if raw == "" or raw is None or (isinstance(raw, str) and not raw.strip()):
            return Invalid(REQUIRED, code="required") if self.column.required else self.column.cell.empty
        try:
            return self.column.cell.read(raw)
        except Refusal as refusal:
            return refusal


def _glancing(glance: Callable[[str], Any], read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Reads at a glance what is of a usual form, the rest as it must be."""

    def quickly(raw: Any) -> Any:
        if type(raw) is str and raw:
            value = glance(raw.strip())
            if value is not None:
                return value
        return read(raw)

    return quickly


def _remembering(read: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Reads the same text once, among the first few thousand different ones."""
    memory: dict[str, Any] = {}
    unknown = object()

    def again(raw: Any) -> Any:
        if type(raw) is not str:
            return read(raw)
        found = memory.get(raw, unknown)
        if found is unknown:
            found = read(raw)
            if len(memory) < _REMEMBERED:
                memory[raw] = found
        return found

    return again


def readers_of(columns: Sequence[ImportColumn], mapping: Mapping[str, str]) -> list[Reader]:
    """The readers of the columns that the mapping names, in the order of the file."""
    by_name = {column.name: column for column in columns}
    return [Reader(by_name[name], int(place)) for place, name in sorted(mapping.items(), key=lambda item: int(item[0])) if name in by_name]


def check_columns(columns: Sequence[ImportColumn], mapping: Mapping[str, str]) -> None:
    """Refuse a file in which nothing is recognised, or that lacks a compulsory column."""
    if not mapping:
        nothing = _("None of the headings is known. Is this the right sheet? Choose the columns below, or start from an export.")
        raise Invalid(nothing, code="no_heading", field="file")
    missing = [column.heading for column in columns if column.required and column.name not in mapping.values()]
    if missing:
        message = _("These compulsory columns are missing: %(columns)s. Choose them below.") % {"columns": ", ".join(missing)}
        raise Invalid(message, code="missing_columns", field="file")


def read_rows(importer: Import, table: Table, readers: Sequence[Reader], findings: Findings, *, by: Actor) -> Iterator[ReadRow]:
    """Every row; its refusals are in `findings`. Refuses a file of more rows than this import takes."""
    count = 0
    check_row = importer.check_row
    order = [(reader.name, reader.place, reader.read) for reader in readers]
    for number, cells in table.rows:
        count += 1
        if count > importer.limit:
            raise Invalid(
                _("This file has more than %(limit)d rows: split it.") % {"limit": importer.limit}, code="too_many_rows", field="file"
            )
        values: dict[str, Any] = {}
        bad = False
        for name, place, read in order:
            value = read(cells[place])
            if isinstance(value, Refusal):
                findings.add(number, name, cells[place], value)
                bad = True
            else:
                values[name] = value
        for name, refusal in check_row(values, by=by):
            findings.add(number, name, _raw(readers, cells, name), refusal)
            bad = True
        yield ReadRow(number, values, bad or number in findings.rows, _Cells(readers, cells))
    if not count:
        raise Invalid(_("This table has headings and no row."), code="empty_file", field="file")


def _raw(readers: Sequence[Reader], cells: Sequence[Any], name: str) -> Any:
    return next((cells[reader.place] for reader in readers if reader.name == name), "")


class _Cells(dict[str, Any]):
    """The cells of a row by field, looked up only when one is refused later."""

    def __init__(self, readers: Sequence[Reader], cells: Sequence[Any]) -> None:
        self._readers, self._row = readers, cells

    def __missing__(self, name: str) -> Any:
        return _raw(self._readers, self._row, name)
