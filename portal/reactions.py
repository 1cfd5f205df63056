"""What one part of the portal does when another announces something: one table, event → services."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from partnership import events
from portal.public import forget_figures

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from core.models import Event

PUBLISHED: Final = (
    events.CONVENTION_UPDATED,
    events.CONVENTION_MOVED,
    events.COMMITMENT_CREATED,
    events.COMMITMENT_UPDATED,
    events.COMMITMENT_STARTED,
    events.COMMITMENT_DECLARED,
    events.COMMITMENT_WITHDRAWN,
    events.COMMITMENT_CONFIRMED,
    events.COMMITMENT_CONTESTED,
    events.COMMITMENT_ARBITRATED,
    events.COMMITMENT_CANCELLED,
    events.ACTION_OPENED,
    events.ACTION_UPDATED,
    events.ACTION_DONE,
    events.ACTION_VERIFIED,
    events.ACTION_RETURNED,
    events.ACTION_REOPENED,
    events.ACTION_CANCELLED,
)

REACTIONS: Final[Mapping[str, Sequence[Callable[[Event], object]]]] = dict.fromkeys(PUBLISHED, (forget_figures,))
