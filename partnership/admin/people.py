"""People, the mandates they hold, the invitations that bring them in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.contrib import admin
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget

from core import clock
from core.admin.base import BaseAdmin, ReadOnlyInline
from core.admin.forms import ServiceForm
from core.templatetags.ui import state_badge
from partnership.acts import INVITATION_ACTS, MANDATE_ACTS, PERSON_ACTS
from partnership.admin.organisations import RunningFilter, manages_accounts
from partnership.models import Invitation, Mandate, Person
from partnership.permissions.ledger import manages_conventions
from partnership.permissions.organisations import can_register_person, can_update_person
from partnership.services import invitations, people

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import Model, QuerySet
    from django.http import HttpRequest

    from core.acts import Act


class PersonForm(ServiceForm):
    """Languages are ticked."""

    languages = forms.MultipleChoiceField(
        label=_("Languages"), choices=settings.LANGUAGES, required=False, widget=UnfoldAdminCheckboxSelectMultipleWidget
    )


class HeldMandateInline(ReadOnlyInline):
    """What the person does, where."""

    model = Mandate
    fields = ("organisation", "role", "title", "starts_on", "ends_on")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Mandate]:
        """With the organisations."""
        rows: QuerySet[Mandate] = super().get_queryset(request).select_related("organisation", "person")
        return rows


@admin.register(Person)
class PersonAdmin(BaseAdmin):
    """Somebody of the sector, with an account or without."""

    form = PersonForm
    acts = PERSON_ACTS
    inlines = (HeldMandateInline,)
    list_display = ("full_name", "email", "phone", "user")
    list_filter = (("user", admin.EmptyFieldListFilter), "is_demo")
    list_select_related = ("user",)
    search_fields = ("search_key",)
    ordering = ("sort_key", "id")
    fieldsets = ((None, {"fields": ("full_name", "email", "phone", "languages")}),)

    def may_add(self, user: Any) -> bool:
        """Staff who run operations or accounts."""
        return can_register_person(user)

    def may_change(self, user: Any, obj: Any = None) -> bool:
        """Staff who run operations or accounts."""
        return can_register_person(user) if obj is None else can_update_person(user, obj)

    def possible(self, user: Any, obj: Person) -> list[Act]:
        """Tied once, erased once."""
        acts = [] if obj.erased_at else super().possible(user, obj)
        return [act for act in acts if act.slug != "link" or not obj.user_id]

    def create(self, user: Any, form: ServiceForm) -> Person:
        """Register the person."""
        values = form.values
        return people.register_person(**values | {"phone": str(values["phone"] or "")}, by=user)

    def update(self, user: Any, obj: Person, form: ServiceForm) -> Person:
        """Change what was typed."""
        return people.update_person(person=obj.pk, changes=form.changes, by=user, version=form.cleaned_data["version"])


@admin.register(Mandate)
class MandateAdmin(BaseAdmin):
    """Who may do what for which organisation, and since when."""

    acts = MANDATE_ACTS
    step_up = True
    bulk_acts = ("end",)
    act_related = ("person", "organisation")
    list_display = ("person", "organisation", "role", "title", "starts_on", "ends_on")
    list_filter = (RunningFilter, "role")
    list_select_related = ("person", "organisation")
    search_fields = ("person__search_key", "organisation__search_key", "title")
    date_hierarchy = "starts_on"
    ordering = ("organisation__sort_key", "role", "id")
    autocomplete_fields = ("person", "organisation")
    fieldsets = ((None, {"fields": ("person", "organisation", "role", "title", "starts_on", "ends_on", "source")}),)

    def may_add(self, user: Any) -> bool:
        """Accounts managers and convention managers."""
        return manages_accounts(user) or manages_conventions(user)

    def may_act(self, user: Any) -> bool:
        """Accounts managers and convention managers."""
        return self.may_add(user)

    def possible(self, user: Any, obj: Mandate) -> list[Act]:
        """While it runs."""
        over = obj.ends_on is not None and obj.ends_on <= clock.today()
        return [] if over else super().possible(user, obj)

    def create(self, user: Any, form: ServiceForm) -> Mandate:
        """Give it."""
        return people.give_mandate(**form.values, by=user)


class AnswerFilter(admin.SimpleListFilter):
    """Where an invitation stands."""

    title = _("state")
    parameter_name = "answer"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Its four ends."""
        return [("open", _("Waiting")), ("expired", _("Expired")), ("accepted", _("Accepted")), ("revoked", _("Withdrawn"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """By the instant of now."""
        waiting = queryset.filter(accepted_at=None, revoked_at=None)
        chosen = {
            "open": waiting.filter(expires_at__gt=clock.now()),
            "expired": waiting.filter(expires_at__lte=clock.now()),
            "accepted": queryset.filter(accepted_at__isnull=False),
            "revoked": queryset.filter(revoked_at__isnull=False),
        }
        return chosen.get(self.value() or "", queryset)


@admin.register(Invitation)
class InvitationAdmin(BaseAdmin):
    """Sent by accounts managers; organisations' administrators send their own from the portal."""

    acts = INVITATION_ACTS
    step_up = True
    bulk_acts = ("renew", "withdraw")
    act_related = ("organisation",)
    list_display = ("full_name", "email", "organisation", "role", "shown_answer", "expires_at")
    list_filter = (AnswerFilter, "role")
    list_select_related = ("organisation",)
    search_fields = ("full_name", "email", "organisation__search_key")
    ordering = ("-created_at",)
    autocomplete_fields = ("organisation",)
    fieldsets = ((None, {"fields": ("organisation", "full_name", "email", "role", "language")}),)
    after = ("invited_by", "created_at", "expires_at", "accepted_at", "revoked_at", "mandate")

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """What came of it, once it is sent."""
        fieldsets = list(super().get_fieldsets(request, obj))
        return fieldsets if obj is None else [*fieldsets, (_("What came of it"), {"fields": self.after})]

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Sequence[str]:
        """Nothing of it changes once sent."""
        return self.after if obj is not None else ()

    def may_add(self, user: Any) -> bool:
        """Accounts managers."""
        return manages_accounts(user)

    def may_act(self, user: Any) -> bool:
        """Accounts managers."""
        return manages_accounts(user)

    def possible(self, user: Any, obj: Invitation) -> list[Act]:
        """While nobody has accepted or withdrawn it."""
        return [] if obj.accepted_at or obj.revoked_at else super().possible(user, obj)

    def create(self, user: Any, form: ServiceForm) -> Invitation:
        """Send it."""
        return invitations.invite(**form.values, by=user)

    @admin.display(description=_("state"))
    def shown_answer(self, obj: Invitation) -> str:
        """Where it stands."""
        if obj.accepted_at:
            return state_badge("", label=_("Accepted"), colour="green")
        if obj.revoked_at:
            return state_badge("", label=_("Withdrawn"), colour="grey")
        if obj.expires_at <= clock.now():
            return state_badge("", label=_("Expired"), colour="orange")
        return state_badge("", label=_("Waiting"), colour="amber")
