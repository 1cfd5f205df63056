"""Conventions, their parties and their axes (volets)."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core.audit import audited
from core.models import Base
from core.search import search_column, search_index
from partnership.choices import ConventionKind, ConventionStatus, Renewal, Visibility
from partnership.models.organisation import Organisation
from partnership.models.person import Person
from partnership.models.territory import translated
from partnership.querysets import AxisQuerySet, ConventionQuerySet


@audited()
class Convention(Base):
    """An agreement between parties. What is not public (duration, budget, KPIs) stays null: nothing is invented."""

    reference = models.CharField(_("reference"), max_length=40, unique=True)
    kind = models.CharField(_("kind"), max_length=10, choices=ConventionKind.choices)
    parent = models.ForeignKey(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="children", verbose_name=_("framework convention")
    )
    title_fr = models.CharField(_("title in French"), max_length=300)
    title_ar = models.CharField(_("title in Arabic"), max_length=300, blank=True)
    title_en = models.CharField(_("title in English"), max_length=300, blank=True)
    object_fr = models.TextField(_("object in French"), blank=True)
    object_ar = models.TextField(_("object in Arabic"), blank=True)
    object_en = models.TextField(_("object in English"), blank=True)
    place = models.CharField(_("place of signature"), max_length=100, blank=True)
    signed_on = models.DateField(_("signed on"), null=True, blank=True)
    effective_on = models.DateField(_("effective on"), null=True, blank=True)
    ends_on = models.DateField(_("ends on"), null=True, blank=True)
    renewal = models.CharField(_("renewal"), max_length=8, choices=Renewal.choices, blank=True, help_text=_("Empty: not known"))
    notice_days = models.PositiveSmallIntegerField(_("notice, in days"), null=True, blank=True)
    visibility = models.CharField(_("visibility"), max_length=10, choices=Visibility.choices, default=Visibility.PARTIES)
    status = models.CharField(_("state"), max_length=10, choices=ConventionStatus.choices, default=ConventionStatus.DRAFT)
    status_reason = models.CharField(_("reason of the state"), max_length=500, blank=True)
    closed_on = models.DateField(_("closed on"), null=True, blank=True)
    source = models.URLField(_("source"), max_length=500, blank=True)
    note = models.TextField(_("note on the sources"), blank=True)
    search_key = search_column("reference", "title_fr", "title_ar", "title_en", "place")

    objects = ConventionQuerySet.as_manager()

    class Meta:
        verbose_name = _("convention")
        verbose_name_plural = _("conventions")
        ordering = ["-signed_on", "reference"]
        indexes = [search_index("partnership_con_search")]
        constraints = [
            models.CheckConstraint(condition=~Q(parent=F("id")), name="partnership_convention_parent"),
            models.CheckConstraint(
                condition=Q(status__in=["draft", "in_review"]) | Q(signed_on__isnull=False), name="partnership_convention_signed_on"
            ),
            models.CheckConstraint(
                condition=~Q(status="in_force") | Q(effective_on__isnull=False), name="partnership_convention_effective_on"
            ),
            models.CheckConstraint(condition=~Q(status="closed") | Q(closed_on__isnull=False), name="partnership_convention_closed_on"),
            models.CheckConstraint(
                condition=~Q(status__in=["suspended", "denounced"]) | ~Q(status_reason=""), name="partnership_convention_reason"
            ),
            models.CheckConstraint(
                condition=Q(ends_on=None) | Q(effective_on=None) | Q(ends_on__gte=F("effective_on")), name="partnership_convention_dates"
            ),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def state(self) -> ConventionStatus:
        """The state as a member of its table, with its label and colour."""
        return ConventionStatus(self.status)

    @property
    def title(self) -> str:
        """The title in the reader's language."""
        return translated(self, "title")

    @property
    def object(self) -> str:
        """The object in the reader's language."""
        return translated(self, "object")


@audited()
class Party(Base):
    """An organisation in a convention, who signed for it and when."""

    convention = models.ForeignKey(Convention, on_delete=models.CASCADE, related_name="parties", verbose_name=_("convention"))
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="parties", verbose_name=_("organisation"))
    order = models.PositiveSmallIntegerField(_("order"), default=1)
    signatory = models.CharField(_("signatory"), max_length=150, blank=True)
    quality = models.CharField(_("quality of the signatory"), max_length=150, blank=True)
    signed_on = models.DateField(_("signed on"), null=True, blank=True)

    class Meta:
        verbose_name = _("party")
        verbose_name_plural = _("parties")
        ordering = ["order", "id"]
        constraints = [
            models.UniqueConstraint(fields=["convention", "organisation"], name="partnership_party_once"),
            # Target of the composite keys that keep a commitment's parties within its own convention.
            models.UniqueConstraint(fields=["convention", "id"], name="partnership_party_key"),
        ]

    def __str__(self) -> str:
        return str(self.organisation)


@audited()
class Axis(Base):
    """A strand (volet) of a convention, led by a public and a private person."""

    convention = models.ForeignKey(Convention, on_delete=models.CASCADE, related_name="axes", verbose_name=_("convention"))
    code = models.SlugField(_("code"), max_length=40)
    order = models.PositiveSmallIntegerField(_("order"))
    title_fr = models.CharField(_("title in French"), max_length=200)
    title_ar = models.CharField(_("title in Arabic"), max_length=200, blank=True)
    title_en = models.CharField(_("title in English"), max_length=200, blank=True)
    object_fr = models.TextField(_("object in French"), blank=True)
    object_ar = models.TextField(_("object in Arabic"), blank=True)
    object_en = models.TextField(_("object in English"), blank=True)
    public_lead = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("public lead")
    )
    private_lead = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("private lead")
    )
    search_key = search_column("code", "title_fr", "title_ar", "title_en")

    objects = AxisQuerySet.as_manager()

    class Meta:
        verbose_name = _("axis")
        verbose_name_plural = _("axes")
        ordering = ["order", "id"]
        indexes = [search_index("partnership_axis_search")]
        constraints = [
            models.UniqueConstraint(fields=["convention", "code"], name="partnership_axis_code_once"),
            models.UniqueConstraint(
                fields=["convention", "order"], name="partnership_axis_order_once", deferrable=models.Deferrable.DEFERRED
            ),
            models.UniqueConstraint(fields=["convention", "id"], name="partnership_axis_key"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def title(self) -> str:
        """The title in the reader's language."""
        return translated(self, "title")

    @property
    def object(self) -> str:
        """The object in the reader's language."""
        return translated(self, "object")
