"""Imports: the file somebody brought, what checking it said, what applying it did, and what is needed to undo it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from core.audit import audited
from core.models.base import Base
from core.models.job import Job

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.actors import Actor

FILE_KEPT: Final = timedelta(days=30)


class ImportState(models.TextChoices):
    """The life of an import."""

    RECEIVED = "received", pgettext_lazy("an import", "Received")
    CHECKED = "checked", pgettext_lazy("an import", "Checked")
    APPLIED = "applied", pgettext_lazy("an import", "Applied")
    UNDONE = "undone", pgettext_lazy("an import", "Undone")
    ABANDONED = "abandoned", pgettext_lazy("an import", "Abandoned")


# Back to received: another column, sheet or choice asks for another check.
IMPORT_TRANSITIONS: Final[Mapping[str, frozenset[str]]] = {
    ImportState.RECEIVED: frozenset({ImportState.CHECKED, ImportState.ABANDONED}),
    ImportState.CHECKED: frozenset({ImportState.RECEIVED, ImportState.APPLIED, ImportState.ABANDONED}),
    ImportState.APPLIED: frozenset({ImportState.UNDONE}),
    ImportState.UNDONE: frozenset(),
    ImportState.ABANDONED: frozenset(),
}


class Existing(models.TextChoices):
    """What happens to a row of the file that the portal already has."""

    UPDATE = "update", _("Bring them up to date")
    SKIP = "skip", _("Leave them as they are")


class ImportQuerySet(models.QuerySet["ImportBatch"]):
    """Imports, found by who may see them."""

    def visible_to(self, user: Actor) -> Any:
        """One's own: a file may hold what others must not read."""
        if user.pk is None or not user.is_authenticated or not user.is_active:
            return self.none()
        return self.filter(requested_by=user.pk)


@audited(exclude=["headings", "errors", "sample", "updated_at"])
class ImportBatch(Base):
    """One file brought to be imported, with the choices made for it. `revision` grows with each new choice: a check is of one revision."""

    kind = models.CharField(_("kind"), max_length=60)
    requested_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", verbose_name=_("brought by")
    )  # fmt: skip
    state = models.CharField(_("state"), max_length=10, choices=ImportState.choices, default=ImportState.RECEIVED)
    file = models.FileField(_("file"), max_length=200, blank=True)
    filename = models.CharField(_("file name"), max_length=200)
    suffix = models.CharField(_("type"), max_length=5)
    size = models.PositiveBigIntegerField(_("size (bytes)"))
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    revision = models.PositiveIntegerField(_("revision"), default=1)
    encoding = models.CharField(_("encoding"), max_length=20, blank=True, help_text=_("Empty: told from the file"))
    separator = models.CharField(_("separator"), max_length=1, blank=True, help_text=_("Empty: told from the file"))
    sheet = models.CharField(_("sheet"), max_length=100, blank=True, help_text=_("Empty: told from the file"))
    mapping = models.JSONField(_("columns chosen"), default=dict, blank=True, help_text=_("Column number in the file → field"))
    existing = models.CharField(_("rows that exist"), max_length=6, choices=Existing.choices, default=Existing.UPDATE)
    leaves_errors_out = models.BooleanField(_("leaves out the rows with errors"), default=False)
    headings = models.JSONField(_("headings"), default=list, blank=True)
    found = models.JSONField(_("what the file is"), default=dict, blank=True)
    counts = models.JSONField(_("counts"), default=dict, blank=True)
    errors = models.JSONField(_("first errors"), default=list, blank=True, encoder=DjangoJSONEncoder)
    sample = models.JSONField(_("first changes"), default=list, blank=True, encoder=DjangoJSONEncoder)
    fingerprint = models.CharField(_("fingerprint of the outcome"), max_length=64, blank=True)
    check_job = models.ForeignKey(Job, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("check"))
    apply_job = models.ForeignKey(Job, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("application"))
    undo_job = models.ForeignKey(Job, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", verbose_name=_("undoing"))
    checked_at = models.DateTimeField(_("checked at"), null=True, blank=True)
    applied_at = models.DateTimeField(_("applied at"), null=True, blank=True)
    undone_at = models.DateTimeField(_("undone at"), null=True, blank=True)
    undo_reason = models.CharField(_("reason of the undoing"), max_length=500, blank=True)

    objects = ImportQuerySet.as_manager()

    class Meta:
        verbose_name = pgettext_lazy("noun", "import")
        verbose_name_plural = pgettext_lazy("noun", "imports")
        ordering = ["-created_at", "-id"]
        indexes = [
            models.Index(fields=["requested_by", "-created_at"], name="core_import_mine"),
            models.Index(fields=["created_at"], condition=~Q(file=""), name="core_import_kept"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(sha256__regex=r"^[0-9a-f]{64}$"), name="core_import_sha256"),
            models.CheckConstraint(
                condition=~Q(state__in=["checked", "applied", "undone"]) | (Q(checked_at__isnull=False) & ~Q(fingerprint="")),
                name="core_import_checked",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["applied", "undone"]) ^ Q(applied_at__isnull=True), name="core_import_applied"
            ),
            models.CheckConstraint(
                condition=(Q(state="undone", undone_at__isnull=False) & ~Q(undo_reason=""))
                | (~Q(state="undone") & Q(undone_at=None, undo_reason="")),
                name="core_import_undone",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.filename


class ImportedRow(models.Model):
    """What an import did to one row: enough to undo it. Written once, in bulk, with the rows themselves."""

    id = models.BigAutoField(_("identifier"), primary_key=True)
    batch = models.ForeignKey(ImportBatch, on_delete=models.PROTECT, related_name="rows", verbose_name=pgettext_lazy("noun", "import"))
    number = models.PositiveIntegerField(_("row of the file"))
    object_id = models.UUIDField(_("object"))
    is_new = models.BooleanField(_("created"))
    before = models.JSONField(
        _("values before"), default=dict, blank=True, help_text=_("Of the columns that changed, as the database had them")
    )
    written_at = models.DateTimeField(_("written at"), help_text=_("The row's own mark of its last change"))

    class Meta:
        verbose_name = _("imported row")
        verbose_name_plural = _("imported rows")
        constraints = [
            models.UniqueConstraint(fields=["batch", "object_id"], name="core_importedrow_once"),
            models.CheckConstraint(condition=Q(is_new=False) | Q(before={}), name="core_importedrow_before"),
        ]

    def __str__(self) -> str:
        return f"{self.batch_id} {self.number}"


class ImportMapping(Base):
    """How somebody named the columns the last time, per kind: proposed again."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", verbose_name=_("account"))
    kind = models.CharField(_("kind"), max_length=60)
    headings = models.JSONField(_("headings"), default=dict, blank=True, help_text=_("Heading, folded → field; empty: left out"))

    class Meta:
        verbose_name = _("remembered columns")
        verbose_name_plural = _("remembered columns")
        constraints = [models.UniqueConstraint(fields=["user", "kind"], name="core_importmapping_once")]

    def __str__(self) -> str:
        return self.kind
