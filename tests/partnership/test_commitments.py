"""The rules of a commitment: its terms, its two-way ledger, its recurrence, and what the database holds by itself."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction

from accounts.roles import MandateRole
from core import clock
from core.actors import SYSTEM
from core.errors import Conflict, Forbidden, Invalid, Stale
from core.models import Event, Notification
from partnership.choices import DocumentKind
from partnership.models import Commitment
from partnership.selectors.history import history
from partnership.services import commitments
from partnership.services.evidence import EvidenceDraft
from tests.factories.files import pdf
from tests.factories.partnership import (
    AxisFactory,
    CommitmentFactory,
    ConventionFactory,
    DocumentFactory,
    EvidenceFactory,
    MandateFactory,
    PersonFactory,
)

if TYPE_CHECKING:
    from tests.factories.world import World

pytestmark = pytest.mark.django_db
REASON = "Le compte rendu annoncé n'est pas joint."


def proof(**changes: Any) -> EvidenceDraft:
    """An address given as evidence."""
    values: dict[str, Any] = {"title": "Article", "fact_on": clock.today(), "url": "https://example.ma/article"}
    return EvidenceDraft(**(values | changes))


def declare(commitment: Commitment, world: World) -> Commitment:
    """What ONMT owes, declared by its convention manager."""
    return commitments.declare_commitment(commitment=commitment.pk, declaration="Campagne livrée.", evidence=[proof()], by=world.manager)


def told(kind: str) -> set[str]:
    """Who has a notification of this kind that still holds."""
    return set(Notification.objects.standing().filter(kind=kind).values_list("recipient__email", flat=True))


# -- the two-way ledger ------------------------------------------------------------------------------------------------
def test_a_commitment_when_declared_with_evidence_then_the_beneficiary_is_asked_to_answer(world: World) -> None:
    commitment = declare(world.owed_by_onmt, world)

    assert (commitment.status, commitment.declaration, commitment.declared_by) == ("declared", "Campagne livrée.", world.manager)
    assert [one.url for one in commitment.evidence.all()] == ["https://example.ma/article"]
    assert told("commitment_declared") == {"administrator@cnt.example", "member@cnt.example"}
    assert list(Event.objects.filter(about_id=commitment.pk).order_by("id").values_list("name", flat=True)) == [
        "evidence.added",
        "commitment.declared",
    ]


def test_a_commitment_when_declared_without_evidence_then_is_refused(world: World) -> None:
    with pytest.raises(Invalid) as refusal:
        commitments.declare_commitment(commitment=world.owed_by_onmt.pk, declaration="Livré.", evidence=[], by=world.manager)

    assert refusal.value.field == "evidence"
    world.owed_by_onmt.refresh_from_db()
    assert world.owed_by_onmt.status == "planned"


def test_a_commitment_when_evidence_came_earlier_then_is_declared_without_more(world: World) -> None:
    EvidenceFactory(commitment=world.owed_by_onmt)
    commitments.declare_commitment(commitment=world.owed_by_onmt.pk, declaration="Livré.", by=world.manager)
    world.owed_by_onmt.refresh_from_db()
    assert world.owed_by_onmt.status == "declared"


def test_a_commitment_when_its_convention_is_suspended_then_nothing_is_declared_under_it(world: World) -> None:
    convention = ConventionFactory(organisations=[world.onmt, world.cnt], status="suspended", status_reason="Élections.")
    commitment = CommitmentFactory(axis=AxisFactory(convention=convention))
    with pytest.raises(Conflict):
        declare(commitment, world)


def test_a_declaration_when_withdrawn_then_what_asked_for_an_answer_is_cancelled(world: World) -> None:
    declare(world.owed_by_onmt, world)
    assert told("commitment_declared") != set()

    commitment = commitments.withdraw_declaration(commitment=world.owed_by_onmt.pk, reason="Mauvaise pièce.", by=world.manager)

    assert (commitment.status, commitment.declared_at, commitment.declaration) == ("in_progress", None, "")
    assert told("commitment_declared") == set()
    assert told("commitment_withdrawn") == {"administrator@cnt.example", "member@cnt.example"}


def test_a_contest_when_its_reason_is_short_then_is_refused(world: World) -> None:
    declare(world.owed_by_onmt, world)
    with pytest.raises(Invalid) as refusal:
        commitments.contest_commitment(commitment=world.owed_by_onmt.pk, reason="  non !    ", by=world.secretariat)
    assert (refusal.value.field, refusal.value.code) == ("reason", "too_short")


def test_a_contest_when_made_then_the_obligor_is_told_and_only_its_author_lifts_it(world: World) -> None:
    declare(world.owed_by_onmt, world)
    commitments.contest_commitment(commitment=world.owed_by_onmt.pk, reason=REASON, by=world.secretariat)
    assert told("commitment_contested") == {"convention_manager@onmt.example"}
    with pytest.raises(Forbidden):
        commitments.confirm_commitment(commitment=world.owed_by_onmt.pk, by=world.manager)

    commitment = commitments.confirm_commitment(commitment=world.owed_by_onmt.pk, note="Pièce reçue.", by=world.secretariat)

    assert (commitment.status, commitment.settled_by, commitment.contest_reason) == ("confirmed", world.secretariat, REASON)
    assert told("commitment_contested") == set()
    assert told("commitment_confirmed") == {"convention_manager@onmt.example"}


def test_a_person_who_declared_when_holding_a_mandate_of_the_other_party_then_does_not_confirm(world: World) -> None:
    MandateFactory(person=PersonFactory(user=world.manager), organisation=world.cnt, role=MandateRole.MEMBER)
    declare(world.owed_by_onmt, world)
    with pytest.raises(Forbidden):
        commitments.confirm_commitment(commitment=world.owed_by_onmt.pk, by=world.manager)


def test_a_contest_when_decided_by_a_committee_then_keeps_outcome_reason_and_minutes(world: World) -> None:
    commitment = CommitmentFactory(axis=world.axis, status="contested")
    minutes = DocumentFactory(convention=world.convention, kind=DocumentKind.MINUTES)

    commitments.arbitrate_commitment(
        commitment=commitment.pk, outcome="not_delivered", reason="Le comité n'a pas vu la pièce.", document=minutes.pk, by=world.manager
    )

    commitment.refresh_from_db()
    assert (commitment.status, commitment.arbitration, commitment.minutes, commitment.settled_by) == (
        "arbitrated",
        "not_delivered",
        minutes,
        world.manager,
    )
    assert told("commitment_arbitrated") == {"administrator@cnt.example", "member@cnt.example"}


@pytest.mark.parametrize("kind", ["report", "foreign", "removed"])
def test_an_arbitration_when_its_document_is_no_minutes_of_the_convention_then_is_refused(world: World, kind: str) -> None:
    commitment = CommitmentFactory(axis=world.axis, status="contested")
    document = {
        "report": lambda: DocumentFactory(convention=world.convention, kind=DocumentKind.REPORT),
        "foreign": lambda: DocumentFactory(kind=DocumentKind.MINUTES),
        "removed": lambda: DocumentFactory(convention=world.convention, kind=DocumentKind.MINUTES, removed_at=clock.now()),
    }[kind]()
    with pytest.raises(Invalid) as refusal:
        commitments.arbitrate_commitment(
            commitment=commitment.pk, outcome="delivered", reason=REASON, document=document.pk, by=world.manager
        )
    assert refusal.value.field == "document"


def test_a_commitment_when_cancelled_then_both_parties_are_told_why(world: World) -> None:
    commitments.cancel_commitment(commitment=world.owed_by_cnt.pk, reason="Remplacé par un autre.", by=world.manager)
    world.owed_by_cnt.refresh_from_db()
    assert (world.owed_by_cnt.status, world.owed_by_cnt.status_reason) == ("cancelled", "Remplacé par un autre.")
    assert told("commitment_cancelled") == {"administrator@cnt.example", "member@cnt.example"}


def test_an_old_page_when_it_acts_then_is_told_that_somebody_was_faster(world: World) -> None:
    seen = world.owed_by_onmt.updated_at
    commitments.start_commitment(commitment=world.owed_by_onmt.pk, by=world.manager)
    with pytest.raises(Stale):
        commitments.declare_commitment(
            commitment=world.owed_by_onmt.pk, declaration="Livré.", evidence=[proof()], by=world.manager, version=seen
        )


def test_a_refused_declaration_when_its_second_proof_is_wrong_then_nothing_is_kept(world: World) -> None:
    drafts = [proof(), proof(fact_on=clock.today() + timedelta(days=1))]
    with pytest.raises(Invalid):
        commitments.declare_commitment(commitment=world.owed_by_onmt.pk, declaration="Livré.", evidence=drafts, by=world.manager)
    assert world.owed_by_onmt.evidence.count() == 0
    assert Event.objects.count() == 0


# -- the terms ---------------------------------------------------------------------------------------------------------
def create(world: World, **changes: Any) -> Commitment:
    """A commitment of ONMT to the CNT."""
    terms: dict[str, Any] = {
        "convention": world.convention.pk,
        "axis": world.axis.pk,
        "obligor": world.party_onmt.pk,
        "beneficiary": world.party_cnt.pk,
        "title_fr": "Former les opérateurs",
        "by": world.manager,
    }
    return commitments.create_commitment(**(terms | changes))


def test_a_commitment_when_created_then_takes_the_next_reference(world: World) -> None:
    assert [create(world).reference, create(world).reference] == ["E-03", "E-04"]
    assert create(world, reference="F-1").reference == "F-1"
    with pytest.raises(Invalid) as refusal:
        create(world, reference="F-1")
    assert (refusal.value.field, refusal.value.code) == ("reference", "unique")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"title_fr": "  "}, "title_fr"),
        ({"amount": Decimal(-1), "nature": "financial"}, "amount"),
        ({"amount": Decimal(10)}, "amount"),
        ({"amount": Decimal("1e20"), "nature": "financial"}, "amount"),
        ({"recurrence": "yearly"}, "due_on"),
        ({"due_on": date(1999, 12, 31)}, "due_on"),
        ({"due_on": date(2101, 1, 1)}, "due_on"),
        ({"nature": "morale"}, "nature"),
        ({"source": "javascript:alert(1)"}, "source"),
        ({"title_ar": "\x00"}, "title_ar"),
    ],
)
def test_a_commitment_when_a_term_breaks_a_rule_then_its_field_is_named(world: World, changes: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        create(world, **changes)
    assert refusal.value.field == field


def test_a_commitment_when_its_axis_or_party_is_of_another_convention_then_is_refused(world: World) -> None:
    foreign = AxisFactory()
    with pytest.raises(Invalid) as refusal:
        create(world, axis=foreign.pk)
    assert refusal.value.field == "axis"
    with pytest.raises(Invalid) as refusal:
        create(world, beneficiary=foreign.convention.parties.first().pk)
    assert refusal.value.field == "beneficiary"
    with pytest.raises(Invalid) as refusal:
        create(world, beneficiary=world.party_onmt.pk)
    assert refusal.value.field == "beneficiary"


def test_a_signed_term_when_changed_then_needs_a_reason_which_the_trail_keeps(world: World) -> None:
    with pytest.raises(Invalid) as refusal:
        commitments.update_commitment(commitment=world.owed_by_onmt.pk, changes={"title_fr": "Autre titre"}, by=world.manager)
    assert refusal.value.field == "reason"

    commitments.update_commitment(
        commitment=world.owed_by_onmt.pk, changes={"title_fr": "Autre titre"}, reason="Coquille.", by=world.manager
    )

    world.owed_by_onmt.refresh_from_db()
    assert world.owed_by_onmt.title_fr == "Autre titre"
    assert history(world.owed_by_onmt)[0].reason == "Coquille."


def test_a_declared_commitment_when_its_terms_change_then_is_refused(world: World) -> None:
    commitment = CommitmentFactory(axis=world.axis, status="declared")
    with pytest.raises(Conflict):
        commitments.update_commitment(commitment=commitment.pk, changes={"description": "Autre"}, reason="Parce que.", by=world.manager)


def test_an_update_when_it_names_a_state_then_is_refused(world: World) -> None:
    with pytest.raises(Invalid) as refusal:
        commitments.update_commitment(commitment=world.owed_by_onmt.pk, changes={"status": "confirmed"}, by=world.manager)
    assert refusal.value.field == "status"


def test_an_update_when_nothing_differs_then_writes_nothing(world: World) -> None:
    commitments.update_commitment(commitment=world.owed_by_onmt.pk, changes={"title_fr": world.owed_by_onmt.title_fr}, by=world.manager)
    assert len(history(world.owed_by_onmt)) == 1


# -- recurrence --------------------------------------------------------------------------------------------------------
def test_a_recurring_commitment_when_its_date_has_passed_then_its_next_occurrence_is_opened_once(world: World) -> None:
    first = CommitmentFactory(axis=world.axis, reference="E-31", recurrence="monthly", due_on=date(2026, 1, 31))
    with time_machine.travel("2026-02-01T09:00Z"):
        following = commitments.open_next_occurrence(commitment=first.pk, by=SYSTEM)
        again = commitments.open_next_occurrence(commitment=first.pk, by=SYSTEM)
    assert following is not None
    assert following == again
    assert (following.reference, following.due_on, following.status, following.title_fr) == (
        "E-31-2",
        date(2026, 2, 28),
        "planned",
        first.title_fr,
    )


def test_a_recurring_commitment_when_months_were_missed_then_all_are_opened_without_drift(world: World) -> None:
    CommitmentFactory(axis=world.axis, reference="E-31", recurrence="monthly", due_on=date(2026, 1, 31))
    with time_machine.travel("2026-04-01T09:00Z"):
        assert commitments.open_due_occurrences(by=SYSTEM) == 3
        assert commitments.open_due_occurrences(by=SYSTEM) == 0
    assert list(Commitment.objects.filter(reference__startswith="E-31").order_by("due_on").values_list("reference", "due_on")) == [
        ("E-31", date(2026, 1, 31)),
        ("E-31-2", date(2026, 2, 28)),
        ("E-31-3", date(2026, 3, 31)),
        ("E-31-4", date(2026, 4, 30)),
    ]


def test_a_recurring_commitment_when_its_next_reference_is_taken_or_long_then_finds_another(world: World) -> None:
    first = CommitmentFactory(axis=world.axis, reference="E-31", recurrence="monthly", due_on=date(2026, 1, 31), status="confirmed")
    CommitmentFactory(axis=world.axis, reference="E-31-2")
    long = CommitmentFactory(
        axis=world.axis, reference="ENGAGEMENT-LONG-2022", recurrence="yearly", due_on=date(2026, 1, 31), status="confirmed"
    )
    opened = [commitments.open_next_occurrence(commitment=row.pk, by=SYSTEM) for row in (first, long)]
    assert [row.reference for row in opened if row] == ["E-31-2-2", "ENGAGEMENT-LONG-20-2"]


def test_a_recurring_commitment_when_neither_settled_nor_past_then_waits(world: World) -> None:
    commitment = CommitmentFactory(axis=world.axis, recurrence="yearly", due_on=clock.today())
    with pytest.raises(Conflict):
        commitments.open_next_occurrence(commitment=commitment.pk, by=SYSTEM)
    assert commitments.open_due_occurrences(by=SYSTEM) == 0


def test_a_recurring_commitment_when_settled_early_then_the_next_one_opens(world: World) -> None:
    commitment = CommitmentFactory(axis=world.axis, recurrence="quarterly", due_on=clock.today() + timedelta(days=5), status="confirmed")
    assert commitments.open_due_occurrences(by=SYSTEM) == 1
    assert commitment.following.status == "planned"


def test_a_recurring_commitment_when_its_convention_ends_first_then_stops(world: World) -> None:
    convention = ConventionFactory(organisations=[world.onmt, world.cnt], ends_on=clock.today() + timedelta(days=20))
    commitment = CommitmentFactory(axis=AxisFactory(convention=convention), recurrence="yearly", due_on=clock.today(), status="confirmed")
    assert commitments.open_next_occurrence(commitment=commitment.pk, by=SYSTEM) is None


# -- what the database holds by itself ---------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("column", "constraint"), [("axis", "com_axis_key"), ("obligor", "com_obligor_key"), ("beneficiary", "com_beneficiary_key")]
)
def test_a_foreign_axis_or_party_when_written_without_the_services_then_the_database_refuses(
    world: World, column: str, constraint: str
) -> None:
    other = AxisFactory()
    foreign = other.pk if column == "axis" else other.convention.parties.order_by("order")[column == "beneficiary"].pk
    Commitment.objects.filter(pk=world.owed_by_onmt.pk).update(**{f"{column}_id": foreign})
    with pytest.raises(IntegrityError, match=constraint), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    Commitment.objects.filter(pk=world.owed_by_onmt.pk).update(**{f"{column}_id": getattr(world.owed_by_onmt, f"{column}_id")})


@pytest.mark.parametrize(
    "broken",
    [
        {"status": "declared"},
        {"status": "contested"},
        {"status": "confirmed"},
        {"status": "arbitrated"},
        {"status": "cancelled"},
        {"amount": Decimal(5)},
        {"arbitration": "delivered"},
        {"settled_at": "2026-01-01T00:00Z"},
    ],
    ids=str,
)
def test_a_state_when_written_without_what_it_means_then_the_database_refuses(world: World, broken: dict[str, Any]) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Commitment.objects.filter(pk=world.owed_by_onmt.pk).update(**broken)


def test_an_arbitration_when_written_without_minutes_then_the_database_refuses(world: World) -> None:
    commitment = CommitmentFactory(axis=world.axis, status="arbitrated")
    with pytest.raises(IntegrityError), transaction.atomic():
        Commitment.objects.filter(pk=commitment.pk).update(minutes=None)


def test_a_file_when_given_with_the_declaration_then_becomes_a_document_of_the_parties(world: World) -> None:
    commitments.declare_commitment(
        commitment=world.owed_by_cnt.pk, declaration="Livré.", evidence=[proof(url="", upload=pdf())], by=world.secretariat
    )
    document = world.owed_by_cnt.evidence.get().document
    assert document is not None
    assert (document.organisation, document.kind, document.visibility, document.attached_to) == (
        world.cnt,
        "evidence",
        "parties",
        world.owed_by_cnt,
    )
