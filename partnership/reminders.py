"""What the partnership reminds of: who, when, with which message. Nothing is said of what is settled or cancelled."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Final

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core import clock
from core.mail import Message
from core.reminders import Offsets, Reminder
from partnership.choices import (
    DELIVERY_STATUSES,
    OPEN_ACTION_STATUSES,
    UNDECLARED_STATUSES,
    ActionStatus,
    CommitmentStatus,
    ConventionStatus,
)
from partnership.models import Action, Commitment, Convention, Evidence
from partnership.notifications.languages import dated, in_languages, organisation_names
from partnership.selectors.people import users_acting_for

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import date
    from uuid import UUID

    from accounts.models import User

# A convention that is suspended or over asks nothing of anybody; after a denunciation what was declared is still answered.
OWED_UNDER: Final = DELIVERY_STATUSES - {ConventionStatus.DENOUNCED}
ANSWERED_UNDER: Final = DELIVERY_STATUSES


# -- the messages ------------------------------------------------------------------------------------------------------
class CommitmentDue(Message):
    """To the obligor, before the date."""

    kind = "reminder_commitment_due"
    label = _("A commitment of my organisation falls due")
    template = "partnership/emails/reminder_commitment_due"


class CommitmentOverdue(Message):
    """To the obligor, after the date."""

    kind = "reminder_commitment_overdue"
    label = _("A commitment of my organisation is late")
    template = "partnership/emails/reminder_commitment_overdue"
    compulsory = True


class CommitmentEscalated(Message):
    """To both parties, ten working days after the date."""

    kind = "reminder_commitment_escalated"
    label = _("A commitment is ten working days late: both parties are told")
    template = "partnership/emails/reminder_commitment_escalated"
    compulsory = True


class DeclarationUnanswered(Message):
    """To the beneficiary, who has not answered."""

    kind = "reminder_declaration_unanswered"
    label = _("A declaration awaits my organisation's answer")
    template = "partnership/emails/reminder_declaration_unanswered"
    compulsory = True


class DeclarationEscalated(Message):
    """To both parties, fifteen working days after the declaration."""

    kind = "reminder_declaration_escalated"
    label = _("A declaration has had no answer for fifteen working days: both parties are told")
    template = "partnership/emails/reminder_declaration_escalated"
    compulsory = True


class ContestUndecided(Message):
    """To both parties, fifteen working days after the contest."""

    kind = "reminder_contest_undecided"
    label = _("A contest awaits a decision")
    template = "partnership/emails/reminder_contest_undecided"
    compulsory = True


class ActionDue(Message):
    """To whoever carries it, before the date."""

    kind = "reminder_action_due"
    label = _("An action of mine falls due")
    template = "partnership/emails/reminder_action_due"


class ActionOverdue(Message):
    """To whoever carries it, after the date, until it is done."""

    kind = "reminder_action_overdue"
    label = _("An action of mine is late")
    template = "partnership/emails/reminder_action_overdue"
    compulsory = True


class ActionUnverified(Message):
    """To those who verify."""

    kind = "reminder_action_unverified"
    label = _("An action done still awaits verification")
    template = "partnership/emails/reminder_action_unverified"


class EvidenceExpiring(Message):
    """To the organisation that brought it."""

    kind = "reminder_evidence_expiring"
    label = _("A piece of evidence of my organisation expires")
    template = "partnership/emails/reminder_evidence_expiring"


class ConventionEnding(Message):
    """To every party."""

    kind = "reminder_convention_ending"
    label = _("A convention of my organisation comes to its end")
    template = "partnership/emails/reminder_convention_ending"
    compulsory = True


# -- who and when ------------------------------------------------------------------------------------------------------
class _Acting(Reminder):
    """Reads once a round who acts for each organisation."""

    def __init__(self) -> None:
        self._acting: dict[UUID, list[User]] = {}

    def acting(self, *organisations: UUID) -> list[User]:
        """The accounts of those who act for these organisations today."""
        for organisation in organisations:
            if organisation not in self._acting:
                self._acting[organisation] = list(users_acting_for(organisation))
        return [user for organisation in organisations for user in self._acting[organisation]]


class _OfCommitment(_Acting):
    """About a commitment: counted from one of its dates, in some of its states."""

    statuses: ClassVar[frozenset[CommitmentStatus]] = UNDECLARED_STATUSES
    conventions: ClassVar[frozenset[ConventionStatus]] = OWED_UNDER
    counted_from: ClassVar[str] = "due_on"
    tells_obligor: ClassVar[bool] = True
    tells_beneficiary: ClassVar[bool] = False

    def rows(self, low: date | None, high: date) -> Iterator[tuple[date, Commitment]]:
        """Commitments in those states under a running convention (one query)."""
        found = Commitment.objects.filter(status__in=self.statuses, convention__status__in=self.conventions)
        found = found.filter(**_span(self.counted_from, low, high)).order_by("id")
        for commitment in found.select_related("obligor__organisation", "beneficiary__organisation"):
            yield _day(getattr(commitment, self.counted_from)), commitment

    def recipients(self, row: Commitment) -> list[User]:
        """The people of the obligor, of the beneficiary, or of both."""
        parties = [row.obligor] * self.tells_obligor + [row.beneficiary] * self.tells_beneficiary
        return self.acting(*[party.organisation_id for party in parties])

    def url(self, row: Commitment) -> str:
        """The commitment's page."""
        return reverse("partnership:commitment_detail", args=[row.pk])

    def data(self, row: Commitment, base: date) -> dict[str, Any]:
        """Reference, title, parties, date."""
        return {
            "reference": row.reference,
            "title": in_languages(row, "title"),
            "obligor": organisation_names(row.obligor.organisation),
            "beneficiary": organisation_names(row.beneficiary.organisation),
            "due_on": dated(row.due_on),
            "since": dated(base),
            "reason": row.contest_reason,
        }


