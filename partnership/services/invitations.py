"""Invitations: an organisation's administrator offers a mandate to an address. The link is good once, for seven days.

Only the digest of a link is kept. Whether the address already has an account changes nothing in the answer: it shows
only to whoever opens the link, that is to whoever receives mail at that address.
"""

from __future__ import annotations

import hashlib
import secrets
from datetime import timedelta
from typing import TYPE_CHECKING, Final

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.roles import MandateRole
from core import clock
from core.actors import SYSTEM
from core.audit import act
from core.errors import Conflict, Forbidden, Invalid
from core.events import announce
from core.mail import cancel_mail, notify, send_mail
from core.rights import require
from core.states import lock, write
from core.validation import check_fields, check_text
from core.wall import elevated
from partnership import events
from partnership.choices import OrganisationStatus
from partnership.models import Invitation, Mandate, Organisation, Person
from partnership.notifications.languages import labelled, organisation_names
from partnership.notifications.organisations import InvitationAccepted
from partnership.permissions.organisations import can_invite, can_renew_invitation, can_revoke_invitation, forget_mandates
from partnership.services.authors import author
from partnership.services.gates import require_an_administrator
from partnership.services.people import open_mandate

if TYPE_CHECKING:
    from uuid import UUID

    from core.actors import Actor

LIFE: Final = timedelta(days=7)
TOKEN_BYTES: Final = 32


