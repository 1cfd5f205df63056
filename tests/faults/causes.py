"""What a run asks of the portal: mails, notifications, mails of the day, reminders and reports, through its own services.

Whoever asks meets the faults too, and asks again until the database says yes: every cause has a key, so it exists once.
"""

from __future__ import annotations

import hashlib
import random
import time
from typing import TYPE_CHECKING, Any

from django.core.files.storage import default_storage
from django.db import DatabaseError, IntegrityError, InterfaceError, close_old_connections, connection

from core import clock, jobs
from core.actors import SYSTEM
from core.choices import Delivery, MailStatus
from core.mail import Notice, notify, notify_many, send_mail
from core.mail import store as mail_store
from core.models import Job, OutboxMail, Preference, ReminderOccurrence
from core.models.mail import DIGEST
from partnership.notifications.ledger import CommitmentDeclared
from partnership.reminders import CommitmentDue
from tests.factories.accounts import UserFactory
from tests.factories.partnership import AxisFactory, CommitmentFactory, ConventionFactory
from tests.factories.world import World, build_world
from tests.faults.verdict import Key, Row, Work

if TYPE_CHECKING:
    import threading
    from collections.abc import Callable

# Reports on demand are mostly tables; one in five is a PDF, rendered in a process of its own.
FORMATS = ("csv", "csv", "csv", "xlsx", "pdf")
REMINDED = ("administrator@cnt.example", "member@cnt.example")


def insist(call: Callable[[], Any]) -> Any:
    """Call until the database takes it, as a person does who presses the button again."""
    while True:
        try:
            close_old_connections()
            return call()
        except IntegrityError:
            raise
        except (DatabaseError, InterfaceError):
            connection.close()
            time.sleep(0.3)


