"""What each list of the partnership shows of a row: prepared here, so that no tag runs within the rows' loop."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

from core import clock
from core.shown import Shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from partnership.models import Action, Affiliation, Commitment, Convention, Organisation


def action_rows(actions: Iterable[Action], *, shown: Shown | None = None) -> list[dict[str, Any]]:
    """The lines of the list of actions."""
    shown, late, today = shown or Shown(), _("Late"), clock.today()
    return [
        {
            "url": shown.url("partnership:action_detail", action.pk),
            "title": action.title,
            "owner": shown.once(("owner", action.organisation_id), action.organisation.__str__),
            "axis": shown.once(("axis", action.axis_id), partial(getattr, action.axis, "title")),
            "due": shown.day(action.due_on),
            # The rule is the model's; the day is read once, and most rows are not late.
            "late": shown.badge("late", late, "red") if action.due_on < today and action.is_late else "",
            "state": shown.badge(action.state),
        }
        for action in actions
    ]


def action_cards(actions: Iterable[Action], *, shown: Shown) -> list[dict[str, Any]]:
    """The cards of the board: a line's facts, with the priority and the progress."""
    actions = list(actions)
    high, progress = _("High priority"), _("Progress")
    return [
        row
        | {
            "high": shown.badge("high", high, "amber") if action.priority == "high" else "",
            "progress": shown.component("progress", value=action.progress, max=100, label=progress) if action.progress else "",
        }
        for action, row in zip(actions, action_rows(actions, shown=shown), strict=True)
    ]


def organisation_rows(organisations: Iterable[Organisation]) -> list[dict[str, Any]]:
    """The lines of the directory."""
    shown, unknown = Shown(), _("Not communicated")
    return [
        {
            "url": shown.url("partnership:organisation_detail", row.pk),
            "name": row.name,
            "acronym": row.acronym,
            "kind": row.get_kind_display(),
            "region": row.region.name if row.region else unknown,
            "state": shown.badge(row.state),
        }
        for row in organisations
    ]


def member_rows(affiliations: Iterable[Affiliation], *, vouched: Mapping[Any, bool]) -> list[dict[str, Any]]:
    """The lines of a body's members; `vouched` says of which membership the reader may vouch for the member."""
    shown, unknown, since = Shown(), _("Not communicated"), _("since %(start)s")
    return [
        {
            "url": shown.url("partnership:organisation_detail", row.organisation_id),
            "name": row.organisation.name,
            "short": str(row.organisation),
            "region": row.organisation.region.name if row.organisation.region else unknown,
            "membership": shown.badge(row.state),
            "since": shown.sentence(since, row.starts_on),
            "state": shown.badge(row.organisation.state),
            "vouch_url": shown.url("partnership:organisation_act", row.organisation_id, "vouch") if vouched[row.pk] else "",
        }
        for row in affiliations
    ]


def convention_rows(conventions: Iterable[Convention]) -> list[dict[str, Any]]:
    """The lines of the list of conventions."""
    shown, signed = Shown(), _("signed on %(day)s")
    return [
        {
            "url": shown.url("partnership:convention_detail", row.pk),
            "title": row.title,
            "reference": row.reference,
            "parties": [str(party) for party in row.parties.all()],
            "signed": shown.sentence(signed, row.signed_on, "long") if row.signed_on else "",
            "state": shown.badge(row.state),
        }
        for row in conventions
    ]


def commitment_rows(lines: Iterable[tuple[Commitment, Any]], *, shown: Shown) -> list[dict[str, Any]]:
    """The lines of one column of the ledger: each commitment with its trust label, if it has one."""
    late = _("Late")
    return [
        {
            "url": shown.url("partnership:commitment_detail", row.pk),
            "title": row.title,
            "reference": row.reference,
            "axis": row.axis.title,
            "due": shown.day(row.due_on) if row.due_on else "",
            "amount": shown.money(row.amount) if row.amount is not None else "",
            "state": shown.badge(row.state),
            "late": shown.badge("late", late, "red") if row.is_late else "",
            "trust": shown.component("trust-label", level=trust.value) if trust else "",
        }
        for row, trust in lines
    ]
