"""The plain forms that values take in answers."""

from __future__ import annotations

import threading
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import get_language

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import date, datetime
    from decimal import Decimal
    from uuid import UUID

    from django.db.models import TextChoices

LANGUAGES: Final = ("fr", "ar", "en")


def texts(row: Mapping[str, Any], name: str) -> dict[str, str | None]:
    """A text in the three languages; null where there is no translation."""
    return {language: row.get(f"{name}_{language}") or None for language in LANGUAGES}


def labelled(choices: type[TextChoices], value: str) -> dict[str, str] | None:
    """A code with its word in the language of the request; null when nothing is known."""
    return {"code": value, "label": _label(choices, value, _page.language or get_language())} if value else None


class _Page(threading.local):
    language: str | None = None


_page: Final = _Page()


@contextmanager
def in_one_language() -> Iterator[None]:
    """While a page is shaped its language does not change: it is asked once, and not for each of hundreds of labels."""
    _page.language = get_language()
    try:
        yield
    finally:
        _page.language = None


@cache
def _label(choices: type[TextChoices], value: str, language: str | None) -> str:
    """The word, looked up once a language: a page of a list asks for the same few hundreds of times."""
    return str(choices(value).label)


def money(amount: Decimal | None) -> dict[str, str] | None:
    """Dirhams as text with two decimals."""
    return None if amount is None else {"amount": f"{amount:.2f}", "currency": "MAD"}


def day(value: date | None) -> str | None:
    """2026-11-23."""
    return None if value is None else value.isoformat()


def instant(value: datetime | None) -> str | None:
    """2026-11-23T09:30:00.123456Z."""
    return None if value is None else value.isoformat().replace("+00:00", "Z")


def known(value: str) -> str | None:
    """Null for an empty text: not known and empty are the same thing here."""
    return value or None


def uuid(value: UUID | None) -> str | None:
    """The id as text."""
    return None if value is None else str(value)
