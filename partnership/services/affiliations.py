"""Every write of an affiliation: an organisation joins a body, is suspended, comes back, leaves. Each status is a dated row.

A change closes the running row on a day and opens the next one on that same day, so that periods touch and never overlap.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.db.models import Q
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from core import clock
from core.audit import act
from core.errors import Conflict, Invalid
from core.events import announce
from core.mail import notify
from core.rights import require
from core.states import check_transition, lock, write
from core.validation import check_day, check_fields, check_note, check_reason
from partnership import events
from partnership.choices import AFFILIATION_TRANSITIONS, AffiliationStatus, OrganisationStatus
from partnership.models import Affiliation, Organisation
from partnership.notifications.languages import dated, labelled, organisation_names
from partnership.notifications.organisations import AffiliationMoved
from partnership.permissions.organisations import (
    BODY_KINDS,
    can_affiliate_organisation,
    can_resume_affiliation,
    can_suspend_affiliation,
    can_withdraw_affiliation,
)
from partnership.selectors.people import administrators_of

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date
    from uuid import UUID

    from core.actors import Actor

RUNNING: Final = Q(ends_on=None)


def affiliate(
    *, organisation: UUID, body: UUID, by: Actor, starts_on: date | None = None, reason: str = "", source: str = ""
) -> Affiliation:
    """The organisation is an active member of the body from a day on (today by default). One that had withdrawn joins anew.

    Refuses: a body that has no members, itself, a body that is its own member, a closed organisation, a running membership, a future day.
    """
    day = check_day(starts_on or clock.today(), field="starts_on", past=True)
    reason = check_note(reason, field="reason")
    with act(by=by, reason=reason):
        # The member's row first: two requests for one membership wait for each other.
        member: Organisation = lock(Organisation.objects.visible_to(by), organisation)
        host: Organisation = Organisation.objects.visible_to(by).get(pk=body)
        require(can_affiliate_organisation(by, host))
        _check_pair(member, host)
        rows = Affiliation.objects.filter(organisation=member, body=host)
        last: Affiliation | None = rows.filter(RUNNING).first()
        if last is not None and last.status != AffiliationStatus.WITHDRAWN:
            raise Conflict(_("It is already a member of this body."), code="already_member")
        if last is not None:
            _close(last, on=day)
        if rows.filter(ends_on__gt=day).exists():
            raise Invalid(_("It was a member of this body on that day: choose a later one."), code="overlap", field="starts_on")
        opened = _open(member, host, status=AffiliationStatus.ACTIVE, on=day, reason=reason, source=source)
        announce(events.AFFILIATION_OPENED, about=opened, organisations=[member.pk, host.pk])
    return opened


def suspend_affiliation(*, affiliation: UUID, reason: str, by: Actor, starts_on: date | None = None, source: str = "") -> Affiliation:
    """The membership is suspended from a day on; gives the new row. The body, the member itself, or a convention manager, with a reason."""
    return _move(
        affiliation,
        to=AffiliationStatus.SUSPENDED,
        by=by,
        can=can_suspend_affiliation,
        reason=check_reason(reason),
        on=starts_on,
        source=source,
    )


def resume_affiliation(*, affiliation: UUID, by: Actor, starts_on: date | None = None, reason: str = "", source: str = "") -> Affiliation:
    """A suspended membership is active again from a day on; gives the new row. The body or a convention manager."""
    note = check_note(reason, field="reason")
    return _move(affiliation, to=AffiliationStatus.ACTIVE, by=by, can=can_resume_affiliation, reason=note, on=starts_on, source=source)


def withdraw_affiliation(*, affiliation: UUID, reason: str, by: Actor, starts_on: date | None = None, source: str = "") -> Affiliation:
    """The member has left from a day on; gives the new row. The body, the member itself, or a convention manager, with a reason."""
    return _move(
        affiliation,
        to=AffiliationStatus.WITHDRAWN,
        by=by,
        can=can_withdraw_affiliation,
        reason=check_reason(reason),
        on=starts_on,
        source=source,
    )


def _move(
    affiliation: UUID,
    *,
    to: str,
    by: Actor,
    can: Callable[[Actor, Affiliation], bool],
    reason: str,
    on: date | None,
    source: str,
) -> Affiliation:
    day = check_day(on or clock.today(), field="starts_on", past=True)
    with act(by=by, reason=reason):
        held: Affiliation = lock(Affiliation.objects.visible_to(by), affiliation)
        require(can(by, held))
        if held.ends_on is not None:
            raise Conflict(_("This period is over: the membership has another state now."), code="period_over")
        check_transition(AFFILIATION_TRANSITIONS, current=held.status, to=to)
        _close(held, on=day)
        opened = _open(held.organisation, held.body, status=to, on=day, reason=reason, source=source)
        announce(events.AFFILIATION_MOVED, about=opened, organisations=[held.organisation_id, held.body_id], to=str(to))
        _tell_moved(opened, by=by)
    return opened


def _tell_moved(affiliation: Affiliation, *, by: Actor) -> None:
    message = AffiliationMoved(
        about=affiliation,
        url=reverse("partnership:organisation_mine"),
        data={
            "organisation": organisation_names(affiliation.organisation),
            "body": organisation_names(affiliation.body),
            "state": labelled(AffiliationStatus(affiliation.status).label),
            "since": dated(affiliation.starts_on),
            "reason": affiliation.reason,
        },
    )
    sides = [affiliation.organisation_id, affiliation.body_id]
    notify(message, to=administrators_of(sides).exclude(pk=by.pk))


def _close(running: Affiliation, *, on: date) -> None:
    if on <= running.starts_on:
        raise Invalid(_("The present state began on that day or later: choose a later day."), code="before_start", field="starts_on")
    write(running, ends_on=on)


def _open(member: Organisation, host: Organisation, *, status: str, on: date, reason: str, source: str) -> Affiliation:
    row = Affiliation(organisation=member, body=host, status=status, starts_on=on, reason=reason, source=source.strip())
    check_fields(row, {"status", "reason", "source"})
    row.save(force_insert=True)
    return row


def _check_pair(member: Organisation, host: Organisation) -> None:
    if host.kind not in BODY_KINDS:
        raise Invalid(_("Choose a federation, a council or the confederation."), code="not_a_body", field="body")
    if member.pk == host.pk:
        raise Invalid(_("An organisation is not a member of itself."), code="itself", field="body")
    if OrganisationStatus.CLOSED in {member.status, host.status}:
        raise Conflict(_("This organisation is closed."), code="organisation_closed")
    if Affiliation.objects.current().filter(organisation=host, body=member).exclude(status=AffiliationStatus.WITHDRAWN).exists():
        raise Invalid(_("This body is itself a member of the organisation."), code="reversed", field="body")
