"""What checks the code stays strict; what is vendored stays what it was."""

from __future__ import annotations

import ast
import hashlib
import json
import os
import re
import subprocess
import sys
import tomllib
from importlib import metadata
from importlib.util import find_spec
from pathlib import Path

import pytest

from tests.architecture import house

PROJECT = tomllib.loads((house.ROOT / "pyproject.toml").read_text(encoding="utf-8"))
VENDOR = json.loads((house.ROOT / "static" / "vendor" / "VENDOR.json").read_text(encoding="utf-8"))


def test_types_when_checked_then_strictly() -> None:
    mypy = PROJECT["tool"]["mypy"]
    assert mypy["strict"] is True
    assert mypy["plugins"] == ["mypy_django_plugin.main", "mypy_drf_plugin.main"]
    ours = {name for override in mypy["overrides"] for name in override["module"] if name.split(".")[0] in house.FLOORS}
    assert ours == set()


def test_lint_when_run_then_with_the_rules_of_the_house() -> None:
    lint = PROJECT["tool"]["ruff"]["lint"]
    assert {"E", "F", "W", "I", "UP", "B", "DJ", "DTZ", "ERA", "N", "S", "SIM", "T20", "RUF", "D1"} <= set(lint["select"])
    assert [path for path in lint["per-file-ignores"] if path.split("/")[0] in house.FLOORS] == []


def test_the_contracts_when_read_then_name_every_floor() -> None:
    contract = PROJECT["tool"]["importlinter"]["contracts"][0]
    assert contract["type"] == "layers"
    layers = " ".join(contract["layers"])
    assert [app for app in house.APPS if app not in layers] == []
    assert set(house.APPS) <= set(PROJECT["tool"]["importlinter"]["root_packages"])


def test_a_target_of_the_makefile_when_written_then_is_written_once() -> None:
    targets = re.findall(r"^([a-z][a-z-]*):", (house.ROOT / "Makefile").read_text(encoding="utf-8"), re.M)
    assert {"check", "test", "demo"} <= set(targets)
    assert sorted({name for name in targets if targets.count(name) > 1}) == []


def test_an_exception_to_the_types_when_made_then_says_which_rule() -> None:
    bare = re.compile(r"#\s*(type:\s*ignore(?!\[)|noqa(?!:))")
    house.nothing(
        [
            f"{house.name_of(path)}:{number}"
            for path in house.python_files(tests=True)
            for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
            if bare.search(line) and path.name != "test_configuration.py"
        ]
    )


def test_a_test_when_skipped_then_only_for_a_missing_browser() -> None:
    skips = {"skip", "skipif", "xfail"}
    house.nothing(
        [
            f"{house.name_of(path)}:{node.lineno} {node.attr}"
            for path in house.python_files(tests=True)
            if "tests" in path.parts and "journey" not in house.name_of(path)
            for node in ast.walk(house.tree(path))
            if isinstance(node, ast.Attribute) and node.attr in skips
        ]
    )


def test_a_dependency_when_declared_then_is_pinned_with_its_reason() -> None:
    text = (house.ROOT / "pyproject.toml").read_text(encoding="utf-8")
    block = text[text.index("dependencies = [") : text.index("]\n\n[dependency-groups]")]
    lines = [line.strip() for line in block.splitlines()[1:] if line.strip()]
    house.nothing([line for line in lines if not re.fullmatch(r'"[\w\[\],.-]+==[\w.]+",\s+# .+', line)])


@pytest.mark.parametrize("name", ["requirements.txt", "requirements-dev.txt"])
def test_the_lock_when_compiled_then_every_file_has_its_hash_and_no_address(name: str) -> None:
    text = (house.ROOT / name).read_text(encoding="utf-8")
    packages = re.findall(r"^([a-z0-9_.-]+(?:\[[\w,-]+\])?)==", text, re.M | re.I)
    assert len(packages) == len(re.findall(r"==[^\n]*\\\n\s+--hash=sha256:", text))
    assert "http" not in "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    pinned = {re.split(r"[\[=]", line)[0].lower() for line in PROJECT["project"]["dependencies"]}
    assert pinned - {re.sub(r"\[.*", "", package).lower() for package in packages} == set()


@pytest.mark.parametrize("package", VENDOR["packages"], ids=lambda package: str(package["name"]))
def test_a_vendored_file_when_hashed_then_is_the_one_recorded_with_its_licence(package: dict[str, object]) -> None:
    assert {"name", "version", "licence", "source", "files"} <= package.keys()
    files = package["files"]
    assert isinstance(files, dict)
    found = {name: hashlib.sha256((house.ROOT / name).read_bytes()).hexdigest() for name in files}
    assert found == files


def test_a_file_under_vendor_when_present_then_is_recorded() -> None:
    recorded = {name for package in VENDOR["packages"] for name in package["files"]}
    present = {house.name_of(path) for path in (house.ROOT / "static" / "vendor").rglob("*") if path.is_file()}
    assert present - recorded == {"static/vendor/VENDOR.json"}


def test_the_administrations_mirrored_styles_when_the_package_changes_then_are_mirrored_again() -> None:
    spec = find_spec("unfold")
    assert spec is not None
    packages = Path(next(iter(spec.submodule_search_locations or []))).parent
    assert metadata.version("django-unfold") == "0.91.0"
    assert {name: hashlib.sha256((packages / name).read_bytes()).hexdigest() for name in VENDOR["mirrored"]} == VENDOR["mirrored"]


WITHOUT_DEVELOPMENT = """
import importlib, json, pathlib, sys
hidden = set(json.loads(sys.argv[1]))


class Hide:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in hidden:
            raise ModuleNotFoundError(f"No module named {name!r} without the packages of development", name=name)


sys.meta_path.insert(0, Hide())
import django

django.setup()
from django.urls import get_resolver

get_resolver().url_patterns
for folder in sys.argv[2:]:
    for path in sorted(pathlib.Path(folder).rglob("*.py")):
        # What only developers run: it collects the texts to translate.
        if path.name != "extract_messages.py":
            importlib.import_module(".".join(path.with_suffix("").parts).removesuffix(".__init__"))
"""


def test_the_portal_when_installed_without_the_packages_of_development_then_finds_all_it_imports() -> None:
    def packages(name: str) -> set[str]:
        text = (house.ROOT / name).read_text(encoding="utf-8")
        return {re.sub(r"[-_.]+", "-", found).lower() for found in re.findall(r"^([A-Za-z0-9_.-]+?)(?:\[[\w,-]+\])?==", text, re.M)}

    runtime = packages("requirements.txt")
    hidden = [
        module
        for module, names in metadata.packages_distributions().items()
        if not {re.sub(r"[-_.]+", "-", name).lower() for name in names} & (runtime | {"setuptools", "pip"})
    ]
    assert "pytest" in hidden
    folders = [app for app in house.FLOORS if (house.ROOT / app / "__init__.py").exists()]
    environment = os.environ | {"PYTHONPATH": str(house.ROOT)}

    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", WITHOUT_DEVELOPMENT, json.dumps(hidden), *folders],
        cwd=house.ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip

    assert done.returncode == 0, done.stderr[-3000:]
