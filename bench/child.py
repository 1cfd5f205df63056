"""Runs one function of a row in a process of its own and prints what it took: `python -m bench.child module:function arguments…`."""

from __future__ import annotations

import importlib
import json
import resource
import sys
import time


def main() -> None:
    """Make the function ready, then time it."""
    module, _colon, name = sys.argv[1].partition(":")
    if not module.startswith("bench.alone"):  # what runs without Django must not pay for it
        import django

        django.setup()
    work = getattr(importlib.import_module(module), name)
    ready = getattr(work, "ready", None)
    if ready is not None:
        ready()
    idle = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    wall, cpu = time.perf_counter(), time.process_time()
    work(*sys.argv[2:])
    spent = {"seconds": time.perf_counter() - wall, "cpu": time.process_time() - cpu}
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    sys.stdout.write(json.dumps(spent | {"peak_mb": max(0, peak - idle) / 1024}) + "\n")


if __name__ == "__main__":
    main()
