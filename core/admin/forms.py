"""Forms of the administration: shaped by a model, written by a service, dressed as the theme's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib.admin.widgets import AutocompleteSelect
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField
from django.utils.translation import gettext_lazy as _
from unfold import widgets

from core.forms import OnceField, VersionField

if TYPE_CHECKING:
    from core.errors import Refusal

NOT_VALUES = frozenset({"version", "once", "why"})


class ServiceForm(forms.ModelForm):  # type: ignore[type-arg]
    """A form whose values go to a service. It neither changes nor checks the row: the service does both, and may refuse.

    `refusal` is what the service said to these very values; `version` what the person saw of the row;
    `once` the key of a page that adds: sent twice, it adds once.
    """

    refusal: ClassVar[Refusal | None] = None
    version = VersionField()
    once = OnceField()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not self.instance._state.adding:
            self.initial["version"] = self.instance.updated_at
            self.fields.pop("once", None)

    def _post_clean(self) -> None:
        if self.refusal is not None:
            named = "why" if self.refusal.field == "reason" and "reason" not in self.fields else self.refusal.field
            field = named if named in self.fields else None
            self.add_error(field, ValidationError(self.refusal.message, code=self.refusal.code))

    @property
    def values(self) -> dict[str, Any]:
        """Everything typed, for a service that creates; objects chosen are given by their id."""
        return {
            name: getattr(value, "pk", value) if isinstance(self.fields[name], forms.ModelChoiceField) else value
            for name, value in self.cleaned_data.items()
            if name not in NOT_VALUES
        }

    @property
    def changes(self) -> dict[str, Any]:
        """What differs from the row as it is, for a service that updates."""
        return {name: self.cleaned_data[name] for name in self.changed_data if name in self.cleaned_data and name not in NOT_VALUES}

    @property
    def reason(self) -> str:
        """Why, when the form asks for it."""
        return str(self.cleaned_data.get("why", ""))


class Autocomplete(AutocompleteSelect):
    """The list that is searched while one types. What was sent and is no id at all comes back as no choice, with the form's error."""

    def optgroups(self, name: str, value: Any, attr: Any = None) -> Any:
        """The choice made, if there is one."""
        try:
            return super().optgroups(name, value, attr)
        except (ValidationError, ValueError):
            return super().optgroups(name, [], attr)


class ReasonedForm(ServiceForm):
    """A form that also asks why: the audit trail keeps the answer."""

    why = forms.CharField(
        label=_("Reason of the change"),
        required=False,
        max_length=500,
        help_text=_("Compulsory for what the parties signed and for a date that moves. The audit trail keeps it."),
        widget=widgets.UnfoldAdminTextareaWidget(attrs={"rows": 2}),
    )


class ThemedBoundField(BoundField):
    """A field of any form, with the theme's classes."""

    def build_widget_attrs(self, attrs: dict[str, Any], widget: forms.Widget | None = None) -> dict[str, Any]:
        """Add the class of the control."""
        attrs = super().build_widget_attrs(attrs, widget)
        attrs["class"] = " ".join(_classes(widget or self.field.widget))
        return attrs

    @property
    def is_checkbox(self) -> bool:
        """Whether the label stands after the control."""
        return isinstance(self.field.widget, forms.CheckboxInput)


def _classes(widget: forms.Widget) -> list[str]:
    if isinstance(widget, forms.CheckboxInput):
        return list(widgets.CHECKBOX_CLASSES)
    if isinstance(widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
        return ["choices"]
    if isinstance(widget, forms.Select):
        return list(widgets.SELECT_CLASSES)
    if isinstance(widget, forms.Textarea):
        return list(widgets.TEXTAREA_CLASSES)
    return list(widgets.INPUT_CLASSES)


def dress(form: forms.BaseForm) -> forms.BaseForm:
    """Give a portal form (its renderer is Tabler's) the look of the administration."""
    form.bound_field_class = ThemedBoundField
    form._bound_fields_cache.clear()  # type: ignore[attr-defined]  # those built with the other class
    return form
