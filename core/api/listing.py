"""A list's page by one question, compiled once for each caller and shape of address, and prepared in the database.

The ORM takes longer to write a list's SQL than PostgreSQL to answer it. What is kept here is SQL, never a row: the key holds
everything the SQL was made from (the whole caller, the day, the language, the filters with their values, the order, the size),
so another caller, or the same one with other scopes, has a question of its own. Only the cursor's values are put in afterwards.
"""

from __future__ import annotations

from collections import OrderedDict
from datetime import UTC, date, datetime
from threading import Lock
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from django.contrib.auth.models import AnonymousUser
from django.utils.translation import get_language

from core import clock
from core.api.authentication import PartnerPrincipal
from core.keyset import rows_around
from core.prepared import Question, question

if TYPE_CHECKING:
    from collections.abc import Callable, Hashable, Sequence

    from django.db.models import QuerySet

KEPT: Final = 500
# Values that no row holds: they hold the cursor's place in the compiled question.
_MARKS: Final[dict[type, tuple[Any, ...]]] = {
    UUID: (UUID("6d61726b-0000-7000-8000-000000000001"), UUID("6d61726b-0000-7000-8000-000000000002")),
    date: (date(1, 3, 1), date(1, 3, 2)),
    datetime: (datetime(1, 3, 1, tzinfo=UTC), datetime(1, 3, 2, tzinfo=UTC)),
    str: ("\ue000 mark 1", "\ue000 mark 2"),
}
_lock = Lock()
_questions: OrderedDict[Hashable, Question] = OrderedDict()


def caller_key(actor: Any) -> Hashable | None:
    """All that the visible rows of a caller are decided by; None for people, whose mandates and roles are read anew each time."""
    if isinstance(actor, PartnerPrincipal):
        return actor
    return "nobody" if isinstance(actor, AnonymousUser) else None


def rows_of_page(
    rows: Callable[[], QuerySet[Any]],
    *,
    key: Hashable | None,
    ordering: Sequence[str],
    backwards: bool,
    position: Sequence[Any] | None,
    size: int,
) -> list[dict[str, Any]]:
    """The rows of a page and one more, in one query. `rows` gives the queryset's `values()`; it is not called when the question is known.

    `key` names what `rows` is made from (None: nothing is kept, as when REST framework's plain path serves).
    """
    marks = _marks_for(position)
    if key is None or marks is None:
        return question(rows_around(rows(), ordering=ordering, backwards=backwards, position=position, size=size)).ask()
    whole = (key, clock.today(), get_language(), tuple(ordering), backwards, tuple(map(type, position or ())), size)
    with _lock:
        known = _questions.get(whole)
        if known is not None:
            _questions.move_to_end(whole)
    if known is None:
        placed = None if position is None else list(marks.values())
        known = question(rows_around(rows(), ordering=ordering, backwards=backwards, position=placed, size=size), **marks)
        with _lock:
            _questions[whole] = known
            while len(_questions) > KEPT:
                _questions.popitem(last=False)
    return known.ask(**dict(zip(marks, position or (), strict=True)))


def forget() -> None:
    """Forget every compiled question (tests)."""
    with _lock:
        _questions.clear()


def _marks_for(position: Sequence[Any] | None) -> dict[str, Any] | None:
    """A mark for each value of the cursor; None when one of them cannot be marked."""
    marks: dict[str, Any] = {}
    used: dict[type, int] = {}
    for index, value in enumerate(position or ()):
        kind = type(value)
        number = used.get(kind, 0)
        if number >= len(_MARKS.get(kind, ())):
            return None
        marks[f"at_{index}"], used[kind] = _MARKS[kind][number], number + 1
    return marks
