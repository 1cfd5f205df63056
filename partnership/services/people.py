"""Every write of a person and of a mandate. An organisation with accounts is never left without an administrator.

Each verb that could break that rule holds the organisation's row first, so that two administrators who remove each other
at the same instant are answered one after the other.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.roles import MandateRole
from accounts.services import end_sessions_of
from core import clock
from core.audit import act
from core.errors import Conflict, Invalid
from core.events import announce
from core.mail import notify
from core.rights import require
from core.states import check_version, lock, write
from core.validation import check_day, check_fields, check_known, check_note, check_optional_day, check_text
from partnership import events
from partnership.models import Mandate, Organisation, Person
from partnership.notifications.languages import dated, labelled, organisation_names
from partnership.notifications.organisations import MandateChanged, MandateEnded, MandateGiven
from partnership.permissions.organisations import (
    can_change_mandate,
    can_end_mandate,
    can_give_mandate,
    can_manage_mandates,
    can_register_person,
    can_update_person,
    forget_mandates,
)
from partnership.selectors.people import administrators_on
from partnership.services.gates import require_an_administrator

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence
    from datetime import date, datetime
    from uuid import UUID

    from core.actors import Actor
    from core.mail import Message

PERSON_FIELDS: Final = frozenset({"full_name", "email", "phone", "languages"})


# -- people ------------------------------------------------------------------------------------------------------------
def register_person(
    *, full_name: str, by: Actor, email: str = "", phone: str = "", languages: Sequence[str] = (), is_demo: bool = False
) -> Person:
    """Create somebody of the sector, without an account. Staff who run operations or accounts.

    Refuses: an address that somebody registered already has.
    """
    require(can_register_person(by))
    with act(by=by):
        person = Person(full_name=full_name.strip(), email=email.strip().lower(), phone=phone, languages=list(languages), is_demo=is_demo)
        _check_person(person)
        _save_person(person)
    return person


def update_person(*, person: UUID, changes: Mapping[str, Any], by: Actor, version: datetime | None = None) -> Person:
    """Change a name, an address, a telephone, the languages. Staff who run operations or accounts; the person itself."""
    with act(by=by):
        held: Person = lock(Person.objects.visible_to(by), person)
        require(can_update_person(by, held))
        check_version(held, version)
        check_known(changes, PERSON_FIELDS)
        for name, value in changes.items():
            setattr(held, name, value.strip() if isinstance(value, str) else value)
        held.email = held.email.lower()
        _check_person(held)
        _save_person(held)
    return held


def _check_person(person: Person) -> None:
    check_text(person.full_name, field="full_name", minimum=2, maximum=150)
    check_fields(person, PERSON_FIELDS)


def _save_person(person: Person) -> None:
    try:
        with transaction.atomic():
            person.save()
    except IntegrityError as error:
        if "partnership_person_email_once" not in str(error):
            raise
        raise Invalid(_("Somebody with this address is already registered."), code="unique", field="email") from error


# -- mandates ----------------------------------------------------------------------------------------------------------
def give_mandate(
    *,
    person: UUID,
    organisation: UUID,
    role: str,
    by: Actor,
    title: str = "",
    starts_on: date | None = None,
    ends_on: date | None = None,
    source: str = "",
) -> Mandate:
    """A person holds a role in an organisation from a day on (today by default), until `ends_on` (the first day without) if given.

    Refuses: a person the actor does not see (an administrator invites instead), two mandates at once in one organisation,
    a first account that is not an administrator's.
    """
    with act(by=by):
        held: Organisation = lock(Organisation.objects.visible_to(by), organisation)
        forget_mandates(by)
        require(can_give_mandate(by, held))
        found: Person = Person.objects.visible_to(by).get(pk=person)
        mandate = open_mandate(
            person=found, organisation=held, role=role, title=title, starts_on=starts_on, ends_on=ends_on, source=source, by=by
        )
        _tell(MandateGiven, mandate, by=by)
    return mandate


def open_mandate(
    *,
    person: Person,
    organisation: Organisation,
    role: str,
    by: Actor,
    title: str = "",
    starts_on: date | None = None,
    ends_on: date | None = None,
    source: str = "",
) -> Mandate:
    """Write a mandate whose right another verb has checked, the organisation's row being held. Within that verb's act."""
    mandate = Mandate(
        person=person,
        organisation=organisation,
        role=role,
        title=title.strip(),
        starts_on=check_day(starts_on or clock.today(), field="starts_on"),
        ends_on=check_optional_day(ends_on, field="ends_on"),
        source=source.strip(),
    )
    check_fields(mandate, {"role", "title", "source"})
    if mandate.ends_on is not None and mandate.ends_on <= mandate.starts_on:
        raise Invalid(_("A mandate ends after it starts."), code="dates", field="ends_on")
    if _overlaps(mandate):
        raise Conflict(_("This person already has a role in this organisation at that time."), code="mandate_overlap")
    if person.user_id:
        require_an_administrator(organisation, role=role, on=mandate.starts_on, field="role")
    mandate.save(force_insert=True)
    announce(events.MANDATE_GIVEN, about=mandate, organisations=[organisation.pk], person=str(person.pk), role=str(role))
    return mandate


def _overlaps(mandate: Mandate) -> bool:
    others = Mandate.objects.filter(person=mandate.person, organisation=mandate.organisation).exclude(ends_on__lte=mandate.starts_on)
    if mandate.ends_on is not None:
        others = others.filter(starts_on__lt=mandate.ends_on)
    # A mandate that ended on the day it began holds on no day.
    return any(other.ends_on is None or other.ends_on > other.starts_on for other in others)


def change_mandate_role(*, mandate: UUID, role: str, by: Actor, reason: str = "", version: datetime | None = None) -> Mandate:
    """Change what a person may do for an organisation. Its administrators, accounts managers, convention managers.

    Refuses: the last administrator with an account becoming something else, a mandate that is over.
    """
    reason = check_note(reason, field="reason")
    with act(by=by, reason=reason):
        held = _held_mandate(mandate, by=by)
        require(can_change_mandate(by, held))
        check_version(held, version)
        _require_running(held)
        former = held.role
        if role == former:
            return held
        held.role = role
        check_fields(held, {"role"})
        if former == MandateRole.ADMINISTRATOR:
            _check_administrator_stays(held.organisation, without=[held.pk], on=clock.today())
        write(held, role=role)
        _end_sessions(held, by=by)
        announce(events.MANDATE_CHANGED, about=held, organisations=[held.organisation_id], person=str(held.person_id), role=str(role))
        _tell(MandateChanged, held, by=by, former_role=labelled(MandateRole(former).label))
    return held


def end_mandate(*, mandate: UUID, by: Actor, reason: str = "", ends_on: date | None = None, version: datetime | None = None) -> Mandate:
    """The mandate no longer holds from a day on (today by default). As for changing it; and anybody may leave an organisation.

    Refuses: leaving an organisation without an administrator who has an account, a mandate that is over, a day before it began.
    """
    day = check_day(ends_on or clock.today(), field="ends_on")
    reason = check_note(reason, field="reason")
    with act(by=by, reason=reason):
        held = _held_mandate(mandate, by=by)
        require(can_end_mandate(by, held))
        check_version(held, version)
        _require_running(held)
        if day < held.starts_on:
            raise Invalid(_("A mandate ends after it starts."), code="dates", field="ends_on")
        if held.role == MandateRole.ADMINISTRATOR:
            _check_administrator_stays(held.organisation, without=[held.pk], on=max(day, clock.today()))
        write(held, ends_on=day)
        _end_sessions(held, by=by)
        announce(events.MANDATE_ENDED, about=held, organisations=[held.organisation_id], person=str(held.person_id))
        _tell(MandateEnded, held, by=by, since=dated(day), reason=reason)
    return held


def _held_mandate(mandate: UUID, *, by: Actor) -> Mandate:
    """The mandate, its organisation's row held first; what `by` remembers of its own mandates is read again behind that lock."""
    seen = Mandate.objects.select_related("person").visible_to(by).get(pk=mandate)
    if seen.person.user_id:  # accounts are held before organisations, as closing one does: the two never wait for each other
        lock(User.objects.all(), seen.person.user_id)
    lock(Organisation.objects.all(), seen.organisation_id)
    forget_mandates(by)
    return lock(Mandate.objects.select_related("organisation", "person"), mandate)


