"""A pytest plugin loaded before Django: each run gets a real PostgreSQL and a real broker of its own, thrown away at the end.

The migrated data directory is kept under var/ and copied for the next run while the migrations stay the same.
DATABASE_URL and REDIS_URL, when set, are used instead.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.cluster import migrated_cluster

_stack = ExitStack()


def _start() -> None:
    from config.embedded import services

    folder = Path(tempfile.mkdtemp(prefix="portal-test-"))
    folder.chmod(0o755)
    _stack.callback(shutil.rmtree, folder, ignore_errors=True)
    os.environ["PORTAL_VAR"] = str(folder)
    if not os.environ.get("DATABASE_URL"):
        # cp keeps owner and mode, which PostgreSQL insists on.
        subprocess.run(["cp", "-a", str(migrated_cluster() / "postgres"), str(folder / "postgres")], check=True)
        os.environ["PORTAL_TEST_TEMPLATE"] = "portal"
    _stack.enter_context(services(folder, throwaway=True))


os.environ["PORTAL_MODE"] = "test"
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
# Workers of a parallel run inherit the addresses from the process that started them.
if "PYTEST_XDIST_WORKER" not in os.environ:
    _start()


@pytest.hookimpl(trylast=True)
def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop what was started here."""
    _stack.close()
