"""The search page: every kind of result at once, or one kind page by page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast
from urllib.parse import urlencode

from django.http import Http404
from django.views.decorators.http import require_GET

from core.doors import show
from core.errors import Refusal
from core.search import Group, Query, read_query, search_all, search_one
from portal.forms.search import SearchForm
from portal.search import KINDS

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from accounts.models import User

FIRST: Final = 5
PAGE: Final = 25


@require_GET
def search(request: HttpRequest) -> HttpResponse:
    """What is found among what this person may see. Words that are too long, or no text, are refused (400) and nothing is looked for."""
    form = SearchForm(request.GET)
    is_valid = form.is_valid()
    asked = form.cleaned_data.get("q", "") if is_valid else ""
    user = cast("User", request.user)
    query = read_query(asked)
    slug = form.cleaned_data.get("type", "") if is_valid else ""
    groups = _one(request, slug, query, user) if slug else search_all(KINDS, query, user=user, size=FIRST)
    context: dict[str, Any] = {
        "form": form,
        "query": query,
        "groups": [{"group": group, "more_url": _address(request, query, group.kind.slug)} for group in groups],
        "only": groups[0].kind if slug else None,
        "all_url": _address(request, query),
        "next_url": _address(request, query, slug, groups[0].next) if groups and groups[0].next else "",
        "previous_url": _address(request, query, slug, groups[0].previous) if groups and groups[0].previous else "",
        "near": any(group.near for group in groups),
        "shown": sum(len(group.hits) for group in groups),
    }
    return show(request, "portal/search.html", context, part="results", status=200 if is_valid else 400)


def _one(request: HttpRequest, slug: str, query: Query, user: User) -> list[Group]:
    kind = next(kind for kind in KINDS if kind.slug == slug)
    try:
        group = search_one(kind, query, user=user, size=PAGE, cursor=request.GET.get("cursor"))
    except Refusal as error:
        raise Http404 from error
    return [group]


def _address(request: HttpRequest, query: Query, slug: str = "", cursor: str = "") -> str:
    values = {"q": query.text, "type": slug, "cursor": cursor}
    return f"{request.path}?{urlencode({name: value for name, value in values.items() if value})}"
