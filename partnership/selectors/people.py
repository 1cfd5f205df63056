"""Who acts for an organisation, who works there, who administers it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Exists, Q

from accounts.models import User
from accounts.roles import MandateRole, StaffRole
from core import clock
from partnership.models import Mandate, Organisation

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import date
    from uuid import UUID

    from django.db.models import QuerySet

    from core.actors import Actor


def users_acting_for(organisation_id: UUID) -> QuerySet[User]:
    """Active accounts with an administrator's or member's mandate today; for the host, its convention managers. One query."""
    mandates = Mandate.objects.current().filter(
        organisation_id=organisation_id, role__in=[MandateRole.ADMINISTRATOR, MandateRole.MEMBER], person__user__isnull=False
    )
    is_host = Exists(Organisation.objects.filter(pk=organisation_id, is_host=True))
    managers = User.objects.filter(is_host, is_staff=True, groups__name=StaffRole.CONVENTION_MANAGER.value)
    users: QuerySet[User] = User.objects.filter(Q(pk__in=mandates.values("person__user_id")) | Q(pk__in=managers.values("pk")))
    return users.filter(is_active=True).order_by("full_name", "id")


def administrators_of(organisations: Iterable[UUID]) -> QuerySet[User]:
    """Active accounts with an administrator's mandate today in one of these organisations. One query."""
    mandates = Mandate.objects.current().filter(organisation_id__in=list(organisations), role=MandateRole.ADMINISTRATOR)
    users: QuerySet[User] = User.objects.filter(pk__in=mandates.values("person__user_id"), is_active=True)
    return users.order_by("full_name", "id")


def members_of(organisation: Organisation) -> QuerySet[Mandate]:
    """The mandates that hold today in an organisation, with their people and accounts: administrators first, then by name."""
    mandates: QuerySet[Mandate] = Mandate.objects.current().filter(organisation=organisation)
    return mandates.select_related("person__user", "organisation").order_by("role", "person__sort_key", "id")


def former_members_of(organisation: Organisation) -> QuerySet[Mandate]:
    """The mandates that have ended, the latest first."""
    return (
        Mandate.objects.filter(organisation=organisation, ends_on__lte=clock.today())
        .select_related("person__user", "organisation")
        .order_by("-ends_on", "person__sort_key", "id")
    )


def administrators_on(organisation_id: UUID, day: date) -> QuerySet[Mandate]:
    """The administrators with an active account whose mandate still holds on a day, whenever that day is."""
    return Mandate.objects.filter(
        Q(ends_on=None) | Q(ends_on__gt=day),
        organisation_id=organisation_id,
        role=MandateRole.ADMINISTRATOR,
        starts_on__lte=day,
        person__user__is_active=True,
    )


def is_last_administrator(mandate: Mandate) -> bool:
    """Whether no other administrator with an account would be left in the organisation: the pages warn before the service refuses."""
    today = clock.today()
    mine = administrators_on(mandate.organisation_id, today)
    return mine.filter(pk=mandate.pk).exists() and not mine.exclude(pk=mandate.pk).exists()


def people_seen_by(user: Actor) -> QuerySet[Mandate]:
    """The mandates that hold today in the organisations whose data `user` may see."""
    mandates: QuerySet[Mandate] = Mandate.objects.visible_to(user)
    return mandates.filter(pk__in=Mandate.objects.current().values("pk")).select_related("person", "organisation")
