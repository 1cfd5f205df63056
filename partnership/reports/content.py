"""The content of the progress report as plain data: one snapshot, no format. Texts are in the active language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.db.models import prefetch_related_objects

from core import clock
from partnership.choices import OPEN_ACTION_STATUSES, UNDECLARED_STATUSES, ActionStatus, CommitmentNature, CommitmentStatus
from partnership.selectors import report as figures
from partnership.selectors.ledger import AxisLine, Balance, Figure, ledger
from partnership.selectors.trust import trust_of

if TYPE_CHECKING:
    from datetime import date, datetime

    from core.actors import Actor
    from core.progress import Progress
    from partnership.models import Convention, Party

    Plain = dict[str, Any]

# The columns of the ledger. `late` is the part of `due` that is past its date.
COLUMNS: Final = ("due", "late", "declared", "contested", "arbitrated", "confirmed", "cancelled")


def progress_content(
    convention: Convention, *, kind: str, as_of: datetime, by: Actor, progress: Progress, month: str = ""
) -> dict[str, Any]:
    """Everything the report shows, whatever its format. Instants are aware, days Casablanca's, amounts MAD; unknown is None."""
    book = ledger(convention)
    prefetch_related_objects([line.axis for line in book.axes], "public_lead", "private_lead")
    progress(15)
    commitments = figures.commitments_of(convention)
    progress(30)
    actions = figures.actions_of(convention)
    progress(45)
    since = figures.previous_report(convention, kind=kind, before=as_of, month=month)
    lines = [_commitment(row, book.on) for row in commitments]
    tasks = [_action(row, book.on) for row in actions]
    return {
        "convention": _convention(convention),
        "as_of": as_of,
        "today": book.on,
        "month": month,
        "asked_by": "" if by.pk is None else str(by),
        "parties": [_party(line.party) for line in book.parties],
        "whole": balance(book.total),
        "by_party": {line.party.pk: balance(line.balance) for line in book.parties},
        "axes": [_axis(line, lines, tasks) for line in book.axes],
        "commitments": lines,
        "actions": tasks,
        "contested": [line for line in lines if line["status"] == CommitmentStatus.CONTESTED],
        "changes": _changes(convention, since, lines, tasks, progress),
        "span": figures.span_of(actions, commitments, today=book.on),
    }


def balance(side: Balance) -> Plain:
    """A side of the ledger as plain figures: its columns, and its total without the cancelled."""
    return {name: _figure(getattr(side, name)) for name in (*COLUMNS, "total")}


def _figure(figure: Figure) -> Plain:
    return {"count": figure.count, "amount": figure.amount, "unknown": figure.without_amount}


def _convention(convention: Convention) -> dict[str, Any]:
    return {
        "id": convention.pk,
        "reference": convention.reference,
        "title": convention.title,
        "object": convention.object,
        "kind": convention.get_kind_display(),
        "status": convention.get_status_display(),
        "signed_on": convention.signed_on,
        "effective_on": convention.effective_on,
        "ends_on": convention.ends_on,
        "place": convention.place,
    }


def _party(party: Party) -> dict[str, Any]:
    return {
        "id": party.pk,
        "name": party.organisation.name,
        "short": str(party.organisation),
        "signatory": party.signatory,
        "quality": party.quality,
    }


def _axis(line: AxisLine, lines: list[Plain], tasks: list[Plain]) -> Plain:
    axis = line.axis
    own_tasks = [task for task in tasks if task["axis_id"] == axis.pk]
    return {
        "id": axis.pk,
        "order": axis.order,
        "title": axis.title,
        "object": axis.object,
        "public_lead": str(axis.public_lead or ""),
        "private_lead": str(axis.private_lead or ""),
        "whole": balance(line.total),
        "by_party": {one.party.pk: balance(one.balance) for one in line.parties},
        "commitments": [row for row in lines if row["axis_id"] == axis.pk],
        "actions": own_tasks,
        "action_counts": _action_counts(own_tasks),
        "late_actions": [task for task in own_tasks if task["is_late"]],
    }


def _action_counts(tasks: list[dict[str, Any]]) -> dict[str, int]:
    return {
        "all": sum(task["status"] != ActionStatus.CANCELLED for task in tasks),
        "open": sum(task["status"] in OPEN_ACTION_STATUSES for task in tasks),
        "late": sum(task["is_late"] for task in tasks),
        "done": sum(task["status"] == ActionStatus.DONE for task in tasks),
        "verified": sum(task["status"] == ActionStatus.VERIFIED for task in tasks),
    }


def _commitment(row: Any, today: date) -> dict[str, Any]:
    trust = trust_of(row)
    return {
        "id": row.pk,
        "reference": row.reference,
        "title": row.title,
        "axis_id": row.axis_id,
        "axis": row.axis.title,
        "obligor": str(row.obligor.organisation),
        "beneficiary": str(row.beneficiary.organisation),
        "is_financial": row.nature == CommitmentNature.FINANCIAL,
        "nature": row.get_nature_display(),
        "amount": row.amount,
        "due_on": row.due_on,
        "status": row.status,
        "status_label": row.get_status_display(),
        "is_late": row.status in UNDECLARED_STATUSES and row.due_on is not None and row.due_on < today,
        "trust": trust.value if trust else "",
        "trust_label": str(trust.label) if trust else "",
        "declaration": row.declaration,
        "contested_on": clock.civil_date(row.contested_at) if row.contested_at else None,
        "contest_reason": row.contest_reason,
        "arbitration": row.get_arbitration_display(),
        "evidence_count": row.evidence_count,
    }


def _action(row: Any, today: date) -> dict[str, Any]:
    trust = trust_of(row)
    late = figures.is_late_action(row, today=today)
    return {
        "id": row.pk,
        "title": row.title,
        "axis_id": row.axis_id,
        "axis": row.axis.title,
        "commitment": row.commitment.reference if row.commitment else "",
        "owner": str(row.organisation),
        "responsible": str(row.responsible or ""),
        "priority": row.get_priority_display(),
        "starts_on": row.starts_on,
        "due_on": row.due_on,
        "progress": row.progress,
        "status": row.status,
        "status_label": row.get_status_display(),
        "status_reason": row.status_reason,
        "outcome": row.outcome,
        "is_late": late,
        "days_late": (today - row.due_on).days if late else 0,
        "trust": trust.value if trust else "",
        "trust_label": str(trust.label) if trust else "",
        "evidence_count": row.evidence_count,
    }


def _changes(
    convention: Convention, since: datetime | None, lines: list[dict[str, Any]], tasks: list[dict[str, Any]], progress: Progress
) -> dict[str, Any]:
    if since is None:
        return {"since": None, "commitments": [], "actions": [], "evidence": 0}
    before_lines = figures.states_at("Commitment", convention, since)
    before_tasks = figures.states_at("Action", convention, since)
    progress(60)
    return {
        "since": since,
        "commitments": _moved(lines, before_lines, dict(CommitmentStatus.choices)),
        "actions": _moved(tasks, before_tasks, dict(ActionStatus.choices)),
        "evidence": figures.new_evidence(convention, since=since),
    }


def _moved(rows: list[dict[str, Any]], before: dict[Any, str], labels: dict[str, Any]) -> list[dict[str, Any]]:
    """The rows in another state than before, new ones included, with the word of their former state (empty: new)."""
    return [row | {"before": str(labels.get(before.get(row["id"], ""), ""))} for row in rows if before.get(row["id"]) != row["status"]]
