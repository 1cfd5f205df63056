"""The web server's settings: `gunicorn -c config/gunicorn.py config.wsgi`.

Reading the portal's settings here refuses a bad environment with one line, before any worker starts.
"""

from __future__ import annotations

import os
import shutil
import socket
from pathlib import Path
from typing import Any

from config import environment

environment.require_database()
from gunicorn.workers import gthread  # noqa: E402  (the refusal above comes first)

from config.settings import LOGGING  # noqa: E402

host = os.environ.get("HOST", "127.0.0.1")
port = environment.number("PORT", default=8000, lowest=1, highest=65535)


def _addresses() -> list[str]:
    """Where to listen: BIND when given, else HOST and PORT; « localhost » is two addresses where IPv6 exists."""
    if os.environ.get("BIND"):
        return [os.environ["BIND"]]
    found = [f"{host}:{port}"]
    if host == "127.0.0.1":
        try:
            with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as probe:
                probe.bind(("::1", 0))
        except OSError:
            return found
        found.append(f"[::1]:{port}")
    return found


bind = _addresses()
# Few threads: Python in four threads only fights for its lock (measured; docs/operate.md tells how to size).
workers = environment.number("WEB_WORKERS", default=2, lowest=1, highest=64)
threads = environment.number("WEB_THREADS", default=2, lowest=1, highest=16)
worker_class = "gthread"
# A connection that says nothing holds its thread this long before it waits outside of them (5 s otherwise): browsers open some
# in advance, and a few idle ones would stop a server of two threads.
gthread.DEFAULT_WORKER_DATA_TIMEOUT = 0.05
timeout = 60
graceful_timeout = 20
keepalive = 5
max_requests = 5000
max_requests_jitter = 500
proc_name = "portal-web"
control_socket_disable = True
if Path("/dev/shm").is_dir():  # noqa: S108 - heartbeat files of the workers must not wait for a disk
    worker_tmp_dir = "/dev/shm"  # noqa: S108

# One JSON object a line, from gunicorn itself too; each request is logged by the application with its request id.
logconfig_dict: dict[str, Any] = LOGGING | {
    "loggers": LOGGING["loggers"]
    | {"gunicorn.error": {"level": "INFO", "handlers": [], "propagate": True}, "gunicorn.access": {"handlers": []}}
}

# Counters of the requests are shared by the workers through files in this folder, empty at each start.
metrics = Path(os.environ.setdefault("PROMETHEUS_MULTIPROC_DIR", str(environment.VAR_DIR / f"metrics-{port}")))


def on_starting(server: Any) -> None:
    """Counters start from zero with the server, as Prometheus expects."""
    shutil.rmtree(metrics, ignore_errors=True)
    metrics.mkdir(parents=True, exist_ok=True)


def post_worker_init(worker: Any) -> None:
    """What this process reads outside a request is read as nobody."""
    from core import wall

    wall.start_closed()


def child_exit(server: Any, worker: Any) -> None:
    """A worker that ended takes its live gauges with it; its counts stay."""
    from prometheus_client import multiprocess

    multiprocess.mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]
