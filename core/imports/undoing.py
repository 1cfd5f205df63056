"""Taking an import back: what it created goes if nothing refers to it, what it changed is as before if nobody changed it since."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import pghistory.models
from django.db import IntegrityError, connection, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from core import clock
from core.errors import Conflict
from core.models.imports import ImportedRow

if TYPE_CHECKING:
    from collections.abc import Iterator
    from uuid import UUID

    from core.actors import Actor
    from core.imports.content import Import
    from core.models.imports import ImportBatch
    from core.progress import Progress

_NAMED: Final = 5


def undo_rows(importer: Import, batch: ImportBatch, *, by: Actor, progress: Progress) -> None:
    """Within the caller's act. Refuses (Conflict, undo_blocked) with what prevents it; then nothing is changed."""
    table = connection.ops.quote_name(importer.model._meta.db_table)
    progress(10, _("Looking at what has changed since"))
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT count(*) FROM (SELECT 1 FROM {table} t JOIN core_importedrow r ON r.object_id = t.id WHERE r.batch_id = %s "  # noqa: S608 - quoted names of our own tables
            "ORDER BY t.id FOR UPDATE OF t) AS held",
            [batch.pk],
        )
    blockers = [*_changed(table, batch), *_referred(importer, batch)]
    if blockers:
        more = len(blockers) - _NAMED
        others = [ngettext("and %(count)d other", "and %(count)d others", more) % {"count": more}] if more > 0 else []
        named = "; ".join([*blockers[:_NAMED], *others])
        raise Conflict(_("This import cannot be undone: %(blockers)s.") % {"blockers": named}, code="undo_blocked")
    created, updated = _ids(batch, is_new=True), _ids(batch, is_new=False)
    importer.undone(created=created, updated=updated, by=by)
    progress(40, _("Taking the rows back"))
    try:
        with transaction.atomic():
            _delete(table, batch)
            progress(70, _("Putting the previous values back"))
            _restore(importer, table, batch)
    except IntegrityError as error:
        raise Conflict(_("This import cannot be undone: something else needs its rows now."), code="undo_blocked") from error


def _ids(batch: ImportBatch, *, is_new: bool) -> list[UUID]:
    return list(ImportedRow.objects.filter(batch=batch, is_new=is_new).order_by("number").values_list("object_id", flat=True))


def _changed(table: str, batch: ImportBatch) -> list[str]:
    """The rows that somebody changed or removed since."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT r.number FROM core_importedrow r LEFT JOIN {table} t ON t.id = r.object_id "  # noqa: S608 - quoted names of our own tables
            "WHERE r.batch_id = %s AND t.updated_at IS DISTINCT FROM r.written_at ORDER BY r.number",
            [batch.pk],
        )
        rows = [number for (number,) in cursor.fetchall()]
    return [_("row %(number)d was changed since") % {"number": number} for number in rows]


def _referred(importer: Import, batch: ImportBatch) -> Iterator[str]:
    """What refers to the rows that would go, other than those rows themselves."""
    created = ImportedRow.objects.filter(batch=batch, is_new=True)
    for relation in importer.model._meta.related_objects:
        model: Any = relation.related_model
        if issubclass(model, pghistory.models.Event) or relation.many_to_many:
            continue
        referring = model._base_manager.filter(**{f"{relation.field.name}__in": created.values("object_id")})
        if model is importer.model:
            referring = referring.exclude(pk__in=created.values("object_id"))
        if not referring.exists():
            continue
        found = referring.values_list(relation.field.attname, flat=True)
        numbers = created.filter(object_id__in=found).order_by("number").values_list("number", flat=True)
        for number in numbers:
            yield _("row %(number)d is needed by: %(what)s") % {"number": number, "what": str(model._meta.verbose_name_plural)}


def _delete(table: str, batch: ImportBatch) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM {table} t USING core_importedrow r WHERE r.batch_id = %s AND r.is_new AND t.id = r.object_id",  # noqa: S608 - quoted names of our own tables
            [batch.pk],
        )
        # Foreign keys are checked at the end of a transaction: here, where a refusal can be said.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def _restore(importer: Import, table: str, batch: ImportBatch) -> None:
    """Every column that the import changed, from what was kept; the other columns stay as they are."""
    fields = [
        connection.ops.quote_name(str(field.column))
        for field in importer.model._meta.concrete_fields
        if not field.primary_key and not getattr(field, "generated", False) and field.name not in {"created_at", "updated_at"}
    ]
    values = ", ".join(
        f"{column} = CASE WHEN r.before ? '{column.strip(chr(34))}' THEN p.{column} ELSE t.{column} END" for column in fields
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"UPDATE {table} t SET updated_at = %s, {values} FROM core_importedrow r, "  # noqa: S608 - quoted names of our own tables
            f"LATERAL jsonb_populate_record(NULL::{table}, r.before) p WHERE r.batch_id = %s AND NOT r.is_new AND t.id = r.object_id",
            [clock.now(), batch.pk],
        )
