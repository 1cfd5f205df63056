"""What the rules of the house are checked against: its apps, floors, files and templates."""

from __future__ import annotations

import ast
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]

# From the cellar to the roof. Neighbours (the wings) share a number: they never touch.
FLOORS = {"core": 0, "accounts": 1, "partnership": 2, "taskforces": 3, "domestic": 3, "digital": 3, "portal": 4, "config": 5}
APPS = [name for name in FLOORS if name != "config" and (ROOT / name / "apps.py").exists()]


def may_use(user: str, used: str) -> bool:
    """Whether code of `user` may name something of `used`: itself, or a lower floor."""
    return user == used or FLOORS[used] < FLOORS[user]


@cache
def python_files(*, tests: bool = False) -> tuple[Path, ...]:
    """Every Python file of the portal, migrations left out."""
    folders = [*FLOORS, *(["tests"] if tests else [])]
    found = [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py")) if "migrations" not in path.parts]
    return tuple(found)


@cache
def tree(path: Path) -> ast.Module:
    """A file, parsed; every node knows its parent."""
    parsed = ast.parse(path.read_text(encoding="utf-8"), filename=str(path))
    for node in ast.walk(parsed):
        for child in ast.iter_child_nodes(node):
            child.parent = node  # type: ignore[attr-defined]
    return parsed


def name_of(path: Path) -> str:
    """The path as people write it."""
    return path.relative_to(ROOT).as_posix()


def app_of(path: Path) -> str:
    """The app a Python file belongs to."""
    return path.relative_to(ROOT).parts[0]


def strings(path: Path) -> Iterator[tuple[int, str]]:
    """Every literal text of a file with its line, docstrings included."""
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.lineno, node.value


TEMPLATES = ROOT / "templates"
# Folders that are not named after an app, and the floor whose pages they are.
TEMPLATE_FLOORS = {
    "account": "accounts", "allauth": "accounts", "mfa": "accounts", "usersessions": "accounts", "idp": "accounts",
    "unfold": "core", "admin": "core",  # the administration's frame: every app has pages in it
    "components": "core", "forms": "core", "layout": "core",
}  # fmt: skip


@cache
def templates() -> tuple[Path, ...]:
    """Every template of the portal."""
    return tuple(sorted(path for path in TEMPLATES.rglob("*") if path.suffix in {".html", ".txt"}))


def template_name(path: Path) -> str:
    """As `{% include %}` names it."""
    return path.relative_to(TEMPLATES).as_posix()


def template_app(name: str) -> str:
    """The app whose floor a template stands on; pages at the top (base, errors) belong to the cellar."""
    top = name.split("/")[0] if "/" in name else ""
    return top if top in FLOORS else TEMPLATE_FLOORS.get(top, "core")


_COMMENT = re.compile(r"\{%\s*comment.*?%\}.*?\{%\s*endcomment\s*%\}|\{#.*?#\}|<!--.*?-->", re.S)


@cache
def template_source(path: Path) -> str:
    """A template without its comments."""
    return _COMMENT.sub("", path.read_text(encoding="utf-8"))


def nothing(wrong: list[str]) -> None:
    """The list of faults is empty; otherwise every one of them is shown, one a line."""
    assert not wrong, f"{len(wrong)} found:\n" + "\n".join(wrong)
