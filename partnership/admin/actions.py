"""Actions of the yearly plan."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core.admin.base import BaseAdmin, ReadOnlyInline
from core.admin.forms import ReasonedForm, ServiceForm
from core.templatetags.ui import state_badge
from partnership.acts import ACTION_ACTS
from partnership.choices import ACTION_TRANSITIONS, OPEN_ACTION_STATUSES, OPEN_CONVENTION_STATUSES, Priority
from partnership.models import Action, Axis, Commitment, Convention, Evidence
from partnership.permissions.ledger import can_update_action, operates
from partnership.querysets import late_action
from partnership.selectors import decisions
from partnership.services import actions

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import ForeignKey, Model, QuerySet
    from django.forms import ModelChoiceField
    from django.http import HttpRequest


class DelayFilter(admin.SimpleListFilter):
    """Open, late, or waiting for a second person."""

    title = _("situation")
    parameter_name = "situation"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """What the home page counts."""
        return [("open", _("Open")), ("late", _("Late")), ("verify", _("Awaiting verification"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Late is past the civil date of Casablanca."""
        chosen = {"open": decisions.open_actions(), "late": late_action(), "verify": decisions.to_verify()}
        return queryset.filter(chosen.get(self.value() or "", Q()))


class ActionEvidenceInline(ReadOnlyInline):
    """What proves it."""

    model = Evidence
    fk_name = "action"
    fields = ("title", "organisation", "fact_on", "expires_on", "url", "document")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Evidence]:
        """With who brought it."""
        rows: QuerySet[Evidence] = super().get_queryset(request).select_related("organisation", "document")
        return rows


@admin.register(Action)
class ActionAdmin(BaseAdmin):
    """Opened and followed by ONMT's officers and the parties; its states are acts. A date moves with a reason."""

    form = ReasonedForm
    acts = ACTION_ACTS
    act_table = ACTION_TRANSITIONS
    bulk_acts = ("verify", "return", "cancel")
    act_related = ("convention", "organisation", "responsible")
    inlines = (ActionEvidenceInline,)
    list_display = ("title", "organisation", "shown_state", "shown_priority", "due_on", "progress", "axis")
    list_filter = (DelayFilter, "status", "priority", "convention", "axis")
    list_select_related = ("axis", "organisation")
    search_fields = ("search_key", "organisation__search_key")
    date_hierarchy = "due_on"
    ordering = ("due_on", "id")
    autocomplete_fields = ("organisation", "responsible")
    fieldsets = (
        (None, {"fields": ("convention", "axis", "commitment", "title", "description")}),
        (_("By whom, by when"), {"fields": ("organisation", "responsible", "priority", "starts_on", "due_on", "source")}),
    )
    facts = ("progress", "outcome", "done_at", "done_by", "verified_at", "verified_by", "status_reason")

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """How it went, once it has begun."""
        fieldsets = list(super().get_fieldsets(request, obj))
        told = [name for name in self.facts if obj is not None and getattr(obj, name)]
        return [*fieldsets, (_("How it goes"), {"fields": told})] if told else fieldsets

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Sequence[str]:
        """Its convention stays; how it goes is written by acts."""
        return ("convention", *self.facts) if obj is not None else ()

    def get_form(self, request: HttpRequest, obj: Model | None = None, change: bool = False, **kwargs: Any) -> Any:
        """Axes and commitments are those of the convention, once it is known."""
        request.within = getattr(obj, "convention_id", None)  # type: ignore[attr-defined]
        return super().get_form(request, obj, change=change, **kwargs)

    def formfield_for_foreignkey(self, db_field: ForeignKey[Any, Any], request: HttpRequest, **kwargs: Any) -> ModelChoiceField[Any]:
        """Open conventions; axes and commitments of the convention, or of all open ones as long as none is known."""
        within = getattr(request, "within", None)
        sources: dict[str, Any] = {"axis": Axis, "commitment": Commitment}
        if db_field.name == "convention":
            kwargs["queryset"] = Convention.objects.visible_to(request.user).filter(status__in=OPEN_CONVENTION_STATUSES)
        elif db_field.name in sources:
            rows = sources[db_field.name].objects.visible_to(request.user).select_related("convention")
            held = {"convention": within} if within else {"convention__status__in": OPEN_CONVENTION_STATUSES}
            kwargs["queryset"] = rows.filter(**held)
        field: ModelChoiceField[Any] = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if db_field.name in sources and within is None:
            field.label_from_instance = lambda row: f"{row.convention.reference} · {row}"  # type: ignore[method-assign,assignment]
        return field

    def may_add(self, user: Any) -> bool:
        """ONMT's officers."""
        return operates(user)

    def may_change(self, user: Any, obj: Any = None) -> bool:
        """ONMT's officers, while it is open."""
        if obj is None:
            return operates(user)
        return obj.status in OPEN_ACTION_STATUSES and can_update_action(user, obj)

    def may_act(self, user: Any) -> bool:
        """ONMT's officers."""
        return operates(user)

    def create(self, user: Any, form: ServiceForm) -> Action:
        """Open it."""
        return actions.open_action(**form.values, by=user)

    def update(self, user: Any, obj: Action, form: ServiceForm) -> Action:
        """Change what was typed."""
        return actions.update_action(action=obj.pk, changes=form.changes, by=user, reason=form.reason, version=form.cleaned_data["version"])

    @admin.display(description=_("priority"), ordering="priority")
    def shown_priority(self, obj: Action) -> str:
        """The priority as a badge."""
        return state_badge(Priority(obj.priority))
