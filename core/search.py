"""One normalised key for sorting and searching: no accents, no case, Arabic letter forms folded."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db.models import CharField, Func, Q, Value

if TYPE_CHECKING:
    from django.db.models import QuerySet


class Norm(Func):
    """SQL `norm(text)`, created by the first migration; immutable, so generated columns and indexes may use it."""

    function = "norm"
    output_field = CharField()


def containing(queryset: QuerySet[Any], text: str, *fields: str) -> QuerySet[Any]:
    """The rows where one of `fields` contains every word of `text`, whatever accents, case and Arabic letter forms."""
    for word in text.split():
        key = Norm(Value(word, output_field=CharField()))
        condition = Q()
        for number, field in enumerate(fields):
            alias = f"normal_{number}"
            queryset = queryset.alias(**{alias: Norm(field)})
            condition |= Q(**{f"{alias}__contains": key})
        queryset = queryset.filter(condition)
    return queryset
