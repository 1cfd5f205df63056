"""`python -m bench`: every row side by side at N and 10 N, one table of ratios, exit code 1 when a floor is missed."""

from __future__ import annotations

import argparse
import json
import os
import platform
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from bench.clockwork import ROOT
from bench.runner import Result, run_row
from bench.stand import standing
from bench.table import faults, lines, markdown

if TYPE_CHECKING:
    from bench.row import Row

OUT = ROOT / "bench" / "out.json"


def say(line: str) -> None:
    """What is being done, apart from the table."""
    sys.stderr.write(line + "\n")
    sys.stderr.flush()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--only", default="", help="names of rows, separated by commas")
    parser.add_argument("--rounds", type=int, default=3, help="rounds of each row (default 3)")
    parser.add_argument("--scale", type=float, default=1.0, help="N: 1 is 20,000 actions (default 1; 10 N at most 10)")
    parser.add_argument("--seconds", type=float, default=2.0, help="of load for each measure of a server (default 2)")
    parser.add_argument(
        "--full", action="store_true", help="N and 10 N as in the study (20,000 and 200,000 actions), 5 rounds, 3 s of load"
    )
    parser.add_argument("--ci", action="store_true", help="small: 1,000 and 10,000 actions, 3 rounds, floors x 0.8")
    chosen = parser.parse_args()
    if chosen.full:
        chosen.scale, chosen.rounds, chosen.seconds = 1.0, 5, 3.0
    if chosen.ci:
        chosen.scale, chosen.rounds, chosen.seconds = 0.05, 3, 1.0
    if not 0.05 <= chosen.scale <= 1:
        parser.error("--scale goes from 0.05 to 1")
    return chosen


def _rows(only: str) -> list[Row]:
    from bench.rows import ROWS

    wanted = {name.strip() for name in only.split(",") if name.strip()}
    unknown = wanted - {row.name for row in ROWS}
    if unknown:
        sys.exit(f"bench: no row is called {', '.join(sorted(unknown))}; they are {', '.join(row.name for row in ROWS)}")
    return [row for row in ROWS if not wanted or row.name in wanted]


def main() -> None:
    """Run, print, write out.json."""
    options = _options()
    for number in (signal.SIGTERM, signal.SIGINT):  # whatever ends the run, the servers it started end too
        signal.signal(number, lambda *_: sys.exit(130))
    began = time.monotonic()
    say("… starting PostgreSQL, Valkey and the three servers")
    with standing(seconds=options.seconds) as stand:
        rows = _rows(options.only)
        found: dict[str, dict[str, Result]] = {row.name: {} for row in rows}
        for size, scale in (("small", options.scale), ("large", options.scale * 10)):
            say(f"… filling to scale {scale:g}")
            stand.fill(scale, lambda line: say(f"  {line}"))
            for row in rows:
                if size == "large" and row.sizes == "small":
                    continue
                say(f"… {row.name} at scale {scale:g}")
                found[row.name][size] = run_row(row, stand, rounds=options.rounds, say=say)
                say(f"  {found[row.name][size].error or [round(figure, 3) for figure in found[row.name][size].figures()]}")
    leniency = 0.8 if options.ci else 1.0
    pairs = [(found[row.name].get("small"), found[row.name].get("large")) for row in rows]
    table = markdown(lines(pairs, leniency=leniency))
    sys.stdout.write(f"\n{_machine()}, N = scale {options.scale:g}, {time.monotonic() - began:.0f} s\n\n{table}\n")
    _write(options, [result for pair in pairs for result in pair if result is not None])
    missed = [pair for pair in pairs if faults(*pair, leniency=leniency) not in ([], ["unsure"])]
    sys.exit(1 if missed else 0)


def _machine() -> str:
    cores, load = os.cpu_count(), os.getloadavg()[1]
    return f"{datetime.now(tz=UTC):%Y-%m-%d}: ratios, one run, {cores} cores (load {load:.0f} from all that runs there)"


def _write(options: argparse.Namespace, results: list[Result]) -> None:
    commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False)  # noqa: S607
    content: dict[str, Any] = {
        "machine": {"cores": os.cpu_count(), "load": os.getloadavg(), "system": platform.platform(), "python": platform.python_version()},
        "git": commit.stdout.strip(),
        "options": vars(options),
        "rows": [result.as_json() for result in results],
    }
    OUT.write_text(json.dumps(content, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
