"""Loads Morocco's public holidays, religious ones estimated; may be run again at any time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand

from core.calendar import load_holidays, years_kept

if TYPE_CHECKING:
    from django.core.management.base import CommandParser


class Command(BaseCommand):
    """What somebody has confirmed is never changed."""

    help = "Load the public holidays of Morocco from last year to three years ahead; confirmed days are kept."

    def add_arguments(self, parser: CommandParser) -> None:
        """Which years."""
        parser.add_argument("--years", nargs="*", type=int, help="years to load (last year to three years ahead)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Load, and say how many days were written."""
        count = load_holidays(years=options["years"] or list(years_kept()))
        self.stdout.write(f"{count} holidays written")
