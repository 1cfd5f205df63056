"""The search key of a row: a stored column that PostgreSQL keeps itself, made of the texts by which the row is found.

` marrakech مراكش | MRKX1 MRKX2 `: the words in their normal form (`norm`: no accents, no case, one form of each Arabic letter,
European digits), then the bones of each word: its consonants by sound, alike in both scripts, followed by its script (1 Latin,
2 Arabic). The SQL functions are in migration 0003. Every word stands between spaces, so ` fes ` is a whole word and ` fe` a beginning.
"""

from __future__ import annotations

from typing import Any, Final

from django.contrib.postgres.indexes import GinIndex
from django.db.models import CharField, F, Func, GeneratedField, TextField
from django.utils.translation import gettext_lazy as _

# The column's name, the same in every table that has one.
COLUMN: Final = "search_key"


class Norm(Func):
    """SQL `norm(text)`: immutable, so generated columns and indexes may use it."""

    function = "norm"
    output_field = CharField()


class SearchKey(Func):
    """SQL `search_key(one || ' ' || other…)`."""

    function = "search_key"
    arg_joiner = " || ' ' || "
    output_field = TextField()


def search_column(*fields: str) -> Any:
    """The generated column of a model found by these text columns, none of which may be null."""
    return GeneratedField(
        expression=SearchKey(*(F(name) for name in fields)), output_field=TextField(), db_persist=True, verbose_name=_("search key")
    )


def search_index(name: str) -> GinIndex:
    """The trigram index of the search key."""
    return GinIndex(fields=[COLUMN], opclasses=["gin_trgm_ops"], name=name)


def sort_column(field: str, length: int) -> Any:
    """The generated column by which names sort: accents and case aside, whatever the database's locale."""
    return GeneratedField(expression=Norm(F(field)), output_field=CharField(max_length=length), db_persist=True, verbose_name=_("sort key"))
