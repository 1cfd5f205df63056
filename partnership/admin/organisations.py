"""Organisations, their memberships, their programs' access to the API."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.shortcuts import render
from django.utils.translation import gettext as _g
from django.utils.translation import gettext_lazy as _
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminTextInputWidget

from accounts.models import User
from accounts.roles import StaffRole
from core import clock
from core.admin.base import BaseAdmin, ReadOnlyInline
from core.admin.forms import ReasonedForm, ServiceForm
from partnership.acts import AFFILIATION_ACTS, API_CLIENT_ACTS, ORGANISATION_ACTS
from partnership.choices import AFFILIATION_TRANSITIONS, ORGANISATION_TRANSITIONS, SCOPES, Activity
from partnership.models import Affiliation, ApiClient, Mandate, Organisation
from partnership.permissions.ledger import operates
from partnership.permissions.organisations import can_register_organisation, can_update_organisation_registry
from partnership.services import affiliations, api_clients, organisations

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import Model, QuerySet
    from django.http import HttpRequest, HttpResponse

    from core.acts import Act


def manages_accounts(user: Any) -> bool:
    """ONMT's accounts managers."""
    return isinstance(user, User) and user.has_staff_role(StaffRole.ACCOUNT_MANAGER)


class OrganisationForm(ReasonedForm):
    """Several activities are ticked; an ICE is typed with or without spaces."""

    activities = forms.MultipleChoiceField(
        label=_("Activities"), choices=Activity.choices, required=False, widget=UnfoldAdminCheckboxSelectMultipleWidget
    )
    ice = forms.CharField(
        label=_("ICE"),
        max_length=40,
        required=False,
        help_text=_("15 digits, spaces accepted: 9 of the enterprise, 4 of the establishment, 2 of check."),
        widget=UnfoldAdminTextInputWidget(attrs={"inputmode": "numeric", "dir": "ltr"}),
    )
    is_prospective = forms.BooleanField(
        label=_("Prospective"), required=False, help_text=_("Known, and not registered yet: it is neither invited nor vouched for.")
    )


class MembershipInline(ReadOnlyInline):
    """The bodies it belongs to, period by period."""

    model = Affiliation
    fk_name = "organisation"
    fields = ("body", "status", "starts_on", "ends_on", "reason")
    verbose_name_plural = _("memberships")


class MandateInline(ReadOnlyInline):
    """Its people."""

    model = Mandate
    fields = ("person", "role", "title", "starts_on", "ends_on")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Mandate]:
        """With their names."""
        rows: QuerySet[Mandate] = super().get_queryset(request).select_related("person", "organisation")
        return rows


@admin.register(Organisation)
class OrganisationAdmin(BaseAdmin):
    """Registered and kept by staff who run operations; its states are acts."""

    form = OrganisationForm
    acts = ORGANISATION_ACTS
    act_table = ORGANISATION_TRANSITIONS
    bulk_acts = ("admit", "vouch", "suspend", "reinstate")
    inlines = (MembershipInline, MandateInline)
    list_display = ("name_fr", "acronym", "kind", "shown_state", "region", "ice")
    list_filter = ("status", "kind", "region", "size", "is_demo")
    list_select_related = ("region",)
    search_fields = ("search_key",)
    ordering = ("sort_key", "id")
    autocomplete_fields = ("region", "destination")
    fieldsets = (
        (None, {"fields": ("kind", "name_fr", "name_ar", "acronym", "activities", "size")}),
        (_("Identifiers"), {"fields": ("ice", "licence_kind", "licence_number")}),
        (_("Place and contact"), {"fields": ("region", "destination", "address", "email", "phone", "website")}),
        (_("Origin of the record"), {"fields": ("source",)}),
    )

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """A new one may be only prospective."""
        fieldsets = super().get_fieldsets(request, obj)
        return fieldsets if obj is not None else [*fieldsets, (_("State"), {"fields": ("is_prospective",)})]

    def may_add(self, user: Any) -> bool:
        """Staff who run operations."""
        return can_register_organisation(user)

    def may_change(self, user: Any, obj: Any = None) -> bool:
        """Staff who run operations, unless it is closed."""
        return operates(user) if obj is None else can_update_organisation_registry(user, obj)

    def may_act(self, user: Any) -> bool:
        """Staff who run operations."""
        return operates(user)

    def create(self, user: Any, form: ServiceForm) -> Organisation:
        """Register it."""
        details = {name: value for name, value in form.values.items() if value not in ("", None, [])}
        kind, name_fr, is_prospective = details.pop("kind"), details.pop("name_fr"), details.pop("is_prospective", False)
        return organisations.register_organisation(kind=kind, name_fr=name_fr, details=details, is_prospective=is_prospective, by=user)

    def update(self, user: Any, obj: Organisation, form: ServiceForm) -> Organisation:
        """Change what was typed."""
        changes = {name: value for name, value in form.changes.items() if name != "is_prospective"}
        return organisations.update_organisation(
            organisation=obj.pk, changes=changes, by=user, reason=form.reason, version=form.cleaned_data["version"]
        )


