"""Plant each fault in a copy of the tree, run the tests that should see it, and say who lived.

`python -m tests.mutants [slug…]`; exit status 1 when a fault passes unseen, or when the tests fail without any fault.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from tests.mutants.catalogue import MUTANTS, Mutant

ROOT: Final = Path(__file__).resolve().parents[2]
# A run that neither passes nor fails in this time is one that a fault made hang: somebody would notice.
TIMEOUT: Final = 600
# pytest's exit statuses: 0 all passed, 1 some failed, 2 broken at collection.
PASSED: Final = 0
SEEN: Final = frozenset({1, 2})


def copy_of_the_tree(folder: Path) -> Path:
    """What the next commit would hold, with the installed packages and the migrated database beside it."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"], cwd=ROOT, check=True, capture_output=True
    ).stdout
    for name in filter(None, listed.decode().split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, folder / name)
    for mo in ROOT.glob("locale/*/LC_MESSAGES/*.mo"):
        shutil.copy2(mo, folder / mo.relative_to(ROOT))
    (folder / ".venv").symlink_to(ROOT / ".venv")
    (folder / "var").mkdir(exist_ok=True)
    if (ROOT / "var" / "test-cluster").is_dir():
        subprocess.run(["cp", "-a", str(ROOT / "var" / "test-cluster"), str(folder / "var")], check=True)
    return folder


def run(folder: Path, tests: str) -> int:
    """pytest's exit status in that tree; None counts as « hung » (status 1)."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("PORTAL_", "PYTEST_", "DJANGO_"))}
    command = [str(ROOT / ".venv/bin/python"), "-m", "pytest", "-q", "-x", "-n", "0", "-p", "no:cacheprovider", *tests.split()]
    try:
        return subprocess.run(command, cwd=folder, env=environment, capture_output=True, timeout=TIMEOUT, check=False).returncode
    except subprocess.TimeoutExpired:
        return 1


def judge(mutant: Mutant) -> tuple[Mutant, bool, float]:
    """Whether the suite saw the fault, and in how many seconds."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="portal-mutant-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        copy_of_the_tree(folder)
        path = folder / mutant.file
        text = path.read_text(encoding="utf-8")
        if text.count(mutant.old) != 1:
            raise SystemExit(f"{mutant.slug}: its text stands {text.count(mutant.old)} times in {mutant.file}")
        path.write_text(text.replace(mutant.old, mutant.new), encoding="utf-8")
        status = run(folder, mutant.tests)
    return mutant, status in SEEN, time.monotonic() - began


def sound(tests: str) -> bool:
    """Whether these very tests pass without any fault: a test that fails anyway sees nothing."""
    with tempfile.TemporaryDirectory(prefix="portal-mutant-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        return run(copy_of_the_tree(folder), tests) == PASSED


def main() -> int:
    """Judge all of them, or those named."""
    chosen = [mutant for mutant in MUTANTS if len(sys.argv) == 1 or mutant.slug in sys.argv[1:]]
    workers = int(os.environ.get("WORKERS", "2"))
    every = sorted({mutant.tests for mutant in chosen})
    print(f"… {len(chosen)} planted faults; first the same tests without any")  # noqa: T201
    with ThreadPoolExecutor(max_workers=workers) as pool:
        failing = [tests for tests, passed in zip(every, pool.map(sound, every), strict=True) if not passed]
    if failing:
        print(f"✗ these fail without any fault, nothing can be judged: {'; '.join(failing)}")  # noqa: T201
        return 1
    print("✓ they pass without any fault")  # noqa: T201
    lived = []
    with ThreadPoolExecutor(max_workers=workers) as pool:
        for mutant, seen, seconds in pool.map(judge, chosen):
            print(f"{'✓ seen  ' if seen else '✗ UNSEEN'}  {mutant.slug:34} {mutant.file:36} {seconds:5.0f} s")  # noqa: T201
            lived += [] if seen else [mutant.slug]
    print(f"{len(chosen) - len(lived)} of {len(chosen)} seen" + (f"; unseen: {', '.join(lived)}" if lived else ""))  # noqa: T201
    return 1 if lived else 0


if __name__ == "__main__":
    raise SystemExit(main())
