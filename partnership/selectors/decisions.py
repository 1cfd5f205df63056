"""What awaits somebody at ONMT: the same conditions make the administration's home figures and the lists they open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from django.db.models import Count, Q

from core import clock
from partnership.choices import OPEN_ACTION_STATUSES, ActionStatus, CommitmentStatus, ConventionStatus, OrganisationStatus
from partnership.models import Action, Commitment, Convention, Organisation
from partnership.querysets import late_action, late_commitment

if TYPE_CHECKING:
    from core.actors import Actor

ENDING_WITHIN: Final = timedelta(days=180)


def awaiting_answer(*, from_host: bool) -> Q:
    """Commitments declared delivered: ONMT is to confirm or contest, or the other party."""
    return Q(status=CommitmentStatus.DECLARED, beneficiary__organisation__is_host=from_host)


def contested() -> Q:
    """Commitments on which a committee is to decide."""
    return Q(status=CommitmentStatus.CONTESTED)


def open_actions() -> Q:
    """Actions on which their owner still has something to do."""
    return Q(status__in=OPEN_ACTION_STATUSES)


def to_verify() -> Q:
    """Actions done, awaiting a second person."""
    return Q(status=ActionStatus.DONE)


def ending() -> Q:
    """Conventions in force that end within six months, or that should have been renewed or expired already."""
    return Q(status=ConventionStatus.IN_FORCE, ends_on__lte=clock.today() + ENDING_WITHIN)


@dataclass(frozen=True, slots=True)
class Awaited:
    """How many of each await somebody."""

    answers: int
    contested: int
    late_commitments: int
    to_verify: int
    late_actions: int
    to_vouch: int
    to_register: int
    ending: int


def awaited(user: Actor) -> Awaited:
    """The counts of what `user` may see, in four queries."""
    owed = Commitment.objects.visible_to(user).aggregate(
        answers=Count("id", filter=awaiting_answer(from_host=True)),
        contested=Count("id", filter=contested()),
        late_commitments=Count("id", filter=late_commitment()),
    )
    plan = Action.objects.visible_to(user).aggregate(
        to_verify=Count("id", filter=to_verify()), late_actions=Count("id", filter=late_action())
    )
    registry = Organisation.objects.visible_to(user).aggregate(
        to_vouch=Count("id", filter=Q(status=OrganisationStatus.REGISTERED)),
        to_register=Count("id", filter=Q(status=OrganisationStatus.PROSPECTIVE)),
    )
    over = Convention.objects.visible_to(user).filter(ending()).count()
    return Awaited(**owed, **plan, **registry, ending=over)
