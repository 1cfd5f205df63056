"""The conventions: what they are, their axes, their two-way ledger, their timeline, their documents, their parties."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from core.doors import find_or_404, list_page
from partnership.choices import CommitmentStatus
from partnership.filters import CommitmentFilter
from partnership.models import Commitment, Convention, Document
from partnership.permissions import ledger as may
from partnership.selectors.ledger import ledger
from partnership.selectors.timeline import timeline
from partnership.views.acts import CONVENTION, acts_of

if TYPE_CHECKING:
    from uuid import UUID

    from django.http import HttpRequest, HttpResponse

    from accounts.models import User
    from partnership.models import Party

PARTS = ("axes", "ledger", "timeline", "documents", "parties")
# The bar's segments, in the order in which a delivery travels.
SEGMENTS = (
    ("due", _("To deliver"), "grey"),
    ("declared", CommitmentStatus.DECLARED.label, "purple"),
    ("contested", CommitmentStatus.CONTESTED.label, "red"),
    ("arbitrated", CommitmentStatus.ARBITRATED.label, "teal"),
    ("confirmed", CommitmentStatus.CONFIRMED.label, "green"),
)


@require_GET
def convention_list(request: HttpRequest) -> HttpResponse:
    """The conventions of one's organisation; staff see them all."""
    user = cast("User", request.user)
    rows = Convention.objects.of_parties(user).prefetch_related("parties__organisation")
    page = list_page(request, rows, ordering=("reference", "id"))
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
