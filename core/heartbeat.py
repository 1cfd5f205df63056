"""Proof of life, kept in rows: a round that stops is seen by the age of its row, whatever its process looks like."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from core import clock
from core.models import Heartbeat

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime, timedelta

WORKER = "worker"


def beat(name: str, **detail: Any) -> None:
    """Record that the round `name` has just gone well."""
    _write([Heartbeat(name=name, beaten_at=clock.now(), detail=detail)])


def beat_all(names: Iterable[str]) -> None:
    """Record that these rounds have just gone well (one query)."""
    now = clock.now()
    _write([Heartbeat(name=name, beaten_at=now) for name in sorted(names)])


def _write(beats: list[Heartbeat]) -> None:
    Heartbeat.objects.bulk_create(beats, update_conflicts=True, unique_fields=["name"], update_fields=["beaten_at", "detail"])


def last_of(names: Iterable[str]) -> dict[str, datetime]:
    """When each of these rounds last went well (UTC); without those that never did (one query)."""
    return dict(Heartbeat.objects.filter(name__in=list(names)).values_list("name", "beaten_at"))


def last(name: str) -> datetime | None:
    """When the round `name` last went well (UTC); None when it never did."""
    return Heartbeat.objects.filter(name=name).values_list("beaten_at", flat=True).first()


def age(name: str) -> timedelta | None:
    """How long ago the round `name` last went well; None when it never did."""
    instant = last(name)
    return None if instant is None else clock.now() - instant
