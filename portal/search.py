"""Everything that can be found, in the order of the results: a tuple of what each wing describes."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final, cast

from django.db.models import Exists, OuterRef
from django.urls import reverse
from unfold.dataclasses import SearchResult

from core.search import read_query, search_all
from partnership import search as partnership
from partnership.models import Axis, Convention

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest

    from accounts.models import User
    from core.actors import Actor
    from core.search import Kind

ADMIN_SIZE: Final = 10


def _conventions(user: Actor) -> QuerySet[Any]:
    """With `opens`: whether this user opens its page, or reads what is published of it."""
    opens = Convention.objects.of_parties(user).filter(pk=OuterRef("pk"))
    rows: QuerySet[Any] = partnership.CONVENTIONS.visible(user).annotate(opens=Exists(opens))
    return rows


def _axes(user: Actor) -> QuerySet[Any]:
    opens = Convention.objects.of_parties(user).filter(pk=OuterRef("convention_id"))
    rows: QuerySet[Any] = partnership.AXES.visible(user).annotate(opens=Exists(opens))
    return rows


def _convention_page(row: Any, _user: Actor) -> str:
    pk = row.convention_id if isinstance(row, Axis) else row.pk
    return reverse("partnership:convention_detail" if row.opens else "portal:public_convention", args=[pk])


KINDS: Final[tuple[Kind, ...]] = (
    partnership.ORGANISATIONS,
    partnership.PEOPLE,
    replace(partnership.CONVENTIONS, visible=_conventions, address=_convention_page),
    replace(partnership.AXES, visible=_axes, address=_convention_page),
    partnership.COMMITMENTS,
    partnership.ACTIONS,
    partnership.DOCUMENTS,
    partnership.DESTINATIONS,
    partnership.REGIONS,
)


def admin_results(request: HttpRequest, term: str) -> list[SearchResult]:
    """The administration's own search: the same results, opened where they are kept."""
    user = cast("User", request.user)
    return [
        SearchResult(
            title=str(hit.row),
            description=f"{group.kind.label} · {hit.detail}" if hit.detail else str(group.kind.label),
            link=reverse(f"admin:{hit.row._meta.app_label}_{hit.row._meta.model_name}_change", args=[hit.row.pk]),
            icon="tag",
        )
        for group in search_all(KINDS, read_query(term), user=user, size=ADMIN_SIZE)
        for hit in group.hits
    ]
