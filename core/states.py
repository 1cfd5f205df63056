"""State machines: a table of allowed transitions, and the one gate that all of them pass."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from django.utils.translation import gettext_lazy as _

from core.errors import Conflict

if TYPE_CHECKING:
    from collections.abc import Mapping
    from uuid import UUID

    from django.db.models import Model, QuerySet

M = TypeVar("M", bound="Model")


def lock(queryset: QuerySet[M], pk: UUID | int) -> M:
    """Read one row and hold it until the transaction ends; `queryset` decides who may see it (absent: DoesNotExist)."""
    return queryset.select_for_update(of=("self",)).get(pk=pk)


def check_transition(table: Mapping[str, frozenset[str]], *, current: str, to: str) -> None:
    """Refuse with a conflict (409) a transition that the table does not hold."""
    if to not in table.get(current, frozenset()):
        raise Conflict(
            _("This is no longer possible: its state has changed, or does not allow it."),
            code="forbidden_transition",
        )
