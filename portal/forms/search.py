"""What one looks for."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from core.forms import PortalForm
from core.search.queries import LONGEST
from portal.search import KINDS


class SearchForm(PortalForm):
    """Words, and a kind of result when one reads on in it."""

    mark_optional = False
    q = forms.CharField(
        label=_("Names, titles, references, ICE"),
        required=False,
        max_length=LONGEST,
        widget=forms.TextInput(attrs={"type": "search", "data-search": "", "autocomplete": "off", "enterkeyhint": "search"}),
    )
    type = forms.ChoiceField(required=False, choices=[(kind.slug, kind.label) for kind in KINDS], widget=forms.HiddenInput)
