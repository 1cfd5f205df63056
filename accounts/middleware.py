"""The front door's guards: language of the account, sign-in unless a page is public, second factor for staff."""

from __future__ import annotations

from typing import TYPE_CHECKING

from allauth.account.authentication import get_authentication_records
from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils import translation

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest

    Next = Callable[[HttpRequest], HttpResponse]


class UserLanguage:
    """A signed-in user reads in the language of the account; the language switch changes the account."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if user.is_authenticated and settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
            translation.activate(user.language)
            request.LANGUAGE_CODE = translation.get_language() or settings.LANGUAGE_CODE
        return self.get_response(request)


class SignInRequired:
    """Every page needs a signed-in user unless its view is marked with `accounts.public.public` or its name is listed there."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)


class StaffSecondFactor:
    """Staff enter the administration only with a session that passed a second factor."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if request.path.startswith("/admin/") and user.is_authenticated and user.is_staff:
            records = get_authentication_records(request, user)
            if not any(record.get("method") == "mfa" for record in records):
                return redirect("mfa_index")
        return self.get_response(request)


__all__ = ["SignInRequired", "StaffSecondFactor", "UserLanguage", "redirect_to_login"]
