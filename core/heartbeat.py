"""Proof of life, kept in rows: a round that stops is seen by the age of its row, whatever its process looks like."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core import clock
from core.models import Heartbeat

if TYPE_CHECKING:
    from datetime import datetime, timedelta

WORKER = "worker"


def beat(name: str, **detail: Any) -> None:
    """Record that the round `name` has just gone well."""
    Heartbeat.objects.bulk_create(
        [Heartbeat(name=name, beaten_at=clock.now(), detail=detail)],
        update_conflicts=True,
        unique_fields=["name"],
        update_fields=["beaten_at", "detail"],
    )


def last(name: str) -> datetime | None:
    """When the round `name` last went well (UTC); None when it never did."""
    return Heartbeat.objects.filter(name=name).values_list("beaten_at", flat=True).first()


def age(name: str) -> timedelta | None:
    """How long ago the round `name` last went well; None when it never did."""
    instant = last(name)
    return None if instant is None else clock.now() - instant
