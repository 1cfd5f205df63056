"""What migrations do to a portal in use: which statements would stop it, and whether the way back and forth holds on filled tables.

Run as a program on a database of its own (DATABASE_URL), it plays the migrations newer than the last release; see test_migrations.py.
"""

from __future__ import annotations

import hashlib
import json
import re
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from tests.architecture import house

if TYPE_CHECKING:
    from collections.abc import Iterable

RELEASED = house.ROOT / "deploy" / "released-migrations.txt"
LOADERS: Final = ("load_holidays", "load_reference", "load_demo")
# Matters of taste, or said elsewhere: every session of ours has its lock_timeout and statement_timeout; a rule that is
# dropped stops nobody.
NOT_LOCKS: Final = (
    "prefer-text-field", "prefer-bigint-over-int", "prefer-bigint-over-smallint", "prefer-identity", "prefer-timestamptz",
    "prefer-robust-stmts",
    "require-lock-timeout", "require-statement-timeout", "require-timeout-settings", "ban-drop-constraint",
)  # fmt: skip
# What to do instead, in Django's words, for the rules most often met.
INSTEAD: Final = {
    "require-concurrent-index-creation": "AddIndexConcurrently in a migration with atomic = False",
    "require-concurrent-index-deletion": "RemoveIndexConcurrently in a migration with atomic = False",
    "ban-drop-default": "give the field a db_default: the release that still runs does not know the column",
    "adding-required-field": "give the field a db_default",
    "adding-not-nullable-field": "a CHECK (… IS NOT NULL) added NOT VALID, validated in the next migration, then SET NOT NULL",
    "adding-field-with-default": "a constant default, then fill the rows in batches",
    "constraint-missing-not-valid": "AddConstraintNotValid, then ValidateConstraint in a migration of its own",
    "adding-foreign-key-constraint": "RunSQL … NOT VALID, then VALIDATE CONSTRAINT in a migration of its own",
    "disallowed-unique-constraint": "a unique index made CONCURRENTLY, then ADD CONSTRAINT … USING INDEX",
    "changing-column-type": "a new column, filled, read by the next release",
    "renaming-column": "a new column (db_column keeps the name of the old one)",
    "renaming-table": "keep db_table",
    "ban-drop-column": "one release later than the code that stopped reading it",
    "ban-drop-table": "one release later than the code that stopped reading it",
}
TARGET = re.compile(
    r"""^\s*(?:ALTER\s+TABLE(?:\s+ONLY)?(?:\s+IF\s+EXISTS)?\s+|DROP\s+TABLE(?:\s+IF\s+EXISTS)?\s+
    |CREATE\s+(?:UNIQUE\s+)?INDEX\s+.*?\sON\s+(?:ONLY\s+)?)(?:"?public"?\.)?"?(\w+)"?""",
    re.I | re.X | re.S,
)
# A new column that points elsewhere and is empty everywhere: PostgreSQL has nothing to validate.
EMPTY_REFERENCE = re.compile(r'ADD\s+COLUMN\s+"?\w+"?\s+\w+\s+NULL\s+(?:CONSTRAINT\s+"?\w+"?\s+)?REFERENCES', re.I)


