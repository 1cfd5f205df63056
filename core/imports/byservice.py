"""Rows written one by one through services: each with its own rights, messages and events. A check does the same, then takes it back."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from django.core.exceptions import ObjectDoesNotExist
from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError, transaction
from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from core.errors import Conflict, Invalid, Refusal
from core.imports.bulk import NOT_FOUND, TWICE
from core.imports.content import jsonable
from core.imports.rows import read_rows
from core.models.imports import Existing, ImportBatch, ImportedRow

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from core.actors import Actor
    from core.imports.content import ServiceImport, Touched
    from core.imports.findings import Findings
    from core.imports.reading import Table
    from core.imports.rows import Reader, ReadRow

_EVERY: Final = 10


@dataclass(slots=True)
class Done:
    """What became of the rows: their verbs, what was written, and a digest of the whole outcome."""

    verbs: dict[str, int] = field(default_factory=dict)
    changes: list[tuple[int, str, Any, dict[str, tuple[Any, Any]]]] = field(default_factory=list)
    touched: list[tuple[int, Touched]] = field(default_factory=list)
    digest: Any = field(default_factory=hashlib.sha256)

    def tell(self, row: int, verb: str, found: Any, differing: dict[str, tuple[Any, Any]], plain: Any) -> None:
        """Count, and add to the digest what decides: the row, the verb, the object, what is replaced and what is written."""
        self.verbs[verb] = self.verbs.get(verb, 0) + 1
        pk = str(found.pk) if found is not None else ""
        self.digest.update(json.dumps([row, verb, pk, plain], cls=DjangoJSONEncoder, sort_keys=True).encode())
        if verb in {"create", "update"}:
            self.changes.append((row, verb, found, differing))


def run_rows(
    importer: ServiceImport,
    table: Table,
    readers: Sequence[Reader],
    findings: Findings,
    *,
    batch: ImportBatch,
    by: Actor,
    progress: Callable[[int, str], None],
) -> Done:
    """Write every row that can be, within the caller's transaction, each in a savepoint of its own."""
    done = Done()
    met: dict[Any, int] = {}
    label = str(_("Trying each row"))
    for count, row in enumerate(read_rows(importer, table, readers, findings, by=by)):
        if count % _EVERY == 0:
            progress(5 + int(85 * min(1.0, table.done())), label)
        try:
            if row.bad:
                raise _AlreadyTold
            _run_row(importer, row, done, met, batch=batch, by=by)
        except _AlreadyTold:
            done.tell(row.number, "error", None, {}, "")
        except Refusal as refusal:
            _refuse(findings, done, row, refusal)
        except ObjectDoesNotExist:
            _refuse(findings, done, row, Invalid(NOT_FOUND, code="unknown"))
        except IntegrityError:
            _refuse(findings, done, row, Invalid(_("The database refuses this row."), code="database"))
    findings.store()
    return done


class _AlreadyTold(Exception):  # noqa: N818 - no error: its findings are already written
    """A cell of the row was refused."""


def _refuse(findings: Findings, done: Done, row: ReadRow, refusal: Refusal) -> None:
    name = refusal.field or ""
    findings.add(row.number, name, row.cells[name] if name else "", refusal)
    done.tell(row.number, "error", None, {}, refusal.code)


def _run_row(importer: ServiceImport, row: ReadRow, done: Done, met: dict[Any, int], *, batch: ImportBatch, by: Actor) -> None:
    values = row.values
    found: Any = importer.find(values, by=by)
    if found is not None and met.setdefault(found.pk, row.number) != row.number:
        raise Invalid(TWICE, code="twice", field="id")
    differing = importer.differing(found, values) if found is not None else {}
    if found is None:
        verb = "create"
    elif batch.existing == Existing.SKIP:
        verb = "skip"
    else:
        verb = "update" if differing else "same"
    replaced = jsonable(importer.model, {name: pair[0] for name, pair in differing.items()}) if verb == "update" else ""
    plain = [replaced, _named(values)] if verb in {"create", "update"} else ""
    if verb in {"create", "update"}:
        with transaction.atomic():
            after = {name: pair[1] for name, pair in differing.items()}
            wrote = importer.create(values, by=by) if verb == "create" else importer.update(found, after, values, by=by)
        for one in wrote:
            # What was created earlier in the same file is the same row again.
            met.setdefault(one.object_id, row.number)
        done.touched += [(row.number, one) for one in wrote]
    done.tell(row.number, verb, found, differing, plain)


def _named(values: dict[str, Any]) -> dict[str, Any]:
    """The row's values, an object by its key: the same word of the file may name another object at the second reading."""
    return {name: str(value.pk) if isinstance(value, Model) else value for name, value in values.items()}


def keep(batch: ImportBatch, done: Done) -> None:
    """What undoing needs, once for each row written."""
    rows: dict[Any, ImportedRow] = {}
    for number, one in done.touched:
        held = rows.get(one.object_id)
        if held is None:
            rows[one.object_id] = ImportedRow(
                batch=batch, number=number, object_id=one.object_id, is_new=one.is_new, before=dict(one.before), written_at=one.written_at
            )
            continue
        # Written twice: what it was before the first time, as it is after the last.
        held.before = held.before if held.is_new else {**one.before, **held.before}
        held.written_at = one.written_at
    ImportedRow.objects.bulk_create(rows.values(), batch_size=500)


def same_outcome(batch: ImportBatch, fingerprint: str) -> None:
    """Refuse to apply something else than what the check showed."""
    if batch.fingerprint != fingerprint:
        raise Conflict(_("The data changed since the check, and the outcome with it: check the file again."), code="data_changed")
