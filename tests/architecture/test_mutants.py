"""The planted faults must stay plantable: code moves, and a fault that no longer applies would judge nothing."""

from __future__ import annotations

import pytest

from tests.architecture import house
from tests.mutants.catalogue import MUTANTS, Mutant


def test_the_faults_when_counted_then_are_many_and_each_has_its_name() -> None:
    assert len(MUTANTS) >= 12
    assert len({mutant.slug for mutant in MUTANTS}) == len(MUTANTS)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.slug)
def test_a_fault_when_planted_then_changes_one_place_and_names_tests_that_exist(mutant: Mutant) -> None:
    assert (house.ROOT / mutant.file).read_text(encoding="utf-8").count(mutant.old) == 1
    assert mutant.old != mutant.new
    paths = [word for word in mutant.tests.split() if word.startswith("tests/")]
    assert paths
    house.nothing([path for path in paths if not (house.ROOT / path).is_file()])
