"""The progress report as its PDF template reads it: every text in the reader's language, positions as fractions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from partnership.choices import TRUST_MEANINGS, TrustLabel
from partnership.reports.content import COLUMNS
from partnership.reports.sheets import column_titles
from partnership.reports.timeline import timeline
from partnership.reports.wording import NOTHING, amount, day, instant, money, number, short_day

if TYPE_CHECKING:
    from collections.abc import Mapping

    Plain = dict[str, Any]

# Drawn from the settled to the worrying; `late` and the rest of `due` are two segments of one column.
SEGMENTS: Final = ("confirmed", "arbitrated", "declared", "upcoming", "late", "contested")


def progress_document(data: Mapping[str, Any]) -> Plain:
    """The data of templates/partnership/reports/progress.typ."""
    convention = data["convention"]
    return {
        "title": _("Progress report"),
        "author": _("ONMT–CNT portal"),
        "subject": convention["title"],
        "reference": convention["reference"],
        "kind": convention["kind"],
        "running": f"{_('Progress report')} · {convention['reference']}",
        "as_of": _("Situation at %(instant)s, Casablanca time") % {"instant": instant(data["as_of"])},
        "cover": _cover(data),
        "parties": [{"name": party["name"], "short": party["short"], "signatory": _signatory(party)} for party in data["parties"]],
        "labels": _labels(),
        "tiles": _tiles(data),
        "key_points": _key_points(data),
        "ledger": _ledger_table(data["by_party"], data["whole"], data["parties"]),
        "chart": _chart(data),
        "timeline": timeline(data),
        "axes": [_axis(axis, data["parties"]) for axis in data["axes"]],
        "contested": [_contested(line) for line in data["contested"]],
        "changes": _changes(data["changes"]),
        "trust": [{"slug": label.value, "label": str(label.label), "meaning": str(TRUST_MEANINGS[label])} for label in TrustLabel],
        "commitments": [_commitment(line) for line in data["commitments"]],
        "actions": [_action(task) for task in data["actions"]],
    }


def _cover(data: Mapping[str, Any]) -> list[list[str]]:
    convention = data["convention"]
    signed = day(convention["signed_on"])
    if convention["signed_on"] and convention["place"]:
        signed = pgettext("15 April 2022, Casablanca", "%(day)s, %(place)s") % {"day": signed, "place": convention["place"]}
    unknown = _("not communicated")
    return [
        [_("State of the convention"), convention["status"]],
        [_("Signed on"), signed if convention["signed_on"] else unknown],
        [_("In force since"), day(convention["effective_on"]) if convention["effective_on"] else unknown],
        [_("End"), day(convention["ends_on"]) if convention["ends_on"] else unknown],
        [_("Situation at"), _("%(instant)s, Casablanca time") % {"instant": instant(data["as_of"])}],
        [_("Requested by"), data["asked_by"] or _("the portal, for the month")],
    ]


def _signatory(party: Mapping[str, Any]) -> str:
    return " · ".join(part for part in (party["signatory"], party["quality"]) if part)


def _labels() -> Plain:
    """Titles, introductions, and the sentences of empty parts."""
    return _column_labels() | {
        "convention": _("Convention"),
        "contents": _("Contents"),
        "page": _("Page"),
        "between": _("Between"),
        "summary": _("The essentials"),
        "ledger": _("Two-way ledger"),
        "ledger_intro": _(
            "What each party owes the other, and how far the other recognises it. Cancelled commitments are left out of the totals."
        ),
        "timeline": _("Timeline of the axes"),
        "axes": _("Axis by axis"),
        "late_actions": _("Late actions"),
        "no_late_actions": _("No action is late on this axis."),
        "no_commitments": _("No commitment is recorded on this axis yet."),
        "contested": _("Contested deliveries"),
        "contested_intro": _(
            "A contested delivery stays contested in every total until the other party lifts its contest or a decision settles it."
        ),
        "no_contested": _("No delivery is contested."),
        "changes": _("What changed since the last report"),
        "trust": _("How far each delivery is established"),
        "trust_intro": _("Every delivery carries a trust label: nothing is true because its owner says so."),
        "annex_commitments": _("Annex: all commitments"),
        "annex_actions": _("Annex: all actions"),
        "source": _("Every figure of this report opens its lines in the portal."),
    }


def _column_labels() -> Plain:
    return {
        "party": _("Owed by"),
        "total": _("Total"),
        "both": _("All parties"),
        "columns": column_titles(),
        "axis": pgettext("strand of a convention", "Axis"),
        "public_lead": _("Public lead"),
        "private_lead": _("Private lead"),
        "action": _("Action"),
        "owner": _("Owner"),
        "due": _("Due on"),
        "delay": _("Delay"),
        "progress": _("Progress"),
        "reason": _("Reason of the contest"),
        "declaration": _("What was declared"),
        "kind": _("Kind"),
        "title": _("Title"),
        "before": _("State before"),
        "now": _("State now"),
        "trust_label": _("Trust label"),
        "reference": _("Reference"),
        "commitment": _("Commitment"),
        "state": _("State"),
        "amount": _("Amount"),
        "parties": _("From, to"),
        "dates": _("Dates"),
    }


def _tiles(data: Mapping[str, Any]) -> list[Plain]:
    whole = data["whole"]
    late_actions = sum(task["is_late"] for task in data["actions"])
    open_actions = sum(axis["action_counts"]["open"] for axis in data["axes"])
    of_open = ngettext("of %(count)d open", "of %(count)d open", open_actions) % {"count": open_actions}
    return [
        _tile(whole["total"], _("commitments")),
        _tile(whole["confirmed"], _("confirmed by the other party")),
        _tile(whole["declared"], _("declared, awaiting an answer")),
        _tile(whole["contested"], _("contested"), alert=True),
        _tile(whole["late"], _("late, to deliver"), alert=True),
        {"value": number(late_actions), "label": _("late actions"), "note": of_open, "alert": late_actions > 0},
    ]


def _tile(cell: Mapping[str, Any], label: str, *, alert: bool = False) -> Plain:
    return {"value": number(cell["count"]), "label": label, "note": money(cell), "alert": alert and cell["count"] > 0}


def _key_points(data: Mapping[str, Any]) -> list[str]:
    """One sentence a party: what it owes, what is recognised, what is late or contested."""
    sentence = _(
        "%(party)s: commitments owed %(total)s, of which confirmed %(confirmed)s, awaiting an answer %(declared)s, "
        "contested %(contested)s, late %(late)s."
    )
    points = []
    for party in data["parties"]:
        balance = data["by_party"][party["id"]]
        counts = {name: number(balance[name]["count"]) for name in ("total", "confirmed", "declared", "contested", "late")}
        points.append(sentence % ({"party": party["short"]} | counts))
    return points


def _cells(balance: Mapping[str, Any]) -> list[Plain]:
    return [
        {"count": number(balance[name]["count"]) if balance[name]["count"] else NOTHING, "money": money(balance[name]), "slug": name}
        for name in (*COLUMNS, "total")
    ]


def _ledger_table(by_party: Mapping[Any, Any], whole: Mapping[str, Any], parties: list[Plain]) -> list[Plain]:
    rows = [{"name": party["short"], "cells": _cells(by_party[party["id"]]), "total": False} for party in parties]
    return [*rows, {"name": _("All parties"), "cells": _cells(whole), "total": True}]


def _chart(data: Mapping[str, Any]) -> Plain:
    names = segment_names()
    bars = []
    for party in data["parties"]:
        balance = data["by_party"][party["id"]]
        counts = {name: balance[name]["count"] for name in ("confirmed", "arbitrated", "declared", "late", "contested")}
        counts["upcoming"] = balance["due"]["count"] - balance["late"]["count"]
        bars.append(
            {
                "name": party["short"],
                "total": balance["total"]["count"],
                "segments": [{"slug": slug, "count": counts[slug]} for slug in SEGMENTS if counts[slug]],
            }
        )
    described = [f"{bar['name']}: " + ", ".join(f"{names[part['slug']]} {part['count']}" for part in bar["segments"]) for bar in bars]
    return {
        "title": _("What each party owes, by state (number of commitments)"),
        "alt": ". ".join([_("Bar chart of what each party owes, by state"), *described]) + ".",
        "largest": max([bar["total"] for bar in bars], default=0),
        "legend": [{"slug": slug, "label": names[slug]} for slug in SEGMENTS],
        "bars": bars,
    }


def segment_names() -> dict[str, str]:
    """The words of the chart's segments."""
    return column_titles() | {"upcoming": _("To deliver, not yet due"), "late": _("Late")}


