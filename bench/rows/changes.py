"""A page in the middle of a partner's change feed, against its first page; at 10 N the feed is ten times as long."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from bench.clockwork import typical
from bench.row import Row, Sample

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.stand import Stand
    from core.api.feed import Position
    from core.models import Feed

SIZE = 50
TIMES = 150
TYPES = ("actions",)


def _view(stand: Stand) -> Any:
    from django.test import RequestFactory

    from core.api.authentication import PartnerPrincipal
    from partnership.api.actions import ActionViewSet
    from partnership.choices import SCOPES

    view: Any = ActionViewSet()
    view.request, view.action = RequestFactory().get("/"), "list"
    view.request.user = PartnerPrincipal(
        pk=stand.organisation.pk, organisation_id=stand.organisation.pk, client_id="bench", scopes=frozenset(SCOPES), label="bench"
    )
    return view


@contextmanager
def told(stand: Stand) -> Iterator[None]:
    """The feed holds every action that the organisation sees; statistics are those of the full table."""
    from django.db import connection

    from core.api import feed

    view = _view(stand)
    feed.compare(stand.organisation.pk, dict.fromkeys(TYPES, view.visible))
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE core_feedentry")
    yield


def _feed(stand: Stand) -> Feed:
    from core.models import Feed

    return Feed.objects.get(pk=stand.organisation.pk)


def _position(stand: Stand, sequence: int) -> Position:
    from core.api.feed import Position

    return Position(_feed(stand).generation, sequence, TYPES)


def _page(view: Any, position: Position) -> list[Any]:
    from core import wall
    from core.api import feed

    with wall.behind(wall.context_of(view.request.user)):
        return feed.entries(position, organisation=view.request.user.organisation_id, size=SIZE + 1)


def check(stand: Stand) -> None:
    """The feed tells each action that the organisation sees, once, and both pages are full."""
    from core.models import FeedEntry

    view = _view(stand)
    entries = FeedEntry.objects.filter(organisation=stand.organisation.pk, type__in=TYPES, gone=False)
    if set(entries.values_list("object", flat=True)) != set(view.visible().values_list("id", flat=True)):
        raise AssertionError("the feed and the list differ")
    middle = _position(stand, _feed(stand).sequence // 2)
    for position in (_position(stand, 0), middle):
        if [row.sequence for row in _page(view, position)] != list(range(position.sequence + 1, position.sequence + SIZE + 2)):
            raise AssertionError("the page is not the one that follows its cursor")


def first(stand: Stand) -> Sample:
    """The first page."""
    view, position = _view(stand), _position(stand, 0)
    return typical(lambda: _page(view, position), times=TIMES, postmaster=stand.postmaster)


def middle(stand: Stand) -> Sample:
    """A page in the middle."""
    view, position = _view(stand), _position(stand, _feed(stand).sequence // 2)
    return typical(lambda: _page(view, position), times=TIMES, postmaster=stand.postmaster)


ROW = Row(
    name="changes",
    title="Middle of the change feed, beside its first page",
    floor=1.3,
    figure="cost",
    limit=first,
    ours=middle,
    check=check,
    around=told,
    most_growth=1.2,
    note="a page of what was told; the comparison before it reads all that is seen, every ten seconds at most",
)
