"""Accounts in the administration: who has one, which roles the staff hold, and what protects them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from allauth.account import admin as _account_admin  # noqa: F401 - registers before it is taken out below
from allauth.idp.oidc import admin as _oidc_admin  # noqa: F401
from allauth.mfa import admin as _mfa_admin  # noqa: F401
from allauth.usersessions import admin as _usersessions_admin  # noqa: F401
from django import forms
from django.conf import settings
from django.contrib import admin
from django.contrib.auth import admin as _auth_admin  # noqa: F401
from django.shortcuts import render
from django.urls import path
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _g
from django.utils.translation import gettext_lazy as _
from pghistory.core import event_models
from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget, UnfoldAdminSelectWidget

from accounts import services
from accounts.models import HeldRole, User
from accounts.permissions import can_manage_account, can_open_account, can_update_account
from accounts.roles import STAFF_ROLE_HELP, StaffRole
from core.acts import Act, ActForm
from core.admin.base import BaseAdmin
from core.admin.forms import ServiceForm
from core.history import Change, Difference, author_of, history
from core.privacy.acts import ERASE_WORDS, EraseAccountForm

if TYPE_CHECKING:
    from collections.abc import Sequence
    from uuid import UUID

    from django.db.models import Model, QuerySet
    from django.http import HttpRequest, HttpResponse
    from django.urls import URLPattern
    from django.utils.functional import _StrOrPromise

# Packages register their own tables, whose pages would write around the services.
for _model in [model for model, page in admin.site._registry.items() if not isinstance(page, BaseAdmin)]:
    admin.site.unregister(_model)


def _explained_roles() -> list[tuple[str, str]]:
    return [(role.value, f"{role.label} — {STAFF_ROLE_HELP[role]}") for role in StaffRole]


# -- acts --------------------------------------------------------------------------------------------------------------
class ReasonForm(ActForm):
    """A reason, compulsory."""

    reason = forms.CharField(
        label=_("Reason"), max_length=500, widget=forms.Textarea(attrs={"rows": 2}), help_text=_("The audit trail keeps it.")
    )


class RolesForm(ReasonForm):
    """Which roles, and why."""

    field_order = ["roles"]
    roles = forms.MultipleChoiceField(
        label=_("Staff roles"), required=False, widget=forms.CheckboxSelectMultiple, help_text=_("None: the account leaves the staff.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["roles"].choices = _explained_roles()  # type: ignore[attr-defined]

    @classmethod
    def initial_of(cls, obj: Any) -> dict[str, Any]:
        """The roles held now."""
        return {"roles": list(obj.groups.values_list("name", flat=True))}


class EmailForm(ReasonForm):
    """Another address, and how it was checked."""

    field_order = ["email"]
    email = forms.EmailField(label=_("New e-mail address"), help_text=_("Check with its owner first: it is where a new password is sent."))


def _erase(*, user: UUID, reason: str, by: Any) -> Any:
    """What the floors above hold of this account is erased with it."""
    return import_string(settings.ACCOUNT_ERASING)(user=user, reason=reason, by=by)


ACCOUNT_ACTS: Final[Sequence[Act]] = (
    Act(
        slug="roles",
        label=_("Change the roles"),
        title=_("Choose the staff roles of this account"),
        consequences=_("The account holds exactly these roles. When they change, every session of the account ends."),
        done=_("The roles are set."),
        can=can_manage_account,
        service=services.set_staff_roles,
        target="user",
        form=RolesForm,
        icon="users",
        colour="primary",
        step_up=True,
    ),
    Act(
        slug="email",
        label=_("Change the address"),
        title=_("Give this account another e-mail address"),
        consequences=_("Its owner signs in with the new address. Every session ends, and the former address is told."),
        done=_("The address is changed. The former one has been told."),
        can=can_manage_account,
        service=services.change_email,
        target="user",
        form=EmailForm,
        icon="mail-forward",
        step_up=True,
    ),
    Act(
        slug="end-sessions",
        label=_("End its sessions"),
        title=_("End every session of this account?"),
        consequences=_("Its owner signs in again, on every device."),
        done=_("Every session of the account has ended."),
        can=can_manage_account,
        service=services.end_sessions,
        target="user",
        form=ReasonForm,
        icon="logout",
    ),
    Act(
        slug="reset-factor",
        label=_("Reset the second factor"),
        title=_("Remove every second factor of this account?"),
        consequences=_(
            "Only after checking who asks. Every session ends, the owner is told, and sets up a new factor at the next sign-in."
        ),
        done=_("The second factors are removed. The owner has been told."),
        can=can_manage_account,
        service=services.reset_second_factor,
        target="user",
        form=ReasonForm,
        icon="shield-check",
        danger=True,
        step_up=True,
    ),
    Act(
        slug="reopen",
        label=_("Reopen the account"),
        title=_("Reopen this account?"),
        consequences=_("Its owner signs in again with the password, the factors and the roles it had. Its mandates have to be given anew."),
        done=_("The account is open again."),
        can=can_manage_account,
        service=services.reopen_account,
        target="user",
        form=ReasonForm,
        icon="refresh",
        step_up=True,
    ),
    Act(
        slug="close",
        label=_("Close the account"),
        title=_("Close this account?"),
        consequences=_("Nobody signs in with it any more, and its mandates end today. What was done keeps its author. It can be reopened."),
        done=_("The account is closed."),
        can=can_manage_account,
        service=services.close_account,
        target="user",
        form=ReasonForm,
        icon="lock",
        danger=True,
        undo="reopen",
        step_up=True,
    ),
    Act(
        can=can_manage_account,
        service=_erase,
        target="user",
        form=EraseAccountForm,
        **ERASE_WORDS,
    ),
)


# -- pages -------------------------------------------------------------------------------------------------------------
class AccountForm(ServiceForm):
    """A name and a language; for a new account of the staff also its address and its roles."""

    language = forms.ChoiceField(label=_("Language"), choices=settings.LANGUAGES, initial="fr", widget=UnfoldAdminSelectWidget)
    roles = forms.MultipleChoiceField(label=_("Staff roles"), required=False, widget=UnfoldAdminCheckboxSelectMultipleWidget)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "roles" in self.fields:
            self.fields["roles"].choices = _explained_roles()  # type: ignore[attr-defined]


class RoleFilter(admin.SimpleListFilter):
    """By staff role; or those who are not of the staff."""

    title = _("role")
    parameter_name = "role"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> list[tuple[str, _StrOrPromise]]:
        """Every role, and none."""
        return [*((role.value, role.label) for role in StaffRole), ("none", _("Not of the staff"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Accounts that hold the role."""
        if self.value() == "none":
            return queryset.filter(is_staff=False)
        return queryset.filter(groups__name=self.value()) if self.value() else queryset


