"""Every write is a verb: keyword-only, typed, told who acts, explained."""

from __future__ import annotations

import ast
from typing import TYPE_CHECKING

from tests.architecture import house

if TYPE_CHECKING:
    from pathlib import Path

# Modules beside the services that hold no verb of their own, each with its reason.
NO_VERBS: dict[str, str] = {
    "partnership/services/authors.py": "what the verbs say of who acts",
    "partnership/services/gates.py": "the gate that several verbs pass",
}
# Functions beside the verbs that several files need, each with its reason.
NOT_VERBS = {
    "reset_path": "the address in a mail",
    "digest_of": "how a token is kept",
    "check_places": "the rule of two fields, which an import asks of each row too",
    "open_fields": "which fields a form may show",
    "keep_commitment_evidence": "the part of a verb that two verbs share; the row is already locked",
    "keep_action_evidence": "the part of a verb that two verbs share; the row is already locked",
    "commitments_to_repeat": "what the daily round looks for",
}
# Verbs of people who are not signed in: nobody acts but the bearer of a link.
NOBODY_SIGNED_IN = {"request_password_reset": "forgotten password", "open_invitation": "the bearer of an invitation's link"}


def _service_files() -> list[Path]:
    return [
        path
        for path in house.python_files()
        if house.app_of(path) in house.APPS
        and (path.name == "services.py" or path.parent.name == "services")
        and path.name != "__init__.py"
        and house.name_of(path) not in NO_VERBS
    ]


def _verbs() -> list[tuple[str, ast.FunctionDef]]:
    return [
        (f"{house.name_of(path)}:{node.lineno} {node.name}", node)
        for path in _service_files()
        for node in house.tree(path).body
        if isinstance(node, ast.FunctionDef) and not node.name.startswith("_") and node.name not in NOT_VERBS
    ]


def test_a_service_when_called_then_takes_its_arguments_by_name() -> None:
    house.nothing([name for name, verb in _verbs() if verb.args.args or verb.args.posonlyargs or verb.args.vararg])


def test_a_service_when_declared_then_is_typed() -> None:
    untyped = [
        name
        for name, verb in _verbs()
        if verb.returns is None or any(argument.annotation is None for argument in [*verb.args.args, *verb.args.kwonlyargs])
    ]
    house.nothing(untyped)


def test_a_service_when_called_then_is_told_who_acts() -> None:
    house.nothing(
        [
            name
            for name, verb in _verbs()
            if verb.name not in NOBODY_SIGNED_IN and "by" not in {argument.arg for argument in verb.args.kwonlyargs}
        ]
    )


def test_a_service_when_read_then_tells_what_it_does() -> None:
    house.nothing([name for name, verb in _verbs() if not ast.get_docstring(verb)])


def test_the_exceptions_when_listed_then_exist() -> None:
    functions = {node.name for path in _service_files() for node in house.tree(path).body if isinstance(node, ast.FunctionDef)}
    assert (NOT_VERBS.keys() | NOBODY_SIGNED_IN.keys()) - functions == set()
    assert [name for name in NO_VERBS if not (house.ROOT / name).exists()] == []


def test_the_services_when_listed_then_some_exist() -> None:
    assert len(_verbs()) > 30
