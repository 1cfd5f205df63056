"""The parameters of a list's address: one table per endpoint, read here and written into the OpenAPI schema from the same rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db.models import Q
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext_lazy as _

from core.api.errors import ApiError
from core.validation import FIRST_YEAR, LAST_YEAR

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Mapping

    from django.db.models import TextChoices
    from django.http import QueryDict


@dataclass(frozen=True, slots=True)
class Filter:
    """One parameter: how its text is read, the condition it makes, how the schema describes it."""

    name: str
    read: Callable[[str], Any]
    condition: Callable[[Any], Q]
    schema: Mapping[str, Any]
    description: str


def choice(name: str, choices: type[TextChoices], description: str, *, column: str = "") -> Filter:
    """One of the values, or several separated by commas."""
    allowed = frozenset(choices.values)

    def read(text: str) -> list[str]:
        values = text.split(",")
        if not allowed.issuperset(values):
            raise ValueError(text)
        return values

    pattern = "|".join(choices.values)
    schema = {"type": "string", "pattern": f"^({pattern})(,({pattern}))*$", "examples": [choices.values[0]]}
    return Filter(name, read, lambda values: Q(**{f"{column or name}__in": values}), schema, description)


def reference(name: str, description: str, *, column: str = "") -> Filter:
    """The id of a related object. An id that the caller may not see matches nothing: the list is narrowed from what is visible."""
    lookup = column or f"{name}_id"
    return Filter(name, _uuid, lambda value: Q(**{lookup: value}), {"type": "string", "format": "uuid"}, description)


def on_or_after(name: str, column: str, description: str) -> Filter:
    """A date: that day and later."""
    return Filter(name, read_date, lambda value: Q(**{f"{column}__gte": value}), {"type": "string", "format": "date"}, description)


def on_or_before(name: str, column: str, description: str) -> Filter:
    """A date: that day and earlier."""
    return Filter(name, read_date, lambda value: Q(**{f"{column}__lte": value}), {"type": "string", "format": "date"}, description)


def modified_since() -> Filter:
    """What changed at an instant or later: how a partner keeps its copy up to date."""
    return Filter(
        "modified_since",
        _instant,
        lambda value: Q(updated_at__gte=value),
        {"type": "string", "format": "date-time"},
        "Only rows changed at this instant or later (ISO 8601 with its offset).",
    )


def flag(name: str, condition: Callable[[], Q], description: str) -> Filter:
    """`true` or `false`."""

    def read(text: str) -> bool:
        return {"true": True, "false": False}[text]

    return Filter(name, read, lambda value: condition() if value else ~condition(), {"type": "boolean"}, description)


def code(name: str, column: str, pattern: str, description: str) -> Filter:
    """An exact code, checked against its pattern."""
    import re

    compiled = re.compile(pattern, re.ASCII)

    def read(text: str) -> str:
        if len(text) > 60 or not compiled.fullmatch(text):
            raise ValueError(text)
        return text

    return Filter(name, read, lambda value: Q(**{column: value}), {"type": "string", "pattern": f"^{pattern}$"}, description)


def read_date(text: str) -> date:
    """An ISO date between 2000 and 2100 (ValueError otherwise)."""
    if len(text) != 10:
        raise ValueError(text)
    value = date.fromisoformat(text)
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise ValueError(text)
    return value


def _instant(text: str) -> datetime:
    value = parse_datetime(text.replace(" ", "+"))
    if value is None or value.tzinfo is None or not FIRST_YEAR <= value.year <= LAST_YEAR:
        raise ValueError(text)
    return value


def _uuid(text: str) -> UUID:
    if len(text) != 36:
        raise ValueError(text)
    return UUID(text)


def check_names(query: QueryDict, known: Collection[str]) -> None:
    """Refuse (400) a parameter that the endpoint does not have, and one given twice: a misspelt filter must not return everything."""
    for name, values in query.lists():
        if name not in known:
            raise ApiError(400, "unknown_parameter", _("This parameter does not exist here."), field=name[:100])
        if len(values) > 1:
            raise ApiError(400, "repeated_parameter", _("This parameter is given more than once."), field=name)


def condition_of(query: QueryDict, filters: Iterable[Filter]) -> Q:
    """The condition that the address asks for; a value that cannot be read is refused (400) with its name."""
    condition = Q()
    for entry in filters:
        text = query.get(entry.name)
        if text is None:
            continue
        try:
            condition &= entry.condition(entry.read(text))
        except (ValueError, KeyError, OverflowError) as error:
            raise ApiError(400, "bad_value", _("This value cannot be read."), field=entry.name) from error
    return condition
