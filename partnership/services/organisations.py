"""Every write of an organisation: its registration, its profile, its states."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext_lazy

from core import clock
from core.audit import act
from core.errors import Conflict, Invalid
from core.events import announce
from core.ice import check_ice
from core.mail import notify
from core.rights import require
from core.states import check_transition, check_version, lock, write
from core.validation import check_fields, check_known, check_note, check_reason, check_text
from partnership import events
from partnership.choices import (
    ORGANISATION_TRANSITIONS,
    ConventionStatus,
    OrganisationStatus,
)
from partnership.models import Action, ApiClient, Destination, Invitation, Mandate, Organisation, Party, Region
from partnership.notifications.languages import labelled, organisation_names
from partnership.notifications.organisations import OrganisationMoved
from partnership.permissions.organisations import (
    can_admit_organisation,
    can_close_organisation,
    can_register_organisation,
    can_reinstate_organisation,
    can_suspend_organisation,
    can_update_organisation,
    can_update_organisation_registry,
    can_vouch_organisation,
)
from partnership.selectors.people import users_acting_for

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from core.actors import Actor

# What an organisation's administrator keeps up to date; its ICE too, as long as it is empty.
PROFILE_FIELDS: Final = frozenset(
    {"name_fr", "name_ar", "acronym", "activities", "licence_kind", "licence_number", "size", "region", "destination", "email", "phone",
     "website", "address"}
)  # fmt: skip
OVER: Final = frozenset({ConventionStatus.EXPIRED, ConventionStatus.DENOUNCED, ConventionStatus.CLOSED})
# What identifies it: staff only.
REGISTRY_FIELDS: Final = PROFILE_FIELDS | {"kind", "ice", "source"}


# -- registration and profile ------------------------------------------------------------------------------------------
def register_organisation(
    *, kind: str, name_fr: str, by: Actor, details: Mapping[str, Any] | None = None, is_prospective: bool = False, is_demo: bool = False
) -> Organisation:
    """Create an organisation, registered unless only prospective. `details`: other fields of `REGISTRY_FIELDS`; places by row or id.

    Refuses: who may not, an unknown field, a wrong or known ICE, a destination outside the region.
    """
    require(can_register_organisation(by))
    fields = dict(details or {})
    check_known(fields, REGISTRY_FIELDS - {"kind", "name_fr"})
    with act(by=by):
        organisation = Organisation(
            kind=kind,
            name_fr=check_text(name_fr, field="name_fr", maximum=200),
            status=OrganisationStatus.PROSPECTIVE if is_prospective else OrganisationStatus.REGISTERED,
            is_demo=is_demo,
        )
        for name, value in _cleaned(fields).items():
            setattr(organisation, name, value)
        _check(organisation, REGISTRY_FIELDS)
        _once(organisation, lambda: organisation.save(force_insert=True))
        announce(events.ORGANISATION_REGISTERED, about=organisation, organisations=[organisation.pk])
    return organisation


def update_organisation(
    *, organisation: UUID, by: Actor, changes: Mapping[str, Any], reason: str = "", version: datetime | None = None
) -> Organisation:
    """Change the fields named: the profile by its administrators, also kind, ICE and source by staff.

    Refuses: an unknown or forbidden field, a wrong or known ICE, an ICE already set (staff only), an older `version` (Stale).
    """
    reason = check_note(reason, field="reason")
    with act(by=by, reason=reason):
        held: Organisation = lock(Organisation.objects.visible_to(by), organisation)
        require(can_update_organisation(by, held))
        check_version(held, version)
        check_known(changes, open_fields(held, by=by))
        differing = {name: value for name, value in _cleaned(changes).items() if getattr(held, name) != value}
        if differing:
            for name, value in differing.items():
                setattr(held, name, value)
            if {"region", "destination"} & differing.keys():
                differing["region"] = _fitting_region(held, chosen="region" in changes)
            _check(held, differing)
            _once(held, lambda: write(held, **differing))
            announce(events.ORGANISATION_UPDATED, about=held, organisations=[held.pk], fields=sorted(differing))
    return held


def open_fields(organisation: Organisation, *, by: Actor) -> frozenset[str]:
    """The fields that `by`, who may update the organisation, may change in it."""
    if can_update_organisation_registry(by, organisation):
        return REGISTRY_FIELDS
    return PROFILE_FIELDS | {"ice"} if not organisation.ice else PROFILE_FIELDS


def _cleaned(changes: Mapping[str, Any]) -> dict[str, Any]:
    """Texts without blanks around them, the ICE as digits, places as rows."""
    cleaned = {name: value.strip() if isinstance(value, str) else value for name, value in changes.items()}
    if cleaned.get("ice"):
        cleaned["ice"] = check_ice(cleaned["ice"])
    if "activities" in cleaned:
        cleaned["activities"] = [str(activity) for activity in dict.fromkeys(cleaned["activities"] or ())]
    for name, model in (("region", Region), ("destination", Destination)):
        if name in cleaned:
            cleaned[name] = _place(model, cleaned[name], field=name)
    return cleaned


def _place(model: type[Region | Destination], value: Any, *, field: str) -> Region | Destination | None:
    if not value or isinstance(value, model):
        return value or None
    found = model._default_manager.filter(pk=value).first() if isinstance(value, UUID) else None
    if found is None:
        raise Invalid(_("This place is not known."), code="invalid_choice", field=field)
    return found


def _fitting_region(organisation: Organisation, *, chosen: bool) -> Region | None:
    """The region, which is the destination's when only that one was chosen."""
    if organisation.destination is not None and not chosen:
        organisation.region = organisation.destination.region
    return organisation.region


