"""`make demo`: the whole portal on this machine, ready to be tried. `manage.py` has checked the port and started the databases."""

from __future__ import annotations

import json
import logging
import os
import re
import signal
import sys
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management import CommandError, call_command, get_commands
from django.core.management.base import BaseCommand
from django.db import connections
from django.utils.module_loading import import_string

from core.supervisor import Program, Stopped, Supervisor, step
from core.wall.install import make_login

GREEN_WITHIN_SECONDS = 180
# Under which the children serve, as in production: it owns no table. This command, which migrates, signs in as the owner.
SERVING_LOGIN = "portal_demo"
# What fills the database, in order; each can be run again and keeps what users changed.
LOADERS = (("load_holidays", "Morocco's holidays loaded"), ("load_reference", "reference data loaded"), ("load_demo", "demo data loaded"))


def signed_in_as(login: str, address: str) -> str:
    """The same database, through another login of this machine's own server, which asks no password."""
    return re.sub(r"(?<=//)[^@/]*@", f"{login}:@", address)


class Command(BaseCommand):
    """Prepares the database, then runs the web server, a Celery worker and beat until Ctrl-C."""

    help = "Runs the whole portal on this machine with demo data, until Ctrl-C. PORT chooses the port (8000)."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        """Prepare, run, say where to look; stop everything in order at the end."""
        if not settings.DEMO:
            raise CommandError("The demo runs through `make demo` or `manage.py demo`, which set PORTAL_MODE=demo.")
        try:
            self.prepare()
        except Stopped:
            self.say("\nStopped before the end: what was done is kept, `make demo` goes on from there.")
            raise
        supervisor = Supervisor(self.programs(), say=self.say)
        try:
            supervisor.start()
            green = supervisor.run(seconds=GREEN_WITHIN_SECONDS, until=self.is_green)
            step("web server, worker and beat are up" if green else "web server, worker and beat were started")
            if not green:
                self.say(f"! Not everything answers yet: see {self.address()}/healthz and {self.logs()}")
            self.welcome()
            supervisor.run()
        finally:
            self.say("\nStopping…")
            supervisor.stop()
            self.say("Stopped: no process is left. `make demo` starts again where you were.")

    def prepare(self) -> None:
        """Schema, translations, reference and demo data: all idempotent. What they log goes beside the children's logs."""
        self.logs().mkdir(parents=True, exist_ok=True)
        handler = logging.FileHandler(self.logs() / "prepare.log", encoding="utf-8")
        handler.setFormatter(next((other.formatter for other in logging.root.handlers if other.formatter), None))
        logging.root.handlers = [handler]
        call_command("migrate", verbosity=0, skip_checks=True)
        make_login(SERVING_LOGIN)
        step("database schema is up to date")
        call_command("compile_messages", verbosity=0)
        step("translations compiled")
        known = get_commands()
        for command, done in LOADERS:
            if command not in known:
                continue
            call_command(command, stdout=open(os.devnull, "w"))  # noqa: SIM115 - closed with the process
            step(done)
        connections.close_all()

    def programs(self) -> tuple[Program, ...]:
        """The three children; their output goes to var/log, one JSON object a line."""
        python, logs = sys.executable, self.logs()
        celery = [python, "-m", "celery", "--app", "config", "--quiet"]
        # The demo also runs as root in a container, on this machine's own data only.
        slow = {"STATEMENT_TIMEOUT_MS": "300000", "PYTHONWARNINGS": "ignore:You're running the worker with superuser"}
        serving = {"DATABASE_URL": signed_in_as(SERVING_LOGIN, os.environ["DATABASE_URL"])}
        schedule = str(settings.VAR_DIR / "beat-schedule")
        return (
            Program(
                "worker",
                [*celery, "worker", "--concurrency", "2", "--without-gossip", "--without-mingle"],
                logs / "worker.log",
                environment=serving | slow,
            ),
            Program(
                "beat",
                [*celery, "beat", "--schedule", schedule, "--pidfile", ""],
                logs / "beat.log",
                environment=serving,
                patience=10,
            ),
            Program(
                "web",
                [python, "-m", "gunicorn", "-c", "config/gunicorn.py", "config.wsgi"],
                logs / "web.log",
                environment=serving,
                stop_signal=signal.SIGTERM,
            ),
        )

    @staticmethod
    def logs() -> Path:
        """Where the children write."""
        return Path(settings.VAR_DIR) / "log"

    @staticmethod
    def address() -> str:
        """The address to open in a browser."""
        return str(settings.SITE_URL)

    @staticmethod
    def is_green() -> bool:
        """Whether every part of the portal says it is well."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{os.environ['PORT']}/healthz", timeout=5) as answer:
                return bool(json.load(answer).get("status") == "ok")
        except (OSError, ValueError):
            return False

    def welcome(self) -> None:
        """The address, an account per role, and what to try first."""
        accounts = import_string(settings.DEMO_ACCOUNTS)() if "load_demo" in get_commands() else []
        lines = ["", f"  The portal is at  {self.address()}/", ""]
        if accounts:
            width = max(len(str(account["email"])) for account in accounts)
            lines.append("  Accounts of the demonstration:")
            lines += [f"    {account['email']!s:<{width}}  {account['password']}  {account['role']}" for account in accounts]
            lines.append("")
        lines += [
            "  Try first:",
            "    1. Sign in as the CNT secretariat, open the convention, and declare a commitment delivered, with its evidence.",
            "    2. Sign in as ONMT's convention manager (the second-factor page shows the code) and contest it with a reason.",
            "    3. Read the ledger on both sides, then ask for the progress report in French or in Arabic.",
            f"    4. Read the mails that left: {self.address()}/demo/mails/",
            "",
            f"  Also: {self.address()}/admin/ (staff) · /public/ (published progress) · /api/v1/docs/ (API) · /healthz",
            f"  Logs: {self.logs()}    Stop: Ctrl-C",
            "",
        ]
        self.say("\n".join(lines))

    def say(self, text: str) -> None:
        """Print at once, also through a pipe."""
        self.stdout.write(text)
        self.stdout.flush()
