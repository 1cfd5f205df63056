"""The second wall has a stone under every table that belongs to somebody, and every way through it is named here."""

from __future__ import annotations

import ast
import re

import pytest
from django.apps import apps
from django.conf import settings
from django.db import connection, models

from core.history import events_of
from core.wall import ROLES, install, walls
from tests.architecture import house

# Where code reads or writes as the portal itself during somebody's request, and how often.
ELEVATED = {
    "core/health.py": 1,
    "core/mail/store.py": 1,
    "core/privacy/trail.py": 1,
    "partnership/api/clients.py": 1,
    "partnership/middleware.py": 1,
    "partnership/policies.py": 1,
    "partnership/services/actions.py": 1,
    "partnership/services/documents.py": 1,
    "partnership/services/invitations.py": 2,
    "portal/public.py": 1,
}
# Who may say who reads: the doors where a request or a job begins.
SAYS_WHO_READS = {"core/audit.py", "core/middleware.py", "core/api/views.py", "core/jobs.py", "config/gunicorn.py", "core/wall/context.py"}
# A row belongs to somebody when one of its columns names an organisation, or a table whose rows belong to somebody.
OWNERS = {"organisation", "body", "convention", "document", "commitment", "action", "person", "axis"}
# Tables with such a column and no rule, each with its reason.
OPEN_TABLES: dict[str, str] = {}
# Tables behind the wall of which the trail keeps nothing: what is written there follows from rows that are audited.
UNAUDITED = {"core.Feed", "core.FeedEntry"}


def _calls(name: str) -> dict[str, int]:
    """How often each file calls `wall.<name>(…)` or `<name>(…)`."""
    found: dict[str, int] = {}
    for path in house.python_files():
        calls = [
            node
            for node in ast.walk(house.tree(path))
            if isinstance(node, ast.Call)
            and (
                (isinstance(node.func, ast.Name) and node.func.id == name and "core.wall" in path.read_text(encoding="utf-8"))
                or (isinstance(node.func, ast.Attribute) and node.func.attr == name and getattr(node.func.value, "id", "") == "wall")
            )
        ]
        if calls:
            found[house.name_of(path)] = len(calls)
    return found


def test_an_elevation_when_made_then_is_listed_here() -> None:
    assert _calls("elevated") == ELEVATED


def test_an_elevation_when_made_then_says_why_in_words() -> None:
    wrong = []
    for path in house.python_files():
        for node in ast.walk(house.tree(path)):
            if isinstance(node, ast.Call) and getattr(node.func, "id", getattr(node.func, "attr", "")) == "elevated":
                reason = node.args[0] if node.args else None
                if not (isinstance(reason, ast.Constant) and isinstance(reason.value, str) and len(reason.value.split()) >= 5):
                    wrong.append(f"{house.name_of(path)}:{node.lineno}")
    house.nothing(wrong)


def test_who_reads_when_said_then_only_at_a_door() -> None:
    said = {name for verb in ("enter", "behind", "narrowed", "start_closed") for name in _calls(verb)}
    assert said - SAYS_WHO_READS == set()


def test_a_role_or_a_setting_of_the_wall_when_named_then_only_in_the_wall() -> None:
    word = re.compile(r"SET\s+(LOCAL\s+|SESSION\s+)?ROLE|SESSION AUTHORIZATION|wall\.(owners|account)", re.IGNORECASE)
    allowed = {"core/wall/context.py", "core/wall/install.py", "core/postgres/base.py"}
    house.nothing(
        [f"{house.name_of(path)}:{line}" for path in house.python_files() for line, text in house.strings(path)
         if word.search(text) and house.name_of(path) not in allowed]
    )  # fmt: skip


def test_a_table_when_it_belongs_to_somebody_then_has_a_rule() -> None:
    ruled = {rule.model for wall in walls() for rule in wall.rules}
    owned = {
        model._meta.label
        for model in apps.get_models()
        if model._meta.app_label in house.FLOORS
        and not model._meta.label.endswith("Event")
        and any(isinstance(field, models.ForeignKey) and field.name in OWNERS for field in model._meta.fields)
    }
    scoped = {
        model._meta.label
        for model in apps.get_models()
        if model._meta.app_label == "partnership" and hasattr(model._default_manager.all(), "visible_to")
    }
    assert (owned | scoped) - ruled - OPEN_TABLES.keys() == set()
    assert OPEN_TABLES.keys() - owned == set()
    assert len(ruled) >= 14


@pytest.mark.django_db
def test_a_rule_when_declared_then_is_in_the_database_with_that_of_its_events() -> None:
    assert install.state() == {"missing": [], "weak": []}
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_class WHERE relrowsecurity")
        closed = {name for (name,) in cursor.fetchall()}
    for wall in walls():
        for rule in wall.rules:
            assert rule.table in closed
            if rule.model not in UNAUDITED:
                assert events_of(apps.get_model(rule.model)).model._meta.db_table in closed


@pytest.mark.django_db
def test_the_roles_of_the_wall_when_created_then_sign_in_nowhere_and_pass_no_policy() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolname FROM pg_roles WHERE rolname = ANY(%s) AND NOT rolcanlogin AND NOT rolsuper AND NOT rolbypassrls "
            "AND NOT rolcreaterole AND NOT rolcreatedb",
            [list(ROLES)],
        )
        assert {name for (name,) in cursor.fetchall()} == set(ROLES)
        cursor.execute("SELECT proname FROM pg_proc WHERE prosecdef AND (proconfig IS NULL OR proconfig::text NOT LIKE '%search_path%')")
        assert cursor.fetchall() == []


def test_the_wall_when_the_portal_starts_then_stands_in_every_mode() -> None:
    order = settings.MIDDLEWARE.index
    assert settings.DATABASES["default"]["ENGINE"] == "core.postgres"
    assert order("core.middleware.BehindTheWall") < order("django.contrib.sessions.middleware.SessionMiddleware")
    assert order("partnership.middleware.ActingMandate") < order("core.middleware.WhoReads")
    assert order("accounts.middleware.StaffSecondFactor") < order("core.middleware.WhoReads")
