"""What can be found: each app describes its nouns, the roof puts them in order."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from django.db.models import QuerySet
    from django.utils.functional import _StrOrPromise

    from core.actors import Actor


@dataclass(frozen=True)
class Kind:
    """A kind of result.

    `visible` gives the rows that somebody may see: nothing else is ever looked at. `ordering` ends with the id and has no null.
    `title` names a row in the reader's language and `texts` are the texts by which it is found; `detail` is a line about it, `address`
    where it opens. `resource` is its name in the API, "" when it has no address there; `scope` is what a partner's token needs to
    find it: "" nothing, None that no token finds it.
    """

    slug: str
    label: _StrOrPromise
    icon: str
    visible: Callable[[Actor], QuerySet[Any]]
    ordering: Sequence[str]
    title: Callable[[Any], str]
    texts: Callable[[Any], Sequence[str]]
    detail: Callable[[Any], str]
    address: Callable[[Any, Actor], str]
    resource: str = ""
    scope: str | None = None
