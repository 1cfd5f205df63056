"""The inputs of the acts on conventions, commitments, actions and documents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from core import clock
from core.acts import ActForm, reason_field
from core.forms import UploadField
from partnership.choices import ArbitrationOutcome, DocumentKind
from partnership.models import Document
from partnership.services.evidence import EvidenceDraft

if TYPE_CHECKING:
    from datetime import date

ACCEPTED = (".pdf", ".docx", ".xlsx", ".png", ".jpg", ".jpeg", ".csv")


def long_text(label: Any, *, required: bool = True, help_text: Any = "", rows: int = 4) -> forms.CharField:
    """A text of several lines, 4,000 characters at most."""
    return forms.CharField(
        label=label, required=required, help_text=help_text, max_length=4000, widget=forms.Textarea(attrs={"rows": rows})
    )


class ReasonForm(ActForm):
    """A reason, compulsory: the other people read it."""

    reason = reason_field(help_text=_("The other party reads it."), maximum=2000)


class NoteForm(ActForm):
    """A note, optional."""

    note = long_text(_("Note"), required=False)


class EvidenceFields(ActForm):
    """One piece of evidence: a file, an address, or both, with the date of the fact."""

    evidence_title = forms.CharField(
        label=_("What the evidence is"), max_length=300, required=False, help_text=_("For instance: signed attendance list of the workshop")
    )
    evidence_file = UploadField(label=_("File"), accept=ACCEPTED, required=False)
    evidence_url = forms.URLField(label=_("Or its address"), max_length=500, required=False, assume_scheme="https")
    evidence_fact_on = forms.DateField(label=_("Date of the fact"), required=False)
    evidence_expires_on = forms.DateField(label=_("Valid until"), required=False, help_text=_("Leave empty when it does not expire."))

    def has_evidence(self) -> bool:
        """Whether something was given as evidence."""
        data = self.cleaned_data
        return bool(data.get("evidence_file") or data.get("evidence_url") or data.get("evidence_title"))

    def clean(self) -> dict[str, Any]:
        """A piece of evidence has a title, a date that is not to come, and a file or an address."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.has_evidence():
            return data
        if not data.get("evidence_title"):
            self.add_error("evidence_title", _("Say what the evidence is."))
        if (
            not data.get("evidence_file")
            and not data.get("evidence_url")
            and "evidence_file" not in self.errors
            and "evidence_url" not in self.errors
        ):
            self.add_error("evidence_file", _("Give a file, an address, or both."))
        fact_on: date | None = data.get("evidence_fact_on")
        if fact_on is None and "evidence_fact_on" not in self.errors:
            self.add_error("evidence_fact_on", _("Give the date of the fact."))
        elif fact_on is not None and fact_on > clock.today():
            self.add_error("evidence_fact_on", _("This date is still to come."))
        return data

    def drafts(self) -> list[EvidenceDraft]:
        """The evidence given, ready for the service: none or one."""
        data = self.cleaned_data
        if not self.has_evidence():
            return []
        return [
            EvidenceDraft(
                title=data["evidence_title"],
                fact_on=data["evidence_fact_on"],
                url=data["evidence_url"],
                upload=data["evidence_file"],
                expires_on=data["evidence_expires_on"],
            )
        ]


class DeclareForm(EvidenceFields):
    """What was delivered, and what proves it."""

    field_order = ["declaration"]
    declaration = long_text(_("What was delivered"), help_text=_("In a few sentences: what, when, for whom, with which result."))

    def arguments(self) -> dict[str, Any]:
        """As declare_commitment takes them."""
        return {"declaration": self.cleaned_data["declaration"], "evidence": self.drafts()}


class CompleteForm(EvidenceFields):
    """What was done, and what proves it."""

    field_order = ["outcome"]
    outcome = long_text(_("What was done"), help_text=_("A high-priority action also needs a document below."))

    def arguments(self) -> dict[str, Any]:
        """As complete_action takes them."""
        return {"outcome": self.cleaned_data["outcome"], "evidence": self.drafts()}


class AddEvidenceForm(EvidenceFields):
    """A further piece of evidence."""

    def clean(self) -> dict[str, Any]:
        """Here the evidence is the whole matter: it cannot be empty."""
        data = super().clean()
        if not self.has_evidence() and not self.errors:
            self.add_error("evidence_title", _("Say what the evidence is."))
        return data

    def arguments(self) -> dict[str, Any]:
        """As add_evidence takes them."""
        return {"draft": self.drafts()[0]}


class ProgressForm(ActForm):
    """How far the work is, in percent."""

    progress = forms.IntegerField(label=_("Progress (%)"), validators=[MinValueValidator(0), MaxValueValidator(100)])


class ArbitrateForm(ActForm):
    """The committee's decision on a contested delivery."""

    outcome = forms.ChoiceField(label=_("Outcome"), choices=ArbitrationOutcome.choices)
    reason = long_text(_("Grounds of the decision"), help_text=_("Both parties read it."))
    document = forms.ModelChoiceField(
        label=_("Minutes of the committee"),
        queryset=Document.objects.none(),
        help_text=_("Add the minutes to the convention's documents first."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.about is not None:
            self.fields["document"].queryset = self.about.convention.documents.present().filter(kind=DocumentKind.MINUTES)  # type: ignore[attr-defined]

    def arguments(self) -> dict[str, Any]:
        """As arbitrate_commitment takes them."""
        return {
            "outcome": self.cleaned_data["outcome"],
            "reason": self.cleaned_data["reason"],
            "document": self.cleaned_data["document"].pk,
        }


class DateOfSignatureForm(ActForm):
    """When the convention was signed."""

    signed_on = forms.DateField(label=_("Signed on"))


class EffectiveForm(ActForm):
    """From when the convention binds."""

    effective_on = forms.DateField(label=_("Effective on"))


class RenewForm(ActForm):
    """Until when the convention binds again, and why."""

    ends_on = forms.DateField(label=_("New end"), required=False, help_text=_("Leave empty when it is not known."))
    reason = reason_field(help_text=_("The parties read it."))
