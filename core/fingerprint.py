"""What a database and its files hold, as short sums that can be compared: row by row, and every rule of the schema.

Two fingerprints are equal when a restored copy is the same in rows, sequences, columns, constraints, indexes, triggers,
functions, policies, rights and files.
"""

from __future__ import annotations

import hashlib
import re
from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from django.apps import apps
from django.core.files.storage import default_storage
from django.db import connection, models, transaction
from psycopg2 import sql

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

Fingerprint = dict[str, str]

# Each query gives names and definitions of one kind; what belongs to an extension is the extension's version.
SCHEMA: Final[Mapping[str, str]] = {
    "extension": "SELECT extname, extversion FROM pg_extension",
    "column": """
        SELECT c.relname || '.' || a.attname, concat_ws(' ', format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity,
            a.attgenerated, a.attcollation::regcollation, pg_get_expr(d.adbin, d.adrelid))
        FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
        WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND a.attnum > 0 AND NOT a.attisdropped""",
    "constraint": """
        SELECT conrelid::regclass || '.' || conname, pg_get_constraintdef(oid) || CASE WHEN convalidated THEN '' ELSE ' (not validated)' END
        FROM pg_constraint WHERE connamespace = 'public'::regnamespace AND conrelid <> 0""",
    "index": """
        SELECT i.indexrelid::regclass::text, pg_get_indexdef(i.indexrelid) || CASE WHEN i.indisvalid THEN '' ELSE ' (invalid)' END
        FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid WHERE c.relnamespace = 'public'::regnamespace""",
    "trigger": """
        SELECT tgrelid::regclass || '.' || tgname, tgenabled::text || ' ' || pg_get_triggerdef(oid)
        FROM pg_trigger WHERE NOT tgisinternal""",
    "function": """
        SELECT p.oid::regprocedure::text, md5(pg_get_functiondef(p.oid)) FROM pg_proc p
        WHERE p.pronamespace = 'public'::regnamespace AND p.prokind IN ('f', 'p')
            AND NOT EXISTS (SELECT 1 FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e')""",
    "policy": "SELECT tablename || '.' || policyname, concat_ws(' ', permissive, roles, cmd, qual, with_check) FROM pg_policies",
    "table": """
        SELECT relname, concat_ws(' ', relkind, relrowsecurity, relforcerowsecurity, relacl) FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p', 'v', 'm', 'S')""",
    "view": """
        SELECT oid::regclass::text, md5(pg_get_viewdef(oid)) FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind IN ('v', 'm')""",
}
# Spelling of values must not depend on the session that reads them.
SPELLING: Final = (
    "TimeZone TO 'UTC'",
    "DateStyle TO 'ISO, YMD'",
    "IntervalStyle TO 'iso_8601'",
    "extra_float_digits TO 1",
    "row_security TO off",
)
_ELEMENT: Final = re.compile(r"('(?:[^']|'')*'::character varying)")
_WHOLE_CAST: Final = re.compile(rf"\(ARRAY\[((?:{_ELEMENT.pattern}(?:, )?)+)\]\)::text\[\]")


@contextmanager
def one_instant() -> Iterator[str]:
    """Read everything as of one instant; gives the name under which `pg_dump --snapshot` reads the same one."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute("SET LOCAL statement_timeout TO 0")
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout TO 0")
        cursor.execute("SELECT pg_export_snapshot()")
        yield str(cursor.fetchone()[0])


def of_database() -> Fingerprint:
    """The rows of every table (their number and the sum of their texts), the sequences, and every rule of the schema."""
    found: Fingerprint = {}
    with transaction.atomic(), connection.cursor() as cursor:
        for setting in SPELLING:
            cursor.execute(f"SET LOCAL {setting}")
        for kind, query in SCHEMA.items():
            cursor.execute(query)
            found |= {f"{kind} {name}": one_spelling(str(definition)) for name, definition in cursor.fetchall()}
        cursor.execute("SELECT relname, relkind FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'S')")
        for name, kind in cursor.fetchall():
            if kind == "S":
                cursor.execute(sql.SQL("SELECT last_value || ' ' || is_called FROM {}").format(sql.Identifier(name)))
                found[f"sequence {name}"] = cursor.fetchone()[0]
            else:
                cursor.execute(
                    sql.SQL(
                        "SELECT count(*) || ' ' || coalesce(md5(string_agg(line, '' ORDER BY line)), '-')"
                        " FROM (SELECT md5(held::text) AS line FROM {} AS held) AS lines"
                    ).format(sql.Identifier(name))
                )
                found[f"rows {name}"] = cursor.fetchone()[0]
    return found


def one_spelling(definition: str) -> str:
    """A restored server writes `(ARRAY['a'::varchar])::text[]` as `ARRAY[('a'::varchar)::text]`: the same rule, read again."""
    return _WHOLE_CAST.sub(lambda found: "ARRAY[" + _ELEMENT.sub(r"(\1)::text", found[1]) + "]", definition)


def of_files(root: Path) -> Fingerprint:
    """Size and SHA-256 of every file under `root`, drafts of jobs left out."""
    found = {}
    for path in sorted(root.rglob("*")):
        place = path.relative_to(root)
        if path.is_file() and ".drafts" not in place.parts:
            with path.open("rb") as stream:
                found[f"file {place}"] = f"{path.stat().st_size} {hashlib.file_digest(stream, 'sha256').hexdigest()}"
    return found


def missing_files() -> list[str]:
    """The files that rows speak of and that are not there."""
    lines = []
    for model in apps.get_models():
        for field in model._meta.concrete_fields:
            if isinstance(field, models.FileField) and model._meta.managed and not model._meta.proxy:
                names = model._base_manager.exclude(**{field.name: ""}).exclude(**{field.name: None}).values_list(field.name, flat=True)
                lines += [f"{model._meta.label}: {name}" for name in names.iterator() if not default_storage.exists(str(name))]
    return sorted(set(lines))


def differences(before: Mapping[str, str], after: Mapping[str, str]) -> list[str]:
    """One line for each thing that is not the same; a file more than before is no difference (it may belong to no row yet)."""
    lines = []
    for name in sorted(before.keys() | after.keys()):
        if name not in after:
            lines.append(f"missing: {name} ({before[name][:200]})")
        elif name not in before:
            if not name.startswith("file "):
                lines.append(f"more: {name} ({after[name][:200]})")
        elif before[name] != after[name]:
            lines.append(f"different: {name} ({before[name][:200]} → {after[name][:200]})")
    return lines
