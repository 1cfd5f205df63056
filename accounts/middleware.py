"""The front door's guards: language of the account, sign-in unless a page is public, second factor and short sessions for staff."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlencode, urlsplit

from allauth.account.authentication import get_authentication_records
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import auth, messages
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.contrib.auth.models import AnonymousUser
from django.http import HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import translation
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _

from accounts.public import is_api, is_public
from accounts.stepup import forget_draft, keep_draft, needs_fresh_proof, proved_recently
from core import clock

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest

    Next = Callable[[HttpRequest], HttpResponse]

SIGNED_IN_AT: Final = "signed_in_at"
SEEN_AT: Final = "seen_at"
# The time of last use is written at most this often: a page does not cost a write.
SEEN_EVERY_SECONDS: Final = 60

# What staff may open before a second factor: setting one up, or leaving.
SET_UP_NAMES: Final = frozenset(
    {
        "mfa_index",
        "mfa_activate_totp",
        "mfa_add_webauthn",
        "account_reauthenticate",
        "account_logout",
        "set_language",
    }
)
# With a factor that this session has not passed: passing it, or leaving.
PASS_NAMES: Final = frozenset({"mfa_reauthenticate", "mfa_reauthenticate_webauthn", "account_logout", "set_language"})


def came_from(request: HttpRequest) -> str:
    """The page of ours to come back to afterwards: the address asked for, or for a form the page that held it."""
    if request.headers.get("HX-Request") == "true":
        address = request.headers.get("HX-Current-URL", "")
    elif request.method in {"GET", "HEAD"}:
        return request.get_full_path()
    else:
        address = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(address, {request.get_host()}):
        return "/"
    parts = urlsplit(address)
    return f"{parts.path or '/'}{'?' + parts.query if parts.query else ''}"


def send_to(request: HttpRequest, url_name: str, *, back: str = "") -> HttpResponse:
    """Lead to a page of the front door, then back (to `back`, if given). A fragment gets 401 and HX-Redirect, never a page."""
    address = f"{reverse(url_name)}?{urlencode({REDIRECT_FIELD_NAME: back or came_from(request)})}"
    if request.headers.get("HX-Request") == "true":
        return HttpResponse(status=401, headers={"HX-Redirect": address, "Cache-Control": "no-store"})
    response = HttpResponseRedirect(address)
    response["Cache-Control"] = "no-store"
    return response


class UserLanguage:
    """A signed-in user reads in the language of the account, on every device; the cookie speaks for the others."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Activate the account's language for the page."""
        user = request.user
        if user.is_authenticated:
            translation.activate(user.language)
            request.LANGUAGE_CODE = translation.get_language() or settings.LANGUAGE_CODE
        return self.get_response(request)


class SessionLife:
    """Keeps when a session was opened and last used, and ends a staff session after half an hour idle or eight hours in all."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Note the use of the session, or end it."""
        if request.user.is_authenticated:
            now = clock.now().timestamp()
            if request.user.is_staff and self._is_over(request, now):
                auth.logout(request)
            elif now - request.session.get(SEEN_AT, 0) >= SEEN_EVERY_SECONDS:
                request.session.setdefault(SIGNED_IN_AT, now)
                request.session[SEEN_AT] = now
                UserSession.objects.create_from_request(request)
        return self.get_response(request)

    def _is_over(self, request: HttpRequest, now: float) -> bool:
        opened, seen = request.session.get(SIGNED_IN_AT, now), request.session.get(SEEN_AT, now)
        return bool(now - opened > settings.STAFF_SESSION_SECONDS or now - seen > settings.STAFF_IDLE_SECONDS)


class SignInRequired:
    """Every page needs a signed-in user unless its view is marked with `accounts.public.public` or listed there."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on: the view is looked at in `process_view`."""
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any) -> HttpResponse | None:
        """Lead to the sign-in page whoever has not signed in."""
        match = request.resolver_match
        if request.user.is_authenticated or is_api(view) or is_public(view, match.view_name if match else None):
            return None
        return send_to(request, settings.LOGIN_URL)


def ask_for_proof(request: HttpRequest) -> HttpResponse:
    """Lead to the page that asks who one is; what was typed waits for its author, and nothing is written meanwhile."""
    if request.method != "POST":
        return send_to(request, "account_reauthenticate")
    if keep_draft(request):
        return send_to(request, "account_reauthenticate", back=reverse("account_resume"))
    messages.warning(request, _("Nothing has been sent: fill the form in again, and choose its files again."))
    return send_to(request, "account_reauthenticate")


class StepUp:
    """Views and acts that are declared so (`accounts.stepup`) open only to a session that proved who it is a short time ago.

    The form is not even shown otherwise, so that nobody types in vain; one that was open for too long is kept as a draft.
    The answer is the same whether the object exists or not. The API is not asked: its tokens are given by such an act.
    """

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on: the view is looked at in `process_view`."""
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any) -> HttpResponse | None:
        """Ask who one is, where the view says so and the last proof is old."""
        if not request.user.is_authenticated or is_api(view):
            return None
        name = (request.resolver_match.url_name or "") if request.resolver_match else ""
        if not needs_fresh_proof(view, method=request.method or "", url_name=name, kwargs=kwargs):
            return None
        if not proved_recently(request):
            return ask_for_proof(request)
        if request.method == "POST":
            forget_draft(request)
        return None


def passed_second_factor(request: HttpRequest) -> bool:
    """Whether this session proved a second factor (or a passkey) of its user."""
    return any(record.get("method") == "mfa" for record in get_authentication_records(request, request.user))


class StaffSecondFactor:
    """Staff whose session has not passed a second factor can do nothing but set one up, or pass it."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on: the view is looked at in `process_view`."""
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any) -> HttpResponse | None:
        """Lead to the page that sets a factor up or asks for it. To the API such a session is nobody's."""
        user = request.user
        if not (user.is_authenticated and user.is_staff) or passed_second_factor(request):
            return None
        if is_api(view):
            request.user = AnonymousUser()
            return None
        held = set(Authenticator.objects.filter(user_id=user.pk).values_list("type", flat=True))
        name = request.resolver_match.view_name if request.resolver_match else ""
        if not held & {Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN}:
            return None if name in SET_UP_NAMES else send_to(request, "mfa_index")
        if name in PASS_NAMES:
            return None
        return send_to(request, "mfa_reauthenticate" if Authenticator.Type.TOTP in held else "mfa_reauthenticate_webauthn")
