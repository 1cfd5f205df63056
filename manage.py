#!/usr/bin/env python
"""The command line. Without DATABASE_URL, commands that need a database run on the embedded one under var/."""

import os
import sys
from contextlib import nullcontext

# Commands that read no row: they start no database.
WITHOUT_DATABASE = {
    "check", "collectstatic", "compile_messages", "extract_messages", "diffsettings", "findstatic", "help", "makemigrations",
    "sqlmigrate", "version", "spectacular", "demo", "show_urls",
}  # fmt: skip


def main() -> None:
    """Run one command."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    command = sys.argv[1] if len(sys.argv) > 1 else "help"
    if command == "demo":
        os.environ.setdefault("PORTAL_MODE", "demo")
    given = bool(os.environ.get("DATABASE_URL"))
    from config.embedded import services
    from config.environment import MODE, VAR_DIR

    os.environ.setdefault("PORTAL_MODE", MODE.value)
    from django.core.management import execute_from_command_line

    with nullcontext() if given or command in WITHOUT_DATABASE else services(VAR_DIR):
        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
