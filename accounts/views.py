"""The front door's pages: profile, language, second step, changes of factors, the partners' token endpoint."""

from __future__ import annotations

from base64 import b64decode
from typing import TYPE_CHECKING, Any, Final, cast

from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.login import AUTHENTICATION_METHODS_SESSION_KEY, record_authentication
from allauth.account.views import LoginView, LogoutView, ReauthenticateView
from allauth.core import context, ratelimit
from allauth.idp.oidc.views import TokenView
from allauth.mfa.base.views import AuthenticateView
from allauth.mfa.base.views import ReauthenticateView as FactorReauthenticateView
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.views import GenerateRecoveryCodesView
from allauth.mfa.totp.views import ActivateTOTPView, DeactivateTOTPView
from allauth.mfa.webauthn.views import AddWebAuthnView, ReauthenticateWebAuthnView, RemoveWebAuthnView
from allauth.usersessions.models import UserSession
from allauth.usersessions.views import ListUserSessionsView
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import update_session_auth_hash
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views import i18n
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import services
from accounts.demo import credentials, current_code
from accounts.forms import ProfileForm
from accounts.models import User
from accounts.public import public
from accounts.stepup import draft_of, fresh_proof, proved_recently, renew_key
from core.api.authentication import resolve_client
from core.errors import Refusal

if TYPE_CHECKING:
    from django.http import HttpResponseBase

# Seconds after which every limit of ACCOUNT_RATE_LIMITS has opened again: the longest of their windows.
RETRY_AFTER: Final = 300


