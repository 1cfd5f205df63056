"""Import downwards only, neighbours never: in Python, in foreign keys, in names given as text, in templates and addresses."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

from django.apps import apps
from django.conf import settings

from tests.architecture import house

# Names of addresses without a namespace, by the floor that gives them.
THIRD_PARTY_NAMES = re.compile(r"^(account|mfa|usersessions|socialaccount)_|^(set_language|jsi18n)$")
ROOT_NAMES = {
    "healthz": "core",
    "health_live": "core",
    "health_ready": "core",
    "metrics": "core",
    "demo_mails": "core",
    "demo_mail": "core",
}
# Starts the web server as an operator would, by its command line.
STARTS_PROCESSES = {"core/management/commands/demo.py"}
# The frame of every page links the roof's pages through `links`, given by the roof; the administration is a staff door that
# any floor may send to.
SHARED_NAMESPACES = {"admin", "api"}


def test_imports_when_checked_by_the_contracts_then_all_hold() -> None:
    command = Path(sys.executable).parent / "lint-imports"
    done = subprocess.run([str(command)], cwd=house.ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def test_a_python_file_when_it_imports_the_portal_then_it_is_of_its_floor_or_below() -> None:
    wrong = []
    for path in house.python_files():
        app = house.app_of(path)
        for node in ast.walk(house.tree(path)):
            if not isinstance(node, ast.ImportFrom | ast.Import):
                continue
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else [alias.name for alias in node.names]
            for name in names:
                used = name.split(".")[0]
                if used in house.FLOORS and not house.may_use(app, used):
                    wrong.append(f"{house.name_of(path)}:{node.lineno} imports {name}")
    house.nothing(wrong)


def test_a_foreign_key_when_it_points_to_another_app_then_that_app_is_below() -> None:
    wrong = []
    for model in apps.get_models(include_auto_created=True):
        app = model._meta.app_label
        if app not in house.FLOORS:
            continue
        for field in model._meta.get_fields():
            if not (field.is_relation and field.concrete) or not isinstance(field.related_model, type):
                continue
            target = field.related_model
            if target is apps.get_model(settings.AUTH_USER_MODEL):  # a window of the house: settings.AUTH_USER_MODEL
                continue
            used = target._meta.app_label
            if used in house.FLOORS and not house.may_use(app, used):
                wrong.append(f"{model._meta.label}.{field.name} → {target._meta.label}")
    house.nothing(wrong)


def test_a_model_when_asked_for_by_its_name_then_it_is_of_its_floor_or_below() -> None:
    wrong = []
    for path in house.python_files():
        for node in ast.walk(house.tree(path)):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "get_model" and node.args:
                first = node.args[0]
                used = first.value.split(".")[0] if isinstance(first, ast.Constant) and isinstance(first.value, str) else ""
                if used in house.FLOORS and not house.may_use(house.app_of(path), used):
                    wrong.append(f"{house.name_of(path)}:{node.lineno} {used}")
    house.nothing(wrong)


def test_a_dotted_name_when_written_as_text_then_it_is_of_its_floor_or_below() -> None:
    pattern = re.compile(rf"({'|'.join(house.FLOORS)})(\.[A-Za-z_]\w*)+")
    wrong = [
        f"{house.name_of(path)}:{line} {text}"
        for path in house.python_files()
        if house.app_of(path) != "config" and house.name_of(path) not in STARTS_PROCESSES
        for line, text in house.strings(path)
        if pattern.fullmatch(text) and not house.may_use(house.app_of(path), text.split(".")[0])
    ]
    house.nothing(wrong)


def test_a_template_when_it_uses_another_then_that_one_is_of_its_floor_or_below() -> None:
    used = re.compile(r"\{%\s*(?:include|extends)\s+[\"']([^\"']+)[\"']")
    wrong = [
        f"{house.template_name(path)} uses {name}"
        for path in house.templates()
        for name in used.findall(house.template_source(path))
        if not house.may_use(house.template_app(house.template_name(path)), house.template_app(name))
    ]
    house.nothing(wrong)


def test_a_python_file_when_it_names_a_template_then_it_is_of_its_floor_or_below() -> None:
    pattern = re.compile(rf"(?:{'|'.join(house.FLOORS)})/[\w/]+(?:\.html|\.txt|\.typ)?(?:#\w+)?")
    wrong = [
        f"{house.name_of(path)}:{line} {text}"
        for path in house.python_files()
        for line, text in house.strings(path)
        if pattern.fullmatch(text) and not house.may_use(house.app_of(path), text.split("/")[0])
    ]
    house.nothing(wrong)


def _floor_of_address(name: str) -> str | None:
    """The app that gives an address its name; None when any floor may use it."""
    space, _colon, _rest = name.rpartition(":")
    if space:
        top = space.split(":")[0]
        return None if top in SHARED_NAMESPACES else top
    if THIRD_PARTY_NAMES.match(name):
        return "accounts" if not name.startswith(("set_language", "jsi18n")) else None
    return ROOT_NAMES.get(name)


def test_a_template_when_it_links_a_page_then_that_page_is_of_its_floor_or_below() -> None:
    wrong = []
    for path in house.templates():
        app = house.template_app(house.template_name(path))
        for name in re.findall(r"\{%\s*url\s+[\"']([\w:-]+)[\"']", house.template_source(path)):
            used = _floor_of_address(name)
            # The frame of every page is furnished with the front door's links: sign in, sign out, security.
            if house.template_name(path).startswith("layout/") and used == "accounts":
                continue
            if used in house.FLOORS and not house.may_use(app, str(used)):
                wrong.append(f"{house.template_name(path)} links {name}")
    house.nothing(wrong)


def test_a_python_file_when_it_asks_for_an_address_then_it_is_of_its_floor_or_below() -> None:
    wrong = []
    for path in house.python_files():
        for node in ast.walk(house.tree(path)):
            if not (
                isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant) and isinstance(node.args[0].value, str)
            ):
                continue
            called = node.func.id if isinstance(node.func, ast.Name) else node.func.attr if isinstance(node.func, ast.Attribute) else ""
            if called in {"reverse", "reverse_lazy", "redirect", "resolve_url"}:
                used = _floor_of_address(node.args[0].value)
                if used in house.FLOORS and not house.may_use(house.app_of(path), str(used)):
                    wrong.append(f"{house.name_of(path)}:{node.lineno} {node.args[0].value}")
    house.nothing(wrong)