def _end_sessions(mandate: Mandate, *, by: Actor) -> None:
    """Whoever loses a right, or gets another, signs in anew: no page opened before speaks for a role that is gone."""
    if mandate.person.user_id:
        end_sessions_of(user=mandate.person.user_id, by=by)


def _require_running(mandate: Mandate) -> None:
    if mandate.ends_on is not None and mandate.ends_on <= clock.today():
        raise Conflict(_("This mandate is over."), code="mandate_over")


def _check_administrator_stays(organisation: Organisation, *, without: Collection[UUID], on: date) -> None:
    """Refuse to take away the last administrator who can sign in. The host is run by its staff, who hold no mandate."""
    if organisation.is_host:
        return
    today = clock.today()
    leaving = administrators_on(organisation.pk, today).filter(pk__in=without)
    if leaving.exists() and not administrators_on(organisation.pk, on).exclude(pk__in=without).exists():
        raise Conflict(
            _("%(organisation)s would be left without an administrator: give this role to somebody else first.")
            % {"organisation": organisation.name},
            code="last_administrator",
        )


def _tell(message: type[Message], mandate: Mandate, *, by: Actor, **more: Any) -> None:
    """Tell the person, unless it acted itself or has no account."""
    user = mandate.person.user
    if user is None or user.pk == by.pk:
        return
    data = {
        "organisation": organisation_names(mandate.organisation),
        "role": labelled(MandateRole(mandate.role).label),
        "actor": str(by),
    }
    notify(message(about=mandate, url=reverse("partnership:organisation_mine"), data=data | more), to=[user])


