"""How the progress report writes a figure, a day, an amount, in the active language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core.clock import CASABLANCA
from core.templatetags.ui import dirhams

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime

NOTHING = "—"


def day(value: date | None) -> str:
    """15 April 2022."""
    return formats.date_format(value, "DATE_FORMAT") if value else NOTHING


def short_day(value: date | None) -> str:
    """15/04/2022."""
    return formats.date_format(value, "SHORT_DATE_FORMAT") if value else NOTHING


def instant(value: datetime) -> str:
    """The day and the hour of Casablanca."""
    return formats.date_format(value.astimezone(CASABLANCA), "DATETIME_FORMAT")


def number(value: int) -> str:
    """With its thousands apart."""
    return str(formats.number_format(value, use_l10n=True, force_grouping=True))


def money(cell: Mapping[str, Any]) -> str:
    """What the financial commitments of a cell sum to: never a zero for an amount that nobody gave."""
    count = cell["unknown"]
    if cell["amount"] is None:
        return _("not communicated") if count else ""
    if not count:
        return dirhams(cell["amount"])
    more = ngettext("%(count)d amount not communicated", "%(count)d amounts not communicated", count) % {"count": count}
    return f"{dirhams(cell['amount'])} + {more}"


def amount(line: Mapping[str, Any]) -> str:
    """A commitment's own amount."""
    if not line["is_financial"]:
        return NOTHING
    return dirhams(line["amount"]) if line["amount"] is not None else _("not communicated")
