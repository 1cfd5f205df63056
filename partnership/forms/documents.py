"""Documents and their versions, as people give them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.forms import PortalForm, UploadField
from partnership.choices import DocumentKind, Visibility
from partnership.forms.acts import ACCEPTED, long_text

if TYPE_CHECKING:
    from collections.abc import Sequence

    from partnership.models import Organisation


class DocumentForm(PortalForm):
    """A document to keep: whose it is, what it is, who may read it."""

    title = forms.CharField(label=_("Title"), max_length=300)
    kind = forms.ChoiceField(label=_("Kind"), choices=DocumentKind.choices, initial=DocumentKind.OTHER)
    organisation = forms.ChoiceField(label=_("Owner organisation"))
    visibility = forms.ChoiceField(label=_("Who may read it"), initial=Visibility.PARTIES)
    upload = UploadField(label=_("File"), accept=ACCEPTED)

    def __init__(self, *args: Any, owners: Sequence[Organisation], may_publish: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.owners = {str(owner.pk): owner for owner in owners}
        offered = Visibility.choices if may_publish else [(Visibility.PARTIES.value, Visibility.PARTIES.label)]
        self.fields["organisation"].choices = [(key, str(owner)) for key, owner in self.owners.items()]  # type: ignore[attr-defined]
        self.fields["visibility"].choices = offered  # type: ignore[attr-defined]

    def arguments(self) -> dict[str, Any]:
        """As add_document takes them."""
        return {**self.cleaned_data, "organisation": self.owners[self.cleaned_data["organisation"]].pk}


class VersionForm(PortalForm):
    """A new version of a document."""

    file = UploadField(label=_("File"), accept=ACCEPTED)
    note = forms.CharField(label=_("What changed"), required=False, max_length=300)


class RemovalForm(PortalForm):
    """Why a document is removed."""

    reason = long_text(_("Reason"), help_text=_("It stays in the audit trail."))
