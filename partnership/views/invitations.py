"""The page that an invitation's link opens: anybody holding the link, signed in or not."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from allauth.account.internal.flows.login import record_authentication
from django.conf import settings
from django.contrib import auth, messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.devices import remember
from accounts.models import User
from accounts.public import public
from accounts.roles import MANDATE_ROLE_HELP, MandateRole
from core.doors import UNPROCESSABLE, attempt
from core.errors import Forbidden, Refusal
from partnership.forms.organisations import AcceptForm
from partnership.middleware import SESSION_KEY
from partnership.services import invitations

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from partnership.models import Invitation


@public
@never_cache
@require_http_methods(["GET", "POST"])
def invitation_accept(request: HttpRequest, token: str) -> HttpResponse:
    """Say who invites to what; accept by choosing a password, or with the account of that address. One page for every link that is over."""
    try:
        invitation = invitations.open_invitation(token=token)
    except Refusal:
        return render(request, "partnership/invitation_over.html", status=410)
    _speak(request, invitation)
    case = _case(request, invitation)
    form = AcceptForm(request.POST if request.method == "POST" and case == "new" else None, initial={"full_name": invitation.full_name})
    status = 200
    if request.method == "POST":
        if case == "new":
            answer, status = _accept_with_password(request, token, form)
        else:
            answer, status = _accept_signed_in(request, token)
        if answer is not None:
            return answer
    return render(request, "partnership/invitation_accept.html", _context(request, invitation, case, form), status=status)


def _speak(request: HttpRequest, invitation: Invitation) -> None:
    """The language of the invitation, unless the reader has chosen one."""
    if not request.user.is_authenticated and settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
        translation.activate(invitation.language)
        request.LANGUAGE_CODE = invitation.language


def _case(request: HttpRequest, invitation: Invitation) -> str:
    """new: no account yet; mine: signed in with it; other: signed in with another; known: it has one, not signed in.

    Whoever holds the link received it at that address: saying that it has an account tells nobody else.
    """
    if request.user.is_authenticated:
        return "mine" if request.user.email.lower() == invitation.email.lower() else "other"
    return "known" if User.objects.filter(email=invitation.email.lower()).exists() else "new"


def _context(request: HttpRequest, invitation: Invitation, case: str, form: AcceptForm) -> dict[str, object]:
    role = MandateRole(invitation.role)
    return {
        "invitation": invitation,
        "case": case,
        "form": form,
        "role": role,
        "role_help": MANDATE_ROLE_HELP[role],
        "login_url": f"{reverse('account_login')}?{urlencode({'next': request.path})}",
        "quiet": True,
    }


def _accept_with_password(request: HttpRequest, token: str, form: AcceptForm) -> tuple[HttpResponse | None, int]:
    outcome = attempt(
        form,
        invitations.accept_invitation,
        token=token,
        password=lambda data: data["password"],
        full_name=lambda data: data["full_name"],
        by=request.user,
    )
    if not outcome.done or outcome.result is None:
        return None, outcome.status
    auth.login(request, outcome.result, backend=settings.AUTHENTICATION_BACKENDS[0])
    record_authentication(request, outcome.result, "password", email=outcome.result.email)
    response = _welcome(request)
    remember(response, request, outcome.result)
    return response, 302


def _accept_signed_in(request: HttpRequest, token: str) -> tuple[HttpResponse | None, int]:
    try:
        user = invitations.accept_invitation(token=token, by=request.user)
    except Forbidden:  # the page says what to do: sign in, or sign out
        return None, 403
    except Refusal as refusal:
        messages.error(request, str(refusal))
        return None, UNPROCESSABLE
    latest = user.person.mandates.order_by("-created_at").first()
    if latest is not None:
        request.session[SESSION_KEY] = str(latest.pk)
    return _welcome(request), 302


def _welcome(request: HttpRequest) -> HttpResponse:
    messages.success(request, _("Welcome: you now act for this organisation."))
    return redirect("partnership:organisation_mine")
