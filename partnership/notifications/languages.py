"""Values that each reader of a message reads in one's own language: a mapping of languages, kept with the message."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.utils import translation
from django.utils.formats import date_format

if TYPE_CHECKING:
    from datetime import date

    from django.utils.functional import _StrOrPromise

    from partnership.models import Organisation


def in_languages(row: object, field: str) -> dict[str, str]:
    """The three texts of a translated field."""
    return {code: getattr(row, f"{field}_{code}", "") for code, _name in settings.LANGUAGES}


def organisation_names(organisation: Organisation) -> dict[str, str]:
    """The short name as each language shows it."""
    return {code: organisation.acronym or getattr(organisation, f"name_{code}", "") for code, _name in settings.LANGUAGES}


def labelled(text: _StrOrPromise) -> dict[str, str]:
    """A translated label in every language of the portal."""
    labels = {}
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            labels[code] = str(text)
    return labels


def dated(day: date | None) -> dict[str, str] | str:
    """A date in words in each language; empty when there is none."""
    if day is None:
        return ""
    words = {}
    for code, _name in settings.LANGUAGES:
        with translation.override(code):
            words[code] = date_format(day, "DATE_FORMAT", use_l10n=True)
    return words
