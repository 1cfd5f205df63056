"""What a person asks about one's data."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from core.forms import PortalForm
from core.models.privacy import RequestKind
from core.privacy.requests import WORDS


class RightsForm(PortalForm):
    """Which right, and what is to be done."""

    kind = forms.ChoiceField(label=_("What you ask"), choices=RequestKind.choices, widget=forms.RadioSelect)
    words = forms.CharField(
        label=_("What is to be put right, or what you object to"), required=False, max_length=WORDS,
        widget=forms.Textarea(attrs={"rows": 4}), help_text=_("Not needed for an erasure. Never a number of an identity card."),
    )  # fmt: skip
