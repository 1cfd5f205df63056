"""Documents with their versions and their visibility."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.audit import audited
from core.models import Base
from core.search import search_column, search_index
from partnership.choices import READABLE_SCANS, DocumentKind, ScanState, Visibility
from partnership.models.convention import Convention
from partnership.models.organisation import Organisation
from partnership.querysets import DocumentQuerySet

if TYPE_CHECKING:
    from uuid import UUID


@audited()
class Document(Base):
    """A document that can be attached to any object; its content is its latest version."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="documents", verbose_name=_("owner organisation"))
    convention = models.ForeignKey(
        Convention, on_delete=models.PROTECT, null=True, blank=True, related_name="documents", verbose_name=_("convention")
    )
    title = models.CharField(_("title"), max_length=300)
    kind = models.CharField(_("kind"), max_length=12, choices=DocumentKind.choices, default=DocumentKind.OTHER)
    visibility = models.CharField(_("visibility"), max_length=10, choices=Visibility.choices, default=Visibility.PARTIES)
    object_type = models.ForeignKey(
        ContentType, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("kind of object")
    )
    object_id = models.UUIDField(_("object"), null=True, blank=True)
    attached_to = GenericForeignKey("object_type", "object_id")
    removed_at = models.DateTimeField(_("removed at"), null=True, blank=True)
    search_key = search_column("title")

    objects = DocumentQuerySet.as_manager()

    class Meta:
        verbose_name = _("document")
        verbose_name_plural = _("documents")
        ordering = ["-created_at", "id"]
        indexes = [models.Index(fields=["object_type", "object_id"], name="partnership_doc_object"), search_index("partnership_doc_search")]
        constraints = [
            models.CheckConstraint(
                condition=Q(object_type=None, object_id=None) | Q(object_type__isnull=False, object_id__isnull=False),
                name="partnership_doc_object",
            )
        ]

    def __str__(self) -> str:
        return self.title


def version_path(version: DocumentVersion, filename: str) -> str:
    """Files are named by an id, never by their author: the name given is data, kept in `filename`."""
    suffix = version.media_suffix
    identifier: UUID = version.id
    return f"documents/{identifier.hex[-2:]}/{identifier}{suffix}"


@audited()
class DocumentVersion(Base):
    """One content of a document: never changed, never overwritten."""

    document = models.ForeignKey(Document, on_delete=models.CASCADE, related_name="versions", verbose_name=_("document"))
    number = models.PositiveSmallIntegerField(_("number"))
    file = models.FileField(_("file"), upload_to=version_path)
    filename = models.CharField(_("file name"), max_length=200)
    media_type = models.CharField(_("media type"), max_length=100)
    size = models.PositiveBigIntegerField(_("size (bytes)"))
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    scan_state = models.CharField(_("virus scan"), max_length=12, choices=ScanState.choices, default=ScanState.PENDING)
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("uploaded by")
    )
    note = models.CharField(_("what changed"), max_length=300, blank=True)

    class Meta:
        verbose_name = _("version")
        verbose_name_plural = _("versions")
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["document", "number"], name="partnership_version_number_once"),
            models.CheckConstraint(condition=Q(number__gte=1), name="partnership_version_number"),
            models.CheckConstraint(condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="partnership_version_sha256"),
        ]

    def __str__(self) -> str:
        return f"{self.filename} (v{self.number})"

    @property
    def is_readable(self) -> bool:
        """Whether its file may be given: its scan found nothing, or no scanner is configured."""
        return self.scan_state in READABLE_SCANS

    # Set by the service from the content's real type, before the file is stored.
    media_suffix: str = ".bin"
