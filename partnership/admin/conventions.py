"""Conventions, with their parties and their axes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from core.admin.base import BaseAdmin, ReadOnlyInline
from core.admin.forms import ReasonedForm, ServiceForm
from partnership.acts import AXIS_ACTS, CONVENTION_ACTS, PARTY_ACTS
from partnership.choices import CONVENTION_TRANSITIONS, OPEN_CONVENTION_STATUSES, ConventionKind
from partnership.models import Axis, Convention, Party
from partnership.permissions.ledger import can_create_convention, can_update_convention, manages_conventions
from partnership.selectors import decisions
from partnership.services import conventions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import ForeignKey, Model, QuerySet
    from django.forms import ModelChoiceField
    from django.http import HttpRequest


class EndingFilter(admin.SimpleListFilter):
    """Those about to end."""

    title = _("end")
    parameter_name = "ends"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """One choice."""
        return [("soon", _("Within six months"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """By the civil date of Casablanca."""
        return queryset.filter(decisions.ending()) if self.value() == "soon" else queryset


class PartyInline(ReadOnlyInline):
    """The parties, in the order of signature."""

    model = Party
    fields = ("order", "organisation", "signatory", "quality", "signed_on")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Party]:
        """With the organisations."""
        rows: QuerySet[Party] = super().get_queryset(request).select_related("organisation")
        return rows


class AxisInline(ReadOnlyInline):
    """The axes, in order."""

    model = Axis
    fields = ("order", "code", "title_fr", "public_lead", "private_lead")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Axis]:
        """With their leads."""
        rows: QuerySet[Axis] = super().get_queryset(request).select_related("public_lead", "private_lead")
        return rows


@admin.register(Convention)
class ConventionAdmin(BaseAdmin):
    """Kept by convention managers; its states are acts. What the parties signed changes with a reason."""

    form = ReasonedForm
    acts = CONVENTION_ACTS
    act_table = CONVENTION_TRANSITIONS
    inlines = (PartyInline, AxisInline)
    list_display = ("reference", "shown_title", "kind", "shown_state", "signed_on", "ends_on", "visibility")
    list_filter = ("status", "kind", "visibility", EndingFilter)
    search_fields = ("search_key",)
    date_hierarchy = "signed_on"
    ordering = ("-signed_on", "reference")
    fieldsets = (
        (None, {"fields": ("reference", "kind", "parent", "title_fr", "title_ar", "title_en")}),
        (_("Object"), {"fields": ("object_fr", "object_ar", "object_en")}),
        (_("Dates and duration"), {"fields": ("place", "signed_on", "effective_on", "ends_on", "renewal", "notice_days")}),
        (_("Publication and sources"), {"fields": ("visibility", "source", "note")}),
    )
    # Set by the acts that sign and bring into force.
    before_signature = ("signed_on", "effective_on")

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """A draft has neither date of signature nor date of effect: acts record them."""
        fieldsets = super().get_fieldsets(request, obj)
        if isinstance(obj, Convention) and obj.signed_on is not None:
            return fieldsets
        return [
            (name, options | {"fields": tuple(field for field in options["fields"] if field not in self.before_signature)})
            for name, options in fieldsets
        ]

    def formfield_for_foreignkey(self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any) -> ModelChoiceField[Any]:
        """Only a framework convention has others under it."""
        if db_field.name == "parent":
            kwargs["queryset"] = Convention.objects.visible_to(request.user).filter(kind=ConventionKind.FRAMEWORK)
        field: ModelChoiceField[Any] = super().formfield_for_foreignkey(db_field, request, **kwargs)
        return field

    def may_add(self, user: Any) -> bool:
        """Convention managers."""
        return can_create_convention(user)

    def may_change(self, user: Any, obj: Any = None) -> bool:
        """Convention managers, while it is open."""
        if obj is None:
            return manages_conventions(user)
        return obj.status in OPEN_CONVENTION_STATUSES and can_update_convention(user, obj)

    def create(self, user: Any, form: ServiceForm) -> Convention:
        """Open a draft."""
        return conventions.create_convention(**form.values, by=user)

    def update(self, user: Any, obj: Convention, form: ServiceForm) -> Convention:
        """Change what was typed."""
        return conventions.update_convention(
            convention=obj.pk, changes=form.changes, by=user, reason=form.reason, version=form.cleaned_data["version"]
        )


class PartOfConventionAdmin(BaseAdmin):
    """What belongs to a convention: kept by convention managers while it is open, never moved to another one."""

    form = ReasonedForm
    act_related: Sequence[str] = ("convention",)

    def formfield_for_foreignkey(self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any) -> ModelChoiceField[Any]:
        """Conventions that may still change."""
        if db_field.name == "convention":
            kwargs["queryset"] = Convention.objects.visible_to(request.user).filter(status__in=OPEN_CONVENTION_STATUSES)
        field: ModelChoiceField[Any] = super().formfield_for_foreignkey(db_field, request, **kwargs)
        return field

    def may_add(self, user: Any) -> bool:
        """Convention managers."""
        return manages_conventions(user)

    def may_change(self, user: Any, obj: Any = None) -> bool:
        """Convention managers, while the convention is open."""
        if obj is None:
            return manages_conventions(user)
        return obj.convention.status in OPEN_CONVENTION_STATUSES and can_update_convention(user, obj.convention)


@admin.register(Party)
class PartyAdmin(PartOfConventionAdmin):
    """An organisation in a convention, and who signed for it."""

    acts = PARTY_ACTS
    list_display = ("organisation", "convention", "order", "signatory", "quality", "signed_on")
    list_filter = ("convention",)
    list_select_related = ("organisation", "convention")
    search_fields = ("organisation__search_key", "convention__search_key", "signatory")
    ordering = ("convention", "order", "id")
    autocomplete_fields = ("organisation",)
    fieldsets = ((None, {"fields": ("convention", "organisation", "order", "signatory", "quality", "signed_on")}),)

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Sequence[str]:
        """Which organisation, in which convention, does not change."""
        return ("convention", "organisation") if obj is not None else ()

    def create(self, user: Any, form: ServiceForm) -> Party:
        """Add it to the parties."""
        return conventions.add_party(**form.values, reason=form.reason, by=user)

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """A party is added to a signed convention with a reason."""
        fieldsets = super().get_fieldsets(request, obj)
        return fieldsets if obj is not None else [*fieldsets, (_("Why"), {"fields": ("why",)})]

    def update(self, user: Any, obj: Party, form: ServiceForm) -> Party:
        """Change what was typed."""
        return conventions.update_party(
            party=obj.pk, changes=form.changes, by=user, reason=form.reason, version=form.cleaned_data["version"]
        )


@admin.register(Axis)
class AxisAdmin(PartOfConventionAdmin):
    """A strand of a convention, with its two leads."""

    acts = AXIS_ACTS
    list_display = ("shown_title", "code", "convention", "order", "public_lead", "private_lead")
    list_filter = ("convention",)
    list_select_related = ("convention", "public_lead", "private_lead")
    search_fields = ("search_key", "convention__search_key")
    ordering = ("convention", "order", "id")
    autocomplete_fields = ("public_lead", "private_lead")
    fieldsets = (
        (None, {"fields": ("convention", "code", "order", "title_fr", "title_ar", "title_en")}),
        (_("Object"), {"fields": ("object_fr", "object_ar", "object_en")}),
        (_("Leads"), {"fields": ("public_lead", "private_lead")}),
    )

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Sequence[str]:
        """It stays in its convention."""
        return ("convention",) if obj is not None else ()

    def create(self, user: Any, form: ServiceForm) -> Axis:
        """Add it."""
        return conventions.add_axis(**form.values, by=user)

    def update(self, user: Any, obj: Axis, form: ServiceForm) -> Axis:
        """Change what was typed."""
        return conventions.update_axis(axis=obj.pk, changes=form.changes, by=user, reason=form.reason, version=form.cleaned_data["version"])
