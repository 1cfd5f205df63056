"""The pages open to everybody: the published progress of the conventions, and the help. Totals only, never a line of a ledger."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.core.cache import cache
from django.db.models import Count, Q
from django.shortcuts import render
from django.utils.cache import patch_cache_control
from django.utils.translation import get_language, pgettext_lazy
from django.views.decorators.http import require_GET

from accounts.public import public
from core import clock
from core.doors import find_or_404
from core.wall import elevated
from partnership.choices import FINISHED_ACTION_STATUSES, TRUST_MEANINGS, ActionStatus, CommitmentStatus, TrustLabel
from partnership.models import Action, Convention
from partnership.querysets import late_action
from partnership.selectors.ledger import ledger

if TYPE_CHECKING:
    from collections.abc import Iterable
    from uuid import UUID

    from django.http import HttpRequest, HttpResponse

    from core.models import Event
    from partnership.selectors.ledger import Balance

# The columns in the order in which a delivery travels, with the words and colours of the states.
COLUMNS: Final = (
    ("due", pgettext_lazy("a commitment", "To deliver"), "grey"),
    ("declared", CommitmentStatus.DECLARED.label, "purple"),
    ("contested", CommitmentStatus.CONTESTED.label, "red"),
    ("arbitrated", CommitmentStatus.ARBITRATED.label, "teal"),
    ("confirmed", CommitmentStatus.CONFIRMED.label, "green"),
)
# Nothing on these pages is an estimate yet.
LEGEND: Final = tuple((label, TRUST_MEANINGS[label]) for label in (TrustLabel.DECLARED, TrustLabel.DOCUMENTED, TrustLabel.VERIFIED))
KEPT_SECONDS: Final = 600
FRESH_SECONDS: Final = 60


# -- figures -------------------------------------------------------------------------------------------------------------
def _key(convention_id: UUID, language: str) -> str:
    return f"public_figures:{convention_id}:{language}"


def figures_of(convention: Convention) -> dict[str, Any]:
    """The published figures of a convention as plain values, at most ten minutes old, and sooner when one of them changes."""
    key = _key(convention.pk, get_language() or "")
    figures: dict[str, Any] | None = cache.get(key)
    if figures is None:
        figures = _compute(convention)
        cache.set(key, figures, KEPT_SECONDS)
    return figures


def forget_figures(event: Event) -> None:
    """A reaction: something published has changed, so the next reader gets new figures."""
    about = event.about
    convention_id = getattr(about, "convention_id", None) or (about.pk if isinstance(about, Convention) else None)
    if convention_id is not None:
        from django.conf import settings

        cache.delete_many([_key(convention_id, code) for code, _name in settings.LANGUAGES])


@elevated("the public reads totals of ledgers and plans, never their lines; kept for whoever asks next")
def _compute(convention: Convention) -> dict[str, Any]:
    """Four queries: parties, axes, one aggregate of the commitments, one of the actions."""
    book = ledger(convention)
    actions = Action.objects.filter(convention=convention).aggregate(
        total=Count("id", filter=~Q(status=ActionStatus.CANCELLED)),
        done=Count("id", filter=Q(status__in=FINISHED_ACTION_STATUSES)),
        verified=Count("id", filter=Q(status=ActionStatus.VERIFIED)),
        late=Count("id", filter=late_action()),
    )
    return {
        "as_of": clock.now(),
        "total": _columns(book.total),
        "axes": [{"title": line.axis.title, "object": line.axis.object, **_columns(line.total)} for line in book.axes],
        "parties": [{"name": str(line.party.organisation), **_columns(line.balance)} for line in book.parties],
        "actions": actions,
    }


def _columns(balance: Balance) -> dict[str, Any]:
    """Counts by state with their words, amounts in MAD (None: no amount known), and the rectangles of a bar 100 wide."""
    segments = [
        {
            "slug": slug,
            "label": str(label),
            "colour": colour,
            "value": getattr(balance, slug).count,
            "amount": getattr(balance, slug).amount,
        }
        for slug, label, colour in COLUMNS
    ]
    count = balance.total.count
    return {
        "segments": segments,
        "blocks": list(_blocks(segments, count)),
        "count": count,
        "amount": balance.total.amount,
        "delivered": balance.delivered.count,
        "late": balance.late.count,
    }


def _blocks(segments: list[dict[str, Any]], count: int) -> Iterable[dict[str, str]]:
    edge = 0.0
    for segment in segments:
        if segment["value"]:
            width = segment["value"] * 100 / count
            yield {"x": f"{edge:.3f}", "width": f"{width:.3f}", "colour": segment["colour"]}
            edge += width


# -- pages ---------------------------------------------------------------------------------------------------------------
def _published() -> list[dict[str, Any]]:
    conventions = Convention.objects.published().prefetch_related("parties__organisation").order_by("-signed_on", "reference")
    return [{"convention": convention, "figures": figures_of(convention)} for convention in conventions]


def public_home(request: HttpRequest) -> HttpResponse:
    """What somebody who has not signed in finds at the portal's address: the published progress and the way in."""
    return render(request, "portal/public_list.html", {"published": _published(), "legend": LEGEND, "is_landing": True})


@public
@require_GET
def public_list(request: HttpRequest) -> HttpResponse:
    """The published conventions, each with its figures."""
    response = render(request, "portal/public_list.html", {"published": _published(), "legend": LEGEND})
    return _fresh_for_a_minute(request, response)


@public
@require_GET
def public_convention(request: HttpRequest, pk: UUID) -> HttpResponse:
    """One published convention: totals per axis and per party, actions, what the labels mean. Anything else does not exist."""
    convention = find_or_404(Convention.objects.published().prefetch_related("parties__organisation"), pk)
    context = {
        "convention": convention,
        "figures": figures_of(convention),
        "legend": LEGEND,
        "columns": [label for _slug, label, _colour in COLUMNS],
    }
    return _fresh_for_a_minute(request, render(request, "portal/public_convention.html", context))


def _fresh_for_a_minute(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """A browser that is nobody's session keeps the page a minute. Never a shared cache: the page holds a form's token."""
    if not request.user.is_authenticated:
        patch_cache_control(response, private=True, max_age=FRESH_SECONDS)
    return response


@public
@require_GET
def help_page(request: HttpRequest) -> HttpResponse:
    """Who does what, the tour of five minutes, the keyboard."""
    return render(request, "portal/help.html")
