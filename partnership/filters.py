"""Filters of the lists: typed in the address, so that a filtered list can be kept, sent, and gone back to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.db.models import CharField, Q, Value
from django.utils.translation import gettext_lazy as _

from core.forms import PortalForm
from core.search import Norm
from partnership.choices import ActionStatus, CommitmentStatus, Priority
from partnership.models import Action, Axis, Commitment, Organisation

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from accounts.models import User

ANY = [("", _("All"))]


def containing(queryset: QuerySet[Any], text: str, *fields: str) -> QuerySet[Any]:
    """The rows where one of `fields` contains every word of `text`, whatever accents, case and Arabic letter forms."""
    for word in text.split():
        key = Norm(Value(word, output_field=CharField()))
        condition = Q()
        for field in fields:
            alias = f"norm_{field}"
            queryset = queryset.alias(**{alias: Norm(field)})
            condition |= Q(**{f"{alias}__contains": key})
        queryset = queryset.filter(condition)
    return queryset

    return Value(word, output_field=CharField())


class ActionFilter(PortalForm):
    """The actions' list and board."""

    mark_optional = False
    q = forms.CharField(label=_("Words of the title"), required=False, max_length=100, widget=forms.TextInput(attrs={"type": "search"}))
    status = forms.ChoiceField(
        label=_("State"), required=False, choices=[*ANY, ("open", _("Open")), ("late", _("Late")), *ActionStatus.choices]
    )
    axis = forms.ModelChoiceField(label=_("Axis"), required=False, queryset=Axis.objects.none(), empty_label=_("All"))
    organisation = forms.ModelChoiceField(label=_("Owner"), required=False, queryset=Organisation.objects.none(), empty_label=_("All"))
    priority = forms.ChoiceField(label=_("Priority"), required=False, choices=[*ANY, *Priority.choices])
    mine = forms.BooleanField(label=_("Only those I carry"), required=False)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        visible = Action.objects.visible_to(user)
        self.fields["axis"].queryset = Axis.objects.visible_to(user).filter(id__in=visible.values("axis_id")).select_related("convention")  # type: ignore[attr-defined]
        self.fields["organisation"].queryset = Organisation.objects.visible_to(user).filter(id__in=visible.values("organisation_id"))  # type: ignore[attr-defined]

    def apply(self, queryset: QuerySet[Action]) -> QuerySet[Action]:
        """The rows that the address asks for; a value that makes no sense shows its error and filters nothing."""
        if not self.is_valid():
            return queryset
        data = self.cleaned_data
        if data["status"] == "open":
            queryset = queryset.open()  # type: ignore[attr-defined]
        elif data["status"] == "late":
            queryset = queryset.late()  # type: ignore[attr-defined]
        elif data["status"]:
            queryset = queryset.filter(status=data["status"])
        for name in ("axis", "organisation", "priority"):
            if data[name]:
                queryset = queryset.filter(**{name: data[name]})
        if data["mine"]:
            queryset = queryset.filter(responsible__user=self.user)
        return containing(queryset, data["q"], "title")


class CommitmentFilter(PortalForm):
    """The commitments of a convention."""

    mark_optional = False
    q = forms.CharField(label=_("Words of the title"), required=False, max_length=100, widget=forms.TextInput(attrs={"type": "search"}))
    status = forms.ChoiceField(
        label=_("State"), required=False, choices=[*ANY, ("open", _("Open")), ("late", _("Late")), *CommitmentStatus.choices]
    )
    axis = forms.ModelChoiceField(label=_("Axis"), required=False, queryset=Axis.objects.none(), empty_label=_("All"))
    obligor = forms.ModelChoiceField(
        label=_("Owed by"), required=False, queryset=Organisation.objects.none(), empty_label=_("Both parties")
    )

    def __init__(self, *args: Any, convention: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["axis"].queryset = convention.axes.all()  # type: ignore[attr-defined]
        self.fields["obligor"].queryset = convention.parties.select_related("organisation")  # type: ignore[attr-defined]

    def apply(self, queryset: QuerySet[Commitment]) -> QuerySet[Commitment]:
        """The rows that the address asks for."""
        if not self.is_valid():
            return queryset
        data = self.cleaned_data
        if data["status"] == "open":
            queryset = queryset.open()  # type: ignore[attr-defined]
        elif data["status"] == "late":
            queryset = queryset.late()  # type: ignore[attr-defined]
        elif data["status"]:
            queryset = queryset.filter(status=data["status"])
        for name in ("axis", "obligor"):
            if data[name]:
                queryset = queryset.filter(**{name: data[name]})
        return containing(queryset, data["q"], "title_fr", "title_ar", "title_en")
