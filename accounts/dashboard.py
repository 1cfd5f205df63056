"""What the front door expects of the staff: requests about personal data that await an answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.roles import protects
from core import clock
from core.models import PrivacyRequest
from core.tiles import Line, Tile

if TYPE_CHECKING:
    from accounts.models import User

SHOWN = 6


def tiles(user: User) -> list[Tile]:
    """The requests to answer, for those who answer; nothing, and no query, for anybody else."""
    if not protects(user):
        return []
    rows = list(PrivacyRequest.objects.open().exclude(user=user).select_related("user").order_by("due_on", "id"))
    lines = [
        Line(
            title=str(row.get_kind_display()),
            url=reverse("admin:core_privacyrequest_change", args=[row.pk]),
            detail=str(row.user),
            until=row.due_on,
            late=max((clock.today() - row.due_on).days, 0),
            act=_("Answer"),
        )
        for row in rows[:SHOWN]
    ]
    more = f"{reverse('admin:core_privacyrequest_changelist')}?status__exact=requested"
    title = _("Requests about personal data")
    return [Tile(slug="privacy", title=title, icon="shield-check", lines=lines, total=len(rows), urgent=True, more_url=more)]
