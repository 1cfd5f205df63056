"""How a table names an organisation: « name [ICE] » or « name [identifier] » as exports write it, or one of these alone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from django.db.models import CharField, F, Q, TextField, Value
from django.db.models.functions import Cast, Coalesce, NullIf
from django.utils.translation import gettext_lazy as _

from core.errors import Invalid
from core.imports.written import Joined
from core.search import Norm
from partnership.models import Organisation

if TYPE_CHECKING:
    from collections.abc import Callable

    from core.actors import Actor

_BRACKET: Final = re.compile(r"\[([0-9a-fA-F-]{15,36})\]\s*$")


def organisation_name(row: Organisation) -> str:
    """Readable, and leading to this one alone."""
    return f"{row.name_fr} [{row.ice or row.pk}]"


def name_in_database(path: str) -> Joined:
    """The same, computed by the database for the organisation that `path` leads to."""
    code = Coalesce(NullIf(f"{path}__ice", Value("")), Cast(f"{path}__pk", TextField()))
    return Joined(F(f"{path}__name_fr"), Value(" ["), code, Value("]"))


def find_organisation(by: Actor) -> Callable[[str], Any]:
    """Finds among the organisations that `by` sees. Refuses a name that several have."""

    def find(text: str) -> Organisation | None:
        rows = Organisation.objects.visible_to(by)
        bracket = _BRACKET.search(text)
        code = bracket[1] if bracket else text
        if len(code) == 15 and code.isdecimal():
            return rows.filter(ice=code).first()  # type: ignore[no-any-return]
        try:
            return rows.filter(pk=UUID(code)).first()  # type: ignore[no-any-return]
        except ValueError:
            pass
        key = Norm(Value(text, output_field=CharField()))
        found = list(rows.alias(ar=Norm("name_ar")).filter(Q(sort_key=key) | Q(acronym__iexact=text) | Q(ar=key))[:2])
        if len(found) > 1:
            raise Invalid(_("Several organisations have this name: write its ICE or its identifier."), code="ambiguous")
        return found[0] if found else None

    return find
