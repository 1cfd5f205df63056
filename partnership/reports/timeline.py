"""The timeline of the axes: actions as bars packed in lanes, commitments as marks on their date. Positions are fractions of the span."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any, Final

from django.utils.formats import date_format
from django.utils.translation import gettext as _

from partnership.choices import FINISHED_ACTION_STATUSES, ActionStatus, CommitmentStatus

if TYPE_CHECKING:
    from collections.abc import Mapping

    Plain = dict[str, Any]

MOST_TICKS: Final = 9
MOST_LANES: Final = 10
_STEPS: Final = (1, 2, 3, 6, 12, 24, 36, 60, 120)


def timeline(data: Mapping[str, Any]) -> Plain:
    """The drawing of every axis between the first and the last day of the plan."""
    first, last = _whole_months(*data["span"])
    length = (last - first).days

    def at(day: date) -> float:
        return round((day - first).days / length, 5)

    today = data["today"]
    # The whole drawing stays on one page: the more axes, the fewer lanes each.
    most = max(2, min(MOST_LANES, 46 // max(1, len(data["axes"]))))
    lanes = [_axis(axis, at, most) for axis in data["axes"]]
    return {
        "title": _("Actions and due dates of each axis"),
        "alt": _("Timeline from %(first)s to %(last)s: for each axis its actions as bars and its commitments as marks.")
        % {"first": date_format(first, "F Y"), "last": date_format(last, "F Y")},
        "today": at(today),
        "today_label": _("Today"),
        "ticks": [{"at": at(day), "label": date_format(day, "M Y" if step < 12 else "Y")} for day, step in _ticks(first, last)],
        "axes": lanes,
        "legend": [
            {"slug": "done", "label": _("Done or verified")},
            {"slug": "open", "label": _("In progress or to do")},
            {"slug": "late", "label": _("Late")},
            {"slug": "due", "label": _("Due date of a commitment")},
            {"slug": "alert", "label": _("Late or contested commitment")},
        ],
    }


def _whole_months(first: date, last: date) -> tuple[date, date]:
    """From the first of the first month to the first of the month after the last."""
    return first.replace(day=1), (last.replace(day=28) + timedelta(days=4)).replace(day=1)


def _ticks(first: date, last: date) -> list[tuple[date, int]]:
    """Month starts, few enough to be read; aligned with years when the span is long."""
    months = (last.year - first.year) * 12 + last.month - first.month
    step = next((step for step in _STEPS if months / step <= MOST_TICKS), _STEPS[-1])
    ticks = []
    for index in range(months + 1):
        year, month = divmod(first.year * 12 + first.month - 1 + index, 12)
        if (year * 12 + month) % step == 0:
            ticks.append((date(year, month + 1, 1), step))
    return [(day, step) for day, step in ticks if first <= day < last]


def _axis(axis: Mapping[str, Any], at: Any, most: int) -> Plain:
    kept = (task for task in axis["actions"] if task["status"] != ActionStatus.CANCELLED)
    actions = sorted(kept, key=lambda task: (task["starts_on"], task["due_on"]))
    ends: list[date] = []
    bars = []
    for task in actions:
        lane = next((index for index, end in enumerate(ends) if end < task["starts_on"]), len(ends))
        if lane == len(ends):
            ends.append(task["due_on"])
        else:
            ends[lane] = task["due_on"]
        end = task["due_on"] + timedelta(days=1)
        bars.append({"lane": lane % most, "from": at(task["starts_on"]), "to": at(end), "slug": _slug(task)})
    marks = [
        {"at": at(line["due_on"]), "slug": "alert" if line["is_late"] or line["status"] == "contested" else "due"}
        for line in axis["commitments"]
        if line["due_on"] and line["status"] != CommitmentStatus.CANCELLED
    ]
    return {"title": axis["title"], "lanes": min(len(ends), most), "bars": bars, "marks": marks}


def _slug(task: Mapping[str, Any]) -> str:
    if task["is_late"]:
        return "late"
    return "done" if task["status"] in FINISHED_ACTION_STATUSES else "open"
