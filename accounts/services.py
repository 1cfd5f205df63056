"""Every write to an account. Each act is audited with its actor and reason; what protects an account ends its sessions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.account.utils import user_pk_to_url_str
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.auth.models import Group
from django.contrib.auth.password_validation import validate_password
from django.contrib.auth.tokens import default_token_generator
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.module_loading import import_string
from django.utils.translation import gettext_lazy as _
from django.utils.translation import gettext_noop

from accounts.models import User
from accounts.notifications import send_reset_link, send_security_notice, send_staff_welcome
from accounts.permissions import can_manage_account, can_open_account, can_update_account
from accounts.roles import StaffRole
from accounts.secrets import reseal
from core import audit
from core.actors import SYSTEM
from core.errors import Conflict, Forbidden, Invalid
from core.ids import new_id
from core.rights import require
from core.states import check_version, lock
from core.validation import check_reason, check_text

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime
    from uuid import UUID

    from core.actors import Actor


# -- checks of what is given -------------------------------------------------------------------------------------------
def _clean_email(email: str) -> str:
    address = email.strip().lower()
    try:
        validate_email(address)
    except ValidationError as error:
        raise Invalid(_("This is not an e-mail address."), code="email", field="email") from error
    return address


def _clean_name(full_name: str) -> str:
    return check_text(" ".join(full_name.split()), field="full_name", maximum=150)


def _clean_language(language: str) -> str:
    if language not in dict(settings.LANGUAGES):
        raise Invalid(_("This language is not offered."), code="language", field="language")
    return language


def _clean_roles(roles: Iterable[str]) -> frozenset[StaffRole]:
    try:
        return frozenset(StaffRole(role) for role in roles)
    except ValueError as error:
        raise Invalid(_("This role does not exist."), code="role", field="roles") from error


def _check_password(password: str, user: User) -> None:
    try:
        validate_password(password, user)
    except ValidationError as error:
        raise Invalid(" ".join(error.messages), code="password", field="password") from error


def _managed(user: UUID, by: Actor) -> User:
    """The account, held; refused to whoever may not manage it, its owner included."""
    account = lock(User.objects.visible_to(by), user)
    require(can_manage_account(by, account), _("Only another accounts manager may do this."))
    return account


def _own_or_managed(user: UUID, by: Actor) -> User:
    account = lock(User.objects.visible_to(by), user)
    require(can_update_account(by, account), _("You may not change this account."))
    return account


def _insert(account: User) -> User:
    try:
        with transaction.atomic():
            account.save(force_insert=True)
    except IntegrityError as error:
        raise Invalid(_("This address already has an account."), code="email_taken", field="email") from error
    return account


# -- accounts ----------------------------------------------------------------------------------------------------------
def register_user(*, email: str, full_name: str, language: str, password: str, by: Actor) -> User:
    """Open an account with its password. Called when an invitation is accepted (`by` the system) or by an accounts manager.

    Refuses: Forbidden; Invalid on email (also when taken), full_name, language, password. Sends nothing.
    """
    require(can_open_account(by), _("Accounts are opened by invitation."))
    account = User(email=_clean_email(email), full_name=_clean_name(full_name), language=_clean_language(language))
    _check_password(password, account)
    account.set_password(password)
    with audit.act(by=by, reason=gettext_noop("Account opened")):
        return _insert(account)


def update_profile(*, user: UUID, full_name: str, language: str, by: Actor, version: datetime | None = None) -> User:
    """Change the name and the language of an account: one's own, or any for an accounts manager.

    Refuses: DoesNotExist when hidden; Forbidden; Invalid on full_name, language; Stale when `version` is not its `updated_at`.
    """
    with audit.act(by=by):
        account = _own_or_managed(user, by)
        check_version(account, version)
        account.full_name, account.language = _clean_name(full_name), _clean_language(language)
        account.save(update_fields=["full_name", "language", "updated_at"])
    return account


def change_language(*, user: UUID, language: str, by: Actor) -> User:
    """Change the language an account reads in; nothing is written when it is the same already. Refuses as `update_profile`."""
    with audit.act(by=by):
        account = _own_or_managed(user, by)
        if account.language != _clean_language(language):
            account.language = language
            account.save(update_fields=["language", "updated_at"])
    return account


def change_email(*, user: UUID, email: str, by: Actor, reason: str) -> User:
    """Give an account another address, by an accounts manager who has checked it. Every session ends; the old address is told.

    Refuses: DoesNotExist; Forbidden (one's own included); Invalid on email (also when taken), reason.
    """
    with audit.act(by=by, reason=check_reason(reason)):
        account = _managed(user, by)
        address = _clean_email(email)
        if User.objects.exclude(pk=account.pk).filter(email=address).exists():
            raise Invalid(_("This address already has an account."), code="email_taken", field="email")
        send_security_notice(account, "address_changed")
        account.email = address
        account.save(update_fields=["email", "updated_at"])
        _end_sessions(account)
    return account


# -- passwords ---------------------------------------------------------------------------------------------------------
def change_password(*, user: UUID, password: str, by: Actor) -> User:
    """Set a new password, checked by the caller against the old one or a reset link. Every session ends, the caller's too.

    Refuses: DoesNotExist; Forbidden for anybody but the owner and the system; Invalid on password.
    """
    with audit.act(by=by, reason=gettext_noop("Password changed")):
        account = lock(User.objects.visible_to(by), user)
        if by is not SYSTEM and by.pk != account.pk:
            raise Forbidden(_("Only the owner of an account chooses its password."))
        _check_password(password, account)
        account.set_password(password)
        account.save(update_fields=["password", "updated_at"])
        _end_sessions(account)
    return account


def reset_path(key: str) -> str:
    """The path of the page on which a password is chosen anew; `key` is allauth's « account-token »."""
    account, _dash, token = key.partition("-")
    return reverse("account_reset_password_from_key", kwargs={"uidb36": account, "key": token})


def request_password_reset(*, email: str) -> None:
    """Send a link with which the password can be chosen anew, when the address has an open account.

    An unknown address and a closed account cost the same work, which is then undone: neither the answer nor its delay tells.
    """
    address = email.strip().lower()
    account = User.objects.filter(email=address, is_active=True).first()
    recipient = account or User(email=address, full_name=address, session_stamp=new_id())
    with transaction.atomic():
        token = default_token_generator.make_token(recipient)
        send_reset_link(recipient, path=reset_path(f"{user_pk_to_url_str(recipient)}-{token}"))
        if account is None:
            transaction.set_rollback(True)


# -- sessions and second factors ---------------------------------------------------------------------------------------
def _end_sessions(account: User) -> None:
    """A new stamp ends every session at once, those no list knows included; the listed ones are also removed."""
    account.session_stamp = new_id()
    account.save(update_fields=["session_stamp", "updated_at"])
    for session in UserSession.objects.filter(user_id=account.pk):
        session.end()


def end_sessions(*, user: UUID, by: Actor, reason: str = "") -> User:
    """End every session of an account, one's own or any for an accounts manager. A door that means to keep its own renews it.

    Refuses: DoesNotExist; Forbidden.
    """
    with audit.act(by=by, reason=reason or gettext_noop("Sessions ended")):
        account = _own_or_managed(user, by)
        _end_sessions(account)
    return account


def end_session(*, session: int, by: Actor) -> None:
    """End one of one's own sessions. Refuses: DoesNotExist for anybody else's."""
    with audit.act(by=by, reason=gettext_noop("Session ended")):
        UserSession.objects.get(pk=session, user_id=by.pk).end()


def end_sessions_of(*, user: UUID, by: Actor) -> None:
    """End every session of an account whose rights have just changed. Within the act of a verb that has checked who may change them.

    Nothing for somebody who gives up a right of their own: their session already goes without it.
    """
    if by.pk == user:
        return
    with audit.act(by=by):
        _end_sessions(lock(User.objects.all(), user))


def reseal_secrets(*, by: Actor) -> int:
    """Seal every second factor anew with the present SECRET_KEY, so that a former key can be forgotten; how many there were.

    Refuses: Forbidden for anybody but the system; ImproperlyConfigured when one of them opens with no key (none is then resealed).
    """
    require(by is SYSTEM, _("Only the system does this."))
    with transaction.atomic():
        held = list(Authenticator.objects.select_for_update().exclude(type=Authenticator.Type.WEBAUTHN))
        for factor in held:
            sealed = {name: reseal(factor.data[name]) for name in ("secret", "seed") if name in factor.data}
            codes = {"migrated_codes": [reseal(code) for code in factor.data["migrated_codes"]]} if "migrated_codes" in factor.data else {}
            factor.data = factor.data | sealed | codes
            factor.save(update_fields=["data"])
    return len(held)


def reset_second_factor(*, user: UUID, by: Actor, reason: str) -> User:
    """Remove every second factor of somebody who lost them, by an accounts manager who has checked who asks.

    Every session ends and the owner is told; staff set a factor up again at the next sign-in.
    Refuses: DoesNotExist; Forbidden (one's own included); Invalid on reason.
    """
    with audit.act(by=by, reason=check_reason(reason)):
        account = _managed(user, by)
        Authenticator.objects.filter(user_id=account.pk).delete()
        _end_sessions(account)
        send_security_notice(account, "factors_reset")
    return account


# -- staff -------------------------------------------------------------------------------------------------------------
def _give_roles(account: User, roles: frozenset[StaffRole]) -> None:
    """Hold exactly these roles. One change of roles at a time, so that two managers cannot remove each other at once."""
    keeper, _created = Group.objects.get_or_create(name=StaffRole.ACCOUNT_MANAGER.value)
    Group.objects.select_for_update().get(pk=keeper.pk)
    managed = account.groups.filter(pk=keeper.pk).exists()
    account.groups.set([Group.objects.get_or_create(name=role.value)[0] for role in sorted(roles)])
    account.is_staff = bool(roles)
    account.save(update_fields=["is_staff", "updated_at"])
    if managed and StaffRole.ACCOUNT_MANAGER not in roles:
        _check_a_manager_remains()
    vars(account).pop("staff_roles", None)


def _check_a_manager_remains() -> None:
    active = User.objects.filter(is_active=True, is_staff=True)
    if not active.filter(groups__name=StaffRole.ACCOUNT_MANAGER.value).exists():
        raise Conflict(_("This is the last accounts manager: give the role to somebody else first."), code="last_account_manager")


def open_staff_account(*, email: str, full_name: str, language: str, roles: Iterable[str], by: Actor, reason: str = "") -> User:
    """Open the account of a member of ONMT's staff, with at least one role and no password: a mail says where to choose it.

    Refuses: Forbidden; Invalid on email (also when taken), full_name, language, roles.
    """
    require(can_open_account(by), _("Only an accounts manager may do this."))
    wanted = _clean_roles(roles)
    if not wanted:
        raise Invalid(_("Choose at least one role."), code="required", field="roles")
    account = User(email=_clean_email(email), full_name=_clean_name(full_name), language=_clean_language(language), is_staff=True)
    account.set_unusable_password()
    with audit.act(by=by, reason=reason or gettext_noop("Staff account opened")):
        _insert(account)
        _give_roles(account, wanted)
        send_staff_welcome(account)
    return account


def set_staff_roles(*, user: UUID, roles: Iterable[str], by: Actor, reason: str) -> User:
    """Make an account hold exactly these staff roles (none: it leaves the staff). Its sessions end when they differ.

    Refuses: DoesNotExist; Forbidden (one's own included); Invalid on roles, reason; Conflict for the last accounts manager.
    """
    with audit.act(by=by, reason=check_reason(reason)):
        account = _managed(user, by)
        wanted = _clean_roles(roles)
        held = set(account.groups.values_list("name", flat=True))
        if held != {role.value for role in wanted} or account.is_staff != bool(wanted):
            _give_roles(account, wanted)
            _end_sessions(account)
    return account


# -- closing -----------------------------------------------------------------------------------------------------------
def close_account(*, user: UUID, by: Actor, reason: str) -> User:
    """Close an account: nobody signs in with it any more and its sessions end; its history stays. Closing twice is refused.

    Refuses: DoesNotExist; Forbidden (one's own included); Invalid on reason; Conflict when closed, for the last accounts manager,
    or for an organisation's last administrator.
    """
    with audit.act(by=by, reason=check_reason(reason)):
        account = _managed(user, by)
        if not account.is_active:
            raise Conflict(_("This account is closed already."), code="forbidden_transition")
        # What the floors above hold of this account is settled first; they may refuse (an organisation left without administrator).
        import_string(settings.ACCOUNT_CLOSING)(user=account.pk, by=by)
        keeper = Group.objects.select_for_update().filter(name=StaffRole.ACCOUNT_MANAGER.value).first()
        account.is_active = False
        account.save(update_fields=["is_active", "updated_at"])
        if keeper is not None and account.groups.filter(pk=keeper.pk).exists():
            _check_a_manager_remains()
        _end_sessions(account)
    return account


def reopen_account(*, user: UUID, by: Actor, reason: str) -> User:
    """Open a closed account again, with the password, factors and roles it had.

    Refuses: DoesNotExist; Forbidden (one's own included); Invalid on reason; Conflict when it is not closed, or erased.
    """
    with audit.act(by=by, reason=check_reason(reason)):
        account = _managed(user, by)
        if account.is_active:
            raise Conflict(_("This account is not closed."), code="forbidden_transition")
        if account.erased_at is not None:
            raise Conflict(_("Its personal data are erased: invite the person anew."), code="erased")
        account.is_active = True
        account.save(update_fields=["is_active", "updated_at"])
    return account
