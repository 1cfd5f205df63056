"""The rows of `partnership/reference/`, and the organisations they have become."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from django.db.models import Q

from partnership.models import Organisation

if TYPE_CHECKING:
    from collections.abc import Mapping

FOLDER: Final = Path(__file__).resolve().parent.parent / "reference"


def reference_rows(name: str) -> list[dict[str, Any]]:
    """The rows of one file, without its suffix."""
    rows: list[dict[str, Any]] = json.loads((FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return rows


def find_reference(row: Mapping[str, Any]) -> Organisation | None:
    """The organisation of a row of `organisations.json`: the host, else the one with its acronym, else with its French name."""
    organisations = Organisation.objects.filter(is_demo=False)
    if row.get("is_host"):
        return organisations.filter(is_host=True).first()
    same = Q(name_fr=row["name_fr"])
    if row["acronym"]:
        same |= Q(acronym=row["acronym"])
    return organisations.filter(same).order_by("created_at", "id").first()


def reference_organisations() -> dict[str, Organisation]:
    """The organisations already loaded, by the `key` of their row."""
    found = {row["key"]: find_reference(row) for row in reference_rows("organisations")}
    return {key: organisation for key, organisation in found.items() if organisation is not None}
