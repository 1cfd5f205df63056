"""A wrong environment stops every program at its start, with one line that names what is wrong."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from config import environment

if TYPE_CHECKING:
    from collections.abc import Callable

ROOT = Path(__file__).resolve().parents[2]
PYTHON = sys.executable
GOOD = {
    "DATABASE_URL": "postgresql://portal:secret@127.0.0.1:1/portal",
    "REDIS_URL": "redis://127.0.0.1:1/0",
    "SECRET_KEY": "k3J-9fQz_72mLwXv0Rb5Ty8Hn1Gd4Sc6Pa-EoUiMqBtZxKjVhWlY",
    "ALLOWED_HOSTS": "portail.example.ma",
    "EMAIL_URL": "smtp+tls://portal:secret@mail.example.ma:587",
}
PROGRAMS = {
    "manage.py": [PYTHON, "manage.py", "check"],
    "gunicorn": [PYTHON, "-m", "gunicorn", "-c", "config/gunicorn.py", "--check-config", "config.wsgi"],
    "celery": [PYTHON, "-m", "celery", "--app", "config", "worker", "--pool", "solo"],
}
WRONG = [
    ("DATABASE_URL", "sqlite:///db.sqlite3"),
    ("DATABASE_URL", "postgresql://portal:secret@127.0.0.1:port/portal"),
    ("DATABASE_URL", "postgresql://[portal"),
    ("DATABASE_URL", "postgresql://127.0.0.1:5432/"),
    ("PREPARED_STATEMENTS", "maybe"),
    ("REDIS_URL", "127.0.0.1:6379"),
    ("REDIS_URL", "redis://"),
    ("REDIS_URL", "redis://127.0.0.1:port/0"),
    ("REDIS_URL", "redis://127.0.0.1/zero"),
    ("SECRET_KEY", "short"),
    ("SECRET_KEY", "a" * 80),
    ("ALLOWED_HOSTS", "*"),
    ("ALLOWED_HOSTS", "https://portail.example.ma"),
    ("ALLOWED_HOSTS", ","),
    ("ALLOWED_HOSTS", "portail example.ma"),
    ("EMAIL_URL", "mail.example.ma"),
    ("EMAIL_URL", "consolemail://"),
    ("EMAIL_URL", "smtp+tls://"),
    ("EMAIL_URL", "smtp+tls://portal:secret@mail.example.ma:port"),
]
READERS: dict[str, Callable[[str], object]] = {
    "DATABASE_URL": environment.database,
    "REDIS_URL": environment.redis_url,
    "SECRET_KEY": lambda _value: environment.secret_key(),
    "ALLOWED_HOSTS": lambda _value: environment.hosts(),
    "EMAIL_URL": lambda _value: environment.email(),
    "PREPARED_STATEMENTS": lambda _value: environment.switch("PREPARED_STATEMENTS", default=True),
}


def _run(command: list[str], **variables: str | None) -> subprocess.CompletedProcess[str]:
    keep = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    given = {name: value for name, value in variables.items() if value is not None}
    return subprocess.run(command, cwd=ROOT, env=keep | given, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize(("name", "value"), WRONG)
def test_a_variable_when_malformed_then_is_named_in_one_line_without_its_value(
    name: str, value: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(environment, "MODE", environment.Mode.PRODUCTION)
    monkeypatch.setenv(name, value)

    with pytest.raises(SystemExit) as stopped:
        READERS[name](value)

    said = str(stopped.value)
    assert said.startswith(f"portal: environment variable {name} ")
    assert "\n" not in said
    assert "secret" not in said


@pytest.mark.parametrize("name", GOOD)
def test_a_variable_when_well_formed_then_is_read(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(environment, "MODE", environment.Mode.PRODUCTION)
    monkeypatch.setenv(name, GOOD[name])

    assert READERS[name](GOOD[name])


@pytest.mark.parametrize("program", PROGRAMS)
@pytest.mark.parametrize("name", GOOD)
def test_a_program_when_production_misses_a_variable_then_names_it_in_one_line(program: str, name: str, tmp_path: Path) -> None:
    done = _run(PROGRAMS[program], **{**GOOD, "PORTAL_VAR": str(tmp_path), name: None})

    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.splitlines() == [done.stderr.strip()]
    assert done.stderr.startswith(f"portal: environment variable {name} is missing")


@pytest.mark.parametrize(("program", "name"), list(zip([*PROGRAMS, *PROGRAMS], GOOD, strict=False)))
def test_a_program_when_production_is_told_something_wrong_then_names_it_in_one_line(program: str, name: str, tmp_path: Path) -> None:
    wrong = "https://wrong" if name == "ALLOWED_HOSTS" else "wrong"

    done = _run(PROGRAMS[program], **{**GOOD, "PORTAL_VAR": str(tmp_path), name: wrong})

    assert done.returncode == 1
    assert done.stderr.splitlines() == [done.stderr.strip()]
    assert done.stderr.startswith(f"portal: environment variable {name} ")


def test_the_mode_when_unknown_then_is_named_in_one_line(tmp_path: Path) -> None:
    done = _run(PROGRAMS["manage.py"], PORTAL_VAR=str(tmp_path), PORTAL_MODE="prod")

    assert done.returncode == 1
    assert done.stderr.strip() == "portal: environment variable PORTAL_MODE is 'prod': expected one of local, demo, test, production"


@pytest.mark.parametrize("program", ["gunicorn", "celery"])
def test_a_server_when_told_nothing_then_asks_for_its_database(program: str, tmp_path: Path) -> None:
    done = _run(PROGRAMS[program], PORTAL_VAR=str(tmp_path))

    assert done.returncode == 1
    assert done.stderr.strip().splitlines()[-1].startswith("portal: environment variable DATABASE_URL is missing")


def test_production_when_told_everything_then_passes_djangos_own_deployment_check(tmp_path: Path) -> None:
    done = _run([PYTHON, "manage.py", "check", "--deploy", "--fail-level", "WARNING"], PORTAL_VAR=str(tmp_path), **GOOD)

    assert (done.returncode, done.stderr) == (0, "")
    assert "no issues" in done.stdout


def test_the_embedded_database_when_an_address_is_given_then_is_not_started(tmp_path: Path) -> None:
    done = _run([PYTHON, "manage.py", "migrate"], PORTAL_VAR=str(tmp_path), **GOOD)

    assert done.returncode != 0
    assert "Connection refused" in done.stderr
    assert not (tmp_path / "postgres").exists()


def test_the_embedded_database_when_production_misses_its_address_then_is_not_started(tmp_path: Path) -> None:
    done = _run([PYTHON, "manage.py", "migrate"], PORTAL_VAR=str(tmp_path), **{**GOOD, "DATABASE_URL": None})

    assert done.returncode == 1
    assert done.stderr.startswith("portal: environment variable DATABASE_URL is missing")
    assert not (tmp_path / "postgres").exists()


def test_the_demo_when_a_database_is_given_then_refuses_to_fill_it(tmp_path: Path) -> None:
    done = _run([PYTHON, "manage.py", "demo"], PORTAL_VAR=str(tmp_path), **GOOD)

    assert done.returncode == 1
    assert done.stderr.startswith("portal: DATABASE_URL is set")
    assert len(done.stderr.strip().splitlines()) == 1