# -- accounts ----------------------------------------------------------------------------------------------------------
def link_account(*, person: UUID, email: str, by: Actor) -> Person:
    """Tie a person to the account of an address, which then holds its mandates. Accounts managers.

    Refuses: an address without an account, a person or an account already tied, a person whose role would be the first account
    of an organisation without being its administrator's.
    """
    require(can_manage_mandates(by))
    with act(by=by):
        held: Person = lock(Person.objects.visible_to(by), person)
        account = User.objects.filter(email=email.strip().lower()).first()
        if account is None:
            raise Invalid(_("No account has this address."), code="unknown_account", field="email")
        if held.user_id is not None or Person.objects.filter(user=account).exists():
            raise Conflict(_("This person or this account is already tied."), code="already_linked")
        for mandate in held.mandates.select_related("organisation").exclude(ends_on__lte=clock.today()):
            organisation = lock(Organisation.objects.all(), mandate.organisation_id)
            require_an_administrator(organisation, role=mandate.role, on=mandate.starts_on, field="email")
        write(held, user=account)
    return held


def leave_every_organisation(*, user: UUID, by: Actor) -> int:
    """End today the mandates of an account that is being closed (setting ACCOUNT_CLOSING); gives how many. Accounts managers.

    Refuses as `end_mandate` does: each organisation keeps an administrator, or the account stays open.
    """
    require(can_manage_mandates(by))
    today = clock.today()
    running = Mandate.objects.filter(person__user_id=user).exclude(ends_on__lte=today)
    with act(by=by):
        # In one order for everybody: two closings that share organisations wait for each other.
        organisations = Organisation.objects.filter(mandates__in=running).distinct().order_by("pk").values_list("pk", flat=True)
        held = [lock(Organisation.objects.all(), pk) for pk in organisations]
        ending = list(running.select_related("organisation"))
        for organisation in held:
            mine = [mandate.pk for mandate in ending if mandate.organisation_id == organisation.pk]
            _check_administrator_stays(organisation, without=mine, on=today)
        for mandate in ending:
            write(mandate, ends_on=max(today, mandate.starts_on))
            announce(events.MANDATE_ENDED, about=mandate, organisations=[mandate.organisation_id], person=str(mandate.person_id))
    return len(ending)
