"""What a check found or an import did, as people read it: counts, the first errors, the first changes field by field, a workbook."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from django.db import connection, models
from django.utils.translation import gettext as _

from core.history import shown
from core.imports.findings import SHOWN, Finding
from core.tables import Column, Kind, Sheet
from core.workbook import write_workbook

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from core.imports.bulk import Stage
    from core.imports.byservice import Done
    from core.imports.content import Import
    from core.models.imports import ImportBatch

SAMPLE: Final = 20
VERBS: Final = ("create", "update", "same", "skip", "error")


@dataclass(frozen=True, slots=True)
class Outcome:
    """Counts by verb, a digest of what would be written and over what, the first changes, the first errors."""

    counts: dict[str, int]
    fingerprint: str
    sample: list[dict[str, Any]] = field(default_factory=list)
    errors: list[Finding] = field(default_factory=list)

    @property
    def writes(self) -> int:
        """Rows that would be written."""
        return self.counts["create"] + self.counts["update"]


def counted(verbs: Mapping[str, int], findings: int) -> dict[str, int]:
    """Every verb has its count; `findings` counts the errors themselves, several in one row perhaps."""
    return {verb: verbs.get(verb, 0) for verb in VERBS} | {"rows": sum(verbs.values()), "findings": findings}


def of_stage(stage: Stage, errors: Iterable[Finding], findings: int) -> Outcome:
    """What the plan of a bulk import is."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT verb, count(*) FROM import_plan GROUP BY verb")
        counts = counted(dict(cursor.fetchall()), findings)
        cursor.execute(
            # What would be written counts as much as what it replaces: a reference may have moved since, the file being the same.
            "SELECT encode(sha256(convert_to(coalesce(string_agg(concat_ws(':', p.row_number, p.verb, p.matched, p.before, "
            "CASE WHEN p.verb IN ('create', 'update') THEN to_jsonb(s) - ARRAY['new_id', 'event_id'] END), ',' "
            "ORDER BY p.row_number), ''), 'UTF8')), 'hex') FROM import_plan p JOIN import_stage s USING (row_number)"
        )
        fingerprint = cursor.fetchone()[0]
    return Outcome(counts, fingerprint, _staged_sample(stage), list(errors))


def _staged_sample(stage: Stage) -> list[dict[str, Any]]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT * FROM (SELECT p.row_number, p.verb, p.matched, p.before, to_jsonb(s), "
            "row_number() OVER (PARTITION BY p.verb ORDER BY p.row_number) AS nth "
            "FROM import_plan p JOIN import_stage s USING (row_number) WHERE p.verb IN ('create', 'update')) x "
            "WHERE nth <= %s ORDER BY verb DESC, row_number",
            [SAMPLE],
        )
        rows = cursor.fetchall()
    decode = _json_decoder()
    model = stage.importer.model
    found = model._default_manager.in_bulk([row[2] for row in rows if row[2] is not None])
    pairs = []
    for number, verb, matched, before, after, _nth in rows:
        old, new = decode(before), decode(after)
        columns = old if verb == "update" else {item.column for item in stage.fields.values()}
        differing = {
            name: (item.to_python(old.get(item.column)), item.to_python(new[item.column]))
            for name, item in stage.fields.items()
            if item.column in columns
        }
        pairs.append((number, verb, found.get(matched), differing))
    return described(stage.importer, pairs)


def _json_decoder() -> Any:
    import json

    return lambda value: json.loads(value) if isinstance(value, str) else value


def of_rows(importer: Import, done: Done, errors: Iterable[Finding], findings: int) -> Outcome:
    """What rows written one by one became."""
    updates = [change for change in done.changes if change[1] == "update"][:SAMPLE]
    creates: list[Any] = [(row, verb, None, {}) for row, verb, _found, _differing in done.changes if verb == "create"][:SAMPLE]
    return Outcome(counted(done.verbs, findings), done.digest.hexdigest(), described(importer, [*updates, *creates]), list(errors))


def described(importer: Import, pairs: Sequence[tuple[int, str, Any, Mapping[str, tuple[Any, Any]]]]) -> list[dict[str, Any]]:
    """Changes with the words of the reader: the row, what object, and (field, before, after) of each."""
    fields: dict[str, Any] = {item.name: item for item in importer.model._meta.concrete_fields}
    names = _names(fields, pairs)
    return [
        {
            "row": number,
            "verb": verb,
            "about": str(found) if found is not None else "",
            "changes": [
                [str(fields[name].verbose_name), *(shown(fields[name], _plain(value), names) for value in pair)]
                for name, pair in differing.items()
                if name in fields and (verb == "update" or pair[1] not in (None, "", []))
            ],
        }
        for number, verb, found, differing in pairs
    ]


def _plain(value: Any) -> Any:
    return value.pk if isinstance(value, models.Model) else value


def _names(fields: Mapping[str, Any], pairs: Sequence[tuple[int, str, Any, Mapping[str, tuple[Any, Any]]]]) -> dict[tuple[Any, Any], str]:
    """The names of everything the changes refer to: one query for each kind of object."""
    wanted: dict[Any, set[Any]] = {}
    for *_rest, differing in pairs:
        for name, pair in differing.items():
            if isinstance(fields.get(name), models.ForeignKey):
                wanted.setdefault(fields[name].related_model, set()).update(_plain(value) for value in pair if value is not None)
    return {(model, pk): str(row) for model, keys in wanted.items() for pk, row in model._default_manager.in_bulk(keys).items()}


def digest_of_file(path: Path) -> str:
    """The SHA-256 of a file as it is now."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def write_findings(batch: ImportBatch, outcome: Outcome, listed: Iterable[Finding], destination: Path, *, language: str) -> None:
    """The workbook of a check or of an application: what is to correct, and the first changes."""
    notes = [
        (_("File"), batch.filename),
        (_("Rows"), str(outcome.counts["rows"])),
        (_("Errors"), str(outcome.counts["findings"])),
    ]
    errors = Sheet(
        name=_("Errors"),
        columns=[
            Column(_("Row"), Kind.INTEGER, 8), Column(_("Column"), Kind.TEXT, 10), Column(_("Heading"), Kind.TEXT, 24),
            Column(_("What stands there"), Kind.TEXT, 30), Column(_("What is wrong"), Kind.TEXT, 70),
        ],
        rows=((one.row, one.letter, one.heading, one.value, one.sentence) for one in listed),
        notes=notes,
    )  # fmt: skip
    verbs = {"create": _("Create"), "update": _("Change")}
    changes = Sheet(
        name=_("First changes"),
        columns=[
            Column(_("Row"), Kind.INTEGER, 8), Column(_("What happens"), Kind.TEXT, 14), Column(_("Object"), Kind.TEXT, 36),
            Column(_("Field"), Kind.TEXT, 24), Column(_("Before"), Kind.TEXT, 30), Column(_("After"), Kind.TEXT, 30),
        ],
        rows=[
            (entry["row"], verbs[entry["verb"]], entry["about"], *change)
            for entry in outcome.sample
            for change in entry["changes"] or [["", "", ""]]
        ],
    )  # fmt: skip
    write_workbook([errors, changes], destination, language=language, title=_("Import"), author=_("ONMT–CNT portal"))


__all__ = ["SHOWN", "Outcome", "digest_of_file", "of_rows", "of_stage", "write_findings"]
