"""Prepared statements: the same rows as asked plainly, a bounded number of them, and no harm when the server forgets."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from django.db import DatabaseError, connection, transaction
from django.db.models import Value

from core import prepared
from core.choices import HolidayStatus
from core.models import Holiday
from core.prepared import Given, fetch, question

if TYPE_CHECKING:
    from pytest_django import DjangoAssertNumQueries, Settings

SQL = "SELECT name_fr, date FROM core_holiday WHERE date >= %s AND name_fr <> %s AND name_fr LIKE 'J%%' ORDER BY date LIMIT %s"


@pytest.fixture
def days(db: None) -> list[date]:
    return _make_days()


def _make_days() -> list[date]:
    days = [date(2031, 1, 1 + n) for n in range(4)]
    Holiday.objects.all().delete()
    Holiday.objects.bulk_create(
        Holiday(
            feast=f"day-{day}",
            date=day,
            status=HolidayStatus.CONFIRMED,
            name_fr=f"Jour {day.day}",
            name_ar="يوم",
            name_en="Day",
            source="t",
        )
        for day in days
    )
    return days


def _server_has() -> list[str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT statement FROM pg_prepared_statements WHERE name LIKE 'portal_%%' ORDER BY prepare_time", [])
        return [row[0] for row in cursor.fetchall()]


def test_a_statement_when_met_twice_then_is_prepared_and_answers_alike(days: list[date]) -> None:
    before = len(_server_has())
    plain = fetch(SQL, [days[1], Given("Jour 3"), 2])
    assert len(_server_has()) == before

    again = fetch(SQL, [days[1], Given("Jour 3"), 2])

    assert plain == again == [("Jour 2", days[1]), ("Jour 4", days[3])]
    assert len(_server_has()) == before + 1
    assert fetch(SQL, [days[3], Given("it's \\ %s"), 2]) == [("Jour 4", days[3])]
    assert len(_server_has()) == before + 1


@pytest.mark.parametrize("text", ["it's", "a \\ b", "%s %% $1", "é ع", "'; DROP TABLE core_holiday; --", "E'\\''", ""])
def test_a_text_when_written_into_a_statement_then_stays_a_text(days: list[date], text: str) -> None:
    rows = Holiday.objects.annotate(word=Value(text)).filter(name_fr__lt="~", name_en=Value("Day")).values("word")[:1]
    for _attempt in range(3):
        assert question(rows).ask() == [{"word": text}]


def test_a_statement_when_prepared_then_counts_as_one_query(days: list[date], django_assert_num_queries: DjangoAssertNumQueries) -> None:
    for _attempt in range(3):
        with django_assert_num_queries(1):
            fetch(SQL, [days[0], "", 9])


def test_statements_when_more_than_kept_then_the_oldest_is_given_back(days: list[date]) -> None:
    for number in range(prepared.KEPT + 5):
        for _attempt in range(2):
            fetch(f"SELECT {number} FROM core_holiday WHERE date = %s", [days[0]])  # noqa: S608

    assert len(_server_has()) == prepared.KEPT
    assert not any("SELECT 0 FROM" in statement for statement in _server_has())


@pytest.mark.django_db(transaction=True)
def test_a_statement_when_the_server_has_forgotten_it_then_is_asked_plainly() -> None:
    days = _make_days()
    for _attempt in range(2):
        fetch(SQL, [days[0], "", 9])
    with connection.cursor() as cursor:
        cursor.execute("DEALLOCATE ALL")

    assert len(fetch(SQL, [days[0], "", 9])) == 4


@pytest.mark.django_db(transaction=True)
def test_a_statement_when_its_table_has_changed_then_is_asked_plainly() -> None:
    with connection.cursor() as cursor:
        cursor.execute("CREATE TABLE changing (a int); INSERT INTO changing VALUES (1)")
        try:
            for _attempt in range(2):
                assert fetch("SELECT * FROM changing WHERE a > %s", [0]) == [(1,)]
            cursor.execute("ALTER TABLE changing ADD b int")
            assert fetch("SELECT * FROM changing WHERE a > %s", [0]) == [(1, None)]
        finally:
            cursor.execute("DROP TABLE changing")


@pytest.mark.django_db(transaction=True)
def test_a_connection_when_it_is_another_then_has_statements_of_its_own() -> None:
    days = _make_days()
    for _attempt in range(2):
        fetch(SQL, [days[0], "", 9])
    connection.close()

    assert _server_has() == []
    for _attempt in range(2):
        assert len(fetch(SQL, [days[0], "", 9])) == 4
    assert len(_server_has()) == 1


def test_a_statement_when_switched_off_then_is_never_prepared(days: list[date], settings: Settings) -> None:
    before = len(_server_has())
    settings.PREPARED_STATEMENTS = False
    for _attempt in range(3):
        assert len(fetch(SQL, [days[0], "", 9])) == 4
    assert len(_server_has()) == before


def test_a_statement_when_it_is_wrong_then_says_so_as_django_does(days: list[date]) -> None:
    for _attempt in range(2):
        with pytest.raises(DatabaseError), transaction.atomic():
            fetch("SELECT nothing FROM core_holiday WHERE date = %s", [days[0]])
    with pytest.raises(TypeError, match="list"):
        fetch("SELECT 1 FROM core_holiday WHERE date = ANY(%s)", [[days[0]]])


def test_a_question_when_asked_with_other_values_then_answers_for_them(days: list[date]) -> None:
    mark, other = date(1, 3, 1), date(1, 3, 2)
    rows = Holiday.objects.filter(date__gte=mark, date__lt=other).order_by("date").values("date", "name_fr")
    asked = question(rows, since=mark, until=other)

    for first, last in [(0, 2), (1, 3), (0, 3)]:
        expected = list(Holiday.objects.filter(date__gte=days[first], date__lt=days[last]).order_by("date").values("date", "name_fr"))
        assert asked.ask(since=days[first], until=days[last]) == expected


def test_a_question_when_nothing_can_meet_it_then_asks_nothing(days: list[date], django_assert_num_queries: DjangoAssertNumQueries) -> None:
    with django_assert_num_queries(0):
        assert question(Holiday.objects.filter(date__in=[]).values("date")).ask() == []


def test_a_question_when_a_mark_stands_nowhere_then_is_refused(db: None) -> None:
    mark: Any = uuid4()
    with pytest.raises(ValueError, match="mark"):
        question(Holiday.objects.values("date"), mark=mark)


def test_an_expression_when_it_holds_a_constant_then_is_prepared_too(days: list[date]) -> None:
    rows = Holiday.objects.annotate(seven=Value(7), word=Value("mot"), truth=Value(value=True)).values("seven", "word", "truth")[:1]
    for _attempt in range(3):
        assert question(rows).ask() == [{"seven": 7, "word": "mot", "truth": True}]
