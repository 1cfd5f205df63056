"""Fixtures that every test may use."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import hypothesis
import psycopg2
import pytest
from django.core.cache import cache
from django.test.utils import setup_databases, teardown_databases

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from pytest_django import DjangoDbBlocker, Settings

    from tests.factories.world import World

# A property is true or false, never late: a busy machine must not refute one.
hypothesis.settings.register_profile("portal", deadline=None)
hypothesis.settings.load_profile("portal")


@pytest.fixture
def world(db: None) -> World:
    """ONMT, the CNT, two federations, three competing operators, an account for each role, one convention in force."""
    from tests.factories.world import build_world

    return build_world()


@pytest.fixture
def first_wall_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    """The database shows everything to everybody: only the application's own filters hide. Each wall is tested without the other."""
    from core import wall

    monkeypatch.setattr("partnership.policies.context_of", lambda actor: wall.SYSTEM)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Journeys in the browser follow one another on one worker, while the other runs the rest."""
    for item in items:
        if item.get_closest_marker("journey"):
            item.add_marker(pytest.mark.xdist_group("journeys"))


@pytest.fixture(scope="session")
def django_db_setup(request: pytest.FixtureRequest, django_test_environment: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """A database per worker, copied from the migrated one; migrated anew when an external server is used."""
    from django.conf import settings
    from django.db import connection

    template = os.environ.get("PORTAL_TEST_TEMPLATE")
    name = f"test_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    if template is None:
        with django_db_blocker.unblock():
            old = setup_databases(verbosity=0, interactive=False, serialized_aliases=[])
            yield
            teardown_databases(old, verbosity=0)
        return
    original = settings.DATABASES["default"]["NAME"]
    with django_db_blocker.unblock():
        _execute_on_server(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')
        connection.close()
        settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = name
        yield
        connection.close()
        settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = original


def _execute_on_server(sql: str) -> None:
    address = os.environ["DATABASE_URL"].replace("/portal?", "/postgres?")
    server = psycopg2.connect(address)
    server.autocommit = True
    try:
        with server.cursor() as cursor:
            cursor.execute(sql)
    finally:
        server.close()


@pytest.fixture(autouse=True)
def _own_media(settings: Settings, tmp_path: Path) -> None:
    settings.MEDIA_ROOT = tmp_path / "media"


@pytest.fixture(autouse=True)
def _fresh_limits(request: pytest.FixtureRequest) -> Iterator[None]:
    """Rate limits live in the cache: a test must not inherit another's."""
    yield
    if "db" in request.fixturenames or "transactional_db" in request.fixturenames:
        cache.clear()
