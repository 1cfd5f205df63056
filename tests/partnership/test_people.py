"""People and mandates: an organisation with accounts is never left without an administrator."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Any

import pytest

from accounts.models import User
from accounts.roles import MandateRole, StaffRole
from accounts.services import close_account
from core import clock
from core.errors import Conflict, Forbidden, Invalid, Refusal, Stale
from core.models import Notification
from partnership.models import Mandate, Person
from partnership.permissions.organisations import acts_for
from partnership.selectors.people import administrators_on, people_seen_by
from partnership.services.people import change_mandate_role, end_mandate, give_mandate, register_person, update_person
from tests.factories import partnership as make
from tests.factories.threads import at_once

if TYPE_CHECKING:
    from tests.factories.world import World

ADMINISTRATOR, MEMBER, READER = MandateRole.ADMINISTRATOR, MandateRole.MEMBER, MandateRole.READER


def _mandate(world: World, name: str, role: MandateRole) -> Mandate:
    return Mandate.objects.get(person__user=world.users[name, role])


# -- people ------------------------------------------------------------------------------------------------------------
def test_person_is_registered_by_staff_with_an_address_in_one_case(world: World) -> None:
    person = register_person(full_name=" Salma Bennis ", email="Salma@Example.MA", phone="0661 11 22 33", by=world.manager)
    assert (person.full_name, person.email, str(person.phone)) == ("Salma Bennis", "salma@example.ma", "+212661112233")


def test_person_with_a_known_address_whatever_its_case_is_refused(world: World) -> None:
    register_person(full_name="Salma Bennis", email="salma@example.ma", by=world.manager)
    with pytest.raises(Invalid) as refusal:
        register_person(full_name="Autre", email="SALMA@example.ma", by=world.manager)
    assert refusal.value.field == "email"


@pytest.mark.parametrize("who", ["operator", "secretariat", "auditor"])
def test_person_is_not_registered_by_others(world: World, who: str) -> None:
    with pytest.raises(Forbidden):
        register_person(full_name="Salma Bennis", by=getattr(world, who))


def test_person_changes_its_own_record_and_not_a_colleague_s(world: World) -> None:
    person = world.operator.person
    update_person(person=person.pk, changes={"phone": "0661112233"}, by=world.operator)
    assert str(Person.objects.get(pk=person.pk).phone) == "+212661112233"
    with pytest.raises(Forbidden):
        update_person(person=person.pk, changes={"phone": ""}, by=world.users["atlas", MEMBER])
    with pytest.raises(Person.DoesNotExist):
        update_person(person=person.pk, changes={"phone": ""}, by=world.competitor)
    with pytest.raises(Invalid) as refusal:
        update_person(person=person.pk, changes={"user": None}, by=world.operator)
    assert refusal.value.field == "user"


def test_people_of_others_are_not_seen(world: World) -> None:
    assert {mandate.organisation for mandate in people_seen_by(world.operator)} == {world.atlas}
    assert people_seen_by(world.operator).count() == 3


# -- giving ------------------------------------------------------------------------------------------------------------
def test_mandate_given_lets_act_and_is_told(world: World) -> None:
    mandate = give_mandate(person=world.operator.person.pk, organisation=world.fnih.pk, role=MEMBER, title="Trésorier", by=world.manager)
    user = User.objects.get(pk=world.operator.pk)
    assert acts_for(user, world.fnih.pk)
    assert acts_for(user, world.atlas.pk)
    assert (mandate.starts_on, mandate.title) == (clock.today(), "Trésorier")
    assert [notice.recipient for notice in Notification.objects.filter(kind="mandate_given")] == [world.operator]


def test_mandate_given_by_an_administrator_reaches_only_people_it_sees(world: World) -> None:
    former = make.MandateFactory(organisation=world.atlas, role=MEMBER, ends_on=clock.today() - timedelta(days=1))
    give_mandate(person=former.person.pk, organisation=world.atlas.pk, role=READER, by=world.operator)
    with pytest.raises(Person.DoesNotExist):
        give_mandate(person=world.competitor.person.pk, organisation=world.atlas.pk, role=READER, by=world.operator)
    with pytest.raises(Forbidden):
        give_mandate(person=former.person.pk, organisation=world.atlas.pk, role=READER, by=world.users["atlas", MEMBER])


def test_two_mandates_at_once_in_one_organisation_are_refused(world: World) -> None:
    with pytest.raises(Conflict) as refusal:
        give_mandate(person=world.operator.person.pk, organisation=world.atlas.pk, role=READER, by=world.manager)
    assert refusal.value.code == "mandate_overlap"


def test_mandate_ended_on_its_first_day_leaves_room_for_another(world: World) -> None:
    person = make.PersonFactory()
    first = give_mandate(person=person.pk, organisation=world.atlas.pk, role=READER, by=world.manager)
    end_mandate(mandate=first.pk, by=world.manager)
    give_mandate(person=person.pk, organisation=world.atlas.pk, role=MEMBER, by=world.manager)
    assert Mandate.objects.current().get(person=person).role == MEMBER


def test_first_account_of_an_organisation_is_an_administrator_s(world: World) -> None:
    empty = make.OrganisationFactory()
    with pytest.raises(Invalid) as refusal:
        give_mandate(person=make.PersonFactory().pk, organisation=empty.pk, role=MEMBER, by=world.manager)
    assert refusal.value.field == "role"
    give_mandate(person=make.PersonFactory(user=None).pk, organisation=empty.pk, role=MEMBER, by=world.manager)
    give_mandate(person=make.PersonFactory().pk, organisation=empty.pk, role=ADMINISTRATOR, by=world.manager)


@pytest.mark.parametrize(("role", "field"), [("king", "role"), ("", "role")])
def test_mandate_with_bad_input_is_refused(world: World, role: str, field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        give_mandate(person=make.PersonFactory(user=None).pk, organisation=world.atlas.pk, role=role, by=world.manager)
    assert refusal.value.field == field


# -- changing and ending -----------------------------------------------------------------------------------------------
def test_role_changed_is_told_with_both_roles(world: World) -> None:
    change_mandate_role(mandate=_mandate(world, "atlas", MEMBER).pk, role=READER, by=world.operator)
    member = User.objects.get(pk=world.users["atlas", MEMBER].pk)
    assert not acts_for(member, world.atlas.pk)
    assert [notice.recipient for notice in Notification.objects.filter(kind="mandate_changed")] == [member]


def test_mandate_seen_in_an_older_version_is_refused(world: World) -> None:
    mandate = _mandate(world, "atlas", MEMBER)
    change_mandate_role(mandate=mandate.pk, role=READER, by=world.operator)
    with pytest.raises(Stale):
        end_mandate(mandate=mandate.pk, by=world.operator, version=mandate.updated_at)


def test_mandate_ended_holds_no_longer_from_that_day(world: World) -> None:
    member = world.users["atlas", MEMBER]
    end_mandate(mandate=_mandate(world, "atlas", MEMBER).pk, by=world.operator, reason="Départ")
    assert not acts_for(User.objects.get(pk=member.pk), world.atlas.pk)
    with pytest.raises(Conflict) as refusal:
        end_mandate(mandate=Mandate.objects.get(person__user=member).pk, by=world.operator)
    assert refusal.value.code == "mandate_over"


def test_anybody_may_leave_and_only_administrators_remove(world: World) -> None:
    end_mandate(mandate=_mandate(world, "atlas", READER).pk, by=world.users["atlas", READER])
    with pytest.raises(Forbidden):
        end_mandate(mandate=_mandate(world, "atlas", ADMINISTRATOR).pk, by=world.users["atlas", MEMBER])
    with pytest.raises(Mandate.DoesNotExist):
        end_mandate(mandate=_mandate(world, "atlas", MEMBER).pk, by=world.competitor)


def test_last_administrator_cannot_leave_change_role_nor_have_the_account_closed(world: World) -> None:
    mandate, keeper = _mandate(world, "atlas", ADMINISTRATOR), world.staff[StaffRole.ACCOUNT_MANAGER]
    acts: list[Any] = [
        lambda: end_mandate(mandate=mandate.pk, by=world.operator),
        lambda: end_mandate(mandate=mandate.pk, by=keeper),
        lambda: change_mandate_role(mandate=mandate.pk, role=MEMBER, by=world.operator),
        lambda: close_account(user=world.operator.pk, by=keeper, reason="Départ en retraite"),
    ]
    for attempt in acts:
        with pytest.raises(Conflict) as refusal:
            attempt()
        assert refusal.value.code == "last_administrator"
    assert User.objects.get(pk=world.operator.pk).is_active
    assert list(administrators_on(world.atlas.pk, clock.today())) == [mandate]


def test_administrator_leaves_once_another_with_an_account_is_there(world: World) -> None:
    make.MandateFactory(person=make.PersonFactory(user=None), organisation=world.atlas)
    mandate = _mandate(world, "atlas", ADMINISTRATOR)
    with pytest.raises(Conflict):
        end_mandate(mandate=mandate.pk, by=world.operator)
    change_mandate_role(mandate=_mandate(world, "atlas", MEMBER).pk, role=ADMINISTRATOR, by=world.operator)
    end_mandate(mandate=mandate.pk, by=world.operator)


def test_administrator_whose_successor_ends_before_is_kept(world: World) -> None:
    make.MandateFactory(organisation=world.atlas, ends_on=clock.today() + timedelta(days=5))
    with pytest.raises(Conflict):
        end_mandate(mandate=_mandate(world, "atlas", ADMINISTRATOR).pk, by=world.operator, ends_on=clock.today() + timedelta(days=10))


def test_account_closed_ends_its_mandates(world: World) -> None:
    member = world.users["atlas", MEMBER]
    close_account(user=member.pk, by=world.staff[StaffRole.ACCOUNT_MANAGER], reason="Départ en retraite")
    assert not Mandate.objects.current().filter(person__user=member).exists()


@pytest.mark.django_db(transaction=True)
def test_two_administrators_who_remove_each_other_at_once_leave_one() -> None:
    organisation = make.OrganisationFactory()
    first, second = make.MandateFactory(organisation=organisation), make.MandateFactory(organisation=organisation)
    users = [User.objects.get(person=mandate.person) for mandate in (first, second)]
    assert all(acts_for(by, organisation.pk) for by in users)  # what each remembers of its rights is older than the other's act

    outcomes = at_once(
        lambda: end_mandate(mandate=second.pk, by=users[0]),
        lambda: end_mandate(mandate=first.pk, by=users[1]),
    )

    assert [outcome.code for outcome in outcomes if isinstance(outcome, Refusal)] == ["forbidden"]
    assert administrators_on(organisation.pk, clock.today()).count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_administrators_who_leave_at_once_leave_one() -> None:
    organisation = make.OrganisationFactory()
    mandates = [make.MandateFactory(organisation=organisation) for _ in range(2)]
    one, other = [partial(end_mandate, mandate=mandate.pk, by=User.objects.get(person=mandate.person)) for mandate in mandates]

    outcomes = at_once(one, other)

    assert [outcome.code for outcome in outcomes if isinstance(outcome, Refusal)] == ["last_administrator"]
