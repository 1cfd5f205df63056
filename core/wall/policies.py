"""Policies as data: what an app says of its tables."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.conf import settings
from django.utils.module_loading import import_string

if TYPE_CHECKING:
    from django.db.models import Model


@dataclass(frozen=True, slots=True)
class Function:
    """A question that several policies ask, answered past the policies of the tables it reads (SECURITY DEFINER).

    `body` is one SELECT; `returns` its SQL type. Names start with `wall_`.
    """

    name: str
    returns: str
    body: str


@dataclass(frozen=True, slots=True)
class Rule:
    """The rows of a table that people from outside may read and write: an SQL condition on the row, by the table's own column names.

    A row may not be written outside its condition either. The events that the audit trail keeps of the table follow the row they tell of.
    """

    model: str
    using: str

    @property
    def table(self) -> str:
        """The table's name in the database."""
        return str(apps.get_model(self.model)._meta.db_table)

    @property
    def events(self) -> type[Model] | None:
        """The audit events of the table, when it is audited."""
        names = {relation.name for relation in apps.get_model(self.model)._meta.related_objects}
        if "events" not in names:
            return None
        found: Any = apps.get_model(self.model)._meta.get_field("events")
        events: type[Model] = found.related_model
        return events


@dataclass(frozen=True, slots=True)
class Wall:
    """What one app adds: functions first, in the order in which they use each other, then a rule for each table."""

    functions: tuple[Function, ...]
    rules: tuple[Rule, ...]


def walls() -> tuple[Wall, ...]:
    """What the apps listed in `settings.WALL` say."""
    return tuple(import_string(path) for path in settings.WALL)
