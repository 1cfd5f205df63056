"""Loads the demonstration. May be run again at any time: what people changed is kept."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from partnership.demo.load import load_demonstration
from partnership.demo.people import ACCOUNTS, PASSWORD


def credentials() -> list[dict[str, str]]:
    """The accounts of the demonstration, one per role: address, password, what it is for in the reader's language."""
    return [{"email": account.email, "password": PASSWORD, "role": str(account.role)} for account in ACCOUNTS]


class Command(BaseCommand):
    """Refused in production."""

    help = "Load the demonstration: the 2022 convention, invented operators and an account per role. Refused in production."

    def handle(self, *args: Any, **options: Any) -> None:
        """Load, then print the accounts."""
        if settings.PRODUCTION:
            raise CommandError("The demonstration is never loaded in production (DATABASE_URL without PORTAL_MODE=demo).")
        load_demonstration()
        for account in credentials():
            self.stdout.write(f"{account['email']}  {account['password']}  {account['role']}")