def _axis(axis: Mapping[str, Any], parties: list[Plain]) -> Plain:
    counts = axis["action_counts"]
    return {
        "title": axis["title"],
        "object": axis["object"],
        "public_lead": axis["public_lead"],
        "private_lead": axis["private_lead"],
        "ledger": _ledger_table(axis["by_party"], axis["whole"], parties) if axis["commitments"] else [],
        "actions": _("Actions: %(all)s in all, %(open)s open, %(late)s late, %(done)s done and to be verified, %(verified)s verified.")
        % {name: number(value) for name, value in counts.items()},
        "late_actions": [
            {
                "title": task["title"],
                "owner": task["owner"],
                "due": short_day(task["due_on"]),
                "delay": ngettext("%(count)d day", "%(count)d days", task["days_late"]) % {"count": task["days_late"]},
                "progress": task["progress"],
            }
            for task in axis["late_actions"]
        ],
    }


def _contested(line: Mapping[str, Any]) -> Plain:
    return {
        "reference": line["reference"],
        "title": line["title"],
        "obligor": line["obligor"],
        "beneficiary": line["beneficiary"],
        "amount": amount(line) if line["is_financial"] else "",
        "since": _("Contested by %(party)s on %(day)s") % {"party": line["beneficiary"], "day": day(line["contested_on"])},
        "reason": line["contest_reason"],
        "declaration": line["declaration"],
        "trust": line["trust"],
        "trust_label": line["trust_label"],
    }


