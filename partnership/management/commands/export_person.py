"""`manage.py export_person ADDRESS FILE`: everything held about somebody, as the archive that the person would download."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from core.privacy.export import write_archive
from partnership.privacy import subject_at

if TYPE_CHECKING:
    from django.core.management.base import CommandParser


class Command(BaseCommand):
    """Write the archive of one person."""

    help = "Write everything held about somebody (found by e-mail address) to a ZIP archive."

    def add_arguments(self, parser: CommandParser) -> None:
        """The address, and the file."""
        parser.add_argument("email", help="the e-mail address of the account or of the person")
        parser.add_argument("file", type=Path, help="the archive to write; refused when it exists")
        parser.add_argument("--language", default="fr", choices=[code for code, _name in settings.LANGUAGES])

    def handle(self, *args: Any, **options: Any) -> None:
        """Write it, or say why not."""
        subject = subject_at(options["email"])
        if subject is None:
            raise CommandError("Nobody is known at this address.")
        target: Path = options["file"]
        if target.exists():
            raise CommandError(f"{target} exists already.")
        if not target.parent.is_dir():
            raise CommandError(f"There is no folder {target.parent}.")
        with translation.override(options["language"]):
            write_archive(subject, target)
        target.chmod(0o600)
        self.stdout.write(f"{target} written.")
