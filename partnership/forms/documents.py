"""A document, as people give it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.forms import OnceField, PortalForm, UploadField
from partnership.choices import DocumentKind, Visibility
from partnership.forms.acts import ACCEPTED

if TYPE_CHECKING:
    from collections.abc import Sequence

    from partnership.models import Organisation


class DocumentForm(PortalForm):
    """A document to keep: whose it is, what it is, who may read it."""

    title = forms.CharField(label=_("Title"), max_length=300)
    kind = forms.ChoiceField(label=_("Kind"), choices=DocumentKind.choices, initial=DocumentKind.OTHER)
    organisation = forms.ChoiceField(label=_("Owner organisation"))
    visibility = forms.ChoiceField(label=_("Who may read it"), initial=Visibility.PARTIES)
    file = UploadField(label=_("File"), accept=ACCEPTED)
    once = OnceField()

    def __init__(self, *args: Any, owners: Sequence[Organisation], may_publish: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.owners = {str(owner.pk): owner for owner in owners}
        offered = Visibility.choices if may_publish else [(Visibility.PARTIES.value, Visibility.PARTIES.label)]
        self.fields["organisation"].choices = [(key, str(owner)) for key, owner in self.owners.items()]  # type: ignore[attr-defined]
        self.fields["visibility"].choices = offered  # type: ignore[attr-defined]

    def arguments(self) -> dict[str, Any]:
        """As add_document takes them."""
        given = {name: value for name, value in self.cleaned_data.items() if name != "once"}
        upload = given.pop("file")
        return {**given, "organisation": self.owners[given["organisation"]].pk, "upload": upload}