def _changes(changes: Mapping[str, Any]) -> Plain:
    if changes["since"] is None:
        return {"intro": _("This is the first report of this convention: there is nothing to compare it with."), "rows": []}
    new = pgettext("a line that did not exist before", "New")
    rows = [
        {
            "kind": kind,
            "title": row["title"],
            "reference": row.get("reference", ""),
            "before": row["before"] or new,
            "now": row["status_label"],
            "alert": row["status"] in {"contested", "returned", "blocked"},
        }
        for kind, group in ((_("Commitment"), changes["commitments"]), (_("Action"), changes["actions"]))
        for row in group
    ]
    proofs = ngettext("%(count)d proof was added.", "%(count)d proofs were added.", changes["evidence"]) % {"count": changes["evidence"]}
    moved = ngettext("%(count)d line changed state.", "%(count)d lines changed state.", len(rows)) % {"count": len(rows)}
    compared = _("Compared with the report of %(instant)s.") % {"instant": instant(changes["since"])}
    return {"intro": f"{compared} {moved} {proofs}", "rows": rows}


def _commitment(line: Mapping[str, Any]) -> Plain:
    return {
        "reference": line["reference"],
        "title": line["title"],
        "obligor": line["obligor"],
        "beneficiary": line["beneficiary"],
        "amount": amount(line),
        "due": short_day(line["due_on"]),
        "state": line["status_label"],
        "slug": "late" if line["is_late"] else line["status"],
        "late": _("late") if line["is_late"] else "",
        "trust": line["trust"],
        "trust_label": line["trust_label"] or NOTHING,
        "axis": line["axis"],
    }


def _action(task: Mapping[str, Any]) -> Plain:
    return {
        "title": task["title"],
        "axis": task["axis"],
        "owner": task["owner"],
        "starts": short_day(task["starts_on"]),
        "due": short_day(task["due_on"]),
        "progress": task["progress"],
        "state": task["status_label"],
        "late": _("late") if task["is_late"] else "",
        "trust": task["trust"],
        "trust_label": task["trust_label"] or NOTHING,
    }
