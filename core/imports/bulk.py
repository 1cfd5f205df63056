"""Many rows written by a few statements: read → COPY into a table of the transaction → found again, checked, compared → written.

Rules are not bypassed: each cell and row passed the service's own functions before it was staged, the rules that need other rows
are asked here, the constraints and audit triggers of the table hold as for any write.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext_lazy as _

from core import clock
from core.errors import Conflict
from core.events import announce_written
from core.ids import new_id_text
from core.imports.load import Loader
from core.imports.rows import read_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from core.actors import Actor
    from core.imports.content import BulkImport
    from core.imports.findings import Findings
    from core.imports.reading import Table
    from core.imports.rows import Reader
    from core.models.imports import ImportBatch

CHANGED: Final = _("The data changed since the check, and the outcome with it: check the file again.")
TWICE: Final = _("Another row of this file is the same one.")
NOT_FOUND: Final = _("No row has this identifier, or you may not see it.")
_EVERY: Final = 2000


class Stage:
    """The rows of one file within one transaction."""

    def __init__(self, importer: BulkImport, readers: Sequence[Reader], *, batch: ImportBatch, by: Actor) -> None:
        self.importer, self.readers, self.batch, self.by = importer, readers, batch, by
        meta = importer.model._meta
        self.table = connection.ops.quote_name(meta.db_table)
        names = [reader.name for reader in readers if reader.name != "id"]
        names += [name for name, follows in importer.derived.items() if follows in names and name not in names]
        self.names = names
        by_name = {column.name: column for column in importer.columns(by)}
        self.cells = {name: by_name[name].cell for name in names}
        self.fields: dict[str, Any] = {name: meta.get_field(name) for name in names}
        self.columns = {name: connection.ops.quote_name(field.column) for name, field in self.fields.items()}
        self.has_id = any(reader.name == "id" for reader in readers)

    # -- reading -------------------------------------------------------------------------------------------------------
    def fill(self, table: Table, findings: Findings, progress: Callable[[int, str], None]) -> None:
        """Read every row into `import_stage`; the refusals go to `findings`."""
        columns = {column: str(self.fields[name].db_type(connection)) for name, column in self.columns.items()}
        typed = {"row_number": "int", "bad": "boolean", "new_id": "uuid", "event_id": "uuid", "given_id": "uuid"} | columns
        _run(f"CREATE TEMP TABLE import_stage ({', '.join(f'{name} {kind}' for name, kind in typed.items())}) ON COMMIT DROP")
        loader = Loader("import_stage", typed)
        stored = [(name, self.cells[name].stored) for name in self.names]
        label = str(_("Reading the rows"))
        for count, row in enumerate(read_rows(self.importer, table, self.readers, findings, by=self.by)):
            if count % _EVERY == 0:
                progress(5 + int(45 * min(1.0, table.done())), label)
            values = row.values
            given = values.get("id")
            line = [str(row.number), "t" if row.bad else "f", new_id_text(), new_id_text(), None if given is None else str(given)]
            for name, write in stored:
                value = values.get(name)
                line.append(None if value is None else write(value))
            loader.add(line)
        loader.flush()
        _run("ANALYZE import_stage")
        findings.store()

    # -- comparing -----------------------------------------------------------------------------------------------------
    def match(self, *, locked: bool) -> None:
        """Find which row each one is, among those that `by` sees; hold them when they are about to be written."""
        sql, params = self.importer.rows(self.by).order_by().values("pk").query.sql_with_params()
        given = ["s.given_id IS NOT NULL AND k.id = s.given_id"] if self.has_id else []
        tried = "s.given_id IS NULL"
        for key in (name for name in self.importer.keys if name in self.columns):
            column = self.columns[key]
            given.append(f"{tried} AND s.{column} <> '' AND k.{column} = s.{column}")
            tried += f" AND coalesce(s.{column}, '') = ''"
        found = " UNION ALL ".join(f"SELECT s.row_number, k.id FROM import_stage s JOIN seen k ON {on}" for on in given) or (  # noqa: S608 - quoted names of our own tables
            "SELECT 0, NULL::uuid WHERE false"
        )
        _run(
            f"CREATE TEMP TABLE import_match ON COMMIT DROP AS WITH seen AS NOT MATERIALIZED "  # noqa: S608 - quoted names of our own tables
            f"(SELECT * FROM {self.table} WHERE id IN ({sql})) {found}",
            params,
        )
        _run("ANALYZE import_match")
        if locked:
            _run(
                f"SELECT count(*) FROM (SELECT 1 FROM {self.table} t JOIN import_match m ON m.id = t.id ORDER BY t.id "  # noqa: S608 - quoted names of our own tables
                "FOR NO KEY UPDATE OF t) AS held"
            )

    def check(self, findings: Findings) -> None:
        """Ask the rules that need other rows; rows with any error are marked."""
        if self.has_id:
            self._refuse("id", "s.given_id IS NOT NULL AND t.id IS NULL", "unknown", NOT_FOUND)
        numbered = "SELECT row_number, row_number() OVER (PARTITION BY id ORDER BY row_number) AS nth FROM import_match"
        self._twice("id" if self.has_id else next(iter(self.importer.keys), ""), numbered)
        for name in (name for name in self.importer.unique if name in self.columns):
            column = self.columns[name]
            self._twice(
                name,
                f"SELECT row_number, row_number() OVER (PARTITION BY {column} ORDER BY row_number) AS nth FROM import_stage s "  # noqa: S608 - quoted names of our own tables
                f"WHERE {column} <> '' AND NOT EXISTS "
                "(SELECT 1 FROM import_error e WHERE e.row_number = s.row_number AND e.code = 'twice')",
            )
        have = {*self.names, "id"}
        for rule in self.importer.database_checks(self.by):
            if have.issuperset(rule.needs) and have.isdisjoint(rule.without):
                self._refuse(rule.column, rule.condition, rule.code, rule.sentence, rule.params)
        _run("UPDATE import_stage SET bad = true WHERE NOT bad AND row_number IN (SELECT row_number FROM import_error)")

    def _refuse(self, name: str, condition: str, code: str, sentence: Any, params: Sequence[Any] = ()) -> None:
        shown = "s.given_id" if name == "id" else f"s.{self.columns[name]}" if name in self.columns else "''"
        _run(
            f"INSERT INTO import_error SELECT s.row_number, %s, %s, %s, coalesce({shown}::text, ''), %s FROM import_stage s "  # noqa: S608 - quoted names of our own tables
            f"LEFT JOIN import_match m USING (row_number) LEFT JOIN {self.table} t ON t.id = m.id WHERE {condition}",
            [*self._place(name), code, str(sentence), *params],
        )

    def _twice(self, name: str, numbered: str) -> None:
        shown = "s.given_id" if name == "id" else f"s.{self.columns[name]}" if name in self.columns else "''"
        _run(
            f"INSERT INTO import_error SELECT s.row_number, %s, %s, 'twice', coalesce({shown}::text, ''), %s FROM import_stage s "  # noqa: S608 - quoted names of our own tables
            f"JOIN ({numbered}) n ON n.row_number = s.row_number AND n.nth > 1",
            [*self._place(name), str(TWICE)],
        )

    def _place(self, name: str) -> tuple[int, str]:
        place = next((reader.place for reader in self.readers if reader.name == name), -1)
        return place, self.batch.headings[place] if 0 <= place < len(self.batch.headings) else ""

    def plan(self, *, updates: bool) -> None:
        """What becomes of each row: create, update, same, skip or error, and the values that an update replaces."""
        theirs = ", ".join(f"t.{column}" for column in self.columns.values())
        ours = ", ".join(f"s.{column}" for column in self.columns.values())
        before = " || ".join(
            f"CASE WHEN t.{column} IS DISTINCT FROM s.{column} THEN jsonb_build_object('{self.fields[name].column}', t.{column}) "
            "ELSE '{}'::jsonb END"
            for name, column in self.columns.items()
        )
        existing = "WHEN d.before = '{}' THEN 'same' ELSE 'update' END" if updates else "ELSE 'skip' END"
        _run(
            "CREATE TEMP TABLE import_plan ON COMMIT DROP AS "  # noqa: S608 - quoted names of our own tables
            "SELECT s.row_number, s.new_id, s.event_id, m.id AS matched, d.before, "
            f"CASE WHEN s.bad THEN 'error' WHEN m.id IS NULL THEN 'create' {existing} AS verb "
            f"FROM import_stage s LEFT JOIN import_match m USING (row_number) LEFT JOIN {self.table} t ON t.id = m.id "
            f"CROSS JOIN LATERAL (SELECT CASE WHEN m.id IS NULL OR ROW({theirs}) IS NOT DISTINCT FROM ROW({ours}) THEN '{{}}'::jsonb "
            f"ELSE {before} END AS before OFFSET 0) d"
        )

    # -- writing -------------------------------------------------------------------------------------------------------
    def write(self, progress: Callable[[int, str], None]) -> None:
        """Create and update, keep what undoing needs, announce. Refuses (Conflict) when somebody was faster."""
        now = clock.now()
        try:
            with transaction.atomic():
                progress(60, str(_("Writing the new rows")))
                self._insert(now)
                progress(75, str(_("Writing the changed rows")))
                self._update(now)
        except IntegrityError as error:
            raise Conflict(CHANGED, code="data_changed") from error
        progress(85, str(_("Keeping what undoing would need")))
        _run(
            "INSERT INTO core_importedrow (batch_id, number, object_id, is_new, before, written_at) "
            "SELECT %s, row_number, coalesce(matched, new_id), matched IS NULL, CASE WHEN matched IS NULL THEN '{}' ELSE before END, %s "
            "FROM import_plan WHERE verb IN ('create', 'update') ORDER BY row_number",
            [self.batch.pk, now],
        )
        told = "SELECT event_id, coalesce(matched, new_id), {data} FROM import_plan WHERE verb = '{verb}'"
        model, importer = self.importer.model, self.importer
        if importer.created_event:
            announce_written(importer.created_event, model=model, rows=told.format(data="'{}'::jsonb", verb="create"))
        if importer.updated_event:
            # The columns that changed, under the names of their fields.
            fields = " || ".join(
                f"CASE WHEN before ? '{field.column}' THEN '[\"{name}\"]'::jsonb ELSE '[]'::jsonb END"
                for name, field in self.fields.items()
            )
            data = f"jsonb_build_object('fields', {fields})"
            announce_written(
                importer.updated_event,
                model=model,
                rows="SELECT event_id, matched, " + data + " FROM import_plan WHERE verb = 'update'",  # noqa: S608 - quoted names of our own tables
            )

    def _insert(self, now: Any) -> None:
        given = {field.name for field in self.fields.values()}
        fixed: dict[str, Any] = {}
        for field in self.importer.model._meta.concrete_fields:
            if field.name in given or field.primary_key or getattr(field, "generated", False):
                continue
            value = now if field.name in {"created_at", "updated_at"} else self.importer.defaults.get(field.name, field.get_default())
            fixed[str(field.column)] = field.get_db_prep_save(value, connection)
        names = ", ".join(["id", *(connection.ops.quote_name(column) for column in fixed), *self.columns.values()])
        values = ", ".join(["s.new_id", *(["%s"] * len(fixed)), *(f"s.{column}" for column in self.columns.values())])
        _run(
            f"INSERT INTO {self.table} ({names}) SELECT {values} FROM import_stage s JOIN import_plan p USING (row_number) "  # noqa: S608 - quoted names of our own tables
            "WHERE p.verb = 'create' ORDER BY row_number",
            list(fixed.values()),
        )

    def _update(self, now: Any) -> None:
        changes = ", ".join(f"{column} = s.{column}" for column in self.columns.values())
        _run(
            f"UPDATE {self.table} t SET updated_at = %s, {changes} FROM import_stage s JOIN import_plan p USING (row_number) "  # noqa: S608 - quoted names of our own tables
            "WHERE p.verb = 'update' AND t.id = p.matched",
            [now],
        )


def _run(sql: str, params: Sequence[Any] | None = None) -> None:
    """One statement. Names in it are the models' own, quoted; values are parameters."""
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
