"""What a report is asked with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from core.forms import PortalForm
from core.reports import FORMAT_LABELS
from partnership.imports import ActionExport, AffiliationExport, OrganisationExport
from partnership.models import Convention
from partnership.reports import ProgressReport

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Final

    from accounts.models import User
    from core.reports import Report


class ReportForm(PortalForm):
    """The format and the language, which every report has."""

    format = forms.ChoiceField(label=_("Format"), widget=forms.RadioSelect)
    language = forms.ChoiceField(label=_("Language of the report"))

    def __init__(self, *args: Any, report: Report, user: User, **kwargs: Any) -> None:
        kwargs["initial"] = {"format": report.formats[0], "language": user.language} | (kwargs.get("initial") or {})
        super().__init__(*args, **kwargs)
        names = dict(settings.LANGUAGES)
        self.fields["format"].choices = [(name, FORMAT_LABELS[name]) for name in report.formats]  # type: ignore[attr-defined]
        self.fields["language"].choices = [(code, names[code]) for code in report.languages]  # type: ignore[attr-defined]

    def params(self) -> dict[str, Any]:
        """What the report receives: everything but the language, ids as texts."""
        return {
            name: str(value.pk) if hasattr(value, "pk") else value for name, value in self.cleaned_data.items() if name != "language"
        }  # fmt: skip


class ConventionReportForm(ReportForm):
    """A report about one convention whose ledger one may open."""

    field_order = ["convention"]
    convention = forms.ModelChoiceField(label=_("Convention"), queryset=Convention.objects.none(), empty_label=None)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, user=user, **kwargs)
        conventions = Convention.objects.of_parties(user).order_by("reference")
        self.fields["convention"].queryset = conventions  # type: ignore[attr-defined]
        self.fields["convention"].label_from_instance = lambda row: f"{row.reference} — {row.title}"  # type: ignore[attr-defined]


class ListExportForm(ReportForm):
    """A list as it was filtered: the filters travel as they stood in its address."""

    filters = forms.CharField(required=False, max_length=2000, widget=forms.HiddenInput)


# The form of each kind of the catalogue; a kind that is not here is asked with its format and language alone.
FORMS: Final[Mapping[str, type[ReportForm]]] = {
    ProgressReport.kind: ConventionReportForm,
    **dict.fromkeys((one.kind for one in (OrganisationExport, AffiliationExport, ActionExport)), ListExportForm),
}
