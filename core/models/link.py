"""Signed links: what lets somebody without an account open one thing, for one purpose, for a while."""

from __future__ import annotations

from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.audit import audited
from core.models.base import Base


@audited(exclude=["digest"])
class SignedLink(Base):
    """The digest of a link's token (the token itself is nowhere), what it opens, and until when."""

    purpose = models.CharField(_("purpose"), max_length=60)
    digest = models.CharField(_("digest of the link"), max_length=64, unique=True, editable=False)
    object_type = models.ForeignKey(ContentType, on_delete=models.CASCADE, related_name="+", verbose_name=_("kind of object"))
    object_id = models.UUIDField(_("object"))
    about = GenericForeignKey("object_type", "object_id")
    expires_at = models.DateTimeField(_("expires at"))
    max_uses = models.PositiveSmallIntegerField(_("uses allowed"), null=True, blank=True, help_text=_("Empty: any number until it expires"))
    uses = models.PositiveIntegerField(_("uses"), default=0)
    last_used_at = models.DateTimeField(_("last used at"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)

    class Meta:
        verbose_name = _("signed link")
        verbose_name_plural = _("signed links")
        ordering = ["-created_at"]
        indexes = [models.Index(fields=["object_type", "object_id"], name="core_link_object")]
        constraints = [
            models.CheckConstraint(condition=Q(max_uses=None) | Q(max_uses__gte=1, uses__lte=F("max_uses")), name="core_link_uses"),
            models.CheckConstraint(condition=Q(digest__regex=r"^[0-9a-f]{64}$"), name="core_link_digest"),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.object_id}"
