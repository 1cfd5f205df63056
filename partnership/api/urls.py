"""The resources by name: one table, from which the addresses and the tests of rights are made."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from partnership.api.actions import ActionViewSet
from partnership.api.commitments import CommitmentViewSet
from partnership.api.conventions import AxisViewSet, ConventionViewSet
from partnership.api.documents import DocumentViewSet
from partnership.api.organisations import OrganisationViewSet
from partnership.api.regions import RegionViewSet

if TYPE_CHECKING:
    from rest_framework.routers import SimpleRouter

    from core.api.views import ResourceViewSet

RESOURCES: Final[dict[str, type[ResourceViewSet]]] = {
    "regions": RegionViewSet,
    "organisations": OrganisationViewSet,
    "conventions": ConventionViewSet,
    "axes": AxisViewSet,
    "commitments": CommitmentViewSet,
    "actions": ActionViewSet,
    "documents": DocumentViewSet,
}


def register(router: SimpleRouter) -> None:
    """Put the resources on the API's router."""
    for name, view in RESOURCES.items():
        router.register(name, view, basename=name)
