"""What an import is: one class per kind of object, in the app that knows the trade; the roof lists them (settings.IMPORTS)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar

from django.conf import settings
from django.utils.module_loading import import_string

from core.imports.headings import known_headings, spellings

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence
    from datetime import datetime
    from uuid import UUID

    from django.db.models import Model, QuerySet

    from core.actors import Actor
    from core.errors import Refusal
    from core.imports.columns import ImportColumn
    from core.models import Base


@dataclass(frozen=True, slots=True)
class Touched:
    """A row that an import wrote: `before` holds the columns that changed as JSON has them, nothing when it is new."""

    object_id: UUID
    is_new: bool
    written_at: datetime
    before: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class DatabaseCheck:
    """A rule that the database answers for all rows at once.

    `condition` is SQL over `s` (the row of the file) and `t` (the row it was found to be, if any); `code` and `sentence` are
    what the row is refused with, at `column`. It is asked when the file has all the columns it `needs`, and is `without` those.
    """

    column: str
    condition: str
    code: str
    sentence: Any
    needs: Collection[str] = ()
    without: Collection[str] = ()
    params: Sequence[Any] = ()


class Import:
    """A kind of import, and the export that it takes back. Subclasses give what raises NotImplementedError here."""

    kind: ClassVar[str]
    title: ClassVar[Any]
    description: ClassVar[Any] = ""
    model: ClassVar[type[Base]]
    # How its export goes through the rows: names of fields, the last one unique.
    ordering: ClassVar[tuple[str, ...]] = ("id",)
    # Rows in one file; what is written through services, one by one, takes fewer.
    limit: ClassVar[int] = 100_000

    def columns(self, by: Actor) -> tuple[ImportColumn, ...]:
        """The columns, made anew for each reading: references are looked for among what `by` sees."""
        raise NotImplementedError

    def may_import(self, user: Actor) -> bool:
        """Who may bring such a file at all. Each row's own right is asked again when it is written."""
        raise NotImplementedError

    def rows(self, user: Actor, filters: Mapping[str, Any] | None = None) -> QuerySet[Any]:
        """The rows that `user` sees, those of these filters: what the export shows, and what a row of a file may be."""
        raise NotImplementedError

    def check_row(self, values: dict[str, Any], *, by: Actor) -> Iterator[tuple[str, Refusal]]:
        """Rules across the cells of one row, those a service asks: (column, refusal) each. May complete `values`."""
        return iter(())

    def undone(self, *, created: Sequence[UUID], updated: Sequence[UUID], by: Actor) -> None:
        """Within the transaction that undoes: withdraw what was told of the rows that go, announce those that change back."""

    def known(self, by: Actor) -> frozenset[str]:
        """Every heading that is known, folded."""
        return frozenset(known_headings(self.columns(by)))

    def sheet_names(self) -> frozenset[str]:
        """The names of the sheet that an export writes, folded, in every language."""
        return frozenset(spellings([self.title]))


class BulkImport(Import):
    """Written by a few statements for all rows. Its rules are the service's own functions, asked row by row, and `database_checks`."""

    # Where a row is found again: by its identifier first, then by the first of these columns that is not empty.
    keys: ClassVar[tuple[str, ...]] = ()
    # Columns that no two rows of a file share.
    unique: ClassVar[tuple[str, ...]] = ()
    # A field that follows another: it is written whenever that one is.
    derived: ClassVar[Mapping[str, str]] = {}
    # What a new row has besides its columns.
    defaults: ClassVar[Mapping[str, Any]] = {}
    created_event: ClassVar[str] = ""
    updated_event: ClassVar[str] = ""

    def database_checks(self, by: Actor) -> Sequence[DatabaseCheck]:
        """The rules that need other rows."""
        return ()


class ServiceImport(Import):
    """Written row by row through services, with everything that follows from them: rights, messages, events."""

    limit = 5_000

    def find(self, values: Mapping[str, Any], *, by: Actor) -> Model | None:
        """The row that this one is. Raises a Refusal whose field is the column."""
        raise NotImplementedError

    def differing(self, found: Any, values: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
        """Field → (before, after), of the columns given that differ."""
        return {
            name: (getattr(found, name), value) for name, value in values.items() if name != "id" and getattr(found, name) != value
        }  # fmt: skip

    def create(self, values: Mapping[str, Any], *, by: Actor) -> Sequence[Touched]:
        """Call the service; gives what it wrote in `model`."""
        raise NotImplementedError

    def update(self, found: Any, changes: Mapping[str, Any], values: Mapping[str, Any], *, by: Actor) -> Sequence[Touched]:
        """Call the service with what differs (`values` is the whole row); gives what it wrote in `model`."""
        raise NotImplementedError


def imports() -> dict[str, Import]:
    """Every kind of import there is, by its name."""
    return {one.kind: one for one in import_string(settings.IMPORTS)}


def jsonable(model: type[Model], values: Mapping[str, Any]) -> dict[str, Any]:
    """Values of fields as the database's own JSON writes them, under the names of their columns."""
    found: dict[str, Any] = {}
    for name, value in values.items():
        concrete: Any = model._meta.get_field(name)
        plain = value.pk if hasattr(value, "pk") else value
        found[concrete.column] = plain if plain is None or isinstance(plain, str | int | bool | list) else str(plain)
    return found
