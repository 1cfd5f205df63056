"""Loads the reference data: regions, destinations, bodies of the sector. May be run again at any time."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand

from core.actors import SYSTEM
from partnership.services.reference import load_reference


class Command(BaseCommand):
    """What people changed is kept: only missing rows are added and empty fields filled."""

    help = "Load the regions, destinations, bodies of the sector and memberships; changes made in the portal are kept."

    def handle(self, *args: Any, **options: Any) -> None:
        """Load, and say how many rows were written."""
        for name, count in load_reference(by=SYSTEM).items():
            self.stdout.write(f"{name}: {count} written")
