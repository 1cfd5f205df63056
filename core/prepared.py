"""Questions asked of the database again and again: their SQL compiled once by the ORM, their plan made once by PostgreSQL.

Planning a list's joins costs PostgreSQL more than running them, and psycopg2 makes it plan anew at every call. Here a statement
met for the second time on a connection is PREPAREd there, and EXECUTEd from then on. For what is asked all day: lists, tokens, limits,
the marks of mails.
"""

from __future__ import annotations

import itertools
import re
from collections import OrderedDict
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID
from weakref import WeakKeyDictionary

from django.conf import settings
from django.core.exceptions import EmptyResultSet
from django.db import DatabaseError, connection
from psycopg2 import errors
from psycopg2.extensions import QuotedString

from core import wall

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.db.models import QuerySet

# Statements kept prepared on one connection; the oldest is given back to the server.
KEPT: Final = 64
_HOLE: Final = re.compile(r"%(?:%|s)")
# What is handed over as a parameter. The rest is written into the statement: of a number PostgreSQL must see the type, and of a word
# (a state, mostly) the value, else its one plan for all values is made for a state that no row has.
_BOUND: Final = UUID | date | datetime | time | Decimal


class Given(str):
    """A text that changes from call to call: handed over, where another text is written into the statement."""

    __slots__ = ()


# The server no longer has the statement, or a table changed under it: it is forgotten and asked plainly.
_FORGOTTEN: Final = (errors.FeatureNotSupported, errors.InvalidSqlStatementName, errors.DuplicatePreparedStatement)


class _Kept:
    """What one connection of psycopg2 has prepared: kept with it, never with Django's wrapper, which outlives it."""

    def __init__(self) -> None:
        self.numbers = itertools.count()
        # By the role that reads too: with row-level security a plan is one role's.
        self.seen: OrderedDict[tuple[str | None, str], None] = OrderedDict()
        self.names: OrderedDict[tuple[str | None, str], str] = OrderedDict()


_kept: WeakKeyDictionary[Any, _Kept] = WeakKeyDictionary()


def fetch(sql: str, params: Sequence[Any], *, within: str = "") -> list[tuple[Any, ...]]:
    """The rows of a statement written with %s: prepared from its second time on a connection. Its parameters must not be lists,
    and texts that vary are `Given`. `within`: SET LOCAL …; sent in front of it, in the same message."""
    if not settings.PREPARED_STATEMENTS:
        return _plain(within + sql, params)
    connection.ensure_connection()
    kept = _kept.setdefault(connection.connection, _Kept())
    statement, values = _numbered(sql, params)
    key = (wall.current().role, statement)
    name = kept.names.get(key)
    if name is None:
        if key not in kept.seen:
            kept.seen[key] = None
            if len(kept.seen) > KEPT:
                kept.seen.popitem(last=False)
            return _plain(within + sql, params)
        name = _prepare(kept, key)
    kept.names.move_to_end(key)
    try:
        return _plain(f"{within}EXECUTE {name}({', '.join(['%s'] * len(values))})" if values else f"{within}EXECUTE {name}", values)
    except DatabaseError as error:
        if not isinstance(error.__cause__, _FORGOTTEN):
            raise
        _kept.pop(connection.connection, None)
        # Inside a transaction the server answers nothing more until its end.
        if connection.in_atomic_block:
            raise
        return _plain(within + sql, params)


def _plain(sql: str, params: Sequence[Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows


def _prepare(kept: _Kept, key: tuple[str | None, str]) -> str:
    name = f"portal_{next(kept.numbers)}"
    # Beside Django's cursor, which would take the statement's own % signs for holes.
    with connection.wrap_database_errors, connection.connection.cursor() as cursor:
        while len(kept.names) >= KEPT:
            _key, oldest = kept.names.popitem(last=False)
            cursor.execute(f"DEALLOCATE {oldest}")
        cursor.execute(f"PREPARE {name} AS {key[1]}")
    kept.names[key] = name
    return name


def _numbered(sql: str, params: Sequence[Any]) -> tuple[str, list[Any]]:
    """The statement with $1, $2… in place of each %s whose value is bound, and those values."""
    values: list[Any] = []
    given = iter(params)

    def replace(match: re.Match[str]) -> str:
        if match.group() == "%%":
            return "%"
        value = next(given)
        if value is None:
            return "NULL"
        if isinstance(value, bool):
            return "true" if value else "false"
        if isinstance(value, int):
            return str(int(value))
        if isinstance(value, str) and not isinstance(value, Given):
            return _literal(value)
        if not isinstance(value, _BOUND | Given):
            raise TypeError(f"a {type(value).__name__} cannot be handed to a prepared statement")
        values.append(str(value) if isinstance(value, Given) else value)
        return f"${len(values)}"

    return _HOLE.sub(replace, sql), values


def _literal(text: str) -> str:
    quoted = QuotedString(text)
    quoted.encoding = "utf8"
    written: str = quoted.getquoted().decode()
    return written


@dataclass(frozen=True, slots=True)
class Question:
    """A queryset's `values()`, compiled: asked again, only the marked values change."""

    sql: str
    params: tuple[Any, ...]
    names: tuple[str, ...]
    converters: Mapping[int, Any]
    holes: Mapping[str, tuple[int, ...]]
    compiler: Any

    def ask(self, **values: Any) -> list[dict[str, Any]]:
        """The rows, with these values in place of the marks."""
        if not self.sql:
            return []
        params = list(self.params)
        for name, places in self.holes.items():
            for place in places:
                value = values[name]
                params[place] = Given(value) if isinstance(value, str) else value
        rows: Any = fetch(self.sql, params)
        if self.converters:
            rows = self.compiler.apply_converters(rows, self.converters)
        return [dict(zip(self.names, row, strict=True)) for row in rows]


def question(rows: QuerySet[Any], **marks: Any) -> Question:
    """Compile `rows.values(…)`. Each mark is a value that stands nowhere else in the question; `ask` puts another in its place."""
    query = rows.query
    compiler = query.get_compiler(connection=connection)
    try:
        sql, params = compiler.as_sql()
    except EmptyResultSet:  # a condition that no row can meet: Django asks nothing either
        sql, params = "", ()
    holes = {name: tuple(place for place, value in enumerate(params) if _same(value, mark)) for name, mark in marks.items()}
    if sql and not all(holes.values()):
        raise ValueError(f"marks that stand nowhere in the question: {[name for name, places in holes.items() if not places]}")
    names = query.selected or [*query.extra_select, *query.values_select, *query.annotation_select]
    fields = [entry[0] for entry in (compiler.select or [])[: compiler.col_count]] if sql else []
    return Question(sql, tuple(params), tuple(names), compiler.get_converters(fields), holes, compiler)


def _same(value: Any, mark: Any) -> bool:
    return type(value) is type(mark) and bool(value == mark)
