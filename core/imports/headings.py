"""Which column of a file is which field: by the name in any language, by the field's own name, by what the person chose last time."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.utils.translation import override

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from core.imports.columns import ImportColumn

# Arabic letters that people write in several ways, as core/search folds them.
_ARABIC: Final = str.maketrans("أإآٱىةؤئ", "اااايهوي", "\u0640")
_NEITHER: Final = re.compile(r"[\W_]+", re.UNICODE)


def fold(text: str) -> str:
    """`text` without case, accents, vowel signs, letter forms and punctuation: what two spellings of one word share."""
    plain = unicodedata.normalize("NFKD", text.translate(_ARABIC)).translate(_ARABIC)
    return _NEITHER.sub(" ", "".join(c for c in plain if not unicodedata.combining(c)).casefold()).strip()


def spellings(words: Iterable[Any]) -> set[str]:
    """Lazy texts, folded, in every language of the portal."""
    folded = set()
    for code, _name in settings.LANGUAGES:
        with override(code):
            folded |= {fold(str(word)) for word in words}
    return folded - {""}


def known_headings(columns: Sequence[ImportColumn]) -> dict[str, str]:
    """Folded heading → field. A heading that two columns share belongs to none."""
    known: dict[str, str] = {}
    shared: set[str] = set()
    for column in columns:
        for heading in {fold(column.name)} | spellings([column.title, *column.other_headings]):
            if known.setdefault(heading, column.name) != column.name:
                shared.add(heading)
    # A field's own name is never ambiguous.
    own = {fold(column.name): column.name for column in columns}
    return {heading: name for heading, name in known.items() if heading not in shared} | own


def propose(headings: Sequence[str], columns: Sequence[ImportColumn], *, remembered: Mapping[str, str]) -> dict[str, str]:
    """Column number in the file (as text, from 0) → field, each field once; a column that is not there is left out."""
    known, names, taken = known_headings(columns), {column.name for column in columns}, set[str]()
    required = {column.name for column in columns if column.required}
    mapping: dict[str, str] = {}
    for number, heading in enumerate(headings):
        folded = fold(heading)
        own = known.get(folded, "")
        # What a file cannot do without is proposed again, even where it was left out once.
        name = remembered.get(folded, own) or (own if own in required else "")
        if name in names and name not in taken:
            mapping[str(number)] = name
            taken.add(name)
    return mapping
