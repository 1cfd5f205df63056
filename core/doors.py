"""What every page's door does alike: find or 404, hand a form to one service, show a refusal where it belongs, turn pages."""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, Generic, TypeVar
from uuid import UUID

from django.core.exceptions import ObjectDoesNotExist, PermissionDenied
from django.http import Http404
from django.shortcuts import render

from core.errors import Forbidden, Refusal
from core.keyset import Page, keyset_page
from core.once import created_once

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from django.db.models import Model, QuerySet
    from django.http import HttpRequest, HttpResponse

    from core.forms import PortalForm
    from core.keyset import Take

M = TypeVar("M", bound="Model")
T = TypeVar("T")

# A form that comes back: htmx swaps these too (see the page frame's configuration).
UNPROCESSABLE = 422


def find_or_404(queryset: QuerySet[M], pk: UUID | str) -> M:
    """The row, or « not found »: what is hidden and what never existed answer alike."""
    try:
        return queryset.get(pk=pk if isinstance(pk, UUID) else UUID(str(pk)))
    except (ObjectDoesNotExist, ValueError) as error:
        raise Http404 from error


@contextmanager
def act_or_404() -> Iterator[None]:
    """Around a service called without a form: hidden rows become 404, a forbidden act 403."""
    try:
        yield
    except ObjectDoesNotExist as error:
        raise Http404 from error
    except Forbidden as error:
        raise PermissionDenied(str(error)) from error


class Attempt(Generic[T]):
    """The outcome of a form handed to a service: `done` with its `result`, or not, with the form's errors and `status`."""

    def __init__(self) -> None:
        self.done = False
        self.result: T | None = None
        self.status = UNPROCESSABLE


def attempt(bound: PortalForm, service: Callable[..., T], /, **arguments: Any) -> Attempt[T]:
    """Hand a bound form's cleaned values to one service, or keep what was typed with the reason of the refusal.

    A form that creates (it has the field `once`) creates one row however often its page is sent.
    `arguments` may be values or callables of `cleaned_data`. Hidden rows raise Http404.
    """
    outcome: Attempt[T] = Attempt()
    if not bound.is_valid():
        return outcome
    values = {name: value(bound.cleaned_data) if callable(value) else value for name, value in arguments.items()}
    try:
        act: Callable[[], Any] = partial(service, **values)
        outcome.result = created_once(bound, by=values["by"], create=act) if "once" in bound.fields else act()
        outcome.done = True
    except ObjectDoesNotExist as error:
        raise Http404 from error
    except Refusal as refusal:
        bound.refuse(refusal)
        outcome.status = refusal.status if refusal.status != 400 else UNPROCESSABLE
    return outcome


class ListPage(Generic[T]):
    """A page of a list with the addresses of its neighbours; filters stay in the address. `rows` are what the page shows of them."""

    def __init__(self, request: HttpRequest, page: Page[Any], rows: list[T]) -> None:
        self.rows = rows
        self.next_url = self._url(request, page.next)
        self.previous_url = self._url(request, page.previous)

    def __iter__(self) -> Iterator[T]:
        return iter(self.rows)

    def __len__(self) -> int:
        return len(self.rows)

    @staticmethod
    def _url(request: HttpRequest, cursor: str | None) -> str:
        if cursor is None:
            return ""
        query = request.GET.copy()
        query["cursor"] = cursor
        return f"?{query.urlencode()}"


def list_page(
    request: HttpRequest,
    queryset: QuerySet[M],
    *,
    ordering: Sequence[str],
    size: int = 25,
    show_rows: Callable[[Sequence[M]], list[Any]] = list,
    take: Take | None = None,
) -> ListPage[Any]:
    """The page of `queryset` that the address asks for; an edited cursor is a 404, as any address that leads nowhere.

    `show_rows` prepares what the page shows of its rows (see core.shown); without it, it shows the rows themselves.
    `take` reads the rows by another way than the list's order (core.search.first_found).
    """
    try:
        page = keyset_page(queryset, ordering=ordering, cursor=request.GET.get("cursor"), size=size, take=take)
    except Refusal as error:
        raise Http404 from error
    return ListPage(request, page, show_rows(page.rows))


def show(request: HttpRequest, template: str, context: dict[str, Any], *, part: str = "", status: int = 200) -> HttpResponse:
    """Render a page, or only its `part` when htmx asks for one from within the page."""
    htmx = getattr(request, "htmx", None)
    name = f"{template}#{part}" if part and htmx and not htmx.boosted and not htmx.history_restore_request else template
    return render(request, name, context, status=status)
