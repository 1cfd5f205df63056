"""docs/api.md cannot lie: its examples are run as they are written, in their order, against a server, and print what the page says."""

from __future__ import annotations

import io
import os
import re
import subprocess
from contextlib import redirect_stdout
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from accounts.roles import StaffRole
from core import clock
from partnership.models import Action
from partnership.services.api_clients import issue_api_client
from tests.factories.partnership import ActionFactory
from tests.factories.world import build_world

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from pytest_django import Settings
    from pytest_django.live_server_helper import LiveServer

PAGE = Path(__file__).resolve().parents[2] / "docs" / "api.md"
# A block of code and what it prints; "…" stands for what differs from one run to the next.
EXAMPLE = re.compile(r"^```(sh|python)\n(.*?)^```\n+^```text\n(.*?)^```$", re.MULTILINE | re.DOTALL)
ANY_BLOCK = re.compile(r"^```(?:sh|python)$", re.MULTILINE)
MARK = "-- end of the example --"


def examples() -> list[tuple[str, str, str]]:
    """Language, code and output of each example of the page."""
    return [match.groups() for match in EXAMPLE.finditer(PAGE.read_text(encoding="utf-8"))]  # type: ignore[misc]


def is_what_the_page_says(printed: str, said: str) -> bool:
    return re.fullmatch(".+".join(map(re.escape, said.strip().split("…"))), printed.strip(), re.DOTALL) is not None


@pytest.fixture
def access(live_server: LiveServer, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Mapping[str, str]:
    """The three things that the examples are told, in the environment; the program's organisation has three actions."""
    settings.API_FEED_SECONDS = 0
    world = build_world()
    for number in (1, 2, 3):
        ActionFactory(axis=world.axis, organisation=world.cnt, title=f"Action {number}", due_on=clock.today() + timedelta(days=number))
    client, secret = issue_api_client(
        organisation=world.cnt.pk,
        label="Exemples",
        scopes=["actions:read", "actions:write", "conventions:read"],
        expires_on=clock.today() + timedelta(days=30),
        by=world.staff[StaffRole.ACCOUNT_MANAGER],
    )
    told = {"PORTAL": live_server.url, "CLIENT_ID": client.client_id, "CLIENT_SECRET": secret}
    for name, value in told.items():
        monkeypatch.setenv(name, value)
    return told


def shell(codes: list[str], folder: Path) -> list[str]:
    """What each example for a shell prints: one session, as whoever reads the page types it."""
    script = "set -eu\n" + "".join(f"{code}\nprintf '\\n%s\\n' '{MARK}'\n" for code in codes)
    done = subprocess.run(["bash", "-c", script], cwd=folder, env=os.environ, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout.split(f"\n{MARK}\n")[:-1]


def python(codes: list[str]) -> Iterator[str]:
    """What each example in Python prints, all in one session. Between two of them the caller may do what others do meanwhile."""
    names: dict[str, Any] = {"__name__": "__examples__"}
    for code in codes:
        printed = io.StringIO()
        with redirect_stdout(printed):
            exec(compile(code, PAGE.name, "exec"), names)  # noqa: S102 - the page's own words
        yield printed.getvalue()


def test_every_block_of_code_on_the_page_is_an_example_with_its_output() -> None:
    assert len(examples()) == len(ANY_BLOCK.findall(PAGE.read_text(encoding="utf-8"))) == 9


@pytest.mark.django_db(transaction=True)
def test_the_shell_examples_of_the_page_when_run_then_they_print_what_it_says(access: Mapping[str, str], tmp_path: Path) -> None:
    found = [(code, said) for language, code, said in examples() if language == "sh"]
    for (code, said), printed in zip(found, shell([code for code, _said in found], tmp_path), strict=True):
        assert is_what_the_page_says(printed, said), f"{code}\nprinted\n{printed}\ninstead of\n{said}"


@pytest.mark.django_db(transaction=True)
def test_the_python_examples_of_the_page_when_run_then_they_print_what_it_says(access: Mapping[str, str]) -> None:
    found = [(code, said) for language, code, said in examples() if language == "python"]
    for (code, said), printed in zip(found, python([code for code, _said in found]), strict=True):
        assert is_what_the_page_says(printed, said), f"{code}\nprinted\n{printed}\ninstead of\n{said}"
        if "since=now" in code:  # what others do before the program asks again
            Action.objects.get(title="Action 3").delete()


def test_an_output_that_differs_when_compared_with_the_page_then_it_is_refused() -> None:
    assert is_what_the_page_says("412 stale\n", "412 …\n")
    assert not is_what_the_page_says("200 stale\n", "412 …\n")
