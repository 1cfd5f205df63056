"""The vendored files are the ones that were fetched, and what they were made from has not moved."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import re
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
RECORD: dict[str, Any] = json.loads((ROOT / "static/vendor/VENDOR.json").read_text())
# Beside the vendored files: the record itself, which cannot hold its own hash.
NOT_RECORDED = {"static/vendor/VENDOR.json"}
VENDORED_FOLDERS = ("static/vendor", "static/fonts/pdf", "static/data", "tests/journeys/vendor", "accounts/breached")


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.mark.parametrize("package", RECORD["packages"], ids=lambda package: package["name"])
def test_a_vendored_package_when_read_is_what_was_fetched(package: dict[str, Any]) -> None:
    assert {name: sha256(ROOT / name) for name in package["files"]} == package["files"]


@pytest.mark.parametrize("package", RECORD["packages"], ids=lambda package: package["name"])
def test_a_vendored_package_when_recorded_has_its_version_and_its_licence_beside_it(package: dict[str, Any]) -> None:
    assert re.fullmatch(r"\d+\.\d+\.\d+", package["version"])
    assert package["licence"] in {"MIT", "Apache-2.0", "OFL-1.1", "MPL-2.0"}
    assert [name for name in package["files"] if "LICENSE" in name]


def test_a_vendored_file_when_present_is_recorded() -> None:
    recorded = {name for package in RECORD["packages"] for name in package["files"]}
    present = {str(path.relative_to(ROOT)) for folder in VENDORED_FOLDERS for path in (ROOT / folder).rglob("*") if path.is_file()}

    assert present - NOT_RECORDED == recorded


def test_the_mirrored_admin_styles_when_unfold_changes_are_made_again() -> None:
    """Fails after an upgrade of unfold: run `make vendor`, then compare its skeleton.html with ours in templates/unfold/."""
    spec = importlib.util.find_spec("unfold")
    assert spec is not None
    assert spec.origin is not None
    site = Path(spec.origin).parents[1]

    assert {name: sha256(site / name) for name in RECORD["mirrored"]} == RECORD["mirrored"]


def test_our_admin_skeleton_when_compared_with_unfolds_differs_by_its_style_sheets_alone() -> None:
    spec = importlib.util.find_spec("unfold")
    assert spec is not None
    assert spec.origin is not None
    theirs = (Path(spec.origin).parent / "templates/unfold/layouts/skeleton.html").read_text().splitlines()
    ours = (ROOT / "templates/unfold/layouts/skeleton.html").read_text().splitlines()

    assert [line.strip() for line in theirs if line not in ours] == [
        '<link href="{% static \'unfold/css/styles.css\' %}" rel="stylesheet">'
    ]
    added = [line.strip() for line in ours if line not in theirs]
    assert len(added) == 4
    assert all("stylesheet" in line or line.startswith("{#") for line in added)


def test_a_minified_file_when_vendored_names_no_source_map() -> None:
    named = [path.name for path in (ROOT / "static/vendor").rglob("*.min.*") if b"sourceMappingURL" in path.read_bytes()]

    assert named == []


def test_an_icon_when_named_by_a_template_or_the_code_is_in_the_sprite() -> None:
    sprite = set(re.findall(r'<symbol id="([^"]+)"', (ROOT / "static/vendor/icons/sprite.svg").read_text()))
    named = {
        (name, str(path.relative_to(ROOT)))
        for path in (ROOT / "templates").rglob("*.html")
        for name in re.findall(r'\{% icon "([^"]+)"|<c-[a-z-]+[^>]*? icon="([a-z0-9-]+)"', path.read_text())
        for name in name
        if name
    }
    # Acts name theirs in the code.
    code = {
        (name, str(path.relative_to(ROOT)))
        for floor in ("core", "accounts", "partnership", "portal")
        for path in (ROOT / floor).rglob("*.py")
        for name in re.findall(r'\bicon(?:=|": )"([a-z0-9-]+)"', path.read_text())
    }

    assert ("x", "core/privacy/acts.py") in code
    assert named
    named |= code
    assert {pair for pair in named if pair[0] not in sprite} == set()


def test_a_style_sheet_when_it_names_a_file_names_one_that_exists() -> None:
    sheets = list((ROOT / "static/css").glob("*.css"))
    named = [(sheet, url) for sheet in sheets for url in re.findall(r'url\("([^"]+)"\)', sheet.read_text())]

    assert named
    assert [url for sheet, url in named if not (sheet.parent / url).resolve().is_file()] == []
