"""State machines: a table of allowed transitions, and the one gate that all of them pass."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from django.utils.translation import gettext_lazy as _

from core.errors import Conflict, Stale

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping
    from datetime import datetime
    from uuid import UUID

    from django.db.models import Model, QuerySet

    from core.models import Base

M = TypeVar("M", bound="Model")


def lock(queryset: QuerySet[M], pk: UUID | int) -> M:
    """Read one row and hold it until the transaction ends; `queryset` decides who may see it (absent: DoesNotExist).

    NO KEY: a row that only refers to this one can still be inserted meanwhile, so the order of locks stays parent, then child.
    """
    return queryset.select_for_update(of=("self",), no_key=True).get(pk=pk)


def check_version(row: Base, version: datetime | None) -> None:
    """Refuse (412) when the caller saw an older version of the row; `version` is the `updated_at` it saw, None: it does not care."""
    if version is not None and version != row.updated_at:
        raise Stale(_("Somebody changed this meanwhile: read it again before changing it."))


def write(row: Base, **values: object) -> None:
    """Set these fields and save them alone (with `updated_at`): what the caller did not name is never overwritten."""
    for name, value in values.items():
        setattr(row, name, value)
    row.save(update_fields=[*values, "updated_at"])


def check_transition(table: Mapping[str, frozenset[str]], *, current: str, to: str, sources: Collection[str] | None = None) -> None:
    """Refuse with a conflict (409) a transition that the table does not hold, or that another verb makes: `sources` are this one's."""
    if to not in table.get(current, frozenset()) or (sources is not None and current not in sources):
        raise Conflict(
            _("This is no longer possible: its state has changed, or does not allow it."),
            code="forbidden_transition",
        )
