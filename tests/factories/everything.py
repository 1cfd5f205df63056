"""The world with one row of everything that has an address: what is Atlas's, what is the parties', and what a page shows of each."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django.core.files.base import ContentFile

from accounts.roles import MandateRole
from core import clock
from core.calendar import load_holidays
from core.models import Erasure, Holiday, ImportBatch, Job, Notification, OutboxMail, PrivacyRequest, Receipt, ReminderOccurrence
from core.models.mail import about_key
from partnership.choices import Visibility
from partnership.models import Affiliation, Mandate
from partnership.reports import ProgressReport
from tests.factories import partnership as make
from tests.factories.world import World, build_world

if TYPE_CHECKING:
    from django.db.models import Model

    from accounts.models import User

TOKEN = "the-link-of-the-invitation-to-atlas"  # as it stands in the mail


@dataclass
class Everything:
    """The world, and by name the rows that addresses speak of. `mine` are Atlas's: Rif, its competitor, must not know that they exist."""

    world: World
    mine: dict[str, Model]
    shared: dict[str, Model]
    hidden: dict[str, Model]

    def row(self, noun: str, *, of: str = "mine") -> Model:
        """A row of that noun; what Atlas has none of is the parties'."""
        found: dict[str, Model] = getattr(self, of)
        return found.get(noun) or self.shared[noun]


def build_everything() -> Everything:
    """Create it all."""
    world = build_world()
    load_holidays(years=[2026])
    between: dict[str, Any] = {"organisations": [world.onmt, world.cnt], "visibility": Visibility.PARTIES}
    draft = make.ConventionFactory(reference="ONMT-CNT-2027", title_fr="Avenant réservé", status="draft", **between)
    quiet = make.ConventionFactory(reference="ONMT-CNT-2026", title_fr="Accord réservé", **between)
    shared: dict[str, Model] = {
        "convention": world.convention, "commitment": world.owed_by_cnt, "axis": world.axis, "party": world.party_cnt,
        "holiday": Holiday.objects.all()[0], "region": make.RegionFactory(code="MA-07"),
        "destination": make.DestinationFactory(),
        "receipt": Receipt.objects.create(processing="accounts", number="D-123/2026", received_on=clock.today()),
        "erasure": Erasure.objects.create(label="Ancien membre de FNIH (abc123)", finished_at=clock.now()),
        "mail": OutboxMail.objects.create(
            to_email="a@example.ma", language="fr", kind="k", subject="Sujet", body="Texte", status="failed", last_error="x"
        ),
    }  # fmt: skip
    action = make.ActionFactory(
        axis=world.axis, organisation=world.atlas, commitment=world.owed_by_cnt, title="Salon de Berlin réservé à Atlas"
    )
    document = make.DocumentFactory(convention=world.convention, organisation=world.atlas, title="Contrat réservé à Atlas")
    version = make.DocumentVersionFactory(document=document)
    notification = notify(world.operator, about=action, url=f"/actions/{action.pk}/")
    mine: dict[str, Model] = {
        "action": action,
        "evidence": make.EvidenceFactory(commitment=None, action=action, organisation=world.atlas, title="Preuve réservée à Atlas"),
        "document": document,
        "version": version,
        "organisation": world.atlas,
        "affiliation": Affiliation.objects.get(organisation=world.atlas),
        "mandate": Mandate.objects.get(person__user=world.users["atlas", MandateRole.MEMBER]),
        "person": Mandate.objects.get(person__user=world.users["atlas", MandateRole.MEMBER]).person,
        "invitation": make.InvitationFactory(organisation=world.atlas, token=TOKEN, email="nouvelle@atlas.example"),
        "apiclient": make.ApiClientFactory(organisation=world.atlas),
        "user": world.users["atlas", MandateRole.MEMBER],
        "notification": notification,
        "privacy_request": PrivacyRequest.objects.create(
            user=world.users["atlas", MandateRole.MEMBER], kind="rectification", words="Mon nom", due_on=clock.today()
        ),
        "job": ready_report(world, world.operator),
        "reminder": ReminderOccurrence.objects.create(
            kind="action_due", **about_key(action), recipient=world.operator, occasion="x", day=clock.today(), notification=notification
        ),
    }
    mine["importbatch"] = brought_table(world.operator)
    return Everything(world=world, mine=mine, shared=shared, hidden={"convention": draft, "published": quiet})


def notify(user: User, *, about: Model, url: str) -> Notification:
    """A notification that this person has not read."""
    return Notification.objects.create(recipient=user, kind="action_assigned", **about_key(about), url=url, subject="Sujet", body="Texte")


def brought_table(user: User) -> ImportBatch:
    """A file that this person brought, checked, with one row to write."""
    content = b"kind;name_fr\r\noperator;Brought\r\n"
    batch = ImportBatch(
        kind="organisations", requested_by=user, state="checked", filename="table.csv", suffix=".csv", size=len(content),
        sha256=hashlib.sha256(content).hexdigest(), headings=["kind", "name_fr"], mapping={"0": "kind", "1": "name_fr"},
        counts={"create": 1, "rows": 1}, fingerprint="x", checked_at=clock.now(),
    )  # fmt: skip
    batch.file.save("imports/table.csv", ContentFile(content), save=False)
    batch.save()
    return batch


def ready_report(world: World, user: User, **fields: Any) -> Job:
    """A report that this person asked for, with its file."""
    now = clock.now()
    job = Job(
        kind=ProgressReport.kind, params={"convention": str(world.convention.pk), "format": "pdf"}, unique_key=str(uuid4()),
        requested_by=user,
        state="done", finished_at=now, as_of=now, size=3, sha256=hashlib.sha256(b"PDF").hexdigest(), expires_at=now + timedelta(days=30),
        filename="rapport.pdf", media_type="application/pdf", progress=100, **fields,
    )  # fmt: skip
    job.result.save("jobs/rapport.pdf", ContentFile(b"PDF"), save=False)
    job.save()
    return job
