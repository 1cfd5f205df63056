"""The one way in which what is kept for ever forgets a name: replacing it by a label, in an erasure that is itself recorded.

The audit trail refuses every UPDATE and DELETE. Its tables are reached through one SQL function (SECURITY DEFINER, granted to
nobody else) that asks for an open row of `core_erasure`, touches text columns only, and can do nothing but put the label
in the place of a whole name, address or telephone: dates, states, amounts, authors' ids and the number of rows stay as they were.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.db import connection

from core.wall import elevated

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from core.models import Erasure

CONTEXTS: Final = "pghistory_context"
# Not swept: the erasure's own record holds no name, and these are not the portal's.
UNTOUCHED: Final = frozenset({"django_migrations", "django_content_type", "auth_permission", "core_erasure"})
# A name in one word would be found inside ordinary sentences: it is only replaced in the rows that are the person's.
MARK: Final = re.compile(r"@|[0-9]{6}|\s")


def is_distinctive(identifier: str) -> bool:
    """Whether an identifier can be looked for anywhere: an address, a telephone, a name of several words."""
    return len(identifier) >= 6 and MARK.search(identifier) is not None


@elevated("an erasure reaches the texts of every table, the trail's own included, whoever decides it")
def sweep(erasure: Erasure, *, identifiers: Collection[str], own: Mapping[str, Collection[str]]) -> dict[str, int]:
    """Put the erasure's label in the place of `identifiers` in every text of every table; gives the rows touched in each.

    `own`: for the id of an object (or of an author) the identifiers that are replaced in its own events alone.
    The tables themselves first, whose changes are recorded, then the trail.
    """
    touched: dict[str, int] = {}
    wanted = sorted({text for text in identifiers if is_distinctive(text)}, key=lambda text: (-len(text), text))
    label = _plain(erasure.label)
    with connection.cursor() as cursor:
        cursor.execute(_TABLES)
        tables: list[tuple[str, bool]] = [(name, guarded) for name, guarded in cursor.fetchall() if name not in UNTOUCHED]
        cache = str(settings.CACHES["default"].get("LOCATION", ""))
        for name, _guarded in [entry for entry in tables if not entry[1] and entry[0] not in {cache, CONTEXTS}]:
            _count(touched, name, _call(cursor, "SELECT core_privacy_replace(%s, %s, %s)", [name, wanted, label]))
        for name, guarded in tables:
            if guarded:
                sql = "SELECT core_privacy_erase_trail(%s, %s, %s, %s, %s)"
                _count(touched, name, _call(cursor, sql, [str(erasure.pk), name, wanted, label, None]))
                for key, texts in own.items():
                    _count(touched, name, _call(cursor, sql, [str(erasure.pk), name, sorted(texts), label, key]))
        sql = "SELECT core_privacy_replace(%s, %s, %s, %s)"
        _count(touched, CONTEXTS, _call(cursor, sql, [CONTEXTS, wanted, label, None]))
        for key, texts in own.items():
            _count(touched, CONTEXTS, _call(cursor, sql, [CONTEXTS, sorted(texts), label, key]))
        if cache and wanted:
            quoted = connection.ops.quote_name(cache)
            cursor.execute(f"DELETE FROM {quoted} WHERE cache_key ~* core_privacy_pattern(%s)", [wanted])  # noqa: S608 - a name from the settings
    return touched


def masked(text: str, identifiers: Collection[str], label: str) -> str:
    """A text without these identifiers: what is about to be written in the erasure's own reason."""
    for identifier in sorted(identifiers, key=len, reverse=True):
        text = re.sub(re.escape(identifier), label, text, flags=re.IGNORECASE)
    return text


# Every table of the portal with whether the trail's trigger guards it; views and temporary tables are none.
_TABLES: Final = """
SELECT c.relname, EXISTS (
    SELECT 1 FROM pg_trigger t WHERE t.tgrelid = c.oid AND t.tgname LIKE 'pgtrigger\\_append\\_only\\_%'
) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p') ORDER BY c.relname
"""


def _plain(label: str) -> str:
    return label.replace("\\", "").replace('"', "")


def _call(cursor: Any, sql: str, values: list[Any]) -> int:
    if not any(isinstance(value, list) and value for value in values):
        return 0
    cursor.execute(sql, values)
    return int(cursor.fetchone()[0])


def _count(touched: dict[str, int], table: str, rows: int) -> None:
    if rows:
        touched[table] = touched.get(table, 0) + rows
