"""Organisations read together with what surrounds them: establishments of one enterprise, memberships, what a profile lacks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from core.ice import ENTERPRISE_DIGITS
from partnership.choices import AffiliationStatus, OrganisationKind
from partnership.models import Affiliation, Invitation, Organisation

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from core.actors import Actor

# What a complete profile holds, in the order in which the page asks for it.
CONTACTS: Final = ("name_ar", "region", "email", "phone", "website", "address")
BUSINESS: Final = ("name_ar", "activities", "ice", "size", "region", "destination", *CONTACTS[2:], "licence_number")
# Those that sell something have an activity, a size and a licence; public bodies, councils and federations have none.
BUSINESSES: Final = frozenset({OrganisationKind.OPERATOR, OrganisationKind.CARRIER, OrganisationKind.DISTRIBUTOR})


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
    rows: QuerySet[Affiliation] = Affiliation.objects.visible_to(user).current()
    return (
        rows.filter(body=body)
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


def _profile(organisation: Organisation) -> tuple[str, ...]:
    return BUSINESS if organisation.kind in BUSINESSES else CONTACTS


def missing_in_profile(organisation: Organisation) -> list[str]:
    """The names of the profile's fields that are still empty, among those that an organisation of its kind has."""
    columns = {"region": "region_id", "destination": "destination_id"}
    return [name for name in _profile(organisation) if not getattr(organisation, columns.get(name, name))]


def completeness(organisation: Organisation) -> int:
    """How complete the profile is, in per cent."""
    expected = len(_profile(organisation))
    return round(100 * (expected - len(missing_in_profile(organisation))) / expected)
