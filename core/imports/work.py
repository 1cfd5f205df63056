"""The three jobs of an import: check a file (and take everything back), apply it, undo it. Each is one transaction."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, ClassVar, Final
from uuid import UUID

from django.core.files.storage import default_storage
from django.db import connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from core import clock
from core.audit import act
from core.errors import Conflict, Invalid, Refusal
from core.files import MEDIA_TYPES
from core.imports import byservice, outcome
from core.imports.bulk import CHANGED, Stage
from core.imports.content import BulkImport, ServiceImport, imports
from core.imports.findings import SHOWN, Findings
from core.imports.headings import propose
from core.imports.reading import open_table
from core.imports.rows import check_columns, readers_of
from core.imports.undoing import undo_rows
from core.jobs import Made
from core.models.imports import IMPORT_TRANSITIONS, Existing, ImportBatch, ImportMapping, ImportState
from core.reports import filename
from core.states import check_transition, lock, write
from core.validation import check_reason

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from core.actors import Actor
    from core.imports.content import Import
    from core.imports.outcome import Outcome
    from core.imports.reading import Table
    from core.models import Job
    from core.progress import Progress

# A statement over 100,000 rows with their audit trail takes some ten seconds; a page's statements have fifteen.
_STATEMENTS: Final = (
    "SET LOCAL statement_timeout = '10min'; SET LOCAL idle_in_transaction_session_timeout = '10min'; "
    "DROP TABLE IF EXISTS import_stage, import_match, import_plan, import_error"
)


class _TakenBack(Exception):  # noqa: N818 - not an error: how a check ends
    """Everything that a check wrote is rolled back."""


class ImportWork:
    """What the three have in common: the batch is one's own, and its kind still open to one."""

    kind: ClassVar[str]
    title: ClassVar[Any]

    def clean(self, params: Mapping[str, Any], *, by: Actor) -> dict[str, Any]:
        """The batch and its revision, as text."""
        try:
            return {"batch": str(UUID(str(params["batch"]))), "revision": int(params["revision"])}
        except (KeyError, ValueError) as error:
            raise Invalid(_("There is no such import."), code="invalid", field="batch") from error

    def may_request(self, user: Actor, params: Mapping[str, Any]) -> bool:
        """Whoever brought the file, while such files are open to them."""
        batch = ImportBatch.objects.visible_to(user).filter(pk=params["batch"]).first()
        importer = imports().get(batch.kind) if batch is not None else None
        return importer is not None and importer.may_import(user)

    def delivered(self, job: Job) -> None:
        """Nothing more: whoever asked is looking at the progress bar."""


class CheckWork(ImportWork):
    """Read the file and say everything that applying it would do; nothing is written."""

    kind = "import-check"
    title = gettext_lazy("Check of an import")

    def run(self, job: Job, *, by: Actor, draft: Path, progress: Progress) -> Made:
        """Do everything, then take it back; what was found is kept with the batch."""
        batch: ImportBatch = ImportBatch.objects.get(pk=job.params["batch"])
        if batch.revision != job.params["revision"] or batch.state not in {ImportState.RECEIVED, ImportState.CHECKED}:
            raise Conflict(_("Something else was chosen meanwhile: look at the latest check."), code="older_revision")
        importer = imports()[batch.kind]
        found: list[Outcome] = []
        with progress.beside():
            try:
                with transaction.atomic():
                    found.append(_examine(importer, batch, by=by, progress=progress, apply=False))
                    outcome.write_findings(batch, found[0], Findings.listed(), draft, language=job.language)
                    raise _TakenBack
            except _TakenBack:
                pass
            except Refusal:
                # Its headings and sheets, when they were read: the other columns can then be chosen by hand.
                ImportBatch.objects.filter(pk=batch.pk, revision=batch.revision).update(
                    headings=batch.headings, found=batch.found, mapping=batch.mapping
                )
                raise
        self._keep(batch, found[0], by=by)
        return _made(batch, _("Check"))

    def _keep(self, batch: ImportBatch, found: Outcome, *, by: Actor) -> None:
        with act(by=by):
            held = lock(ImportBatch.objects.all(), batch.pk)
            if held.revision != batch.revision:
                raise Conflict(_("Something else was chosen meanwhile: look at the latest check."), code="older_revision")
            if held.state == ImportState.RECEIVED:
                check_transition(IMPORT_TRANSITIONS, current=held.state, to=ImportState.CHECKED)
            write(
                held, state=ImportState.CHECKED, checked_at=clock.now(), counts=found.counts, fingerprint=found.fingerprint,
                sample=found.sample, errors=[one.as_json() for one in found.errors], headings=batch.headings, found=batch.found,
                mapping=batch.mapping,
            )  # fmt: skip


class ApplyWork(ImportWork):
    """Write what the check showed, or nothing at all."""

    kind = "import-apply"
    title = gettext_lazy("Import")

    def run(self, job: Job, *, by: Actor, draft: Path, progress: Progress) -> Made:
        """One transaction: the rows, their audit trail, what undoing needs, and the batch's own state."""
        importer = imports()[ImportBatch.objects.get(pk=job.params["batch"]).kind]
        with progress.beside(), act(by=by, reason=_("import"), import_batch=job.params["batch"]):
            batch: ImportBatch = lock(ImportBatch.objects.all(), UUID(job.params["batch"]))
            if batch.state == ImportState.APPLIED and batch.apply_job_id == job.pk:  # done by an attempt that died before saying so
                _write_applied(batch, draft, language=job.language)
                return _made(batch, _("Import"))
            check_transition(IMPORT_TRANSITIONS, current=batch.state, to=ImportState.APPLIED)
            if batch.revision != job.params["revision"]:
                raise Conflict(CHANGED, code="older_revision")
            if outcome.digest_of_file(_path(batch)) != batch.sha256:
                raise Conflict(_("The file is no longer the one that was checked: bring it again."), code="file_changed")
            found = _examine(importer, batch, by=by, progress=progress, apply=True)
            refuse_errors(found.counts, leaves_errors_out=batch.leaves_errors_out)
            now = clock.now()
            write(batch, state=ImportState.APPLIED, applied_at=now, apply_job_id=job.pk, counts=found.counts, sample=found.sample)
            outcome.write_findings(batch, found, Findings.listed(), draft, language=job.language)
            progress.hold()
        return _made(batch, _("Import"))


