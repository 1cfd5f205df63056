"""Compiles the translations (.po to .mo) without GNU gettext. The compiled files are not committed."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import polib
from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils.translation.reloader import translation_file_changed


def compile_catalogue(source: Path, *, force: bool = False) -> bool:
    """Write the .mo beside a .po when it is missing or older; a reader sees the old one or the new one, never a half."""
    target = source.with_suffix(".mo")
    if not force and target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
        return False
    draft = target.with_name(f".{target.name}.{os.getpid()}")
    polib.pofile(str(source), encoding="utf-8").save_as_mofile(str(draft))
    draft.replace(target)
    # What this process has read so far, perhaps an absent catalogue, is read again: the demo's messages are written right after.
    translation_file_changed(sender=None, file_path=target)
    return True


class Command(BaseCommand):
    """Compiles what is stale under LOCALE_PATHS."""

    help = "Compiles the translations that changed."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: Any) -> None:
        """`--force` compiles everything again."""
        parser.add_argument("--force", action="store_true", help="compile again even what is up to date")

    def handle(self, *args: Any, **options: Any) -> None:
        """Compile, and say how many were."""
        sources = sorted(source for folder in settings.LOCALE_PATHS for source in Path(folder).glob("*/LC_MESSAGES/*.po"))
        done = sum(compile_catalogue(source, force=options["force"]) for source in sources)
        if options["verbosity"]:
            self.stdout.write(f"{done} of {len(sources)} translation files compiled.")
