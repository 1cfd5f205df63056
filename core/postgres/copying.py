"""The rows of a queryset, written out by PostgreSQL itself: no object is made of them, and none is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, Protocol

from django.core.exceptions import EmptyResultSet
from django.db import connection, transaction

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet
    from django.db.models.expressions import Combinable


# All the rows are one statement, which takes as long as whoever writes them down: a page's limit is not for it.
_PATIENCE: Final = "10min"


class Sink(Protocol):
    """Takes the bytes of one row at a time, its `\\n` included. What it raises ends the writing."""

    def write(self, row: bytes, /) -> Any:
        """Take one row."""


def copy_rows(rows: QuerySet[Any], cells: Sequence[Combinable], sink: Sink, *, options: str) -> None:
    """Hand every row to `sink` as COPY writes it with these `options`, read as whoever reads now (see core.wall).

    `rows` keeps its filters and its order and must not be distinct: COPY would write the columns it is ordered by too.
    """
    if rows.query.distinct:
        raise ValueError("COPY cannot write distinct rows: filter by a subquery")
    try:
        sql, params = rows.values_list(*cells).query.get_compiler(connection=connection).as_sql()
    except EmptyResultSet:  # a condition that no row can meet: there is nothing to ask
        return
    with transaction.atomic(), connection.cursor() as cursor, connection.wrap_database_errors:
        cursor.execute("SET LOCAL statement_timeout TO %s", [_PATIENCE])
        statement = cursor.cursor.mogrify(sql, params).decode()
        cursor.cursor.copy_expert(f"COPY ({statement}) TO STDOUT WITH ({options})", sink)