def digest_of(token: str) -> str:
    """What is stored of a link: 256 random bits need no slow hash."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


# -- sending -----------------------------------------------------------------------------------------------------------
def invite(*, organisation: UUID, email: str, full_name: str, role: str, language: str = "fr", by: Actor) -> Invitation:
    """Offer a role to an address; the mail leaves after the commit. The organisation's administrators, accounts managers.

    Refuses: an address that is none, a colleague who already has a role, an invitation still open (renew it), a first
    account that is not an administrator's. An address with an account elsewhere is answered like any other.
    """
    address = _address(email)
    with act(by=by):
        held: Organisation = lock(Organisation.objects.visible_to(by), organisation)
        forget_mandates(by)
        require(can_invite(by, held))
        if Mandate.objects.current().filter(organisation=held, person__email__iexact=address).exists():
            raise Conflict(_("This person already has a role in the organisation."), code="already_member")
        if Invitation.objects.filter(organisation=held, email__iexact=address, accepted_at=None, revoked_at=None).exists():
            raise Conflict(_("This person is already invited: renew the invitation instead."), code="already_invited")
        require_an_administrator(held, role=role, on=clock.today(), field="role")
        invitation = Invitation(
            organisation=held, email=address, full_name=full_name.strip(), role=role, language=language, invited_by=author(by)
        )
        check_text(invitation.full_name, field="full_name", minimum=2, maximum=150)
        check_fields(invitation, {"email", "full_name", "role", "language"})
        token = _give_link(invitation)
        invitation.save(force_insert=True)
        _send(invitation, token, by=by)
        announce(events.INVITATION_SENT, about=invitation, organisations=[held.pk])
    return invitation


def renew_invitation(*, invitation: UUID, by: Actor) -> Invitation:
    """Send a new link, good for seven days from now; the former one no longer opens anything. As for inviting."""
    with act(by=by):
        held = _open_invitation(invitation, by=by)
        require(can_renew_invitation(by, held))
        cancel_mail(key=_mail_key(held), cause="a newer link replaces it")
        token = _give_link(held)
        write(held, token_digest=held.token_digest, expires_at=held.expires_at)
        _send(held, token, by=by)
        announce(events.INVITATION_RENEWED, about=held, organisations=[held.organisation_id])
    return held


def revoke_invitation(*, invitation: UUID, by: Actor) -> Invitation:
    """The link no longer opens anything; its mail does not leave if it still waits. As for inviting."""
    with act(by=by):
        held = _open_invitation(invitation, by=by)
        require(can_revoke_invitation(by, held))
        write(held, revoked_at=clock.now())
        cancel_mail(key=_mail_key(held), cause="the invitation is withdrawn")
        announce(events.INVITATION_REVOKED, about=held, organisations=[held.organisation_id])
    return held


def _open_invitation(invitation: UUID, *, by: Actor) -> Invitation:
    """The organisation's row first, then the invitation's: the same order everywhere."""
    seen = Invitation.objects.visible_to(by).get(pk=invitation)
    lock(Organisation.objects.all(), seen.organisation_id)
    forget_mandates(by)
    held = lock(Invitation.objects.select_related("organisation"), invitation)
    if held.accepted_at is not None:
        raise Conflict(_("This invitation has been accepted."), code="invitation_accepted")
    if held.revoked_at is not None:
        raise Conflict(_("This invitation has been withdrawn."), code="invitation_revoked")
    return held


def _address(email: str) -> str:
    address = email.strip().lower()
    try:
        validate_email(address)
    except ValidationError:
        raise Invalid(_("This is not an e-mail address."), code="invalid_email", field="email") from None
    return address


def _give_link(invitation: Invitation) -> str:
    token = secrets.token_urlsafe(TOKEN_BYTES)
    invitation.token_digest = digest_of(token)
    invitation.expires_at = clock.now() + LIFE
    return token


def _mail_key(invitation: Invitation) -> str:
    return f"invitation:{invitation.pk}:{invitation.token_digest[:16]}"


def _send(invitation: Invitation, token: str, *, by: Actor) -> None:
    with translation.override(invitation.language):
        expires = date_format(invitation.expires_at.astimezone(clock.CASABLANCA), "DATETIME_FORMAT", use_l10n=True)
    data = {
        "organisation": organisation_names(invitation.organisation),
        "inviter": str(by),
        "role": labelled(MandateRole(invitation.role).label),
        "path": reverse("partnership:invitation_accept", args=[token]),
        "expires": expires,
    }
    send_mail(
        to=invitation.email, language=invitation.language, template="partnership/emails/invitation", data=data, key=_mail_key(invitation)
    )


# -- accepting ---------------------------------------------------------------------------------------------------------
@elevated("the bearer of an invitation's link is not of the organisation yet")
def open_invitation(*, token: str) -> Invitation:
    """The invitation that a link opens, for the page that shows it. Refuses (Conflict) one same way whatever is wrong with the link."""
    found = Invitation.objects.filter(token_digest=digest_of(token)).select_related("organisation", "invited_by").first()
    if found is None or not _is_good(found):
        raise Conflict(_("This invitation cannot be used: it has expired, was used or withdrawn."), code="invitation_over")
    return found


def _is_good(invitation: Invitation) -> bool:
    return (
        invitation.accepted_at is None
        and invitation.revoked_at is None
        and invitation.expires_at > clock.now()
        and invitation.organisation.status != OrganisationStatus.CLOSED
    )


@elevated("whoever accepts an invitation is of the organisation only once it is done")
def accept_invitation(*, token: str, by: Actor, password: str = "", full_name: str = "") -> User:
    """The address gets its account if it had none, and the mandate; whoever invited is told. Once.

    An address that has an account accepts signed in with it. Refuses: a link that is over (Conflict), somebody signed in
    with another account or an account not signed in (Forbidden, code `other_account` or `sign_in_first`), a weak password.
    """
    seen = open_invitation(token=token)
    with transaction.atomic():
        lock(Organisation.objects.all(), seen.organisation_id)
        held = lock(Invitation.objects.select_related("organisation", "invited_by"), seen.pk)
        if not _is_good(held) or held.token_digest != digest_of(token):
            raise Conflict(_("This invitation cannot be used: it has expired, was used or withdrawn."), code="invitation_over")
        user = _account(held, password=password, full_name=full_name, by=by)
        with act(by=user, reason=""):
            person = _person(held, user)
            mandate = open_mandate(person=person, organisation=held.organisation, role=held.role, by=user)
            write(held, accepted_at=clock.now(), mandate=mandate)
            announce(events.INVITATION_ACCEPTED, about=held, organisations=[held.organisation_id], mandate=str(mandate.pk))
            _tell_inviter(held, user)
    forget_mandates(user)
    return user


def _account(invitation: Invitation, *, password: str, full_name: str, by: Actor) -> User:
    from accounts.services import register_user

    known = User.objects.filter(email=invitation.email.lower()).first()
    signed_in = isinstance(by, User) and bool(by.is_authenticated)
    if signed_in and (known is None or known.pk != by.pk):
        raise Forbidden(_("This invitation is for another account: sign out first."), code="other_account")
    if known is not None:
        if not signed_in:
            raise Forbidden(_("This address has an account: sign in with it to accept."), code="sign_in_first")
        account: User = known
        return account
    name = full_name.strip() or invitation.full_name
    return register_user(email=invitation.email, full_name=name, language=invitation.language, password=password, by=SYSTEM)


def _person(invitation: Invitation, user: User) -> Person:
    """The account's person: the one it has, the one known by that address, or a new one."""
    linked = Person.objects.filter(user=user).first()
    if linked is not None:
        return linked
    known = Person.objects.select_for_update(of=("self",)).filter(email__iexact=user.email).first()
    if known is None:
        return _new_person(user)
    if known.user_id is not None:
        raise Conflict(_("This address belongs to somebody who has another account."), code="address_taken")
    write(known, user=user)
    return known


def _new_person(user: User) -> Person:
    person = Person(full_name=user.full_name, email=user.email, user=user, languages=[user.language])
    try:
        with transaction.atomic():
            person.save(force_insert=True)
    except IntegrityError as error:
        raise Conflict(_("This address has just been registered: try again."), code="try_again") from error
    return person


def _tell_inviter(invitation: Invitation, user: User) -> None:
    if invitation.invited_by is None:
        return
    data = {
        "person": user.full_name,
        "email": invitation.email,
        "organisation": organisation_names(invitation.organisation),
        "role": labelled(MandateRole(invitation.role).label),
    }
    notify(InvitationAccepted(about=invitation, url=reverse("partnership:organisation_mine"), data=data), to=[invitation.invited_by])
