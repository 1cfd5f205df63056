"""The monthly progress report: computed from rows at each tick, one a convention, month and language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core import clock
from core.actors import SYSTEM
from core.jobs import request_job
from core.models.job import Job
from partnership.choices import ConventionStatus
from partnership.models import Convention
from partnership.reports.progress import ProgressReport
from partnership.selectors.people import users_acting_for

if TYPE_CHECKING:
    from accounts.models import User

# A convention whose execution is followed: suspended too, since what is owed stays owed.
FOLLOWED = (ConventionStatus.IN_FORCE, ConventionStatus.SUSPENDED)


def request_monthly() -> int:
    """Ask for this month's report of every convention in force, in each language its parties' people read; how many are new.

    Safe to call at every tick and twice at once: the month's report in a language is one row. An outage over the first of the
    month only delays it.
    """
    month = f"{clock.today():%Y-%m}"
    made = 0
    for convention in Convention.objects.filter(status__in=FOLLOWED).prefetch_related("parties").order_by("id"):
        for language, readers in sorted(_readers(convention).items()):
            made += _request(convention, month, language, readers)
    return made


def _readers(convention: Convention) -> dict[str, list[User]]:
    """Who acts for a party, by language; somebody who acts for both counts once."""
    people: dict[Any, User] = {}
    for party in convention.parties.all():
        people |= {user.pk: user for user in users_acting_for(party.organisation_id)}
    by_language: dict[str, list[User]] = {}
    for user in people.values():
        by_language.setdefault(user.language, []).append(user)
    return by_language


def _request(convention: Convention, month: str, language: str, readers: list[User]) -> bool:
    unique = f"{convention.pk}:{month}:{language}"
    if Job.objects.filter(kind=ProgressReport.kind, requested_by=None, unique_key=unique).exists():
        return False
    params = {"convention": str(convention.pk), "format": "pdf", "month": month}
    request_job(kind=ProgressReport.kind, params=params, by=SYSTEM, unique=unique, language=language, recipients=readers)
    return True
