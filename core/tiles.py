"""The home page's tiles: each app says what it expects of somebody, the roof puts the tiles in order."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date

    from django.utils.functional import _StrOrPromise


@dataclass(frozen=True)
class Line:
    """One thing expected: what, about what, until when (`late`: by how many days), and where one tap leads."""

    title: str
    url: str
    detail: str = ""
    until: date | None = None
    late: int = 0
    act: _StrOrPromise = ""


@dataclass(frozen=True)
class Tile:
    """A group of things expected, the most urgent first. `urgent` tiles come first and stand out; `more_url` opens the rest."""

    slug: str
    title: _StrOrPromise
    icon: str
    lines: list[Line] = field(default_factory=list)
    total: int = 0
    urgent: bool = False
    more_url: str = ""
