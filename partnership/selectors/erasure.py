"""What erasing somebody would do: said before anybody confirms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils.translation import gettext as _

from core.privacy import register
from partnership.models import Mandate
from partnership.selectors.people import is_last_administrator

if TYPE_CHECKING:
    from core.privacy.register import Subject


def consequences(subject: Subject) -> list[str]:
    """What is deleted, what is emptied, what is kept without the name and why, with counts; what refuses it first. A query a table."""
    deleted: dict[str, int] = {}
    kept: dict[str, tuple[int, str]] = {}
    for held in register.holdings():
        count = held.rows(subject).count()
        if not count:
            continue
        title = held.name_of_table
        if held.deletes:
            deleted[title] = deleted.get(title, 0) + count
        else:
            before = kept.get(title, (0, ""))[0]
            kept[title] = (before + count, str(held.why))
    lines = [
        _("%(organisation)s would be left without an administrator: name another one first.") % {"organisation": mandate.organisation}
        for mandate in Mandate.objects.current().filter(person=subject.person).select_related("organisation", "person")
        if subject.person is not None and is_last_administrator(mandate)
    ]
    lines += [_("Deleted: %(title)s (%(count)d)") % {"title": title, "count": count} for title, count in deleted.items()]
    lines += [
        _("Kept without the name: %(title)s (%(count)d). %(why)s") % {"title": title, "count": count, "why": why}
        for title, (count, why) in kept.items()
    ]
    return lines
