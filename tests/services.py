"""A pytest plugin loaded before Django: each run gets a real PostgreSQL and a real broker of its own, thrown away at the end.

The migrated data directory is kept under var/ and copied for the next run while the migrations stay the same.
DATABASE_URL and REDIS_URL, when set, are used instead.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
_stack = ExitStack()


def _schema_hash() -> str:
    """Changes with any migration, any model (their triggers are installed after migrating) and any pinned package."""
    digest = hashlib.sha256()
    for path in sorted(
        [*ROOT.glob("*/migrations/*.py"), *ROOT.glob("*/models/*.py"), ROOT / "requirements.txt", ROOT / "core" / "audit.py"]
    ):
        digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def _migrated_cluster() -> Path:
    """A data directory whose database `portal` is migrated; made when missing."""
    from config.embedded import postgres

    kept = ROOT / "var" / "test-cluster"
    cluster = kept / _schema_hash()
    if cluster.exists():
        return cluster
    kept.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix="draft-", dir=kept))
    draft.chmod(0o755)
    with postgres(draft / "postgres", relaxed=True) as url:
        subprocess.run(
            [sys.executable, "manage.py", "migrate", "--verbosity=0", "--skip-checks"],
            cwd=ROOT,
            env=os.environ | {"DATABASE_URL": url, "REDIS_URL": "redis://127.0.0.1:1/0", "LOG_LEVEL": "ERROR"},
            check=True,
        )
    for name in ("postmaster.pid", ".handle_pids.json"):
        (draft / "postgres" / name).unlink(missing_ok=True)
    for older in kept.glob("[0-9a-f]*"):
        if older.stat().st_mtime < draft.stat().st_mtime - 3600:
            shutil.rmtree(older, ignore_errors=True)
    try:
        draft.rename(cluster)
    except OSError:  # another run was faster
        shutil.rmtree(draft, ignore_errors=True)
    return cluster


def _start() -> None:
    from config.embedded import services

    folder = Path(tempfile.mkdtemp(prefix="portal-test-"))
    folder.chmod(0o755)
    _stack.callback(shutil.rmtree, folder, ignore_errors=True)
    os.environ["PORTAL_VAR"] = str(folder)
    if not os.environ.get("DATABASE_URL"):
        # cp keeps owner and mode, which PostgreSQL insists on.
        subprocess.run(["cp", "-a", str(_migrated_cluster() / "postgres"), str(folder / "postgres")], check=True)
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