class CommitmentDueReminder(_OfCommitment):
    """20, 10 and 3 working days before, and on the day, to the obligor."""

    message = CommitmentDue
    offsets = Offsets((-20, -10, -3, 0))


class CommitmentOverdueReminder(_OfCommitment):
    """1 and 5 working days after, to the obligor."""

    message = CommitmentOverdue
    offsets = Offsets((1, 5))


class CommitmentEscalatedReminder(_OfCommitment):
    """10 working days after, to both parties."""

    message = CommitmentEscalated
    offsets = Offsets((10,))
    tells_beneficiary = True


class DeclarationUnansweredReminder(_OfCommitment):
    """5 and 10 working days after the declaration, to the beneficiary."""

    message = DeclarationUnanswered
    offsets = Offsets((5, 10))
    statuses = frozenset({CommitmentStatus.DECLARED})
    conventions = ANSWERED_UNDER
    counted_from = "declared_at"
    tells_obligor = False
    tells_beneficiary = True


class DeclarationEscalatedReminder(_OfCommitment):
    """15 working days after the declaration, to both parties."""

    message = DeclarationEscalated
    offsets = Offsets((15,))
    statuses = frozenset({CommitmentStatus.DECLARED})
    conventions = ANSWERED_UNDER
    counted_from = "declared_at"
    tells_beneficiary = True


class ContestUndecidedReminder(_OfCommitment):
    """15 working days after the contest, to both parties."""

    message = ContestUndecided
    offsets = Offsets((15,))
    statuses = frozenset({CommitmentStatus.CONTESTED})
    conventions = ANSWERED_UNDER
    counted_from = "contested_at"
    tells_beneficiary = True


class _OfAction(_Acting):
    """About an action still to be done, counted from its date."""

    statuses: ClassVar[frozenset[ActionStatus]] = OPEN_ACTION_STATUSES
    counted_from: ClassVar[str] = "due_on"

    def rows(self, low: date | None, high: date) -> Iterator[tuple[date, Action]]:
        """Actions in those states under a running convention (two queries)."""
        found = Action.objects.filter(status__in=self.statuses, convention__status__in=OWED_UNDER)
        found = found.filter(**_span(self.counted_from, low, high)).order_by("id")
        for action in found.select_related("organisation", "responsible__user").prefetch_related("convention__parties"):
            yield _day(getattr(action, self.counted_from)), action

    def recipients(self, row: Action) -> list[User]:
        """The account of the person responsible; without one, the people who act for the owner organisation."""
        user = row.responsible.user if row.responsible is not None else None
        return [user] if user is not None and user.is_active else self.acting(row.organisation_id)

    def url(self, row: Action) -> str:
        """The action's page."""
        return reverse("partnership:action_detail", args=[row.pk])

    def data(self, row: Action, base: date) -> dict[str, Any]:
        """Title, owner, date."""
        return {"title": row.title, "organisation": organisation_names(row.organisation), "due_on": dated(row.due_on), "since": dated(base)}


class ActionDueReminder(_OfAction):
    """5 and 1 working days before, and on the day."""

    message = ActionDue
    offsets = Offsets((-5, -1, 0))


class ActionOverdueReminder(_OfAction):
    """1 and 5 working days after, then every five as long as it is open."""

    message = ActionOverdue
    offsets = Offsets((1, 5), every=5)


class ActionUnverifiedReminder(_OfAction):
    """5 working days after it was done, to those who verify: the other parties' people, never who did it."""

    message = ActionUnverified
    offsets = Offsets((5,))
    statuses = frozenset({ActionStatus.DONE})
    counted_from = "done_at"

    def recipients(self, row: Action) -> list[User]:
        """Those who act for the convention's parties other than the owner."""
        others = [party.organisation_id for party in row.convention.parties.all() if party.organisation_id != row.organisation_id]
        return [user for user in self.acting(*others) if user.pk != row.done_by_id]


