"""Actions of the yearly action plan."""

from __future__ import annotations

from django.conf import settings
from django.contrib.contenttypes.fields import GenericForeignKey
from django.contrib.contenttypes.models import ContentType
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core import clock
from core.audit import audited
from core.models import Base
from core.search import search_column, search_index
from partnership.choices import OPEN_ACTION_STATUSES, ActionStatus, Priority
from partnership.models.commitment import Commitment
from partnership.models.convention import Axis, Convention
from partnership.models.organisation import Organisation
from partnership.models.person import Person
from partnership.querysets import ActionQuerySet


@audited()
class Action(Base):
    """Something an organisation does for an axis or a commitment, by a date.

    Done needs "what was done"; high priority also needs a document, and whoever verifies is never who did it.
    """

    convention = models.ForeignKey(Convention, on_delete=models.PROTECT, related_name="actions", verbose_name=_("convention"))
    axis = models.ForeignKey(Axis, on_delete=models.PROTECT, related_name="actions", verbose_name=_("axis"))
    commitment = models.ForeignKey(
        Commitment, on_delete=models.PROTECT, null=True, blank=True, related_name="actions", verbose_name=_("commitment")
    )
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="actions", verbose_name=_("owner organisation"))
    responsible = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="actions", verbose_name=_("person responsible")
    )
    title = models.CharField(_("title"), max_length=300)
    description = models.TextField(_("description"), blank=True)
    priority = models.CharField(_("priority"), max_length=6, choices=Priority.choices, default=Priority.NORMAL)
    starts_on = models.DateField(_("starts on"))
    due_on = models.DateField(_("due on"), help_text=_("Closes at 23:59, Casablanca time"))
    progress = models.PositiveSmallIntegerField(_("progress (%)"), default=0, validators=[MaxValueValidator(100)])
    status = models.CharField(_("state"), max_length=12, choices=ActionStatus.choices, default=ActionStatus.TODO)
    status_reason = models.TextField(_("reason of the state"), blank=True)
    outcome = models.TextField(_("what was done"), blank=True)
    done_at = models.DateTimeField(_("done at"), null=True, blank=True)
    done_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("done by")
    )
    verified_at = models.DateTimeField(_("verified at"), null=True, blank=True)
    verified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("verified by")
    )
    origin_type = models.ForeignKey(
        ContentType, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("kind of origin")
    )
    origin_id = models.UUIDField(_("origin"), null=True, blank=True)
    origin = GenericForeignKey("origin_type", "origin_id")
    source = models.URLField(_("source"), max_length=500, blank=True)
    search_key = search_column("title")

    objects = ActionQuerySet.as_manager()

    class Meta:
        verbose_name = _("action")
        verbose_name_plural = _("actions")
        ordering = ["due_on", "id"]
        indexes = [
            models.Index(fields=["due_on", "id"], name="partnership_action_due"),
            models.Index(fields=["organisation", "due_on", "id"], name="partnership_action_org"),
            models.Index(fields=["convention", "status", "due_on"], name="partnership_action_conv"),
            search_index("partnership_action_search"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(due_on__gte=F("starts_on")), name="partnership_action_dates"),
            models.CheckConstraint(condition=Q(progress__lte=100), name="partnership_action_progress"),
            models.CheckConstraint(
                condition=~Q(status__in=["done", "verified"]) | (~Q(outcome="") & Q(done_at__isnull=False)), name="partnership_action_done"
            ),
            models.CheckConstraint(condition=Q(status="verified") ^ Q(verified_at__isnull=True), name="partnership_action_verified"),
            models.CheckConstraint(
                condition=Q(verified_by=None) | Q(done_by=None) | ~Q(verified_by=F("done_by")), name="partnership_action_second_person"
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["returned", "blocked", "cancelled"]) | ~Q(status_reason=""), name="partnership_action_reason"
            ),
            models.CheckConstraint(
                condition=Q(origin_type=None, origin_id=None) | Q(origin_type__isnull=False, origin_id__isnull=False),
                name="partnership_action_origin",
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def state(self) -> ActionStatus:
        """The state as a member of its table, with its label and colour."""
        return ActionStatus(self.status)

    @property
    def is_open(self) -> bool:
        """Whether work is still awaited from the owner."""
        return self.status in OPEN_ACTION_STATUSES

    @property
    def is_late(self) -> bool:
        """Past its date in Casablanca and still open."""
        return self.is_open and self.due_on < clock.today()
