"""The comparer of the backup drill: what is the same is found the same, what differs by one character is named."""

from __future__ import annotations

import hashlib
import json
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from core import fingerprint
from tests.factories.partnership import DocumentVersionFactory, OrganisationFactory

if TYPE_CHECKING:
    from pytest_django import Settings


def _change(sql: str) -> list[str]:
    """What is found when this is done."""
    before = fingerprint.of_database()
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(sql)
    return [line.split(" (")[0] for line in fingerprint.differences(before, fingerprint.of_database())]


@pytest.mark.django_db
def test_a_database_when_nothing_changed_then_is_the_same() -> None:
    OrganisationFactory()

    assert fingerprint.differences(fingerprint.of_database(), fingerprint.of_database()) == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("sql", "found"),
    [
        ("UPDATE partnership_organisation SET name_fr = name_fr || '.'", ["different: rows partnership_organisation"]),
        ("DELETE FROM partnership_organisation", ["different: rows partnership_organisation"]),
        ("ALTER TABLE core_job DROP CONSTRAINT core_job_progress", ["missing: constraint core_job.core_job_progress"]),
        ("DROP INDEX core_job_waiting", ["missing: index core_job_waiting"]),
        ("CREATE INDEX more ON core_job (progress)", ["more: index more"]),
        ("ALTER TABLE core_job ALTER COLUMN progress SET DEFAULT 5", ["different: column core_job.progress"]),
        ("ALTER TABLE core_job DISABLE TRIGGER ALL", None),
        ("SELECT setval('django_migrations_id_seq', 99999)", ["different: sequence django_migrations_id_seq"]),
        ("CREATE OR REPLACE FUNCTION more() RETURNS int LANGUAGE sql AS 'SELECT 1'", ["more: function more()"]),
        ("CREATE POLICY everybody ON core_job USING (true)", ["more: policy core_job.everybody"]),
        ("ALTER TABLE core_job ENABLE ROW LEVEL SECURITY", ["different: table core_job"]),
        ("GRANT SELECT ON core_job TO PUBLIC", ["different: table core_job"]),
    ],
)
def test_a_database_when_one_thing_changed_then_that_thing_is_named(sql: str, found: list[str] | None) -> None:
    OrganisationFactory()

    lines = _change(sql)

    if found is None:  # every trigger of the table
        assert {line.split(".")[0] for line in lines} == {"different: trigger core_job"}
    else:
        assert lines == found


def test_a_rule_when_a_restored_server_spells_it_otherwise_then_is_the_same_rule() -> None:
    made = "CHECK (((s)::text = ANY ((ARRAY['a'::character varying, 'it''s'::character varying])::text[])))"
    restored = "CHECK (((s)::text = ANY (ARRAY[('a'::character varying)::text, ('it''s'::character varying)::text])))"

    assert fingerprint.one_spelling(made) == fingerprint.one_spelling(restored) == restored
    assert fingerprint.one_spelling(made.replace("'a'", "'b'")) != restored


def test_files_when_one_byte_changed_or_one_is_gone_then_are_named_and_a_new_one_is_not(tmp_path: Path) -> None:
    (tmp_path / "kept").write_bytes(b"same")
    (tmp_path / "changed").write_bytes(b"abc")
    (tmp_path / "gone").write_bytes(b"")
    (tmp_path / "jobs" / ".drafts").mkdir(parents=True)
    (tmp_path / "jobs" / ".drafts" / "half").write_bytes(b"half")
    before = fingerprint.of_files(tmp_path)
    (tmp_path / "changed").write_bytes(b"abd")
    (tmp_path / "gone").unlink()
    (tmp_path / "new").write_bytes(b"new")

    assert before["file kept"] == f"4 {hashlib.sha256(b'same').hexdigest()}"
    assert [line.split(" (")[0] for line in fingerprint.differences(before, fingerprint.of_files(tmp_path))] == [
        "different: file changed",
        "missing: file gone",
    ]


@pytest.mark.django_db(transaction=True)
def test_the_command_when_a_row_speaks_of_a_file_that_is_gone_then_says_so(tmp_path: Path, settings: Settings) -> None:
    version = DocumentVersionFactory()
    sums, said = tmp_path / "sums.json", StringIO()
    call_command("fingerprint", write=sums, stdout=said)
    call_command("fingerprint", compare=sums, stdout=said)
    assert said.getvalue().endswith(" 0 differences\n")
    Path(version.file.path).unlink()

    with pytest.raises(CommandError, match="not a true copy"):
        call_command("fingerprint", compare=sums, stdout=said)

    assert f"file of a row not found: partnership.DocumentVersion: {version.file.name}" in said.getvalue()


@pytest.mark.django_db(transaction=True)
def test_the_command_when_it_dumps_while_people_write_then_the_sums_are_those_of_the_dump(tmp_path: Path) -> None:
    OrganisationFactory()
    sums, dumped = tmp_path / "sums.json", tmp_path / "portal.dump"

    call_command("fingerprint", write=sums, dump=dumped, stdout=StringIO())

    assert dumped.read_bytes()[:5] == b"PGDMP"
    assert json.loads(sums.read_text())["rows partnership_organisation"].startswith("1 ")


@pytest.mark.parametrize("content", ["", "{", None])
@pytest.mark.django_db(transaction=True)
def test_the_command_when_the_sums_cannot_be_read_then_says_so_in_one_line(tmp_path: Path, content: str | None) -> None:
    file = tmp_path / "sums.json"
    if content is not None:
        file.write_text(content)

    with pytest.raises(CommandError, match="cannot be read"):
        call_command("fingerprint", compare=file, stdout=StringIO())
    with pytest.raises(CommandError, match="Say where"):
        call_command("fingerprint", stdout=StringIO())
