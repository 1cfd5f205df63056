"""Loading the demonstration, through the services and by the people entitled, in one transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db import transaction

from core.actors import SYSTEM
from core.errors import Forbidden
from core.mail import cancel
from partnership.choices import ActionStatus, CommitmentStatus
from partnership.demo.convention import load_convention
from partnership.demo.operators import load_invitations, load_licence, load_operators
from partnership.demo.others import load_other_conventions
from partnership.demo.people import Cast, load_people, load_staff
from partnership.models import Action, Affiliation, Commitment, Convention, Organisation
from partnership.selectors.reference import reference_organisations
from partnership.services.commitments import open_due_occurrences
from partnership.services.reference import load_reference

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import Model

# Told long ago in the story: nobody is to be told today.
AWAITED_COMMITMENTS = (CommitmentStatus.DECLARED, CommitmentStatus.CONTESTED)
AWAITED_ACTIONS = (ActionStatus.TODO, ActionStatus.DONE, ActionStatus.RETURNED)


def load_demonstration() -> Cast:
    """Load what is missing and keep what people changed: accounts by address, operators by ICE, conventions by reference.

    Refuses in production.
    """
    if settings.PRODUCTION:
        raise Forbidden("The demonstration is never loaded in production.")
    with transaction.atomic():
        first = not Convention.objects.filter(reference="ONMT-CNT-2022").exists()
        load_reference(by=SYSTEM)
        cast = Cast()
        load_staff(cast)
        cast.organisations = reference_organisations()
        load_operators(cast)
        load_people(cast)
        load_invitations(cast)
        load_licence(cast)
        load_convention(cast)
        load_other_conventions(cast)
        if first:
            open_due_occurrences(by=SYSTEM)
            _forget_old_news()
    return cast


def _forget_old_news() -> None:
    """Withdraw the messages about what the story has settled, so that the first mails are about what is awaited now."""
    _cancel(Commitment.objects.exclude(status__in=AWAITED_COMMITMENTS))
    _cancel(Action.objects.exclude(status__in=AWAITED_ACTIONS))
    _cancel(Organisation.objects.filter(is_demo=True))
    _cancel(Affiliation.objects.all())


def _cancel(rows: Iterable[Model]) -> None:
    for row in rows:
        cancel(row, cause="Donnée de démonstration : réglé dans le récit")
