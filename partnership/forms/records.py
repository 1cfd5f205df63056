"""The inputs of the acts on documents, evidence, people and API accesses."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from core.acts import ActForm
from core.forms import UploadField
from partnership.forms.acts import ACCEPTED


class RecordReasonForm(ActForm):
    """A reason, compulsory."""

    reason = forms.CharField(
        label=_("Reason"), min_length=3, max_length=500, widget=forms.Textarea(attrs={"rows": 2}), help_text=_("The audit trail keeps it.")
    )


class VersionForm(ActForm):
    """A file, and what changed in it."""

    upload = UploadField(label=_("File"), accept=ACCEPTED)
    note = forms.CharField(label=_("What changed"), max_length=300, required=False)


class LinkAccountForm(ActForm):
    """The account, by its address."""

    email = forms.EmailField(label=_("E-mail address of the account"))

    def clean_email(self) -> User:
        """The account of that address."""
        found = User.objects.filter(email=self.cleaned_data["email"].strip().lower()).first()
        if found is None:
            raise ValidationError(_("No account has this address."))
        return found

    def arguments(self) -> dict[str, Any]:
        """As link_account takes it."""
        return {"user": self.cleaned_data["email"].pk}
