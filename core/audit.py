"""The audit trail: database triggers record every change; this adds who, why and in which request."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar
from uuid import uuid4

import pghistory
import pgtrigger
import structlog
from django.db import transaction
from django.db.models import GeneratedField
from pghistory import runtime

from core import wall

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from django.db.models import Model

    from core.actors import Actor

M = TypeVar("M", bound="type[Model]")


def audited(*, exclude: Sequence[str] = ()) -> Callable[[M], M]:
    """Record inserts, updates and deletes of a model, bulk writes and raw SQL included, in an append-only table."""

    def track(model: M) -> M:
        # What the database computes from the other columns is never a change of its own.
        computed = [field.name for field in model._meta.local_fields if isinstance(field, GeneratedField)]
        tracked: M = pghistory.track(
            pghistory.InsertEvent(),
            pghistory.UpdateEvent(),
            pghistory.DeleteEvent(),
            exclude=[*exclude, *computed] or None,
            # One statement, one trigger: 100,000 rows written at once are recorded at once (row by row it took thirty times longer).
            level=pgtrigger.Statement,
            meta={"indexes": []},
        )(model)
        return tracked

    return track


@contextmanager
def act(*, by: Actor, reason: str = "", **more: Any) -> Iterator[None]:
    """One act: a transaction whose every change is recorded with its actor, reason and request id.

    Nested acts share the outermost transaction and keep their own reason; so do acts that follow each other in one request.
    """
    request_id = structlog.contextvars.get_contextvars().get("request_id", "")
    facts: dict[str, Any] = {"actor": str(by.pk) if by.pk else "", "actor_label": str(by), "reason": reason}
    if request_id:
        facts["request_id"] = str(request_id)
    with wall.narrowed(by), transaction.atomic(), _own_context(facts | more):
        yield


@contextmanager
def _own_context(facts: dict[str, Any]) -> Iterator[None]:
    """A context row of its own for an act: pghistory would merge it into the one around it and rewrite that one's reason."""
    tracker: Any = runtime._tracker
    outer = getattr(tracker, "value", None)
    if outer is None:
        with pghistory.context(**facts):
            yield
        return
    tracker.value = runtime.Context(id=uuid4(), metadata={**outer.metadata, **facts})
    try:
        yield
    finally:
        tracker.value = outer