def _check(organisation: Organisation, names: Any) -> None:
    check_text(organisation.name_fr, field="name_fr", maximum=200)
    check_fields(organisation, set(names))
    organisation.region = check_places(organisation.destination, organisation.region)


def check_places(destination: Destination | None, region: Region | None) -> Region | None:
    """The region: the destination's where none is given. Refuses a destination that lies in another one."""
    if destination is None:
        return region
    if region is None:
        return destination.region
    if destination.region_id != region.pk:
        raise Invalid(_("This destination lies in another region."), code="other_region", field="destination")
    return region


def _once(organisation: Organisation, save: Callable[[], object]) -> None:
    """Save, and say whose the ICE is when another organisation has it: the database decides, so that two at once cannot pass."""
    try:
        with transaction.atomic():
            save()
    except IntegrityError as error:
        if "partnership_org_ice_once" not in str(error):
            raise
        raise Invalid(_("An organisation with this ICE is already registered."), code="unique", field="ice") from error


# -- states ------------------------------------------------------------------------------------------------------------
def _move(
    organisation: UUID,
    *,
    to: str,
    by: Actor,
    can: Callable[[Actor, Organisation], bool],
    sources: frozenset[str],
    reason: str = "",
    version: datetime | None = None,
    blockers: Callable[[Organisation], None] | None = None,
) -> Organisation:
    with act(by=by, reason=reason):
        held: Organisation = lock(Organisation.objects.visible_to(by), organisation)
        require(can(by, held))
        check_version(held, version)
        check_transition(ORGANISATION_TRANSITIONS, current=held.status, to=to, sources=sources)
        if blockers is not None:
            blockers(held)
        write(held, status=to, status_reason=reason)
        announce(events.ORGANISATION_MOVED, about=held, organisations=[held.pk], to=str(to))
        _tell_moved(held, by=by)
    return held


def _tell_moved(organisation: Organisation, *, by: Actor) -> None:
    message = OrganisationMoved(
        about=organisation,
        url=reverse("partnership:organisation_mine"),
        data={
            "organisation": organisation_names(organisation),
            "status": organisation.status,
            "state": labelled(OrganisationStatus(organisation.status).label),
            "reason": organisation.status_reason,
        },
    )
    notify(message, to=users_acting_for(organisation.pk).exclude(pk=by.pk))


def admit_organisation(*, organisation: UUID, by: Actor, version: datetime | None = None) -> Organisation:
    """A prospective organisation becomes registered. Staff who run operations."""
    return _move(
        organisation, to=OrganisationStatus.REGISTERED, by=by, can=can_admit_organisation,
        sources=frozenset({OrganisationStatus.PROSPECTIVE}), version=version,
    )  # fmt: skip


