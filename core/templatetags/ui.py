"""What every page needs to show a figure, a day, a state or a form the same way."""

from __future__ import annotations

from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any, NamedTuple

import structlog
from django import forms, template
from django.templatetags.static import static
from django.utils import formats, timesince
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core import clock
from core.forms import TablerBoundField, TablerRenderer, error_summary

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django.template.context import Context
    from django.utils.functional import _StrOrPromise

register = template.Library()

COLOURS = frozenset({"grey", "blue", "green", "amber", "orange", "red", "purple", "teal"})
DIRECTIONAL = frozenset({"arrow-left", "arrow-right", "chevron-left", "chevron-right", "send", "login", "logout", "external-link"})
DIRHAMS = {"DH": Decimal(1), "MDH": Decimal(10) ** 6, "MMDH": Decimal(10) ** 9}
UNKNOWN = "—"
register.simple_tag(error_summary, name="error_summary")


# -- icons and states --------------------------------------------------------------------------------------------------
@register.simple_tag
def icon(name: str, label: _StrOrPromise = "", css: str = "") -> SafeString:
    """An icon of the sprite (names in deploy/vendor.mjs). Without `label` it is decoration, hidden from screen readers."""
    classes = " ".join(part for part in ("icon", "icon-directional" if name in DIRECTIONAL else "", css) if part)
    role: SafeString | str = format_html('role="img" aria-label="{}"', label) if label else mark_safe('aria-hidden="true"')
    return format_html(
        '<svg class="{}" width="20" height="20" {}><use href="{}#{}"></use></svg>',
        classes,
        role,
        static("vendor/icons/sprite.svg"),
        name,
    )


@register.simple_tag
def state_badge(state: Any, label: _StrOrPromise = "", colour: str = "") -> SafeString:
    """The badge of a state: a member of a TextChoices with `label` and `colour`, or any value with both given by name.

    A colour outside the palette (grey, blue, green, amber, orange, red, purple, teal) is shown grey.
    """
    shown = label or getattr(state, "label", state)
    tint = str(colour or getattr(state, "colour", "grey"))
    return format_html('<span class="state state-{}">{}</span>', tint if tint in COLOURS else "grey", shown)


# -- figures and days --------------------------------------------------------------------------------------------------
def dirhams(amount: Decimal | float | str | None, unit: str = "DH") -> str:
    """An amount in MAD as plain text, « 1 250 000 DH »: two decimals only when there are centimes, one in MDH and MMDH."""
    if amount is None or amount == "":
        return UNKNOWN
    try:
        value = Decimal(str(amount)) / DIRHAMS[unit]
    except InvalidOperation:
        return UNKNOWN
    whole = value == value.to_integral_value()
    places = (0 if whole else 2) if unit == "DH" else 1
    rounded = value.quantize(Decimal(1).scaleb(-places), rounding=ROUND_HALF_UP)
    number = formats.number_format(rounded, decimal_pos=places, use_l10n=True, force_grouping=True)
    names = {
        "DH": pgettext("dirhams, after a number", "DH"),
        "MDH": pgettext("million dirhams, after a number", "MDH"),
        "MMDH": pgettext("billion dirhams, after a number", "MMDH"),
    }
    return f"{number}\u00a0{names[unit]}"


@register.filter
def money(amount: Decimal | float | str | None, unit: str = "DH") -> SafeString:
    """An amount in MAD; the unit (DH, MDH million, MMDH billion) is always shown, and the figure keeps its order in Arabic."""
    text = dirhams(amount, unit)
    if text == UNKNOWN:
        return unknown()
    return format_html('<bdi class="money">{}</bdi>', text)


@register.filter
def number(value: Decimal | float | None, places: int | None = None) -> SafeString:
    """A figure with thin spaces between thousands, in its own direction."""
    if value is None or value == "":
        return unknown()
    return format_html('<bdi class="money">{}</bdi>', formats.number_format(value, places, use_l10n=True, force_grouping=True))


def unknown() -> SafeString:
    """A dash that a screen reader says: what is not known stays unknown, never zero."""
    return format_html('<span aria-hidden="true">{}</span><span class="visually-hidden">{}</span>', UNKNOWN, _("unknown"))


@register.filter
def civil_date(value: date | datetime | None, style: str = "long") -> SafeString:
    """A day in Casablanca: « 23 novembre 2026 », or « 23/11/2026 » with `short`; a datetime is first brought to its day there."""
    if not value:
        return unknown()
    day = clock.civil_date(value) if isinstance(value, datetime) else value
    text = formats.date_format(day, "SHORT_DATE_FORMAT" if style == "short" else "DATE_FORMAT")
    return format_html('<time datetime="{}">{}</time>', day.isoformat(), text)


@register.filter
def instant(value: datetime | None) -> SafeString:
    """A day and a wall time in Casablanca: « 23 novembre 2026, 14:05 »."""
    if not value:
        return unknown()
    local = value.astimezone(clock.CASABLANCA)
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), formats.date_format(local, "DATETIME_FORMAT"))