class EvidenceExpiringReminder(_Acting):
    """30 and 7 days before it expires, to the organisation that brought it."""

    message = EvidenceExpiring
    offsets = Offsets((-30, -7), calendar=True)

    def rows(self, low: date | None, high: date) -> Iterator[tuple[date, Evidence]]:
        """Evidence of what is not cancelled, under a convention that is not over."""
        found = Evidence.objects.filter(**_span("expires_on", low, high)).exclude(commitment__status=CommitmentStatus.CANCELLED)
        found = found.exclude(action__status=ActionStatus.CANCELLED).select_related("commitment__convention", "action__convention")
        for evidence in found.order_by("id"):
            proven = evidence.commitment or evidence.action
            if evidence.expires_on is not None and proven is not None and proven.convention.status in ANSWERED_UNDER:
                yield evidence.expires_on, evidence

    def recipients(self, row: Evidence) -> list[User]:
        """The people who act for it."""
        return self.acting(row.organisation_id)

    def url(self, row: Evidence) -> str:
        """The page of what it proves."""
        if row.commitment_id:
            return reverse("partnership:commitment_detail", args=[row.commitment_id])
        return reverse("partnership:action_detail", args=[row.action_id])

    def data(self, row: Evidence, base: date) -> dict[str, Any]:
        """Its title, what it proves, its last day."""
        proven = row.commitment or row.action
        proves = in_languages(proven, "title") if isinstance(proven, Commitment) else getattr(proven, "title", "")
        return {"title": row.title, "proves": proves, "expires_on": dated(base)}


class ConventionEndingReminder(_Acting):
    """120, 60 and 30 days before its end, to every party; where the notice is known, also 15 days before it and on its last day."""

    message = ConventionEnding
    offsets = Offsets((-120, -60, -30), calendar=True)
    notice_warnings: ClassVar[tuple[int, ...]] = (15, 0)

    def rows(self, low: date | None, high: date) -> Iterator[tuple[date, Convention]]:
        """Conventions that run towards a known end; few enough to look at every one."""
        found = Convention.objects.filter(status__in=[ConventionStatus.IN_FORCE, ConventionStatus.SUSPENDED], ends_on__gte=clock.today())
        for convention in found.prefetch_related("parties").order_by("id"):
            if convention.ends_on is not None:
                yield convention.ends_on, convention

    def offsets_of(self, row: Convention) -> Offsets:
        """With the days of the notice, which is counted in plain days like the convention itself."""
        if row.notice_days is None:
            return self.offsets
        notice = {-(row.notice_days + before) for before in self.notice_warnings}
        return Offsets(tuple(sorted(notice | set(self.offsets.steps))), calendar=True)

    def recipients(self, row: Convention) -> list[User]:
        """The people of every party."""
        return self.acting(*[party.organisation_id for party in row.parties.all()])

    def url(self, row: Convention) -> str:
        """The convention's page."""
        return reverse("partnership:convention_detail", args=[row.pk])

    def data(self, row: Convention, base: date) -> dict[str, Any]:
        """Title, end, renewal, last day to give notice."""
        notice = dated(base - timedelta(days=row.notice_days)) if row.notice_days is not None else ""
        return {"title": in_languages(row, "title"), "ends_on": dated(base), "renewal": row.renewal, "notice_until": notice}


KINDS: Final[tuple[type[Reminder], ...]] = (
    CommitmentDueReminder,
    CommitmentOverdueReminder,
    CommitmentEscalatedReminder,
    DeclarationUnansweredReminder,
    DeclarationEscalatedReminder,
    ContestUndecidedReminder,
    ActionDueReminder,
    ActionOverdueReminder,
    ActionUnverifiedReminder,
    EvidenceExpiringReminder,
    ConventionEndingReminder,
)
MESSAGES: Final[tuple[type[Message], ...]] = tuple(kind.message for kind in KINDS)


# -- dates and instants ------------------------------------------------------------------------------------------------
def _span(field: str, low: date | None, high: date) -> dict[str, Any]:
    """The condition that a field lies between two Casablanca days, both included, whether it is a day or an instant."""
    if field.endswith("_at"):
        bounds: dict[str, Any] = {f"{field}__lt": clock.end_of(high)}
        return bounds | ({f"{field}__gte": clock.start_of(low)} if low is not None else {})
    bounds = {f"{field}__lte": high}
    return bounds | ({f"{field}__gte": low} if low is not None else {})


def _day(value: date | datetime) -> date:
    return clock.civil_date(value) if isinstance(value, datetime) else value
