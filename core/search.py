"""One normalised key for sorting and searching: no accents, no case, Arabic letter forms folded."""

from django.db.models import CharField, Func


class Norm(Func):
    """SQL `norm(text)`, created by the first migration; immutable, so generated columns and indexes may use it."""

    function = "norm"
    output_field = CharField()
