"""Filters of the lists: typed in the address, so that a filtered list can be kept, sent, and gone back to."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from core.forms import PortalForm
from core.search import first_found, matching
from partnership.choices import ActionStatus, Activity, AffiliationStatus, CommitmentStatus, OrganisationKind, OrganisationStatus, Priority
from partnership.models import Action, Axis, Commitment, Organisation, Region

if TYPE_CHECKING:
    from django.db.models import QuerySet

    from accounts.models import User
    from core.keyset import Take

ANY = [("", _("All"))]
OPEN_OR_LATE = [("open", _("Open")), ("late", _("Late"))]


def in_state(queryset: QuerySet[Any], state: str) -> QuerySet[Any]:
    """The rows in a state, or in one of the two that are not states: open, late. All of them when none is chosen."""
    if state in dict(OPEN_OR_LATE):
        rows: QuerySet[Any] = getattr(queryset, state)()
        return rows
    return queryset.filter(status=state) if state else queryset


def way_of(form: ActionFilter | OrganisationFilter) -> Take | None:
    """How the filtered rows are read: words are looked for by their own way, lists without any in their order."""
    return first_found if form.is_valid() and form.cleaned_data["q"].strip() else None


class ActionFilter(PortalForm):
    """The actions' list and board."""

    mark_optional = False
    q = forms.CharField(label=_("Words of the title"), required=False, max_length=100, widget=forms.TextInput(attrs={"type": "search"}))
    status = forms.ChoiceField(label=_("State"), required=False, choices=[*ANY, *OPEN_OR_LATE, *ActionStatus.choices])
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
        queryset = in_state(queryset, data["status"])
        for name in ("axis", "organisation", "priority"):
            if data[name]:
                queryset = queryset.filter(**{name: data[name]})
        if data["mine"]:
            queryset = queryset.filter(responsible__user=self.user)
        return matching(queryset, data["q"])


class CommitmentFilter(PortalForm):
    """The commitments of a convention."""

    mark_optional = False
    q = forms.CharField(label=_("Words of the title"), required=False, max_length=100, widget=forms.TextInput(attrs={"type": "search"}))
    status = forms.ChoiceField(label=_("State"), required=False, choices=[*ANY, *OPEN_OR_LATE, *CommitmentStatus.choices])
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
        queryset = in_state(queryset, data["status"])
        for name in ("axis", "obligor"):
            if data[name]:
                queryset = queryset.filter(**{name: data[name]})
        return matching(queryset, data["q"])


class OrganisationFilter(PortalForm):
    """The directory of organisations."""

    mark_optional = False
    q = forms.CharField(label=_("Words of the name"), required=False, max_length=100, widget=forms.TextInput(attrs={"type": "search"}))
    kind = forms.ChoiceField(label=_("Kind"), required=False, choices=[*ANY, *OrganisationKind.choices])
    activity = forms.ChoiceField(label=_("Activity"), required=False, choices=[*ANY, *Activity.choices])
    region = forms.ModelChoiceField(label=_("Region"), required=False, queryset=Region.objects.none(), empty_label=_("All"))
    status = forms.ChoiceField(label=_("State"), required=False, choices=[*ANY, *OrganisationStatus.choices])

    # Where the organisation stands from the filtered rows: empty for organisations themselves.
    prefix_path = ""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["region"].queryset = Region.objects.all()  # type: ignore[attr-defined]

    def apply(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """The rows that the address asks for."""
        if not self.is_valid():
            return queryset
        data, path = self.cleaned_data, self.prefix_path
        for name in ("kind", "region", "status"):
            if data.get(name):
                queryset = queryset.filter(**{f"{path}{name}": data[name]})
        if data["activity"]:
            queryset = queryset.filter(**{f"{path}activities__contains": [data["activity"]]})
        return matching(queryset, data["q"], f"{path}search_key")


class MemberFilter(OrganisationFilter):
    """The members of a body: filters of their organisations, and the state of the membership."""

    prefix_path = "organisation__"
    membership = forms.ChoiceField(
        label=_("Membership"),
        required=False,
        choices=[*ANY, *((state, state.label) for state in (AffiliationStatus.ACTIVE, AffiliationStatus.SUSPENDED))],
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["kind"]

    def apply(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """The memberships that the address asks for."""
        queryset = super().apply(queryset)
        if self.is_valid() and self.cleaned_data["membership"]:
            queryset = queryset.filter(status=self.cleaned_data["membership"])
        return queryset
