"""What the rows of a list show, made before the page is rendered and once for each distinct value.

A tag in the loop of a list (an address, a badge, a translation, a day, a component) is run for each of its rows, and costs most of
the page. Views prepare their rows with `Shown`; the loop only puts them in their place (tests/architecture/test_templates.py).
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from django.template import Context, Engine, Template
from django.urls import reverse
from django.utils.safestring import mark_safe
from django_cotton.compiler_regex import CottonCompiler

from core.templatetags.ui import civil_date, money, state_badge

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date
    from decimal import Decimal

    from django.utils.functional import _StrOrPromise
    from django.utils.safestring import SafeString

_NIL: Final = UUID(int=0)


class Shown:
    """One page's worth of badges, days, amounts and addresses, in the reader's language: make one in each view."""

    def __init__(self) -> None:
        self._made: dict[Any, Any] = {}

    def once(self, key: Any, make: Callable[[], Any]) -> Any:
        """What `make` gives, asked once for each `key`: the name of something that many rows share."""
        try:
            return self._made[key]
        except KeyError:
            made = self._made[key] = make()
            return made

    def badge(self, state: Any, label: _StrOrPromise = "", colour: str = "") -> SafeString:
        """As the tag `state_badge`."""
        made: SafeString = self.once(("badge", type(state), state), lambda: state_badge(state, label, colour))
        return made

    def day(self, value: date | None, style: str = "short") -> SafeString:
        """As the filter `civil_date`."""
        made: SafeString = self.once(("day", value, style), lambda: civil_date(value, style))
        return made

    def money(self, amount: Decimal) -> SafeString:
        """As the filter `money`, in dirhams."""
        made: SafeString = self.once(("money", amount), lambda: money(amount))
        return made

    def sentence(self, text: str, day: date, style: str = "short") -> SafeString:
        """A translated `text` with a day in it, at its one `%(…)s`: « since 23/11/2026 »."""
        return self.once(("sentence", text, day, style), lambda: _with_day(text, self.day(day, style)))  # type: ignore[no-any-return]

    def url(self, name: str, pk: UUID, *rest: str) -> SafeString:
        """The address `name` of one object: resolved once, the identifier put in its place."""
        start, end = self.once(("url", name, rest), lambda: reverse(name, args=[_NIL, *rest]).split(str(_NIL)))
        return mark_safe(f"{start}{pk}{end}")  # noqa: S308 - an address of ours and a UUID

    def component(self, name: str, **facts: Any) -> SafeString:
        """A component of templates/components with these attributes."""
        key = ("component", name, *sorted(facts.items()))
        made: SafeString = self.once(key, lambda: _component(name, tuple(facts)).render(Context(facts)))
        return made


def _with_day(text: str, day: SafeString) -> SafeString:
    start, _open, rest = text.partition("%(")
    return mark_safe(start + day + rest.partition(")s")[2])  # noqa: S308 - a translation of ours around a <time>


@cache
def _component(name: str, attributes: tuple[str, ...]) -> Template:
    written = " ".join(f':{attribute}="{attribute}"' for attribute in attributes)
    source = f"<c-{name} {written} />"
    return Template(CottonCompiler().process(source), engine=Engine.get_default())
