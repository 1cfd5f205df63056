"""Every write of a convention, its parties and its axes. Only convention managers write here.

Once signed, a change of what the parties signed (title, parties, dates of signature and effect) needs a reason, which the
audit trail keeps; the working copy that parties negotiate, the amendment, comes with the rooms of governance.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext_lazy as _

from core import clock
from core.audit import act
from core.errors import Conflict, Invalid
from core.events import announce
from core.rights import require
from core.states import check_transition, check_version, lock, write
from core.validation import check_day, check_fields, check_known, check_note, check_optional_day, check_reason, check_text
from partnership import events
from partnership.choices import (
    CONVENTION_TRANSITIONS,
    CommitmentStatus,
    ConventionKind,
    ConventionStatus,
    Visibility,
)
from partnership.models import Commitment, Convention
from partnership.permissions.ledger import can_create_convention, can_move_convention
from partnership.services.gates import BEFORE_SIGNATURE, held_convention, organisations_in, require_reason_once_signed
from partnership.services.parties import add_axis, add_party, remove_axis, remove_party, update_axis, update_party

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import date, datetime
    from uuid import UUID

    from core.actors import Actor

__all__ = [
    "add_axis", "add_party", "bring_into_force", "close_convention", "create_convention", "denounce_convention", "expire_convention",
    "remove_axis", "remove_party", "renew_convention", "resume_convention", "return_convention", "sign_convention",
    "submit_convention", "suspend_convention", "update_axis", "update_convention", "update_party",
]  # fmt: skip

FIELDS: Final = frozenset(
    {"reference", "kind", "parent", "title_fr", "title_ar", "title_en", "object_fr", "object_ar", "object_en", "place", "signed_on",
     "effective_on", "ends_on", "renewal", "notice_days", "visibility", "source", "note"}
)  # fmt: skip
# What the parties put their names to.
SIGNED_FIELDS: Final = frozenset({"title_fr", "title_ar", "title_en", "signed_on", "effective_on"})


# -- content -----------------------------------------------------------------------------------------------------------
def create_convention(
    *,
    reference: str,
    title_fr: str,
    kind: str = ConventionKind.SPECIFIC,
    parent: UUID | None = None,
    title_ar: str = "",
    title_en: str = "",
    object_fr: str = "",
    object_ar: str = "",
    object_en: str = "",
    place: str = "",
    ends_on: date | None = None,
    renewal: str = "",
    notice_days: int | None = None,
    visibility: str = Visibility.PARTIES,
    source: str = "",
    note: str = "",
    by: Actor,
) -> Convention:
    """Open a draft: only ONMT sees it. What is not known (duration, renewal, notice) stays empty.

    Refuses: a reference already used, a parent that is not a framework convention, dates out of range.
    """
    require(can_create_convention(by))
    convention = Convention(
        reference=check_text(reference, field="reference", maximum=40), title_fr=check_text(title_fr, field="title_fr", maximum=300),
        kind=kind, title_ar=title_ar, title_en=title_en, object_fr=object_fr, object_ar=object_ar, object_en=object_en, place=place,
        ends_on=ends_on, renewal=renewal, notice_days=notice_days, visibility=visibility, source=source, note=note,
    )  # fmt: skip
    check_fields(convention, FIELDS - {"parent"})
    with act(by=by):
        _check_reference(convention)
        convention.parent = _checked_parent(convention, parent, by=by)
        convention.save(force_insert=True)
        announce(events.CONVENTION_CREATED, about=convention)
    return convention


def update_convention(
    *, convention: UUID, changes: Mapping[str, Any], by: Actor, reason: str = "", version: datetime | None = None
) -> Convention:
    """Change fields of a convention that is not over. Returns it; nothing is written when nothing differs.

    Refuses: unknown fields, a signed field changed without a reason, a stale version (412), dates that contradict each other.
    """
    reason = check_note(reason, field="reason")
    with act(by=by, reason=reason):
        held = held_convention(convention, by=by)
        check_version(held, version)
        check_known(changes, FIELDS)
        wanted = dict(changes)
        if "parent" in wanted:
            wanted["parent"] = _checked_parent(held, getattr(wanted["parent"], "pk", wanted["parent"]), by=by)
        differing = {name: value for name, value in wanted.items() if getattr(held, name) != value}
        require_reason_once_signed(held, reason, what=SIGNED_FIELDS & differing.keys())
        if not differing:
            return held
        for name, value in differing.items():
            setattr(held, name, value)
        check_fields(held, differing.keys() - {"parent"})
        _check_coherence(held)
        write(held, **{name: getattr(held, name) for name in differing})
        announce(events.CONVENTION_UPDATED, about=held, organisations=organisations_in(held), fields=sorted(differing))
    return held


def _check_reference(convention: Convention) -> None:
    if Convention.objects.filter(reference=convention.reference).exclude(pk=convention.pk).exists():
        raise Invalid(_("A convention already has this reference."), code="unique", field="reference")


def _checked_parent(convention: Convention, parent: UUID | None, *, by: Actor) -> Convention | None:
    if parent is None:
        return None
    found: Convention | None = Convention.objects.visible_to(by).filter(pk=parent).first()
    if found is None or found.kind != ConventionKind.FRAMEWORK:
        raise Invalid(_("Choose a framework convention."), code="invalid_choice", field="parent")
    ancestor: Convention | None = found
    while ancestor is not None:
        if ancestor.pk == convention.pk:
            raise Invalid(_("A convention cannot depend on itself."), code="loop", field="parent")
        ancestor = ancestor.parent
    return found


def _check_coherence(convention: Convention) -> None:
    """The rules that bind several fields; the database holds them too."""
    _check_reference(convention)
    check_optional_day(convention.signed_on, field="signed_on", past=True)
    if convention.status not in BEFORE_SIGNATURE and convention.signed_on is None:
        raise Invalid(_("A signed convention keeps its date of signature."), code="required", field="signed_on")
    if convention.status == ConventionStatus.IN_FORCE and convention.effective_on is None:
        raise Invalid(_("A convention in force keeps its date of effect."), code="required", field="effective_on")
    if convention.ends_on and convention.effective_on and convention.ends_on < convention.effective_on:
        raise Invalid(_("The convention would end before it takes effect."), code="dates", field="ends_on")


# -- states ------------------------------------------------------------------------------------------------------------
def _move(convention: Convention, *, to: str, sources: Collection[str], reason: str = "", **values: object) -> Convention:
    """The one gate of a convention's states, within the caller's act."""
    before = convention.status
    check_transition(CONVENTION_TRANSITIONS, current=before, to=to, sources=sources)
    write(convention, status=to, status_reason=reason, **values)
    announce(events.CONVENTION_MOVED, about=convention, organisations=organisations_in(convention), **{"from": before, "to": to})
    return convention


def _held_for_move(convention: UUID, *, by: Actor, version: datetime | None) -> Convention:
    held: Convention = lock(Convention.objects.visible_to(by), convention)
    require(can_move_convention(by, held))
    check_version(held, version)
    return held


def submit_convention(*, convention: UUID, by: Actor, version: datetime | None = None) -> Convention:
    """Draft → in review: the parties see it from now on. Refuses one without two parties."""
    with act(by=by):
        held = _held_for_move(convention, by=by, version=version)
        check_transition(CONVENTION_TRANSITIONS, current=held.status, to=ConventionStatus.IN_REVIEW)
        if held.parties.count() < 2:
            raise Invalid(_("A convention is reviewed by its parties: add at least two."), code="missing_parties")
        return _move(held, to=ConventionStatus.IN_REVIEW, sources={ConventionStatus.DRAFT})


def return_convention(*, convention: UUID, reason: str, by: Actor, version: datetime | None = None) -> Convention:
    """In review → draft, with the reason: the parties no longer see it."""
    reason = check_reason(reason)
    with act(by=by, reason=reason):
        held = _held_for_move(convention, by=by, version=version)
        return _move(held, to=ConventionStatus.DRAFT, sources={ConventionStatus.IN_REVIEW}, reason=reason)


def sign_convention(*, convention: UUID, signed_on: date, by: Actor, version: datetime | None = None) -> Convention:
    """In review → signed. Parties without their own date of signature receive this one.

    Refuses, saying all that is missing: fewer than two parties, no axis; and a date after today in Casablanca.
    """
    with act(by=by):
        held = _held_for_move(convention, by=by, version=version)
        check_transition(CONVENTION_TRANSITIONS, current=held.status, to=ConventionStatus.SIGNED)
        check_day(signed_on, field="signed_on", past=True)
        parties = list(held.parties.all())
        missing = []
        if len(parties) < 2:
            missing.append(_("two parties at least"))
        if not held.axes.exists():
            missing.append(_("an axis at least"))
        if missing:
            listed = " · ".join(str(item) for item in missing)
            raise Invalid(_("This convention cannot be signed yet. Missing: %(missing)s.") % {"missing": listed}, code="incomplete")
        for party in parties:
            if party.signed_on is None:
                write(party, signed_on=signed_on)
        return _move(held, to=ConventionStatus.SIGNED, sources={ConventionStatus.IN_REVIEW}, signed_on=signed_on)


def bring_into_force(*, convention: UUID, effective_on: date, by: Actor, version: datetime | None = None) -> Convention:
    """Signed → in force. Refuses a date of effect in the future, or after the end."""
    with act(by=by):
        held = _held_for_move(convention, by=by, version=version)
        check_transition(CONVENTION_TRANSITIONS, current=held.status, to=ConventionStatus.IN_FORCE, sources={ConventionStatus.SIGNED})
        check_day(effective_on, field="effective_on", past=True)
        if held.ends_on and held.ends_on < effective_on:
            raise Invalid(_("The convention would end before it takes effect."), code="dates", field="effective_on")
        return _move(held, to=ConventionStatus.IN_FORCE, sources={ConventionStatus.SIGNED}, effective_on=effective_on)


def suspend_convention(*, convention: UUID, reason: str, by: Actor, version: datetime | None = None) -> Convention:
    """In force → suspended: nothing can be declared under it until it resumes."""
    reason = check_reason(reason)
    with act(by=by, reason=reason):
        held = _held_for_move(convention, by=by, version=version)
        return _move(held, to=ConventionStatus.SUSPENDED, sources={ConventionStatus.IN_FORCE}, reason=reason)


def resume_convention(*, convention: UUID, by: Actor, reason: str = "", version: datetime | None = None) -> Convention:
    """Suspended → in force again."""
    reason = check_note(reason, field="reason")
    with act(by=by, reason=reason):
        held = _held_for_move(convention, by=by, version=version)
        return _move(held, to=ConventionStatus.IN_FORCE, sources={ConventionStatus.SUSPENDED})


def expire_convention(*, convention: UUID, by: Actor, version: datetime | None = None) -> Convention:
    """In force → expired, once its last day is over in Casablanca. Refuses one whose end is not known or not past."""
    with act(by=by):
        held = _held_for_move(convention, by=by, version=version)
        check_transition(CONVENTION_TRANSITIONS, current=held.status, to=ConventionStatus.EXPIRED)
        if held.ends_on is None:
            raise Invalid(_("The end of this convention is not known: it cannot expire."), code="no_end", field="ends_on")
        if held.ends_on >= clock.today():
            raise Invalid(_("This convention has not reached its end."), code="not_ended", field="ends_on")
        return _move(held, to=ConventionStatus.EXPIRED, sources={ConventionStatus.IN_FORCE})


def renew_convention(*, convention: UUID, ends_on: date | None, reason: str, by: Actor, version: datetime | None = None) -> Convention:
    """Expired → in force until a new end (None: not known). Refuses an end that is already past."""
    reason = check_reason(reason)
    with act(by=by, reason=reason):
        held = _held_for_move(convention, by=by, version=version)
        check_transition(CONVENTION_TRANSITIONS, current=held.status, to=ConventionStatus.IN_FORCE, sources={ConventionStatus.EXPIRED})
        if check_optional_day(ends_on, field="ends_on") is not None and ends_on is not None and ends_on < clock.today():
            raise Invalid(_("This date is past: the convention would expire at once."), code="past_date", field="ends_on")
        return _move(held, to=ConventionStatus.IN_FORCE, sources={ConventionStatus.EXPIRED}, ends_on=ends_on)


def denounce_convention(*, convention: UUID, reason: str, by: Actor, version: datetime | None = None) -> Convention:
    """In force or suspended → denounced by a party, with its reason. What was delivered before can still be declared and answered."""
    reason = check_reason(reason)
    with act(by=by, reason=reason):
        held = _held_for_move(convention, by=by, version=version)
        sources = {ConventionStatus.IN_FORCE, ConventionStatus.SUSPENDED}
        return _move(held, to=ConventionStatus.DENOUNCED, sources=sources, reason=reason)


def close_convention(*, convention: UUID, by: Actor, reason: str = "", version: datetime | None = None) -> Convention:
    """In force, suspended, expired or denounced → closed, for good.

    Refuses while a declaration awaits its answer or a contest its decision: the sentence names them, so that nothing stays undecided.
    """
    reason = check_note(reason, field="reason")
    with act(by=by, reason=reason):
        held = _held_for_move(convention, by=by, version=version)
        check_transition(CONVENTION_TRANSITIONS, current=held.status, to=ConventionStatus.CLOSED)
        rows = Commitment.objects.filter(convention=held).order_by("id").select_for_update(of=("self",), no_key=True)
        awaited = {CommitmentStatus.DECLARED, CommitmentStatus.CONTESTED}
        undecided = sorted(row.reference for row in rows if row.status in awaited)
        if undecided:
            message = _("This convention cannot be closed: these commitments await an answer or a decision: %(references)s.")
            raise Conflict(message % {"references": ", ".join(undecided)}, code="undecided_commitments")
        sources = CONVENTION_TRANSITIONS.keys()
        return _move(held, to=ConventionStatus.CLOSED, sources=sources, reason=reason, closed_on=clock.today())
