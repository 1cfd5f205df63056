"""Organisations: one's own, the directory of those one may see, a body's members, the profile and its states."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from core import clock
from core.acts import offers
from core.doors import attempt, find_or_404, list_page, show
from partnership.acts import AFFILIATION_ACTS, INVITATION_ACTS, MANDATE_ACTS, ORGANISATION_ACTS
from partnership.choices import AFFILIATION_TRANSITIONS, ORGANISATION_TRANSITIONS, Activity, AffiliationStatus, OrganisationStatus
from partnership.filters import MemberFilter, OrganisationFilter, way_of
from partnership.forms.organisations import ProfileForm
from partnership.models import Affiliation, Mandate, Organisation
from partnership.permissions import organisations as may
from partnership.permissions.organisations import BODY_KINDS, SILENCED, administers
from partnership.querysets import organisations_of, sees_everything
from partnership.selectors.organisations import (
    completeness,
    establishments_of,
    invitations_of,
    members_of_body,
    memberships_of,
    missing_in_profile,
)
from partnership.selectors.people import members_of
from partnership.services import organisations
from partnership.views.acts import Noun, acts_of, perform
from partnership.views.rows import member_rows, organisation_rows

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from uuid import UUID

    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse

    from accounts.models import User

PAGE = 25


def _part(organisation_id: UUID, part: str) -> str:
    return f"{reverse('partnership:organisation_detail', args=[organisation_id])}?part={part}"


ORGANISATION = Noun(ORGANISATION_ACTS, ORGANISATION_TRANSITIONS, "partnership:organisation_detail", "partnership:organisation_act")
AFFILIATION = Noun(
    AFFILIATION_ACTS, AFFILIATION_TRANSITIONS, "", "partnership:affiliation_act", home=lambda row: _part(row.organisation_id, "profile")
)
MANDATE = Noun(MANDATE_ACTS, {}, "", "partnership:mandate_act", home=lambda row: _part(row.organisation_id, "people"))
INVITATION = Noun(INVITATION_ACTS, {}, "", "partnership:invitation_act", home=lambda row: _part(row.organisation_id, "people"))


# -- lists -------------------------------------------------------------------------------------------------------------
@require_GET
def organisation_list(request: HttpRequest) -> HttpResponse:
    """The organisations one may see: one's own, its members, the bodies it belongs to, the parties; staff see all."""
    user = cast("User", request.user)
    form = OrganisationFilter(request.GET, auto_id="filter_%s")
    rows: QuerySet[Organisation] = form.apply(Organisation.objects.visible_to(user).select_related("region"))
    context = {
        "filter": form,
        "page": list_page(request, rows, ordering=("sort_key", "id"), size=PAGE, show_rows=organisation_rows, take=way_of(form)),
        "filtered": any(value for name, value in request.GET.items() if name in form.fields),
    }
    return show(request, "partnership/organisation_list.html", context)


@require_GET
def organisation_mine(request: HttpRequest) -> HttpResponse:
    """The organisation one acts for; staff without one are led to the directory, others are told what to do."""
    mandate: Mandate | None = getattr(request, "mandate", None)
    if mandate is not None:
        return _detail(request, mandate.organisation_id)
    if sees_everything(cast("User", request.user)):
        return redirect("partnership:organisation_list")
    return render(request, "partnership/organisation_none.html")


