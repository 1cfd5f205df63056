"""People, the mandates they hold in organisations, and the invitations that bring them to the portal."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import ArrayField, RangeBoundary, RangeOperators
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField

from accounts.roles import MandateRole
from core.audit import audited
from core.models import Base
from core.search import search_column, search_index, sort_column
from partnership.models.organisation import DateRange, Organisation
from partnership.querysets import InvitationQuerySet, MandateQuerySet, PersonQuerySet


@audited()
class Person(Base):
    """Somebody of the sector, with an account or without."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="person", verbose_name=_("account")
    )
    full_name = models.CharField(_("full name"), max_length=150)
    email = models.EmailField(_("e-mail address"), blank=True)
    phone = PhoneNumberField(_("telephone"), blank=True, region="MA")
    languages = ArrayField(models.CharField(max_length=5), verbose_name=_("languages"), default=list, blank=True)
    is_demo = models.BooleanField(_("demo record"), default=False, help_text=_("Invented for the demonstration"))
    erased_at = models.DateTimeField(_("personal data erased at"), null=True, blank=True, editable=False)
    sort_key = sort_column("full_name", 150)
    search_key = search_column("full_name", "email")

    objects = PersonQuerySet.as_manager()

    class Meta:
        verbose_name = _("person")
        verbose_name_plural = _("people")
        ordering = ["sort_key", "id"]
        indexes = [models.Index(fields=["sort_key", "id"], name="partnership_person_sort"), search_index("partnership_person_search")]
        constraints = [
            models.UniqueConstraint(
                Lower("email"),
                condition=~Q(email=""),
                name="partnership_person_email_once",
                violation_error_message=_("Somebody with this address is already registered."),
            ),
            models.CheckConstraint(condition=Q(erased_at=None) | Q(email="", phone=""), name="partnership_person_erased_empty"),
        ]

    def __str__(self) -> str:
        return self.full_name


@audited()
class Mandate(Base):
    """A person's role in an organisation between two dates. `title` is the office held (president, secretary general…)."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="mandates", verbose_name=_("person"))
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="mandates", verbose_name=_("organisation"))
    role = models.CharField(_("role"), max_length=15, choices=MandateRole.choices)
    title = models.CharField(_("office"), max_length=120, blank=True)
    starts_on = models.DateField(_("from"))
    ends_on = models.DateField(_("until"), null=True, blank=True, help_text=_("The first day on which the mandate no longer holds"))
    source = models.URLField(_("source"), max_length=500, blank=True)

    objects = MandateQuerySet.as_manager()

    class Meta:
        verbose_name = _("mandate")
        verbose_name_plural = _("mandates")
        ordering = ["organisation", "role", "person"]
        constraints = [
            models.CheckConstraint(condition=Q(ends_on=None) | Q(ends_on__gte=F("starts_on")), name="partnership_mandate_dates"),
            ExclusionConstraint(
                name="partnership_mandate_once",
                expressions=[
                    ("person", RangeOperators.EQUAL),
                    ("organisation", RangeOperators.EQUAL),
                    (DateRange("starts_on", "ends_on", RangeBoundary()), RangeOperators.OVERLAPS),
                ],
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person} · {self.organisation}"


@audited(exclude=["token_digest"])
class Invitation(Base):
    """An offer of a mandate sent to an address: a signed link, good once, until it expires or is withdrawn."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="invitations", verbose_name=_("organisation"))
    email = models.EmailField(_("e-mail address"))
    full_name = models.CharField(_("full name"), max_length=150)
    role = models.CharField(_("role"), max_length=15, choices=MandateRole.choices)
    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES, default="fr")
    invited_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("invited by")
    )
    token_digest = models.CharField(_("digest of the link"), max_length=64, unique=True, editable=False)
    expires_at = models.DateTimeField(_("expires at"))
    accepted_at = models.DateTimeField(_("accepted at"), null=True, blank=True)
    revoked_at = models.DateTimeField(_("withdrawn at"), null=True, blank=True)
    mandate = models.OneToOneField(
        Mandate, on_delete=models.PROTECT, null=True, blank=True, related_name="invitation", verbose_name=_("mandate")
    )

    objects = InvitationQuerySet.as_manager()

    class Meta:
        verbose_name = _("invitation")
        verbose_name_plural = _("invitations")
        ordering = ["-created_at"]
        constraints = [
            models.UniqueConstraint(
                "organisation", Lower("email"), condition=Q(accepted_at=None, revoked_at=None), name="partnership_invitation_open_once"
            ),
            models.CheckConstraint(condition=Q(accepted_at=None) | Q(revoked_at=None), name="partnership_invitation_one_end"),
            models.CheckConstraint(condition=Q(accepted_at=None) | Q(mandate__isnull=False), name="partnership_invitation_accepted"),
        ]

    def __str__(self) -> str:
        return f"{self.email} · {self.organisation}"
