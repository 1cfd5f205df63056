"""Who reads travels with each statement and leaves nothing behind: not on the connection, not in the thread, not after an error."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import UUID, uuid4

import psycopg2
import pytest
from django.core.management import call_command
from django.db import DatabaseError, ProgrammingError, connection, transaction
from django.http import HttpResponse, StreamingHttpResponse
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext

from accounts.models import User
from core import health, wall
from core.actors import SYSTEM
from core.audit import act
from core.checks import login_owns_no_table
from core.middleware import BehindTheWall, WhoReads
from core.postgres.base import WallBypassError
from core.wall import install
from tests.factories.accounts import UserFactory
from tests.factories.threads import at_once

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.http import HttpRequest

ONE, OTHER = UUID(int=1), UUID(int=2)


def reader(owner: UUID) -> wall.Context:
    return wall.Context(wall.PEOPLE, account=owner, owners=[owner])


def asked(sql: str = "SELECT current_user::text, wall_owners()") -> Any:
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return cursor.fetchone()


def _break(*seen: Any) -> None:
    raise KeyError(seen)


@pytest.fixture
def login(db: None) -> str:
    """The role that signs in."""
    return str(asked("SELECT session_user::text")[0])


# -- one statement -----------------------------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_a_statement_when_outside_a_transaction_then_carries_who_reads_and_the_next_one_does_not(login: str) -> None:
    with wall.behind(reader(ONE)):
        assert asked() == ("portal_people", [ONE])
    assert asked() == (login, [])
    with wall.behind(reader(OTHER)):
        assert asked() == ("portal_people", [OTHER])
    with wall.behind(wall.NOBODY):
        assert asked() == ("portal_people", [])


@pytest.mark.django_db(transaction=True)
def test_a_connection_when_used_by_one_reader_after_another_then_is_the_same_and_keeps_nothing(login: str) -> None:
    backend = asked("SELECT pg_backend_pid()")
    for owner in (ONE, OTHER, ONE):
        with wall.behind(reader(owner)):
            assert asked("SELECT pg_backend_pid()") == backend
            assert asked() == ("portal_people", [owner])
        assert asked("SELECT current_user::text, current_setting('wall.owners', true)") in {(login, ""), (login, None)}


@pytest.mark.django_db(transaction=True)
def test_a_statement_when_it_breaks_then_nothing_of_it_stays(login: str) -> None:
    with pytest.raises(ProgrammingError), wall.behind(reader(ONE)):
        asked("SELECT nothing_like_it")
    assert asked() == (login, [])
    with pytest.raises(ProgrammingError), wall.behind(reader(ONE)), transaction.atomic():
        asked("SELECT nothing_like_it")
    assert asked() == (login, [])
    with pytest.raises(KeyError, match="portal_people"), wall.behind(reader(ONE)), transaction.atomic():
        _break(*asked())
    assert asked() == (login, [])


@pytest.mark.django_db(transaction=True)
def test_a_transaction_when_the_reader_changes_in_it_then_each_statement_is_its_own_readers(login: str) -> None:
    with transaction.atomic():
        with wall.behind(reader(ONE)):
            assert asked() == ("portal_people", [ONE])
            with wall.elevated("a test"):
                assert asked("SELECT current_user::text") == (login,)
            assert asked() == ("portal_people", [ONE])
            with wall.behind(wall.NOBODY):
                assert asked() == ("portal_people", [])
        assert asked("SELECT current_user::text") == (login,)
    assert asked() == (login, [])


@pytest.mark.django_db(transaction=True)
def test_a_savepoint_when_rolled_back_then_the_reader_it_restores_is_not_believed(login: str) -> None:
    with transaction.atomic():
        with wall.behind(reader(ONE)):
            asked()
        with pytest.raises(KeyError, match=login), transaction.atomic():  # PostgreSQL goes back to the role of this instant
            _break(*asked("SELECT current_user::text"))
        assert asked("SELECT current_user::text") == (login,)
        with pytest.raises(ProgrammingError), wall.behind(reader(ONE)), transaction.atomic():
            asked("SELECT nothing_like_it")
        assert asked("SELECT current_user::text") == (login,)


@pytest.mark.django_db(transaction=True)
def test_a_connection_when_lost_and_opened_again_then_carries_who_reads() -> None:
    with wall.behind(reader(ONE)):
        asked()
        connection.close()
        assert asked() == ("portal_people", [ONE])


@pytest.mark.django_db(transaction=True)
def test_threads_when_they_read_at_once_then_each_is_its_own_reader(login: str) -> None:
    def read(owner: UUID | None) -> set[Any]:
        seen = set()
        for _round in range(20):
            if owner is None:
                seen.add(asked("SELECT current_user::text, wall_owners()::text"))
                continue
            with wall.behind(reader(owner)):
                seen.add(asked("SELECT current_user::text, wall_owners()::text"))
        return seen

    one, other, system = at_once(lambda: read(ONE), lambda: read(OTHER), lambda: read(None))

    assert (one, other) == ({("portal_people", f"{{{ONE}}}")}, {("portal_people", f"{{{OTHER}}}")})
    assert system == {(login, "{}")}


@pytest.mark.django_db
def test_many_sets_of_values_when_run_at_once_then_each_carries_who_reads() -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE told (who text, value int)")
        cursor.execute("GRANT ALL ON told TO portal_people")
        with wall.behind(reader(ONE)):
            cursor.executemany("INSERT INTO told VALUES (current_user, %s)", [(1,), (2,)])
    assert asked("SELECT array_agg(DISTINCT who), count(*) FROM told") == (["portal_people"], 2)


@pytest.mark.django_db
def test_rows_when_read_in_chunks_then_are_read_as_who_asks() -> None:
    UserFactory.create_batch(3)
    with wall.behind(wall.NOBODY):
        assert len(list(User.objects.iterator(chunk_size=2))) == 3
    with wall.behind(wall.NOBODY), connection.cursor() as cursor, pytest.raises(WallBypassError):
        cursor.cursor.copy_expert("COPY accounts_user TO STDOUT", None)
    with wall.behind(wall.NOBODY), pytest.raises(WallBypassError):
        connection.connection.cursor("named").execute("SELECT 1")


@pytest.mark.django_db
def test_a_driver_cursor_when_taken_from_under_django_then_carries_who_reads_too() -> None:
    with wall.behind(reader(ONE)):
        cursor = connection.connection.cursor()
        cursor.execute("SELECT current_user::text")
        assert cursor.fetchone() == ("portal_people",)
        cursor.execute(psycopg2.sql.SQL("SELECT current_user::text"))
        assert cursor.fetchone() == ("portal_people",)
        cursor.execute(b"SELECT current_user::text")
        assert cursor.fetchone() == ("portal_people",)


@pytest.mark.django_db
def test_a_statement_when_told_to_logs_then_is_as_the_code_wrote_it() -> None:
    with CaptureQueriesContext(connection) as queries, wall.behind(reader(ONE)):
        User.objects.filter(email="a/b;/*wall*/").count()
    (query,) = queries.captured_queries
    assert query["sql"].startswith('SELECT COUNT(*) AS "__count" FROM "accounts_user"')
    assert "a/b;/*wall*/" in query["sql"]


# -- requests ----------------------------------------------------------------------------------------------------------
def _answer(view: Any, user: Any) -> HttpResponse:
    request = RequestFactory().get("/")
    request.user = user
    return BehindTheWall(WhoReads(view))(request)


@pytest.mark.django_db
def test_a_request_when_it_ends_or_breaks_then_the_thread_reads_as_before() -> None:
    user = UserFactory()

    def answer(request: HttpRequest) -> HttpResponse:
        return HttpResponse(str(wall.current().account))

    def fail(request: HttpRequest) -> HttpResponse:
        assert wall.current().account == user.pk
        raise KeyError

    assert _answer(answer, user).content.decode() == str(user.pk)
    assert wall.current() is wall.SYSTEM
    with pytest.raises(KeyError):
        _answer(fail, user)
    assert wall.current() is wall.SYSTEM


@pytest.mark.django_db
def test_a_request_when_nobody_is_known_yet_then_reads_as_nobody() -> None:
    answer = BehindTheWall(lambda request: HttpResponse(repr(wall.current())))(RequestFactory().get("/"))
    assert answer.content.decode() == repr(wall.NOBODY)


@pytest.mark.django_db
def test_an_answer_when_streamed_after_its_request_then_is_read_as_who_asked(login: str) -> None:
    user = UserFactory()

    def lines() -> Iterator[str]:
        for _line in range(2):
            yield f"{asked('SELECT current_user::text, wall_account()')}"

    response: Any = _answer(lambda request: StreamingHttpResponse(lines()), user)
    stream = iter(response.streaming_content)
    first = next(stream)
    assert asked("SELECT current_user::text") == (login,)  # between two steps the thread is its own again
    assert {first, *stream} == {f"('portal_people', UUID('{user.pk}'))".encode()}


def test_a_process_when_started_closed_then_reads_as_nobody_outside_requests(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wall.context._Process, "default", wall.SYSTEM)
    wall.start_closed()
    assert wall.current() is wall.NOBODY


@pytest.mark.django_db
def test_an_actor_when_asked_for_then_only_the_portal_itself_passes_the_wall() -> None:
    class Pretender:
        pk = None
        is_authenticated = is_active = True
        is_staff = True
        staff_roles = ()

    assert wall.context_of(SYSTEM) is wall.SYSTEM
    assert wall.context_of(UserFactory(is_active=False)) is wall.NOBODY
    assert wall.context_of(Pretender()).role == wall.PEOPLE
    assert wall.context_of(UserFactory(is_staff=True)).role == wall.PEOPLE  # staff who hold no role


@pytest.mark.django_db
def test_an_act_when_nobody_has_said_who_reads_then_reads_as_its_author_and_never_widens(login: str) -> None:
    user = UserFactory()
    with act(by=user):
        assert asked("SELECT current_user::text, wall_account()") == ("portal_people", user.pk)
    with act(by=SYSTEM):
        assert asked("SELECT current_user::text") == (login,)
    with wall.behind(reader(ONE)), act(by=SYSTEM):
        assert asked() == ("portal_people", [ONE])
    assert asked("SELECT current_user::text") == (login,)


def test_an_elevation_when_it_gives_no_reason_then_is_refused() -> None:
    with pytest.raises(ValueError, match="reason"), wall.elevated(""):
        pass


@pytest.mark.django_db
@pytest.mark.parametrize("role", wall.ROLES)
@pytest.mark.parametrize("verb", ["UPDATE accounts_userevent SET email = 'x'", "DELETE FROM accounts_userevent"])
def test_the_trail_when_its_guard_is_told_to_look_away_then_no_reader_may_change_it(role: str, verb: str) -> None:
    UserFactory()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT set_config('pgtrigger.ignore', '{all}', true)")
        with wall.behind(wall.Context(role)), pytest.raises(DatabaseError, match="permission denied"):
            cursor.execute(verb)
        transaction.set_rollback(True)


@pytest.fixture
def served(db: None) -> Iterator[Any]:
    """A connection of a web server as it should be: signed in with a login that owns nothing."""
    name = f"served_{uuid4().hex[:8]}"
    install.make_login(name)
    with connection.cursor() as cursor:
        cursor.execute(f"SET SESSION AUTHORIZATION {name}")
        try:
            yield cursor
        finally:
            cursor.execute("RESET SESSION AUTHORIZATION")


@pytest.mark.django_db
@pytest.mark.parametrize(
    "sql",
    [
        "ALTER TABLE partnership_action DISABLE ROW LEVEL SECURITY",
        "ALTER TABLE accounts_userevent DISABLE TRIGGER ALL",
        "DROP TABLE partnership_action",
        "DROP POLICY wall_people ON partnership_action",
        "TRUNCATE partnership_action CASCADE",
        "CREATE TABLE mine (id int)",
        "CREATE FUNCTION mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "SET session_replication_role = replica",
        "UPDATE accounts_userevent SET email = 'x'",
        "DELETE FROM partnership_actionevent",
    ],
)
def test_the_login_of_web_servers_when_it_would_change_the_house_then_may_not(served: Any, sql: str) -> None:
    with pytest.raises(DatabaseError, match=r"permission denied|must be owner"), transaction.atomic():
        served.execute(sql)


@pytest.mark.django_db
def test_the_login_of_web_servers_when_it_serves_then_reads_and_writes_and_becomes_each_reader(served: Any) -> None:
    user = UserFactory()
    assert User.objects.filter(pk=user.pk).update(is_active=False) == 1
    served.execute("CREATE TEMP TABLE stage (id int) ON COMMIT DROP")
    for role in wall.ROLES:
        with wall.behind(wall.Context(role)):
            assert asked("SELECT current_user::text") == (role,)
    assert install.state() == {"missing": [], "weak": []}
    assert not install.owns_tables()
    assert not login_owns_no_table(None, databases=["default"])


@pytest.mark.django_db
def test_the_login_when_it_owns_the_tables_then_the_deployment_check_says_so() -> None:
    assert [warning.id for warning in login_owns_no_table(None, databases=["default"])] == ["core.W003"]


# -- is it up? ---------------------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_the_wall_when_migrated_then_stands_and_a_second_migrate_changes_nothing() -> None:
    assert install.state() == {"missing": [], "weak": []}
    assert install.install() is False
    assert health.second_wall().ok


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("sql", "kind", "what"),
    [
        ("ALTER TABLE partnership_action DISABLE ROW LEVEL SECURITY", "missing", "table partnership_action"),
        ("DROP POLICY wall_people ON partnership_action", "missing", "policy partnership_action.wall_people"),
        ("CREATE POLICY mine ON partnership_action USING (true)", "weak", "policy partnership_action.mine"),
        ("ALTER ROLE portal_people BYPASSRLS", "weak", "role portal_people passes every policy"),
        ("GRANT UPDATE ON partnership_actionevent TO portal_office", "weak", "portal_office may change partnership_actionevent"),
        ("REVOKE SELECT ON partnership_action FROM portal_people", "missing", "right of portal_people on partnership_action"),
        ("CREATE OR REPLACE FUNCTION wall_stamp() RETURNS text LANGUAGE sql IMMUTABLE AS 'SELECT ''x'''", "missing",
         "the policies of this release"),
    ],
)  # fmt: skip
def test_the_wall_when_a_stone_is_missing_then_health_names_it_and_migrate_puts_it_back(sql: str, kind: str, what: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)
    assert what in install.state()[kind]
    assert not health.second_wall().ok
    if kind == "missing":
        assert install.install() is True
        assert install.state() == {"missing": [], "weak": []}


@pytest.mark.django_db
def test_the_wall_when_its_role_is_gone_then_every_read_is_refused_and_none_is_open() -> None:
    with (
        pytest.raises(DatabaseError, match="portal_gone"),
        transaction.atomic(),
        wall.behind(wall.Context("portal_gone")),
    ):
        User.objects.count()


@pytest.mark.django_db(transaction=True)
def test_the_roles_when_the_login_may_not_create_them_then_migrate_says_what_to_run(login: str) -> None:
    guest = f"guest_{uuid4().hex[:8]}"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE ROLE {guest}")
        try:
            cursor.execute(f"GRANT ALL ON SCHEMA public TO {guest}; GRANT ALL ON ALL TABLES IN SCHEMA public TO {guest}")
            cursor.execute(f"SET ROLE {guest}")
            with pytest.raises(install.RolesMissingError, match=f'GRANT portal_people TO "{guest}"'):
                call_command("migrate", verbosity=0, skip_checks=True)
        finally:
            cursor.execute(f"RESET ROLE; DROP OWNED BY {guest}; DROP ROLE {guest}")
    assert install.state() == {"missing": [], "weak": []}


@pytest.mark.django_db
def test_health_when_asked_by_anybody_then_the_wall_is_seen_from_the_role_that_put_it_up(client: Client) -> None:
    assert client.get("/healthz").json()["checks"]["wall"] == {"ok": True, "missing": [], "weak": []}
