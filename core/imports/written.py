"""What the cells of an export hold, as expressions that PostgreSQL computes: the twins of what `core.imports.columns` writes in Python."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import Func, TextField

from core.csvcopy import Guarded
from core.csvfile import encode_cell

if TYPE_CHECKING:
    from collections.abc import Iterable


class Inert(Func):
    """A text that no spreadsheet could take for a formula: an identifier."""

    template = "%(expressions)s"
    output_field = TextField()

    def guarded(self) -> Inert:
        """Itself."""
        return self


class Joined(Func):
    """Texts one after the other. None of them may be null."""

    template, arg_joiner = "(%(expressions)s)", " || "
    output_field = TextField()


class Words(Func):
    """The label of a code, in the language active when this is made; an unknown code is shown as it is."""

    output_field = TextField()

    def __init__(self, code: Any, choices: Iterable[tuple[Any, Any]] = (), *, is_guarded: bool = False) -> None:
        super().__init__(code)
        self.choices = [(str(key), str(label)) for key, label in choices]
        self.is_guarded = is_guarded

    def as_sql(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        """CASE code WHEN 'a' THEN 'label of a' … END."""
        code, params = compiler.compile(self.source_expressions[0])
        return self._case(code, list(params))

    def _case(self, code: str, params: list[Any]) -> tuple[str, list[Any]]:
        other, more = Guarded.around(code, params) if self.is_guarded else (code, params)
        known = [part for key, label in self.choices for part in (key, encode_cell(label) if self.is_guarded else label)]
        if not known:
            return other, more
        return f"CASE {code}{' WHEN %s THEN %s' * len(self.choices)} ELSE {other} END", [*params, *known, *more]

    def guarded(self) -> Words:
        """Its labels guarded beforehand."""
        return type(self)(self.source_expressions[0], self.choices, is_guarded=True)


class WordList(Words):
    """The labels of an array of codes, in its order. The first one's beginning is the cell's: it alone is guarded."""

    def as_sql(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        """A subquery over the array's places."""
        codes, params = compiler.compile(self.source_expressions[0])
        plain, values = Words(None, self.choices)._case("w.code", [])
        first, first_values = self._case("w.code", [])
        label = f"CASE w.place WHEN 1 THEN coalesce({first}, '') ELSE {plain} END"
        sql = f"(SELECT string_agg({label}, ' ; ' ORDER BY w.place) FROM unnest({codes}) WITH ORDINALITY AS w(code, place))"  # noqa: S608 - made of ours
        return sql, [*first_values, *values, *params]
