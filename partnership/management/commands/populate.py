"""Fills the database with synthetic volume, to look at lists and measure them at their real size."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from core.errors import Refusal
from partnership.demo.volume import populate


class Command(BaseCommand):
    """Refused in production."""

    help = (
        "Add synthetic volume: at scale 1, 10,000 organisations, 5,000 commitments, 20,000 actions and 1,000 accounts that nobody "
        "can open. Rows already made are kept; a larger scale adds the rest. Refused in production."
    )

    def add_arguments(self, parser: Any) -> None:
        """The scale, and whether the rows enter the audit trail."""
        parser.add_argument("--scale", type=float, default=1.0, help="from 0.05 to 10 (default 1)")
        parser.add_argument(
            "--without-history",
            action="store_true",
            help="leave the audit triggers out of these rows: three times faster, no trail of them",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Fill, a line a table."""
        if settings.PRODUCTION:
            raise CommandError("Synthetic volume is never made in production (DATABASE_URL without PORTAL_MODE=demo).")
        try:
            added = populate(scale=options["scale"], history=not options["without_history"], say=self._say)
        except Refusal as refusal:
            raise CommandError(str(refusal)) from refusal
        self.stdout.write(f"{sum(added.values()):,} rows added, all synthetic and marked so.")

    def _say(self, line: str) -> None:
        self.stdout.write(line)
        self.stdout.flush()
