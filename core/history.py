"""Who changed what, when and why, from the append-only audit trail: differences only, in the reader's words."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final

import pghistory.core
from django.db import models
from django.db.models import OuterRef, Q, Subquery
from django.utils.formats import date_format, number_format
from django.utils.timezone import localtime
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from core import clock

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from uuid import UUID

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


@dataclass(frozen=True, slots=True)
class Recorded:
    """A line of the audit trail: a change, and of what."""

    change: Change
    model: type[models.Model]
    about_id: Any
    about: str
    event_id: int

    @property
    def kind(self) -> _StrOrPromise:
        """What sort of object changed."""
        return self.model._meta.verbose_name or self.model._meta.model_name or ""


def history(obj: models.Model, *, without: Collection[str] = ()) -> list[Change]:
    """The changes of an object, the latest first; those that changed nothing a reader would see are left out.

    `without` names the fields whose values this reader may not see.
    One query for its events, and one for each kind of object that its references name (people, axes, parties…).
    """
    model = type(obj)
    rows = list(events_of(model).filter(pgh_obj_id=obj.pk).select_related("pgh_context").order_by("pgh_id"))
    tracked = [field for field in _fields(model) if field.name not in without and hasattr(rows[0], field.attname)] if rows else []
    names = _names(tracked, rows)
    changes = [_change(rows[0], None, tracked, names)] if rows else []
    changes += [_change(after, before, tracked, names) for before, after in pairwise(rows)]
    return [change for change in reversed(changes) if change.kind != "update" or change.differences]


def events_of(model: type[models.Model]) -> models.QuerySet[Any]:
    """The audit events of a model, removed objects included."""
    event: Any = model._meta.get_field("events").related_model
    rows: models.QuerySet[Any] = event._default_manager.all()
    return rows


def tracked_models() -> list[type[models.Model]]:
    """Every model of which the audit trail records the changes, in the order of their names."""
    found = {_tracked_by(event) for event in pghistory.core.event_models(include_missing_pgh_obj=True)}
    return sorted(found, key=lambda model: model._meta.label)


def _tracked_by(event: Any) -> type[models.Model]:
    model: type[models.Model] = event.pgh_tracked_model
    return model


def search_trail(
    *,
    request_id: str = "",
    actor: str = "",
    about: UUID | None = None,
    kinds: Collection[type[models.Model]] = (),
    since: datetime | None = None,
    until: datetime | None = None,
    limit: int = 50,
) -> list[Recorded]:
    """The latest `limit` changes that answer to all of this, the latest first. `actor`: words of the author's name.

    At most three queries for each kind of object, and one for each kind that its references name.
    """
    condition = Q()
    if request_id:
        condition &= Q(pgh_context__metadata__request_id=request_id)
    if actor:
        condition &= Q(pgh_context__metadata__actor_label__icontains=actor)
    if since:
        condition &= Q(pgh_created_at__gte=since)
    if until:
        condition &= Q(pgh_created_at__lt=until)
    rows: list[tuple[type[models.Model], Any]] = []
    for event in pghistory.core.event_models(include_missing_pgh_obj=True):
        model = _tracked_by(event)
        has_object = any(field.name == "pgh_obj" for field in event._meta.fields)
        if (kinds and model not in kinds) or (about is not None and not has_object):
            continue
        found = event._default_manager.filter(condition, **({"pgh_obj_id": about} if about is not None else {}))
        rows += [(model, row) for row in found.select_related("pgh_context").order_by("-pgh_created_at", "-pgh_id")[:limit]]
    rows.sort(key=lambda pair: (pair[1].pgh_created_at, pair[1].pgh_id), reverse=True)
    return _recorded(rows[:limit])


def _recorded(rows: list[tuple[type[models.Model], Any]]) -> list[Recorded]:
    """The lines of the trail, each with its differences from the event before it."""
    by_event: dict[type[Any], list[Any]] = defaultdict(list)
    for _model, row in rows:
        by_event[type(row)].append(row)
    lines: dict[tuple[type[Any], int], tuple[Change, str]] = {}
    for event, group in by_event.items():
        before = _events_before(event, group)
        tracked = [field for field in _fields(event.pgh_tracked_model) if hasattr(group[0], field.attname)]
        names = _names(tracked, [*group, *before.values()])
        for row in group:
            change = _change(row, before.get(row.pgh_id), tracked, names)
            lines[event, row.pgh_id] = change, _named(row, names)
    return [
        Recorded(lines[type(row), row.pgh_id][0], model, getattr(row, "pgh_obj_id", None), lines[type(row), row.pgh_id][1], row.pgh_id)
        for model, row in rows
    ]


def _events_before(event: type[Any], group: Sequence[Any]) -> dict[int, Any]:
    """For each event the one before it of the same object (two queries)."""
    if not hasattr(group[0], "pgh_obj_id"):
        return {}
    earlier = event._default_manager.filter(pgh_obj_id=OuterRef("pgh_obj_id"), pgh_id__lt=OuterRef("pgh_id")).order_by("-pgh_id")
    pairs = dict(
        event._default_manager.filter(pgh_id__in=[row.pgh_id for row in group])
        .annotate(before=Subquery(earlier.values("pgh_id")[:1]))
        .values_list("pgh_id", "before")
    )
    found = event._default_manager.in_bulk([pk for pk in pairs.values() if pk])
    return {pk: found[before] for pk, before in pairs.items() if before in found}


def _named(row: Any, names: Mapping[tuple[Any, Any], str]) -> str:
    """What people call the object, from the event itself: it may have been removed since."""
    for name in ("reference", "title_fr", "title", "name_fr", "full_name", "label", "email", "filename", "kind"):
        value = getattr(row, name, "")
        if value:
            return str(value)
    related = [text for (model, pk), text in names.items() if pk in vars(row).values()]
    return " · ".join(related[:2]) or str(getattr(row, "pgh_obj_id", ""))


def _fields(model: type[models.Model]) -> list[models.Field[Any, Any]]:
    return [field for field in model._meta.concrete_fields if field.name not in SILENT]


def _change(row: Any, before: Any, tracked: Sequence[models.Field[Any, Any]], names: dict[tuple[Any, Any], str]) -> Change:
    metadata = row.pgh_context.metadata if row.pgh_context_id and row.pgh_context else {}
    return Change(
        at=row.pgh_created_at,
        kind=row.pgh_label,
        label=LABELS.get(row.pgh_label, row.pgh_label),
        actor=author_of(metadata),
        reason=metadata.get("reason", ""),
        request_id=metadata.get("request_id", ""),
        differences=[] if row.pgh_label == "delete" else _differences(row, before, tracked, names),
    )


def author_of(metadata: dict[str, Any]) -> str:
    """Whom a recorded act names, in the reader's words."""
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
        found.append(Difference(field.name, str(field.verbose_name), shown(field, old, names), shown(field, new, names)))
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


def shown(field: models.Field[Any, Any], value: Any, names: Mapping[tuple[Any, Any], str]) -> str:
    """A value as the reader reads it: labels of choices, names of objects, dates and amounts of the reader's language."""
    if value in (None, "", []):
        return ""
    if isinstance(field, models.ForeignKey):
        return names.get((field.related_model, value)) or gettext("Removed, or not shown to you")
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
