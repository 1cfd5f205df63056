"""Opening and changing an action."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from core.acts import reason_field
from core.forms import OnceField, PortalForm, VersionField
from partnership.choices import OrganisationStatus, Priority
from partnership.models import Axis, Commitment, Convention, Organisation, Person


class ActionForm(PortalForm):
    """What an action is, who carries it, and until when. The convention is known from the address."""

    title = forms.CharField(label=_("Title"), max_length=300, help_text=_("An act, in a few words: « Publish the calendar of fairs »."))
    description = forms.CharField(label=_("Description"), required=False, max_length=4000, widget=forms.Textarea(attrs={"rows": 4}))
    axis = forms.ModelChoiceField(label=_("Axis"), queryset=Axis.objects.none())
    commitment = forms.ModelChoiceField(
        label=_("Commitment it serves"), required=False, queryset=Commitment.objects.none(), empty_label=_("None")
    )
    organisation = forms.ModelChoiceField(label=_("Owner organisation"), queryset=Organisation.objects.none())
    responsible = forms.ModelChoiceField(
        label=_("Person responsible"), required=False, queryset=Person.objects.none(), empty_label=_("Nobody yet")
    )
    priority = forms.ChoiceField(label=_("Priority"), choices=Priority.choices, initial=Priority.NORMAL)
    starts_on = forms.DateField(label=_("Starts on"))
    due_on = forms.DateField(label=_("Due on"), help_text=_("Closes at 23:59, Casablanca time."))
    reason = reason_field(required=False)
    version = VersionField()
    once = OnceField()

    def __init__(self, *args: Any, convention: Convention, user: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "version" not in self.initial:
            del self.fields["reason"]  # nothing changes: the action is being opened
        else:
            del self.fields["once"]
        choices: dict[str, Any] = {
            "axis": convention.axes.all(),
            "commitment": convention.commitments.open(),
            "organisation": Organisation.objects.visible_to(user).exclude(status=OrganisationStatus.CLOSED),
            "responsible": Person.objects.visible_to(user),
        }
        for name, queryset in choices.items():
            held = self.initial.get(name)
            if isinstance(held, Model) and not queryset.filter(pk=held.pk).exists():
                del self.fields[name]  # settled, or an organisation's own whom this user does not see: kept as it is
            else:
                self.fields[name].queryset = queryset  # type: ignore[attr-defined]

    def values(self) -> dict[str, Any]:
        """What the action is to be: rows are given by their ids."""
        told = {name: value for name, value in self.cleaned_data.items() if name not in {"version", "reason", "once"}}
        return {name: getattr(value, "pk", value) for name, value in told.items()}
