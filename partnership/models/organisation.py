"""Organisations, their dated affiliations, and their access to the API."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, DateRangeField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

from core.audit import audited
from core.models import Base
from core.search import search_column, search_index, sort_column
from partnership.choices import Activity, AffiliationStatus, OrganisationKind, OrganisationStatus, SizeBand
from partnership.querysets import AffiliationQuerySet, OrganisationQuerySet


class DateRange(Func):
    """SQL daterange(from, to, '[)'): open-ended when `to` is null."""

    function = "DATERANGE"
    output_field = DateRangeField()


@audited()
class Organisation(Base):
    """A body or a firm of the sector. A record is useful before anybody of it has an account."""

    kind = models.CharField(_("kind"), max_length=20, choices=OrganisationKind.choices)
    activities = ArrayField(
        models.CharField(max_length=20, choices=Activity.choices), verbose_name=_("activities"), default=list, blank=True
    )
    name_fr = models.CharField(_("name in French"), max_length=200)
    name_ar = models.CharField(_("name in Arabic"), max_length=200, blank=True)
    acronym = models.CharField(_("acronym"), max_length=20, blank=True)
    status = models.CharField(_("state"), max_length=12, choices=OrganisationStatus.choices, default=OrganisationStatus.PROSPECTIVE)
    status_reason = models.CharField(_("reason of the state"), max_length=500, blank=True)
    ice = models.CharField(
        _("ICE"), max_length=15, blank=True, help_text=_("15 digits: 9 of the enterprise, 4 of the establishment, 2 of check")
    )
    licence_kind = models.CharField(_("kind of licence"), max_length=60, blank=True)
    licence_number = models.CharField(_("licence number"), max_length=60, blank=True)
    size = models.CharField(_("size"), max_length=8, choices=SizeBand.choices, blank=True)
    region = models.ForeignKey(
        "partnership.Region", on_delete=models.PROTECT, null=True, blank=True, related_name="organisations", verbose_name=_("region")
    )
    destination = models.ForeignKey(
        "partnership.Destination",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="organisations",
        verbose_name=_("destination"),
    )
    email = models.EmailField(_("e-mail address"), blank=True)
    phone = PhoneNumberField(_("telephone"), blank=True, region="MA")
    website = models.URLField(_("website"), blank=True)
    address = models.CharField(_("address"), max_length=300, blank=True)
    source = models.CharField(_("source"), max_length=500, blank=True, help_text=_("Where this record comes from, with its address"))
    is_demo = models.BooleanField(_("demo record"), default=False, help_text=_("Invented for the demonstration"))
    is_host = models.BooleanField(_("runs the portal"), default=False, help_text=_("ONMT itself: its staff act for it in the ledger"))
    sort_key = sort_column("name_fr", 200)
    search_key = search_column("name_fr", "name_ar", "acronym", "ice")

    objects = OrganisationQuerySet.as_manager()

    class Meta:
        verbose_name = _("organisation")
        verbose_name_plural = _("organisations")
        ordering = ["sort_key", "id"]
        indexes = [
            models.Index(fields=["sort_key", "id"], name="partnership_org_sort"),
            models.Index(fields=["region", "sort_key", "id"], name="partnership_org_region"),
            search_index("partnership_org_search"),
        ]
        constraints = [
            models.UniqueConstraint(
                "ice",
                condition=~Q(ice=""),
                name="partnership_org_ice_once",
                violation_error_message=_("An organisation with this ICE is already registered."),
            ),
            models.UniqueConstraint("is_host", condition=Q(is_host=True), name="partnership_org_one_host"),
            models.CheckConstraint(
                condition=Q(ice="") | (Q(ice__regex=r"^[0-9]{15}$") & ~Q(ice="0" * 15)), name="partnership_org_ice_digits"
            ),
            models.CheckConstraint(condition=~Q(status__in=["suspended", "closed"]) | ~Q(status_reason=""), name="partnership_org_reason"),
        ]

    def __str__(self) -> str:
        return self.acronym or self.name

    @property
    def state(self) -> OrganisationStatus:
        """The state as a member of its table, with its label and colour."""
        return OrganisationStatus(self.status)

    @property
    def name(self) -> str:
        """The name in Arabic for an Arabic reader when there is one, else in French."""
        return self.name_ar if (get_language() or "").startswith("ar") and self.name_ar else self.name_fr


@audited()
class Affiliation(Base):
    """An organisation's membership of a federation, a regional council or the confederation: dated, with a status."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="affiliations", verbose_name=_("member"))
    body = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="members", verbose_name=_("federation or council"))
    status = models.CharField(_("state"), max_length=10, choices=AffiliationStatus.choices, default=AffiliationStatus.ACTIVE)
    reason = models.CharField(_("reason"), max_length=500, blank=True)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"), null=True, blank=True)
    source = models.URLField(_("source"), max_length=500, blank=True)

    objects = AffiliationQuerySet.as_manager()

    class Meta:
        verbose_name = _("affiliation")
        verbose_name_plural = _("affiliations")
        ordering = ["-starts_on", "id"]
        constraints = [
            models.CheckConstraint(condition=~Q(organisation=F("body")), name="partnership_affiliation_other"),
            models.CheckConstraint(condition=Q(ends_on=None) | Q(ends_on__gt=F("starts_on")), name="partnership_affiliation_dates"),
            models.CheckConstraint(condition=Q(status="active") | ~Q(reason=""), name="partnership_affiliation_reason"),
            # One status at a time: the periods of one membership never overlap.
            ExclusionConstraint(
                name="partnership_affiliation_once",
                expressions=[
                    ("organisation", RangeOperators.EQUAL),
                    ("body", RangeOperators.EQUAL),
                    (DateRange("starts_on", "ends_on", RangeBoundary()), RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.organisation} → {self.body}"

    @property
    def state(self) -> AffiliationStatus:
        """The state as a member of its table, with its label and colour."""
        return AffiliationStatus(self.status)


@audited()
class ApiClient(Base):
    """An organisation's access to the API: wraps the OAuth2 client (its secret is stored hashed, shown once)."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="api_clients", verbose_name=_("organisation"))
    client = models.OneToOneField(
        "allauth_idp_oidc.Client", on_delete=models.PROTECT, related_name="api_client", verbose_name=_("OAuth2 client")
    )
    label = models.CharField(_("label"), max_length=100)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("issued by")
    )
    expires_on = models.DateField(_("valid until"))
    revoked_at = models.DateTimeField(_("revoked at"), null=True, blank=True)
    last_used_at = models.DateTimeField(_("last used at"), null=True, blank=True)

    class Meta:
        verbose_name = _("API access")
        verbose_name_plural = _("API accesses")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return self.label
