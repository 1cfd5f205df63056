"""Fixtures of the cellar's tests."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from tests.core.smtp_sink import running_sink

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_django import Settings

    from tests.core.smtp_sink import Sink


@pytest.fixture
def sink(settings: Settings) -> Iterator[Sink]:
    """A mail server of the test's own, to which the portal sends."""
    with running_sink() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST = "127.0.0.1"
        settings.EMAIL_PORT = server.port
        settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
        yield server
