"""How allauth meets the portal: no open registration, mails through the outbox, limits with one clear answer, sealed secrets."""

from __future__ import annotations

import secrets
from typing import TYPE_CHECKING, Any

import structlog
from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.authentication import get_authentication_records
from allauth.core import context, ratelimit
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.idp.oidc.adapter import DefaultOIDCAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.db import transaction
from django.utils.http import url_has_allowed_host_and_scheme

from accounts import services
from accounts.devices import is_known, remember
from accounts.middleware import SEEN_AT, SIGNED_IN_AT
from accounts.notifications import NOTICES, send_security_notice
from accounts.secrets import seal, unseal
from core import clock
from core.network import client_ip
from core.templatetags.ui import device

if TYPE_CHECKING:
    from django.core.exceptions import ValidationError
    from django.http import HttpRequest, HttpResponse

    from accounts.models import User

log = structlog.get_logger(__name__)

LIMITS = frozenset({"too_many_login_attempts", "rate_limited"})


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Sign-in with the portal's rules."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Accounts come from invitations."""
        return False

    def get_client_ip(self, request: HttpRequest) -> str:
        """The caller's address, behind our own proxies only."""
        return client_ip(request)

    def is_safe_url(self, url: str | None) -> bool:
        """Only a page of this very host follows a sign-in."""
        request = context.request
        return url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure())

    def validation_error(self, code: str, *args: Any) -> ValidationError:
        """A limit that is reached answers with the 429 page whatever the form; anything else is an error of the form."""
        if code in LIMITS:
            raise ImmediateHttpResponse(ratelimit.respond_429(context.request))
        error: ValidationError = super().validation_error(code, *args)
        return error

    def authenticate(self, request: HttpRequest, **credentials: Any) -> User | None:
        """The user of these credentials. A closed account answers as a wrong password does, and counts as one."""
        user: User | None = super().authenticate(request, **credentials)
        if user is not None and not user.is_active:
            self.pre_authenticate(request, **credentials)
            return None
        return user

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """In the log, without the address typed: whose it is, or a mistake, the log has no need to know."""
        log.warning("sign_in_failed", ip=client_ip(request))

    def login(self, request: HttpRequest, user: User) -> None:
        """Open the session, and start its clock. The owner is told of a browser never used before, except the very first time."""
        is_first = user.last_login is None
        super().login(request, user)
        methods = [str(record.get("type") or record.get("method")) for record in get_authentication_records(request, user)]
        log.info("signed_in", user_id=str(user.pk), methods=methods, ip=client_ip(request))
        if not is_first and not is_known(request, user):
            with transaction.atomic():
                send_security_notice(user, "new_device", ip=client_ip(request), device=device(self.get_http_user_agent(request)))
        request.session[SIGNED_IN_AT] = request.session[SEEN_AT] = clock.now().timestamp()

    def post_login(self, request: HttpRequest, user: User, **kwargs: Any) -> HttpResponse:
        """Where one goes then; the browser is known from now on."""
        response: HttpResponse = super().post_login(request, user, **kwargs)
        remember(response, request, user)
        return response

    def set_password(self, user: User, password: str) -> None:
        """Through the service: audited, and every session ends."""
        changed = services.change_password(user=user.pk, password=password, by=user)
        user.password, user.session_stamp = changed.password, changed.session_stamp

    def get_reset_password_from_key_url(self, key: str) -> str:
        """On the portal's own address: a forged Host header must not choose where the token goes."""
        return f"{settings.SITE_URL}{services.reset_path(key)}"

    def send_notification_mail(
        self, template_prefix: str, user: User, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        """Tell the account's owner that what protects it has changed."""
        request: HttpRequest = self.request
        with transaction.atomic():
            send_security_notice(user, NOTICES[template_prefix], ip=client_ip(request), device=self.get_http_user_agent(request))

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Refused: each mail of the front door has its own function in `accounts.notifications`."""
        raise NotImplementedError(f"No mail is foreseen for {template_prefix}")


class SecondFactorAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Second factors, sealed in the database."""

    def encrypt(self, text: str) -> str:
        """Seal a TOTP seed, or the seed of the recovery codes."""
        return seal(text)

    def decrypt(self, encrypted_text: str) -> str:
        """Read back what `encrypt` sealed."""
        return unseal(encrypted_text)


class TokenAdapter(DefaultOIDCAdapter):  # type: ignore[misc]
    """Partner tokens: opaque, stored as digests."""

    def generate_client_secret(self) -> str:
        """256 random bits."""
        return secrets.token_urlsafe(32)
