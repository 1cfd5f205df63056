"""How one wants each kind of message."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.choices import Delivery
from core.forms import PortalForm

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from core.mail import Message

COMPULSORY_HELP = _("Always by mail.")


class PreferencesForm(PortalForm):
    """One choice per kind of message. A compulsory kind does not offer « not by mail »."""

    mark_optional = False

    def __init__(self, *args: Any, messages: Iterable[type[Message]], chosen: Mapping[str, str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.messages = {message.kind: message for message in messages}
        for kind, message in self.messages.items():
            self.fields[kind] = forms.ChoiceField(
                label=message.label,
                choices=[choice for choice in Delivery.choices if not (message.compulsory and choice[0] == Delivery.NEVER)],
                initial=message.delivery(chosen.get(kind)).value,
                help_text=COMPULSORY_HELP if message.compulsory else "",
            )

    def chosen(self) -> dict[type[Message], str]:
        """The kinds whose choice differs from what holds now."""
        return {
            message: self.cleaned_data[kind]
            for kind, message in self.messages.items()
            if self.cleaned_data[kind] != self.fields[kind].initial
        }  # fmt: skip
