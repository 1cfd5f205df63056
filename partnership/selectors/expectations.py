"""What is expected of somebody: to declare, to answer, to decide, to do, to verify, to renew."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Final, Generic, TypeVar

from django.db.models import F, Q

from accounts.models import User
from accounts.roles import StaffRole
from core import clock
from partnership.choices import DELIVERY_STATUSES, OPEN_COMMITMENT_STATUSES, UNDECLARED_STATUSES, ActionStatus, CommitmentStatus
from partnership.models import Action, Commitment, Evidence, Mandate, Organisation, Party
from partnership.permissions.ledger import operates
from partnership.permissions.organisations import ACTING_ROLES, SILENCED

if TYPE_CHECKING:
    from uuid import UUID

    from django.db.models import Model, QuerySet

    from core.actors import Actor

M = TypeVar("M", bound="Model")
LIMIT: Final = 50
EXPIRY_NOTICE: Final = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Section(Generic[M]):
    """The first rows of a list, the most urgent first, and how many there are in all."""

    rows: list[M]
    total: int

    def __len__(self) -> int:
        return self.total

    def __bool__(self) -> bool:
        return self.total > 0


@dataclass(frozen=True, slots=True)
class Expectations:
    """What is expected of a user, by what there is to do. `late` repeats the commitments and actions past their date."""

    to_declare: Section[Commitment]
    to_answer: Section[Commitment]
    contested: Section[Commitment]
    to_arbitrate: Section[Commitment]
    late_commitments: Section[Commitment]
    actions: Section[Action]
    late_actions: Section[Action]
    to_verify: Section[Action]
    expiring: Section[Evidence]

    @property
    def total(self) -> int:
        """How many things to do: what is late is counted once, in its own list."""
        lists = (self.to_declare, self.to_answer, self.contested, self.to_arbitrate, self.actions, self.to_verify, self.expiring)
        return sum(section.total for section in lists)


def acting_organisations(user: Actor) -> frozenset[UUID]:
    """The organisations for which `user` acts: administrator or member today (of the one chosen, if any); the host for convention managers.

    At most two queries. Readers and auditors act for none.
    """
    if not isinstance(user, User) or not user.is_active:
        return frozenset()
    mandates = Mandate.objects.current().filter(person__user_id=user.pk, role__in=ACTING_ROLES)
    if user.acting_organisation_id is not None:
        mandates = mandates.filter(organisation_id=user.acting_organisation_id)
    found = set(mandates.exclude(organisation__status__in=SILENCED).values_list("organisation_id", flat=True))
    if user.has_staff_role(StaffRole.CONVENTION_MANAGER):
        found |= set(Organisation.objects.filter(is_host=True).values_list("id", flat=True))
    return frozenset(found)


def expectations(user: Actor) -> Expectations:
    """What is expected of `user` today in Casablanca, in 8 queries (9 for convention managers) besides those that tell whom it acts for.

    A list longer than 50 asks once more for its count.
    """
    mine = acting_organisations(user)
    today = clock.today()
    commitments: QuerySet[Commitment] = (
        Commitment.objects.visible_to(user)
        .select_related("axis", "convention", "obligor__organisation", "beneficiary__organisation")
        .order_by(F("due_on").asc(nulls_last=True), "id")
    )
    to_deliver = commitments.filter(
        status__in=UNDECLARED_STATUSES,
        obligor__organisation__in=mine,
        convention__status__in=DELIVERY_STATUSES,
    )
    contested = commitments.filter(status=CommitmentStatus.CONTESTED)
    decides = isinstance(user, User) and user.has_staff_role(StaffRole.CONVENTION_MANAGER)
    actions = _actions_of(user, mine)
    return Expectations(
        to_declare=_section(to_deliver),
        to_answer=_section(
            commitments.filter(status=CommitmentStatus.DECLARED, beneficiary__organisation__in=mine).order_by("declared_at", "id")
        ),
        contested=_section(contested.filter(obligor__organisation__in=mine)),
        to_arbitrate=_section(contested if decides else contested.none()),
        late_commitments=_section(to_deliver.filter(due_on__lt=today)),
        actions=_section(actions),
        late_actions=_section(actions.filter(due_on__lt=today)),
        to_verify=_section(_to_verify(user, mine)),
        expiring=_section(_expiring(user, mine)),
    )


def _actions_of(user: Actor, mine: frozenset[UUID]) -> QuerySet[Action]:
    """Open actions of one's organisations, and those for which one is the person responsible."""
    responsible = Q(responsible__user_id=user.pk) if isinstance(user, User) else Q(pk=None)
    rows: QuerySet[Action] = Action.objects.visible_to(user).open().filter(Q(organisation__in=mine) | responsible)
    return rows.select_related("axis", "convention", "organisation", "responsible").order_by("due_on", "id")


def _to_verify(user: Actor, mine: frozenset[UUID]) -> QuerySet[Action]:
    """Done by somebody else, under a convention of which one's organisation is a party; for ONMT's officers, all of them."""
    rows: QuerySet[Action] = Action.objects.visible_to(user).awaiting_verification()
    rows = rows.select_related("axis", "convention", "organisation", "responsible").order_by("done_at", "id")
    if isinstance(user, User):
        rows = rows.exclude(done_by=user)
        if operates(user):
            return rows
    return rows.filter(convention__in=Party.objects.filter(organisation__in=mine).values("convention"))


def _expiring(user: Actor, mine: frozenset[UUID]) -> QuerySet[Evidence]:
    """Evidence brought by one's organisations that expires within 30 days, or has expired, while what it proves is still open."""
    still_open = Q(commitment__status__in=OPEN_COMMITMENT_STATUSES) | Q(action__isnull=False) & ~Q(
        action__status__in=[ActionStatus.VERIFIED, ActionStatus.CANCELLED]
    )
    rows: QuerySet[Evidence] = Evidence.objects.visible_to(user).filter(
        still_open, organisation__in=mine, expires_on__lte=clock.today() + EXPIRY_NOTICE
    )
    return rows.select_related("commitment", "action", "document").order_by("expires_on", "id")


def _section(queryset: QuerySet[M]) -> Section[M]:
    rows = list(queryset[: LIMIT + 1])
    return Section(rows[:LIMIT], len(rows) if len(rows) <= LIMIT else queryset.count())
