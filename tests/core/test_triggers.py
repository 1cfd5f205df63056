"""The audit triggers after `migrate`, also on the schema of another release."""

from __future__ import annotations

import pytest
from django.db import connection

from core import triggers


def _installed() -> set[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT c.relname, t.tgname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE NOT t.tgisinternal")
        return set(cursor.fetchall())


def _execute(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


@pytest.mark.django_db
def test_triggers_when_the_schema_went_back_by_a_release_then_are_installed_where_their_columns_are() -> None:
    before = _installed()
    _execute("ALTER TABLE core_job DROP COLUMN filename CASCADE")
    _execute("DROP TABLE core_holiday CASCADE")
    name = next(name for table, name in before if table == "partnership_action")
    _execute(f'DROP TRIGGER "{name}" ON partnership_action')

    triggers.install(using="default")

    after = _installed()
    assert {table for table, _name in before - after} == {"core_job", "core_holiday"}
    assert {one for one in before if one[0] == "partnership_action"} <= after


@pytest.mark.django_db
def test_triggers_when_one_is_no_longer_declared_then_it_is_dropped() -> None:
    before = _installed()
    name = next(name for table, name in before if table == "partnership_action")
    _execute(f'CREATE TRIGGER pgtrigger_former_00000 AFTER INSERT ON partnership_action FOR EACH ROW EXECUTE FUNCTION "{name}"()')

    triggers.install(using="default")

    assert _installed() == before
