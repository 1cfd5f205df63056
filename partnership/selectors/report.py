"""What the convention's progress report shows beside the ledger, read in a literal number of queries."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.db.models import Count, Q

from core import clock
from core.models.job import Job, JobState
from partnership.choices import OPEN_ACTION_STATUSES
from partnership.models import Action, Commitment, Convention, Evidence
from partnership.selectors.trust import with_trust

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime
    from uuid import UUID


def commitments_of(convention: Convention) -> list[Any]:
    """Every commitment with its axis, its parties, what its trust label needs, and its number of proofs. One query."""
    return list(
        with_trust(Commitment.objects.filter(convention=convention))
        .select_related("axis", "obligor__organisation", "beneficiary__organisation")
        .annotate(evidence_count=Count("evidence"))
        .order_by("axis__order", "reference")
    )


def actions_of(convention: Convention) -> list[Any]:
    """Every action with its owner, its responsible person, what its trust label needs and its number of proofs. One query."""
    return list(
        with_trust(Action.objects.filter(convention=convention))
        .select_related("axis", "organisation", "responsible", "commitment")
        .annotate(evidence_count=Count("evidence"))
        .order_by("axis__order", "due_on", "id")
    )


def is_late_action(action: Any, *, today: date) -> bool:
    """Open and past its Casablanca date."""
    return action.status in OPEN_ACTION_STATUSES and action.due_on < today


def previous_report(convention: Convention, *, kind: str, before: datetime, month: str = "") -> datetime | None:
    """The instant that this report is compared with: the latest monthly report's (of a month before `month` when given),
    else that of the latest one made on an earlier day. Reports of one day are not compared with each other: the same report
    in another language or format would otherwise show no change. Two queries at most.
    """
    done = Job.objects.filter(kind=kind, state=JobState.DONE, params__convention=str(convention.pk), as_of__lt=before)
    monthly = done.filter(requested_by=None, params__has_key="month")
    if month:
        monthly = monthly.filter(params__month__lt=month)
    instants = monthly.order_by("-params__month", "as_of").values_list("as_of", flat=True)
    asked = done.filter(as_of__lt=clock.start_of(clock.civil_date(before))).order_by("-as_of").values_list("as_of", flat=True)
    instant: datetime | None = instants.first() or asked.first()
    return instant


def states_at(model: str, convention: Convention, instant: datetime) -> dict[UUID, str]:
    """The state each row had at an instant, from the audit trail; rows deleted before it are left out. One query."""
    event = apps.get_model("partnership", f"{model}Event")
    rows = (
        event.objects.filter(convention_id=convention.pk, pgh_created_at__lte=instant)
        .order_by("pgh_obj_id", "-pgh_created_at", "-pgh_id")
        .distinct("pgh_obj_id")
        .values_list("pgh_obj_id", "status", "pgh_label")
    )
    return {pk: status for pk, status, label in rows if label != "delete"}


def new_evidence(convention: Convention, *, since: datetime) -> int:
    """How many proofs were added since an instant."""
    return Evidence.objects.filter(
        Q(commitment__convention=convention) | Q(action__convention=convention), created_at__gt=since
    ).count()  # fmt: skip


def span_of(actions: Sequence[Any], commitments: Sequence[Any], *, today: date) -> tuple[date, date]:
    """The first and last days of the timeline: every action's dates and every commitment's date, today always within."""
    days = [today, *(action.starts_on for action in actions), *(action.due_on for action in actions)]
    days += [commitment.due_on for commitment in commitments if commitment.due_on]
    return min(days), max(days)
