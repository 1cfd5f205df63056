"""What the second wall costs: the same statements with and without it, on a filled database.

Run: `PORTAL_MODE=local python manage.py shell -c "from tests.partnership import wall_cost; wall_cost.show()"`.

`measure()` gives rows of (what, milliseconds without, milliseconds with): medians of many runs, read as a firm. It leaves nothing behind.
"""

from __future__ import annotations

import statistics
import sys
import time
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

FIRMS, ACTIONS = 400, 20_000
FILL = """
INSERT INTO partnership_organisation (id, created_at, updated_at, kind, activities, name_fr, name_ar, acronym, status,
  status_reason, ice,
  licence_kind, licence_number, size, email, phone, website, address, source, is_demo, is_host)
SELECT gen_random_uuid(), now(), now(), 'operator', '{{}}', 'Firme ' || n, '', '', 'registered', '', '', '', '', '', '', '',
  '', '', '', false, false
FROM generate_series(1, {firms}) n;
INSERT INTO partnership_convention (id, created_at, updated_at, reference, kind, title_fr, title_ar, title_en, object_fr,
  object_ar, object_en,
  place, signed_on, effective_on, renewal, visibility, status, status_reason, source, note)
SELECT gen_random_uuid(), now(), now(), 'COST-' || n, 'framework', 'C', '', '', '', '', '', '', '2022-01-01', '2022-01-01',
  '', 'parties', 'in_force', '', '', ''
FROM generate_series(1, {firms}) n;
INSERT INTO partnership_party (id, created_at, updated_at, convention_id, organisation_id, "order", signatory, quality)
SELECT gen_random_uuid(), now(), now(), c.id, o.id, 1, '', '' FROM (SELECT id, row_number() OVER () n FROM
  partnership_convention WHERE reference LIKE 'COST-%') c
JOIN (SELECT id, row_number() OVER () n FROM partnership_organisation WHERE name_fr LIKE 'Firme %') o ON o.n = c.n;
INSERT INTO partnership_axis (id, created_at, updated_at, convention_id, code, "order", title_fr, title_ar, title_en,
  object_fr, object_ar, object_en)
SELECT gen_random_uuid(), now(), now(), id, 'a', 1, 'A', '', '', '', '', '' FROM partnership_convention WHERE reference LIKE
  'COST-%';
INSERT INTO partnership_action (id, created_at, updated_at, convention_id, axis_id, organisation_id, title, description,
  priority, starts_on, due_on,
  progress, status, status_reason, outcome, source)
SELECT gen_random_uuid(), now(), now(), a.convention_id, a.id, p.organisation_id, 'Action ' || n, '', 'normal',
  '2026-01-01', date '2026-01-01' + n % 700,
  0, 'todo', '', '', '' FROM generate_series(1, {each}) n, partnership_axis a JOIN partnership_party p ON p.convention_id =
  a.convention_id WHERE a.code = 'a';
ANALYZE
"""


def _median(call: Callable[[], object], *, runs: int = 60) -> float:
    times = []
    for _run in range(runs):
        began = time.perf_counter()
        call()
        times.append((time.perf_counter() - began) * 1000)
    return statistics.median(times)


def statements(user: Any) -> dict[str, Callable[[], object]]:
    """What a firm's pages ask, as the application writes it; the last two have lost their filter."""
    from partnership.models import Action, Organisation, Person

    mine = Action.objects.visible_to(user)
    return {
        "list of 20 actions with their owner": lambda: list(
            mine.select_related("organisation", "convention").order_by("due_on", "id")[:20]
        ),
        "count of one's actions": mine.count,
        "search in one's actions": lambda: list(mine.filter(title__icontains="n 7")[:20]),
        "one action": mine.first,
        "one's organisations": lambda: list(Organisation.objects.visible_to(user)),
        "one's colleagues": lambda: list(Person.objects.visible_to(user)),
        "list of 20 actions, filter forgotten": lambda: list(Action.objects.order_by("due_on", "id")[:20]),
        "count of actions, filter forgotten": Action.objects.count,
    }


def fill(*, firms: int = FIRMS, actions: int = ACTIONS) -> None:
    """Firms, each with a convention and its actions; within the caller's transaction, which is to undo it."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")  # the trail of what is invented is not wanted
        cursor.execute(FILL.format(firms=firms, each=actions // firms))
        cursor.execute("SET LOCAL session_replication_role = origin")


def measure() -> list[tuple[str, float, float]]:
    """Fill, measure with and without the wall, undo. Needs a migrated database and a login that is a superuser, as the embedded one is."""
    from django.db import transaction

    from core import wall
    from partnership.models import Organisation
    from partnership.policies import context_of
    from tests.factories.partnership import user_of

    rows = []
    with transaction.atomic():
        fill()
        user = user_of(Organisation.objects.filter(name_fr__startswith="Firme ")[100])
        context = context_of(user)
        for name, call in statements(user).items():
            without = _median(call)
            with wall.behind(context):
                rows.append((name, without, _median(call)))
        transaction.set_rollback(True)
    return rows


def show() -> None:
    """The figures, one statement a line."""
    for what, without, behind in measure():
        sys.stdout.write(f"{what:<40} {without:8.2f} ms  behind the wall {behind:8.2f} ms  x{behind / without:.2f}\n")
