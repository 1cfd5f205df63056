"""The one door of every act: GET asks for confirmation and says the consequences, POST does it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods

from core.acts import find_act, offers, possible_acts
from core.doors import attempt, find_or_404
from partnership.acts import ACTION_ACTS, COMMITMENT_ACTS, CONVENTION_ACTS
from partnership.choices import ACTION_TRANSITIONS, COMMITMENT_TRANSITIONS, CONVENTION_TRANSITIONS
from partnership.models import Action, Commitment, Convention

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from uuid import UUID

    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse

    from accounts.models import User
    from core.acts import Act


STALE = 412


@dataclass(frozen=True)
class Noun:
    """A noun whose acts have a page: its acts, its table, the names of its addresses.

    `detail` is the address of its own page; a noun without one says with `home` which page shows it.
    """

    acts: Sequence[Act]
    table: Mapping[str, frozenset[str]]
    detail: str
    act: str
    home: Callable[[Any], str] | None = None

    def page_of(self, obj: Any) -> str:
        """Where one goes back to, before and after an act."""
        return self.home(obj) if self.home else reverse(self.detail, args=[obj.pk])


COMMITMENT = Noun(COMMITMENT_ACTS, COMMITMENT_TRANSITIONS, "partnership:commitment_detail", "partnership:commitment_act")
ACTION = Noun(ACTION_ACTS, ACTION_TRANSITIONS, "partnership:action_detail", "partnership:action_act")
CONVENTION = Noun(CONVENTION_ACTS, CONVENTION_TRANSITIONS, "partnership:convention_detail", "partnership:convention_act")


def acts_of(noun: Noun, *, user: User, obj: Any) -> list[dict[str, Any]]:
    """The acts this user may do now, with their addresses: what the page makes buttons of."""
    return [
        {"act": act, "url": reverse(noun.act, args=[obj.pk, act.slug]), "simple": not act.form.base_fields, "version": version_of(obj)}
        for act in possible_acts(noun.acts, user=user, obj=obj, table=noun.table)
    ]


def version_of(obj: Any) -> str:
    """What a page carries of the row it showed, so that a service can tell whether it is still so."""
    return str(obj.updated_at.isoformat())


def _announce_done(request: HttpRequest, noun: Noun, act: Act, pk: UUID) -> None:
    """Say what happened, with the way back where there is one."""
    if act.undo:
        link = reverse(noun.act, args=[pk, act.undo])
        way_back = find_act(noun.acts, act.undo)
        label = way_back.label if way_back else ""
        messages.success(request, format_html('{} <a href="{}">{}</a>', act.done, link, label))
    else:
        messages.success(request, str(act.done))


def perform(request: HttpRequest, noun: Noun, queryset: QuerySet[Any], pk: UUID, slug: str) -> HttpResponse:
    """Ask for confirmation (GET) or do (POST) the act `slug` on one row of `queryset`. Hidden: 404; forbidden: 403; refused: 409 or 422."""
    user = cast("User", request.user)
    obj = find_or_404(queryset.visible_to(user), pk)  # type: ignore[attr-defined]
    act = find_act(noun.acts, slug)
    if act is None:
        raise Http404
    if not act.can(user, obj):
        raise PermissionDenied
    form = act.form(about=obj, initial=act.form.initial_of(obj))
    status, version = 200, version_of(obj)
    if request.method == "POST":
        form = act.form(request.POST, request.FILES, about=obj)
        outcome = attempt(form, act.do, obj=obj, version=request.POST.get("version", ""), by=user, form=lambda _data: form)
        if outcome.done:
            _announce_done(request, noun, act, obj.pk)
            return redirect(noun.page_of(obj))
        status = outcome.status
        # After a refusal for age the page shows the row as it is now; after any other, what was read still binds.
        version = version if status == STALE else request.POST.get("version", version)
    context = {"act": act, "object": obj, "form": form, "back": noun.page_of(obj), "version": version}
    return render(request, "partnership/act_confirm.html", context, status=status)


@offers(COMMITMENT_ACTS)
@require_http_methods(["GET", "POST"])
def commitment_act(request: HttpRequest, pk: UUID, slug: str) -> HttpResponse:
    """Start, declare, confirm, contest, withdraw… a commitment."""
    return perform(request, COMMITMENT, Commitment.objects.select_related("axis", "convention", "obligor", "beneficiary"), pk, slug)


@offers(ACTION_ACTS)
@require_http_methods(["GET", "POST"])
def action_act(request: HttpRequest, pk: UUID, slug: str) -> HttpResponse:
    """Start, report, block, complete, verify, return… an action."""
    return perform(request, ACTION, Action.objects.select_related("axis", "convention", "organisation"), pk, slug)


@offers(CONVENTION_ACTS)
@require_http_methods(["GET", "POST"])
def convention_act(request: HttpRequest, pk: UUID, slug: str) -> HttpResponse:
    """Submit, sign, bring into force, suspend… a convention."""
    return perform(request, CONVENTION, Convention.objects.all(), pk, slug)
