"""Putting the wall up at the end of `migrate`, and asking the database whether it stands."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any, Final

import pghistory.models
import structlog
from django.apps import apps
from django.core.management.base import CommandError
from django.db import DEFAULT_DB_ALIAS, ProgrammingError, connections, transaction
from psycopg2 import errors

from core.wall.context import OFFICE, PEOPLE, ROLES, SERVER
from core.wall.policies import Rule, walls

if TYPE_CHECKING:
    from collections.abc import Iterator

log = structlog.get_logger(__name__)

ALL, SEEN, WRITTEN = "wall_people", "wall_people_read", "wall_people_write"
OPEN, ITSELF = "wall_office", "wall_server"
# Every role that a statement may run under, beside the owner of the tables.
SERVING: Final = (*ROLES, SERVER)
STAMP: Final = "wall_stamp"

# What a statement carries, as SQL reads it. Not SECURITY DEFINER: the planner folds them into the condition, which an index then serves.
READERS: Final = """
CREATE FUNCTION wall_account() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT NULLIF(current_setting('wall.account', true), '')::uuid $$;
CREATE FUNCTION wall_owners() RETURNS uuid[] LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT COALESCE(NULLIF(current_setting('wall.owners', true), ''), '{}')::uuid[] $$;
CREATE FUNCTION wall_today() RETURNS date LANGUAGE sql STABLE PARALLEL SAFE AS
$$ SELECT NULLIF(current_setting('wall.today', true), '')::date $$;
"""


class RolesMissingError(CommandError):
    """The roles are not there and the owner may not create them; says what an administrator is to run."""


def _policies(rule: Rule) -> Iterator[tuple[str, str, str]]:
    """Table, name and text of each policy of a rule."""
    table = rule.table
    yield table, ALL, f'CREATE POLICY {ALL} ON "{table}" FOR ALL TO {PEOPLE} USING ({rule.using})'
    yield table, OPEN, f'CREATE POLICY {OPEN} ON "{table}" FOR ALL TO {OFFICE} USING (true)'
    yield table, ITSELF, f'CREATE POLICY {ITSELF} ON "{table}" FOR ALL TO {SERVER} USING (true)'
    if rule.events is not None:
        events = rule.events._meta.db_table
        parent = f'EXISTS (SELECT 1 FROM "{table}" told WHERE told.id = "{events}".pgh_obj_id)'  # noqa: S608 - names of tables of ours
        yield events, SEEN, f'CREATE POLICY {SEEN} ON "{events}" FOR SELECT TO {PEOPLE} USING ({parent})'
        yield events, WRITTEN, f'CREATE POLICY {WRITTEN} ON "{events}" FOR INSERT TO {PEOPLE} WITH CHECK (true)'
        yield events, OPEN, f'CREATE POLICY {OPEN} ON "{events}" FOR ALL TO {OFFICE} USING (true)'
        yield events, ITSELF, f'CREATE POLICY {ITSELF} ON "{events}" FOR ALL TO {SERVER} USING (true)'


def declared() -> list[tuple[str, str, str]]:
    """Every policy that the code declares: table, name, text."""
    return [policy for wall in walls() for rule in wall.rules for policy in _policies(rule)]


def _trail() -> list[str]:
    """Tables of the audit trail: written by triggers, and by nobody a second time."""
    return sorted(model._meta.db_table for model in apps.get_models() if issubclass(model, pghistory.models.Event))


def _functions() -> str:
    texts = [READERS]
    texts += [
        f"CREATE FUNCTION {function.name}() RETURNS {function.returns} LANGUAGE sql STABLE SECURITY DEFINER PARALLEL SAFE "
        f"SET search_path = public, pg_temp AS $$ {function.body} $$;"
        for wall in walls()
        for function in wall.functions
    ]
    return "\n".join(texts)


def _stamp() -> str:
    """Changes with any word of the wall."""
    text = "\n".join([_functions(), *(text for _table, _name, text in declared()), *_trail()])
    return hashlib.sha256(text.encode()).hexdigest()


def install(using: str = DEFAULT_DB_ALIAS) -> bool:
    """Create the roles, the functions and the policies as the code has them; whether anything had to be done. Safe to run again.

    Raises RolesMissingError when the roles are not there and this login may not create them.
    """
    connection = connections[using]
    with transaction.atomic(using=using), connection.cursor() as cursor:
        # Two migrations of two processes follow one another.
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('wall'))")
        if not state(using)["missing"]:
            return False
        for role in SERVING:
            _make_role(cursor, role, using)
        _grant(cursor)
        cursor.execute("SELECT tablename, policyname FROM pg_policies WHERE schemaname = 'public' AND policyname LIKE 'wall\\_%'")
        kept = {table for table, _name, _text in declared()}
        for table, name in cursor.fetchall():
            cursor.execute(f'DROP POLICY {name} ON "{table}"')
            if table not in kept:
                cursor.execute(f'ALTER TABLE "{table}" DISABLE ROW LEVEL SECURITY')
        cursor.execute("SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace AND proname LIKE 'wall\\_%'")
        for (name,) in cursor.fetchall():
            cursor.execute(f"DROP FUNCTION {name}()")
        cursor.execute(_functions())
        for table in sorted(kept):
            cursor.execute(f'ALTER TABLE "{table}" ENABLE ROW LEVEL SECURITY')
        for _table, _name, text in declared():
            cursor.execute(text)
        cursor.execute(f"CREATE FUNCTION {STAMP}() RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT '{_stamp()}' $$")
    log.info("wall_installed", policies=len(declared()))
    return True


def _may(using: str) -> str:
    """The right to become a role, as this version of PostgreSQL calls it."""
    server: Any = connections[using]
    return "SET" if server.pg_version >= 160000 else "MEMBER"


def _make_role(cursor: Any, role: str, using: str) -> None:
    cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [role])
    known = cursor.fetchone() is not None
    try:
        with transaction.atomic(using=using):
            if not known:
                cursor.execute(f"CREATE ROLE {role} NOLOGIN NOINHERIT")
            cursor.execute("SELECT pg_has_role(current_user, %s, %s)", [role, _may(using)])
            if not cursor.fetchone()[0]:
                cursor.execute(f"GRANT {role} TO CURRENT_USER")
    except Exception as error:
        if not isinstance(error.__cause__, errors.InsufficientPrivilege):
            raise
        cursor.execute("SELECT current_user")
        (login,) = cursor.fetchone()
        todo = " ".join(f'CREATE ROLE {name} NOLOGIN NOINHERIT; GRANT {name} TO "{login}";' for name in SERVING)
        raise RolesMissingError(f"The login of DATABASE_URL may not create roles. Let an administrator run: {todo}") from error


def _grant(cursor: Any) -> None:
    """What a role may do to a table; which rows, the policies say."""
    for role in SERVING:
        cursor.execute(f"GRANT USAGE ON SCHEMA public TO {role}")
        cursor.execute(f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role}")
        cursor.execute(f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {role}")
        for table in _trail():
            # The trail's own trigger refuses it too, but a trigger can be told to look away; a right that was never given cannot.
            cursor.execute(f'REVOKE UPDATE, DELETE ON "{table}" FROM {role}')
    # Some functions are nobody's by default: erasing a person from the trail is the portal's own.
    cursor.execute(
        "SELECT oid::regprocedure::text FROM pg_proc WHERE pronamespace = 'public'::regnamespace "
        "AND pg_has_role(current_user, proowner, 'USAGE') AND NOT has_function_privilege(%s, oid, 'EXECUTE')",
        [SERVER],
    )
    for (function,) in cursor.fetchall():
        cursor.execute(f"GRANT EXECUTE ON FUNCTION {function} TO {SERVER}")


def make_login(name: str, using: str = DEFAULT_DB_ALIAS) -> None:
    """Create, without a password, a login for web servers and workers: docs/operate.md gives an administrator the same lines."""
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_roles WHERE rolname = %s", [name])
        if cursor.fetchone() is None:
            cursor.execute(f'CREATE ROLE "{name}" LOGIN')
        cursor.execute(f'GRANT {", ".join(SERVING)} TO "{name}"')


def owns_tables(using: str = DEFAULT_DB_ALIAS) -> bool:
    """Whether whoever is signed in could change the schema, the policies or the guards of the trail."""
    with connections[using].cursor() as cursor:
        cursor.execute(
            "SELECT EXISTS (SELECT 1 FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') "
            "AND pg_has_role(session_user, relowner, 'MEMBER'))"
        )
        return bool(cursor.fetchone()[0])


def state(using: str = DEFAULT_DB_ALIAS) -> dict[str, list[str]]:
    """What the wall lacks, by name (`missing`), and what would let somebody pass (`weak`). Empty lists: it stands."""
    with connections[using].cursor() as cursor:
        cursor.execute(
            "SELECT rolname, rolsuper OR rolbypassrls, pg_has_role(current_user, oid, %s) FROM pg_roles WHERE rolname = ANY(%s)",
            [_may(using), list(SERVING)],
        )
        roles = {name: (strong, member) for name, strong, member in cursor.fetchall()}
        missing = [f"role {role}" for role in SERVING if role not in roles or not roles[role][1]]
        weak = [f"role {role} passes every policy" for role, (strong, _member) in roles.items() if strong]
        cursor.execute("SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relrowsecurity")
        closed = {name for (name,) in cursor.fetchall()}
        cursor.execute("SELECT tablename, policyname FROM pg_policies WHERE schemaname = 'public'")
        policies = set(cursor.fetchall())
        wanted = {(table, name) for table, name, _text in declared()}
        missing += [f"table {table}" for table in sorted({table for table, _name in wanted} - closed)]
        missing += [f"policy {table}.{name}" for table, name in sorted(wanted - policies)]
        weak += [f"policy {table}.{name}" for table, name in sorted(policies - wanted)]
        weak += _trail_writers(cursor)
        if not missing:
            missing += _ungranted(cursor)
            cursor.execute("SELECT to_regproc(%s) IS NOT NULL", [STAMP])
            stamped = cursor.fetchone()[0]
            if stamped:
                cursor.execute(f"SELECT {STAMP}()")
                stamped = cursor.fetchone()[0] == _stamp()
            missing += [] if stamped else ["the policies of this release"]
    return {"missing": missing, "weak": weak}


def _trail_writers(cursor: Any) -> list[str]:
    cursor.execute(
        "SELECT r.rolname || ' may change ' || c.relname FROM pg_class c, pg_roles r WHERE c.relnamespace = 'public'::regnamespace "
        "AND c.relname = ANY(%s) AND r.rolname = ANY(%s) AND has_table_privilege(r.rolname, c.oid, 'UPDATE, DELETE') LIMIT 5",
        [_trail(), list(SERVING)],
    )
    return [name for (name,) in cursor.fetchall()]


def _ungranted(cursor: Any) -> list[str]:
    cursor.execute(
        "SELECT r.rolname || ' on ' || c.relname FROM pg_class c, pg_roles r WHERE c.relnamespace = 'public'::regnamespace "
        "AND c.relkind IN ('r', 'p') AND r.rolname = ANY(%s) AND NOT has_table_privilege(r.rolname, c.oid, 'SELECT') LIMIT 5",
        [list(SERVING)],
    )
    return [f"right of {name}" for (name,) in cursor.fetchall()]


def after_migrate(sender: Any, using: str = DEFAULT_DB_ALIAS, **kwargs: Any) -> None:
    """The end of `migrate`. Taken back by one release, tables and columns that the rules name are gone: the former code's own `migrate`
    installs its own, and until then a table without its policy shows people from outside nothing.
    """
    try:
        install(using)
    except ProgrammingError as error:
        if not isinstance(error.__cause__, (errors.UndefinedTable, errors.UndefinedColumn)):
            raise
        log.warning("wall_not_installed", reason="the schema is of another release: run migrate with its code", cause=str(error)[:200])