class Causes:
    """Asks for things and remembers what must come of them: `expected` holds (address, marker)."""

    def __init__(self, seed: int) -> None:
        self.chance = random.Random(seed)
        self.expected: set[Key] = set()
        self.numbers = iter(range(1, 1_000_000))
        self.world: World = build_world()
        self.reader = UserFactory(email="lecteur@example.ma")
        people = [self.world.users[key] for key in self.world.users if self.world.users[key].email in REMINDED]
        Preference.objects.bulk_create([Preference(user=user, kind=CommitmentDue.kind, delivery=Delivery.IMMEDIATE) for user in people])
        self.reminders: set[str] = set()
        # Reports are made of a convention of an ordinary size, not of the one that holds every reminder of the run.
        self.reported = ConventionFactory(reference="RAPPORT", organisations=[self.world.onmt, self.world.cnt])
        axis = AxisFactory(convention=self.reported, order=1)
        for _number in range(12):
            CommitmentFactory(axis=axis)

    def _marker(self) -> str:
        return f"F{next(self.numbers):06d}"

    def mail(self) -> None:
        """One mail to an address without an account."""
        marker = self._marker()
        address = f"{marker.lower()}@example.ma"
        data = {"reference": "E-01", "title": marker, "obligor": "ONMT", "beneficiary": "CNT", "due_on": "3 décembre 2026"}
        template = "partnership/emails/reminder_commitment_due"
        insist(lambda: send_mail(to=address, language="fr", template=template, data=data, key=f"faults:{marker}", sensitive=False))
        self.expected.add((address, marker))

    def notice(self) -> None:
        """One urgent notification: its own mail."""
        marker = self._marker()
        message = CommitmentDeclared(self.world.owed_by_cnt, by=SYSTEM, title=marker)
        insist(lambda: notify(message, to=[self.reader], key=f"faults:{marker}"))
        self.expected.add((self.reader.email, marker))

    def reminder(self) -> None:
        """A commitment that falls due today: beat's round must find it and remind the two people of the CNT."""
        marker = self._marker()

        def create() -> None:
            try:
                CommitmentFactory(
                    axis=self.world.axis, reference=marker, title_fr=f"Engagement {marker}", due_on=clock.today(),
                    obligor=self.world.party_cnt, beneficiary=self.world.party_onmt,
                )  # fmt: skip
            except IntegrityError:  # the first time was committed, only its answer was lost
                return

        insist(create)
        self.reminders.add(marker)
        self.expected |= {(address, marker) for address in REMINDED}

    def digests(self, people: int) -> None:
        """Three notifications each to so many people, told in one go: one mail of the day each."""
        users = [UserFactory() for _ in range(people)]
        markers = [[self._marker() for _ in range(3)] for _user in users]
        notices = [
            Notice(CommitmentDue(about=self.world.owed_by_cnt, url="/", data={"title": marker}), (user,), f"faults:{marker}")
            for user, own in zip(users, markers, strict=True)
            for marker in own
        ]
        insist(lambda: notify_many(notices))
        self.expected |= {(user.email, marker) for user, own in zip(users, markers, strict=True) for marker in own}

    def report(self) -> None:
        """A progress report of the convention, asked for by the portal itself as the monthly one is."""
        params = {"convention": str(self.reported.pk), "format": self.chance.choice(FORMATS)}
        unique = f"faults:{self._marker()}"
        insist(lambda: jobs.request_job(kind="convention_progress", params=params, by=SYSTEM, unique=unique, language="fr"))

    def something(self) -> int:
        """One cause at random; gives how many mails it is worth."""
        kind = self.chance.choices(("mail", "notice", "reminder"), weights=(50, 20, 30))[0]
        getattr(self, kind)()
        return 2 if kind == "reminder" else 1

    def many(self, mails: int, reports: int, seconds: float, stopping: threading.Event) -> None:
        """So many mails' worth of causes and reports, in bursts spread over so many seconds. Runs in a thread of its own."""
        try:
            began = time.monotonic()
            given = asked = 0
            while given < mails and not stopping.is_set():
                share = min(1.0, (time.monotonic() - began) / seconds) if seconds else 1.0
                while given < mails * share and not stopping.is_set():
                    given += self.something()
                while asked < reports * share and not stopping.is_set():
                    self.report()
                    asked += 1
                stopping.wait(self.chance.uniform(0.5, 2.5))
        finally:
            connection.close()

    # -- the end ---------------------------------------------------------------------------------------------------
    def unsettled(self) -> list[str]:
        """What the portal has still to do, in words; empty when it is done."""
        return list(insist(self._unsettled))

    def _unsettled(self) -> list[str]:
        told = ReminderOccurrence.objects.filter(recipient__email__in=REMINDED, kind=CommitmentDue.kind).count()
        waiting = OutboxMail.objects.filter(status__in=[MailStatus.QUEUED, MailStatus.SENDING])
        # The mail of tomorrow is tomorrow's matter: a monthly report may have been announced in it.
        states = list(waiting.exclude(kind=DIGEST, day__gt=clock.today()).values_list("status", flat=True))
        working = list(Job.objects.unfinished().values_list("state", flat=True))
        missing = len(self.reminders) * len(REMINDED) - told
        return [
            *([f"{missing} reminders not found yet"] if missing > 0 else []),
            *([f"{states.count(state)} mails still {state}" for state in sorted(set(states))]),
            *([f"{working.count(state)} jobs still {state}" for state in sorted(set(working))]),
        ]

    def rows(self) -> dict[str, Row]:
        """Every mail of the outbox, by its Message-ID."""
        gathering = mail_store.GATHERING
        return {
            row.message_id: Row(
                row.status,
                row.attempts,
                row.max_attempts,
                (row.created_at + gathering if row.kind == DIGEST else row.created_at).timestamp(),
            )
            for row in OutboxMail.objects.all()
        }

    def works(self) -> list[Work]:
        """Every job, with what the audit trail and the disk say of it."""
        return [
            Work(
                f"{row.params.get('format')} {row.pk}",
                row.state,
                row.events.filter(state="done").count(),  # type: ignore[attr-defined]  # pghistory's table
                _is_whole(row),
            )
            for row in Job.objects.all()
        ]


def _is_whole(row: Job) -> bool:
    if not row.result or not default_storage.exists(str(row.result.name)):
        return False
    with default_storage.open(str(row.result.name)) as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest() == row.sha256
