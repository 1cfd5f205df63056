"""Who acts for whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from accounts.roles import MandateRole, StaffRole
from core.actors import SYSTEM
from partnership.permissions.organisations import acts_for, administers, forget_mandates
from partnership.selectors.people import is_last_administrator, members_of, users_acting_for
from tests.factories import partnership as make

if TYPE_CHECKING:
    from tests.factories.world import World


class Principal:
    """What the API's authentication puts in place of a user."""

    pk = None
    is_authenticated = True
    is_active = True

    def __init__(self, organisation_id: object, scopes: list[str]) -> None:
        self.organisation_id = organisation_id
        self.scopes = scopes


def test_acts_for_follows_the_role_held_today(world: World) -> None:
    answers = {role: acts_for(world.users["atlas", role], world.atlas.pk) for role in MandateRole}
    assert answers == {MandateRole.ADMINISTRATOR: True, MandateRole.MEMBER: True, MandateRole.READER: False}
    assert [acts_for(world.users["atlas", role], world.rif.pk) for role in MandateRole] == [False, False, False]


def test_acts_for_the_host_is_for_its_convention_managers(world: World) -> None:
    assert {role: acts_for(user, world.onmt.pk) for role, user in world.staff.items()} == {
        role: role is StaffRole.CONVENTION_MANAGER for role in StaffRole
    }
    assert not acts_for(world.manager, world.cnt.pk)


def test_acts_for_a_partner_when_its_client_has_a_write_scope(world: World) -> None:
    assert acts_for(Principal(world.cnt.pk, ["commitments:write"]), world.cnt.pk)
    assert not acts_for(Principal(world.cnt.pk, ["commitments:read"]), world.cnt.pk)
    assert not acts_for(Principal(world.cnt.pk, ["commitments:write"]), world.onmt.pk)
    assert acts_for(SYSTEM, world.onmt.pk)


def test_acts_for_refuses_an_ended_a_future_and_a_silenced_mandate(world: World) -> None:
    mandate = world.operator.person.mandates.get()
    mandate.ends_on = mandate.starts_on
    mandate.save()
    assert not acts_for(world.operator, world.atlas.pk)
    world.rif.status, world.rif.status_reason = "suspended", "Licence retirée."
    world.rif.save()
    assert not acts_for(world.competitor, world.rif.pk)
    assert administers(world.competitor, world.rif.pk)


def test_acts_for_only_the_chosen_organisation_when_one_holds_two_mandates(world: World) -> None:
    make.MandateFactory(person=world.operator.person, organisation=world.rif, role=MandateRole.MEMBER)
    assert acts_for(world.operator, world.atlas.pk)
    assert acts_for(world.operator, world.rif.pk)
    world.operator.acting_organisation_id = world.rif.pk
    forget_mandates(world.operator)
    assert not acts_for(world.operator, world.atlas.pk)
    assert acts_for(world.operator, world.rif.pk)


def test_users_acting_for_gives_accounts_that_may_act_and_the_managers_for_the_host(world: World) -> None:
    make.MandateFactory(person=make.PersonFactory(user=None), organisation=world.cnt, role=MandateRole.MEMBER)
    closed = world.users["cnt", MandateRole.MEMBER]
    closed.is_active = False
    closed.save()
    assert list(users_acting_for(world.cnt.pk)) == [world.secretariat]
    assert list(users_acting_for(world.onmt.pk)) == [world.manager]


def test_users_acting_for_costs_one_query(world: World, django_assert_num_queries: object) -> None:
    with django_assert_num_queries(1):  # type: ignore[operator]
        list(users_acting_for(world.onmt.pk))


@pytest.mark.parametrize("more", [0, 2])
def test_members_of_costs_one_query_for_one_or_three(world: World, django_assert_num_queries: object, more: int) -> None:
    for _ in range(more):
        make.MandateFactory(organisation=world.onmt)
    make.MandateFactory(organisation=world.onmt)
    with django_assert_num_queries(1):  # type: ignore[operator]
        assert len([(m.person.full_name, m.person.user, m.organisation.name) for m in members_of(world.onmt)]) == more + 1


def test_is_last_administrator_counts_only_those_with_an_open_account(world: World) -> None:
    mandate = world.operator.person.mandates.get()
    make.MandateFactory(person=make.PersonFactory(user=None), organisation=world.atlas)
    assert is_last_administrator(mandate)
    make.MandateFactory(organisation=world.atlas)
    assert not is_last_administrator(mandate)
