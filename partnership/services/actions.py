"""Every write of an action: opened by staff or a party, carried by its owner, verified by somebody else."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.contrib.contenttypes.models import ContentType
from django.utils.translation import gettext_lazy as _

from core import clock
from core.audit import act
from core.errors import Conflict, Invalid
from core.events import announce
from core.mail import cancel
from core.rights import require
from core.states import check_transition, check_version, lock, write
from core.validation import REASON_MINIMUM, check_fields, check_known, check_note, check_reason, check_text
from core.wall import elevated
from partnership import events
from partnership.choices import (
    ACTION_TRANSITIONS,
    OPEN_ACTION_STATUSES,
    OPEN_CONVENTION_STATUSES,
    ActionStatus,
    OrganisationStatus,
    Priority,
)
from partnership.models import Action, Axis, Commitment, Convention, Evidence, Mandate, Organisation, Person
from partnership.notifications.actions import tell_assigned, tell_done, tell_returned, tell_verified
from partnership.notifications.ledger import ActionAssigned, ActionDone, ActionReturned
from partnership.permissions.ledger import (
    can_cancel_action,
    can_carry_action,
    can_open_action,
    can_return_action,
    can_update_action,
    can_verify_action,
)
from partnership.services.authors import author
from partnership.services.evidence import EvidenceDraft, keep_action_evidence

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date, datetime
    from uuid import UUID

    from django.db.models import Model

    from core.actors import Actor

__all__ = [
    "EvidenceDraft", "block_action", "cancel_action", "complete_action", "open_action", "put_back_action", "reopen_action",
    "report_progress", "return_action", "start_action", "update_action", "verify_action",
]  # fmt: skip

RELATIONS: Final = frozenset({"axis", "commitment", "organisation", "responsible"})
FIELDS: Final = frozenset({"title", "description", "priority", "starts_on", "due_on", "source"})
NOT_CARRIED: Final = _("Only the organisation that owns this action, or the person responsible, can do this.")
NOT_VERIFIED: Final = _("An action is verified by a party or by ONMT, never by the person who did it.")


# -- opening -----------------------------------------------------------------------------------------------------------
def open_action(
    *,
    convention: UUID,
    axis: UUID,
    organisation: UUID,
    title: str,
    starts_on: date,
    due_on: date,
    commitment: UUID | None = None,
    responsible: UUID | None = None,
    description: str = "",
    priority: str = Priority.NORMAL,
    origin: Model | None = None,
    source: str = "",
    by: Actor,
) -> Action:
    """Open an action owned by an organisation, under an axis (and a commitment); its people, or the person responsible, are told.

    `origin` is the object it comes from. Deadlines close at 23:59 in Casablanca. Refuses: an axis or a commitment of another
    convention, an organisation or a person the actor does not see, somebody without a mandate in the owner organisation.
    """
    with act(by=by):
        within: Convention = Convention.objects.of_parties(by).get(pk=convention)
        require(can_open_action(by, within), _("Only ONMT's officers and the people of a party open actions."))
        if within.status not in OPEN_CONVENTION_STATUSES:
            raise Conflict(_("This convention is no longer open: no action is opened under it."), code="convention_over")
        action = Action(
            convention=within, title=check_text(title, field="title"), description=description, priority=priority, starts_on=starts_on,
            due_on=due_on, source=source,
        )  # fmt: skip
        if origin is not None:
            action.origin_type, action.origin_id = ContentType.objects.get_for_model(origin), origin.pk
        related = {"axis": axis, "commitment": commitment, "organisation": organisation, "responsible": responsible}
        _relate(action, related, by=by)
        _check_terms(action, FIELDS)
        action.save(force_insert=True)
        _announce(events.ACTION_OPENED, action)
        tell_assigned(action, by=by)
    return action


def update_action(*, action: UUID, changes: Mapping[str, Any], by: Actor, reason: str = "", version: datetime | None = None) -> Action:
    """Change what is to be done, by whom, by when, while it is open. Nothing is written when nothing differs.

    Refuses: unknown fields, an action done, verified or cancelled, a date moved without a reason, a stale version.
    """
    reason = check_note(reason, field="reason", maximum=2000)
    with act(by=by, reason=reason):
        held = _held(action, by=by, version=version)
        require(can_update_action(by, held), _("Only ONMT's officers and the people of a party change an action."))
        check_known(changes, FIELDS | RELATIONS)
        before = {name: getattr(held, name) for name in changes}
        _relate(held, {name: getattr(value, "pk", value) for name, value in changes.items() if name in RELATIONS}, by=by)
        for name in FIELDS & changes.keys():
            setattr(held, name, changes[name])
        differing = {name for name, value in before.items() if getattr(held, name) != value}
        if not differing:
            return held
        if held.status not in OPEN_ACTION_STATUSES:
            raise Conflict(_("What is done, verified or cancelled does not change."), code="terms_frozen")
        if "due_on" in differing and not reason:
            raise Invalid(_("Say why the date changes."), code="reason_required", field="reason")
        _check_terms(held, FIELDS & differing)
        write(held, **{name: getattr(held, name) for name in differing})
        _announce(events.ACTION_UPDATED, held, fields=sorted(differing))
        if differing & {"organisation", "responsible"}:
            cancel(held, [ActionAssigned.kind])
            tell_assigned(held, by=by)
    return held


# -- carrying ----------------------------------------------------------------------------------------------------------
def start_action(*, action: UUID, by: Actor, version: datetime | None = None) -> Action:
    """To do, blocked or returned → in progress, by whoever carries it."""
    sources = {ActionStatus.TODO, ActionStatus.BLOCKED, ActionStatus.RETURNED}
    with act(by=by):
        held = _carried(action, by=by, version=version)
        _move(held, to=ActionStatus.IN_PROGRESS, sources=sources, event=events.ACTION_STARTED, status_reason="")
    return held


def put_back_action(*, action: UUID, by: Actor, version: datetime | None = None) -> Action:
    """In progress → to do: it had not begun after all. Its progress returns to nothing."""
    with act(by=by):
        held = _carried(action, by=by, version=version)
        _move(held, to=ActionStatus.TODO, event=events.ACTION_PUT_BACK, progress=0)
    return held


def report_progress(*, action: UUID, progress: int, by: Actor, note: str = "", version: datetime | None = None) -> Action:
    """Set the progress, 0 to 100 %. An action to do becomes in progress; 100 % does not make it done: completing says what was done."""
    note = check_note(note, maximum=2000)
    with act(by=by, reason=note):
        held = _carried(action, by=by, version=version)
        if isinstance(progress, bool) or not isinstance(progress, int) or not 0 <= progress <= 100:
            raise Invalid(_("Progress is a whole number from 0 to 100."), code="invalid", field="progress")
        if held.status == ActionStatus.TODO and progress:
            _move(held, to=ActionStatus.IN_PROGRESS, event=events.ACTION_STARTED, progress=progress)
        elif held.status in {ActionStatus.TODO, ActionStatus.IN_PROGRESS}:
            write(held, progress=progress)
        else:
            raise Conflict(_("Progress is reported on an action that is to do or in progress."), code="forbidden_transition")
        _announce(events.ACTION_PROGRESSED, held, progress=progress)
    return held


def block_action(*, action: UUID, reason: str, by: Actor, version: datetime | None = None) -> Action:
    """To do or in progress → blocked, with what blocks it."""
    reason = check_reason(reason, maximum=2000)
    with act(by=by, reason=reason):
        held = _carried(action, by=by, version=version)
        _move(held, to=ActionStatus.BLOCKED, event=events.ACTION_BLOCKED, status_reason=reason)
    return held


def complete_action(
    *, action: UUID, outcome: str, evidence: Sequence[EvidenceDraft] = (), by: Actor, version: datetime | None = None
) -> Action:
    """To do, in progress or returned → done, with what was done. Those who verify are told.

    Refuses: no outcome; a high priority without a document (a file, given now or earlier).
    """
    outcome = check_text(outcome, field="outcome", minimum=REASON_MINIMUM)
    with act(by=by):
        held = _carried(action, by=by, version=version)
        check_transition(ACTION_TRANSITIONS, current=held.status, to=ActionStatus.DONE)
        has_file = any(draft.upload is not None for draft in evidence)
        if held.priority == Priority.HIGH and not has_file and not _documents(held).exists():
            raise Invalid(
                _("An action of high priority is completed with a document: add a file."), code="document_required", field="evidence"
            )
        keep_action_evidence(held, evidence, by=by)
        _move(
            held, to=ActionStatus.DONE, event=events.ACTION_DONE, outcome=outcome, progress=100, status_reason="",
            done_at=clock.now(), done_by=author(by),
        )  # fmt: skip
        cancel(held, [ActionAssigned.kind, ActionReturned.kind])
        tell_done(held, by=by)
    return held


def reopen_action(*, action: UUID, by: Actor, reason: str = "", version: datetime | None = None) -> Action:
    """Done → in progress, by whoever carries it, while nobody has verified or returned it. Pending requests to verify are cancelled."""
    reason = check_note(reason, field="reason", maximum=2000)
    with act(by=by, reason=reason):
        held = _carried(action, by=by, version=version)
        sources = {ActionStatus.DONE}
        _move(
            held, to=ActionStatus.IN_PROGRESS, sources=sources, event=events.ACTION_REOPENED, status_reason=reason,
            done_at=None, done_by=None,
        )  # fmt: skip
        cancel(held, [ActionDone.kind])
    return held


# -- verifying ---------------------------------------------------------------------------------------------------------
def verify_action(*, action: UUID, by: Actor, note: str = "", version: datetime | None = None) -> Action:
    """Done → verified, by staff or a party, never by the person who did it."""
    note = check_note(note, maximum=2000)
    with act(by=by, reason=note):
        held = _held(action, by=by, version=version)
        require(can_verify_action(by, held), NOT_VERIFIED)
        _move(
            held,
            to=ActionStatus.VERIFIED,
            event=events.ACTION_VERIFIED,
            verified_at=clock.now(),
            verified_by=author(by),
            status_reason=note,
        )
        cancel(held, [ActionDone.kind])
        tell_verified(held, by=by, note=note)
    return held


def return_action(*, action: UUID, reason: str, by: Actor, version: datetime | None = None) -> Action:
    """Done → returned, by staff or a party, with what is missing. Whoever did it is told at once."""
    reason = check_reason(reason, maximum=2000)
    with act(by=by, reason=reason):
        held = _held(action, by=by, version=version)
        require(can_return_action(by, held), NOT_VERIFIED)
        _move(held, to=ActionStatus.RETURNED, event=events.ACTION_RETURNED, status_reason=reason)
        cancel(held, [ActionDone.kind])
        tell_returned(held, by=by, reason=reason)
    return held


def cancel_action(*, action: UUID, reason: str, by: Actor, version: datetime | None = None) -> Action:
    """Open → cancelled, by staff or a party, with a reason. Everything pending about it is cancelled too."""
    reason = check_reason(reason, maximum=2000)
    with act(by=by, reason=reason):
        held = _held(action, by=by, version=version)
        require(can_cancel_action(by, held), _("Only ONMT's officers and the people of a party cancel an action."))
        _move(held, to=ActionStatus.CANCELLED, event=events.ACTION_CANCELLED, status_reason=reason)
        cancel(held)
    return held


# -- the gate ----------------------------------------------------------------------------------------------------------
def _held(action: UUID, *, by: Actor, version: datetime | None) -> Action:
    held: Action = lock(Action.objects.visible_to(by), action)
    check_version(held, version)
    return held


def _carried(action: UUID, *, by: Actor, version: datetime | None) -> Action:
    held = _held(action, by=by, version=version)
    require(can_carry_action(by, held), NOT_CARRIED)
    return held


def _move(action: Action, *, to: str, event: str, sources: Collection[str] | None = None, **values: object) -> None:
    """The one gate of an action's states, within the caller's act."""
    check_transition(ACTION_TRANSITIONS, current=action.status, to=to, sources=sources)
    write(action, status=to, **values)
    _announce(event, action)


def _announce(name: str, action: Action, **data: Any) -> None:
    announce(name, about=action, organisations=[action.organisation_id], status=action.status, **data)


def _documents(action: Action) -> Any:
    return Evidence.objects.filter(action=action, document__isnull=False, document__removed_at=None)


def _relate(action: Action, related: Mapping[str, UUID | None], *, by: Actor) -> None:
    """Set the relations named, each within what the actor sees and within the action's convention."""
    if "axis" in related:
        action.axis = _choose(Axis.objects.filter(convention=action.convention_id), related["axis"], field="axis")
    if "commitment" in related:
        owed = related["commitment"]
        within = Commitment.objects.visible_to(by).filter(convention=action.convention_id)
        action.commitment = None if owed is None else _choose(within, owed, field="commitment")
    if "organisation" in related:
        action.organisation = _choose(
            Organisation.objects.visible_to(by).exclude(status=OrganisationStatus.CLOSED), related["organisation"], field="organisation"
        )
    if "responsible" in related:
        person = related["responsible"]
        action.responsible = None if person is None else _choose(Person.objects.visible_to(by), person, field="responsible")
    if related.keys() & {"organisation", "responsible"} and action.responsible is not None:
        with elevated("whether the person responsible works for the owner, whose people the author may not see"):
            holds = Mandate.objects.current().filter(person=action.responsible, organisation=action.organisation_id).exists()
        if not holds:
            raise Invalid(
                _("This person holds no mandate in the organisation that owns the action."), code="no_mandate", field="responsible"
            )


def _choose(queryset: Any, pk: UUID | None, *, field: str) -> Any:
    found = queryset.filter(pk=pk).first() if pk is not None else None
    if found is None:
        raise Invalid(_("Choose one of the list."), code="invalid_choice", field=field)
    return found


def _check_terms(action: Action, names: Collection[str]) -> None:
    check_fields(action, names)
    check_text(action.title, field="title", maximum=300)
    if action.due_on < action.starts_on:
        raise Invalid(_("It would be due before it starts."), code="dates", field="due_on")
