"""Facts announced by services and the reactions to them: after the commit, at least once, whatever dies in between."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import structlog
from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import Q

from core import clock, queue
from core.models import Event
from core.models.mail import about_key

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from uuid import UUID

    from django.db.models import Model

    Reaction = Callable[[Event], object]

log = structlog.get_logger(__name__)

MAX_ATTEMPTS = 20
_WRITTEN = """
INSERT INTO core_event (id, created_at, updated_at, name, about_type_id, about_id, organisations, data, request_id, handled_at,
                        not_before, attempts, last_error)
SELECT told.event_id, %s, %s, %s, %s, told.object_id, ARRAY[told.object_id], told.data, %s, %s, %s, 0, ''
FROM ({rows}) AS told (event_id, object_id, data)
"""
_reactions: dict[str, tuple[Reaction, ...]] = {}


def subscribe(table: Mapping[str, Sequence[Callable[[Event], object]]]) -> None:
    """Set who reacts to what: the roof calls it once at start with its one table. A name given again replaces its reactions."""
    _reactions.update({name: tuple(reactions) for name, reactions in table.items()})


def announce(name: str, *, about: Model, organisations: Iterable[UUID] = (), **data: Any) -> None:
    """Write the fact `name` in the caller's transaction; the reactions run after its commit, at least once.

    `organisations` are those concerned (webhooks read them); `data` are JSON values, ids rather than texts.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError(f"announce({name!r}) outside a transaction: it could be lost or announce what is undone")
    awaited = name in _reactions
    request_id = structlog.contextvars.get_contextvars().get("request_id", "")
    event = Event.objects.create(
        name=name,
        organisations=list(dict.fromkeys(organisations)),
        data=data,
        request_id=str(request_id)[:64],
        handled_at=None if awaited else clock.now(),
        **about_key(about),
    )
    if awaited:
        from core.tasks import handle_event

        queue.ring(handle_event, str(event.pk))


def announce_written(name: str, *, model: type[Model], rows: str, params: Sequence[Any] = ()) -> int:
    """As `announce`, of many rows written by one statement: `rows` is SQL that gives (event id, object's id, data) of each.

    Each row concerns itself. No bell is rung for them one by one: the sweep finds those that somebody reacts to.
    """
    now = clock.now()
    request_id = str(structlog.contextvars.get_contextvars().get("request_id", ""))[:64]
    handled = None if name in _reactions else now
    kind = ContentType.objects.get_for_model(model).pk
    with transaction.get_connection().cursor() as cursor:
        cursor.execute(_WRITTEN.format(rows=rows), [now, now, name, kind, request_id, handled, now, *params])
        return int(cursor.rowcount)


def handle(event_id: UUID | str) -> bool:
    """Run the reactions to one event and mark it handled, in one transaction; False when there is nothing to do now.

    A reaction that fails undoes them all and the event is tried again later (1 to 60 minutes, 20 times).
    """
    try:
        with transaction.atomic():
            event = Event.objects.select_for_update(skip_locked=True, of=("self",)).filter(pk=event_id).filter(_waiting()).first()
            if event is None:
                return False
            for react in _reactions.get(event.name, ()):
                react(event)
            event.handled_at = clock.now()
            event.attempts += 1
            event.save(update_fields=["handled_at", "attempts", "updated_at"])
            return True
    except Exception as error:
        log.exception("event_reaction_failed", event_id=str(event_id))
        _postpone(event_id, error)
        return False


def sweep(limit: int = 500) -> int:
    """Handle what no bell announced; gives how many were handled."""
    waiting = Event.objects.filter(_waiting()).order_by("not_before", "id").values_list("pk", flat=True)[:limit]
    return sum(handle(event_id) for event_id in list(waiting))


def _waiting() -> Q:
    return Q(handled_at=None, not_before__lte=clock.now(), attempts__lt=MAX_ATTEMPTS)


def _postpone(event_id: UUID | str, error: Exception) -> None:
    event = Event.objects.filter(pk=event_id, handled_at=None).first()
    if event is None:
        return
    delay = timedelta(minutes=min(60, 2**event.attempts))
    # Guarded by the count read: two workers that fail together postpone once.
    Event.objects.filter(pk=event_id, handled_at=None, attempts=event.attempts).update(
        attempts=event.attempts + 1, not_before=clock.now() + delay, last_error=repr(error)[:500]
    )
