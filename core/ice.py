"""The Moroccan common identifier of an enterprise (ICE): 9 digits of the enterprise, 4 of the establishment, 2 of check (modulo 97)."""

from __future__ import annotations

import unicodedata
from typing import Final

from django.utils.translation import gettext_lazy as _

from core.errors import Invalid

ENTERPRISE_DIGITS: Final = 9
DIGITS: Final = 15
SEPARATORS: Final = " \t\u00a0\u202f.-/"


def check_ice(value: object, *, field: str = "ice") -> str:
    """The 15 digits, without the blanks people type; Arabic-Indic digits become ordinary ones. Refuses what no enterprise can have."""
    text = value if isinstance(value, str) else ""
    digits = text.strip()
    if len(digits) != DIGITS or not (digits.isascii() and digits.isdigit()):
        digits = "".join(_plain(character) for character in digits if character not in SEPARATORS)
    if not (digits.isascii() and digits.isdigit()):
        raise Invalid(_("An ICE holds digits only."), code="ice_digits", field=field)
    if len(digits) != DIGITS:
        raise Invalid(_("An ICE has 15 digits: this one has %(count)d.") % {"count": len(digits)}, code="ice_length", field=field)
    # Fifteen zeros pass the check digits and belong to nobody.
    if not digits.strip("0"):
        raise Invalid(_("An ICE made of zeros belongs to nobody."), code="ice_zeros", field=field)
    # The same as stdnum.ma.ice, whose own cleaning costs ten times the arithmetic; a test holds the two together.
    if int(digits) % 97:
        raise Invalid(_("This ICE is mistyped: its two check digits do not match the others."), code="ice_check", field=field)
    return digits


def _plain(character: str) -> str:
    decimal = unicodedata.decimal(character, None)
    return character if decimal is None else str(decimal)
