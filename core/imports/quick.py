"""The usual forms of a cell, accepted at a glance: what a model's field can tell of a text by one pattern, made once for a column.

A glance gives the text as the field stores it, or None, which is a doubt and no refusal: the plain reading then decides, with its
sentence. What a glance accepts, the plain reading accepts too, and stores alike; a test compares them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final

import phonenumbers
from django.core.validators import MaxLengthValidator, validate_email
from django.db.models import CharField, EmailField, TextField
from phonenumber_field.modelfields import PhoneNumberField

from core.validation import holds_identity_number

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.models import Field

    Glance = Callable[[str], str | None]

# Five digits may be those of an identity card; the others stand in no text.
_DOUBTFUL: Final = re.compile("[0-9]{5}|[\x00\ud800-\udfff]")
# Fewer than the addresses there are: no quotation, no literal address, no other alphabet.
_ADDRESS: Final = re.compile(
    r"[a-zA-Z0-9_+-]+(?:\.[a-zA-Z0-9_+-]+)*@(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]{0,61}[a-zA-Z0-9])?\.)+[a-zA-Z]{2,63}", re.ASCII
)


def glance_of(field: Field[Any, Any]) -> Glance | None:
    """The glance at texts for this field; None where nothing can be told at once."""
    others = [one for one in field.validators if not isinstance(one, MaxLengthValidator)]
    if field.choices:
        return None
    if isinstance(field, PhoneNumberField):
        return _telephone(field) if len(others) == 1 else None
    if type(field) is EmailField:
        return _address(field.max_length or 0) if others == [validate_email] else None
    if type(field) in {CharField, TextField} and not others:
        return _text(getattr(field, "max_length", None) if len(field.validators) else None)
    return None


def _text(most: int | None) -> Glance:
    doubtful, longest = _DOUBTFUL.search, 10_000 if most is None else most

    def glance(text: str) -> str | None:
        return text if 0 < len(text) <= longest and doubtful(text) is None else None

    return glance


def _address(most: int) -> Glance:
    matches = _ADDRESS.fullmatch

    def glance(text: str) -> str | None:
        return text if len(text) <= most and matches(text) is not None and not holds_identity_number(text) else None

    return glance


def _telephone(field: PhoneNumberField) -> Glance | None:
    """Fixed and mobile numbers of the field's country, digits alone, in the national or the international form.

    The patterns are the library's own; where it would not store its own example so, there is no glance.
    """
    country: Any = phonenumbers.PhoneMetadata.metadata_for_region(field.region or "", None)
    if country is None or not country.national_prefix:
        return None
    kinds = [kind for kind in (country.mobile, country.fixed_line) if kind is not None and kind.national_number_pattern]
    code, prefix = f"+{country.country_code}", re.escape(country.national_prefix)
    for kind in kinds:
        for form in (code, country.national_prefix):
            if field.get_prep_value(form + kind.example_number) != code + kind.example_number:
                return None
    whole, lengths = country.general_desc.national_number_pattern, {length for kind in kinds for length in kind.possible_length}
    if len(lengths) != 1 or field.max_length is None or field.max_length < 16:
        return None
    either = "|".join(f"(?:{kind.national_number_pattern})" for kind in kinds)
    matches = re.compile(rf"(?:{re.escape(code)}|{prefix})(?=(?:{whole})\Z)((?:{either}))", re.ASCII).fullmatch
    (length,) = lengths

    def glance(text: str) -> str | None:
        found = matches(text)
        return code + found[1] if found is not None and len(found[1]) == length else None

    return glance
