"""What the database itself must hold: the audit trail of every table, and constraints behind every state."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Any

import pghistory.models
import pgtrigger
import pytest
from django.apps import apps
from django.db import connection, models
from django.db.models import CheckConstraint

from core.models import Base
from tests.architecture import house

if TYPE_CHECKING:
    from collections.abc import Iterator

# Tables that no trigger watches, each with its reason.
NOT_AUDITED = {
    "core.Heartbeat": "a pulse: rewritten every half minute",
    "core.Event": "already a record, written once",
    "core.IdempotencyKey": "the answer to a repeated request, dropped after a day",
    "core.ImportMapping": "how one named columns the last time",
    "core.Preference": "one's own choice of how mail arrives",
    "core.Quota": "a counter",
    "core.ReminderOccurrence": "already a record, written once",
    "core.Notification": "already a record; reading it changes a mark",
    "core.OutboxMail": "what people do to it is tracked; the machine's steps are its own fields",
}
# Columns called status or state that name a fact somebody enters, not a step of a life.
NOT_A_LIFE = {
    "core.Holiday.status": "estimated, then confirmed by a new source: corrected like any other column",
}


def _own_models() -> Iterator[type[models.Model]]:
    for model in apps.get_models():
        if model._meta.app_label in house.FLOORS and not issubclass(model, pghistory.models.Event) and model._meta.managed:
            yield model


def _installed() -> set[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT c.relname, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE NOT t.tgisinternal")
        return set(cursor.fetchall())


@pytest.mark.django_db
def test_a_trigger_when_declared_then_is_in_the_database() -> None:
    installed = _installed()
    house.nothing(
        [
            f"{model._meta.label}: {trigger.name}"
            for model, trigger in pgtrigger.registered()
            if (model._meta.db_table, trigger.get_pgid(model)) not in installed
        ]
    )


def test_a_table_when_it_holds_the_trade_then_every_change_of_it_is_recorded() -> None:
    watched: dict[str, set[str]] = {}
    for model, trigger in pgtrigger.registered():
        watched.setdefault(model._meta.label, set()).add(
            type(trigger.operation).__name__ if not hasattr(trigger, "event_model") else str(trigger.operation)
        )
    wrong = [
        model._meta.label
        for model in _own_models()
        if issubclass(model, Base)
        and model._meta.label not in NOT_AUDITED
        and {"INSERT", "UPDATE", "DELETE"} - watched.get(model._meta.label, set())
    ]
    house.nothing(wrong)


@pytest.mark.django_db
def test_the_audit_trail_when_rewritten_then_the_database_refuses() -> None:
    watched: list[Any] = [model for model, _trigger in pgtrigger.registered()]
    append_only = {model._meta.label for model in watched if issubclass(model, pghistory.models.Event)}
    events = {
        model._meta.label
        for model in apps.get_models()
        if issubclass(model, pghistory.models.Event) and model._meta.app_label in house.FLOORS
    }
    assert events - append_only == set()


def _states() -> Iterator[tuple[type[models.Model], models.Field[Any, Any]]]:
    for model in _own_models():
        for field in model._meta.get_fields():
            if not isinstance(field, models.Field):
                continue
            is_state = field.name in {"status", "state"} and bool(field.choices)
            if is_state and f"{model._meta.label}.{field.name}" not in NOT_A_LIFE:
                yield model, field


def _tables() -> list[dict[str, frozenset[str]]]:
    """Every table of transitions: a mapping named …_TRANSITIONS in choices, or beside its model."""
    found = []
    for path in house.python_files():
        if path.stem == "choices" or path.parent.name == "models":
            module = importlib.import_module(house.name_of(path).removesuffix(".py").replace("/", ".").removesuffix(".__init__"))
            found += [value for name, value in vars(module).items() if name.endswith("_TRANSITIONS")]
    return found


def test_a_state_when_kept_then_has_a_table_of_transitions_that_names_each_value() -> None:
    tables = _tables()
    wrong = []
    for model, field in _states():
        values = {value for value, _label in field.flatchoices}
        if not any(set(table) == values and all(targets <= values for targets in table.values()) for table in tables):
            wrong.append(f"{model._meta.label}.{field.name}")
    house.nothing(wrong)


def test_a_state_when_kept_then_the_database_checks_what_follows_from_it() -> None:
    wrong = []
    for model, field in _states():
        checks = [c for c in model._meta.constraints if isinstance(c, CheckConstraint) and f"'{field.name}" in repr(c.condition)]
        if not checks:
            wrong.append(f"{model._meta.label}.{field.name}")
    house.nothing(wrong)
