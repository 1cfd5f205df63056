"""Erasing the personal data of somebody who takes part no more. What was done stays, under a label in the place of the name.

An organisation is never left without an administrator, nor the staff without an accounts manager: the refusal says who must
be named first.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, gettext_noop, override

from accounts.models import User
from accounts.services import close_account
from core import clock
from core.audit import act
from core.errors import Conflict
from core.models import Erasure
from core.privacy import erase as mechanism
from core.privacy import trail
from core.rights import require
from core.states import lock, write
from core.validation import check_reason
from partnership.models import Invitation, Mandate, Organisation, Person
from partnership.permissions.organisations import can_erase_account, can_erase_person, can_erase_unanswered
from partnership.privacy import subject_of

if TYPE_CHECKING:
    from uuid import UUID

    from core.actors import Actor
    from core.privacy.register import Subject


def erase_person(*, person: UUID, reason: str, by: Actor) -> Erasure:
    """Erase what is held about somebody of the sector, account included: accounts managers, never oneself; the retention round.

    The account is closed and its mandates end today. Refuses: DoesNotExist when hidden; Forbidden; Invalid on reason;
    Conflict when already erased, for an organisation's last administrator or the last accounts manager.
    """
    held: Person = Person.objects.visible_to(by).get(pk=person)
    require(can_erase_person(by, held), _("Only another accounts manager may do this."))
    return _erase(subject_of(person=person), reason=reason, by=by)


def erase_account(*, user: UUID, reason: str, by: Actor) -> Erasure:
    """As `erase_person`, from an account: its person too when it has one (setting ACCOUNT_ERASING)."""
    held = User.objects.visible_to(by).get(pk=user)
    require(can_erase_account(by, held), _("Only another accounts manager may do this."))
    return _erase(subject_of(account=user), reason=reason, by=by)


def erase_invitation(*, invitation: UUID, by: Actor) -> Erasure:
    """Forget whom an invitation that nobody answered was sent to; that it was sent stays. The retention round alone.

    Refuses: an invitation that was accepted, or that can still be.
    """
    require(can_erase_unanswered(by))
    with act(by=by, reason=gettext_noop("Kept long enough")):
        held = lock(Invitation.objects.all(), invitation)
        if held.accepted_at is not None or held.expires_at > clock.now():
            raise Conflict(_("This invitation can still be answered, or has been."), code="invitation_open")
        email, name = held.email, held.full_name
        label = _label(None)
        erasure = Erasure.objects.create(label=label)
        ended = held.revoked_at or clock.now()
        write(held, email=mechanism.address_of(held.pk), full_name=label, revoked_at=ended)
        known = User.objects.filter(email__iexact=email).exists() or Person.objects.filter(email__iexact=email).exists()
        touched = trail.sweep(erasure, identifiers=() if known else {email}, own={str(held.pk): {email, name}})
        write(erasure, touched=touched, finished_at=clock.now())
    return erasure


def _erase(subject: Subject, *, reason: str, by: Actor) -> Erasure:
    identifiers = subject.names | subject.emails | subject.phones
    label = _label(subject)
    # Whoever writes « at the request of … » does not write the name back.
    words = trail.masked(check_reason(reason), identifiers, label)
    with act(by=by, reason=words):
        _refuse_twice(subject)
        if subject.account is not None and User.objects.filter(pk=subject.account, is_active=True).exists():
            close_account(user=subject.account, by=by, reason=words)
        for mandate in Mandate.objects.filter(person=subject.person).exclude(ends_on__lte=clock.today()) if subject.person else ():
            write(mandate, ends_on=max(clock.today(), mandate.starts_on))
        invited = Invitation.objects.filter(email__in=[email.lower() for email in subject.emails])
        for invitation in invited.filter(accepted_at=None, revoked_at=None):
            write(invitation, revoked_at=clock.now())
        keys = [subject.account, subject.person, *invited.values_list("pk", flat=True)]
        own = {str(key): identifiers for key in keys if key is not None}
        erasure = mechanism.erase(subject=subject, label=label, shared=_shared(subject), own=own, by=by)
        User.objects.filter(pk__in=[subject.account]).update(erased_at=clock.now(), updated_at=clock.now())
        Person.objects.filter(pk__in=[subject.person]).update(erased_at=clock.now(), updated_at=clock.now())
    return erasure


def _refuse_twice(subject: Subject) -> None:
    """Both rows, held; refused when there is nothing left to erase."""
    user = lock(User.objects.all(), subject.account) if subject.account else None
    person = lock(Person.objects.all(), subject.person) if subject.person else None
    if all(row is None or row.erased_at is not None for row in (user, person)):
        raise Conflict(_("These data are erased already."), code="already_erased")


def _label(subject: Subject | None) -> str:
    """What takes the place of the name, in French as everything that is kept: the last organisation, and a mark that tells two apart."""
    mandates = Mandate.objects.filter(person=subject.person) if subject and subject.person else Mandate.objects.none()
    last = mandates.select_related("organisation").order_by("-starts_on", "-id").first()
    host = Organisation.objects.filter(is_host=True).first() if subject and last is None and subject.account else None
    organisation = last.organisation if last else host
    key = (subject.person or subject.account) if subject else None
    with override(settings.LANGUAGE_CODE):
        if organisation is None:
            label = str(gettext_lazy("Erased person"))
        else:
            label = _("Former member of %(organisation)s") % {"organisation": (organisation.acronym or organisation.name_fr)[:110]}
        if subject is not None and any(name.lower() in label.lower() for name in subject.names):
            label = str(gettext_lazy("Erased person"))
    return f"{label} ({key.hex[-6:]})" if key else label


def _shared(subject: Subject) -> frozenset[str]:
    """What somebody else bears too: looked for everywhere, it would be taken from them."""
    found: set[str] = set()
    accounts, people = User.objects.exclude(pk__in=[subject.account]), Person.objects.exclude(pk__in=[subject.person])
    for name in subject.names:
        if accounts.filter(full_name__iexact=name).exists() or people.filter(full_name__iexact=name).exists():
            found.add(name)
    for email in subject.emails:
        if accounts.filter(email__iexact=email).exists() or people.filter(email__iexact=email).exists() or _of_others(subject, email=email):
            found.add(email)
    for phone in subject.phones:
        if people.filter(phone=phone).exists() or _of_others(subject, phone=phone):
            found.add(phone)
    if any(phone in found for phone in subject.phones):
        found |= subject.phones
    return frozenset(found)


def _of_others(subject: Subject, **contact: str) -> bool:
    """Whether it is the line of an organisation in which others than the subject have a role."""
    others = Mandate.objects.current().exclude(person=subject.person).values("organisation")
    return Organisation.objects.filter(Q(pk__in=others), **contact).exists()