def too_many_requests(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """A limit is reached (429): the page says so in the reader's language, Retry-After says when it is surely over."""
    response = render(request, "429.html", status=429)
    response["Retry-After"] = str(RETRY_AFTER)
    return response


# -- profile and language ----------------------------------------------------------------------------------------------
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def profile(request: HttpRequest) -> HttpResponse:
    """One's own name and language, and the way to password, factors and devices."""
    user = cast("User", request.user)
    form = ProfileForm(request.POST or None, initial={"full_name": user.full_name, "language": user.language})
    if request.method == "POST" and form.is_valid():
        try:
            saved = services.update_profile(user=user.pk, by=user, **form.cleaned_data)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            with translation.override(saved.language):
                messages.success(request, _("Your profile is saved."))
            return redirect("profile")
    status = 422 if form.is_bound else 200
    return render(request, "accounts/profile.html", {"form": form, "account": user}, status=status)


@public
@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Choose the language: in a cookie for this browser and, signed in, on the account for all of them."""
    language = request.POST.get(i18n.LANGUAGE_QUERY_PARAMETER, "")
    if request.user.is_authenticated and language in dict(settings.LANGUAGES):
        services.change_language(user=request.user.pk, language=language, by=request.user)
    response: HttpResponse = i18n.set_language(request)
    return response


class SignIn(LoginView):  # type: ignore[misc]
    """Signing in. In the demonstration, and only there, the page lists the accounts."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add `demo_accounts`, empty outside the demonstration."""
        values: dict[str, Any] = super().get_context_data(**kwargs)
        return values | {"demo_accounts": credentials()}


sign_in = SignIn.as_view()


class SignOut(LogoutView):  # type: ignore[misc]
    """Signing out. The browser is told to forget what its scripts had kept; pages themselves are never stored."""

    def post(self, *args: Any, **kwargs: Any) -> HttpResponse:
        """Sign out."""
        response: HttpResponse = super().post(*args, **kwargs)
        response["Clear-Site-Data"] = '"storage"'
        return response


sign_out = SignOut.as_view()


# -- second factor -----------------------------------------------------------------------------------------------------
class SecondStep(AuthenticateView):  # type: ignore[misc]
    """The second step of signing in. In the demonstration, and only there, it shows the code."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add `demo_totp_code`, absent outside the demonstration."""
        values: dict[str, Any] = super().get_context_data(**kwargs)
        values.pop("demo_totp_code", None)
        code = current_code(self.stage.login.user)
        return values if code is None else values | {"demo_totp_code": code}


second_step = SecondStep.as_view()


def _keep_this_session(request: HttpRequest) -> None:
    """After every session has been ended: this one goes on, under a new key."""
    user = User.objects.get(pk=cast("User", request.user).pk)
    update_session_auth_hash(request, user)
    request.user = user
    UserSession.objects.create_from_request(request)


class FactorChange:
    """A page that changes the factors: the account's other sessions end, whatever they had proved.

    Somebody who has just set a first factor up has proved it; a session without any factor left has proved none.
    """

    reason: str = ""
    proves: str = ""

    if TYPE_CHECKING:
        request: HttpRequest

    def form_valid(self, form: Any) -> HttpResponse:
        """Let allauth make the change, then end the other sessions."""
        response: HttpResponse = super().form_valid(form)  # type: ignore[misc]
        request = self.request
        user = cast("User", request.user)
        services.end_sessions(user=user.pk, by=user, reason=self.reason)
        _keep_this_session(request)
        held = Authenticator.objects.filter(user_id=user.pk).exclude(type=Authenticator.Type.RECOVERY_CODES)
        if not held.exists():
            records = get_authentication_records(request, request.user)
            request.session[AUTHENTICATION_METHODS_SESSION_KEY] = [record for record in records if record.get("method") != "mfa"]
        elif self.proves:
            record_authentication(request, request.user, "mfa", type=self.proves)
        return response


class ActivateApp(FactorChange, ActivateTOTPView):  # type: ignore[misc]
    """Set up the authenticator app."""

    reason = gettext_noop("Authenticator app set up")
    proves = Authenticator.Type.TOTP.value


class DeactivateApp(FactorChange, DeactivateTOTPView):  # type: ignore[misc]
    """Remove the authenticator app."""

    reason = gettext_noop("Authenticator app removed")


class AddPasskey(FactorChange, AddWebAuthnView):  # type: ignore[misc]
    """Add a passkey or a security key."""

    reason = gettext_noop("Passkey or security key added")
    proves = Authenticator.Type.WEBAUTHN.value


class RemovePasskey(FactorChange, RemoveWebAuthnView):  # type: ignore[misc]
    """Remove a passkey or a security key."""

    reason = gettext_noop("Passkey or security key removed")


class RenewCodes(FactorChange, GenerateRecoveryCodesView):  # type: ignore[misc]
    """Make new recovery codes."""

    reason = gettext_noop("Recovery codes renewed")


activate_app = ActivateApp.as_view()
deactivate_app = DeactivateApp.as_view()
add_passkey = AddPasskey.as_view()
remove_passkey = RemovePasskey.as_view()
renew_codes = RenewCodes.as_view()


# -- proving again who one is ------------------------------------------------------------------------------------------
class Confirmed:
    """A page that asks again who one is: once it is proved, the session goes on under a new key."""

    if TYPE_CHECKING:
        request: HttpRequest

    def form_valid(self, form: Any) -> HttpResponse:
        """Let allauth note the proof, then renew the key."""
        response: HttpResponse = super().form_valid(form)  # type: ignore[misc]
        renew_key(self.request)
        return response


class ConfirmByPassword(Confirmed, ReauthenticateView):  # type: ignore[misc]
    """By the password."""


class ConfirmByFactor(Confirmed, FactorReauthenticateView):  # type: ignore[misc]
    """By the authenticator app, or a recovery code."""


class ConfirmByPasskey(Confirmed, ReauthenticateWebAuthnView):  # type: ignore[misc]
    """By a passkey or a security key."""


confirm_by_password = ConfirmByPassword.as_view()
confirm_by_factor = ConfirmByFactor.as_view()
confirm_by_passkey = ConfirmByPasskey.as_view()


@never_cache
@require_GET
def resume(request: HttpRequest) -> HttpResponse:
    """What one had typed before being asked who one is: sent when its author says so, never by itself. Home once it is gone."""
    draft = draft_of(request) if proved_recently(request) else None
    if draft is None:
        return redirect("/")
    return render(request, "accounts/resume.html", {"draft": draft})


# -- devices -----------------------------------------------------------------------------------------------------------
@fresh_proof("POST")
class Devices(ListUserSessionsView):  # type: ignore[misc]
    """Where one is signed in; ending the other sessions asks who one is."""


devices = Devices.as_view()


@fresh_proof()
@require_http_methods(["GET", "POST"])
def session_end(request: HttpRequest, pk: int) -> HttpResponse:
    """Sign one of one's devices out: asked first (GET), done (POST)."""
    user = cast("User", request.user)
    session = UserSession.objects.filter(user_id=user.pk, pk=pk).first()
    if session is None:
        raise Http404
    if request.method != "POST":
        return render(request, "accounts/session_end.html", {"session": session})
    services.end_session(session=session.pk, by=user)
    messages.success(request, _("This device is signed out."))
    return redirect("usersessions_list")


# -- partners' tokens --------------------------------------------------------------------------------------------------
def _oauth_error(code: str, status: int, headers: dict[str, str] | None = None) -> JsonResponse:
    """An error as RFC 6749 shapes it."""
    return JsonResponse({"error": code}, status=status, headers={"Cache-Control": "no-store"} | (headers or {}))


def _client_id_of(request: HttpRequest) -> str:
    """The client that a token request names, in its Basic header or its body; empty when none can be read."""
    scheme, _space, value = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() != "basic":
        return request.POST.get("client_id", "")
    try:
        return b64decode(value, validate=True).decode("utf-8").partition(":")[0]
    except ValueError:
        return ""


@method_decorator(csrf_exempt, name="dispatch")
class IssueToken(TokenView):  # type: ignore[misc]
    """`POST grant_type=client_credentials`: an access token valid an hour (RFC 6749, 4.4).

    The limits are counted before the secret is hashed; a revoked or expired access answers as a wrong secret does.
    """

    http_method_names = ["post", "options"]
    is_public = True

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Refuse what cannot succeed, then let allauth check the secret and issue the token."""
        if request.method != "POST":
            return cast("HttpResponseBase", super().dispatch(request, *args, **kwargs))
        if request.POST.get("grant_type") != "client_credentials":
            return _oauth_error("unsupported_grant_type", 400)
        client_id = _client_id_of(request)
        if not ratelimit.consume(context.request, action="token", key=client_id or "?"):
            return _oauth_error("slow_down", 429, {"Retry-After": "60"})
        if not client_id or "\x00" in client_id or resolve_client(client_id) is None:
            return _oauth_error("invalid_client", 401, {"WWW-Authenticate": 'Basic realm="api"'})
        response = cast("HttpResponseBase", super().dispatch(request, *args, **kwargs))
        if response.status_code == 401:
            return _oauth_error("invalid_client", 401, {"WWW-Authenticate": 'Basic realm="api"'})
        return response


issue_token = IssueToken.as_view()