class RunningFilter(admin.SimpleListFilter):
    """Those that hold today."""

    title = _("period")
    parameter_name = "holds"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        """Today, or over."""
        return [("today", _("Holds today")), ("over", _("Over"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """By the civil date of Casablanca."""
        model: Any = queryset.model
        current = model.objects.current().values("pk")
        if self.value() == "today":
            return queryset.filter(pk__in=current)
        return queryset.filter(ends_on__lte=clock.today()) if self.value() == "over" else queryset


@admin.register(Affiliation)
class AffiliationAdmin(BaseAdmin):
    """Memberships, each status a dated row; suspended, resumed and ended by acts."""

    acts = AFFILIATION_ACTS
    act_table = AFFILIATION_TRANSITIONS
    act_related = ("organisation", "body")
    list_display = ("organisation", "body", "shown_state", "starts_on", "ends_on", "reason")
    list_filter = ("status", RunningFilter)
    list_select_related = ("organisation", "body")
    search_fields = ("organisation__search_key", "body__search_key")
    date_hierarchy = "starts_on"
    ordering = ("-starts_on", "id")
    autocomplete_fields = ("organisation", "body")
    fields = ("organisation", "body", "starts_on", "reason", "source")

    def get_fields(self, request: HttpRequest, obj: Model | None = None) -> Sequence[str]:
        """Its state and its end are read, never typed."""
        return self.fields if obj is None else ("organisation", "body", "status", "starts_on", "ends_on", "reason", "source")

    def may_add(self, user: Any) -> bool:
        """Staff who run operations."""
        return operates(user)

    def possible(self, user: Any, obj: Affiliation) -> list[Act]:
        """A period that is over has no act: the membership has another state now."""
        return [] if obj.ends_on is not None else super().possible(user, obj)

    def landing(self, obj: Any, result: Any) -> str:
        """The row that the act opened."""
        return self.page_url(result)

    def create(self, user: Any, form: ServiceForm) -> Affiliation:
        """Open a membership."""
        values = form.values | {"reason": form.cleaned_data.get("reason", "")}
        return affiliations.affiliate(**values, by=user)


class ApiClientForm(ServiceForm):
    """Which rights the program has."""

    scopes = forms.MultipleChoiceField(label=_("Rights"), widget=UnfoldAdminCheckboxSelectMultipleWidget)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "scopes" in self.fields:
            self.fields["scopes"].choices = [(name, f"{label} ({name})") for name, label in SCOPES.items()]  # type: ignore[attr-defined]
        if "expires_on" in self.fields:
            self.initial.setdefault("expires_on", clock.today() + timedelta(days=365))


@admin.register(ApiClient)
class ApiClientAdmin(BaseAdmin):
    """Accesses to the API: issued by accounts managers, whose page shows the secret once; revoked at any time."""

    form = ApiClientForm
    acts = API_CLIENT_ACTS
    step_up = True
    act_related = ("organisation", "client")
    list_display = ("label", "organisation", "shown_scopes", "expires_on", "revoked_at", "last_used_at")
    list_filter = (("revoked_at", admin.EmptyFieldListFilter),)
    list_select_related = ("organisation", "client")
    search_fields = ("label", "organisation__search_key")
    date_hierarchy = "expires_on"
    ordering = ("-created_at",)
    autocomplete_fields = ("organisation",)
    add_fieldsets = (
        (
            None,
            {
                "fields": ("organisation", "label", "scopes", "expires_on"),
                "description": _("The next page shows the secret, once: hand it over by a channel of trust."),
            },
        ),
    )
    fieldsets = (
        (
            None,
            {
                "fields": (
                    "organisation",
                    "label",
                    "shown_id",
                    "shown_scopes",
                    "expires_on",
                    "revoked_at",
                    "last_used_at",
                    "created_by",
                    "created_at",
                )
            },
        ),
    )
    readonly_fields = ("shown_id", "shown_scopes", "created_at", "created_by")

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Sequence[str]:
        """Nothing of an access changes."""
        return self.readonly_fields if obj is not None else ()

    def may_add(self, user: Any) -> bool:
        """Accounts managers."""
        return manages_accounts(user)

    def possible(self, user: Any, obj: ApiClient) -> list[Act]:
        """Once."""
        return [] if obj.revoked_at is not None else super().possible(user, obj)

    def create(self, user: Any, form: ServiceForm) -> ApiClient:
        """Issue it; the secret stays on the row of this request alone, for the page that follows."""
        access, secret = api_clients.issue_api_client(**form.values, by=user)
        access.shown_secret = secret  # type: ignore[attr-defined]
        return access

    def response_add(self, request: HttpRequest, obj: Any, post_url_continue: str | None = None) -> HttpResponse:
        """The only page that ever shows the secret; it is neither stored nor kept by the browser."""
        context = self.admin_site.each_context(request) | {
            "title": _g("Access to the API issued"),
            "object": obj,
            "secret": obj.shown_secret,
            "opts": self.model._meta,
            "back": self.page_url(obj),
        }
        answer = render(request, "partnership/admin/api_secret.html", context)
        answer["Cache-Control"] = "no-store"
        return answer

    @admin.display(description=_("client identifier"))
    def shown_id(self, obj: ApiClient) -> str:
        """What the program presents with its secret."""
        return str(obj.client_id)

    @admin.display(description=_("rights"))
    def shown_scopes(self, obj: ApiClient) -> str:
        """The rights, by their names."""
        return " ".join(obj.client.get_scopes())
