"""What somebody looks for, read once into conditions on the search key.

Every word must be found, in one of these ways: its letters anywhere in a word of the row; its beginning, when it has one or two;
its bones, in the other script from two bones on, in the same script from four; another name of the same place
(SEARCH_ALIASES). Figures written apart (an ICE, a number) are also looked for as one.

A typing error is forgiven only where nothing is found otherwise. PostgreSQL's word similarity is the share of the groups of three
letters that two words have in common. One wrong letter inside a word of n letters leaves n - 2 groups of n + 4: the threshold of
0.4 forgives one from six letters on (a wrong vowel is already forgiven by the bones), and words under five letters must be right; so must
those over thirty, and questions of more than four words: what is asked of the database has a bound.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.contrib.postgres.search import TrigramWordSimilarity
from django.db import connection, transaction
from django.db.models import Case, IntegerField, Q, Value, When
from django.utils.module_loading import import_string

from core.search.keys import COLUMN, Norm
from core.search.ways import gathered, some, walk

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from django.db.models import QuerySet

LONGEST: Final = 200
MOST_WORDS: Final = 10
# Rows among which the best are chosen: beyond, a word is so common that the order of the list serves as well.
MOST_RANKED: Final = 1000
SHORTEST_INDEXED: Final = 3
THRESHOLD: Final = 0.4
SHORTEST_NEAR: Final = 5
# Beyond, likeness is not looked for: no name has such a word, and every further word reads its own rows again.
LONGEST_NEAR: Final = 30
MOST_NEAR: Final = 4
SAME_SCRIPT_BONES: Final = 4
# Articles carry no name: "Al Haouz" is also الحوز. Left out when there is something else to look for.
ARTICLES: Final = frozenset({"al", "el", "ال"})

READ: Final = """
SELECT w, btrim(search_skeleton(' ' || w || ' '))
FROM unnest(string_to_array(btrim(search_words(%s)), ' ')) WITH ORDINALITY AS t (w, n) WHERE w <> '' ORDER BY n
"""


@dataclass(frozen=True, slots=True)
class Term:
    """One thing to find: any of these `parts` within a search key; `near`, the word that may be misspelt, or nothing."""

    parts: tuple[str, ...]
    near: str = ""


@dataclass(frozen=True, slots=True)
class Query:
    """What was asked, as read. Without terms it finds nothing."""

    text: str
    terms: tuple[Term, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.terms)

    @property
    def forgives(self) -> bool:
        """Whether a typing error can be forgiven: in four words at most."""
        return len(self.terms) <= MOST_NEAR and any(term.near for term in self.terms)


def read_query(text: str) -> Query:
    """Read what was typed: one query, whatever its content. What goes beyond 200 letters or ten words is not read."""
    clean = text.replace("\0", " ").encode("utf-8", "ignore").decode()[:LONGEST].strip()
    if not clean:
        return Query(clean)
    with connection.cursor() as cursor:
        cursor.execute(READ, [clean])
        words: list[tuple[str, str]] = cursor.fetchall()[:MOST_WORDS]
    telling = [pair for pair in words if len(pair[0]) > 1 and pair[0] not in ARTICLES]
    return Query(clean, tuple(_terms(telling or words, _aliases())))


@cache
def _aliases() -> dict[tuple[str, ...], Sequence[str]]:
    """Groups of names of one thing, in their normal form (setting SEARCH_ALIASES); any of them finds the others."""
    groups: Sequence[Sequence[str]] = import_string(settings.SEARCH_ALIASES)
    return {_names(name): group for group in groups for name in group}


def _names(name: str) -> tuple[str, ...]:
    """The words of a name that are looked for: an article is not one."""
    return tuple(word for word in name.split() if word not in ARTICLES)


def _terms(words: list[tuple[str, str]], aliases: dict[tuple[str, ...], Sequence[str]]) -> Iterable[Term]:
    at = 0
    longest = max((len(name) for name in aliases), default=1)
    while at < len(words):
        run = next(
            (length for length in range(min(longest, len(words) - at), 0, -1) if tuple(w for w, _ in words[at : at + length]) in aliases), 0
        )
        figures = next((length for length in range(len(words) - at, 1, -1) if all(w.isdecimal() for w, _ in words[at : at + length])), 0)
        if run:
            group = aliases[tuple(w for w, _ in words[at : at + run])]
            own = _parts(*words[at]) if run == 1 else ()
            yield Term((*own, *(f" {name}" for name in group)), _near(words[at][0]) if run == 1 else "")
        elif figures:
            together = [word for word, _ in words[at : at + figures]]
            yield Term(("".join(together), f" {' '.join(together)}"))
        else:
            word, bones = words[at]
            yield Term(_parts(word, bones), _near(word))
        at += run or figures or 1


def _near(word: str) -> str:
    """The word if it may be misspelt, or nothing: figures are right, and so are words too short or too long to be told from others."""
    return word if SHORTEST_NEAR <= len(word) <= LONGEST_NEAR and not word.isdecimal() else ""


def _parts(word: str, bones: str) -> tuple[str, ...]:
    """The ways to find one word."""
    bare = word.removeprefix("ال") if len(word) > 4 else word
    parts = [bare if len(bare) > 2 else f" {bare}"]
    if bones:
        sounds, script = bones[:-1], bones[-1]
        parts.append(f" {sounds}{'2' if script == '1' else '1'} ")
        if len(sounds) >= SAME_SCRIPT_BONES:
            parts.append(f" {bones} ")
    return tuple(parts)


# -- conditions --------------------------------------------------------------------------------------------------------
def matching(queryset: QuerySet[Any], query: Query | str, *paths: str) -> QuerySet[Any]:
    """The rows in which every term is found: all of them when nothing is asked, none when what is asked has neither letter nor figure.

    `paths` lead to search keys (the row's own by default); a path to another column is read in its normal form, without an index.
    """
    asked = read_query(query) if isinstance(query, str) else query
    if asked.text and not asked:
        return queryset.none()
    plain = {path: f"normal_{number}" for number, path in enumerate(paths) if path.split("__")[-1] != COLUMN}
    queryset = queryset.alias(**{name: Norm(path) for path, name in plain.items()})
    for term in asked.terms:
        condition = Q()
        for path in paths or (COLUMN,):
            for part in term.parts if path not in plain else (term.parts[0].strip(),):
                condition |= Q(**{f"{plain.get(path, path)}__contains": part})
        queryset = queryset.filter(condition)
    return queryset


def closeness(query: Query) -> Case:
    """How well a row's key answers: 0 it begins with what is asked, 1 whole words, 2 beginnings of words, 3 any other way."""
    words = [term.parts[0].strip() for term in query.terms]
    return Case(
        When(**{f"{COLUMN}__startswith": f" {' '.join(words)} "}, then=Value(0)),
        When(Q(*(Q(**{f"{COLUMN}__contains": f" {word} "}) for word in words)), then=Value(1)),
        When(Q(*(Q(**{f"{COLUMN}__contains": f" {word}"}) for word in words)), then=Value(2)),
        default=Value(3),
        output_field=IntegerField(),
    )


def ranked(queryset: QuerySet[Any], query: Query, *, ordering: Sequence[str], size: int) -> list[Any]:
    """The `size` rows that answer best, ranked among the first thousand in `ordering`: what a common word costs has a bound.

    The queries of `first_found`, and one more where there are `size` rows or more (somebody who sees little pays nothing for the rest).
    Words too short for the index are not ranked: reading a thousand of their rows would read the table. Where no index gives the
    list's order they are sorted among the first thousand met.
    """
    close = closeness(query)
    found = matching(queryset, query).annotate(closeness=close)
    is_short = any(len(term.parts[0].strip()) < SHORTEST_INDEXED for term in query.terms)
    walked = walk(found, ordering=ordering, size=size)
    if walked is None:
        few = some(queryset.annotate(closeness=close), found, MOST_RANKED) if is_short else found
        rows = list(gathered(few, ordering)[:size])
    else:
        rows = walked
    if len(rows) < size:
        return sorted(rows, key=lambda row: row.closeness)
    if is_short:
        return rows
    matched = matching(queryset, query)
    first = (matched.order_by(*ordering) if walked is not None else gathered(matched, ordering)).values("pk")[:MOST_RANKED]
    return list(queryset.filter(pk__in=first).order_by(close, *ordering)[:size])


def nearest(queryset: QuerySet[Any], query: Query, *, size: int) -> list[Any]:
    """At most `size` rows in which every term is found or nearly, the nearest first: for when nothing matches."""
    if not query.forgives:
        return []
    condition, total = Q(), None
    for term in query.terms:
        wanted = Q(*(Q(**{f"{COLUMN}__contains": part}) for part in term.parts), _connector=Q.OR)
        if term.near:
            wanted |= Q(**{f"{COLUMN}__trigram_word_similar": term.near})
            likeness: Any = TrigramWordSimilarity(term.near, COLUMN)
            total = likeness if total is None else total + likeness
        condition &= wanted
    rows = queryset.filter(condition).annotate(likeness=total).order_by("-likeness", "pk")[:size]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('pg_trgm.word_similarity_threshold', %s, true)", [str(THRESHOLD)])
        return list(rows)


# -- the words that matched --------------------------------------------------------------------------------------------
# A word as written: letters and figures with the signs that stand on them.
WRITTEN: Final = re.compile(r"[\w\u00ad\u0300-\u036f\u0610-\u061a\u0640\u064b-\u065f\u0670\u200c\u200d]+")
FOUND: Final = """
SELECT w FROM unnest(%s::text[]) AS w
WHERE search_key(w) LIKE ANY (%s::text[]) OR EXISTS (
  SELECT FROM unnest(%s::text[]) AS near WHERE word_similarity(near, search_key(w)) >= %s)
"""


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a text, and whether it is a word that matched."""

    text: str
    marked: bool


def _single(part: str) -> Iterable[str]:
    """A part as it is found in one word: those of several words are looked for word by word."""
    words = part.split()
    return [f" {word} " for word in words] if len(words) > 1 else [part]


class Marker:
    """Marks the words that a query found in the texts of a page: one query for all of them."""

    def __init__(self, query: Query, texts: Iterable[str], *, near: bool = False) -> None:
        words = sorted({word for text in texts for word in WRITTEN.findall(text)})
        parts = {piece for term in query.terms for part in term.parts for piece in _single(part)}
        self.found: frozenset[str] = frozenset()
        if words and parts:
            wanted = [f"%{part}%" for part in sorted(parts)]
            forgiven = [term.near for term in query.terms if term.near and near]
            with connection.cursor() as cursor:
                cursor.execute(FOUND, [words, wanted, forgiven, THRESHOLD])
                self.found = frozenset(word for (word,) in cursor.fetchall())

    def pieces(self, text: str) -> list[Piece]:
        """The text cut at its matching words; joined again, the pieces are the text."""
        pieces, at = [], 0
        for word in WRITTEN.finditer(text):
            if word.group() in self.found:
                if word.start() > at:
                    pieces.append(Piece(text[at : word.start()], marked=False))
                pieces.append(Piece(word.group(), marked=True))
                at = word.end()
        if at < len(text):
            pieces.append(Piece(text[at:], marked=False))
        return pieces
