"""What a person takes away: everything the register says is held about them, as JSON and as a page to read, in one archive."""

from __future__ import annotations

import json
import zipfile
from collections import defaultdict
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Final
from uuid import UUID

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.template.loader import render_to_string
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import get_language, get_language_bidi, gettext_lazy
from django.utils.translation import gettext as _

from core import clock
from core.errors import Invalid
from core.jobs import Made
from core.models import Job
from core.privacy import register
from core.reports import filename

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from core.actors import Actor
    from core.privacy.register import Holding, Subject
    from core.progress import Progress

# An archive of somebody's data does not lie about: it is made again at will.
KEPT: Final = timedelta(days=3)


def _value(row: models.Model, name: str) -> Any:
    """A column as JSON holds it: the id of what it refers to, the number of a telephone."""
    field = row._meta.get_field(name)
    if isinstance(field, models.ForeignKey):
        return getattr(row, field.attname)
    value = getattr(row, name)
    return str(value) if value is not None and not isinstance(value, int | float | str | list | dict | date | UUID) else value


def rows_of(held: Holding, subject: Subject) -> Iterator[dict[str, Any]]:
    """The subject's rows of one table: every personal column but those withheld, and what makes them readable."""
    names = [name for name in (*held.fields, *held.shown) if name not in held.withheld]
    for row in held.rows(subject).iterator(chunk_size=500):
        yield {name: _value(row, name) for name in names}


def content_of(subject: Subject, *, progress: Progress | None = None) -> dict[str, Any]:
    """Everything held about the subject, by processing, with what is not given and why. One query a table."""
    held = list(register.holdings())
    tables: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for number, holding in enumerate(held):
        if progress is not None:
            progress(5 + 85 * number // len(held), _("Gathering your data"))
        tables[holding.processing].append(
            {
                "rank": number,
                "table": holding.model,
                "title": holding.name_of_table,
                "kept": str(register.retention_classes()[holding.retention].kept),
                "withheld": {name: str(reason) for name, reason in holding.withheld.items()},
                "rows": list(rows_of(holding, subject)),
            }
        )
    return {
        "made_at": clock.now(),
        "controller": str(register.controller()),
        "account": subject.account,
        "person": subject.person,
        "processings": [
            {"slug": entry.slug, "title": str(entry.title), "purpose": str(entry.purpose), "tables": tables[entry.slug]}
            for entry in register.processings()
        ],
    }


def readable(content: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The same for reading: labels of the columns, dates in words, tables without rows left out."""
    found = []
    for processing in content["processings"]:
        tables = [
            table | {"columns": _columns(table), "lines": [[_words(value) for value in row.values()] for row in table["rows"]]}
            for table in processing["tables"]
            if table["rows"]
        ]
        found.append({**processing, "tables": tables})
    return found


def _columns(table: Mapping[str, Any]) -> list[str]:
    model = next(held.table for held in register.holdings() if held.model == table["table"])
    return [str(getattr(model._meta.get_field(name), "verbose_name", name)) for name in table["rows"][0]]


def _words(value: Any) -> str:
    if value in (None, "", [], {}):
        return "—"
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, datetime):
        return date_format(localtime(value, clock.CASABLANCA), "SHORT_DATETIME_FORMAT")
    if isinstance(value, date):
        return date_format(value, "SHORT_DATE_FORMAT")
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False)
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def write_archive(subject: Subject, destination: Path, *, progress: Progress | None = None) -> None:
    """Write the archive: `data.json` for machines, `data.html` for reading, in the active language."""
    content = content_of(subject, progress=progress)
    page = render_to_string(
        "core/privacy_export.html",
        {"content": content, "parts": readable(content), "language": get_language(), "direction": "rtl" if get_language_bidi() else "ltr"},
    )
    with zipfile.ZipFile(destination, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data.json", json.dumps(content, cls=DjangoJSONEncoder, ensure_ascii=False, indent=2))
        archive.writestr("data.html", page)


class MyData:
    """The job that makes one's archive: nobody asks for another's."""

    kind: ClassVar[str] = "my_data"
    title: ClassVar[Any] = gettext_lazy("My personal data")

    def clean(self, params: Mapping[str, Any], *, by: Actor) -> dict[str, Any]:
        """The account is whoever asks, whatever is sent."""
        if by.pk is None:
            raise Invalid(_("Only the holder of an account may ask for this."), code="no_account")
        return {"account": str(by.pk)}

    def may_request(self, user: Actor, params: Mapping[str, Any]) -> bool:
        """The holder of the account, while it is open."""
        return bool(user.is_active) and user.pk is not None and str(user.pk) == params.get("account")

    def run(self, job: Job, *, by: Actor, draft: Path, progress: Progress) -> Made:
        """Gather everything as of one instant."""
        with progress.snapshot():
            write_archive(register.subject_of(account=by.pk), draft, progress=progress)
        return Made(filename=filename(_("My personal data"), clock.now(), ".zip"), media_type="application/zip", suffix=".zip")

    def delivered(self, job: Job) -> None:
        """Kept three days only."""
        Job.objects.filter(pk=job.pk).update(expires_at=clock.now() + KEPT)
