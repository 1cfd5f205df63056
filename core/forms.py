"""How every portal form looks and refuses: Tabler's classes, errors tied to their fields, bytes that no text holds."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any, ClassVar
from uuid import UUID, uuid4

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.forms.boundfield import BoundField
from django.forms.renderers import TemplatesSetting
from django.template.defaultfilters import filesizeformat
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from django.core.files.uploadedfile import UploadedFile

    from core.errors import Refusal

NUL_REFUSED = gettext_lazy("This text contains a character that cannot be stored (NUL). Remove it, or type the text again.")

PAGE_TOO_OLD = gettext_lazy("This page is too old: reload it, then type your changes again.")


class TablerBoundField(BoundField):
    """A field that carries its CSS class and its autocomplete hint whatever form it belongs to."""

    def build_widget_attrs(self, attrs: dict[str, Any], widget: forms.Widget | None = None) -> dict[str, Any]:
        """Add the class of the control, and what the browser may complete, to the attributes Django computes."""
        attrs = super().build_widget_attrs(attrs, widget)
        shown = widget or self.field.widget
        names: list[str] = [str(attrs.get("class") or ""), str(shown.attrs.get("class") or ""), control_class(shown)]
        if self.form.is_bound and self.errors:
            names.append("is-invalid")
        attrs["class"] = " ".join(name for name in names if name)
        hint = getattr(self.form, "autocomplete", {}).get(self.name)
        if hint and "autocomplete" not in shown.attrs:
            attrs["autocomplete"] = hint
        return attrs

    @property
    def is_checkbox(self) -> bool:
        """Whether the label stands after the control."""
        return getattr(self.field.widget, "input_type", None) == "checkbox" and not self.has_options

    @property
    def has_options(self) -> bool:
        """Whether the control is a list of check boxes or radio buttons."""
        return isinstance(self.field.widget, forms.RadioSelect | forms.CheckboxSelectMultiple)

    @property
    def shows_optional(self) -> bool:
        """Whether the label says « optional »: most fields are needed, so the few others are marked."""
        return not self.field.required and bool(getattr(self.form, "mark_optional", False))


def control_class(widget: forms.Widget) -> str:
    """Tabler's class for a control."""
    kind = getattr(widget, "input_type", None)
    if kind in {"checkbox", "radio"}:
        return "form-check-input"
    if kind == "select":
        return "form-select"
    return "form-control"


class TablerRenderer(TemplatesSetting):
    """Renders forms with the portal's templates. Never the global renderer: the administration has its own."""

    bound_field_class = TablerBoundField
    field_template_name = "forms/field.html"
    form_template_name = "forms/form.html"


class DateInput(forms.DateInput):
    """The browser's own calendar, which speaks the reader's language; the value travels as an ISO date."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs=attrs, format="%Y-%m-%d")


class DateTimeInput(forms.DateTimeInput):
    """The browser's own date and time control; the wall time is Casablanca's."""

    input_type = "datetime-local"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs=attrs, format="%Y-%m-%dT%H:%M")


class FileInput(forms.FileInput):
    """A file control that names the accepted kinds and refuses a file too large before it travels."""

    def __init__(self, *, accept: Sequence[str] = (), max_bytes: int | None = None, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs={**(attrs or {}), **({"accept": ",".join(accept)} if accept else {})})
        self.max_bytes = max_bytes

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Give the page the limit and the sentence that refuses, in the reader's language."""
        limit = upload_limit(self.max_bytes)
        told = {"data-max-bytes": str(limit), "data-too-large": too_large(limit)}
        return super().get_context(name, value, {**(attrs or {}), **told})


class UploadField(forms.FileField):
    """One file of an accepted kind and size. The service that stores it also reads its first bytes: a name proves nothing.

    `accept` holds extensions with their dot, in lower case; `max_bytes` defaults to `UPLOAD_MAX_BYTES`.
    """

    def __init__(self, *, accept: Sequence[str], max_bytes: int | None = None, **kwargs: Any) -> None:
        self.accept = tuple(accept)
        self.max_bytes = max_bytes
        kwargs.setdefault("widget", FileInput(accept=accept, max_bytes=max_bytes))
        super().__init__(**kwargs)

    def clean(self, data: Any, initial: Any = None) -> Any:
        """Refuse a file of another kind, or larger than the limit, with the sentence that says so."""
        upload: UploadedFile[Any] | None = super().clean(data, initial)
        if upload is None or upload is initial or not hasattr(upload, "size"):
            return upload
        limit = upload_limit(self.max_bytes)
        if (upload.size or 0) > limit:
            raise ValidationError(too_large(limit), code="too_large")
        if self.accept and not (upload.name or "").lower().endswith(self.accept):
            raise ValidationError(_("This kind of file is not accepted. Accepted: %(kinds)s.") % {"kinds": self.kinds}, code="kind")
        return upload

    @property
    def kinds(self) -> str:
        """The accepted extensions, as people read them: « PDF, XLSX »."""
        return ", ".join(extension.lstrip(".").upper() for extension in self.accept)

    @property
    def hint(self) -> str:
        """What may be sent, in one sentence; the field template shows it under the label."""
        return _("Accepted files: %(kinds)s. %(size)s at most.") % {
            "kinds": self.kinds,
            "size": filesizeformat(upload_limit(self.max_bytes)),
        }


