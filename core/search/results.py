"""Typed results: for each kind its first rows, how many there are up to a hundred, the words that matched."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from core.keyset import keyset_page
from core.search.queries import Marker, Piece, Query, matching, nearest, ranked
from core.search.ways import first_found

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.actors import Actor
    from core.search.catalogue import Kind

# Beyond this the answer is « more than »: counting further would cost more than reading the page.
MOST_COUNTED: Final = 100
NEAREST: Final = 20


@dataclass(frozen=True)
class Hit:
    """A result: its title in pieces, another text of it that matched when the title did not, a line about it, where it opens.

    `about` is the line in pieces; a text that matched and stands in it is not shown twice.
    """

    kind: Kind
    row: Any
    title: list[Piece]
    also: list[Piece]
    detail: str
    about: list[Piece]
    address: str

    @property
    def words(self) -> list[str]:
        """The words that matched, as written."""
        return list(dict.fromkeys(piece.text for piece in (*self.title, *self.also, *self.about) if piece.marked))


@dataclass
class Group:
    """The results of one kind. `count` stops at a hundred (`is_capped`); `near` results are those that only resemble."""

    kind: Kind
    hits: list[Hit] = field(default_factory=list)
    count: int = 0
    is_capped: bool = False
    near: bool = False
    next: str | None = None
    previous: str | None = None

    @property
    def has_more(self) -> bool:
        """Whether the kind has a page of its own to read on."""
        return self.count > len(self.hits) and not self.near


def search_all(kinds: Sequence[Kind], query: Query, *, user: Actor, size: int) -> list[Group]:
    """The `size` best rows of each kind, kinds without any left out. When no kind has any: the rows that resemble.

    A query for each kind, two more for each that has more than `size`, two for the page's details.
    """
    if not query:
        return []
    found: list[tuple[Group, list[Any]]] = []
    for kind in kinds:
        first = ranked(kind.visible(user), query, ordering=kind.ordering, size=size + 1)
        count = len(first)
        if count > size:
            count = matching(kind.visible(user), query).order_by()[: MOST_COUNTED + 1].count()
        found.append((Group(kind, count=min(count, MOST_COUNTED), is_capped=count > MOST_COUNTED), first[:size]))
    if not any(rows for _group, rows in found) and query.forgives:
        found = [_near(kind, query, user, size) for kind in kinds]
    return _shown([(group, rows) for group, rows in found if rows], query, user)


def search_one(kind: Kind, query: Query, *, user: Actor, size: int, cursor: str | None = None) -> Group:
    """A page of the rows of one kind; when it has none, the rows that resemble. Raises Invalid for a cursor that is not ours."""
    if not query:
        return Group(kind)
    page = keyset_page(matching(kind.visible(user), query), ordering=kind.ordering, cursor=cursor, size=size, take=first_found)
    group, rows = Group(kind, count=len(page.rows), next=page.next, previous=page.previous), page.rows
    if not rows and cursor is None and query.forgives:
        group, rows = _near(kind, query, user, min(size, NEAREST))
    return _shown([(group, rows)], query, user)[0]


def _near(kind: Kind, query: Query, user: Actor, size: int) -> tuple[Group, list[Any]]:
    rows = nearest(kind.visible(user), query, size=size)
    return Group(kind, count=len(rows), near=True), rows


def _shown(found: list[tuple[Group, list[Any]]], query: Query, user: Actor) -> list[Group]:
    """The groups with their hits, every page's words marked at once."""
    every = [text for group, rows in found for row in rows for text in (group.kind.title(row), *group.kind.texts(row))]
    marker = Marker(query, every, near=any(group.near for group, _rows in found))
    for group, rows in found:
        group.hits = [_hit(group.kind, row, marker, user) for row in rows]
    return [group for group, _rows in found]


def _hit(kind: Kind, row: Any, marker: Marker, user: Actor) -> Hit:
    title = marker.pieces(kind.title(row))
    detail, also = kind.detail(row), []
    if not any(piece.marked for piece in title):
        others = (marker.pieces(text) for text in kind.texts(row) if text and text not in detail.split(" · "))
        also = next((pieces for pieces in others if any(piece.marked for piece in pieces)), [])
    return Hit(kind, row, title, also, detail, marker.pieces(detail), kind.address(row, user))
