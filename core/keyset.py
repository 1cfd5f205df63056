"""Keyset pages: page 4,000 costs what page 1 costs. A page is found by comparing rows with the last one seen, never by counting.

A cursor is signed and opaque: one that was edited or belongs to another list is refused (400).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Generic, Protocol, TypeVar
from uuid import UUID

from django.core import signing
from django.db.models import F, Q
from django.db.models.fields.tuple_lookups import Tuple, TupleGreaterThan, TupleLessThan
from django.utils.translation import gettext_lazy as _

from core.errors import Invalid

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from django.db.models import Model, QuerySet

M = TypeVar("M", bound="Model")
SALT = "core.keyset"


@dataclass(frozen=True)
class Page(Generic[M]):
    """Rows of one page, and the cursors of its neighbours (None: there is none)."""

    rows: list[M]
    next: str | None
    previous: str | None


class Take(Protocol):
    """How the first `size` rows of a queryset are read in an order; `after` is the condition, already applied, that begins the page."""

    def __call__(self, queryset: QuerySet[Any], *, ordering: Sequence[str], size: int, after: Sequence[Any]) -> list[Any]:
        """The rows, in that order."""


def keyset_page(queryset: QuerySet[M], *, ordering: Sequence[str], cursor: str | None, size: int, take: Take | None = None) -> Page[M]:
    """One page of `queryset` sorted by `ordering` (field names, `-` for descending, the last one unique), in one query.

    Fields must not be null. `take` reads the rows by another way (core.search.first_found, for what was searched).
    Raises Invalid(code="bad_cursor") for a cursor that is not ours.
    """
    backwards, position = read_cursor(cursor, ordering)
    if take is None:
        rows = list(rows_around(queryset, ordering=ordering, backwards=backwards, position=position, size=size))
    else:
        effective = [_flip(name) for name in ordering] if backwards else list(ordering)
        after = [] if position is None else [_after(effective, position)]
        rows = take(queryset.filter(*after), ordering=effective, size=size + 1, after=after)
    return page_of(rows, ordering=ordering, backwards=backwards, position=position, size=size)


def rows_around(
    queryset: QuerySet[M], *, ordering: Sequence[str], backwards: bool, position: Sequence[Any] | None, size: int
) -> QuerySet[M]:
    """The rows of the page and one more, which tells whether another page follows. Backwards: nearest first."""
    effective = [_flip(name) for name in ordering] if backwards else list(ordering)
    if position is not None:
        queryset = queryset.filter(_after(effective, position))
    return queryset.order_by(*effective)[: size + 1]


def page_of(rows: list[M], *, ordering: Sequence[str], backwards: bool, position: Sequence[Any] | None, size: int) -> Page[M]:
    """What `rows_around` found, as a page with its cursors."""
    more = len(rows) > size
    rows = rows[:size]
    if backwards:
        rows.reverse()
    has_next = more if not backwards else position is not None
    has_previous = (position is not None) if not backwards else more
    return Page(
        rows=rows,
        next=_write(rows[-1], ordering, backwards=False) if rows and has_next else None,
        previous=_write(rows[0], ordering, backwards=True) if rows and has_previous else None,
    )


def _flip(name: str) -> str:
    return name[1:] if name.startswith("-") else f"-{name}"


def before(ordering: Sequence[str], position: Sequence[Any]) -> Any:
    """The condition of the rows that come before a position."""
    return _after([_flip(name) for name in ordering], position)


def values_of(row: Any, ordering: Sequence[str]) -> list[Any]:
    """The position of a row, or of a dictionary of its `values()`."""
    return [_value(row, path) for path in ordering]


def _after(ordering: Sequence[str], position: Sequence[Any]) -> Any:
    """(a, b, c) > (x, y, z) by rows. Columns of one direction are compared as one row, which an index answers by itself."""
    if len({name.startswith("-") for name in ordering}) == 1 and len(ordering) > 1:
        comparison = TupleLessThan if ordering[0].startswith("-") else TupleGreaterThan
        return comparison(Tuple(*[F(name.lstrip("-")) for name in ordering]), list(position))
    condition = Q()
    for depth, name in enumerate(ordering):
        column, operator = (name[1:], "lt") if name.startswith("-") else (name, "gt")
        equal = {previous.lstrip("-"): value for previous, value in zip(ordering[:depth], position[:depth], strict=True)}
        condition |= Q(**equal, **{f"{column}__{operator}": position[depth]})
    # A bound on the first column alone lets the index start at the right place.
    first, operator = (ordering[0][1:], "lte") if ordering[0].startswith("-") else (ordering[0], "gte")
    return Q(**{f"{first}__{operator}": position[0]}) & condition


def _value(row: Any, path: str) -> Any:
    if isinstance(row, dict):  # a queryset's `values()`
        return row[path.lstrip("-")]
    for name in path.lstrip("-").split("__"):
        row = getattr(row, name)
    return row


def _write(row: Model, ordering: Sequence[str], *, backwards: bool) -> str:
    values: list[list[str]] = []
    for name in ordering:
        value = _value(row, name)
        kind = {datetime: "t", date: "d", UUID: "u", int: "i"}.get(type(value), "s")
        values.append([kind, value.isoformat() if kind in "td" else str(value)])
    return signing.dumps({"o": list(ordering), "b": backwards, "v": values}, salt=SALT, compress=True)


def read_cursor(cursor: str | None, ordering: Sequence[str]) -> tuple[bool, list[Any] | None]:
    """Whether the cursor leads back, and the values of the row it stands at (None: no cursor). Refuses (Invalid) what is not ours."""
    if not cursor:
        return False, None
    readers: dict[str, Callable[[str], Any]] = {"t": datetime.fromisoformat, "d": date.fromisoformat, "u": UUID, "i": int, "s": str}
    try:
        data = signing.loads(cursor, salt=SALT)
        if data["o"] != list(ordering):
            raise ValueError("cursor of another ordering")
        return bool(data["b"]), [readers[kind](value) for kind, value in data["v"]]
    except (signing.BadSignature, ValueError, KeyError, TypeError) as error:
        raise Invalid(
            _("This page of the list no longer exists: start again from its beginning."), code="bad_cursor", field="cursor"
        ) from error