@register.filter
def since(value: datetime | None) -> SafeString:
    """How long ago something happened, with the exact time in its title."""
    if not value:
        return unknown()
    now = clock.now()
    exact = formats.date_format(value.astimezone(clock.CASABLANCA), "DATETIME_FORMAT")
    if abs((now - value).total_seconds()) < 60:
        text = _("just now")
    elif value < now:
        text = _("%(period)s ago") % {"period": timesince.timesince(value, now, depth=1)}
    else:
        text = _("in %(period)s") % {"period": timesince.timeuntil(value, now, depth=1)}
    return format_html('<time datetime="{}" title="{}">{}</time>', value.isoformat(), exact, text)


@register.filter
def initials(name: object) -> str:
    """Two letters for a person or an organisation: « Fatima Zahra Alaoui » gives FA, one word its first two letters."""
    words = [word for word in str(name).replace("-", " ").split() if word[:1].isalnum()]
    if not words:
        return "?"
    if len(words) == 1:
        return words[0][:2].upper()
    return (words[0][:1] + words[-1][:1]).upper()


# What a browser says of itself names its ancestors too: the first match in this order is the true one.
BROWSERS = {
    "Edg": "Edge",
    "OPR": "Opera",
    "SamsungBrowser": "Samsung Internet",
    "Firefox": "Firefox",
    "Chrome": "Chrome",
    "Safari": "Safari",
}
SYSTEMS = {"Android": "Android", "iPhone": "iPhone", "iPad": "iPad", "Windows": "Windows", "Mac OS": "macOS", "Linux": "Linux"}


@register.filter
def device(user_agent: str) -> str:
    """A browser and a system that their owner recognises, « Chrome · Android », from what the browser says of itself."""
    found = [next((name for mark, name in table.items() if mark in str(user_agent)), "") for table in (BROWSERS, SYSTEMS)]
    return " · ".join(filter(None, found)) or _("Unknown device")


# -- forms and lists ---------------------------------------------------------------------------------------------------
@register.simple_tag
def ui_fields(form: forms.BaseForm) -> SafeString:
    """Any form, third-party ones included, with the portal's fields and its error summary."""
    form.renderer = TablerRenderer()
    form.bound_field_class = TablerBoundField
    form.label_suffix = ""
    form._bound_fields_cache.clear()  # type: ignore[attr-defined]  # those built with the other class
    summary = error_summary(form) if form.is_bound else []
    parts = [form.renderer.render("forms/errors.html", {"summary": summary})]
    parts += [str(bound) if bound.is_hidden else bound.as_field_group() for bound in form]
    return mark_safe("".join(parts))  # noqa: S308 - each part was escaped by its own template


class Chip(NamedTuple):
    """One active filter: what it is, its value in words, and the address of the list without it."""

    label: _StrOrPromise
    value: str
    remove_url: str


@register.simple_tag(takes_context=True)
def filter_chips(context: Context, form: forms.BaseForm) -> list[Chip]:
    """The filters now in the address, each with the address that removes it. Paging never survives a change of filter."""
    query = context["request"].GET
    chips: list[Chip] = []
    for bound in form:
        if bound.is_hidden:
            continue
        # A range sends its two ends as <name>_min and <name>_max (or _after and _before).
        for key in [key for key in query if key == bound.html_name or key.startswith(f"{bound.html_name}_")]:
            for value in filter(None, query.getlist(key)):
                rest = query.copy()
                rest.setlist(key, [other for other in query.getlist(key) if other != value])
                for paging in ("cursor", "page"):
                    rest.pop(paging, None)
                chips.append(Chip(bound.label, in_words(bound.field, value), f"?{rest.urlencode()}"))
    return chips


def in_words(field: forms.Field, value: str) -> str:
    """The label of a chosen value: of a choice its text, of a yes-or-no its word, of anything else itself."""
    choices: Iterable[Any] = getattr(field, "choices", ())
    for key, text in choices:
        if isinstance(text, list | tuple):
            for inner, label in text:
                if str(inner) == value:
                    return str(label)
        elif str(key) == value:
            return str(text)
    if value in {"on", "true", "True"}:
        return _("yes")
    if value in {"false", "False"}:
        return _("no")
    return value


# -- the two-way ledger bar ----------------------------------------------------------------------------------------------
class Block(NamedTuple):
    """A rectangle of the bar, in a drawing 200 wide with its axis at 100."""

    x: str
    width: str
    colour: str


@register.simple_tag
def ledger_blocks(left: Iterable[Mapping[str, Any]], right: Iterable[Mapping[str, Any]]) -> list[Block]:
    """Place two parties' segments (`value`, `colour`, `label`) back to back on one scale: equal lengths mean equal values."""
    sides = [[(Decimal(str(part["value"] or 0)), str(part["colour"])) for part in side] for side in (left, right)]
    scale = max((sum((value for value, _colour in side), Decimal(0)) for side in sides), default=Decimal(0))
    if not scale:
        return []
    blocks: list[Block] = []
    for sign, side in zip((-1, 1), sides, strict=True):
        edge = Decimal(100)
        for value, colour in side:
            width = value * 100 / scale
            start = edge - width if sign < 0 else edge
            edge += sign * width
            if width:
                blocks.append(Block(f"{start:.3f}", f"{width:.3f}", colour if colour in COLOURS else "grey"))
    return blocks


# -- error pages ---------------------------------------------------------------------------------------------------------
@register.simple_tag
def request_id() -> str:
    """The id that the logs carry for this request; empty outside one. Read from the log context: an error page has no other."""
    return str(structlog.contextvars.get_contextvars().get("request_id", ""))
