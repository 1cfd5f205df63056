"""Search: operators by a part of their name beside a scan of the table; actions by a common word, beside ranking every hit."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, Final

from bench.clockwork import repeated
from bench.row import Row, Sample

if TYPE_CHECKING:
    from collections.abc import Callable

    from bench.stand import Stand

SIZE: Final = 20
# What is typed: figures that few names hold, a word of one name in six, two words together. See partnership/demo/volume_sql.py.
RARE, COMMON, TWO = "432", "hotel", "hotel agdal"
ACTIONS = "guide"
SCAN = """
SELECT id, name_fr FROM partnership_organisation WHERE {} ORDER BY unaccent(lower(name_fr)), id LIMIT 20
"""
# The same with the index of the names' order at its service: the database may walk it and stop at the twentieth hit.
WALK = """
SELECT id, name_fr FROM partnership_organisation WHERE {} ORDER BY sort_key, id LIMIT 20
"""


def _by_hand(statement: str, text: str) -> list[Any]:
    """`unaccent(…) ILIKE`, word by word."""
    from django.db import connection

    words = text.split()
    condition = " AND ".join(["unaccent(name_fr) ILIKE unaccent(%s)"] * len(words))
    with connection.cursor() as cursor:
        cursor.execute(statement.format(condition), [f"%{word}%" for word in words])
        return list(cursor.fetchall())


def _found(text: str) -> list[Any]:
    """As the directory does: what was typed is read, then its first page."""
    from core.actors import SYSTEM
    from core.search import first_found, matching, read_query
    from partnership.models import Organisation

    rows = matching(Organisation.objects.visible_to(SYSTEM), read_query(text)).values_list("id", "name_fr")
    return first_found(rows, ordering=("sort_key", "id"), size=SIZE)


def _check_name(_stand: Stand, *, text: str) -> None:
    """The scan's first twenty are ours, or ours hold others that come before them: found in Arabic or by their sounds."""
    ours, scanned = _found(text), _by_hand(WALK, text)
    if not scanned or len(ours) < len(scanned):
        raise AssertionError(f"{text}: {len(ours)} rows beside {len(scanned)}")
    names = {pk for pk, _name in ours}
    missing = [name for pk, name in scanned if pk not in names]
    if missing and len(ours) < SIZE:
        raise AssertionError(f"{text}: {missing} are missing")
    last = ours[-1][1]
    before = [name for name in missing if _sorts_before(name, last)]
    if before:
        raise AssertionError(f"{text}: {before} come before {last} and are missing")


def _sorts_before(name: str, other: str) -> bool:
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT norm(%s) < norm(%s)", [name, other])
        return bool(cursor.fetchone()[0])


def _measured(work: Callable[[], object], times: int) -> Callable[[Stand], Sample]:
    return lambda stand: repeated(work, times=times, postmaster=stand.postmaster)


def _name_row(name: str, text: str, what: str) -> Row:
    return Row(
        name=name,
        title=f"Operators by {what}, first 20 in order, beside unaccent ILIKE without index (usual: walking the names' order)",
        floor=20,
        limit=_measured(partial(_by_hand, SCAN, text), 3),
        usual=_measured(partial(_by_hand, WALK, text), 3),
        ours=_measured(partial(_found, text), 20),
        check=partial(_check_name, text=text),
    )


def _marked(query: Any, rows: list[Any]) -> list[Any]:
    from core.search import Marker

    marker = Marker(query, [row.title for row in rows])
    return [(row, marker.pieces(row.title)) for row in rows]


def _best() -> list[Any]:
    """As the search page does: the best of the first thousand, their words marked."""
    from core.actors import SYSTEM
    from core.search import ranked, read_query
    from partnership.models import Action

    query = read_query(ACTIONS)
    return _marked(query, ranked(Action.objects.visible_to(SYSTEM), query, ordering=("-due_on", "-id"), size=SIZE))


def _best_of_all() -> list[Any]:
    """The same order given to every hit, by one sort in the database."""
    from core.actors import SYSTEM
    from core.search import closeness, matching, read_query
    from partnership.models import Action

    query = read_query(ACTIONS)
    return _marked(query, list(matching(Action.objects.visible_to(SYSTEM), query).order_by(closeness(query), "-due_on", "-id")[:SIZE]))


def _check_ranked(_stand: Stand) -> None:
    """Twenty both ways, every one with its word marked, and ours in the order of their closeness."""
    from core.search import closeness, read_query
    from partnership.models import Action

    ours, every = _best(), _best_of_all()
    if len(ours) != SIZE or len(every) != SIZE or not all(any(piece.marked for piece in pieces) for _row, pieces in ours + every):
        raise AssertionError("a hit is missing or not marked")
    ranks = dict(Action.objects.filter(pk__in=[row.pk for row, _pieces in ours]).values_list("pk", closeness(read_query(ACTIONS))))
    if [ranks[row.pk] for row, _pieces in ours] != sorted(ranks.values()):
        raise AssertionError("the best do not come first")


RARE_ROW = _name_row("search-name-rare", RARE, "a rare word")
COMMON_ROW = _name_row("search-name-common", COMMON, "a word of one name in six")
TWO_ROW = _name_row("search-name-two", TWO, "two words")
RANKED = Row(
    name="search-ranked",
    title="Actions by a common word, ranked and marked, first 20, beside ranking every hit",
    floor=2.5,
    limit=_measured(_best_of_all, 2),
    ours=_measured(_best, 10),
    check=_check_ranked,
)
