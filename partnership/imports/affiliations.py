"""The memberships of federations, councils and the confederation: who joins, is suspended, comes back, leaves."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Final

from django.utils.translation import gettext_lazy as _

from core import clock
from core.errors import Invalid
from core.events import announce
from core.imports.columns import ChoiceCell, DayCell, FieldCell, ImportColumn, ReferenceCell
from core.imports.content import ServiceImport, Touched
from core.imports.export import ListExport
from core.mail import cancel
from partnership import events
from partnership.choices import AffiliationStatus
from partnership.imports.references import find_organisation, name_in_database, organisation_name
from partnership.models import Affiliation, Organisation
from partnership.permissions.organisations import BODY_KINDS, can_affiliate_organisation
from partnership.querysets import organisations_of, sees_everything
from partnership.services import affiliations

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from uuid import UUID

    from django.db.models import QuerySet

    from core.actors import Actor

MOVES: Final[Mapping[str, Callable[..., Affiliation]]] = {
    AffiliationStatus.SUSPENDED: affiliations.suspend_affiliation,
    AffiliationStatus.WITHDRAWN: affiliations.withdraw_affiliation,
    AffiliationStatus.ACTIVE: affiliations.resume_affiliation,
}


def _field(name: str) -> Any:
    return Affiliation._meta.get_field(name)


class AffiliationImport(ServiceImport):
    """A row is the running membership of a member in a body. Another state opens a new period, as one by one in the pages."""

    kind = "affiliations"
    title = _("Memberships")
    description = _("Bring the members of a federation, a council or the confederation: who joins, is suspended, comes back or leaves.")
    model: ClassVar[Any] = Affiliation
    ordering = ("body__sort_key", "organisation__sort_key", "id")

    def columns(self, by: Actor) -> tuple[ImportColumn, ...]:
        """Who, of what, in what state, since when."""
        member = ReferenceCell(find_organisation(by), organisation_name)
        body = ReferenceCell(find_organisation(by), organisation_name)
        return (
            ImportColumn(
                "organisation",
                _("member"),
                member,
                required=True,
                source=name_in_database("organisation"),
                width=48,
                help=_("Its ICE, its identifier, its acronym or its name"),
            ),
            ImportColumn(
                "body",
                _("federation or council"),
                body,
                required=True,
                source=name_in_database("body"),
                width=48,
                help=_("Its ICE, its identifier, its acronym or its name"),
            ),
            ImportColumn("status", _field("status").verbose_name, ChoiceCell(AffiliationStatus.choices), required=True),
            ImportColumn("starts_on", _("from"), DayCell(past=True), help=_("The day of the new state; today where it is empty")),
            ImportColumn("reason", _("reason"), FieldCell(_field("reason")), width=40, help=_("Compulsory to suspend or to leave")),
            ImportColumn("source", _("source"), FieldCell(_field("source")), width=40),
        )

    def may_import(self, user: Actor) -> bool:
        """Staff who run operations; administrators of a body, for its own members."""
        if sees_everything(user):
            return can_affiliate_organisation(user, Organisation())
        own = Organisation.objects.filter(pk__in=organisations_of(user), kind__in=BODY_KINDS)
        return any(can_affiliate_organisation(user, body) for body in own)

    def rows(self, user: Actor, filters: Mapping[str, Any] | None = None) -> QuerySet[Affiliation]:
        """The memberships that run, of those `user` sees."""
        rows: QuerySet[Affiliation] = Affiliation.objects.visible_to(user).filter(affiliations.RUNNING)
        return rows.select_related("organisation", "body").order_by("body__sort_key", "organisation__sort_key", "id")

    def find(self, values: Mapping[str, Any], *, by: Actor) -> Affiliation | None:
        """The running period of these two."""
        return self.rows(by).filter(organisation=values["organisation"], body=values["body"]).first()

    def differing(self, found: Any, values: Mapping[str, Any]) -> dict[str, tuple[Any, Any]]:
        """Its state. What describes the running period does not change by itself: it would rewrite its history."""
        if found.status != values["status"]:
            return {"status": (found.status, values["status"])}
        for name in ("starts_on", "reason", "source"):
            if values.get(name) not in (None, "", getattr(found, name)):
                raise Invalid(
                    _("The membership already has this state: what describes its period does not change here."),
                    code="same_state",
                    field=name,
                )
        return {}

    def create(self, values: Mapping[str, Any], *, by: Actor) -> Sequence[Touched]:
        """A new member. Somebody else's right, a closed organisation, a membership of that day: refused by the service."""
        if values["status"] != AffiliationStatus.ACTIVE:
            raise Invalid(_("It is not a member of this body yet: a new membership is active."), code="not_a_member", field="status")
        opened = self._affiliate(values, by=by)
        return [Touched(opened.pk, True, opened.updated_at)]

    def update(self, found: Any, changes: Mapping[str, Any], values: Mapping[str, Any], *, by: Actor) -> Sequence[Touched]:
        """The running period ends on the day, the next one begins."""
        to = changes["status"]
        if found.status == AffiliationStatus.WITHDRAWN and to == AffiliationStatus.ACTIVE:
            opened = self._affiliate(values, by=by)
        else:
            opened = MOVES[to](
                affiliation=found.pk,
                by=by,
                starts_on=self._day(found, values),
                reason=values.get("reason") or "",
                source=values.get("source") or "",
            )
        found.refresh_from_db(fields=["updated_at"])
        return [Touched(found.pk, False, found.updated_at, {"ends_on": None}), Touched(opened.pk, True, opened.updated_at)]

    def _affiliate(self, values: Mapping[str, Any], *, by: Actor) -> Affiliation:
        return affiliations.affiliate(
            organisation=values["organisation"].pk, body=values["body"].pk, by=by, starts_on=values.get("starts_on"),
            reason=values.get("reason") or "", source=values.get("source") or "",
        )  # fmt: skip

    def _day(self, found: Affiliation, values: Mapping[str, Any]) -> Any:
        """The day given; in an export whose state alone was changed, the day is still the old period's: today is meant."""
        day = values.get("starts_on")
        return clock.today() if day == found.starts_on else day

    def undone(self, *, created: Sequence[UUID], updated: Sequence[UUID], by: Actor) -> None:
        """What was told is withdrawn; the periods that run again are announced."""
        for row in Affiliation.objects.filter(pk__in=created):
            cancel(row)
        for row in Affiliation.objects.filter(pk__in=updated):
            announce(events.AFFILIATION_MOVED, about=row, organisations=[row.organisation_id, row.body_id], to=row.status)


class AffiliationExport(ListExport):
    """The running memberships, as their import takes them back."""

    kind = "affiliations"
    title = _("Memberships")
    description = _("The memberships you may see, as a table that can be corrected and imported again.")
    importer = AffiliationImport()