class UndoWork(ImportWork):
    """Take back what an import did, all of it or nothing."""

    kind = "import-undo"
    title = gettext_lazy("Undoing of an import")

    def clean(self, params: Mapping[str, Any], *, by: Actor) -> dict[str, Any]:
        """Also the reason."""
        return super().clean(params, by=by) | {"reason": check_reason(params.get("reason"))}

    def run(self, job: Job, *, by: Actor, draft: Path, progress: Progress) -> Made:
        """One transaction; what prevents it is named."""
        importer = imports()[ImportBatch.objects.get(pk=job.params["batch"]).kind]
        reason = job.params["reason"]
        with progress.beside(), act(by=by, reason=reason, import_batch=job.params["batch"]):
            batch: ImportBatch = lock(ImportBatch.objects.all(), UUID(job.params["batch"]))
            if batch.state != ImportState.UNDONE:
                check_transition(IMPORT_TRANSITIONS, current=batch.state, to=ImportState.UNDONE)
                _statements()
                undo_rows(importer, batch, by=by, progress=progress)
                write(batch, state=ImportState.UNDONE, undone_at=clock.now(), undo_reason=reason)
            _write_applied(batch, draft, language=job.language)
            progress.hold()
        return _made(batch, _("Import undone"))


def refuse_errors(counts: Mapping[str, int], *, leaves_errors_out: bool) -> None:
    """Refuse to apply a file with errors that nobody chose to leave out, or one that changes nothing."""
    if counts.get("findings") and not leaves_errors_out:
        raise Conflict(_("There are errors: correct the file, or choose to leave those rows out."), code="errors_left")
    if not counts.get("create") and not counts.get("update"):
        raise Conflict(_("There is nothing to write: every row is already as in the file."), code="nothing_to_write")


def _statements() -> None:
    with connection.cursor() as cursor:
        cursor.execute(_STATEMENTS)


def _examine(importer: Import, batch: ImportBatch, *, by: Actor, progress: Progress, apply: bool) -> Outcome:
    """Read, check and compare within the caller's transaction; with `apply`, write too, exactly what the check showed.

    What is written through services is written by a check too, which takes it back: nothing else knows their every rule.
    """
    _statements()
    columns = importer.columns(by)
    chosen = {"encoding": batch.encoding, "separator": batch.separator, "sheet": batch.sheet}
    with open_table(_path(batch), suffix=batch.suffix, known=importer.known(by), sheets=importer.sheet_names(), **chosen) as table:
        _recognise(batch, table, importer, by=by)
        check_columns(columns, batch.mapping)
        readers = readers_of(columns, batch.mapping)
        findings = Findings(batch.headings, {reader.name: reader.place for reader in readers})
        findings.of_table(table)
        if isinstance(importer, BulkImport):
            stage = Stage(importer, readers, batch=batch, by=by)
            stage.fill(table, findings, progress)
            stage.match(locked=apply)
            stage.check(findings)
            stage.plan(updates=batch.existing == Existing.UPDATE)
            result = outcome.of_stage(stage, Findings.listed(SHOWN), Findings.count())
            if apply:
                byservice.same_outcome(batch, result.fingerprint)
                stage.write(progress)
            return result
        assert isinstance(importer, ServiceImport)
        done = byservice.run_rows(importer, table, readers, findings, batch=batch, by=by, progress=progress)
        result = outcome.of_rows(importer, done, Findings.listed(SHOWN), Findings.count())
        if apply:
            byservice.same_outcome(batch, result.fingerprint)
            byservice.keep(batch, done)
        return result


def _recognise(batch: ImportBatch, table: Table, importer: Import, *, by: Actor) -> None:
    """Set what the file is; propose its columns where nobody chose them yet."""
    batch.headings, batch.found = table.headings, table.found | {"heading_row": table.heading_row}
    if not batch.mapping:
        remembered = ImportMapping.objects.filter(user=batch.requested_by_id, kind=batch.kind).first()
        batch.mapping = propose(table.headings, importer.columns(by), remembered=remembered.headings if remembered else {})


def _path(batch: ImportBatch) -> Path:
    from pathlib import Path

    if not batch.file:
        raise Conflict(_("The file is no longer kept: bring it again."), code="file_gone")
    return Path(default_storage.path(str(batch.file.name)))


def _write_applied(batch: ImportBatch, draft: Path, *, language: str) -> None:
    done = outcome.Outcome(batch.counts, batch.fingerprint, batch.sample)
    outcome.write_findings(batch, done, (), draft, language=language)


def _made(batch: ImportBatch, title: str) -> Made:
    stem = os.path.splitext(batch.filename)[0]
    return Made(filename=filename(f"{title} {stem}", clock.now(), ".xlsx"), media_type=MEDIA_TYPES[".xlsx"], suffix=".xlsx")


WORKS: Final = (CheckWork(), ApplyWork(), UndoWork())
