"""Every write of a convention's parties and axes. Only convention managers write here; see `conventions` for what a signature changes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from core.audit import act
from core.errors import Conflict, Invalid
from core.events import announce
from core.states import check_version, lock, write
from core.validation import check_fields, check_known, check_note, check_optional_day, check_text
from partnership import events
from partnership.choices import OrganisationStatus
from partnership.models import Axis, Convention, Organisation, Party, Person
from partnership.services.gates import BEFORE_SIGNATURE, held_convention, organisations_in, require_reason_once_signed

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date, datetime
    from uuid import UUID

    from core.actors import Actor

PARTY_FIELDS: Final = frozenset({"order", "signatory", "quality", "signed_on"})
AXIS_FIELDS: Final = frozenset(
    {"code", "order", "title_fr", "title_ar", "title_en", "object_fr", "object_ar", "object_en", "public_lead", "private_lead"}
)


def _changed(convention: Convention, *fields: str) -> None:
    announce(events.CONVENTION_UPDATED, about=convention, organisations=organisations_in(convention), fields=sorted(fields))


# -- parties -----------------------------------------------------------------------------------------------------------
def add_party(
    *,
    convention: UUID,
    organisation: UUID,
    order: int | None = None,
    signatory: str = "",
    quality: str = "",
    signed_on: date | None = None,
    reason: str = "",
    by: Actor,
) -> Party:
    """Add an organisation to the parties (last unless `order` is given): its people see the convention once it leaves the draft.

    Refuses: an organisation that is closed or already a party; no reason once signed.
    """
    reason = check_note(reason, field="reason")
    with act(by=by, reason=reason):
        held = held_convention(convention, by=by)
        require_reason_once_signed(held, reason, what=["parties"])
        found: Organisation | None = Organisation.objects.visible_to(by).filter(pk=organisation).first()
        if found is None or found.status == OrganisationStatus.CLOSED:
            raise Invalid(_("Choose an organisation that is not closed."), code="invalid_choice", field="organisation")
        if held.parties.filter(organisation=found).exists():
            raise Invalid(_("This organisation is already a party."), code="unique", field="organisation")
        last = held.parties.aggregate(last=Max("order"))["last"] or 0
        party = Party(
            convention=held, organisation=found, order=order or last + 1, signatory=signatory.strip(), quality=quality.strip(),
            signed_on=check_optional_day(signed_on, field="signed_on", past=True),
        )  # fmt: skip
        check_fields(party, PARTY_FIELDS)
        party.save(force_insert=True)
        _changed(held, "parties")
    return party


def update_party(*, party: UUID, changes: Mapping[str, Any], by: Actor, reason: str = "", version: datetime | None = None) -> Party:
    """Change who signed, in what quality, when, and the order. Needs a reason once the convention is signed."""
    reason = check_note(reason, field="reason")
    with act(by=by, reason=reason):
        found = Party.objects.get(pk=party, convention__in=Convention.objects.visible_to(by))
        convention = held_convention(found.convention_id, by=by)
        held = lock(Party.objects.all(), party)
        check_version(held, version)
        check_known(changes, PARTY_FIELDS)
        differing = {name: value for name, value in changes.items() if getattr(held, name) != value}
        require_reason_once_signed(convention, reason, what=differing.keys() - {"order"})
        if differing:
            for name, value in differing.items():
                setattr(held, name, value)
            check_fields(held, differing)
            check_optional_day(held.signed_on, field="signed_on", past=True)
            write(held, **differing)
            _changed(convention, "parties")
    return held


def remove_party(*, party: UUID, by: Actor) -> None:
    """Take an organisation off the parties of a convention that is not signed. Refuses one that owes or awaits something."""
    with act(by=by):
        found = Party.objects.get(pk=party, convention__in=Convention.objects.visible_to(by))
        convention = held_convention(found.convention_id, by=by)
        if convention.status not in BEFORE_SIGNATURE:
            raise Conflict(_("The convention is signed: its parties stay."), code="convention_signed")
        if found.owed.exists() or found.awaited.exists():
            raise Conflict(_("Commitments name this party: change them first."), code="party_in_use")
        found.delete()
        _changed(convention, "parties")


# -- axes --------------------------------------------------------------------------------------------------------------
def add_axis(
    *,
    convention: UUID,
    code: str,
    title_fr: str,
    order: int | None = None,
    title_ar: str = "",
    title_en: str = "",
    object_fr: str = "",
    object_ar: str = "",
    object_en: str = "",
    public_lead: UUID | None = None,
    private_lead: UUID | None = None,
    by: Actor,
) -> Axis:
    """Add a strand (volet), last unless `order` is given, with its public and its private lead when they are known.

    Refuses: a code or an order already taken in this convention, an unknown person.
    """
    with act(by=by):
        held = held_convention(convention, by=by)
        last = held.axes.aggregate(last=Max("order"))["last"] or 0
        axis = Axis(
            convention=held, code=code.strip(), order=order or last + 1, title_fr=check_text(title_fr, field="title_fr", maximum=200),
            title_ar=title_ar, title_en=title_en, object_fr=object_fr, object_ar=object_ar, object_en=object_en,
            public_lead=_lead(public_lead, field="public_lead", by=by), private_lead=_lead(private_lead, field="private_lead", by=by),
        )  # fmt: skip
        _check_axis(axis)
        axis.save(force_insert=True)
        _changed(held, "axes")
    return axis


def update_axis(*, axis: UUID, changes: Mapping[str, Any], by: Actor, reason: str = "", version: datetime | None = None) -> Axis:
    """Change an axis. Its title, once the convention is signed, needs a reason."""
    reason = check_note(reason, field="reason")
    with act(by=by, reason=reason):
        convention = held_convention(Axis.objects.visible_to(by).get(pk=axis).convention_id, by=by)
        held: Axis = lock(Axis.objects.visible_to(by), axis)
        check_version(held, version)
        check_known(changes, AXIS_FIELDS)
        wanted = dict(changes)
        for name in {"public_lead", "private_lead"} & wanted.keys():
            wanted[name] = _lead(getattr(wanted[name], "pk", wanted[name]), field=name, by=by)
        differing = {name: value for name, value in wanted.items() if getattr(held, name) != value}
        require_reason_once_signed(convention, reason, what={"title_fr", "title_ar", "title_en"} & differing.keys())
        if differing:
            for name, value in differing.items():
                setattr(held, name, value)
            _check_axis(held)
            write(held, **differing)
            _changed(convention, "axes")
    return held


def remove_axis(*, axis: UUID, by: Actor) -> None:
    """Take an axis off a convention that is not signed. Refuses one under which something is promised or done."""
    with act(by=by):
        held: Axis = Axis.objects.visible_to(by).get(pk=axis)
        convention = held_convention(held.convention_id, by=by)
        if convention.status not in BEFORE_SIGNATURE:
            raise Conflict(_("The convention is signed: its axes stay."), code="convention_signed")
        if held.commitments.exists() or held.actions.exists():
            raise Conflict(_("Commitments or actions belong to this axis: move them first."), code="axis_in_use")
        held.delete()
        _changed(convention, "axes")


def _check_axis(axis: Axis) -> None:
    check_fields(axis, AXIS_FIELDS - {"public_lead", "private_lead"})
    others = Axis.objects.filter(convention=axis.convention_id).exclude(pk=axis.pk)
    if others.filter(code=axis.code).exists():
        raise Invalid(_("Another axis of this convention has this code."), code="unique", field="code")
    if others.filter(order=axis.order).exists():
        raise Invalid(_("Another axis of this convention has this place."), code="unique", field="order")


def _lead(person: UUID | None, *, field: str, by: Actor) -> Person | None:
    if person is None:
        return None
    found: Person | None = Person.objects.visible_to(by).filter(pk=person).first()
    if found is None:
        raise Invalid(_("This person is not known."), code="invalid_choice", field=field)
    return found
