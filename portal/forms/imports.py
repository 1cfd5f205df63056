"""What an import is asked with: the file, then the choices that reading it calls for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from core.acts import reason_field
from core.forms import PortalForm, UploadField
from core.models.imports import Existing

if TYPE_CHECKING:
    from collections.abc import Sequence

    from core.imports.columns import ImportColumn
    from core.models import ImportBatch

ENCODING_LABELS: Final = (
    ("", _("Told from the file")),
    ("utf-8-sig", "UTF-8"),
    ("cp1252", _("Windows, Western Europe (1252)")),
    ("cp1256", _("Windows, Arabic (1256)")),
    ("utf-16-le", "UTF-16 LE"),
    ("utf-16-be", "UTF-16 BE"),
)
SEPARATOR_LABELS: Final = (
    ("", _("Told from the file")),
    (";", _("Semicolon ;")),
    (",", _("Comma ,")),
    ("\t", _("Tabulation")),
    ("|", _("Vertical bar |")),
)


class UploadForm(PortalForm):
    """The file, and what happens to the rows that exist."""

    file = UploadField(label=_("File"), accept=(".csv", ".xlsx"))
    existing = forms.ChoiceField(
        label=_("Rows that the portal already has"), choices=Existing.choices, initial=Existing.UPDATE, widget=forms.RadioSelect
    )


class ChoicesForm(PortalForm):
    """Which column is which field, how the file is read, what happens to the rows that exist and to those with errors."""

    mark_optional = False
    existing = forms.ChoiceField(label=_("Rows that the portal already has"), choices=Existing.choices)
    leaves_errors_out = forms.BooleanField(label=_("Leave out the rows with errors and write the others"), required=False)

    def __init__(self, *args: Any, batch: ImportBatch, columns: Sequence[ImportColumn], **kwargs: Any) -> None:
        kwargs["initial"] = {
            "existing": batch.existing, "leaves_errors_out": batch.leaves_errors_out, "encoding": batch.encoding,
            "separator": batch.separator, "sheet": batch.sheet or batch.found.get("sheet", ""),
        }  # fmt: skip
        super().__init__(*args, **kwargs)
        self.batch = batch
        if batch.suffix == ".csv":
            self.fields["encoding"] = forms.ChoiceField(label=_("Encoding"), choices=ENCODING_LABELS, required=False)
            # A tabulation is no blank to take off.
            self.fields["separator"] = forms.ChoiceField(label=_("Separator of columns"), choices=SEPARATOR_LABELS, required=False)
        elif batch.found.get("sheets"):
            sheets = [(name, name) for name in batch.found["sheets"]]
            self.fields["sheet"] = forms.ChoiceField(label=_("Sheet"), choices=sheets, required=False)
        choices = [("", _("Leave out")), *((column.name, column.heading) for column in columns)]
        for place, heading in enumerate(batch.headings):
            self.fields[f"column_{place}"] = forms.ChoiceField(
                label=heading or _("Column %(number)d") % {"number": place + 1}, choices=choices, required=False,
                initial=batch.mapping.get(str(place), ""),
            )  # fmt: skip

    def choices(self) -> dict[str, Any]:
        """What the service receives; the columns only where they were shown."""
        data = self.cleaned_data
        chosen = {name: data[name] for name in ("existing", "leaves_errors_out", "encoding", "separator", "sheet") if name in data}
        mapping = {str(place): data[f"column_{place}"] for place in range(len(self.batch.headings))}
        return chosen | ({"mapping": mapping} if mapping and mapping != self._shown() else {})

    def _shown(self) -> dict[str, str]:
        return {str(place): self.batch.mapping.get(str(place), "") for place in range(len(self.batch.headings))}


class UndoForm(PortalForm):
    """Why an import is taken back."""

    reason = reason_field(help_text=_("The audit trail keeps it."))
