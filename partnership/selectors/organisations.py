"""Organisations read together with what surrounds them: establishments of one enterprise, memberships, what a profile lacks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db.models import Q

from core import clock
from core.ice import ENTERPRISE_DIGITS
from partnership.choices import AffiliationStatus
from partnership.models import Affiliation, Invitation, Organisation

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from core.actors import Actor

# What a complete profile holds, in the order in which the page asks for it.
PROFILE = ("name_ar", "activities", "ice", "size", "region", "destination", "email", "phone", "website", "address", "licence_number")


def establishments_of(organisation: Organisation, *, user: Actor) -> QuerySet[Organisation]:
    """The other establishments of the same enterprise (the first 9 digits of the ICE) that `user` may see. One query."""
    visible: QuerySet[Organisation] = Organisation.objects.visible_to(user)
    if not organisation.ice:
        return visible.none()
    return visible.filter(ice__startswith=organisation.ice[:ENTERPRISE_DIGITS]).exclude(pk=organisation.pk).select_related("region")


def memberships_of(organisation: Organisation) -> QuerySet[Affiliation]:
    """Every period of every membership of an organisation, the latest first. One query."""
    return Affiliation.objects.filter(organisation=organisation).select_related("body", "organisation").order_by("-starts_on", "id")


def members_of_body(body: Organisation, *, user: Actor) -> QuerySet[Affiliation]:
    """The running memberships in a body, in the order of the members' names, those who left excepted. One query."""
    rows: QuerySet[Affiliation] = Affiliation.objects.visible_to(user)
    return (
        rows.filter(body=body, starts_on__lte=clock.today())
        .filter(Q(ends_on=None) | Q(ends_on__gt=clock.today()))
        .exclude(status=AffiliationStatus.WITHDRAWN)
        .select_related("organisation__region", "body")
        .order_by("organisation__sort_key", "id")
    )


def invitations_of(organisation: Organisation) -> QuerySet[Invitation]:
    """The invitations that nobody has accepted or withdrawn, expired ones included (they can be renewed), the latest first."""
    return (
        Invitation.objects.filter(organisation=organisation, accepted_at=None, revoked_at=None)
        .select_related("invited_by", "organisation")
        .order_by("-created_at")
    )


def missing_in_profile(organisation: Organisation) -> list[str]:
    """The names of the profile's fields that are still empty."""
    return [name for name in PROFILE if not getattr(organisation, f"{name}_id" if name in {"region", "destination"} else name)]


def completeness(organisation: Organisation) -> int:
    """How complete the profile is, in per cent."""
    return round(100 * (len(PROFILE) - len(missing_in_profile(organisation))) / len(PROFILE))
