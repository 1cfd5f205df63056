"""Texts of a message and of a mail, in the reader's language: plain text first, one HTML wrapper around it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.template.context import Context
from django.template.loader import get_template, select_template
from django.utils import translation
from django.utils.translation import get_language_bidi, gettext, ngettext

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

LANGUAGES = frozenset(code for code, _name in settings.LANGUAGES)
_BLANKS = re.compile(r"\s+")
_EMPTY_LINES = re.compile(r"\n\s*\n\s*")


@dataclass(frozen=True, slots=True)
class Section:
    """One message within a mail: its title, its text, and the full address of its page (empty: none)."""

    title: str
    text: str
    url: str = ""

    @property
    def paragraphs(self) -> list[str]:
        """The text cut at its empty lines."""
        return [paragraph.strip() for paragraph in _EMPTY_LINES.split(self.text) if paragraph.strip()]


@dataclass(frozen=True, slots=True)
class Texts:
    """A subject of one line, a text, and the same in HTML."""

    subject: str
    text: str
    html: str = ""


def one_line(text: str, limit: int = 300) -> str:
    """A subject holds no line break, whatever the data held."""
    return _BLANKS.sub(" ", text).strip()[:limit]


def absolute(path: str) -> str:
    """The full address of a page of the portal."""
    return f"{settings.SITE_URL}{path}" if path.startswith("/") else path


def texts(template: str, data: Mapping[str, Any], language: str) -> Texts:
    """The subject and the body of a message: `<template>_subject.txt` and `_body.txt` (or `_message.txt`)."""
    with translation.override(language):
        values = {name: _in_language(value, language) for name, value in data.items()} | {"site_url": settings.SITE_URL}
        subject = _text(get_template(f"{template}_subject.txt"), values)
        body = _text(select_template([f"{template}_body.txt", f"{template}_message.txt"]), values)
    return Texts(subject=one_line(subject), text=_EMPTY_LINES.sub("\n\n", body).strip())


def letter(*, language: str, name: str, sections: Sequence[Section], subject: str = "", about_account: bool = True) -> Texts:
    """A whole mail around its sections. Without `subject`: that of its only section, or the number of them."""
    with translation.override(language):
        if not subject:
            subject = sections[0].title if len(sections) == 1 else _count_of(len(sections))
        context = {
            "language": language,
            "direction": "rtl" if get_language_bidi() else "ltr",
            "align": "right" if get_language_bidi() else "left",
            "subject": subject,
            "name": name,
            "sections": sections,
            "site_url": settings.SITE_URL,
            "about_account": about_account,
            "portal_name": gettext("ONMT–CNT portal"),
        }
        text = _EMPTY_LINES.sub("\n\n", _text(get_template("core/emails/mail.txt"), context)).strip() + "\n"
        html = get_template("core/emails/mail.html").render(context)
    return Texts(subject=one_line(subject), text=text, html=html)


def _count_of(count: int) -> str:
    return ngettext("%(count)d news item on the ONMT–CNT portal", "%(count)d news items on the ONMT–CNT portal", count) % {"count": count}


def _text(template: Any, values: Mapping[str, Any]) -> str:
    # Plain text: an apostrophe stays an apostrophe. The HTML wrapper escapes what it receives.
    rendered: str = template.template.render(Context(dict(values), autoescape=False))
    return rendered


def _in_language(value: Any, language: str) -> Any:
    if isinstance(value, dict) and value and value.keys() <= LANGUAGES:
        return value.get(language) or value.get("fr") or next(iter(value.values()))
    return value
