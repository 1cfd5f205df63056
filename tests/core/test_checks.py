"""What stops the portal before it starts, or warns whoever deploys it."""

from __future__ import annotations

from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from core import checks, clock

if TYPE_CHECKING:
    from pytest_django.fixtures import Settings


def test_the_zone_tables_when_up_to_date_then_nothing_is_said() -> None:
    assert list(checks.civil_time_follows_the_law(None)) == []


def test_the_zone_tables_when_they_ignore_the_law_of_2026_then_the_start_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "CASABLANCA", ZoneInfo("Africa/Lagos"))  # UTC+1 all year, as before the law

    (message,) = checks.civil_time_follows_the_law(None)

    assert message.id == "core.E001"
    assert "2026-11-23" in message.msg


@pytest.mark.parametrize(("token", "said"), [("", []), ("m" * 32, []), ("short", ["core.W002"])])
def test_the_metrics_token_when_short_then_whoever_deploys_is_warned(settings: Settings, token: str, said: list[str]) -> None:
    settings.METRICS_TOKEN = token

    assert [message.id for message in checks.metrics_token_is_long(None)] == said
