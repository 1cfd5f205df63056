"""A PostgreSQL data directory whose database is migrated: made once, copied for each run that needs one."""

from __future__ import annotations

import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def _schema_hash() -> str:
    """Changes with any migration, any model or policy (triggers and policies are installed after migrating) and any pinned package."""
    digest = hashlib.sha256()
    for path in sorted(
        [
            *ROOT.glob("*/migrations/*.py"),
            *ROOT.glob("*/models/*.py"),
            *ROOT.glob("core/wall/*.py"),
            *ROOT.glob("*/policies.py"),
            ROOT / "requirements.txt",
            ROOT / "core" / "audit.py",
        ]
    ):
        digest.update(str(path.relative_to(ROOT)).encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def migrated_cluster() -> Path:
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
