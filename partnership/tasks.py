"""The partnership's background work."""

from __future__ import annotations

import structlog
from celery import shared_task

from core import clock, heartbeat, queue
from core.actors import SYSTEM
from core.errors import Refusal
from partnership.choices import ConventionStatus
from partnership.models import Convention
from partnership.reports import request_monthly
from partnership.services.conventions import expire_convention
from partnership.services.documents import scan_pending_versions
from partnership.services.recurrence import open_due_occurrences

log = structlog.get_logger(__name__)

ROUND = "partnership-round"


@shared_task  # type: ignore[untyped-decorator]
def daily_round() -> None:
    """What nobody asks for: the next occurrence of what recurs, conventions whose last day is over, the month's reports, scans missed.

    Computed from rows at every tick, so it catches up by itself; two rounds at once do the work of one.
    """
    with queue.alone(ROUND) as mine:
        if not mine:
            return
        expired = expire_ended_conventions()
        opened = open_due_occurrences(by=SYSTEM)
        reports = request_monthly()
        scanned = scan_pending_versions(by=SYSTEM)
        heartbeat.beat(ROUND, expired=expired, opened=opened, reports=reports, scanned=scanned)


def expire_ended_conventions() -> int:
    """Expire the conventions in force whose last day is over in Casablanca; gives how many."""
    ended = Convention.objects.filter(status=ConventionStatus.IN_FORCE, ends_on__lt=clock.today())
    count = 0
    for pk in list(ended.order_by("id").values_list("pk", flat=True)):
        try:
            expire_convention(convention=pk, by=SYSTEM)
            count += 1
        except (Refusal, Convention.DoesNotExist) as refusal:  # moved meanwhile: the next round sees it as it is
            log.info("convention_not_expired", convention=str(pk), reason=str(refusal))
    return count
