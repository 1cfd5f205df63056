"""The demo starts whole, shows itself well, and stops without leaving a process."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from core.supervisor import Program, Supervisor, important, port_is_free, read_port
from tests.cluster import migrated_cluster

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

ROOT = Path(__file__).resolve().parents[2]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _processes_of(folder: Path) -> list[str]:
    """The command lines and environments that name a folder: whoever still runs on it."""
    found = []
    for entry in Path("/proc").glob("[0-9]*"):
        try:
            text = (entry / "cmdline").read_bytes() + (entry / "environ").read_bytes()
            state = (entry / "stat").read_text().rpartition(")")[2].split()[0]
        except OSError:
            continue
        if str(folder).encode() in text and state != "Z" and int(entry.name) != os.getpid():
            found.append(f"{entry.name} {text.split(bytes(2))[0][:200]!r}")
    return found


def _wait(condition: Callable[[], bool], seconds: float) -> bool:
    limit = time.monotonic() + seconds
    while time.monotonic() < limit:
        if condition():
            return True
        time.sleep(0.2)
    return False


@contextmanager
def _demo(folder: Path, port: int, output: Path) -> Iterator[subprocess.Popen[bytes]]:
    keep = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    environment = keep | {"PORTAL_VAR": str(folder), "PORT": str(port), "PYTHONUNBUFFERED": "1"}
    with output.open("wb") as stream:
        process = subprocess.Popen(
            [sys.executable, "manage.py", "demo"], cwd=ROOT, env=environment, stdout=stream, stderr=subprocess.STDOUT
        )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
            process.wait(timeout=60)


def _health(port: int) -> dict[str, object]:
    try:
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/healthz", timeout=5) as answer:
            content: dict[str, object] = json.load(answer)
            return content
    except OSError:
        return {}


@pytest.mark.slow
def test_the_demo_when_started_and_stopped_then_was_well_and_leaves_no_process(tmp_path: Path) -> None:
    folder, port, output = tmp_path / "a folder with spaces", _free_port(), tmp_path / "output.txt"
    folder.mkdir()
    # cp keeps owner and mode. The schema is already made: the demo's own migrate finds nothing to do.
    subprocess.run(["cp", "-a", str(migrated_cluster() / "postgres"), str(folder / "postgres")], check=True)
    with _demo(folder, port, output) as process:
        assert _wait(lambda: "Stop: Ctrl-C" in output.read_text() or process.poll() is not None, 240)
        assert process.poll() is None, output.read_text()
        assert _health(port)["status"] == "ok"
        busy = subprocess.run(
            [sys.executable, "manage.py", "demo"],
            cwd=ROOT, env=os.environ | {"PORTAL_VAR": str(tmp_path / "other"), "PORT": str(port), "DATABASE_URL": ""},
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip

        process.send_signal(signal.SIGINT)
        process.wait(timeout=90)

    assert process.returncode == 0
    assert f"http://localhost:{port}/" in output.read_text()
    assert "Stopped: no process is left." in output.read_text()
    assert _wait(lambda: _processes_of(folder) == [], 5), _processes_of(folder)
    assert port_is_free(port)
    assert (busy.returncode, busy.stdout) == (1, "")
    assert (
        busy.stderr.strip() == f"portal: port {port} is already in use: stop what listens there, or choose another one with PORT={port + 1}"
    )
    logs = [line for name in ("web", "worker", "beat") for line in (folder / "log" / f"{name}.log").read_text().splitlines()]
    assert len(logs) > 10
    assert [line for line in logs if not line.startswith("{")] == ["", "worker: Warm shutdown (MainProcess)"]


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_program_when_asked_to_stop_twice_then_cleans_up_whole_and_ends_well(number: signal.Signals) -> None:
    script = (
        "import time\n"
        "from core.supervisor import stop_on_signals\n"
        "stop_on_signals()\n"
        "try:\n"
        "    print('ready', flush=True)\n"
        "    time.sleep(60)\n"
        "finally:\n"
        "    time.sleep(0.5)\n"
        "    print('clean', flush=True)\n"
    )
    with subprocess.Popen([sys.executable, "-c", script], cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        process.send_signal(number)
        time.sleep(0.1)
        process.send_signal(number)
        assert (process.communicate(timeout=20)[0], process.returncode) == ("clean\n", 0)


def test_a_port_when_nonsense_then_is_refused_in_one_line() -> None:
    for text in ("0", "65536", "http", "-1", "80 80"):
        with pytest.raises(SystemExit, match="expected a number from 1 to 65535"):
            read_port(text)


def test_a_port_when_taken_on_loopback_only_then_is_refused() -> None:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()

        with pytest.raises(SystemExit, match="is already in use"):
            read_port(str(server.getsockname()[1]))


def _supervise(tmp_path: Path, script: str, *, patience: float = 5) -> tuple[Supervisor, Program, list[str]]:
    said: list[str] = []
    program = Program("child", [sys.executable, "-u", "-c", script], tmp_path / "child.log", patience=patience)
    return Supervisor([program], say=said.append), program, said


def test_a_child_when_it_dies_then_is_started_again(tmp_path: Path) -> None:
    supervisor, program, said = _supervise(tmp_path, "import time; time.sleep(600)")
    supervisor.start()
    assert program.process is not None
    first = program.process.pid
    os.kill(first, signal.SIGKILL)

    restarted = supervisor.run(seconds=15, until=lambda: program.process is not None and program.process.pid != first)
    supervisor.stop()

    assert restarted
    assert program.falls == 1
    assert said[0].startswith("! child stopped (exit code -9); starting it again in 1 s.")


def test_a_child_when_it_falls_again_and_again_then_waits_longer_each_time(tmp_path: Path) -> None:
    supervisor, program, said = _supervise(tmp_path, "raise SystemExit(3)")
    supervisor.start()

    supervisor.run(seconds=20, until=lambda: program.falls == 3)
    supervisor.stop()

    assert [line.partition("again in ")[2].split(" s")[0] for line in said] == ["1", "2", "5"]


def test_a_child_when_it_will_not_stop_then_is_killed_with_its_own_children(tmp_path: Path) -> None:
    script = (
        "import signal, subprocess, sys, time\n"
        "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
        f"child = subprocess.Popen([sys.executable, '-c', 'import time; time.sleep(600) # {tmp_path}'])\n"
        "print('ready', flush=True)\n"
        "time.sleep(600)\n"
    )
    supervisor, _program, said = _supervise(tmp_path, script, patience=1)
    supervisor.start()
    assert _wait(lambda: "ready" in (tmp_path / "child.log").read_text(), 20)

    supervisor.stop()

    assert said == ["! child did not stop within 1 s: killed"]
    assert _wait(lambda: _processes_of(tmp_path) == [], 5)


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ('{"event": "request_finished", "level": "info"}', ""),
        ('{"event": "task_failed", "level": "error", "request_id": "1"}', "error task_failed"),
        ('{"event": "two\\nlines", "level": "warning"}', "warning two"),
        ("Traceback (most recent call last):", ""),
        ("ValueError: no", "ValueError: no"),
        ("[1, 2]", ""),
        ("", ""),
    ],
)
def test_a_log_line_when_read_then_only_what_matters_is_shown(line: str, shown: str) -> None:
    assert important(line + "\n") == shown