def vouch_organisation(*, organisation: UUID, by: Actor, note: str = "", version: datetime | None = None) -> Organisation:
    """A body of which it is an active member today, or a convention manager, answers for a registered organisation."""
    return _move(
        organisation, to=OrganisationStatus.VOUCHED, by=by, can=can_vouch_organisation,
        sources=frozenset({OrganisationStatus.REGISTERED}), reason=check_note(note), version=version,
    )  # fmt: skip


def withdraw_vouch(*, organisation: UUID, reason: str, by: Actor, version: datetime | None = None) -> Organisation:
    """Nobody answers for the organisation any more: it is registered again. Same rights as for vouching; a reason."""
    return _move(
        organisation, to=OrganisationStatus.REGISTERED, by=by, can=can_vouch_organisation,
        sources=frozenset({OrganisationStatus.VOUCHED}), reason=check_reason(reason), version=version,
    )  # fmt: skip


def suspend_organisation(*, organisation: UUID, reason: str, by: Actor, version: datetime | None = None) -> Organisation:
    """Its people keep reading and can no longer act for it. Convention managers, with a reason that they read."""
    return _move(
        organisation, to=OrganisationStatus.SUSPENDED, by=by, can=can_suspend_organisation,
        sources=frozenset({OrganisationStatus.REGISTERED, OrganisationStatus.VOUCHED}), reason=check_reason(reason), version=version,
    )  # fmt: skip


def reinstate_organisation(*, organisation: UUID, reason: str, by: Actor, version: datetime | None = None) -> Organisation:
    """A suspended organisation is registered again; whoever vouched for it does so anew. Convention managers, with a reason."""
    return _move(
        organisation, to=OrganisationStatus.REGISTERED, by=by, can=can_reinstate_organisation,
        sources=frozenset({OrganisationStatus.SUSPENDED}), reason=check_reason(reason), version=version,
    )  # fmt: skip


def close_organisation(*, organisation: UUID, reason: str, by: Actor, version: datetime | None = None) -> Organisation:
    """For good: its mandates end today, its invitations and API accesses are withdrawn. Convention managers, with a reason.

    Refuses while it is a party of a convention that lives, or owns open actions; the refusal says how many.
    """
    why = check_reason(reason)
    with act(by=by, reason=why):
        closed = _move(
            organisation, to=OrganisationStatus.CLOSED, by=by, can=can_close_organisation, reason=why, version=version,
            blockers=_refuse_bound, sources=frozenset(OrganisationStatus) - {OrganisationStatus.CLOSED},
        )  # fmt: skip
        _dismiss(closed)
    return closed


def _refuse_bound(organisation: Organisation) -> None:
    conventions = Party.objects.filter(organisation=organisation).exclude(convention__status__in=OVER).count()
    if conventions:
        sentence = ngettext_lazy(
            "It is a party of %(count)d convention that is not over.",
            "It is a party of %(count)d conventions that are not over.",
            conventions,
        )
        raise Conflict(sentence % {"count": conventions}, code="party_of_conventions")
    actions = Action.objects.filter(organisation=organisation).open().count()
    if actions:
        sentence = ngettext_lazy("It still owns %(count)d open action.", "It still owns %(count)d open actions.", actions)
        raise Conflict(sentence % {"count": actions}, code="open_actions")


def _dismiss(organisation: Organisation) -> None:
    """End what people and programs may do in a closed organisation."""
    today, now = clock.today(), clock.now()
    for mandate in Mandate.objects.select_for_update(of=("self",)).filter(organisation=organisation).exclude(ends_on__lte=today):
        write(mandate, ends_on=max(today, mandate.starts_on))
        announce(events.MANDATE_ENDED, about=mandate, organisations=[organisation.pk], person=str(mandate.person_id))
    for invitation in Invitation.objects.filter(organisation=organisation, accepted_at=None, revoked_at=None):
        write(invitation, revoked_at=now)
    for client in ApiClient.objects.filter(organisation=organisation, revoked_at=None):
        write(client, revoked_at=now)