class VersionField(forms.CharField):
    """What the person saw: the row's `updated_at`, hidden in the form and given to the service, which refuses an older one."""

    def __init__(self) -> None:
        super().__init__(required=False, widget=forms.HiddenInput)

    def prepare_value(self, value: Any) -> Any:
        """An instant as it travels."""
        return value.isoformat() if isinstance(value, datetime) else value

    def clean(self, value: Any) -> datetime | None:
        """None when the form carried none; an edited one is refused rather than ignored."""
        text = super().clean(value)
        try:
            version = datetime.fromisoformat(text) if text else None
        except ValueError:
            version = None
        if text and (version is None or version.tzinfo is None):
            raise ValidationError(PAGE_TOO_OLD)
        return version


class OnceField(forms.CharField):
    """The page's own key, hidden in a form that creates: sent twice, it creates once (`core.once`)."""

    def __init__(self) -> None:
        super().__init__(required=False, widget=forms.HiddenInput, initial=lambda: str(uuid4()))

    def clean(self, value: Any) -> UUID | None:
        """None when the form carried none; an edited one is refused rather than ignored."""
        text = super().clean(value)
        try:
            return UUID(text) if text else None
        except ValueError:
            raise ValidationError(PAGE_TOO_OLD) from None


def upload_limit(max_bytes: int | None) -> int:
    """The size limit in bytes that applies to a field."""
    return max_bytes if max_bytes is not None else int(settings.UPLOAD_MAX_BYTES)


def too_large(limit: int) -> str:
    """The sentence that refuses a file over the limit (bytes)."""
    return _("This file is too large: %(size)s at most.") % {"size": filesizeformat(limit)}


class PortalFormMixin(forms.BaseForm):
    """What a form of the portal adds to a Django form.

    `autocomplete` maps a field to the browser's hint (`{"email": "email"}`): only for what describes the person who types.
    `mark_optional` says « optional » beside the fields that may stay empty; a filter sets it to false.
    """

    default_renderer = TablerRenderer
    autocomplete: ClassVar[Mapping[str, str]] = {}
    mark_optional: ClassVar[bool] = True

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("label_suffix", "")
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            if type(field.widget) is forms.DateInput:
                field.widget = DateInput(attrs=field.widget.attrs)

    def _clean_fields(self) -> None:
        super()._clean_fields()  # type: ignore[misc]  # absent from the stubs
        for bound in self._with_nul():
            self.errors.pop(bound.name, None)
            self.add_error(bound.name, ValidationError(NUL_REFUSED, code="nul"))

    def _with_nul(self) -> Iterator[BoundField]:
        """The fields in which a NUL byte was sent, whatever their kind: PostgreSQL stores none."""
        for bound in self:
            sent = bound.data if isinstance(bound.data, list | tuple) else [bound.data]
            if any(isinstance(value, str) and "\x00" in value for value in sent):
                yield bound

    def refuse(self, refusal: Refusal) -> None:
        """Show a service's refusal beside the input at fault, or at the top of the form."""
        field = refusal.field if refusal.field in self.fields else None
        self.add_error(field, ValidationError(refusal.message, code=refusal.code))


def error_summary(form: forms.BaseForm) -> list[tuple[str, str, str]]:
    """Every error of a form, third-party ones included, as (address of the field in the page, its label, the sentence)."""
    lines = [("", "", str(error)) for error in form.non_field_errors()]
    for bound in form:
        target = f"#{bound.id_for_label or bound.auto_id}"
        lines += [(target, str(bound.label), str(error)) for error in bound.errors]
    return lines


class PortalForm(PortalFormMixin, forms.Form):
    """A form whose values go to one service."""


class FilterForm(PortalForm):
    """The form of a list's filters (`Meta.form` of a FilterSet): nothing is compulsory, and its ids never meet another form's."""

    mark_optional = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("auto_id", "filter_%s")
        super().__init__(*args, **kwargs)


class PortalModelForm(PortalFormMixin, forms.ModelForm):  # type: ignore[type-arg]
    """A form shaped by a model. It only parses and checks: the view hands `cleaned_data` to a service, and never saves."""

    def save(self, commit: bool = True) -> Any:
        """Refused: every write is a service."""
        raise NotImplementedError("Pass cleaned_data to a service; forms do not write.")
