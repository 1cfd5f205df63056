"""What is typed about organisations, memberships, colleagues and invitations."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _
from phonenumber_field.formfields import PhoneNumberField

from accounts.roles import MANDATE_ROLE_HELP, MandateRole
from core.acts import ActForm, reason_field
from core.forms import PortalForm, VersionField
from partnership.choices import Activity, OrganisationKind, SizeBand
from partnership.models import Destination, Organisation, Region

if TYPE_CHECKING:
    from collections.abc import Mapping

EMPTY = ("", _("Not communicated"))


# -- acts --------------------------------------------------------------------------------------------------------------
class StateReasonForm(ActForm):
    """A reason, compulsory."""

    reason = reason_field(help_text=_("The people of the organisation read it."))


class VouchForm(ActForm):
    """What is known of the organisation, optional."""

    note = forms.CharField(
        label=_("Note"),
        required=False,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("How you know it, for instance."),
    )


class DatedReasonForm(ActForm):
    """From which day, and why."""

    starts_on = forms.DateField(label=_("From"), required=False, help_text=_("Today when left empty."))
    reason = reason_field(help_text=_("The member and the body read it."))


class MandateRoleForm(ActForm):
    """What a colleague may do."""

    role = forms.ChoiceField(
        label=_("Role"), choices=[(role.value, role.label) for role in MandateRole], widget=forms.RadioSelect
    )  # fmt: skip
    reason = reason_field(required=False, help_text="")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = explained_roles()  # type: ignore[attr-defined]

    @classmethod
    def initial_of(cls, obj: Any) -> dict[str, Any]:
        """The role held now."""
        return {"role": obj.role}


class EndMandateForm(ActForm):
    """Why, if there is something to say."""

    reason = reason_field(required=False, help_text=_("The person reads it."))


def explained_roles() -> list[tuple[str, str]]:
    """Each role with what it allows, in one line."""
    return [(role.value, f"{role.label} — {MANDATE_ROLE_HELP[role]}") for role in MandateRole]


# -- the profile -------------------------------------------------------------------------------------------------------
class ProfileForm(PortalForm):
    """An organisation's profile. `open_fields` are those that this person may change; the others are left out of the form.

    `version` is what the person saw: a profile changed meanwhile is refused, and both versions are shown.
    """

    autocomplete: ClassVar[Mapping[str, str]] = {
        "name_fr": "organization", "email": "email", "phone": "tel", "website": "url", "address": "street-address",
    }  # fmt: skip
    kind = forms.ChoiceField(label=_("Kind"), choices=OrganisationKind.choices)
    name_fr = forms.CharField(label=_("Name in French"), max_length=200)
    name_ar = forms.CharField(
        label=_("Name in Arabic"), max_length=200, required=False, widget=forms.TextInput(attrs={"dir": "rtl", "lang": "ar"})
    )
    acronym = forms.CharField(label=_("Acronym"), max_length=20, required=False)
    activities = forms.MultipleChoiceField(
        label=_("Activities"), choices=Activity.choices, required=False, widget=forms.CheckboxSelectMultiple
    )
    ice = forms.CharField(
        label=_("ICE"),
        max_length=40,
        required=False,
        help_text=_("15 digits, spaces accepted. Once set, only ONMT changes it."),
        widget=forms.TextInput(attrs={"inputmode": "numeric", "dir": "ltr"}),
    )
    licence_kind = forms.CharField(label=_("Kind of licence or classification"), max_length=60, required=False)
    licence_number = forms.CharField(label=_("Licence number"), max_length=60, required=False)
    size = forms.ChoiceField(label=_("Size"), choices=[EMPTY, *SizeBand.choices], required=False)
    region = forms.ModelChoiceField(label=_("Region"), queryset=Region.objects.none(), required=False, empty_label=EMPTY[1])
    destination = forms.ModelChoiceField(
        label=_("Destination"),
        queryset=Destination.objects.none(),
        required=False,
        empty_label=EMPTY[1],
        help_text=_("The place that tourism statistics use. It gives the region when that one is empty."),
    )
    email = forms.EmailField(label=_("E-mail address"), required=False, widget=forms.EmailInput(attrs={"dir": "ltr"}))
    phone = PhoneNumberField(
        label=_("Telephone"), region="MA", required=False, help_text=_("For instance 05 22 00 00 00, or +33 1 00 00 00 00.")
    )
    website = forms.URLField(label=_("Website"), required=False, assume_scheme="https", widget=forms.URLInput(attrs={"dir": "ltr"}))
    address = forms.CharField(label=_("Address"), max_length=300, required=False)
    source = forms.CharField(label=_("Source"), max_length=500, required=False, help_text=_("Where this record comes from."))
    version = VersionField()

    def __init__(self, *args: Any, organisation: Organisation, open_fields: frozenset[str], **kwargs: Any) -> None:
        self.organisation = organisation
        names = [name for name in self.base_fields if name in open_fields]
        initial = {name: getattr(organisation, name) for name in names} | {"version": organisation.updated_at}
        super().__init__(*args, initial=initial, **kwargs)
        for name in set(self.fields) - open_fields - {"version"}:
            del self.fields[name]
        if "region" in self.fields:
            self.fields["region"].queryset = Region.objects.all()  # type: ignore[attr-defined]
        if "destination" in self.fields:
            self.fields["destination"].queryset = Destination.objects.all()  # type: ignore[attr-defined]

    def changes(self) -> dict[str, Any]:
        """What the service receives: the profile without the version."""
        return {name: value for name, value in self.cleaned_data.items() if name != "version"}

    def against(self, current: Organisation) -> list[dict[str, Any]]:
        """The fields where what was typed differs from what is stored now, each with both values in words."""
        lines = []
        for name, value in self.changes().items():
            theirs = getattr(current, name)
            if (theirs or None) != (value or None):
                field = self.fields[name]
                lines.append({"label": field.label, "theirs": in_words(field, theirs), "yours": in_words(field, value)})
        return lines


def in_words(field: forms.Field, value: Any) -> str:
    """A field's value as people read it."""
    choices = dict(getattr(field, "choices", ())) if isinstance(field, forms.ChoiceField) else {}
    if isinstance(value, list | tuple):
        return ", ".join(str(choices.get(item, item)) for item in value)
    return str(choices.get(value, value) if choices and isinstance(value, str) else value or "")


