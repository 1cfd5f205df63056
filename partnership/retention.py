"""How long the partnership keeps what it holds about people who no longer take part in it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from django.db.models import DateTimeField, Exists, F, Max, OuterRef, Q
from django.db.models.functions import Cast, Coalesce
from django.utils.translation import gettext_lazy as _

from core import clock
from core.actors import SYSTEM
from core.privacy.erase import DOMAIN
from core.privacy.retention import ANONYMISE, Rule, one_by_one
from partnership.models import Invitation, Mandate, Person
from partnership.services.erasure import erase_invitation, erase_person

if TYPE_CHECKING:
    from django.db.models import QuerySet


class Invitations(Rule):
    """Invitations that nobody answered: the address of somebody who did not come."""

    slug = "invitations"
    title = _("Invitations without an answer")
    age = timedelta(days=90)
    since = "expires_at"
    act = ANONYMISE

    def rows(self) -> QuerySet[Any]:
        """Never accepted, still with their address."""
        return Invitation.objects.filter(accepted_at=None).exclude(email__endswith=f"@{DOMAIN}")

    def apply(self, keys: list[Any]) -> int:
        """The name and the address leave the invitation and its trail; that one was sent stays."""
        return one_by_one(keys, lambda key: erase_invitation(invitation=key, by=SYSTEM))


class People(Rule):
    """People whose last mandate ended five years ago, or who were registered then and never had one."""

    slug = "people"
    title = _("People without a mandate")
    age = timedelta(days=5 * 365)
    since = "last_day"
    act = ANONYMISE

    def rows(self) -> QuerySet[Any]:
        """Without an open account nor a mandate that runs; the demonstration's own people are left alone."""
        running = Mandate.objects.filter(Q(ends_on=None) | Q(ends_on__gt=clock.today()), person=OuterRef("pk"))
        return (
            Person.objects.filter(~Exists(running), Q(user=None) | Q(user__is_active=False), erased_at=None, is_demo=False)
            .annotate(last_end=Max("mandates__ends_on"))
            .annotate(last_day=Coalesce(Cast("last_end", DateTimeField()), F("created_at")))
        )

    def apply(self, keys: list[Any]) -> int:
        """Erase each as an accounts manager would."""
        return one_by_one(keys, lambda key: erase_person(person=key, reason="Kept long enough", by=SYSTEM))


RULES: Final = (Invitations(), People())
