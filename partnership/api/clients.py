"""Whose program a partner's OAuth2 client is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import cache
from typing import TYPE_CHECKING, Final

from django.db.models import Q

from core import clock
from core.prepared import Question, question
from core.wall import elevated
from partnership.choices import OrganisationStatus
from partnership.models import ApiClient

if TYPE_CHECKING:
    from uuid import UUID

# The instant of last use is kept to the minute: a write at every request would cost more than the request.
USE_GRAIN: Final = timedelta(minutes=1)


# They hold the places of the client and of the day in the compiled question.
_SOME_CLIENT: Final = "\ue000 some client"
_SOME_DAY: Final = date(1, 3, 1)


@dataclass(frozen=True, slots=True)
class Access:
    """What a request needs of an access."""

    pk: UUID
    organisation_id: UUID
    label: str


@cache
def _access_question() -> Question:
    rows = ApiClient.objects.filter(client_id=_SOME_CLIENT, revoked_at=None, expires_on__gte=_SOME_DAY)
    rows = rows.exclude(organisation__status__in=[OrganisationStatus.SUSPENDED, OrganisationStatus.CLOSED])
    return question(rows.values("id", "organisation_id", "label", "last_used_at"), client=_SOME_CLIENT, day=_SOME_DAY)


@elevated("a partner's program is known by its token, before anything is known of it")
def resolve(client_id: str) -> Access | None:
    """The access behind an OAuth2 client: None when it is unknown, revoked, past its date, or its organisation is suspended or closed."""
    found = _access_question().ask(client=client_id, day=clock.today())
    if not found:
        return None
    row = found[0]
    if row["last_used_at"] is None or row["last_used_at"] < clock.now() - USE_GRAIN:
        stale = Q(last_used_at=None) | Q(last_used_at=row["last_used_at"])
        ApiClient.objects.filter(stale, pk=row["id"]).update(last_used_at=clock.now())
    return Access(row["id"], row["organisation_id"], row["label"])
