"""A page at the far end of a list, by cursor: against the first page, and against OFFSET."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from bench.clockwork import repeated, typical
from bench.row import Row, Sample

if TYPE_CHECKING:
    from bench.stand import Stand

SIZE = 50
# Of a few milliseconds each: the median of so many holds still on a busy machine.
TIMES = 150
ORDERING = ("due_on", "id")


def _view(stand: Stand) -> Any:
    from django.test import RequestFactory

    from core.api.authentication import PartnerPrincipal
    from partnership.api.actions import ActionViewSet
    from partnership.choices import SCOPES

    view: Any = ActionViewSet()
    view.request, view.action = RequestFactory().get("/"), "list"
    view.request.query_params = {}
    view.request.user = PartnerPrincipal(
        pk=stand.organisation.pk, organisation_id=stand.organisation.pk, client_id="bench", scopes=frozenset(SCOPES), label="bench"
    )
    return view


def _place(stand: Stand) -> tuple[int, list[Any]]:
    """Near the end: the number of rows before it, and the values of the row there."""
    from partnership.models import Action

    before = Action.objects.count() - 2 * SIZE
    return before, list(Action.objects.order_by(*ORDERING).values_list(*ORDERING)[before - 1])


def _page(view: Any, position: list[Any] | None) -> list[dict[str, Any]]:
    from core import wall
    from core.api.listing import rows_of_page

    with wall.behind(wall.context_of(view.request.user)):
        return rows_of_page(view.asked_for, key=view.question_key(), ordering=ORDERING, backwards=False, position=position, size=SIZE)


def _by_offset(view: Any, before: int) -> list[dict[str, Any]]:
    from core import wall

    with wall.behind(wall.context_of(view.request.user)):
        return list(view.asked_for().order_by(*ORDERING)[before : before + SIZE])


def check(stand: Stand) -> None:
    """The far page by cursor holds the rows that OFFSET finds."""
    view, (before, position) = _view(stand), _place(stand)
    by_offset = [row["id"] for row in _by_offset(view, before)]
    if [row["id"] for row in _page(view, position)[:SIZE]] != by_offset:
        raise AssertionError("the far pages differ")


def first(stand: Stand) -> Sample:
    """Page 1."""
    view = _view(stand)
    return typical(lambda: _page(view, None), times=TIMES, postmaster=stand.postmaster)


def far(stand: Stand) -> Sample:
    """The last page but one."""
    view, (_before, position) = _view(stand), _place(stand)
    return typical(lambda: _page(view, position), times=TIMES, postmaster=stand.postmaster)


def offset(stand: Stand) -> Sample:
    """The same page, counted from the beginning."""
    view, (before, _position) = _view(stand), _place(stand)
    return repeated(lambda: _by_offset(view, before), times=1, postmaster=stand.postmaster)


ROW = Row(
    name="keyset",
    title="Last page but one by cursor, beside page 1 (usual: OFFSET)",
    floor=1.3,
    figure="cost",
    limit=first,
    ours=far,
    usual=offset,
    usual_once=True,
    check=check,
    most_growth=1.2,
)
