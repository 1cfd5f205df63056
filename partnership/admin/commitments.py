"""Commitments and the evidence of what was delivered."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core import clock
from core.admin.base import BaseAdmin, ReadOnlyInline
from partnership.acts import COMMITMENT_ACTS, EVIDENCE_ACTS
from partnership.admin.conventions import PartOfConventionAdmin
from partnership.choices import COMMITMENT_TRANSITIONS, OPEN_CONVENTION_STATUSES, CommitmentStatus
from partnership.models import Axis, Commitment, Evidence, Party
from partnership.permissions.ledger import manages_conventions
from partnership.querysets import late_commitment
from partnership.selectors import decisions
from partnership.services import commitments

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import ForeignKey, Model, QuerySet
    from django.forms import ModelChoiceField
    from django.http import HttpRequest

    from core.admin.forms import ServiceForm
from core.templatetags.ui import money


class SituationFilter(admin.SimpleListFilter):
    """What is awaited on it, and from whom."""

    title = _("situation")
    parameter_name = "situation"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """What the home page counts."""
        return [
            ("answer", _("Awaiting ONMT's answer")),
            ("other", _("Awaiting the other party's answer")),
            ("contested", _("Contested: awaiting a decision")),
            ("late", _("Late")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Late is past the civil date of Casablanca, and not declared."""
        chosen = {
            "answer": decisions.awaiting_answer(from_host=True),
            "other": decisions.awaiting_answer(from_host=False),
            "contested": decisions.contested(),
            "late": late_commitment(),
        }
        return queryset.filter(chosen.get(self.value() or "", Q()))


class EvidenceInline(ReadOnlyInline):
    """What proves it."""

    model = Evidence
    fk_name = "commitment"
    fields = ("title", "organisation", "fact_on", "received_on", "expires_on", "url", "document")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Evidence]:
        """With who brought it."""
        rows: QuerySet[Evidence] = super().get_queryset(request).select_related("organisation", "document")
        return rows


