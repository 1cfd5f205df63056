"""Commitments (engagements), the two-way ledger they make, and the evidence of what was delivered."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core import clock
from core.audit import audited
from core.models import Base
from core.search import search_column, search_index
from partnership.choices import (
    OPEN_COMMITMENT_STATUSES,
    UNDECLARED_STATUSES,
    ArbitrationOutcome,
    CommitmentNature,
    CommitmentStatus,
    Recurrence,
    TrustLabel,
)
from partnership.models.convention import Axis, Convention, Party
from partnership.models.organisation import Organisation
from partnership.models.territory import translated
from partnership.querysets import CommitmentQuerySet, EvidenceQuerySet


@audited()
class Commitment(Base):
    """What one party owes another under an axis. What the obligor declares, the beneficiary confirms or contests.

    Composite foreign keys (migration 0002) hold axis, obligor and beneficiary within the same convention.
    """

    convention = models.ForeignKey(Convention, on_delete=models.PROTECT, related_name="commitments", verbose_name=_("convention"))
    axis = models.ForeignKey(Axis, on_delete=models.PROTECT, related_name="commitments", verbose_name=_("axis"))
    reference = models.CharField(_("reference"), max_length=20)
    obligor = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="owed", verbose_name=_("obligor party"))
    beneficiary = models.ForeignKey(Party, on_delete=models.PROTECT, related_name="awaited", verbose_name=_("beneficiary party"))
    title_fr = models.CharField(_("title in French"), max_length=300)
    title_ar = models.CharField(_("title in Arabic"), max_length=300, blank=True)
    title_en = models.CharField(_("title in English"), max_length=300, blank=True)
    description = models.TextField(_("description"), blank=True)
    nature = models.CharField(_("nature"), max_length=15, choices=CommitmentNature.choices, default=CommitmentNature.NON_FINANCIAL)
    amount = models.DecimalField(_("amount (MAD)"), max_digits=16, decimal_places=2, null=True, blank=True)
    due_on = models.DateField(_("due on"), null=True, blank=True, help_text=_("Closes at 23:59, Casablanca time"))
    recurrence = models.CharField(_("recurrence"), max_length=12, choices=Recurrence.choices, default=Recurrence.NONE)
    previous = models.OneToOneField(
        "self", on_delete=models.PROTECT, null=True, blank=True, related_name="following", verbose_name=_("previous occurrence")
    )
    status = models.CharField(_("state"), max_length=12, choices=CommitmentStatus.choices, default=CommitmentStatus.PLANNED)
    declared_at = models.DateTimeField(_("declared at"), null=True, blank=True)
    declared_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("declared by")
    )
    declaration = models.TextField(_("what was delivered"), blank=True)
    settled_at = models.DateTimeField(_("settled at"), null=True, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("settled by")
    )
    contested_at = models.DateTimeField(_("contested at"), null=True, blank=True)
    contest_reason = models.TextField(_("reason of the contest"), blank=True)
    arbitration = models.CharField(_("outcome of the arbitration"), max_length=15, choices=ArbitrationOutcome.choices, blank=True)
    minutes = models.ForeignKey(
        "partnership.Document",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="arbitrations",
        verbose_name=_("minutes of the decision"),
    )
    status_reason = models.TextField(_("reason of the state"), blank=True)
    source = models.URLField(_("source"), max_length=500, blank=True)
    search_key = search_column("reference", "title_fr", "title_ar", "title_en")

    objects = CommitmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("commitment")
        verbose_name_plural = _("commitments")
        ordering = ["convention", "reference"]
        indexes = [
            models.Index(fields=["convention", "status"], name="partnership_com_status"),
            models.Index(fields=["due_on", "id"], name="partnership_com_due"),
            search_index("partnership_com_search"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["convention", "reference"], name="partnership_com_reference_once"),
            models.CheckConstraint(condition=~Q(obligor=F("beneficiary")), name="partnership_com_two_parties"),
            models.CheckConstraint(condition=Q(amount=None) | Q(amount__gt=0), name="partnership_com_amount"),
            models.CheckConstraint(condition=Q(amount=None) | Q(nature="financial"), name="partnership_com_nature"),
            models.CheckConstraint(condition=Q(recurrence="none") | Q(due_on__isnull=False), name="partnership_com_recurs_from"),
            models.CheckConstraint(
                condition=~Q(status__in=["declared", "confirmed", "contested", "arbitrated"])
                | (Q(declared_at__isnull=False) & ~Q(declaration="")),
                name="partnership_com_declared",
            ),
            models.CheckConstraint(
                condition=~Q(status__in=["contested", "arbitrated"]) | (Q(contested_at__isnull=False) & ~Q(contest_reason="")),
                name="partnership_com_contested",
            ),
            models.CheckConstraint(
                condition=Q(status__in=["confirmed", "arbitrated"], settled_at__isnull=False)
                | (~Q(status__in=["confirmed", "arbitrated"]) & Q(settled_at=None)),
                name="partnership_com_settled",
            ),
            models.CheckConstraint(
                condition=(Q(status="arbitrated", minutes__isnull=False) & ~Q(arbitration="") & ~Q(status_reason=""))
                | (~Q(status="arbitrated") & Q(arbitration="", minutes=None)),
                name="partnership_com_arbitrated",
            ),
            models.CheckConstraint(condition=~Q(status="cancelled") | ~Q(status_reason=""), name="partnership_com_cancelled"),
        ]

    def __str__(self) -> str:
        return f"{self.reference} · {self.title}"

    @property
    def state(self) -> CommitmentStatus:
        """The state as a member of its table, with its label and colour."""
        return CommitmentStatus(self.status)

    @property
    def title(self) -> str:
        """The title in the reader's language."""
        return translated(self, "title")

    @property
    def is_open(self) -> bool:
        """Whether something is still awaited from a party."""
        return self.status in OPEN_COMMITMENT_STATUSES

    @property
    def is_late(self) -> bool:
        """Past its date in Casablanca and not declared: the obligor is late (an unanswered declaration is not)."""
        return self.due_on is not None and self.due_on < clock.today() and self.status in UNDECLARED_STATUSES


