"""Accounts, made the way their services leave them, and the ways to sign one in."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

import factory
from allauth.account.internal.flows.login import _AUTHENTICATION_METHODS_USER_SESSION_KEY, AUTHENTICATION_METHODS_SESSION_KEY
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, format_hotp_value, hotp_value
from django.contrib.auth.models import Group

from accounts.middleware import SEEN_AT, SIGNED_IN_AT
from accounts.models import User
from accounts.roles import StaffRole
from core import clock

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.test import Client

PASSWORD = "une longue phrase de passe 2026"
SEED = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


class UserFactory(factory.django.DjangoModelFactory[User]):
    """Somebody with an account and the password `PASSWORD`; `roles=[…]` makes a member of ONMT's staff."""

    class Meta:
        model = User
        skip_postgeneration_save = True

    email = factory.Sequence(lambda n: f"personne{n}@example.ma")
    full_name = factory.Sequence(lambda n: f"Personne {n}")
    language = "fr"

    @classmethod
    def _create(cls, model_class: type[User], *args: Any, **kwargs: Any) -> User:
        roles: Iterable[StaffRole] = kwargs.pop("roles", ())
        password: str | None = kwargs.pop("password", PASSWORD)
        kwargs.setdefault("is_staff", bool(roles))
        user = model_class(**kwargs)
        user.set_password(password)
        user.save()
        if roles:
            user.groups.set([Group.objects.get_or_create(name=role.value)[0] for role in roles])
        return user


class StaffFactory(UserFactory):
    """A convention manager of ONMT unless `roles` says otherwise."""

    roles = (StaffRole.CONVENTION_MANAGER,)


def give_totp(user: User, *, codes: bool = False) -> str:
    """Give an authenticator app whose seed is `SEED` (and recovery codes); the code it shows now."""
    TOTP.activate(user, SEED)
    if codes:
        RecoveryCodes.activate(user)
    return totp_code()


def totp_code() -> str:
    """The code that an app with `SEED` shows now."""
    return str(format_hotp_value(hotp_value(SEED, int(clock.now().timestamp()) // 30)))


def sign_in(client: Client, user: User, *, second_factor: bool = True) -> Client:
    """Sign in without the pages, second factor passed, last use noted: the next request costs what any later one does."""
    client.force_login(user)
    session = client.session
    now = clock.now().timestamp()
    session[SIGNED_IN_AT] = session[SEEN_AT] = now
    if second_factor:
        session[AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": "mfa", "at": time.time(), "type": "totp"}]
        session[_AUTHENTICATION_METHODS_USER_SESSION_KEY] = str(user.pk)
    session.save()
    return client
