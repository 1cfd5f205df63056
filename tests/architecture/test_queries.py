"""Who sees which row is said once, in SQL; what day it is, in one place."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from django.apps import apps

from tests.architecture import house

if TYPE_CHECKING:
    from pathlib import Path

DOORS = {"views", "api", "forms", "filters", "urls"}
# A job's parameters are JSON: `params__month` is a key of it, not a part of a date.
IN_JSON = ("params__",)
# Querysets that filter by who asks: `visible_to`, the two that are narrower still, and no row at all.
SCOPES = {"visible_to", "of_parties", "published", "none"}
# Functions that filter what they are given: the door toolkit's `perform` calls `visible_to`; `Exists` looks at rows of rows
# that are already filtered, and gives back a yes or a no.
FILTERING = {"perform", "Exists"}
# The functions that may read without asking, each with its reason.
READS_ITS_OWN = {
    ("accounts/views.py", "_keep_this_session"): "the caller's own account",
    ("partnership/views/invitations.py", "_case"): "whether the invited address has an account decides which form is shown",
    ("partnership/views/conventions.py", "_action_counts"): "the actions of a convention that was found with `visible_to`",
    ("partnership/views/people.py", "mandate_act"): "whether the mandate just ended was the caller's own",
}


def _is_door(path: Path) -> bool:
    parts = path.relative_to(house.ROOT).with_suffix("").parts
    return parts[0] in house.APPS and bool(DOORS & set(parts[1:]))


def _scoped_models() -> set[str]:
    return {
        model.__name__
        for model in apps.get_models()
        if model._meta.app_label in house.FLOORS and hasattr(model._default_manager.all(), "visible_to")
    }


def _chain(node: ast.AST) -> set[str]:
    """The names called one after the other from `Model.objects` on, and the functions the whole is given to."""
    names: set[str] = set()
    current: ast.AST | None = node
    while current is not None:
        above = getattr(current, "parent", None)
        if isinstance(above, ast.Attribute) and above.value is current:
            names.add(above.attr)
        elif not (isinstance(above, ast.Call) and above.func is current):
            break
        current = above
    return names


def _given_to(node: ast.AST) -> set[str]:
    """The functions called around an expression, up to its statement."""
    names: set[str] = set()
    current = getattr(node, "parent", None)
    while current is not None and not isinstance(current, ast.stmt):
        if isinstance(current, ast.Call):
            names.add(current.func.id if isinstance(current.func, ast.Name) else getattr(current.func, "attr", ""))
        current = getattr(current, "parent", None)
    return names


def _function_of(node: ast.AST) -> str:
    current: ast.AST | None = node
    while current is not None and not isinstance(current, ast.FunctionDef):
        current = getattr(current, "parent", None)
    return current.name if current is not None else ""


def test_a_door_when_it_reads_rows_of_many_organisations_then_asks_who_may_see_them() -> None:
    scoped = _scoped_models()
    assert {"Organisation", "Convention", "Commitment", "Action", "Document"} <= scoped
    wrong = [
        f"{house.name_of(path)}:{node.lineno} {node.value.id}.{node.attr}"
        for path in house.python_files()
        if _is_door(path)
        for node in ast.walk(house.tree(path))
        if isinstance(node, ast.Attribute)
        and node.attr in {"objects", "_default_manager", "_base_manager"}
        and isinstance(node.value, ast.Name)
        and node.value.id in scoped
        and not SCOPES & _chain(node)
        and not FILTERING & _given_to(node)
        and (house.name_of(path), _function_of(node)) not in READS_ITS_OWN
    ]
    house.nothing(wrong)


def test_the_functions_that_may_read_without_asking_when_listed_then_exist() -> None:
    functions = {
        (house.name_of(path), node.name)
        for path in house.python_files()
        for node in ast.walk(house.tree(path))
        if isinstance(node, ast.FunctionDef)
    }
    assert READS_ITS_OWN.keys() - functions == set()


def test_a_door_when_open_then_writes_nothing_itself() -> None:
    writes = {"save", "bulk_create", "bulk_update", "get_or_create", "update_or_create"}
    wrong = [
        f"{house.name_of(path)}:{node.lineno} .{node.func.attr}()"
        for path in house.python_files()
        if _is_door(path) and "api" not in path.name
        for node in ast.walk(house.tree(path))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in writes
        and not node.args
        # A form of a third party keeps its own password or second factor; `super().save()` is Django's.
        and not (
            isinstance(node.func.value, ast.Call) and isinstance(node.func.value.func, ast.Name) and node.func.value.func.id == "super"
        )
        and house.app_of(path) not in {"core", "accounts"}
    ]
    house.nothing(wrong)


def test_a_day_when_searched_then_is_computed_in_python_and_not_by_the_database() -> None:
    wrong = []
    lookups = re.compile(r"__(date|year|month|day|week|week_day|quarter|hour)(__|$)")
    for path in house.python_files():
        for node in ast.walk(house.tree(path)):
            if isinstance(node, ast.keyword) and node.arg and lookups.search(node.arg) and not node.arg.startswith(IN_JSON):
                wrong.append(f"{house.name_of(path)}:{node.value.lineno} {node.arg}")
            if isinstance(node, ast.ImportFrom) and node.module == "django.db.models.functions":
                wrong += [f"{house.name_of(path)}:{node.lineno} {a.name}" for a in node.names if a.name.startswith(("Trunc", "Extract"))]
    house.nothing(wrong)


def test_the_clock_when_read_then_only_by_core_clock() -> None:
    calls = {
        ("datetime", "now"),
        ("datetime", "utcnow"),
        ("datetime", "today"),
        ("date", "today"),
        ("timezone", "now"),
        ("timezone", "localdate"),
    }
    wrong = [
        f"{house.name_of(path)}:{node.lineno}"
        for path in house.python_files()
        if house.name_of(path) != "core/clock.py"
        for node in ast.walk(house.tree(path))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and (node.value.id, node.attr) in calls
    ]
    house.nothing(wrong)
