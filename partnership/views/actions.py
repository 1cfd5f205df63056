"""The action plan: a list and a board over the same filters, and each action's page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from core.doors import attempt, find_or_404, list_page, show
from core.shown import Shown
from partnership.choices import ActionStatus
from partnership.filters import ActionFilter, way_of
from partnership.forms.actions import ActionForm
from partnership.models import Action, Convention
from partnership.permissions import ledger as may
from partnership.selectors.history import history
from partnership.services import actions
from partnership.views.acts import ACTION, acts_of
from partnership.views.rows import action_cards, action_rows

if TYPE_CHECKING:
    from uuid import UUID

    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse

    from accounts.models import User

PAGE = 25
# A column of the board shows the most urgent ones and leads to the list for the rest.
COLUMN = 30
COLUMNS = (
    ActionStatus.TODO,
    ActionStatus.IN_PROGRESS,
    ActionStatus.BLOCKED,
    ActionStatus.RETURNED,
    ActionStatus.DONE,
    ActionStatus.VERIFIED,
)


def _rows(user: User) -> QuerySet[Action]:
    rows: QuerySet[Action] = Action.objects.visible_to(user).select_related("axis", "organisation", "responsible")
    return rows


def _openable(user: User) -> list[Convention]:
    """The conventions in which the user may open an action."""
    conventions = Convention.objects.of_parties(user).prefetch_related("parties")
    return [convention for convention in conventions if may.can_open_action(user, convention)]


def _board(rows: QuerySet[Action]) -> list[dict[str, Any]]:
    """The board's columns, each with its most urgent actions and the number of the others."""
    columns: dict[str, list[Action]] = {status: [] for status in COLUMNS}
    for status in COLUMNS:
        columns[status] = list(rows.filter(status=status).order_by("due_on", "id")[: COLUMN + 1])
    shown = Shown()
    return [
        {"state": status, "rows": action_cards(found[:COLUMN], shown=shown), "more": len(found) > COLUMN}
        for status, found in columns.items()
    ]


@require_GET
def action_list(request: HttpRequest) -> HttpResponse:
    """The actions one may see, as a list or as a board (`?view=board`); the filters live in the address."""
    user = cast("User", request.user)
    form = ActionFilter(request.GET, user=user)
    rows = form.apply(_rows(user))
    board = request.GET.get("view") == "board"
    query = request.GET.copy()
    query.pop("cursor", None)
    query.pop("view", None)
    context: dict[str, Any] = {
        "filter": form,
        "board": _board(rows) if board else None,
        "page": None if board else list_page(request, rows, ordering=("due_on", "id"), size=PAGE, show_rows=action_rows, take=way_of(form)),
        "query": query.urlencode(),
        "may_open": bool(_openable(user)),
        "filtered": any(value for name, value in request.GET.items() if name in form.fields),
    }
    return show(request, "partnership/action_list.html", context)


@require_GET
def action_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One action: its state, what is expected next, its evidence and its history."""
    user = cast("User", request.user)
    rows = Action.objects.visible_to(user).select_related(
        "axis", "organisation", "responsible", "commitment", "convention", "done_by", "verified_by"
    )
    action = find_or_404(rows, pk)
    sees_commitment = Convention.objects.of_parties(user).filter(pk=action.convention_id).exists()
    context = {
        "action": action,
        "acts": acts_of(ACTION, user=user, obj=action),
        "evidence": action.evidence.select_related("document", "organisation", "added_by"),
        # The ledger's lines are the parties': its owner knows the commitment by its reference alone.
        "history": history(action, without=() if sees_commitment else ("commitment",)),
        "may_update": action.is_open and may.can_update_action(user, action),
        "sees_commitment": sees_commitment,
    }
    return render(request, "partnership/action_detail.html", context)


@require_http_methods(["GET", "POST"])
def action_new(request: HttpRequest) -> HttpResponse:
    """Open an action in a convention; with several, the address says which (`?convention=`)."""
    user = cast("User", request.user)
    conventions = _openable(user)
    if not conventions:
        raise PermissionDenied
    chosen = request.GET.get("convention", "")
    convention = next((c for c in conventions if str(c.pk) == chosen), conventions[0])
    initial = {"axis": request.GET.get("axis"), "commitment": request.GET.get("commitment")}
    form = ActionForm(request.POST if request.method == "POST" else None, convention=convention, user=user, initial=initial)
    status = 200
    if request.method == "POST":
        outcome = attempt(form, lambda **given: actions.open_action(convention=convention.pk, **form.values(), **given), by=user)
        if outcome.done and outcome.result is not None:
            messages.success(request, _("The action is open. Its owner has been told."))
            return redirect("partnership:action_detail", outcome.result.pk)
        status = outcome.status
    return render(
        request, "partnership/action_form.html", {"form": form, "convention": convention, "conventions": conventions}, status=status
    )


@require_http_methods(["GET", "POST"])
def action_update(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Change what an open action is, who carries it or its dates."""
    user = cast("User", request.user)
    action = find_or_404(Action.objects.visible_to(user).select_related("convention"), pk)
    if not may.can_update_action(user, action):
        raise PermissionDenied
    initial = {name: getattr(action, name) for name in ActionForm.base_fields if hasattr(action, name)} | {"version": action.updated_at}
    form = ActionForm(request.POST if request.method == "POST" else None, convention=action.convention, user=user, initial=initial)
    status = 200
    if request.method == "POST":
        outcome = attempt(
            form,
            lambda **given: actions.update_action(action=action.pk, changes=form.values(), **given),
            reason=lambda data: data["reason"],
            version=lambda data: data["version"],
            by=user,
        )
        if outcome.done:
            messages.success(request, _("The action is changed."))
            return redirect("partnership:action_detail", action.pk)
        status = outcome.status
    return render(request, "partnership/action_form.html", {"form": form, "convention": action.convention, "action": action}, status=status)
