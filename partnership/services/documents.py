"""Every write of documents and their versions. A removal can be undone; a content is never overwritten."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import structlog
from django.contrib.contenttypes.models import ContentType
from django.db.models import Max
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from core import clock
from core.audit import act
from core.errors import Conflict, Forbidden, Invalid
from core.events import announce
from core.files import inspect
from core.rights import require
from core.states import check_version, lock, write
from core.validation import check_fields, check_known, check_note, check_reason, check_text
from core.virus import scan
from core.wall import elevated
from partnership import events
from partnership.choices import FINISHED_ACTION_STATUSES, CommitmentStatus, DocumentKind, ScanState, Visibility
from partnership.models import Commitment, Convention, Document, DocumentVersion, Organisation
from partnership.permissions.ledger import can_add_document, can_change_document, can_publish_document, manages_conventions
from partnership.querysets import organisations_of, sees_everything
from partnership.services.authors import author

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime
    from uuid import UUID

    from django.core.files.base import File
    from django.db.models import Model

    from core.actors import Actor

log = structlog.get_logger(__name__)

# A round is short: the next one follows in minutes.
PENDING_AT_ONCE: Final = 50
RESTRICTED = frozenset({Visibility.PUBLIC, Visibility.COMMITTEE})


def add_document(
    *,
    organisation: UUID,
    title: str,
    upload: File[Any],
    convention: UUID | None = None,
    kind: str = DocumentKind.OTHER,
    visibility: str = Visibility.PARTIES,
    attached_to: Model | None = None,
    by: Actor,
) -> Document:
    """Keep a file as the first version of a new document, owned by `organisation`, within a convention and on an object when given.

    The file is stored before the commit: after a rollback an orphan file may stay, a missing one never.
    Refuses: a file that `core.files.inspect` refuses, visibility "parties" without a convention, "public" or "committee" to
    anybody but convention managers, an object the actor does not see or of another convention.
    """
    require(can_add_document(by, organisation))
    with act(by=by):
        owner: Organisation = Organisation.objects.visible_to(by).get(pk=organisation)
        return store_document(
            owner=owner, convention=_convention_of(convention, attached_to, by=by), title=title, kind=kind, visibility=visibility,
            upload=upload, attached_to=attached_to, by=by,
        )  # fmt: skip


def store_document(
    *,
    owner: Organisation,
    convention: Convention | None,
    title: str,
    kind: str,
    visibility: str,
    upload: File[Any],
    attached_to: Model | None,
    by: Actor,
) -> Document:
    """The document and its first version, for services that have checked the right to add it. Within the caller's act."""
    document = Document(
        organisation=owner, convention=convention, title=check_text(title, field="title", maximum=300), kind=kind, visibility=visibility
    )
    if attached_to is not None:
        document.object_type = ContentType.objects.get_for_model(attached_to)
        document.object_id = attached_to.pk
    check_fields(document, ["title", "kind", "visibility"])
    _check_visibility(document, by=by)
    document.save(force_insert=True)
    _store_version(document, number=1, upload=upload, note="", by=by)
    announce(events.DOCUMENT_ADDED, about=document, organisations=[owner.pk], kind=kind, visibility=visibility)
    return document


def update_document(
    *, document: UUID, changes: Mapping[str, Any], by: Actor, reason: str = "", version: datetime | None = None
) -> Document:
    """Change title, kind or visibility. Refuses as `add_document` does."""
    reason = check_note(reason, field="reason")
    with act(by=by, reason=reason):
        held: Document = lock(Document.objects.visible_to(by).present(), document)
        require(can_change_document(by, held))
        check_version(held, version)
        check_known(changes, {"title", "kind", "visibility"})
        differing = {name: value for name, value in changes.items() if getattr(held, name) != value}
        if differing:
            for name, value in differing.items():
                setattr(held, name, value)
            check_fields(held, differing)
            if "visibility" in differing:
                _check_visibility(held, by=by)
            write(held, **differing)
    return held


def add_version(*, document: UUID, upload: File[Any], by: Actor, note: str = "", version: datetime | None = None) -> DocumentVersion:
    """Keep a new content; earlier ones stay readable. Numbers follow each other under the document's lock.

    Refuses a file that `core.files.inspect` refuses, and one identical to the latest version.
    """
    note = check_note(note, maximum=300)
    with act(by=by, reason=note):
        held: Document = lock(Document.objects.visible_to(by).present(), document)
        require(can_change_document(by, held))
        check_version(held, version)
        last = held.versions.aggregate(last=Max("number"))["last"] or 0
        added = _store_version(held, number=last + 1, upload=upload, note=note, by=by)
        write(held)
        announce(events.DOCUMENT_VERSION_ADDED, about=held, organisations=[held.organisation_id], number=added.number)
    return added


