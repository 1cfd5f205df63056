"""The front door's own mails, through the outbox. They go to an address at once and no preference silences them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from django.conf import settings
from django.urls import reverse
from django.utils import translation
from django.utils.formats import date_format

from core import clock
from core.ids import new_id
from core.mail import send_mail

if TYPE_CHECKING:
    from accounts.models import User

# What allauth announces, and the notice that says it. The same notice serves whatever the kind of factor.
NOTICES: Final = {
    "account/email/password_changed": "password_changed",
    "account/email/password_set": "password_changed",
    "account/email/password_reset": "password_changed",
    "mfa/email/totp_activated": "factor_added",
    "mfa/email/totp_deactivated": "factor_removed",
    "mfa/email/webauthn_added": "factor_added",
    "mfa/email/webauthn_removed": "factor_removed",
    "mfa/email/recovery_codes_generated": "codes_renewed",
}


def send_reset_link(user: User, *, path: str) -> None:
    """The link with which a password is chosen anew. `path` holds the token: valid an hour, once."""
    minutes = settings.PASSWORD_RESET_TIMEOUT // 60
    _send(user, "password_reset_link", {"link": f"{settings.SITE_URL}{path}", "minutes": minutes}, sensitive=True)


def send_staff_welcome(user: User) -> None:
    """A member of staff has an account: where to choose its password. The mail holds no secret."""
    _send(user, "staff_welcome", {"link": f"{settings.SITE_URL}{reverse('account_reset_password')}"})


def send_security_notice(user: User, change: str, *, ip: str = "", device: str = "") -> None:
    """Something that protects the account has changed: what, when and from where, and what to do if it was somebody else.

    `change` is one of password_changed, factor_added, factor_removed, factors_reset, codes_renewed, address_changed,
    new_device.
    """
    with translation.override(user.language):
        at = date_format(clock.now().astimezone(clock.CASABLANCA), "DATETIME_FORMAT")
    _send(user, "security_notice", {"change": change, "at": at, "ip": ip, "device": device[:120]})


def _send(user: User, name: str, data: dict[str, str | int], *, sensitive: bool = False) -> None:
    send_mail(
        to=user.email, language=user.language, template=f"accounts/emails/{name}", data=data, key=f"{name}:{new_id()}", sensitive=sensitive
    )