@audited()
class Evidence(Base):
    """Proof of a delivery or of an action: a document, an address, or both."""

    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+", verbose_name=_("brought by"))
    commitment = models.ForeignKey(
        Commitment, on_delete=models.CASCADE, null=True, blank=True, related_name="evidence", verbose_name=_("commitment")
    )
    action = models.ForeignKey(
        "partnership.Action", on_delete=models.CASCADE, null=True, blank=True, related_name="evidence", verbose_name=_("action")
    )
    title = models.CharField(_("title"), max_length=300)
    url = models.URLField(_("address"), max_length=500, blank=True)
    document = models.ForeignKey(
        "partnership.Document", on_delete=models.PROTECT, null=True, blank=True, related_name="evidence", verbose_name=_("document")
    )
    fact_on = models.DateField(_("date of the fact"))
    received_on = models.DateField(_("received on"), default=clock.today)
    expires_on = models.DateField(_("valid until"), null=True, blank=True)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+", verbose_name=_("added by")
    )

    objects = EvidenceQuerySet.as_manager()

    class Meta:
        verbose_name = _("evidence")
        verbose_name_plural = _("evidence")
        ordering = ["-fact_on", "id"]
        constraints = [
            models.CheckConstraint(
                condition=Q(commitment__isnull=False, action__isnull=True) | Q(commitment__isnull=True, action__isnull=False),
                name="partnership_evidence_one_object",
            ),
            models.CheckConstraint(condition=~Q(url="") | Q(document__isnull=False), name="partnership_evidence_something"),
            models.CheckConstraint(condition=Q(expires_on=None) | Q(expires_on__gte=F("fact_on")), name="partnership_evidence_dates"),
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def is_expired(self) -> bool:
        """Whether it no longer proves anything today."""
        return self.expires_on is not None and self.expires_on < clock.today()

    @property
    def trust(self) -> TrustLabel:
        """A document in the portal is `documented`; an address alone is what its author declares."""
        return TrustLabel.DOCUMENTED if self.document_id else TrustLabel.DECLARED
