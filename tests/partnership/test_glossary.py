"""The glossary holds every noun and every state of the partnership, with its French and its Arabic word."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.apps import apps

from partnership import choices

GLOSSARY = (Path(__file__).resolve().parents[2] / "docs" / "glossary.md").read_text(encoding="utf-8")
ROWS = [[cell.strip() for cell in line.strip()[1:-1].split("|")] for line in GLOSSARY.splitlines() if line.startswith("|")]
STATES = {
    "Organisation": choices.OrganisationStatus,
    "Affiliation": choices.AffiliationStatus,
    "Convention": choices.ConventionStatus,
    "Commitment": choices.CommitmentStatus,
    "Arbitration": choices.ArbitrationOutcome,
    "Action": choices.ActionStatus,
    "Trust label": choices.TrustLabel,
    "Visibility": choices.Visibility,
}


def test_a_noun_when_it_has_a_table_then_is_in_the_glossary() -> None:
    nouns = {model.__name__ for model in apps.get_app_config("partnership").get_models() if not model.__name__.endswith("Event")}
    assert {noun for noun in nouns if not any(row[0] == f"`{noun}`" for row in ROWS)} == set()


@pytest.mark.parametrize(("noun", "states"), STATES.items())
def test_a_state_when_it_is_in_a_table_then_is_in_the_glossary(noun: str, states: type[choices.OrganisationStatus]) -> None:
    current, found = "", set()
    for row in ROWS:
        current = row[0] or current
        if current == noun:
            found.add(row[1].split(" ")[0])
    assert set(states.values) <= found


def test_a_row_when_it_has_a_word_then_has_all_of_them() -> None:
    assert [row for row in ROWS if not all(row[-2:])] == []
