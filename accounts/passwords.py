"""Which passwords are refused whatever their length: those that leaks have made known, and those made of words everybody here thinks of.

Both lists are in the code: no address is called, nothing of a password leaves the process. Where the first comes from is recorded
in static/vendor/VENDOR.json; `deploy/breached.py` makes it.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from collections.abc import Iterator

MINIMUM: Final = 12
LIST: Final = Path(__file__).parent / "breached" / "passwords.bloom"
# One in a thousand passwords that are on no list is refused too; ten bits are looked at for each.
RATE: Final = 0.001
PROBES: Final = 10

# Words of this portal and its trade in its three languages, without accents: a password is not made of them and figures alone.
WORDS: Final = """
onmt cnt fnih fnavm fntt fnr flascam crt portail portal bawaba partenariat partnership convention conventions maroc morocco
maghrib almaghrib tourisme tourism tourist touriste touristique siyaha visitmorocco office national confederation nationale
marocain marocaine royaume kingdom casablanca casa rabat marrakech marrakesh agadir fes fez tanger tangier ouarzazate essaouira
dakhla hotel hotels hotellerie riad riads voyage voyages travel agence agency motdepasse passe mot password passwd pass secret admin
administrateur administrator azerty qwerty bienvenue welcome bonjour soleil
المغرب مغرب السياحة سياحة المكتب الوطني المغربي الكونفدرالية الوطنية للسياحة بوابة البوابة الشراكة شراكة اتفاقية الاتفاقية
مراكش اكادير فاس طنجة الرباط الدار البيضاء كلمة السر مرور المرور فندق فنادق
"""
CONTEXT: Final = frozenset(WORDS.split())
# What is left once these words, figures, signs and years are taken out must still be a password.
LEFT: Final = 6
# Figures and signs that stand for letters.
LOOKALIKES: Final = str.maketrans("013457@$!€", "oieastasie")


def normalised(password: str) -> str:
    """One letter case and one form of each letter: a leak's password is known whatever its capitals."""
    return unicodedata.normalize("NFKC", password).casefold()


def positions(word: str, bits: int) -> Iterator[int]:
    """The places of a word in a filter of so many bits (Kirsch and Mitzenmacher: two hashes make them all)."""
    digest = sha256(word.encode("utf-8", "surrogatepass")).digest()
    first, second = int.from_bytes(digest[:8], "big"), int.from_bytes(digest[8:16], "big") | 1
    return ((first + number * second) % bits for number in range(PROBES))


@lru_cache(maxsize=1)
def _filter() -> bytes:
    return LIST.read_bytes()


def is_breached(password: str) -> bool:
    """Whether leaks have made a password of twelve characters or more known: 1.4 million of them, and one other in a thousand."""
    bits = _filter()
    return all(bits[place >> 3] & (1 << (place & 7)) for place in positions(normalised(password), len(bits) * 8))


class BreachedPasswordValidator:
    """Refuses what is on the list of leaked passwords."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raise ValidationError when it is there."""
        if is_breached(password):
            raise ValidationError(
                _("This password is known from leaks of other sites: choose one that is used nowhere else."), code="password_breached"
            )

    def get_help_text(self) -> str:
        """For the form."""
        return _("Your password may not be one that leaks have made known.")


# -- words of the house ------------------------------------------------------------------------------------------------
def _plain(text: str) -> str:
    """Small letters without accents, the Arabic marks of vowels included."""
    return "".join(letter for letter in unicodedata.normalize("NFKD", normalised(text)) if not unicodedata.combining(letter))


def _own_words(user: Any) -> set[str]:
    """The parts of the address (its domain included: an organisation's name) and of the name."""
    known = f"{getattr(user, 'email', '')} {getattr(user, 'full_name', '')}"
    return {word for word in re.split(r"[\W_]+", _plain(known)) if len(word) >= 3}


def _without(text: str, words: set[str] | frozenset[str]) -> str:
    """The text once these words are taken out, the longest first."""
    for word in sorted(words, key=len, reverse=True):
        text = text.replace(word, "")
    return text


def is_made_of(password: str, words: set[str] | frozenset[str]) -> bool:
    """Whether next to nothing is left of a password without these words, figures and signs."""
    letters = _plain(password)
    left = min((_without(spelling, words) for spelling in (letters, letters.translate(LOOKALIKES))), key=lambda text: len(_letters(text)))
    return len(_letters(left)) < LEFT and left != letters


def _letters(text: str) -> str:
    return re.sub(r"[\W\d_]+", "", text)


class ContextPasswordValidator:
    """Refuses what is made of the portal's words, of the trade's, of one's own name, address or organisation, with figures around."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raise ValidationError when it is."""
        if is_made_of(password, CONTEXT | _own_words(user)):
            raise ValidationError(
                _("This password is made of words that anybody here would try first: the portal, tourism, a city, your name or address."),
                code="password_context",
            )

    def get_help_text(self) -> str:
        """For the form."""
        return _("Your password may not be made of the portal's name, of words of tourism, nor of your own name or address.")