@admin.register(User)
class UserAdmin(BaseAdmin):
    """Read by every role; kept by the accounts managers, nobody by oneself."""

    form = AccountForm
    acts = ACCOUNT_ACTS
    step_up = True
    list_display = ("full_name", "email", "shown_roles", "is_active", "language", "joined_at")
    list_filter = (RoleFilter, "is_active", "language")
    search_fields = ("full_name", "email")
    ordering = ("full_name", "id")
    add_fieldsets = (
        (None, {"fields": ("full_name", "email", "language", "roles"), "description": _("A mail says where to choose the password.")}),
    )
    fieldsets = (
        (None, {"fields": ("full_name", "email", "language")}),
        (_("Access"), {"fields": ("shown_roles", "is_active", "is_staff", "joined_at", "last_login")}),
    )
    readonly_fields = ("shown_roles", "is_active", "is_staff", "joined_at", "last_login")

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        """With the roles, in one query for all."""
        rows: QuerySet[User] = super().get_queryset(request).prefetch_related("groups")
        return rows

    def get_readonly_fields(self, request: HttpRequest, obj: Model | None = None) -> Sequence[str]:
        """An address is typed once; later it has an act, which tells the former one."""
        return (*self.readonly_fields, "email") if obj is not None else ()

    def may_add(self, user: Any) -> bool:
        """Accounts managers."""
        return can_open_account(user)

    def may_change(self, user: Any, obj: Any = None) -> bool:
        """Accounts managers; one's own name and language are kept on one's profile."""
        return can_open_account(user) and (obj is None or can_update_account(user, obj))

    def possible(self, user: Any, obj: User) -> list[Act]:
        """A closed account can only be reopened, or erased; nothing is done to one that is erased."""
        acts = [] if obj.erased_at else [act for act in self.acts if act.can(user, obj)]
        return [act for act in acts if act.slug == "erase" or (act.slug == "reopen") != obj.is_active]

    def create(self, user: Any, form: ServiceForm) -> User:
        """Open an account of the staff."""
        return services.open_staff_account(**form.values, by=user)

    def update(self, user: Any, obj: User, form: ServiceForm) -> User:
        """Change the name and the language."""
        typed = form.cleaned_data
        return services.update_profile(
            user=obj.pk, full_name=typed["full_name"], language=typed["language"], by=user, version=typed["version"]
        )

    def get_urls(self) -> list[URLPattern]:
        """Also the page that describes the roles."""
        own = path("roles/", self.admin_site.admin_view(self.roles_page), name="accounts_user_roles")
        return [own, *super().get_urls()]

    def roles_page(self, request: HttpRequest) -> HttpResponse:
        """What each staff role may do, and who holds it."""
        holders: dict[str, list[User]] = {role.value: [] for role in StaffRole}
        for account in self.get_queryset(request).filter(is_staff=True, is_active=True):
            for group in account.groups.all():
                holders.setdefault(group.name, []).append(account)
        roles = [{"role": role, "help": STAFF_ROLE_HELP[role], "holders": holders[role.value]} for role in StaffRole]
        context = self.admin_site.each_context(request) | {"title": _g("Staff roles"), "roles": roles}
        return render(request, "accounts/admin/roles.html", context)

    def changes_of(self, obj: Model) -> list[Change]:
        """The account's own changes, and the roles it was given or lost."""
        return sorted([*history(obj), *_role_changes(obj)], key=lambda change: change.at, reverse=True)

    @admin.display(description=_("roles"))
    def shown_roles(self, obj: User) -> str:
        """The staff roles held, in words."""
        names = {group.name for group in obj.groups.all()}
        return ", ".join(str(role.label) for role in StaffRole if role.value in names)


def _role_changes(account: Model) -> list[Change]:
    """Roles given and taken, as lines of the history."""
    return [
        _role_change(row)
        for event in event_models(tracks_model=HeldRole, include_missing_pgh_obj=True)
        for row in _roles_in(event, account)
    ]


def _roles_in(event: Any, account: Model) -> QuerySet[Any]:
    rows: QuerySet[Any] = event._default_manager.filter(user_id=account.pk).select_related("pgh_context", "group")
    return rows


def _role_change(row: Any) -> Change:
    name = next((str(role.label) for role in StaffRole if role.value == row.group.name), str(row.group.name))
    given = row.pgh_label == "insert"
    metadata = row.pgh_context.metadata if row.pgh_context else {}
    return Change(
        at=row.pgh_created_at,
        kind=row.pgh_label,
        label=_("Role given") if given else _("Role taken"),
        actor=author_of(metadata),
        reason=metadata.get("reason", ""),
        request_id=metadata.get("request_id", ""),
        differences=[Difference("role", _g("Staff role"), "" if given else name, name if given else "")],
    )
