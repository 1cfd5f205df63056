"""The inputs of the acts on documents, evidence, people and API accesses."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.acts import ActForm, reason_field
from core.forms import UploadField
from partnership.forms.acts import ACCEPTED


class RecordReasonForm(ActForm):
    """A reason, compulsory."""

    reason = reason_field()


class VersionForm(ActForm):
    """A file, and what changed in it."""

    file = UploadField(label=_("File"), accept=ACCEPTED)
    note = forms.CharField(label=_("What changed"), max_length=300, required=False)

    def arguments(self) -> dict[str, Any]:
        """As add_version takes them."""
        return {"upload": self.cleaned_data["file"], "note": self.cleaned_data["note"]}


class LinkAccountForm(ActForm):
    """The account, by its address."""

    email = forms.EmailField(label=_("E-mail address of the account"))

    def arguments(self) -> dict[str, Any]:
        """As link_account takes it."""
        return {"email": self.cleaned_data["email"]}
