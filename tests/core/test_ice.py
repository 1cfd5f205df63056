"""The identifier of an enterprise: its own check digits beside those of the standard's library."""

from __future__ import annotations

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from stdnum.ma import ice as standard

from core.errors import Invalid
from core.ice import check_ice


@given(st.integers(1, 10**13 - 1), st.integers(0, 99))
@example(156119100006, 6)
@example(1, 97)
def test_check_digits_when_any_number_is_given_then_are_judged_as_the_library_does(number: int, check: int) -> None:
    text = f"{number:013d}{check:02d}"
    if standard.is_valid(text):
        assert check_ice(text) == text
    else:
        with pytest.raises(Invalid):
            check_ice(text)


@given(st.integers(1, 10**13 - 1))
def test_check_digits_when_they_are_computed_then_are_accepted_by_both(number: int) -> None:
    text = f"{number:013d}{-number * 100 % 97:02d}"
    assert standard.is_valid(text)
    assert check_ice(text) == text
