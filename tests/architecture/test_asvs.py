"""docs/asvs.csv says of each item of ASVS 5.0 level 2 where it stands; what it points to exists."""

from __future__ import annotations

import csv
import re
from functools import cache

from tests.architecture import house

# How many items each section has at levels 1 and 2, in ASVS 5.0.0 (253 of its 345); numbers of level 3 stand between them.
SECTIONS = {
    "1.1": 2, "1.2": 9, "1.3": 11, "1.4": 3, "1.5": 2, "2.1": 3, "2.2": 3, "2.3": 4, "2.4": 1,
    "3.2": 2, "3.3": 4, "3.4": 6, "3.5": 5, "3.7": 2, "4.1": 3, "4.2": 1, "4.3": 2, "4.4": 4,
    "5.1": 1, "5.2": 3, "5.3": 2, "5.4": 3,
    "6.1": 3, "6.2": 12, "6.3": 4, "6.4": 4, "6.5": 5, "6.6": 3, "6.8": 4,
    "7.1": 3, "7.2": 4, "7.3": 2, "7.4": 5, "7.5": 2, "7.6": 2, "8.1": 2, "8.2": 3, "8.3": 1, "8.4": 1,
    "9.1": 3, "9.2": 4, "10.1": 2, "10.2": 2, "10.3": 4, "10.4": 11, "10.5": 5, "10.6": 2, "10.7": 3,
    "11.1": 2, "11.2": 3, "11.3": 3, "11.4": 4, "11.5": 1, "11.6": 1, "12.1": 3, "12.2": 2, "12.3": 4,
    "13.1": 1, "13.2": 5, "13.3": 2, "13.4": 5, "14.1": 2, "14.2": 4, "14.3": 3,
    "15.1": 3, "15.2": 3, "15.3": 7, "16.1": 1, "16.2": 5, "16.3": 4, "16.4": 3, "16.5": 3, "17.1": 1, "17.2": 4, "17.3": 2,
}  # fmt: skip
STATES = {"met", "not_applicable", "deployment", "open"}


@cache
def rows() -> tuple[dict[str, str], ...]:
    with (house.ROOT / "docs/asvs.csv").open(encoding="utf-8", newline="") as file:
        return tuple(csv.DictReader(file))


@cache
def names_in(name: str) -> frozenset[str]:
    path = house.ROOT / name
    if not path.is_file():
        return frozenset()
    return frozenset(re.findall(r"^(?:async )?def (test_\w+)", path.read_text(encoding="utf-8"), re.MULTILINE))


@cache
def anchors_of(name: str) -> frozenset[str]:
    titles = re.findall(r"^#+ (.+)$", (house.ROOT / name).read_text(encoding="utf-8"), re.MULTILINE)
    return frozenset(re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles)


def _exists(evidence: str) -> bool:
    if "::" in evidence:
        name, test = evidence.split("::")
        return test in names_in(name)
    name, _hash, anchor = evidence.partition("#")
    return (house.ROOT / name).exists() and (not anchor or anchor in anchors_of(name))


def test_the_items_when_counted_then_each_of_level_two_is_there_once() -> None:
    items = [row["item"] for row in rows()]
    found: dict[str, int] = {}
    for row in rows():
        if row["level"] in {"1", "2"}:
            section = row["item"].rsplit(".", 1)[0]
            found[section] = found.get(section, 0) + 1

    assert len(items) == len(set(items))
    assert found == SECTIONS
    assert sum(found.values()) == 253


def test_an_item_when_listed_then_says_where_it_stands_and_what_shows_it() -> None:
    house.nothing([row["item"] for row in rows() if row["state"] not in STATES or not row["evidence"] or not row["requirement"]])


def test_the_evidence_when_named_then_exists() -> None:
    house.nothing([f"{row['item']} {row['evidence']}" for row in rows() if not _exists(row["evidence"])])


def test_an_item_when_open_or_not_applicable_then_says_why() -> None:
    house.nothing([row["item"] for row in rows() if row["state"] in {"open", "not_applicable"} and not row["note"]])


def test_what_guards_passwords_sessions_and_rights_when_met_then_a_test_shows_it() -> None:
    """Of chapters 6, 7 and 8, most is shown by tests and not by words."""
    met = [row for row in rows() if row["state"] == "met" and row["item"].split(".")[0] in {"6", "7", "8"}]

    assert sum("::" in row["evidence"] for row in met) * 3 >= len(met) * 2


def test_security_md_when_it_names_a_file_or_a_test_then_that_exists() -> None:
    text = (house.ROOT / "SECURITY.md").read_text(encoding="utf-8")
    named = [name for name in re.findall(r"`([\w./\-]+/[\w./\-]*(?:::\w+)?)`", text) if not name.startswith("/")]

    assert len(named) > 20
    house.nothing([name for name in named if not _exists(name)])
