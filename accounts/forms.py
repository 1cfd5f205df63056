"""What people type at the front door."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from allauth.account.forms import ResetPasswordForm
from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from accounts import services
from core.forms import PortalForm

if TYPE_CHECKING:
    from django.http import HttpRequest


class PasswordResetForm(ResetPasswordForm):  # type: ignore[misc]
    """An address, looked up by the service alone: the form answers alike whatever it is."""

    def clean_email(self) -> str:
        """The address in lower case."""
        return str(self.cleaned_data["email"]).strip().lower()

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        """Ask for the link."""
        address: str = self.cleaned_data["email"]
        services.request_password_reset(email=address)
        return address


class ProfileForm(PortalForm):
    """One's own name and language."""

    autocomplete: ClassVar = {"full_name": "name", "language": "language"}

    full_name = forms.CharField(label=_("Full name"), max_length=150)
    language = forms.ChoiceField(
        label=_("Language"), choices=settings.LANGUAGES, help_text=_("Of the pages, and of the messages that you receive.")
    )
