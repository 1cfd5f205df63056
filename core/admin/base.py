"""The one class of which every page of the administration is made.

It reads for every role, and writes nothing itself: what is typed goes to the noun's services, whose refusals come back
beside the fields. Nothing is deleted here: what can be removed has an act for it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin
from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.db import models
from django.http import Http404, HttpResponseRedirect
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField
from unfold.admin import ModelAdmin, TabularInline
from unfold.forms import PaginationInlineFormSet
from unfold.overrides import FORMFIELD_OVERRIDES_INLINE
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from core.admin.acts import ActsMixin
from core.admin.forms import Autocomplete, ReasonedForm, ServiceForm
from core.admin.history import HistoryMixin
from core.admin.lists import CappedPaginator, PlainChangeList
from core.errors import Refusal, Stale
from core.once import created_once
from core.rights import can_read_administration
from core.search import matching
from core.templatetags.ui import state_badge

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import Model, QuerySet
    from django.forms import BaseForm
    from django.http import HttpRequest, HttpResponse

    from core.actors import Actor


class BaseAdmin(ActsMixin, HistoryMixin, ModelAdmin):  # type: ignore[misc]  # unfold has no types
    """A noun in the administration. Subclasses say who may add and change, and hand the form to a service.

    `search_fields` lists search keys (`search_key`, `organisation__search_key`); another column is read in its normal form, unindexed.
    """

    form = ServiceForm
    change_form_template = "core/admin/change_form.html"
    paginator = CappedPaginator
    show_full_result_count = False
    list_per_page = 50
    list_max_show_all = 50
    list_filter_submit = True
    warn_unsaved_form = True
    save_as = False
    actions_selection_counter = True
    view_on_site = False
    formfield_overrides: ClassVar[dict[Any, Any]] = {
        PhoneNumberField: {"widget": UnfoldAdminTextInputWidget},
        models.URLField: {"assume_scheme": "https"},
        models.TextField: {"widget": UnfoldAdminTextareaWidget(attrs={"rows": 4})},
    }
    lookups: Sequence[str] = ()
    # Whether adding a row gives somebody a right: the front door then asks for a recent proof of who adds it.
    step_up = False

    # -- rights --------------------------------------------------------------------------------------------------------
    def may_add(self, user: Actor) -> bool:
        """Whether this user may make a new one. Nobody, unless the noun says otherwise."""
        return False

    def may_change(self, user: Actor, obj: Any = None) -> bool:
        """Whether this user may change the fields of `obj` (None: of some object). Nobody, unless the noun says otherwise."""
        return False

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Every role reads."""
        return can_read_administration(request.user)

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Every role reads."""
        return can_read_administration(request.user)

    def has_add_permission(self, request: HttpRequest) -> bool:
        """As the noun says."""
        return can_read_administration(request.user) and self.may_add(request.user)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """As the noun says."""
        return can_read_administration(request.user) and self.may_change(request.user, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Nobody: what has consequences is closed, cancelled or withdrawn, by an act."""
        return False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Any]:
        """The rows that this user may see."""
        manager: Any = self.model._default_manager
        rows: QuerySet[Any] = manager.visible_to(request.user) if hasattr(manager.all(), "visible_to") else manager.all()
        ordering = self.get_ordering(request)
        return rows.order_by(*ordering) if ordering else rows

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        """Only what a filter of the list offers: an address is no way to guess a column that is not shown."""
        offered = set(self.lookups)
        for entry in self.list_filter:
            named = entry[0] if isinstance(entry, tuple) else entry
            offered.add(named if isinstance(named, str) else named.parameter_name)
        if self.date_hierarchy:
            offered.add(self.date_hierarchy)
        return any(lookup == name or lookup.startswith(f"{name}__") for name in offered)

    def get_search_results(self, request: HttpRequest, queryset: QuerySet[Any], search_term: str) -> tuple[QuerySet[Any], bool]:
        """Each word must be found in one of `search_fields`."""
        return matching(queryset, search_term, *self.search_fields), False

    # -- writes go to services -----------------------------------------------------------------------------------------
    def create(self, user: Any, form: ServiceForm) -> Model:
        """Call the service that creates, and give back its row."""
        raise PermissionDenied

    def update(self, user: Any, obj: Any, form: ServiceForm) -> Model:
        """Call the service that changes the fields, and give back its row."""
        raise PermissionDenied

    def get_form(self, request: HttpRequest, obj: Model | None = None, change: bool = False, **kwargs: Any) -> type[BaseForm]:
        """The form, told what the service refused to these very values, if anything."""
        form: type[BaseForm] = super().get_form(request, obj, change=change, **kwargs)
        return type(form.__name__, (form,), {"refusal": getattr(request, "refusal", None)})

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """The field of a reference; those that are searched bear with an id that is none."""
        if db_field.name in self.get_autocomplete_fields(request):
            kwargs.setdefault("widget", Autocomplete(db_field, self.admin_site))
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Model | None = None) -> Any:
        """The noun's own, then the reason of a change where the form asks for one."""
        fieldsets = list(super().get_fieldsets(request, obj))
        if obj is not None and issubclass(self.form, ReasonedForm) and self.has_change_permission(request, obj):
            fieldsets.append((_("Why"), {"fields": ["why"]}))
        return fieldsets

    def changeform_view(
        self, request: HttpRequest, object_id: str | None = None, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """The page of one object. What a service refuses is shown in the form as it was typed; nothing is then written."""
        try:
            answer: HttpResponse = super().changeform_view(request, object_id, form_url, extra_context)
        except Refusal as refusal:
            request.refusal = refusal  # type: ignore[attr-defined]
            answer = super().changeform_view(request, object_id, form_url, extra_context)
            answer.status_code = refusal.status if refusal.status != 400 else 422
        except ObjectDoesNotExist as error:
            raise Http404 from error
        return answer

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[PlainChangeList]:
        """The list's class."""
        return PlainChangeList

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """The list; an address whose figures no date or number can hold shows it without filter."""
        try:
            answer: HttpResponse = super().changelist_view(request, extra_context)
        except OverflowError:
            return HttpResponseRedirect(request.path)
        return answer

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        """Hand the form to the service."""
        user: Any = request.user
        row = self.update(user, obj, form) if change else created_once(form, by=user, create=lambda: self.create(user, form))
        obj.__dict__.update({name: value for name, value in row.__dict__.items() if not name.startswith("_") or name == "_state"})

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Nothing: lists inside a page are read only."""

    def delete_model(self, request: HttpRequest, obj: Model) -> None:
        """Refused."""
        raise PermissionDenied

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Refused."""
        raise PermissionDenied

    def construct_change_message(self, request: HttpRequest, form: Any, formsets: Any, add: bool = False) -> list[Any]:
        """Nothing: the audit trail says it better."""
        return []

    def log_addition(self, request: HttpRequest, obj: Model, message: Any) -> None:
        """Nothing: see the history."""

    def log_change(self, request: HttpRequest, obj: Model, message: Any) -> None:
        """Nothing: see the history."""

    def get_inlines(self, request: HttpRequest, obj: Model | None) -> Any:
        """None on the page that adds: what is not there yet has no rows."""
        return super().get_inlines(request, obj) if obj is not None else ()

    def get_formset_kwargs(self, request: HttpRequest, obj: Any, inline: Any, prefix: str) -> dict[str, Any]:
        """Lists inside a page are read only: nothing sent in their name is read."""
        given: dict[str, Any] = super().get_formset_kwargs(request, obj, inline, prefix)
        return {name: value for name, value in given.items() if name not in {"data", "files", "save_as_new"}}

    # -- pages ---------------------------------------------------------------------------------------------------------
    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], add: bool = False, change: bool = False, form_url: str = "", obj: Any = None
    ) -> HttpResponse:
        """Add the acts that this user may do now and, when somebody changed the row meanwhile, both versions of each field."""
        form = context["adminform"].form
        if obj is not None and isinstance(getattr(request, "refusal", None), Stale):
            context["both_versions"] = _both_versions(form, obj)
            form.data = form.data.copy()
            form.data["version"] = obj.updated_at.isoformat()
        if obj is not None and not add:
            context["acts"] = self.offered_acts(request, obj)
            context["state"] = getattr(obj, "state", None) if hasattr(getattr(obj, "state", None), "label") else None
            context["state_reason"] = getattr(obj, "status_reason", "")
        answer: HttpResponse = super().render_change_form(request, context, add, change, form_url, obj)
        return answer

    @admin.display(description=_("state"), ordering="status")
    def shown_state(self, obj: Any) -> str:
        """The state as a badge."""
        return state_badge(obj.state)

    @admin.display(description=_("title"), ordering="title_fr")
    def shown_title(self, obj: Any) -> str:
        """The title in the reader's language."""
        return str(obj.title)


