"""Seal every second factor with the present SECRET_KEY: the step that ends a change of key (docs/operate.md)."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from django.core.management.base import BaseCommand, CommandError

from accounts import services
from core.actors import SYSTEM


class Command(BaseCommand):
    """`manage.py reseal_secrets`: run it with the former key in SECRET_KEY_FALLBACKS; run it as often as one likes."""

    help = "Seal every second factor with the present SECRET_KEY; the former key can then be dropped from SECRET_KEY_FALLBACKS."

    def handle(self, *args: Any, **options: Any) -> None:
        """Reseal, and say how many."""
        try:
            count = services.reseal_secrets(by=SYSTEM)
        except ImproperlyConfigured as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"{count} second factors are sealed with the present key.")