def released() -> dict[str, str]:
    """The released migrations: path from the root, SHA-256."""
    lines = [line.split() for line in RELEASED.read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    return {path: digest for digest, path in lines}


def changed() -> list[str]:
    """The released migrations that are no longer what was released."""
    return [
        path
        for path, digest in released().items()
        if not (house.ROOT / path).is_file() or hashlib.sha256((house.ROOT / path).read_bytes()).hexdigest() != digest
    ]


def last_released() -> dict[str, str]:
    """The last released migration of each app."""
    found: dict[str, str] = {}
    for path in sorted(released()):
        app, _migrations, name = path.partition("/migrations/")
        found[app] = name.removesuffix(".py")
    return found


@dataclass(slots=True)
class Played:
    """One migration as it was run: the statements that PostgreSQL received."""

    name: str
    atomic: bool
    statements: list[str] = field(default_factory=list)


def unsafe(played: Played, existing: Iterable[str]) -> list[str]:
    """One line for each statement that would lock or break a portal in use; `existing`: the tables that hold rows already."""
    tables = set(existing)
    lines = []
    for statement in played.statements:
        target = TARGET.match(statement)
        if target and target[1] not in tables:
            continue  # a table of this very release: nobody reads it yet
        lines.append(" ".join(statement.split()).rstrip(";") + ";")
    if not lines:
        return []
    found = []
    for problem in _squawk("\n".join(lines) + "\n", atomic=played.atomic):
        statement, rule = lines[problem["line"]], problem["rule_name"]
        if rule == "adding-foreign-key-constraint" and EMPTY_REFERENCE.search(statement):
            continue
        found.append(f"{played.name}: {rule}: {statement[:160]}\n    {problem['message']} Instead: {INSTEAD.get(rule, problem['help'])}.")
    return found


def _squawk(text: str, *, atomic: bool) -> list[dict[str, Any]]:
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "migration.sql"
        file.write_text(text, encoding="utf-8")
        command = [
            str(Path(sys.executable).with_name("squawk")), "--reporter", "json", "--pg-version", "15", f"--exclude={','.join(NOT_LOCKS)}",
            "--assume-in-transaction" if atomic else "--no-assume-in-transaction", str(file),
        ]  # fmt: skip
        done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode not in {0, 1}:
        raise RuntimeError(f"squawk failed: {done.stderr[:500]}")
    problems: list[dict[str, Any]] = json.loads(done.stdout or "[]")
    broken = [problem for problem in problems if problem["rule_name"] == "syntax-error"]
    if broken:
        raise RuntimeError(f"squawk cannot read: {text.splitlines()[broken[0]['line']]}")
    return problems


# -- as a program ------------------------------------------------------------------------------------------------------
def main() -> int:
    """Fill the tables, go back, come forward again; what was played and what differs, as JSON on the standard output."""
    import django

    django.setup()
    from io import StringIO

    from django.core.management import call_command
    from django.db import connection

    for loader in LOADERS:
        call_command(loader, stdout=StringIO())
    before, counted = _shape(), _counts()
    targets = _targets()
    for app, name in targets.items():
        call_command("migrate", app, name, verbosity=0, skip_checks=True)
    back = {
        "existing": connection.introspection.table_names(),
        "lost": {name: count for name, count in counted.items() if _counts().get(name) != count},
    }
    played = _forward()
    call_command("migrate", verbosity=0, skip_checks=True)  # nothing is left but its end: the triggers
    after, kept = _shape(), _counts()
    from core.fingerprint import differences

    report = {
        "targets": targets,
        "existing": back["existing"],
        "played": [{"name": one.name, "atomic": one.atomic, "statements": one.statements} for one in played],
        "differences": differences(before, after),
        "rows": [
            f"{name}: {count} → {kept.get(name)}" for name, count in counted.items() if kept.get(name) != count and name in back["existing"]
        ],
    }
    sys.stdout.write(json.dumps(report))
    return 0


def _targets() -> dict[str, str]:
    """Where each app goes back to: the last release, or by one where nothing is newer; never to nothing."""
    from django.db import connection
    from django.db.migrations.loader import MigrationLoader

    graph = MigrationLoader(connection).graph
    found = {}
    for app, name in last_released().items():
        leaf = next(key for key in graph.leaf_nodes(app))
        if leaf[1] != name:
            found[app] = name
            continue
        migration = graph.nodes[leaf]
        before = [parent.key for parent in graph.node_map[leaf].parents if parent.key[0] == app]
        if before and not migration.initial:
            found[app] = before[0][1]
    return found


def _forward() -> list[Played]:
    from django.db import connection
    from django.db.migrations.executor import MigrationExecutor

    played: list[Played] = []

    def progress(action: Any, migration: Any = None, fake: Any = False) -> None:
        if action == "apply_start":
            played.append(Played(f"{migration.app_label}.{migration.name}", migration.atomic))

    def note(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        if played and not many:
            with context["connection"].connection.cursor() as cursor:
                text = cursor.mogrify(sql, params).decode() if params else str(sql)
            if re.match(r"\s*(CREATE|ALTER|DROP)\b", text, re.I):
                played[-1].statements += [part for part in re.split(r";\s*(?=SET\s+CONSTRAINTS)", text) if not re.match(r"\s*SET\s", part)]
        return execute(sql, params, many, context)

    executor = MigrationExecutor(connection, progress)
    with connection.execute_wrapper(note):
        executor.migrate(executor.loader.graph.leaf_nodes())
    return played


def _shape() -> dict[str, str]:
    from core import fingerprint

    return {name: value for name, value in fingerprint.of_database().items() if not name.startswith(("rows ", "sequence "))}


def _counts() -> dict[str, int]:
    """Rows of our own tables; those of the trail and the pulse grow by themselves."""
    from django.db import connection

    names = [name for name in connection.introspection.table_names() if name.split("_")[0] in house.FLOORS and not name.endswith("event")]
    with connection.cursor() as cursor:
        counts = {}
        for name in names:
            cursor.execute(f'SELECT count(*) FROM "{name}"')  # noqa: S608 - a name from the catalogue
            counts[name] = int(cursor.fetchone()[0])
    return counts


if __name__ == "__main__":
    sys.exit(main())
