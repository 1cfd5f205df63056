"""Synthetic volume: many conventions with their operators, people, commitments and actions, made by the database itself.

Every row is invented and says so. Rows are numbered, and the value of row n is computed from n alone, so that a second fill adds
what is missing and the same scale gives the same rows everywhere. All constraints hold; the audit triggers run unless told not to.
"""

from __future__ import annotations

import math
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

import pgtrigger
from django.conf import settings
from django.db import connection
from pghistory.trigger import Event

from core import clock
from core.actors import SYSTEM
from core.audit import act
from core.errors import Forbidden, Invalid
from partnership.choices import OrganisationKind
from partnership.demo import volume_sql as sql
from partnership.models import Organisation, Region
from partnership.services.reference import load_reference

if TYPE_CHECKING:
    from collections.abc import Callable

# What one convention brings with it; scale 1 is twenty of them.
CONVENTIONS_AT_ONE: Final = 20
LARGEST_SCALE: Final = 10
CHUNK: Final = 20_000


@dataclass(frozen=True, slots=True)
class Step:
    """One table to fill: how many rows a convention brings, and the statement that writes those numbered from `first` to `last`."""

    name: str
    table: str
    each: int
    statement: str


STEPS: Final = (
    Step("organisations", "partnership_organisation", 500, sql.ORGANISATIONS),
    Step("affiliations", "partnership_affiliation", 500, sql.AFFILIATIONS),
    Step("accounts", "accounts_user", 50, sql.ACCOUNTS),
    Step("people", "partnership_person", 50, sql.PEOPLE),
    Step("mandates", "partnership_mandate", 50, sql.MANDATES),
    Step("conventions", "partnership_convention", 1, sql.CONVENTIONS),
    Step("parties", "partnership_party", 3, sql.PARTIES),
    Step("axes", "partnership_axis", 5, sql.AXES),
    Step("commitments", "partnership_commitment", 250, sql.COMMITMENTS),
    Step("actions", "partnership_action", 1000, sql.ACTIONS),
    Step("evidence", "partnership_evidence", 100, sql.EVIDENCE),
)


def populate(*, scale: float, history: bool = True, say: Callable[[str], None] = lambda line: None) -> dict[str, int]:
    """Fill up to `scale` (0.05 to 10; 1 is 20,000 actions and 10,000 organisations) in one transaction; gives the rows added, by noun.

    `history=False` leaves the audit triggers out of these rows (the constraints always hold). Refuses: Forbidden in production;
    Invalid for another scale.
    """
    if settings.PRODUCTION:
        raise Forbidden("Synthetic volume is never made in production.")
    if not 0.05 <= scale <= LARGEST_SCALE:
        raise Invalid(f"The scale goes from 0.05 to {LARGEST_SCALE}.", field="scale")
    conventions = math.ceil(CONVENTIONS_AT_ONE * scale)
    added: dict[str, int] = {}
    load_reference(by=SYSTEM)
    with act(by=SYSTEM, reason="synthetic volume"):
        values = _prepare(conventions)
        if not history:
            _leave_out_history()
        for step in STEPS:
            began = time.monotonic()
            added[step.name] = _fill(step, conventions * step.each, values, say)
            say(f"{step.name}: {added[step.name]:,} rows in {time.monotonic() - began:.1f} s")
    return added


def _leave_out_history() -> None:
    """For the rest of the transaction, leave out the triggers that write the audit trail, and those alone.

    Foreign keys and the other triggers still run. Said to the database directly: pgtrigger's own `ignore` cannot carry named parameters.
    """
    names = [trigger.get_pgid(model) for model, trigger in pgtrigger.registered() if isinstance(trigger, Event)]
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('pgtrigger.ignore', %s, true)", ["{" + ",".join(names) + "}"])


def _prepare(conventions: int) -> dict[str, Any]:
    """What the statements read: the day, the totals, and the ids of the reference rows they lean on."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute(sql.FUNCTIONS, {})
    bodies = Organisation.objects.filter(is_demo=False, kind=OrganisationKind.FEDERATION).order_by("id")
    return {
        "today": clock.today(),
        "now": clock.now(),
        "regions": [str(pk) for pk in Region.objects.order_by("code").values_list("pk", flat=True)],
        "bodies": [str(pk) for pk in bodies.values_list("pk", flat=True)],
        "host": str(Organisation.objects.get(is_host=True).pk),
        "confederation": str(Organisation.objects.get(is_demo=False, kind=OrganisationKind.CONFEDERATION).pk),
        "organisations": conventions * 500,
    }


def _fill(step: Step, wanted: int, values: dict[str, Any], say: Callable[[str], None]) -> int:
    """Write the missing rows of one table, a chunk a statement."""
    have = _count(step)
    for first in range(have + 1, wanted + 1, CHUNK):
        last = min(first + CHUNK - 1, wanted)
        with connection.cursor() as cursor:
            cursor.execute(step.statement, values | {"first": first, "last": last})
        if last < wanted:
            say(f"{step.name}: {last:,} of {wanted:,}")
    with connection.cursor() as cursor:
        # At once: the foreign keys of the next table are checked by plans made from these figures.
        cursor.execute(f"ANALYZE {step.table}")
    return max(0, wanted - have)


def _count(step: Step) -> int:
    """How many rows of the table this module has made: they follow each other from 1, so the last one tells."""
    low, high = 0, CONVENTIONS_AT_ONE * LARGEST_SCALE * step.each
    with connection.cursor() as cursor:
        while low < high:
            middle = (low + high + 1) // 2
            cursor.execute(
                f"SELECT EXISTS (SELECT FROM {step.table} WHERE id = pg_temp.volume_id(%s, %s))",  # noqa: S608 - a table of ours
                [step.name, middle],
            )
            low, high = (middle, high) if cursor.fetchone()[0] else (low, middle - 1)
    return low
