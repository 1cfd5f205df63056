"""The conventions: what they are, their axes, their two-way ledger, their timeline, their documents, their parties."""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING, Any, cast

from django.db.models import Count, Q
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from core.doors import find_or_404, list_page
from core.shown import Shown
from partnership.choices import FINISHED_ACTION_STATUSES, ActionStatus, CommitmentStatus
from partnership.filters import CommitmentFilter
from partnership.models import Action, Commitment, Convention, Document
from partnership.permissions import ledger as may
from partnership.querysets import late_action
from partnership.selectors.ledger import ledger
from partnership.selectors.timeline import timeline
from partnership.selectors.trust import trust_of, with_trust
from partnership.views.acts import CONVENTION, acts_of
from partnership.views.rows import commitment_rows, convention_rows

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest, HttpResponse

    from accounts.models import User
    from partnership.selectors.ledger import Balance

PARTS = ("axes", "ledger", "timeline", "documents", "parties")
# The bar's segments, in the order in which a delivery travels.
SEGMENTS = (
    ("due", gettext_lazy("To deliver"), "grey"),
    ("declared", CommitmentStatus.DECLARED.label, "purple"),
    ("contested", CommitmentStatus.CONTESTED.label, "red"),
    ("arbitrated", CommitmentStatus.ARBITRATED.label, "teal"),
    ("confirmed", CommitmentStatus.CONFIRMED.label, "green"),
)
TIMELINE_COLOURS = {"signature": "green", "effect": "green", "commitment": "blue", "action": "amber"}
LINES = 200


def segments(balance: Balance) -> list[dict[str, Any]]:
    """One side of the ledger's bar, without empty segments."""
    return [
        {"value": getattr(balance, name).count, "label": label, "colour": colour}
        for name, label, colour in SEGMENTS
        if getattr(balance, name).count
    ]


def _axes(request: HttpRequest, convention: Convention, user: User) -> dict[str, Any]:
    """Each axis with its leads and what stands under it; every figure opens the ledger's lines behind it."""
    book = ledger(convention)
    leads = {axis.pk: axis for axis in convention.axes.select_related("public_lead", "private_lead")}
    actions = {row["axis_id"]: row for row in _action_counts(convention)}
    lines = [{"axis": leads[line.axis.pk], "line": line, "actions": actions.get(line.axis.pk)} for line in book.axes]
    return {"axes": lines, "book": book, "bars": [(line, segments(line.balance)) for line in book.directions]}


def _action_counts(convention: Convention) -> Any:
    return (
        Action.objects.filter(convention=convention)
        .exclude(status=ActionStatus.CANCELLED)
        .order_by()
        .values("axis_id")
        .annotate(
            total=Count("id"), done=Count("id", filter=Q(status__in=FINISHED_ACTION_STATUSES)), late=Count("id", filter=late_action())
        )
    )


def _ledger(request: HttpRequest, convention: Convention, user: User) -> dict[str, Any]:
    """Both columns: what each party owes the other, with the lines behind every figure."""
    form = CommitmentFilter(request.GET, convention=convention)
    rows = form.apply(Commitment.objects.visible_to(user).filter(convention=convention))
    rows = with_trust(rows).select_related("axis", "obligor__organisation", "beneficiary__organisation")
    found = list(rows.order_by("axis__order", "reference")[: LINES + 1])
    book = ledger(convention)
    owed: dict[tuple[Any, Any], list[tuple[Commitment, Any]]] = defaultdict(list)
    for row in found[:LINES]:
        owed[row.obligor_id, row.beneficiary_id].append((row, trust_of(row)))
    shown = Shown()
    columns = [
        {
            "line": line,
            "segments": segments(line.balance),
            "rows": commitment_rows(owed[line.obligor.pk, line.beneficiary.pk], shown=shown),
        }
        for line in book.directions
    ]
    filtered = any(value for name, value in request.GET.items() if name in form.fields)
    return {"filter": form, "book": book, "columns": columns, "filtered": filtered, "more": len(found) > LINES}


def _timeline(request: HttpRequest, convention: Convention, user: User) -> dict[str, Any]:
    """The dated facts, the latest first; the reader's own axis of time."""
    names = {"commitment": "partnership:commitment_detail", "action": "partnership:action_detail"}
    entries = [
        {
            "entry": entry,
            "url": reverse(names[entry.about], args=[entry.about_id]) if entry.about in names else "",
            "colour": TIMELINE_COLOURS.get(entry.kind, ""),
        }
        for entry in timeline(convention)
    ]
    return {"entries": entries}


def _documents(request: HttpRequest, convention: Convention, user: User) -> dict[str, Any]:
    """The documents of the convention that this user may read."""
    documents = Document.objects.visible_to(user).present().filter(convention=convention).select_related("organisation")
    may_add = any(may.can_add_document(user, party.organisation_id) for party in convention.parties.all())
    return {"documents": documents, "may_add": may_add}


def _parties(request: HttpRequest, convention: Convention, user: User) -> dict[str, Any]:
    """The parties are on every part of the page."""
    return {}


PART_CONTEXTS = {"axes": _axes, "ledger": _ledger, "timeline": _timeline, "documents": _documents, "parties": _parties}


@require_GET
def convention_list(request: HttpRequest) -> HttpResponse:
    """The conventions of one's organisation; staff see them all."""
    user = cast("User", request.user)
    rows = Convention.objects.of_parties(user).in_order().prefetch_related("parties__organisation")
    page = list_page(request, rows, ordering=("rank", "reference", "id"), show_rows=convention_rows)
    return render(request, "partnership/convention_list.html", {"page": page})


@require_GET
def convention_detail(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One convention, a part at a time (`?part=ledger`): axes, ledger, timeline, documents or parties."""
    user = cast("User", request.user)
    rows = Convention.objects.of_parties(user).select_related("parent").prefetch_related("parties__organisation")
    convention = find_or_404(rows, pk)
    part = request.GET.get("part", "")
    part = part if part in PARTS else PARTS[0]
    context: dict[str, Any] = {
        "convention": convention,
        "parties": list(convention.parties.all()),
        "acts": acts_of(CONVENTION, user=user, obj=convention),
        "part": part,
        "tabs": _tabs(request, part),
        **PART_CONTEXTS[part](request, convention, user),
    }
    return render(request, "partnership/convention_detail.html", context)


def _tabs(request: HttpRequest, part: str) -> list[dict[str, Any]]:
    labels = {"axes": _("Axes"), "ledger": _("Ledger"), "timeline": _("Timeline"), "documents": _("Documents"), "parties": _("Parties")}
    return [{"label": labels[name], "url": f"{request.path}?part={name}", "active": name == part, "count": None} for name in PARTS]