# -- invitations -------------------------------------------------------------------------------------------------------
class InviteForm(PortalForm):
    """Whom to invite, to do what."""

    full_name = forms.CharField(label=_("Full name"), max_length=150)
    email = forms.EmailField(
        label=_("E-mail address"),
        help_text=_("The link leaves for this address, good for seven days."),
        widget=forms.EmailInput(attrs={"dir": "ltr"}),
    )
    role = forms.ChoiceField(label=_("Role"), widget=forms.RadioSelect, choices=[(role.value, role.label) for role in MandateRole])
    language = forms.ChoiceField(label=_("Language of the invitation"), choices=settings.LANGUAGES, initial="fr")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"].choices = explained_roles()  # type: ignore[attr-defined]


class AcceptForm(PortalForm):
    """A name and a password for a first sign-in."""

    autocomplete: ClassVar[Mapping[str, str]] = {"full_name": "name", "password": "new-password", "repeated": "new-password"}
    full_name = forms.CharField(label=_("Full name"), max_length=150)
    password = forms.CharField(
        label=_("Choose a password"),
        max_length=200,
        strip=False,
        widget=forms.PasswordInput,
        help_text=_("12 characters at least. Several ordinary words in a row are strong and easy to remember. Use it nowhere else."),
    )
    repeated = forms.CharField(label=_("The same password again"), max_length=200, strip=False, widget=forms.PasswordInput)

    def clean(self) -> dict[str, Any]:
        """Both passwords are the same."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if data.get("password") and data.get("repeated") and data["password"] != data["repeated"]:
            self.add_error("repeated", _("The two passwords differ."))
        return data
