"""Rules of input that every noun shares: texts, civil dates, the limits a model's fields declare. Refusals name their field."""

from __future__ import annotations

import re
from datetime import date, datetime
from typing import TYPE_CHECKING, Any, Final

from django.core.exceptions import ValidationError
from django.db.models import Field
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from core import clock
from core.errors import Invalid

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from django.db.models import Model

FIRST_YEAR: Final = 2000
LAST_YEAR: Final = 2100
# A dot is no reason.
REASON_MINIMUM: Final = 3
# A Moroccan card: letters and digits (AB123456), next to one of its names. Latin letters and digits only, whatever the language around.
_CARD: Final = (
    r"(?:\bC\.?I\.?N\.?E?\b|\bC\.?N\.?I\.?E?\b|carte\s+(?:nationale\s+)?d[’']identit[ée](?:\s+nationale)?|carte\s+nationale"
    r"|identity\s+card|البطاقة\s+الوطنية|ب\.?ط\.?و)"
)
_CARD_NUMBER: Final = r"(?<![A-Za-z0-9])[A-Za-z]{1,2}[ .-]?[0-9]{5,6}(?![A-Za-z0-9])"
_IDENTITY_NUMBER: Final = re.compile(
    rf"{_CARD}[^A-Za-z0-9]{{0,4}}(?:n[°ºo]\.?|num[ée]ro|number|est|is|رقم|هو|هي)?[^A-Za-z0-9]{{0,4}}{_CARD_NUMBER}|{_CARD_NUMBER}[^A-Za-z0-9]{{0,4}}{_CARD}",
    re.IGNORECASE,
)
_LIKE_A_CARD: Final = re.compile(_CARD_NUMBER, re.IGNORECASE)
_BROKEN: Final = re.compile("[\x00\ud800-\udfff]")


def check_text(value: object, *, field: str, minimum: int = 1, maximum: int = 5000) -> str:
    """A text without blanks around it. Refuses one shorter than `minimum`, longer than `maximum`, or holding what no text holds."""
    text = value.strip() if isinstance(value, str) else ""
    if _is_broken(text):
        raise Invalid(_("This text holds characters that no text contains."), code="broken_text", field=field)
    if minimum and not text:
        raise Invalid(_("This is compulsory."), code="required", field=field)
    _refuse_identity_number(text, field=field)
    if len(text) < minimum:
        message = ngettext_lazy("Write at least %(count)d character.", "Write at least %(count)d characters.", minimum)
        raise Invalid(message % {"count": minimum}, code="too_short", field=field)
    if len(text) > maximum:
        message = ngettext_lazy("Write at most %(count)d character.", "Write at most %(count)d characters.", maximum)
        raise Invalid(message % {"count": maximum}, code="too_long", field=field)
    return text


def holds_identity_number(text: str) -> bool:
    """Whether a text gives the number of a national identity card: it must be named as one, right before or right after.

    The shape alone (one or two letters, five or six digits) is also that of references, rooms and flights: it proves nothing.
    """
    # Hardly any text has the shape, which is found at a third of the price.
    return _LIKE_A_CARD.search(text) is not None and _IDENTITY_NUMBER.search(text) is not None


def _refuse_identity_number(text: str, *, field: str) -> None:
    if holds_identity_number(text):
        message = _("Do not write the number of an identity card: the portal keeps none. Remove it from this text.")
        raise Invalid(message, code="identity_number", field=field)


def check_reason(value: object, *, field: str = "reason", minimum: int = REASON_MINIMUM, maximum: int = 500) -> str:
    """Why something is done, compulsory: the audit trail keeps it, and whom it touches reads it."""
    return check_text(value, field=field, minimum=minimum, maximum=maximum)


def check_note(value: object, *, field: str = "note", maximum: int = 500) -> str:
    """A remark, or a reason that may be left out: empty when nothing is said."""
    return check_text(value, field=field, minimum=0, maximum=maximum)


def check_day(value: object, *, field: str, past: bool = False) -> date:
    """A civil date between 2000 and 2100; with `past`, not after today in Casablanca."""
    if not isinstance(value, date) or isinstance(value, datetime):
        raise Invalid(_("A date is needed."), code="required", field=field)
    if not FIRST_YEAR <= value.year <= LAST_YEAR:
        message = _("This date is out of range: years %(first)d to %(last)d are accepted.") % {"first": FIRST_YEAR, "last": LAST_YEAR}
        raise Invalid(message, code="date_out_of_range", field=field)
    if past and value > clock.today():
        raise Invalid(_("This date is in the future."), code="future_date", field=field)
    return value


def check_optional_day(value: object, *, field: str, past: bool = False) -> date | None:
    """As `check_day`, or nothing."""
    return None if value is None else check_day(value, field=field, past=past)


def check_known(changes: Mapping[str, Any], allowed: Iterable[str]) -> None:
    """Refuse a change of a field that nobody may change this way: it is never silently dropped."""
    for name in changes:
        if name not in allowed:
            raise Invalid(_("This field cannot be changed here."), code="unknown_field", field=name)


def check_fields(row: Model, names: Iterable[str]) -> None:
    """What the model's fields declare (length, choices, digits, address), and the range of dates, for these fields only."""
    for name in names:
        field = row._meta.get_field(name)
        if isinstance(field, Field) and not field.many_to_many:
            setattr(row, field.attname, check_value(field, getattr(row, field.attname), row=row))


def check_value(field: Field[Any, Any], value: Any, *, row: Model | None = None) -> Any:
    """`value` as the model's field holds it; a service and an import ask the same. Refuses what the field does not declare."""
    if isinstance(value, str) and _is_broken(value):
        raise Invalid(_("This text holds characters that no text contains."), code="broken_text", field=field.name)
    if isinstance(value, str):
        _refuse_identity_number(value, field=field.name)
    if isinstance(value, date) and not isinstance(value, datetime):
        check_day(value, field=field.name)
    if field.blank and value in field.empty_values:
        return value
    try:
        return field.clean(value, row)
    except ValidationError as error:
        problem = error.error_list[0]
        raise Invalid(problem.messages[0], code=problem.code or "invalid", field=field.name) from error


def _is_broken(text: str) -> bool:
    return _BROKEN.search(text) is not None