@require_GET
def organisation_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One organisation, part by part (`?part=`): profile, people, members, access."""
    return _detail(request, pk)


# -- the page and its parts ----------------------------------------------------------------------------------------------
def _detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    user = cast("User", request.user)
    organisation = find_or_404(Organisation.objects.visible_to(user).select_related("region", "destination"), pk)
    makers = _parts_of(user, organisation)
    chosen = request.GET.get("part", "")
    part = chosen if chosen in makers else "profile"
    address = reverse("partnership:organisation_detail", args=[organisation.pk])
    labels = {"profile": _("Profile"), "people": _("People"), "members": _("Members"), "access": _("API accesses")}
    context = {
        "organisation": organisation,
        "is_mine": organisation.pk in organisations_of(user),
        "part": part,
        "tabs": [{"label": labels[name], "url": f"{address}?part={name}", "active": name == part} for name in makers],
        "acts": acts_of(ORGANISATION, user=user, obj=organisation),
        "may_update": may.can_update_organisation(user, organisation),
        **makers[part](request, user, organisation),
    }
    return show(request, "partnership/organisation_detail.html", context)


def _parts_of(user: User, organisation: Organisation) -> dict[str, Callable[[HttpRequest, User, Organisation], dict[str, Any]]]:
    """The parts that this person may open: people and accesses are one's own organisation's, or shown to staff."""
    own = organisation.pk in organisations_of(user) or sees_everything(user)
    parts: dict[str, Callable[[HttpRequest, User, Organisation], dict[str, Any]]] = {"profile": _profile}
    if own:
        parts["people"] = _people
    if own and organisation.kind in BODY_KINDS:
        parts["members"] = _members
    if administers(user, organisation.pk) or sees_everything(user):
        parts["access"] = _access
    return parts


def _profile(request: HttpRequest, user: User, organisation: Organisation) -> dict[str, Any]:
    seen = Affiliation.objects.visible_to(user)
    memberships = [
        {"row": row, "acts": acts_of(AFFILIATION, user=user, obj=row) if row.ends_on is None else ()}
        for row in memberships_of(organisation).filter(pk__in=seen.values("pk"))
    ]
    return {
        "activities": [Activity(name).label for name in organisation.activities if name in Activity],
        "completeness": completeness(organisation),
        "missing": [Organisation._meta.get_field(name).verbose_name for name in missing_in_profile(organisation)],  # type: ignore[union-attr]
        "shows_reason": organisation.pk in organisations_of(user) or sees_everything(user),
        "memberships": memberships,
        "establishments": establishments_of(organisation, user=user),
    }


def _people(request: HttpRequest, user: User, organisation: Organisation) -> dict[str, Any]:
    colleagues = list(members_of(organisation))
    signing_in = [row for row in colleagues if row.role == "administrator" and row.person.user and row.person.user.is_active]
    last = signing_in[0] if len(signing_in) == 1 and not organisation.is_host else None
    rows = []
    for row in colleagues:
        allowed = acts_of(MANDATE, user=user, obj=row)
        rows.append({"mandate": row, "acts": [] if row is last else allowed, "is_last": row is last and bool(allowed)})
    return {
        "colleagues": rows,
        "may_invite": may.can_invite(user, organisation),
        "invitations": [{"row": row, "acts": acts_of(INVITATION, user=user, obj=row)} for row in invitations_of(organisation)]
        if may.can_invite(user, organisation)
        else None,
        "now": clock.now(),
    }


def _members(request: HttpRequest, user: User, organisation: Organisation) -> dict[str, Any]:
    form = MemberFilter(request.GET, auto_id="filter_%s")
    # The right of `can_vouch_organisation`, told from what is already read: a row must not cost a query.
    vouches = administers(user, organisation.pk) and organisation.status not in SILENCED

    def shown(rows: Sequence[Affiliation]) -> list[dict[str, Any]]:
        waiting = {
            row.pk: vouches and row.status == AffiliationStatus.ACTIVE and row.organisation.status == OrganisationStatus.REGISTERED
            for row in rows
        }
        return member_rows(rows, vouched=waiting)

    rows = form.apply(members_of_body(organisation, user=user))
    page = list_page(request, rows, ordering=("organisation__sort_key", "id"), size=PAGE, show_rows=shown)
    filtered = any(value for name, value in request.GET.items() if name in form.fields)
    return {"filter": form, "page": page, "filtered": filtered}


def _access(request: HttpRequest, user: User, organisation: Organisation) -> dict[str, Any]:
    return {"clients": organisation.api_clients.select_related("created_by"), "today": clock.today()}


# -- the profile ---------------------------------------------------------------------------------------------------------
@require_http_methods(["GET", "POST"])
def organisation_update(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Keep the profile up to date. Changed by somebody else meanwhile: both versions are shown, and nothing is overwritten unseen."""
    user = cast("User", request.user)
    organisation = find_or_404(Organisation.objects.visible_to(user).select_related("region", "destination"), pk)
    if not may.can_update_organisation(user, organisation):
        raise PermissionDenied
    names = organisations.open_fields(organisation, by=user)
    form = ProfileForm(request.POST if request.method == "POST" else None, organisation=organisation, open_fields=names)
    status, differences = 200, None
    if request.method == "POST":
        outcome = attempt(
            form,
            lambda **given: organisations.update_organisation(organisation=pk, changes=form.changes(), **given),
            version=lambda data: data["version"],
            by=user,
        )
        if outcome.done:
            messages.success(request, _("The profile is saved."))
            return redirect("partnership:organisation_detail", pk)
        status = outcome.status
        if form.has_error("__all__", code="stale"):
            differences = form.against(organisation)
            # The page says it with both versions; what was typed can be saved now that they have been seen.
            form.errors.pop("__all__")
            again = request.POST.copy()
            again["version"] = organisation.updated_at.isoformat()
            form.data = again
    context = {"form": form, "organisation": organisation, "differences": differences}
    return render(request, "partnership/organisation_form.html", context, status=status)


# -- acts ----------------------------------------------------------------------------------------------------------------
@offers(ORGANISATION_ACTS)
@require_http_methods(["GET", "POST"])
def organisation_act(request: HttpRequest, pk: UUID, slug: str) -> HttpResponse:
    """Vouch for, suspend, reinstate… an organisation."""
    return perform(request, ORGANISATION, Organisation.objects.all(), pk, slug)


@offers(AFFILIATION_ACTS)
@require_http_methods(["GET", "POST"])
def affiliation_act(request: HttpRequest, pk: UUID, slug: str) -> HttpResponse:
    """Suspend, resume or end a membership."""
    return perform(request, AFFILIATION, Affiliation.objects.select_related("organisation", "body"), pk, slug)
