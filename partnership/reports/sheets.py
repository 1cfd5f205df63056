"""The progress report as tables: the workbook's sheets, and the one that is the CSV."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from core.tables import Column, Kind, Sheet
from partnership.choices import TRUST_MEANINGS, TrustLabel
from partnership.reports.content import COLUMNS
from partnership.reports.wording import day, instant

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    Row = list[Any]


def column_titles() -> dict[str, str]:
    """The columns of the ledger, in words. Late is part of what is still to deliver."""
    return {
        "due": _("To deliver"),
        "late": _("of which late"),
        "declared": _("Declared"),
        "contested": _("Contested"),
        "arbitrated": _("Arbitrated"),
        "confirmed": _("Confirmed"),
        "cancelled": _("Cancelled"),
    }


def progress_sheets(data: Mapping[str, Any]) -> list[Sheet]:
    """Balance (with the report's identity above it), commitments, actions, changes."""
    return [_balance_sheet(data), commitments_sheet(data), _actions_sheet(data), _changes_sheet(data)]


def commitments_sheet(data: Mapping[str, Any]) -> Sheet:
    """One commitment a line. An empty amount of a financial commitment was not communicated."""
    columns = [
        Column(_("Reference"), width=12),
        Column(pgettext("strand of a convention", "Axis"), width=28),
        Column(_("Commitment"), width=60),
        Column(_("Owed by"), width=12),
        Column(_("Owed to"), width=12),
        Column(_("Nature"), width=16),
        Column(_("Amount (MAD)"), Kind.MONEY, 20),
        Column(_("Due on"), Kind.DAY, 13),
        Column(_("State"), width=18),
        Column(_("Late"), width=8),
        Column(_("Trust label"), width=14),
        Column(_("Proofs"), Kind.INTEGER, 9),
        Column(_("Contested on"), Kind.DAY, 13),
        Column(_("Reason of the contest"), width=50),
        Column(_("Outcome of the arbitration"), width=24),
    ]
    return Sheet(_("Commitments"), columns, _commitment_rows(data["commitments"]))


def _commitment_rows(lines: list[dict[str, Any]]) -> Iterator[Row]:
    yes = _("yes")
    for line in lines:
        yield [
            line["reference"],
            line["axis"],
            line["title"],
            line["obligor"],
            line["beneficiary"],
            line["nature"],
            line["amount"],
            line["due_on"],
            line["status_label"],
            yes if line["is_late"] else None,
            line["trust_label"],
            line["evidence_count"],
            line["contested_on"],
            line["contest_reason"],
            line["arbitration"],
        ]


def _actions_sheet(data: Mapping[str, Any]) -> Sheet:
    columns = [
        Column(pgettext("strand of a convention", "Axis"), width=28),
        Column(_("Action"), width=60),
        Column(_("Commitment"), width=12),
        Column(_("Owner"), width=16),
        Column(_("Person responsible"), width=24),
        Column(_("Priority"), width=10),
        Column(_("Starts on"), Kind.DAY, 13),
        Column(_("Due on"), Kind.DAY, 13),
        Column(_("Progress"), Kind.PERCENT, 11),
        Column(_("State"), width=14),
        Column(_("Days late"), Kind.INTEGER, 10),
        Column(_("Trust label"), width=14),
        Column(_("Proofs"), Kind.INTEGER, 9),
        Column(_("What was done"), width=50),
    ]
    rows = (
        [
            task["axis"],
            task["title"],
            task["commitment"],
            task["owner"],
            task["responsible"],
            task["priority"],
            task["starts_on"],
            task["due_on"],
            task["progress"],
            task["status_label"],
            task["days_late"] if task["is_late"] else None,
            task["trust_label"],
            task["evidence_count"],
            task["outcome"],
        ]
        for task in data["actions"]
    )
    return Sheet(_("Actions"), columns, rows)


def _balance_sheet(data: Mapping[str, Any]) -> Sheet:
    titles = column_titles()
    columns = [
        Column(pgettext("strand of a convention", "Axis"), width=40),
        Column(_("Owed by"), width=40),
        Column(_("Measure"), width=28),
        *[Column(titles[name], Kind.INTEGER, 16) for name in COLUMNS],
        Column(_("Total, without the cancelled"), Kind.INTEGER, 18),
    ]
    convention = data["convention"]
    notes = [
        (_("Convention"), f"{convention['reference']} · {convention['title']}"),
        (_("Situation at"), _("%(instant)s, Casablanca time") % {"instant": instant(data["as_of"])}),
        (_("Requested by"), data["asked_by"] or _("the portal, for the month")),
        (_("Amounts"), _("In dirhams. An amount that was not communicated is counted apart, never as zero.")),
        *[(str(label.label), str(TRUST_MEANINGS[label])) for label in TrustLabel],
        (_("Compared with"), instant(data["changes"]["since"]) if data["changes"]["since"] else _("This is the first report.")),
        (_("End of the convention"), day(convention["ends_on"]) if convention["ends_on"] else _("not communicated")),
    ]
    return Sheet(_("Balance"), columns, _balance_rows(data), notes)


def _balance_rows(data: Mapping[str, Any]) -> Iterator[Row]:
    whole = _("All axes")
    both = _("All parties")
    names = {party["id"]: party["short"] for party in data["parties"]}
    yield from _measures(whole, both, data["whole"])
    for party, balance in data["by_party"].items():
        yield from _measures(whole, names[party], balance)
    for axis in data["axes"]:
        yield from _measures(axis["title"], both, axis["whole"])
        for party, balance in axis["by_party"].items():
            yield from _measures(axis["title"], names[party], balance)


def _measures(axis: str, party: str, balance: Mapping[str, Any]) -> Iterator[Row]:
    cells = [*[balance[name] for name in COLUMNS], balance["total"]]
    yield [axis, party, _("Number of commitments"), *[cell["count"] for cell in cells]]
    yield [axis, party, _("Known amount (MAD)"), *[cell["amount"] for cell in cells]]
    yield [axis, party, _("Amounts not communicated"), *[cell["unknown"] for cell in cells]]


def _changes_sheet(data: Mapping[str, Any]) -> Sheet:
    changes = data["changes"]
    columns = [
        Column(_("Kind"), width=14),
        Column(_("Reference"), width=12),
        Column(_("Title"), width=60),
        Column(_("State before"), width=20),
        Column(_("State now"), width=20),
    ]
    new = pgettext("a line that did not exist before", "New")
    rows = [
        *[[_("Commitment"), row["reference"], row["title"], row["before"] or new, row["status_label"]] for row in changes["commitments"]],
        *[[_("Action"), row["commitment"], row["title"], row["before"] or new, row["status_label"]] for row in changes["actions"]],
    ]
    return Sheet(_("Changes"), columns, rows)
