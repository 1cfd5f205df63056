"""Passwords that leaks have made known, or that anybody here would try first, are refused without asking anybody outside."""

from __future__ import annotations

import secrets
import socket

import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils import translation

from accounts.models import User
from accounts.passwords import is_breached, is_made_of

KNOWN = User(email="karim.benali@atlas-riads.ma", full_name="Karim Benali")


def refusals(password: str) -> set[str]:
    try:
        validate_password(password, KNOWN)
    except ValidationError as error:
        return {str(each.code) for each in error.error_list}
    return set()


@pytest.mark.parametrize("password", ["123456789012", "passwordpassword", "qwertyuiop123", "1q2w3e4r5t6y7u8i", "PASSWORDpassword"])
def test_password_when_leaks_have_made_it_known_then_it_is_refused_whatever_its_capitals(password: str) -> None:
    assert "password_breached" in refusals(password)


@pytest.mark.parametrize(
    "password",
    [
        "ONMT-CNT-2026!", "Maroc2026Tourisme", "T0ur1sme-Mar0c-26", "Confédération2026", "Bienvenue-Maroc-2026", "motdepasse2026",
        "كلمة السر المغرب 2026", "السياحة-مراكش-2026", "karimbenali2026!", "Atlas-Riads-2026", "R1ads.Atlas.2027",
    ],
)  # fmt: skip
def test_password_when_made_of_words_of_the_house_then_it_is_refused_in_three_languages(password: str) -> None:
    assert "password_context" in refusals(password)


@pytest.mark.parametrize(
    "password",
    [
        "une longue phrase de passe 2026", "Le tourisme fait vivre notre vallée", "cheval correct agrafe batterie", "سبعة جمال تعبر الوادي",
        "9f3kQ-zz81p-Lm27x", "        espace devant, derrière ", "x" * 40 + "abcdefghij" * 6,
    ],
)  # fmt: skip
def test_password_when_long_and_its_own_then_it_is_taken_whatever_its_letters(password: str) -> None:
    assert refusals(password) == set()


def test_password_when_chosen_at_random_then_it_is_almost_never_taken_for_a_known_one() -> None:
    assert sum(is_breached(secrets.token_urlsafe(12)) for _ in range(2_000)) < 14  # 2 expected; 14 is out of reach of chance


def test_password_when_checked_then_no_address_is_called(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket.socket, "connect", lambda *_args: pytest.fail("a password went out"))

    assert "password_breached" in refusals("123456789012")


def test_word_when_absent_from_a_password_then_figures_alone_are_no_word_of_the_house() -> None:
    assert not is_made_of("8305 2291 7764", frozenset({"maroc"}))


@pytest.mark.parametrize(("language", "word"), [("fr", "fuites"), ("ar", "تسريبات"), ("en", "leaks")])
def test_refusal_when_shown_then_it_speaks_the_readers_language(language: str, word: str) -> None:
    with translation.override(language), pytest.raises(ValidationError) as refused:
        validate_password("passwordpassword", KNOWN)

    assert word in " ".join(refused.value.messages)
