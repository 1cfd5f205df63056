"""What the protection of personal data keeps: declarations to the authority, requests of people, and what was erased."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.audit import audited
from core.models.base import Base

if TYPE_CHECKING:
    from collections.abc import Mapping

    from core.actors import Actor


class ReceiptKind(models.TextChoices):
    """What the authority was asked for."""

    DECLARATION = "declaration", _("Prior declaration")
    AUTHORISATION = "authorisation", _("Prior authorisation")
    TRANSFER = "transfer", _("Transfer abroad")


@audited()
class Receipt(Base):
    """The number that the authority gave to a processing. Without a row, none has been received: no number is ever shown."""

    processing = models.SlugField(_("processing"), max_length=40)
    kind = models.CharField(_("kind"), max_length=13, choices=ReceiptKind.choices, default=ReceiptKind.DECLARATION)
    number = models.CharField(_("receipt number"), max_length=60)
    received_on = models.DateField(_("received on"))

    class Meta:
        verbose_name = _("receipt of the authority")
        verbose_name_plural = _("receipts of the authority")
        ordering = ["processing", "kind"]
        constraints = [
            models.UniqueConstraint(
                fields=["processing", "kind"],
                name="core_receipt_once",
                violation_error_message=_("This processing already has a receipt of this kind."),
            ),
            models.CheckConstraint(condition=~Q(number=""), name="core_receipt_number"),
        ]

    def __str__(self) -> str:
        return f"{self.processing} {self.number}"


class RequestKind(models.TextChoices):
    """What somebody asks about one's data. Reading them needs no request: they are downloaded."""

    RECTIFICATION = "rectification", _("Rectification")
    ERASURE = "erasure", _("Erasure")
    OBJECTION = "objection", _("Objection")


class RequestState(models.TextChoices):
    """The life of a request."""

    REQUESTED = "requested", _("To be answered")
    IN_PROGRESS = "in_progress", _("Being handled")
    DONE = "done", _("Done")
    REFUSED = "refused", _("Refused")

    @property
    def colour(self) -> str:
        """The colour of its badge."""
        return {"requested": "orange", "in_progress": "blue", "done": "green", "refused": "red"}[self.value]


REQUEST_TRANSITIONS: Final[Mapping[str, frozenset[str]]] = {
    RequestState.REQUESTED: frozenset({RequestState.IN_PROGRESS, RequestState.DONE, RequestState.REFUSED}),
    RequestState.IN_PROGRESS: frozenset({RequestState.DONE, RequestState.REFUSED}),
    RequestState.DONE: frozenset(),
    RequestState.REFUSED: frozenset(),
}
OPEN_REQUESTS: Final = (RequestState.REQUESTED, RequestState.IN_PROGRESS)


class PrivacyRequestQuerySet(models.QuerySet["PrivacyRequest"]):
    """Requests, and who may see them."""

    def visible_to(self, user: Actor) -> PrivacyRequestQuerySet:
        """Whoever reads the administration sees all of them; everybody else one's own."""
        from core.rights import can_read_administration

        if can_read_administration(user):
            return self.all()
        return self.filter(user=user.pk) if user.pk and user.is_active else self.none()

    def open(self) -> PrivacyRequestQuerySet:
        """Those that await an answer."""
        return self.filter(status__in=OPEN_REQUESTS)


@audited()
class PrivacyRequest(Base):
    """Somebody asks to have personal data put right or erased, or objects to a use of them; answered by a date."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="privacy_requests", verbose_name=_("asked by")
    )
    kind = models.CharField(_("kind"), max_length=13, choices=RequestKind.choices)
    words = models.TextField(_("what is asked"), blank=True)
    status = models.CharField(_("state"), max_length=11, choices=RequestState.choices, default=RequestState.REQUESTED)
    due_on = models.DateField(_("to be answered by"))
    handled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("handled by"),
        help_text=_("Empty once closed: the portal itself, by erasing the account"),
    )  # fmt: skip
    answer = models.TextField(_("answer"), blank=True)
    closed_at = models.DateTimeField(_("answered at"), null=True, blank=True)

    objects = PrivacyRequestQuerySet.as_manager()

    class Meta:
        verbose_name = _("request about personal data")
        verbose_name_plural = _("requests about personal data")
        ordering = ["due_on", "id"]
        indexes = [models.Index(fields=["due_on", "id"], condition=Q(closed_at=None), name="core_privacy_open")]
        constraints = [
            models.UniqueConstraint(fields=["user", "kind"], condition=Q(closed_at=None), name="core_privacy_open_once"),
            models.CheckConstraint(
                condition=Q(status__in=["requested", "in_progress"], closed_at=None)
                | Q(status__in=["done", "refused"], closed_at__isnull=False),
                name="core_privacy_closed",
            ),
            models.CheckConstraint(condition=~Q(status="in_progress") | Q(handled_by__isnull=False), name="core_privacy_handled"),
            models.CheckConstraint(condition=~Q(status="refused") | ~Q(answer=""), name="core_privacy_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.get_kind_display()} · {self.user}"

    @property
    def state(self) -> RequestState:
        """The state as a member of its table, with its label and colour."""
        return RequestState(self.status)


@audited()
class Erasure(Base):
    """That a person's data were erased: whose (ids alone), under which label what remains stands, what was touched. Never what it was.

    The only key to the audit trail's columns (core.privacy.trail): no row, no rewriting.
    """

    account_id = models.UUIDField(_("account"), null=True, blank=True)
    person_id = models.UUIDField(_("person"), null=True, blank=True)
    label = models.CharField(_("now called"), max_length=150)
    touched = models.JSONField(_("rows touched in each table"), default=dict)
    left_in_texts = models.BooleanField(
        _("name left in free texts"), default=False, help_text=_("Somebody else bears the same name: a person has to read these texts.")
    )
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)

    class Meta:
        verbose_name = _("erasure of personal data")
        verbose_name_plural = _("erasures of personal data")
        ordering = ["-created_at", "-id"]
        constraints = [models.CheckConstraint(condition=~Q(label=""), name="core_erasure_label")]

    def __str__(self) -> str:
        return self.label
