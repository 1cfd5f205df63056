"""Who is told about an action: those who carry it, those who verify it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from accounts.models import User
from core.mail import notify
from partnership.notifications.ledger import ActionAssigned, ActionDone, ActionReturned, ActionVerified
from partnership.selectors.people import users_acting_for

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from core.actors import Actor
    from core.mail import Message
    from partnership.models import Action


def carriers(action: Action) -> QuerySet[User]:
    """The account of the person responsible; without one, the people who act for the owner organisation."""
    responsible = action.responsible
    if responsible is not None and responsible.user_id is not None:
        own: QuerySet[User] = User.objects.filter(pk=responsible.user_id, is_active=True)
        return own
    return users_acting_for(action.organisation_id)


def verifiers(action: Action) -> QuerySet[User]:
    """The people who act for the convention's parties other than the owner; ONMT's convention managers are among them."""
    people: QuerySet[User] = User.objects.none()
    for party in action.convention.parties.all():
        if party.organisation_id != action.organisation_id:
            people = people | users_acting_for(party.organisation_id)
    return people.exclude(pk=action.done_by_id) if action.done_by_id else people


def tell_assigned(action: Action, *, by: Actor) -> None:
    """To those who carry it: there is something to do by a date."""
    _tell(ActionAssigned(action, by=by, description=action.description), carriers(action), by=by)


def tell_done(action: Action, *, by: Actor) -> None:
    """To those who verify."""
    _tell(ActionDone(action, by=by, outcome=action.outcome), verifiers(action), by=by)


def tell_returned(action: Action, *, by: Actor, reason: str) -> None:
    """To those who carry it and to whoever did it, at once."""
    _tell(ActionReturned(action, by=by, reason=reason), _carriers_and_doer(action), by=by)


def tell_verified(action: Action, *, by: Actor, note: str) -> None:
    """To those who carry it and to whoever did it."""
    _tell(ActionVerified(action, by=by, note=note), _carriers_and_doer(action), by=by)


def _carriers_and_doer(action: Action) -> QuerySet[User]:
    doer: QuerySet[User] = User.objects.filter(pk__in=[action.done_by_id] if action.done_by_id else [], is_active=True)
    return carriers(action) | doer


def _tell(message: Message, people: QuerySet[User], *, by: Actor) -> None:
    others = people.exclude(pk=by.pk) if isinstance(by, User) else people
    notify(message, to=others.distinct())
