"""Erasing somebody from the administration: the form says, object by object, what would be deleted and what is kept."""

from __future__ import annotations

from typing import Any, ClassVar, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from core.acts import ActForm, reason_field
from core.privacy import register


class EraseForm(ActForm):
    """Why, and that it is meant. Subclasses say whether the object is an account or a person."""

    subject: ClassVar[str]

    reason = reason_field(help_text=_("The audit trail keeps it: do not write the name. For instance: request of the person, 25 November."))
    sure = forms.BooleanField(label=_("I have read what is erased: it cannot be undone"))

    @property
    def details(self) -> list[str]:
        """What would be deleted, what is kept without the name and why, who must be named first."""
        return register.consequences(register.subject_of(**{self.subject: self.about.pk})) if self.about is not None else []

    def arguments(self) -> dict[str, str]:
        """The reason."""
        return {"reason": self.cleaned_data["reason"]}


class EraseAccountForm(EraseForm):
    """From an account."""

    subject = "account"


class ErasePersonForm(EraseForm):
    """From a person."""

    subject = "person"


ERASE_WORDS: Final[dict[str, Any]] = {
    "slug": "erase",
    "label": _("Erase the personal data"),
    "title": _("Erase the personal data of this person?"),
    "consequences": _(
        "The account is closed, the mandates end today, and the name, the address and the telephone leave every table and the audit trail. "
        "Commitments, signatures and acts stay, under « former member of … ». It cannot be undone."
    ),
    "done": _("The personal data are erased."),
    "icon": "x",
    "danger": True,
    "step_up": True,
}
