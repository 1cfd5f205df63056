"""Every write of an import: bringing a file, choosing its columns, applying, undoing, abandoning. The work itself is done by jobs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext as _

from core import clock
from core.audit import act
from core.errors import Conflict, Invalid
from core.files import inspect
from core.imports.content import Import, imports
from core.imports.headings import fold
from core.imports.reading import ENCODINGS, SEPARATORS, is_table, open_table
from core.imports.work import ApplyWork, CheckWork, UndoWork, refuse_errors
from core.jobs import cancel_job, request_job
from core.models.imports import FILE_KEPT, IMPORT_TRANSITIONS, Existing, ImportBatch, ImportMapping, ImportState
from core.states import check_transition, lock, write
from core.validation import check_known, check_reason, check_text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from django.core.files.base import File

    from core.actors import Actor
    from core.models import Job

# A workbook of 100,000 rows unpacks to some 80 MB; the process that reads it has its own limit.
UNPACKED = 200 * 1024 * 1024
CHOICES = frozenset({"encoding", "separator", "sheet", "existing", "leaves_errors_out", "mapping"})


def open_import(*, kind: str, upload: File[Any], by: Actor, existing: str = Existing.UPDATE) -> ImportBatch:
    """Keep a file and ask for its check. Refuses: a kind not open to `by` (DoesNotExist), a file that is no table, an unreadable one."""
    importer = _open(kind, by)
    inspected = inspect(upload, is_text=is_table, unpacked=UNPACKED)
    if inspected.suffix not in {".csv", ".xlsx"}:
        raise Invalid(_("Bring a table: a CSV file or an Excel workbook (xlsx)."), code="type_refused", field="file")
    if existing not in Existing:
        raise Invalid(_("Choose one of the list."), code="invalid_choice", field="existing")
    with act(by=by):
        batch = ImportBatch(
            kind=kind, requested_by_id=by.pk, filename=inspected.filename, suffix=inspected.suffix, size=inspected.size,
            sha256=inspected.sha256, existing=existing,
        )  # fmt: skip
        batch.file.save(f"imports/{batch.pk.hex[-2:]}/{batch.pk}{inspected.suffix}", upload, save=False)
        try:
            if inspected.suffix == ".csv":
                _look_at_headings(batch, importer, by=by)
            batch.save(force_insert=True)
            _ask_check(batch, by=by)
        except BaseException:
            batch.file.delete(save=False)
            raise
    return batch


def choose_in_import(*, batch: UUID, choices: Mapping[str, Any], by: Actor) -> ImportBatch:
    """Change what is read of a file and how (`CHOICES`), then check it again; the columns are remembered for the next one.

    `mapping`: column number in the file → field, empty to leave it out. Refuses: one field twice, an unknown one, a batch applied.
    """
    check_known(choices, CHOICES)
    with act(by=by):
        held = _held(batch, by=by)
        if held.state == ImportState.CHECKED:
            check_transition(IMPORT_TRANSITIONS, current=held.state, to=ImportState.RECEIVED)
        elif held.state != ImportState.RECEIVED:
            raise Conflict(_("This import is no longer being prepared."), code="forbidden_transition")
        changes = {name: _chosen(name, value, held, by=by) for name, value in choices.items()}
        if "mapping" in changes:
            _remember(held, changes["mapping"], by=by)
        if changes.get("sheet", held.sheet) != held.sheet or changes.get("separator", held.separator) != held.separator:
            changes["mapping"] = {}  # the columns are others
        write(held, state=ImportState.RECEIVED, revision=held.revision + 1, **changes)
        _ask_check(held, by=by)
    return held


def apply_import(*, batch: UUID, by: Actor) -> Job:
    """Ask for a checked file to be written. Refuses: one not checked, errors that nobody chose to leave out, nothing to write.

    Asked twice, it is one job; the job refuses when the file or the data changed since the check.
    """
    with act(by=by):
        held = _held(batch, by=by)
        check_transition(IMPORT_TRANSITIONS, current=held.state, to=ImportState.APPLIED)
        refuse_errors(held.counts, leaves_errors_out=held.leaves_errors_out)
        if held.apply_job is not None and held.apply_job.params.get("revision") == held.revision and not held.apply_job.is_finished:
            return held.apply_job
        attempt = 1 if held.apply_job is None else int(held.apply_job.unique_key.rpartition("-")[2]) + 1
        params = {"batch": str(held.pk), "revision": held.revision}
        job = request_job(kind=ApplyWork.kind, params=params, by=by, unique=f"{held.pk}-{held.revision}-{attempt}")
        write(held, apply_job=job)
    return job


def undo_import(*, batch: UUID, reason: str, by: Actor) -> Job:
    """Ask for an applied import to be taken back, with a reason. The job refuses, naming them, when rows changed or are needed since."""
    reason = check_reason(reason)
    with act(by=by, reason=reason):
        held = _held(batch, by=by)
        check_transition(IMPORT_TRANSITIONS, current=held.state, to=ImportState.UNDONE)
        if held.undo_job is not None and not held.undo_job.is_finished:
            return held.undo_job
        params = {"batch": str(held.pk), "revision": held.revision, "reason": reason}
        job = request_job(kind=UndoWork.kind, params=params, by=by)
        write(held, undo_job=job)
    return job


def abandon_import(*, batch: UUID, by: Actor) -> ImportBatch:
    """Give up a file that was not applied: a check or an application under way is cancelled, the file is deleted."""
    with act(by=by):
        held = _held(batch, by=by)
        check_transition(IMPORT_TRANSITIONS, current=held.state, to=ImportState.ABANDONED)
        for job in (held.check_job, held.apply_job):
            if job is not None and not job.is_finished:
                cancel_job(job=job.pk, by=by)
        storage, name = held.file.storage, held.file.name
        write(held, state=ImportState.ABANDONED, file="")
        if name:
            # Once it is true: a transaction that fails keeps its file.
            transaction.on_commit(lambda: storage.delete(name))
    return held


def forget_files(*, by: Actor) -> int:
    """Delete the files older than 30 days; the batch, its counts and what undoing needs stay. Gives how many."""
    deleted = 0
    for batch in ImportBatch.objects.exclude(file="").filter(created_at__lte=clock.now() - FILE_KEPT)[:200]:
        batch.file.delete(save=False)
        with act(by=by):
            write(batch, file="")
        deleted += 1
    return deleted


def _open(kind: str, by: Actor) -> Import:
    """The kind, when it is open to `by`; otherwise it does not exist."""
    importer = imports().get(kind)
    if importer is None or not importer.may_import(by):
        raise ImportBatch.DoesNotExist
    return importer


def _held(batch: UUID, *, by: Actor) -> ImportBatch:
    held: ImportBatch = lock(ImportBatch.objects.visible_to(by), batch)
    _open(held.kind, by)
    return held


def _ask_check(batch: ImportBatch, *, by: Actor) -> None:
    params = {"batch": str(batch.pk), "revision": batch.revision}
    job = request_job(kind=CheckWork.kind, params=params, by=by, unique=f"{batch.pk}-{batch.revision}")
    write(batch, check_job=job)


def _look_at_headings(batch: ImportBatch, importer: Import, *, by: Actor) -> None:
    """What can be said of a text at once: its encoding, an empty table, too many columns. The rows are the job's matter."""
    from pathlib import Path

    from django.core.files.storage import default_storage

    path = Path(default_storage.path(str(batch.file.name)))
    with open_table(path, suffix=batch.suffix, known=importer.known(by), sheets=frozenset()) as table:
        batch.headings, batch.found = table.headings, table.found


