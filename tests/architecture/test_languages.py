"""French and Arabic are complete, and say what the source says."""

from __future__ import annotations

import re

import polib
import pytest

from core.management.commands.extract_messages import PLURALS, catalogue, collect, faults
from tests.architecture import house

# Written the same in the other language, on purpose: names, abbreviations, and words that French shares with English.
SAME_IN_FRENCH = re.compile(r"[^\s]+|[\W\d]*")
SAME_SENTENCES_IN_FRENCH: frozenset[str] = frozenset({"%(n)s action", "Version %(n)s"})
SAME_IN_ARABIC: frozenset[str] = frozenset(
    {"ONMT", "CNT", "ONMT–CNT", "API", "PDF", "XLSX", "CSV", "ICE", "SHA-256", "Français", "English", "URL", "JSON"}
)
_ARABIC = re.compile(r"[\u0600-\u06FF]")
_WORDS = re.compile(r"[A-Za-z]{2,}")


def _catalogue(language: str) -> polib.POFile:
    return polib.pofile(str(house.ROOT / "locale" / language / "LC_MESSAGES" / "django.po"), encoding="utf-8")


def _forms(entry: polib.POEntry | polib.MOEntry) -> list[str]:
    return [entry.msgstr] if not entry.msgid_plural else list(entry.msgstr_plural.values())


@pytest.mark.parametrize("language", list(PLURALS))
def test_a_language_when_compared_with_the_sources_then_misses_nothing(language: str) -> None:
    found = collect(house.ROOT)
    old = _catalogue(language)
    wrong = [f"{entry.msgid!r}: {fault}" for entry in catalogue(language, found.values(), old) for fault in faults(entry)]
    wrong += [
        f"{entry.msgid!r}: no longer in the sources"
        for entry in old
        if not entry.obsolete and (entry.msgctxt or "", entry.msgid) not in found
    ]
    house.nothing(wrong)


def test_french_when_identical_to_the_source_then_is_meant() -> None:
    house.nothing(
        [
            repr(entry.msgid)
            for entry in _catalogue("fr")
            if entry.msgid in _forms(entry) and not SAME_IN_FRENCH.fullmatch(entry.msgid) and entry.msgid not in SAME_SENTENCES_IN_FRENCH
        ]
    )


def test_arabic_when_it_holds_no_arabic_then_is_meant() -> None:
    house.nothing(
        [
            repr(entry.msgid)
            for entry in _catalogue("ar")
            for form in _forms(entry)
            if form
            and not _ARABIC.search(form)
            and _WORDS.search(re.sub(r"%\(\w+\)\w|\{\w*\}", "", form))
            and entry.msgid not in SAME_IN_ARABIC
        ]
    )


@pytest.mark.parametrize("language", list(PLURALS))
def test_a_language_when_compiled_then_says_what_its_source_file_says(language: str) -> None:
    path = house.ROOT / "locale" / language / "LC_MESSAGES" / "django.mo"
    compiled = {(entry.msgctxt or "", entry.msgid): _forms(entry) for entry in polib.mofile(str(path), encoding="utf-8") if entry.msgid}
    written = {(entry.msgctxt or "", entry.msgid): _forms(entry) for entry in _catalogue(language).translated_entries()}
    assert compiled == written
