#!/usr/bin/env python
"""The command line. Without DATABASE_URL, commands that need a database run on the embedded one under var/."""

import os
import sys
import warnings
from contextlib import nullcontext

# Commands that read no row: they start no database.
WITHOUT_DATABASE = {
    "check", "collectstatic", "compile_messages", "extract_messages", "diffsettings", "findstatic", "help", "makemigrations",
    "sqlmigrate", "version", "spectacular",
}  # fmt: skip


def main() -> None:
    """Run one command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    command = sys.argv[1] if len(sys.argv) > 1 else "help"
    if command == "demo":
        demo()
        return
    given = bool(os.environ.get("DATABASE_URL", "").strip())
    from config.embedded import services
    from config.environment import MODE, VAR_DIR, Mode

    os.environ.setdefault("PORTAL_MODE", MODE.value)
    from django.core.management import execute_from_command_line

    # Production never runs on the embedded database: settings refuse the missing DATABASE_URL with one line.
    with nullcontext() if given or MODE is Mode.PRODUCTION or command in WITHOUT_DATABASE else services(VAR_DIR):
        execute_from_command_line(sys.argv)


def demo() -> None:
    """Everything on this machine: the port is checked before anything starts, the servers outlive the command's own children."""
    from core import supervisor

    supervisor.stop_on_signals()
    warnings.simplefilter("ignore")  # of the packages: for their developers, not for whoever tries the portal
    if os.environ.get("DATABASE_URL", "").strip() and os.environ.get("PORTAL_MODE") != "demo":
        sys.exit("portal: DATABASE_URL is set, and the demo would fill that database: unset it, or set PORTAL_MODE=demo to say it is meant")
    os.environ["PORTAL_MODE"] = "demo"
    os.environ["PORT"] = str(supervisor.read_port(os.environ.get("PORT", "").strip() or "8000"))
    from config.embedded import services
    from config.environment import VAR_DIR
    from core.supervisor import step

    with services(VAR_DIR) if not os.environ.get("DATABASE_URL", "").strip() else nullcontext():
        step("PostgreSQL and Valkey answer")
        from django.core.management import execute_from_command_line

        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
