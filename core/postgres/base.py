"""The driver: every statement carries who reads. Nothing is kept on the connection, so nothing of one request is left to the next.

SET LOCAL in front of a statement ends with it (or with its transaction), whatever happens: an error, a connection lost and
opened again, a savepoint rolled back, a thread that takes over another's connection.
"""

from __future__ import annotations

import re
from typing import Any, Final

import psycopg2.extensions
import psycopg2.sql
from django.db.backends.postgresql import base, operations

from core import wall
from core.wall.context import MARK

# These must go through alone: after an error PostgreSQL takes nothing else.
_ALONE: Final = ("SAVEPOINT", "ROLLBACK", "RELEASE")
# COPY of a question can only go out, and row-level security holds in it; COPY of a table does neither.
_COPY_OUT: Final = "COPY (SELECT "
_PREFIX: Final = re.compile(r"SET LOCAL ROLE [A-Za-z_]+;[^/]*" + re.escape(MARK))


class WallBypassError(RuntimeError):
    """A way of talking to the database that cannot carry who reads was used behind the wall."""


class Connection(psycopg2.extensions.connection):  # type: ignore[misc]
    """A connection that knows one thing: whether a statement of its transaction was read as somebody."""

    carried = False


class Cursor(psycopg2.extensions.cursor):  # type: ignore[misc]
    """A cursor whose statements carry who reads."""

    def execute(self, query: Any, vars: Any = None) -> None:
        """Run one statement as whoever reads now."""
        super().execute(self._carrying(query), vars)

    def executemany(self, query: Any, vars_list: Any) -> None:
        """Run one statement for each set of values, as whoever reads now."""
        super().executemany(self._carrying(query), vars_list)

    def callproc(self, *args: Any, **kwargs: Any) -> Any:
        """Only the portal itself."""
        self._require_system("callproc")
        return super().callproc(*args, **kwargs)

    def copy_expert(self, sql: Any, *args: Any, **kwargs: Any) -> Any:
        """The rows of a question go out as whoever reads now; anything else that COPY does is the portal's own."""
        if isinstance(sql, str) and sql.startswith(_COPY_OUT):
            return super().copy_expert(self._carrying(sql), *args, **kwargs)
        self._require_system("copy")
        return super().copy_expert(sql, *args, **kwargs)

    def copy_from(self, *args: Any, **kwargs: Any) -> Any:
        """Only the portal itself."""
        self._require_system("copy")
        return super().copy_from(*args, **kwargs)

    def copy_to(self, *args: Any, **kwargs: Any) -> Any:
        """Only the portal itself."""
        self._require_system("copy")
        return super().copy_to(*args, **kwargs)

    def _require_system(self, what: str) -> None:
        if wall.current().role is not None or getattr(self.connection, "carried", False):
            raise WallBypassError(f"{what} cannot carry who reads: run it as the portal itself, in a transaction of its own")

    def _carrying(self, query: Any) -> Any:
        context, connection = wall.current(), self.connection
        assert isinstance(connection, Connection)
        if connection.autocommit:
            connection.carried = False
        if context.role is None and not connection.carried:
            return query
        if connection.get_transaction_status() == psycopg2.extensions.TRANSACTION_STATUS_INERROR or _is_alone(query):
            return query
        if self.name is not None:
            self._require_system("a server-side cursor")
        connection.carried = not connection.autocommit
        if isinstance(query, psycopg2.sql.Composable):
            return psycopg2.sql.SQL(context.prefix) + query
        return context.prefix.encode() + query if isinstance(query, bytes) else context.prefix + query


def _is_alone(query: Any) -> bool:
    return isinstance(query, str) and query.startswith(_ALONE)


class DatabaseOperations(operations.DatabaseOperations):
    """Statements are told to logs and tests without what the driver put in front of them."""

    def last_executed_query(self, cursor: Any, sql: Any, params: Any) -> str:
        """The statement as the code wrote it, with its values."""
        text = super().last_executed_query(cursor, sql, params)
        return _PREFIX.sub("", text, count=1) if isinstance(text, str) else text


class DatabaseWrapper(base.DatabaseWrapper):
    """A PostgreSQL database behind the wall."""

    ops_class = DatabaseOperations

    def get_connection_params(self) -> dict[str, Any]:
        """Our connection and our cursor."""
        return super().get_connection_params() | {"connection_factory": Connection, "cursor_factory": Cursor}

    def chunked_cursor(self) -> Any:
        """Behind the wall, rows are read at once: a server-side cursor's statement cannot carry who reads."""
        return super().chunked_cursor() if wall.current().role is None and not getattr(self.connection, "carried", False) else self.cursor()
