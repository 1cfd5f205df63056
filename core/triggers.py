"""The audit triggers are put in place at the end of each `migrate`, as far as the tables of the moment allow.

Going back by one release leaves tables and columns behind that this code still declares: their triggers wait for the former
code's own `migrate`, which installs its own.
"""

from __future__ import annotations

from typing import Any

import pgtrigger
import structlog
from django.db import connections

log = structlog.get_logger(__name__)


def install(*, using: str, **_signal: Any) -> None:
    """Create or replace every trigger whose table has all its columns; the others are taken down
    and named in the log. Drop what is no longer declared."""
    present = _columns(using)
    waiting = []
    for model, trigger in pgtrigger.registered():
        if _has_all(model, present):
            trigger.install(model, database=using)
        else:
            waiting.append(f"{model._meta.label}:{trigger.name}")
            if model._meta.db_table in present:  # what it was written for is gone: left there, it would refuse every write
                trigger.uninstall(model, database=using)
    if waiting:
        log.warning("triggers_not_installed", reason="the schema is of another release: run migrate with its code", triggers=waiting)
    pgtrigger.prune(database=using)


def _has_all(model: Any, present: dict[str, set[str]]) -> bool:
    """Whether the table is there with every column, and so is the table of events that the trigger writes."""
    tables: list[Any] = [model, *(found for found in [_events_of(model)] if found is not None)]
    return all({field.column for field in one._meta.concrete_fields} <= present.get(one._meta.db_table, set()) for one in tables)


def _events_of(model: Any) -> Any:
    relation = getattr(model, "events", None)
    return getattr(getattr(relation, "rel", None), "related_model", None)


def _columns(using: str) -> dict[str, set[str]]:
    found: dict[str, set[str]] = {}
    with connections[using].cursor() as cursor:
        cursor.execute(
            "SELECT c.relname, a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid"
            " WHERE c.relkind IN ('r', 'p') AND pg_table_is_visible(c.oid) AND a.attnum > 0 AND NOT a.attisdropped"
        )
        for table, column in cursor.fetchall():
            found.setdefault(table, set()).add(column)
    return found
