"""What the administration's lists share: a count that stops, filters on civil days."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from django.contrib.admin import SimpleListFilter
from django.core.paginator import Paginator
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from unfold.views import ChangeList

from core import clock

if TYPE_CHECKING:
    from datetime import date

    from django.contrib.admin import ModelAdmin
    from django.db.models import QuerySet
    from django.http import HttpRequest
    from django.utils.functional import _StrOrPromise

COUNT_LIMIT: Final = 10_000


class CappedPaginator(Paginator):  # type: ignore[type-arg]
    """Counts no further than 10 000: beyond that a filter serves better than a page number."""

    @cached_property
    def count(self) -> int:
        """How many rows there are, 10 000 at most."""
        rows: Any = self.object_list
        return int(rows.order_by()[:COUNT_LIMIT].count())


class PlainChangeList(ChangeList):  # type: ignore[misc]  # unfold has no types
    """A list that offers to show everything only when something hides a part of it."""

    def get_results(self, request: HttpRequest) -> None:
        """The page of rows; without filter nor search, all there is has been counted already."""
        super().get_results(request)
        if not self.has_active_filters and not self.query:
            self.full_result_count = self.result_count


class PeriodFilter(SimpleListFilter):
    """A column of instants, by civil days of Casablanca computed here. Subclasses name the `column`."""

    title = _("period")
    parameter_name = "period"
    column = "created_at"

    def lookups(self, request: HttpRequest, model_admin: ModelAdmin[Any]) -> list[tuple[str, _StrOrPromise]]:
        """The periods on offer."""
        return [
            ("today", _("Today")),
            ("week", _("Last 7 days")),
            ("month", _("Last 30 days")),
            ("year", _("Since the first of January")),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """The rows of the period chosen."""
        first = self._first(clock.today())
        return queryset if first is None else queryset.filter(**{f"{self.column}__gte": clock.start_of(first)})

    def _first(self, today: date) -> date | None:
        days = {
            "today": today,
            "week": today - timedelta(days=6),
            "month": today - timedelta(days=29),
            "year": today.replace(month=1, day=1),
        }
        return days.get(self.value() or "")
