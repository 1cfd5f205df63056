"""The wall against `visible_to`: in random worlds, for every reader and every table, PostgreSQL shows what the application would."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.apps import apps
from django.contrib.auth.models import AnonymousUser
from django.contrib.contenttypes.models import ContentType
from django.db import ProgrammingError, connection, transaction
from django.db.models import Q

from accounts.roles import MandateRole, StaffRole
from core import clock, wall
from core.api.authentication import PartnerPrincipal
from core.history import events_of
from core.ids import new_id
from partnership import models
from partnership.choices import ConventionStatus, Visibility
from partnership.models import Action, Affiliation, Commitment, Convention, Document, Evidence, Mandate, Organisation, Person
from partnership.policies import WALL, context_of
from tests.factories import partnership as make
from tests.factories.accounts import StaffFactory, UserFactory
from tests.partnership.wall_cost import fill

if TYPE_CHECKING:
    from collections.abc import Iterable

    from core.actors import Actor
    from tests.factories.world import World

pytestmark = pytest.mark.django_db


@dataclass
class Lot:
    """A random world: its organisations and its readers."""

    dice: random.Random
    organisations: list[Any] = field(default_factory=list)
    people: list[Any] = field(default_factory=list)
    conventions: list[Any] = field(default_factory=list)
    axes: list[Any] = field(default_factory=list)
    readers: list[Any] = field(default_factory=list)

    def some(self, rows: list[Any], most: int = 3) -> list[Any]:
        """A few of them."""
        return self.dice.sample(rows, self.dice.randint(0, min(most, len(rows))))

    def one(self, rows: Iterable[Any]) -> Any:
        """Any of them."""
        return self.dice.choice(list(rows))


def build(seed: int) -> Lot:
    lot = Lot(random.Random(seed))
    dice, today = lot.dice, clock.today()
    lot.organisations = [make.HostFactory(), *make.OrganisationFactory.create_batch(7)]
    for member in lot.organisations:
        for body in lot.some([other for other in lot.organisations if other != member], 2):
            ends = dice.choice([None, today - timedelta(days=3), today, today + timedelta(days=3)])
            make.AffiliationFactory(organisation=member, body=body, ends_on=ends)
    for number in range(9):
        user = UserFactory() if number < 6 else None
        person = make.PersonFactory(user=user, email=f"p{seed}-{number}@example.ma", full_name=f"P {number}")
        lot.people.append(person)
        for organisation in lot.some(lot.organisations, 2):
            make.MandateFactory(
                person=person, organisation=organisation, role=dice.choice(list(MandateRole)),
                starts_on=today + timedelta(days=dice.choice([-90, -90, 5])), ends_on=dice.choice([None, None, today + timedelta(days=20)]),
            )  # fmt: skip
        if user is not None:
            lot.readers.append(user)
    Mandate.objects.filter(pk__in=[lot.one(Mandate.objects.all()).pk for _ in range(2)], starts_on__lt=today).update(ends_on=today)
    for organisation in lot.some(lot.organisations, 3):
        make.InvitationFactory(organisation=organisation, token=f"{seed}-{organisation.pk}")
        make.ApiClientFactory(organisation=organisation)
    _build_ledger(lot)
    program = PartnerPrincipal(new_id(), lot.one(lot.organisations).pk, "x", frozenset(), "Essai")
    lot.readers += [AnonymousUser(), UserFactory(), UserFactory(is_active=False), program]
    lot.readers += [StaffFactory(), StaffFactory(roles=[StaffRole.AUDITOR]), UserFactory(is_staff=True)]
    return lot


def _build_ledger(lot: Lot) -> None:
    dice = lot.dice
    statuses = [ConventionStatus.DRAFT, ConventionStatus.IN_REVIEW, ConventionStatus.IN_FORCE, ConventionStatus.CLOSED]
    for number in range(6):
        convention = make.ConventionFactory(
            organisations=dice.sample(lot.organisations, 2), status=dice.choice(statuses), visibility=dice.choice(list(Visibility)),
            closed_on=clock.today(),
        )  # fmt: skip
        lot.conventions.append(convention)
        leads = {"public_lead": lot.one([None, *lot.people]), "private_lead": lot.one([None, *lot.people])}
        axis = make.AxisFactory(convention=convention, **leads)
        commitment = make.CommitmentFactory(axis=axis) if number % 2 else None
        for owner in lot.some(lot.organisations, 2):
            responsible = lot.one([None, *lot.people])
            make.ActionFactory(axis=axis, organisation=owner, responsible=responsible, commitment=commitment)
    documents = []
    for _number in range(12):
        about = lot.one([None, *Commitment.objects.all(), *Action.objects.all()])
        attached = {} if about is None else {"object_type": ContentType.objects.get_for_model(about), "object_id": about.pk}
        documents.append(
            make.DocumentFactory(
                convention=lot.one([None, *lot.conventions]),
                organisation=lot.one(lot.organisations),
                visibility=lot.one(Visibility),
                removed_at=lot.one([None, None, clock.now()]),
                **attached,
            )
        )
        make.DocumentVersionFactory(document=documents[-1])
    for about in [*Commitment.objects.all(), *Action.objects.all()]:
        noun: dict[str, Any] = {"commitment": None, "action": None}
        noun[str(about._meta.model_name)] = about
        make.EvidenceFactory(**noun, organisation=lot.one(lot.organisations), document=lot.one([None, *documents]))


def shown(model: Any, actor: Actor) -> set[Any]:
    """The ids that PostgreSQL shows to `actor` when nobody filters."""
    with wall.behind(context_of(actor)):
        return ids(model._default_manager.all())


def ids(queryset: Any) -> set[Any]:
    return set(queryset.values_list("pk", flat=True))


def named(actor: Actor) -> dict[Any, set[Any]]:
    """Beyond `visible_to`: what a visible row names, computed here without the wall."""
    account = getattr(actor, "pk", None) if not isinstance(actor, (AnonymousUser, PartnerPrincipal)) else None
    me = ids(Person.objects.filter(user_id=account, user__is_active=True)) if account else set()
    own = Mandate.objects.filter(person__in=me)
    actions, evidence = Action.objects.visible_to(actor), Evidence.objects.visible_to(actor)
    commitments = Commitment.objects.visible_to(actor)
    worked = actions.exclude(convention__in=ids(Convention.objects.of_parties(actor)))
    conventions = ids(Convention.objects.filter(Q(pk__in=ids(Convention.objects.visible_to(actor))) | Q(actions__in=worked)))
    axes = models.Axis.objects.filter(convention__in=conventions)
    documents = Document.objects.filter(
        Q(evidence__in=evidence) | Q(object_id__in=[*ids(commitments), *ids(actions)]) | Q(arbitrations__in=commitments)
    )
    strict = ids(Document.objects.visible_to(actor)) | _hidden_only_by_removal(actor)
    every_document = strict | ids(documents)
    links = Affiliation.objects.visible_to(actor)
    return {
        models.Convention: conventions,
        models.Axis: ids(axes),
        models.Document: every_document,
        models.Mandate: ids(own),
        models.Person: me
        | set(axes.exclude(public_lead=None).values_list("public_lead", flat=True))
        | set(axes.exclude(private_lead=None).values_list("private_lead", flat=True))
        | set(actions.exclude(responsible=None).values_list("responsible", flat=True))
        | set(own.values_list("person", flat=True)),
        models.Organisation: set(links.values_list("organisation", flat=True))
        | set(links.values_list("body", flat=True))
        | ids(Organisation.objects.filter(is_host=True))
        | set(models.Party.objects.filter(convention__in=conventions).values_list("organisation", flat=True))
        | set(own.values_list("organisation", flat=True))
        | set(actions.values_list("organisation", flat=True))
        | set(evidence.values_list("organisation", flat=True))
        | set(Document.objects.filter(pk__in=every_document).values_list("organisation", flat=True)),
    }


def _hidden_only_by_removal(actor: Actor) -> set[Any]:
    removed = ids(Document.objects.exclude(removed_at=None))
    with transaction.atomic():
        Document.objects.filter(pk__in=removed).update(removed_at=None)
        found = ids(Document.objects.visible_to(actor)) & removed
        transaction.set_rollback(True)
    return found


SCOPED = [apps.get_model(rule.model) for rule in WALL.rules if hasattr(apps.get_model(rule.model).objects.all(), "visible_to")]


@pytest.mark.parametrize("seed", range(6))
def test_a_row_when_visible_to_passes_then_the_wall_passes_and_nothing_more_than_what_it_names(seed: int) -> None:
    lot = build(seed)
    seen = 0
    for reader in lot.readers:
        more = named(reader)
        for model in SCOPED:
            visible = ids(model._default_manager.visible_to(reader))
            found = shown(model, reader)
            seen += len(found)
            assert found == visible | more.get(model, set()), f"{model.__name__} to {reader} ({context_of(reader)})"
    assert seen > 100


@pytest.mark.parametrize("seed", range(6, 9))
def test_a_row_without_a_scope_of_its_own_when_read_then_follows_the_row_it_belongs_to(seed: int) -> None:
    lot = build(seed)
    for reader in lot.readers:
        context = context_of(reader)
        conventions = shown(Convention, reader)
        assert shown(models.Party, reader) == ids(models.Party.objects.filter(convention__in=conventions))
        strict = ids(Document.objects.visible_to(reader)) | (_hidden_only_by_removal(reader))
        assert shown(models.DocumentVersion, reader) == ids(models.DocumentVersion.objects.filter(document__in=strict))
        owners = ids(Organisation.objects.all()) if context.role == wall.OFFICE else context.owners
        assert shown(models.ApiClient, reader) == ids(models.ApiClient.objects.filter(organisation__in=owners))
        for rule in WALL.rules:  # the audit trail tells of visible rows only
            if rule.events is None:
                continue
            model: Any = apps.get_model(rule.model)
            visible = shown(model, reader)
            with wall.behind(context):
                told = set(events_of(model).values_list("pgh_obj_id", flat=True))
            assert told == visible & set(events_of(model).values_list("pgh_obj_id", flat=True)), rule.model


# -- no context, no rows -----------------------------------------------------------------------------------------------
def test_a_reader_when_nobody_then_sees_what_is_published_and_nothing_else(world: World) -> None:
    make.ActionFactory(axis=world.axis)
    with wall.behind(wall.NOBODY):
        counts = {apps.get_model(rule.model).__name__: apps.get_model(rule.model)._default_manager.count() for rule in WALL.rules}
    assert {name: count for name, count in counts.items() if count} == {"Convention": 1, "Party": 2, "Axis": 1, "Organisation": 2}


# -- writes ------------------------------------------------------------------------------------------------------------
def test_a_row_when_written_outside_ones_own_then_the_database_refuses(world: World) -> None:
    foreign = make.ActionFactory(axis=world.axis, organisation=world.atlas)
    mine = make.ActionFactory(axis=world.axis, organisation=world.rif)
    with wall.behind(context_of(world.competitor)):
        assert Action.objects.filter(pk=foreign.pk).update(title="Pris") == 0
        assert Action.objects.filter(pk=foreign.pk).delete()[0] == 0
        assert Action.objects.filter(pk=mine.pk).update(title="À moi") == 1
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            Action.objects.filter(pk=mine.pk).update(organisation=world.atlas)
        with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
            models.Invitation.objects.create(
                organisation=world.atlas, email="x@example.ma", role="member", token_digest="x", expires_at=clock.now()
            )
        with pytest.raises(ProgrammingError, match=r"permission denied|must be owner"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("ALTER TABLE partnership_action DISABLE ROW LEVEL SECURITY")
    foreign.refresh_from_db()
    assert (foreign.title != "Pris", Action.objects.get(pk=mine.pk).title) == (True, "À moi")


def test_a_search_when_its_filter_is_forgotten_then_finds_ones_own_only(world: World) -> None:
    make.ActionFactory(axis=world.axis, organisation=world.atlas, title="Salon secret")
    mine = make.ActionFactory(axis=world.axis, organisation=world.rif, title="Salon à moi")
    with wall.behind(context_of(world.competitor)):
        assert list(Action.objects.filter(title__icontains="salon")) == [mine]
        assert Action.objects.filter(organisation__name_fr__contains="Atlas").count() == 0
    assert Action.objects.filter(title__icontains="salon").count() == 2


def test_an_account_when_of_two_organisations_then_reads_both_whichever_it_has_chosen(world: World) -> None:
    person = Person.objects.get(user=world.competitor)
    make.MandateFactory(person=person, organisation=world.oasis)
    world.competitor.acting_organisation_id = world.rif.pk
    assert set(context_of(world.competitor).owners) == {world.rif.pk, world.oasis.pk}


def test_a_list_when_read_behind_the_wall_then_an_index_serves_its_rule() -> None:
    fill(firms=100, actions=5000)
    user = make.user_of(Organisation.objects.filter(name_fr__startswith="Firme ")[10])
    with wall.behind(context_of(user)), connection.cursor() as cursor:
        cursor.execute("EXPLAIN SELECT id FROM partnership_action")
        plan = "\n".join(line for (line,) in cursor.fetchall())
        assert Action.objects.count() == 50
    assert "Index Cond: (organisation_id = ANY" in plan
    assert "Index Cond: (convention_id = ANY" in plan
    assert "Seq Scan" not in plan
