"""Who changed what, when and why, from the append-only audit trail: differences only, in the reader's words."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

from django.db import models
from django.utils.formats import date_format, number_format
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core import clock

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from django.utils.functional import _StrOrPromise

# Bookkeeping of the row itself, not something that somebody changed.
SILENT: Final = frozenset({"id", "created_at", "updated_at", "sort_key"})
LABELS: Final = {"insert": _("Created"), "update": _("Changed"), "delete": _("Removed")}


@dataclass(frozen=True, slots=True)
class Difference:
    """A field before and after, as the reader reads them; empty when there was nothing."""

    field: str
    label: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Change:
    """One recorded change: `kind` is insert, update or delete; `is_state` when the object changed state."""

    at: datetime
    kind: str
    label: _StrOrPromise
    actor: str
    reason: str
    request_id: str
    differences: list[Difference]

    @property
    def is_state(self) -> bool:
        """Whether its state changed."""
        return any(difference.field == "status" for difference in self.differences)


def history(obj: models.Model) -> list[Change]:
    """The changes of an object, the latest first; those that changed nothing a reader would see are left out.

    One query for its events, and one for each kind of object that its references name (people, axes, parties…).
    """
    model = type(obj)
    rows = list(events_of(model).filter(pgh_obj_id=obj.pk).select_related("pgh_context").order_by("pgh_id"))
    tracked = [field for field in _fields(model) if hasattr(rows[0], field.attname)] if rows else []
    names = _names(tracked, rows)
    changes = [_change(rows[0], None, tracked, names)] if rows else []
    changes += [_change(after, before, tracked, names) for before, after in pairwise(rows)]
    return [change for change in reversed(changes) if change.kind != "update" or change.differences]


def events_of(model: type[models.Model]) -> models.QuerySet[Any]:
    """The audit events of a model, removed objects included."""
    event: Any = model._meta.get_field("events").related_model
    rows: models.QuerySet[Any] = event._default_manager.all()
    return rows


def _fields(model: type[models.Model]) -> list[models.Field[Any, Any]]:
    return [field for field in model._meta.concrete_fields if field.name not in SILENT]


def _change(row: Any, before: Any, tracked: Sequence[models.Field[Any, Any]], names: dict[tuple[Any, Any], str]) -> Change:
    metadata = row.pgh_context.metadata if row.pgh_context_id and row.pgh_context else {}
    return Change(
        at=row.pgh_created_at,
        kind=row.pgh_label,
        label=LABELS.get(row.pgh_label, row.pgh_label),
        actor=_actor(metadata),
        reason=metadata.get("reason", ""),
        request_id=metadata.get("request_id", ""),
        differences=[] if row.pgh_label == "delete" else _differences(row, before, tracked, names),
    )


def _actor(metadata: dict[str, Any]) -> str:
    if metadata and not metadata.get("actor"):
        label: str = metadata.get("actor_label", "")
        return gettext("The portal") if label in {"", "system"} else label
    return metadata.get("actor_label", "") or gettext("Outside the portal")


def _differences(row: Any, before: Any, tracked: Sequence[models.Field[Any, Any]], names: dict[tuple[Any, Any], str]) -> list[Difference]:
    found = []
    for field in tracked:
        new = getattr(row, field.attname)
        old = getattr(before, field.attname) if before is not None else None
        if new == old or (before is None and new in (None, "", [])):
            continue
        found.append(Difference(field.name, str(field.verbose_name), _shown(field, old, names), _shown(field, new, names)))
    return found


def _names(tracked: Iterable[models.Field[Any, Any]], rows: Iterable[Any]) -> dict[tuple[Any, Any], str]:
    """The names of everything the events refer to: one query for each kind of object."""
    wanted: dict[type[models.Model], set[Any]] = defaultdict(set)
    for field in tracked:
        if isinstance(field, models.ForeignKey):
            wanted[field.related_model].update(getattr(row, field.attname) for row in rows)
    names = {}
    for model, keys in wanted.items():
        keys.discard(None)
        if not keys:
            continue
        related = [
            field.name for field in model._meta.concrete_fields if isinstance(field, models.ForeignKey) and field.name == "organisation"
        ]
        for pk, found in model._default_manager.select_related(*related).in_bulk(keys).items():
            names[model, pk] = str(found)
    return names


def _shown(field: models.Field[Any, Any], value: Any, names: dict[tuple[Any, Any], str]) -> str:
    """A value as the reader reads it: labels of choices, names of objects, dates and amounts of the reader's language."""
    if value in (None, "", []):
        return ""
    if isinstance(field, models.ForeignKey):
        return names.get((field.related_model, value), str(value))
    if field.choices:
        return str(dict(field.flatchoices).get(value, value))
    if isinstance(value, bool):
        return gettext("Yes") if value else gettext("No")
    if isinstance(value, datetime):
        return date_format(localtime(value, clock.CASABLANCA), "SHORT_DATETIME_FORMAT")
    if isinstance(value, date):
        return date_format(value, "SHORT_DATE_FORMAT")
    if isinstance(value, Decimal | int):
        return str(number_format(value, use_l10n=True, force_grouping=True))
    if isinstance(value, list):
        labels = dict(getattr(getattr(field, "base_field", None), "flatchoices", ()))
        return ", ".join(str(labels.get(item, item)) for item in value)
    return str(value)
