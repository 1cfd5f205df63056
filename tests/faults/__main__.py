"""`make faults`: the portal's mails, reminders and reports under a drawn history of faults; nothing may be lost.

Everything is real: PostgreSQL, broker, two Celery workers, beat, an SMTP server. Only the delays are shortened (pace.py).
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tests.faults.history import Size

ROOT = Path(__file__).resolve().parents[2]


def say(text: str) -> None:
    """At once, also through a pipe."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def main() -> int:
    """Play the histories and print their table; the exit code says whether every promise held."""
    parser = argparse.ArgumentParser(prog="python -m tests.faults", description=__doc__)
    parser.add_argument("--large", action="store_true", help="210 faults and 5,000 mails (a quarter of an hour) instead of 21 and 380")
    parser.add_argument("--seed", type=int, default=2026, help="of the history, to play it again (2026)")
    parser.add_argument("--keep", action="store_true", help="keep the folder with the logs of the processes")
    options = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="portal-faults-"))
    folder.chmod(0o755)
    with ExitStack() as stack:
        if options.keep:
            say(f"  the logs are kept in {folder}")
        else:
            stack.callback(shutil.rmtree, folder, ignore_errors=True)
        return _play(stack, folder, large=options.large, seed=options.seed)


def _play(stack: ExitStack, folder: Path, *, large: bool, seed: int) -> int:
    from tests.faults.servers import running_postgres, running_valkey

    began = monotonic()
    os.environ |= {"PORTAL_MODE": "test", "DJANGO_SETTINGS_MODULE": "config.settings", "PORTAL_VAR": str(folder), "LOG_LEVEL": "INFO"}
    os.environ["STATEMENT_TIMEOUT_MS"] = "300000"
    os.environ["PYTHONWARNINGS"] = "ignore"
    for name in ("DATABASE_URL", "REDIS_URL", "MEDIA_ROOT"):
        os.environ.pop(name, None)
    from tests.cluster import migrated_cluster

    subprocess.run(["cp", "-a", str(migrated_cluster() / "postgres"), str(folder / "postgres")], check=True)
    postgres = stack.enter_context(running_postgres(folder / "postgres"))
    valkey = stack.enter_context(running_valkey(folder / "valkey"))
    os.environ["DATABASE_URL"], os.environ["REDIS_URL"] = postgres.url, valkey.url
    import django

    django.setup()
    import logging

    logging.root.setLevel(logging.CRITICAL)  # this process asks, its refusals are part of the play; the others write their logs
    from tests.faults import history, pace
    from tests.faults.post import running_post

    pace.quicken()
    post = stack.enter_context(running_post())
    os.environ["EMAIL_URL"] = f"smtp://127.0.0.1:{post.sink.port}"
    size = history.LARGE if large else history.SMALL
    outcome = history.play(folder=folder, postgres=postgres, valkey=valkey, post=post, size=size, seed=seed, say=say)
    return report(outcome, size=size, seed=seed, seconds=monotonic() - began)


def report(outcome: dict[str, Any], *, size: Size, seed: int, seconds: float) -> int:
    """Print the table, write var/faults.json; 0 when the portal kept its promises and the checker caught the usual way."""
    say("")
    names = list(dict.fromkeys(name for part in outcome.values() for name in part["figures"]))
    say("  " + " " * 22 + "".join(f"{part:>22}" for part in outcome))
    for name in names:
        say(f"  {name:<22}" + "".join(f"{part['figures'].get(name, '—')!s:>22}" for part in outcome.values()))
    for part in outcome.values():
        for line in part["broken"]:
            say(f"  {part['title']}: {line}")
    wrong = [part["title"] for part in outcome.values() if bool(part["broken"]) != part["must_break"]]
    written = {"seed": seed, "size": size.name, "seconds": round(seconds, 1), "parts": outcome}
    (ROOT / "var").mkdir(exist_ok=True)
    (ROOT / "var" / "faults.json").write_text(json.dumps(written, indent=1, default=str), encoding="utf-8")
    say(f"\n  {seconds:.0f} s, seed {seed}; figures in var/faults.json")
    for title in wrong:
        say(f"✗ {title}: not what it must be")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
