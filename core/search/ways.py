"""The way by which rows that match are found in a list's order: chosen here, because PostgreSQL supposes hits spread evenly over it.

A word that is everywhere is found by walking the order: twenty hits are soon met. Where they are few, or stand together (every
« Hôtel » after every « Agence »), a walk reads most of the table; the trigram index gives all of them, and they are sorted. So where
many are expected, a bounded number of the order's first rows is walked; unless they hold enough, the trigram index answers. Both ways
give the same rows.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final

from django.db.models import F
from django.db.models.functions import Greatest

from core.keyset import before, values_of
from core.wall import PEOPLE, current

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet

# Twenty hits are met within these where one row in twenty-five matches; reading them costs a small part of what the index gives.
MOST_WALKED: Final = 500
# Fewer hits than these are sorted sooner than a stretch is walked.
FEW: Final = 500


def first_found(queryset: QuerySet[Any], *, ordering: Sequence[str], size: int, after: Sequence[Any] = ()) -> list[Any]:
    """The first `size` rows of `queryset`, sorted by `ordering`. `after`: the condition, already in `queryset`, that begins the page.

    One query where no order can be walked. Otherwise how many hits are expected is asked first: two queries where they are few;
    where they are many the stretch's end and its hits, and one more where these are not enough.
    """
    walked = walk(queryset, ordering=ordering, size=size, after=after)
    return walked if walked is not None else list(gathered(queryset, ordering)[:size])


def walk(queryset: QuerySet[Any], *, ordering: Sequence[str], size: int, after: Sequence[Any] = ()) -> list[Any] | None:
    """The first `size` rows if the next 500 of the whole table's order hold them, None otherwise. No more is read."""
    if not _has_order(queryset, ordering) or _expected(queryset) < FEW:
        return None
    # The whole table: rows that only the filters hide end the stretch too, which costs a query and hides none.
    names = [name.lstrip("-") for name in ordering]
    whole = queryset.model._base_manager.filter(*after).order_by(*ordering)
    end = whole.values(*names)[MOST_WALKED : MOST_WALKED + 1].first()
    if end is None:
        return list(queryset.order_by(*ordering)[:size])
    rows = list(queryset.filter(before(ordering, values_of(end, ordering))).order_by(*ordering)[:size])
    return rows if len(rows) == size else None


def gathered(queryset: QuerySet[Any], ordering: Sequence[str]) -> QuerySet[Any]:
    """The rows in the same order, which no index gives: found by what they match, then sorted."""
    first, *others = ordering
    name = first.lstrip("-")
    same = Greatest(F(name), F(name))
    return queryset.order_by(same.desc() if first.startswith("-") else same.asc(), *others)


def some(queryset: QuerySet[Any], found: QuerySet[Any], most: int) -> QuerySet[Any]:
    """Of `queryset`, at most `most` of the rows `found` in it, whichever are met first: what it costs to sort them has a bound.

    For people from outside all that is found: it is little, and reading twice would ask the wall twice.
    """
    return found if current().role == PEOPLE else queryset.filter(pk__in=found.order_by().values("pk")[:most])


def _expected(queryset: QuerySet[Any]) -> int:
    """How many rows PostgreSQL expects, from its statistics: nothing is read, and an error of its costs time only."""
    plan: list[dict[str, Any]] = json.loads(queryset.order_by().explain(format="json"))
    return int(plan[0]["Plan"]["Plan Rows"])


def _has_order(queryset: QuerySet[Any], ordering: Sequence[str]) -> bool:
    """Whether an index of the table gives the order to this reader. People from outside have their rows by ids, and never walk."""
    first = ordering[0].lstrip("-")
    return current().role != PEOPLE and any(index.fields[:1] == [first] for index in queryset.model._meta.indexes)
