"""What the parties and the owners of actions are told."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core.mail import Message
from partnership.notifications.languages import dated, in_languages, organisation_names

if TYPE_CHECKING:
    from core.actors import Actor
    from partnership.models import Action, Commitment


class CommitmentMessage(Message):
    """About a commitment: its reference, title, parties and date, and what the act adds."""

    def __init__(self, commitment: Commitment, *, by: Actor, **more: Any) -> None:
        data = {
            "reference": commitment.reference,
            "title": in_languages(commitment, "title"),
            "obligor": organisation_names(commitment.obligor.organisation),
            "beneficiary": organisation_names(commitment.beneficiary.organisation),
            "due_on": dated(commitment.due_on),
            "actor": str(by),
        }
        super().__init__(about=commitment, url=reverse("partnership:commitment_detail", args=[commitment.pk]), data=data | more)


class CommitmentDeclared(CommitmentMessage):
    """To the beneficiary's people: a delivery awaits their answer."""

    kind = "commitment_declared"
    label = _("A delivery is declared: my organisation confirms or contests it")
    template = "partnership/emails/commitment_declared"
    urgent = True
    compulsory = True


class CommitmentContested(CommitmentMessage):
    """To the obligor's people."""

    kind = "commitment_contested"
    label = _("A delivery of my organisation is contested")
    template = "partnership/emails/commitment_contested"
    urgent = True
    compulsory = True


class CommitmentConfirmed(CommitmentMessage):
    """To the obligor's people."""

    kind = "commitment_confirmed"
    label = _("A delivery of my organisation is confirmed")
    template = "partnership/emails/commitment_confirmed"


class CommitmentWithdrawn(CommitmentMessage):
    """To the beneficiary's people: there is nothing to answer any more."""

    kind = "commitment_withdrawn"
    label = _("A declaration addressed to my organisation is withdrawn")
    template = "partnership/emails/commitment_withdrawn"


class CommitmentArbitrated(CommitmentMessage):
    """To the people of both parties."""

    kind = "commitment_arbitrated"
    label = _("A contest of my organisation is decided")
    template = "partnership/emails/commitment_arbitrated"


class CommitmentCancelled(CommitmentMessage):
    """To the people of both parties."""

    kind = "commitment_cancelled"
    label = _("A commitment of my organisation is cancelled")
    template = "partnership/emails/commitment_cancelled"


class ActionMessage(Message):
    """About an action: its title, owner, date, and what the act adds."""

    def __init__(self, action: Action, *, by: Actor, **more: Any) -> None:
        data = {
            "title": action.title,
            "organisation": organisation_names(action.organisation),
            "due_on": dated(action.due_on),
            "actor": str(by),
        }
        super().__init__(about=action, url=reverse("partnership:action_detail", args=[action.pk]), data=data | more)


class ActionAssigned(ActionMessage):
    """To whoever carries it."""

    kind = "action_assigned"
    label = _("An action is given to me or to my organisation")
    template = "partnership/emails/action_assigned"


class ActionDone(ActionMessage):
    """To those who verify."""

    kind = "action_done"
    label = _("An action awaits verification")
    template = "partnership/emails/action_done"


class ActionReturned(ActionMessage):
    """To whoever carries it: there is something left to do."""

    kind = "action_returned"
    label = _("An action of mine is returned")
    template = "partnership/emails/action_returned"
    urgent = True
    compulsory = True


class ActionVerified(ActionMessage):
    """To whoever carried it."""

    kind = "action_verified"
    label = _("An action of mine is verified")
    template = "partnership/emails/action_verified"


MESSAGES: tuple[type[Message], ...] = (
    CommitmentDeclared,
    CommitmentContested,
    CommitmentConfirmed,
    CommitmentWithdrawn,
    CommitmentArbitrated,
    CommitmentCancelled,
    ActionAssigned,
    ActionDone,
    ActionReturned,
    ActionVerified,
)
