"""Every file is where a reader looks first, and can be seen at once."""

from __future__ import annotations

import ast
import re

import pytest

from tests.architecture import house

# The rooms of an app, from paper to doors (docs/house.md). Each may be a file or a folder of files by noun.
ROOMS = {
    "apps", "migrations",
    "choices", "querysets", "models",
    "permissions", "selectors", "search", "notifications", "events", "acts",
    "services", "reminders", "reports", "imports", "dashboard", "privacy", "retention", "tasks",
    "forms", "filters", "views", "urls", "api", "admin", "management", "middleware", "templatetags",
}  # fmt: skip
# What only one app has, each with its reason.
MORE_ROOMS = {
    "accounts": {
        "adapters",  # how allauth meets the portal
        "checks",  # Django's system checks of the sign-in settings
        "demo",  # the demonstration's second-factor code
        "public",  # which views need no sign-in
        "roles",  # the roles, described once
        "devices",  # the browsers an account is known to sign in from
        "passwords",  # which passwords are refused
        "secrets",  # second-factor secrets, sealed
        "stepup",  # what asks to prove again who one is
    },
    "partnership": {
        "demo",  # the demonstration: its people, operators and convention, loaded through the services
        "policies",  # which rows PostgreSQL itself shows to whom (core.wall)
    },
    "portal": {
        "errors",  # error pages
        "home",  # the home page: a tuple of tiles
        "menu",  # what every page's header shows
        "privacy",  # the register of processing, assembled
        "reactions",  # one table: event → service
        "public",  # the open pages
        "registry",  # the catalogues the roof assembles
    },
}
FORBIDDEN = {"utils", "util", "helpers", "helper", "common", "misc", "tools", "shared", "base_utils"}
LONGEST_FILE = 400
LONGEST_FUNCTION = 50
# Files that a rule of the house cannot split, each with its reason.
LONG_FILES = {
    "config/settings.py": "settings are read in one place, from top to bottom",
}


@pytest.mark.parametrize("app", [app for app in house.APPS if app != "core"])
def test_an_app_when_listed_then_holds_only_the_rooms_of_the_house(app: str) -> None:
    found = {
        path.stem for path in (house.ROOT / app).iterdir() if path.suffix == ".py" or (path.is_dir() and (path / "__init__.py").exists())
    }
    assert found - {"__init__"} - ROOMS - MORE_ROOMS.get(app, set()) == set()


def test_a_file_when_named_then_its_name_says_what_it_holds() -> None:
    house.nothing(
        [house.name_of(path) for path in house.python_files(tests=True) if path.stem in FORBIDDEN or path.parent.name in FORBIDDEN]
    )


def test_a_file_when_opened_then_has_at_most_400_lines() -> None:
    long = {
        house.name_of(path): lines
        for path in house.python_files(tests=True)
        if (lines := len(path.read_text(encoding="utf-8").splitlines())) > LONGEST_FILE and house.name_of(path) not in LONG_FILES
    }
    assert long == {}


def test_a_function_when_read_then_fits_on_a_page() -> None:
    long = [
        f"{house.name_of(path)}:{node.lineno} {node.name} ({node.end_lineno - node.lineno + 1} lines)"
        for path in house.python_files(tests=True)
        for node in ast.walk(house.tree(path))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno
        and node.end_lineno - node.lineno + 1 > LONGEST_FUNCTION
    ]
    house.nothing(long)


def test_a_signal_when_used_then_never_for_the_trade() -> None:
    wrong = [
        house.name_of(path)
        for path in house.python_files()
        if house.app_of(path) not in {"config", "core"}
        and re.search(r"\b(post_save|pre_save|post_delete|pre_delete|m2m_changed)\b", path.read_text(encoding="utf-8"))
    ]
    house.nothing(wrong)


def test_a_promise_when_left_in_the_code_then_is_refused() -> None:
    mark = re.compile(r"#.*\b(TODO|FIXME|XXX|HACK)\b")
    wrong = [
        f"{house.name_of(path)}:{number}"
        for path in house.python_files(tests=True)
        if path.name != "test_rooms.py"
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if mark.search(line)
    ]
    house.nothing(wrong)
