"""Whose program a partner's OAuth2 client is, and what it may ask for."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Final

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from core import clock
from partnership.choices import OrganisationStatus
from partnership.models import ApiClient

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.utils.functional import _StrOrPromise

SCOPES: Final[Mapping[str, _StrOrPromise]] = {
    "conventions:read": _("Read the conventions of the organisation, with their axes"),
    "organisations:read": _("Read the organisations it works with"),
    "commitments:read": _("Read the commitments and their evidence"),
    "commitments:write": _("Declare, confirm, contest, withdraw; add evidence"),
    "actions:read": _("Read the actions and their evidence"),
    "actions:write": _("Move the organisation's actions; add evidence"),
    "documents:read": _("Read and download the documents"),
    "documents:write": _("Add documents and versions"),
}
# The instant of last use is kept to the minute: a write at every request would cost more than the request.
USE_GRAIN: Final = timedelta(minutes=1)


def resolve(client_id: str) -> ApiClient | None:
    """The access behind an OAuth2 client: None when it is unknown, revoked, past its date, or its organisation is suspended or closed."""
    access = (
        ApiClient.objects.filter(client_id=client_id, revoked_at=None, expires_on__gte=clock.today())
        .exclude(organisation__status__in=[OrganisationStatus.SUSPENDED, OrganisationStatus.CLOSED])
        .first()
    )
    if access is not None and (access.last_used_at is None or access.last_used_at < clock.now() - USE_GRAIN):
        stale = Q(last_used_at=None) | Q(last_used_at=access.last_used_at)
        ApiClient.objects.filter(stale, pk=access.pk).update(last_used_at=clock.now())
    return access
