"""What the convention expects of somebody, as tiles of the home page."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core import clock
from core.tiles import Line, Tile
from partnership.selectors.expectations import expectations

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from accounts.models import User
    from partnership.models import Action, Commitment, Evidence
    from partnership.selectors.expectations import Section


# A tile shows the most urgent lines and says how many there are.
SHOWN = 6


def _days_late(due_on: date | None) -> int:
    return max((clock.today() - due_on).days, 0) if due_on else 0


def _commitment(row: Commitment, act: str) -> Line:
    url = reverse("partnership:commitment_detail", args=[row.pk])
    detail = _("%(reference)s · owed by %(obligor)s to %(beneficiary)s") % {
        "reference": row.reference,
        "obligor": row.obligor,
        "beneficiary": row.beneficiary,
    }
    return Line(title=row.title, url=url, detail=detail, until=row.due_on, late=_days_late(row.due_on) if row.is_late else 0, act=act)


def _action(row: Action, act: str) -> Line:
    url = reverse("partnership:action_detail", args=[row.pk])
    return Line(
        title=row.title, url=url, detail=str(row.organisation), until=row.due_on, late=_days_late(row.due_on) if row.is_late else 0, act=act
    )


def _evidence(row: Evidence) -> Line:
    name, pk = ("partnership:commitment_detail", row.commitment_id) if row.commitment_id else ("partnership:action_detail", row.action_id)
    return Line(title=row.title, url=f"{reverse(name, args=[pk])}#evidence", until=row.expires_on, act=_("Renew"))


def _tile(slug: str, title: str, icon: str, section: Section[Any], line: Callable[[Any], Line], **more: Any) -> Tile:
    return Tile(slug=slug, title=title, icon=icon, lines=[line(row) for row in section.rows[:SHOWN]], total=section.total, **more)


def tiles(user: User) -> list[Tile]:
    """The tiles of the convention for `user`; an empty one is left out by the roof."""
    found = expectations(user)
    actions = reverse("partnership:action_list")
    return [
        _tile(
            "to-answer", _("Deliveries awaiting your answer"), "inbox", found.to_answer, partial(_commitment, act=_("Answer")), urgent=True
        ),
        _tile(
            "contested",
            _("Contested deliveries"),
            "message-report",
            found.contested,
            partial(_commitment, act=pgettext("to open a page", "Open")),
            urgent=True,
        ),
        _tile(
            "to-arbitrate",
            _("Contested deliveries awaiting a decision"),
            "gavel",
            found.to_arbitrate,
            partial(_commitment, act=_("Decide")),
        ),
        _tile("to-declare", _("What you are to deliver"), "send", found.to_declare, partial(_commitment, act=_("Declare"))),
        _tile(
            "actions",
            _("Your actions"),
            "list-check",
            found.actions,
            partial(_action, act=pgettext("to say how far an action is", "Report")),
            more_url=f"{actions}?status=open",
        ),
        _tile(
            "to-verify",
            _("Actions to verify"),
            "shield-check",
            found.to_verify,
            partial(_action, act=_("Verify")),
            more_url=f"{actions}?status=done",
        ),
        _tile("expiring", _("Evidence about to expire"), "clock", found.expiring, _evidence),
    ]
