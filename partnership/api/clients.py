"""Whose program a partner's OAuth2 client is."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from django.db.models import Q

from core import clock
from core.wall import elevated
from partnership.choices import OrganisationStatus
from partnership.models import ApiClient

# The instant of last use is kept to the minute: a write at every request would cost more than the request.
USE_GRAIN: Final = timedelta(minutes=1)


@elevated("a partner's program is known by its token, before anything is known of it")
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