def _both_versions(form: Any, obj: Any) -> list[dict[str, Any]]:
    """The fields where what was typed differs from what is stored now."""
    return [
        {"label": form.fields[name].label, "stored": _in_words(form, name, getattr(obj, name)), "typed": _in_words(form, name, value)}
        for name, value in form.changes.items()
    ]


def _in_words(form: Any, name: str, value: Any) -> str:
    choices = {str(key): label for key, label in getattr(form.fields[name], "choices", ()) if isinstance(value, str | list)}
    if isinstance(value, list | tuple):
        return ", ".join(str(choices.get(str(item), item)) for item in value)
    return str(choices.get(str(value), value) if value is not None else "")


class ReadOnlyFormSet(PaginationInlineFormSet):  # type: ignore[misc]  # unfold has no types
    """Rows that nobody types: whatever is sent in their name is not read."""

    def is_valid(self) -> bool:
        """Always."""
        return True


class ReadOnlyInline(TabularInline):  # type: ignore[misc]  # unfold has no types
    """Rows shown inside the page of another; each opens its own page, where its acts are."""

    formset = ReadOnlyFormSet
    formfield_overrides: ClassVar[dict[Any, Any]] = {**FORMFIELD_OVERRIDES_INLINE, models.URLField: {"assume_scheme": "https"}}
    extra = 0
    max_num = 0
    can_delete = False
    show_change_link = True
    tab = True
    show_count = False

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """As the page that holds it."""
        return can_read_administration(request.user)

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Never: it has its own page."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Never: it has its own page."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        """Never."""
        return False