def remove_document(*, document: UUID, reason: str, by: Actor, version: datetime | None = None) -> Document:
    """Hide a document from everybody but its owner's undo and ONMT; its files stay. `restore_document` takes it back.

    Refuses the owner (not convention managers) when it proves a delivery that is declared, contested or settled.
    """
    reason = check_reason(reason)
    with act(by=by, reason=reason):
        held: Document = lock(Document.objects.visible_to(by).present(), document)
        require(can_change_document(by, held))
        check_version(held, version)
        if not manages_conventions(by) and _proves_something(held):
            raise Conflict(_("This document proves a delivery that has been declared: it stays."), code="document_in_use")
        write(held, removed_at=clock.now())
        announce(events.DOCUMENT_REMOVED, about=held, organisations=[held.organisation_id])
    return held


def restore_document(*, document: UUID, by: Actor) -> Document:
    """Undo a removal. Refuses (409) a document that is not removed."""
    with act(by=by):
        removed = Document.objects.all() if sees_everything(by) else Document.objects.filter(organisation__in=organisations_of(by))
        held = lock(removed, document)
        require(can_change_document(by, held))
        if held.removed_at is None:
            raise Conflict(_("This document has not been removed."), code="not_removed")
        write(held, removed_at=None)
        announce(events.DOCUMENT_RESTORED, about=held, organisations=[held.organisation_id])
    return held


def scan_pending_versions(*, by: Actor) -> int:
    """Scan again the files for which the virus scanner did not answer; gives how many are settled. The system, at each round.

    It stops at the first file for which the scanner still does not answer. An infected file stays, and is never given.
    """
    settled = 0
    for pk in DocumentVersion.objects.filter(scan_state=ScanState.PENDING).order_by("id").values_list("pk", flat=True)[:PENDING_AT_ONCE]:
        with act(by=by, reason=gettext_noop("virus scan")):
            held = lock(DocumentVersion.objects.all(), pk)
            if not held.file.name or not held.file.storage.exists(held.file.name):
                log.error("document_file_missing", version=str(pk))
                continue
            with held.file.open("rb") as stream:
                state = scan(stream)
            if state == ScanState.PENDING:
                break
            write(held, scan_state=state)
            settled += 1
    return settled


def _store_version(document: Document, *, number: int, upload: File[Any], note: str, by: Actor) -> DocumentVersion:
    found = inspect(upload)
    latest = document.versions.order_by("-number").first() if number > 1 else None
    if latest is not None and latest.sha256 == found.sha256:
        raise Invalid(_("This file is identical to the latest version."), code="same_content", field="file")
    kept = DocumentVersion(
        document=document, number=number, filename=found.filename, media_type=found.media_type, size=found.size,
        sha256=found.sha256, scan_state=found.scan_state, uploaded_by=author(by), note=note,
    )  # fmt: skip
    kept.media_suffix = found.suffix
    # Written now, before the row: a row never names a file that is not there.
    kept.file.save(found.filename, upload, save=False)
    kept.save(force_insert=True)
    return kept


def _convention_of(convention: UUID | None, attached_to: Model | None, *, by: Actor) -> Convention | None:
    """The convention a document belongs to: the one given, else its object's. Both must be seen by the actor, and agree."""
    own: UUID | None = None
    if attached_to is not None:
        manager: Any = type(attached_to)._default_manager
        manager.visible_to(by).get(pk=attached_to.pk)
        own = attached_to.pk if isinstance(attached_to, Convention) else getattr(attached_to, "convention_id", None)
    if convention is not None and own is not None and convention != own:
        raise Invalid(_("This object belongs to another convention."), code="foreign_object", field="attached_to")
    pk = convention or own
    if pk is None:
        return None
    if attached_to is not None and own == pk:
        return Convention.objects.get(pk=pk)
    found: Convention = Convention.objects.of_parties(by).get(pk=pk)
    return found


def _check_visibility(document: Document, *, by: Actor) -> None:
    if document.visibility == Visibility.PARTIES and document.convention_id is None:
        raise Invalid(_("Only a document of a convention can be shared with its parties."), code="no_convention", field="visibility")
    if document.visibility in RESTRICTED and not can_publish_document(by):
        raise Forbidden(_("Only a convention manager publishes a document or keeps it for a committee."))


@elevated("a document that proves something stays, even where its owner no longer sees what")
def _proves_something(document: Document) -> bool:
    frozen = {CommitmentStatus.DECLARED, CommitmentStatus.CONTESTED, CommitmentStatus.CONFIRMED, CommitmentStatus.ARBITRATED}
    return (
        document.evidence.filter(commitment__status__in=frozen).exists()
        or document.evidence.filter(action__status__in=FINISHED_ACTION_STATUSES).exists()
        or Commitment.objects.filter(minutes=document).exists()
    )