def _chosen(name: str, value: Any, batch: ImportBatch, *, by: Actor) -> Any:
    """One choice, checked."""
    accepted: Mapping[str, Any] = {"encoding": ("", *ENCODINGS), "separator": ("", *SEPARATORS), "existing": Existing.values}
    if name in accepted and value not in accepted[name]:
        raise Invalid(_("Choose one of the list."), code="invalid_choice", field=name)
    if name == "leaves_errors_out":
        return bool(value)
    if name == "sheet":
        return check_text(value, field="sheet", minimum=0, maximum=100)
    if name != "mapping":
        return value
    names = {column.name for column in _open(batch.kind, by).columns(by)}
    mapping = {str(place): field for place, field in value.items() if field}
    for place, field in mapping.items():
        if field not in names or not place.isdecimal() or int(place) >= len(batch.headings):
            raise Invalid(_("Choose one of the list."), code="invalid_choice", field=f"column_{place}")
        if list(mapping.values()).count(field) > 1:
            raise Invalid(_("Two columns are given the same field: keep one."), code="field_twice", field=f"column_{place}")
    return mapping


def _remember(batch: ImportBatch, mapping: Mapping[str, str], *, by: Actor) -> None:
    headings = {fold(heading): mapping.get(str(place), "") for place, heading in enumerate(batch.headings) if fold(heading)}
    kept, _created = ImportMapping.objects.select_for_update().get_or_create(user_id=by.pk, kind=batch.kind)
    # The latest hundred: a heading met once stays known, and the row stays small.
    kept.headings = dict(list((kept.headings | headings).items())[-100:])
    kept.save(update_fields=["headings", "updated_at"])