@admin.register(Commitment)
class CommitmentAdmin(PartOfConventionAdmin):
    """The terms, kept by convention managers while nothing is declared; the ledger's states are acts."""

    acts = COMMITMENT_ACTS
    act_table = COMMITMENT_TRANSITIONS
    bulk_acts = ("start", "confirm", "contest", "cancel")
    act_related: Sequence[str] = ("convention", "obligor__organisation", "beneficiary__organisation")
    inlines = (EvidenceInline,)
    list_display = ("reference", "shown_title", "shown_state", "obligor", "beneficiary", "due_on", "shown_amount")
    list_filter = (SituationFilter, "status", "nature", "convention")
    list_select_related = ("axis", "obligor__organisation", "beneficiary__organisation")
    search_fields = ("search_key",)
    date_hierarchy = "due_on"
    ordering = ("convention", "reference")
    fieldsets = (
        (None, {"fields": ("convention", "axis", "reference", "title_fr", "title_ar", "title_en", "description")}),
        (_("Parties and terms"), {"fields": ("obligor", "beneficiary", "nature", "amount", "due_on", "recurrence", "source")}),
    )
    facts = (
        "declared_at", "declared_by", "declaration", "contested_at", "contest_reason", "settled_at", "settled_by", "arbitration", "minutes",
        "status_reason",
    )  # fmt: skip

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """What the parties declared and answered, once they did."""
        fieldsets = list(super().get_fieldsets(request, obj))
        told = [name for name in self.facts if obj is not None and getattr(obj, name)]
        return [*fieldsets, (_("What the parties said"), {"fields": told})] if told else fieldsets

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Sequence[str]:
        """Its convention and its reference stay; what was said is written by acts."""
        return ("convention", "reference", *self.facts) if obj is not None else ()

    def get_form(self, request: HttpRequest, obj: Model | None = None, change: bool = False, **kwargs: Any) -> Any:
        """A reference left empty gets the next number; axes and parties are those of the convention, once it is known."""
        request.within = getattr(obj, "convention_id", None)  # type: ignore[attr-defined]
        form: Any = super().get_form(request, obj, change=change, **kwargs)
        if "reference" in form.base_fields:
            form.base_fields["reference"].required = False
            form.base_fields["reference"].help_text = _("Left empty: the next number of the convention.")
        return form

    def formfield_for_foreignkey(self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any) -> ModelChoiceField[Any]:
        """Axes and parties of the convention; of all open ones as long as none is known."""
        within = getattr(request, "within", None)
        if db_field.name == "axis":
            rows = Axis.objects.visible_to(request.user).select_related("convention")
            kwargs["queryset"] = _of(rows, within).order_by("convention", "order")
        elif db_field.name in {"obligor", "beneficiary"}:
            kwargs["queryset"] = _of(Party.objects.select_related("organisation", "convention"), within).order_by("convention", "order")
        field: ModelChoiceField[Any] = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if db_field.name in {"axis", "obligor", "beneficiary"} and within is None:
            field.label_from_instance = lambda row: f"{row.convention.reference} · {row}"  # type: ignore[method-assign,assignment]
        return field

    def may_change(self, user: Any, obj: Any = None) -> bool:
        """Convention managers, while nothing is declared."""
        fixed = obj is not None and obj.status not in {CommitmentStatus.PLANNED, CommitmentStatus.IN_PROGRESS}
        return not fixed and super().may_change(user, obj)

    def may_act(self, user: Any) -> bool:
        """Convention managers."""
        return manages_conventions(user)

    @admin.display(description=_("amount (MAD)"), ordering="amount")
    def shown_amount(self, obj: Commitment) -> str:
        """In dirhams, its unit shown."""
        return money(obj.amount)

    def create(self, user: Any, form: ServiceForm) -> Commitment:
        """Add it to the convention."""
        return commitments.create_commitment(**form.values, by=user)

    def update(self, user: Any, obj: Commitment, form: ServiceForm) -> Commitment:
        """Change what was typed."""
        return commitments.update_commitment(
            commitment=obj.pk, changes=form.changes, by=user, reason=form.reason, version=form.cleaned_data["version"]
        )


def _of(rows: QuerySet[Any], convention: Any) -> QuerySet[Any]:
    if convention is not None:
        return rows.filter(convention=convention)
    return rows.filter(convention__status__in=OPEN_CONVENTION_STATUSES)


class ExpiryFilter(admin.SimpleListFilter):
    """Expired evidence proves nothing any more."""

    title = _("validity")
    parameter_name = "validity"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Expired, or not."""
        return [("expired", _("Expired")), ("valid", _("Valid"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """By the civil date of Casablanca."""
        if self.value() == "expired":
            return queryset.filter(expires_on__lt=clock.today())
        return queryset.exclude(expires_on__lt=clock.today()) if self.value() == "valid" else queryset


@admin.register(Evidence)
class EvidenceAdmin(BaseAdmin):
    """Brought with an act on a commitment or an action; taken back by an act."""

    acts = EVIDENCE_ACTS
    list_display = ("title", "about", "organisation", "fact_on", "expires_on", "has_file")
    list_filter = (ExpiryFilter,)
    list_select_related = ("organisation", "commitment", "action")
    search_fields = ("title", "organisation__search_key")
    date_hierarchy = "fact_on"
    ordering = ("-fact_on", "id")
    fields = ("title", "organisation", "commitment", "action", "url", "document", "fact_on", "received_on", "expires_on", "added_by")

    @admin.display(description=_("proves"))
    def about(self, obj: Evidence) -> str:
        """What it proves."""
        return str(obj.commitment or obj.action)

    @admin.display(description=_("file"), boolean=True)
    def has_file(self, obj: Evidence) -> bool:
        """Whether it is more than an address."""
        return obj.document_id is not None
