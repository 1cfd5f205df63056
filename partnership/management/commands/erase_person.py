"""`manage.py erase_person ADDRESS --reason …`: erase what is held about somebody; shows the consequences, then asks."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import translation

from core.actors import SYSTEM
from core.errors import Refusal
from partnership.privacy import subject_at
from partnership.selectors.erasure import consequences
from partnership.services.erasure import erase_account, erase_person

if TYPE_CHECKING:
    from django.core.management.base import CommandParser


class Command(BaseCommand):
    """Erase one person's data."""

    help = "Erase the personal data of somebody (found by e-mail address). It cannot be undone."

    def add_arguments(self, parser: CommandParser) -> None:
        """The address, why, and whether to ask."""
        parser.add_argument("email", help="the e-mail address of the account or of the person")
        parser.add_argument("--reason", required=True, help="why: the audit trail keeps it, without the name")
        parser.add_argument("--yes", action="store_true", help="do not ask for confirmation")

    def handle(self, *args: Any, **options: Any) -> None:
        """Show, ask, erase; or say why not."""
        subject = subject_at(options["email"])
        if subject is None:
            raise CommandError("Nobody is known at this address.")
        with translation.override("en"):
            for line in consequences(subject):
                self.stdout.write(f"  {line}")
            if not options["yes"] and input("This cannot be undone. Type ERASE to go on: ") != "ERASE":
                raise CommandError("Nothing was erased.")
            try:
                if subject.person is not None:
                    erasure = erase_person(person=subject.person, reason=options["reason"], by=SYSTEM)
                else:
                    assert subject.account is not None
                    erasure = erase_account(user=subject.account, reason=options["reason"], by=SYSTEM)
            except Refusal as refusal:
                raise CommandError(str(refusal.message)) from refusal
        self.stdout.write(f"Erased. What remains stands under: {erasure.label}")
        if erasure.left_in_texts:
            self.stdout.write("Somebody else bears the same name or uses the same line: free texts were left, and have to be read.")
