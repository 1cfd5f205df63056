"""Measure what a refused sign-in costs for each kind of account: no difference may tell that an address has one."""

from __future__ import annotations

import gc
import statistics
import time
from operator import truediv
from typing import TYPE_CHECKING, Any, Final

from django.contrib.auth.hashers import make_password
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from accounts.models import User

if TYPE_CHECKING:
    from django.core.management.base import CommandParser

WRONG: Final = "not the password of anybody"
KINDS: Final = ("known", "unknown", "closed", "passwordless")


def _refuse(email: str) -> None:
    """What signing in does with a wrong password, without the limits that would stop a measure after ten."""
    from allauth.account.auth_backends import AuthenticationBackend

    AuthenticationBackend().authenticate(None, email=email, password=WRONG)


class Command(BaseCommand):
    """`manage.py measure_sign_in`: medians of processor time, in an undone transaction. Fails above the tolerance (G12: 10 %)."""

    help = "Median processor time of a refused sign-in, for known, unknown, closed and passwordless accounts."

    def add_arguments(self, parser: CommandParser) -> None:
        """How many times each, and what is tolerated."""
        parser.add_argument("--rounds", type=int, default=15, help="attempts of each kind (15)")
        parser.add_argument("--tolerance", type=float, default=10.0, help="largest difference from the known account's, in percent (10)")

    def handle(self, *args: Any, **options: Any) -> None:
        """Measure in turn, each round in another order, and compare within a round: a busy machine slows all of them alike."""
        taken: dict[str, list[float]] = {kind: [] for kind in KINDS}
        with transaction.atomic():
            addresses = self._accounts()
            for kind in KINDS:
                _refuse(addresses[kind])
            for number in range(options["rounds"]):
                turn = number % len(KINDS)
                for kind in KINDS[turn:] + KINDS[:turn]:
                    gc.disable()
                    start = time.process_time()
                    _refuse(addresses[kind])
                    taken[kind].append(time.process_time() - start)
                    gc.enable()
            transaction.set_rollback(True)
        medians = {kind: statistics.median(values) for kind, values in taken.items()}
        for kind, median in medians.items():
            self.stdout.write(f"{kind:<14}{median * 1000:9.2f} ms")
        ratios = {kind: statistics.median(map(truediv, values, taken["known"])) for kind, values in taken.items()}
        worst = max(abs(ratio - 1) for ratio in ratios.values()) * 100
        self.stdout.write(f"largest difference {worst:.1f} % (tolerated: {options['tolerance']:g} %)")
        if worst > options["tolerance"]:
            raise CommandError("The time of a refusal tells whether an address has an account.")

    @staticmethod
    def _accounts() -> dict[str, str]:
        """An account of each kind, that the transaction undoes; the address of each."""
        password = make_password("the password of nobody else 2026")
        addresses = {kind: f"measure-{kind}@sign-in.invalid" for kind in KINDS}
        for kind in ("known", "closed", "passwordless"):
            account = User(email=addresses[kind], full_name="Measure", is_active=kind != "closed")
            account.password = password
            if kind == "passwordless":
                account.set_unusable_password()
            account.save()
        return addresses
