"""A row's version as an entity tag: the instant of its last change, so that If-Match becomes the `version` of a service."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _

from core.api.errors import ApiError, StaleVersionError

if TYPE_CHECKING:
    from rest_framework.request import Request

EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
TAG: Final = re.compile(r'"[0-9a-f]{1,16}"', re.ASCII)


def tag_of(updated_at: datetime) -> str:
    """The tag of a row last changed at this instant, exact to the microsecond."""
    return f'"{(updated_at - EPOCH) // timedelta(microseconds=1):x}"'


def expected_version(request: Request, updated_at: datetime) -> datetime | None:
    """What to hand to the service as `version`: None without If-Match (or with `*`).

    Refuses a tag that is not ours (400) and one that is not the row's (412, with the current tag). The service compares
    again under its lock, so that nothing can slip in between.
    """
    header = request.headers.get("If-Match")
    if header is None or header.strip() == "*":
        return None
    tags = [tag.strip() for tag in header.split(",")]
    if len(header) > 500 or not all(TAG.fullmatch(tag) for tag in tags):
        raise ApiError(400, "bad_if_match", _("If-Match must hold the ETag of an earlier answer."), field="If-Match")
    current = tag_of(updated_at)
    if current not in tags:
        raise StaleVersionError(current)
    return updated_at
