"""Whoever loses a role in an organisation, or gets another, signs in anew: the sessions opened before have ended."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.test import Client

from accounts.roles import MandateRole
from core.actors import SYSTEM
from partnership.models import Mandate
from partnership.services.people import change_mandate_role, end_mandate, give_mandate
from tests.factories.accounts import sign_in
from tests.factories.partnership import PersonFactory

if TYPE_CHECKING:
    from accounts.models import User
    from tests.factories.world import World

pytestmark = pytest.mark.django_db


def mandate_of(user: User) -> Mandate:
    return Mandate.objects.get(person__user=user)


def is_open(client: Client) -> bool:
    return client.get("/profile/").status_code == 200


def test_sessions_when_the_mandate_changes_role_then_those_of_that_person_end_and_no_others(world: World) -> None:
    member = world.users["atlas", MandateRole.MEMBER]
    theirs, mine = sign_in(Client(), member), sign_in(Client(), world.operator)

    change_mandate_role(mandate=mandate_of(member).pk, role=MandateRole.READER, by=world.operator)

    assert (is_open(theirs), is_open(mine)) == (False, True)


def test_sessions_when_the_role_stays_the_same_then_they_go_on(world: World) -> None:
    member = world.users["atlas", MandateRole.MEMBER]
    theirs = sign_in(Client(), member)

    change_mandate_role(mandate=mandate_of(member).pk, role=MandateRole.MEMBER, by=world.operator)

    assert is_open(theirs)


def test_sessions_when_the_mandate_ends_then_they_end(world: World) -> None:
    member = world.users["atlas", MandateRole.MEMBER]
    theirs = sign_in(Client(), member)

    end_mandate(mandate=mandate_of(member).pk, by=world.operator)

    assert not is_open(theirs)


def test_sessions_when_somebody_leaves_an_organisation_then_their_own_goes_on_without_it(world: World) -> None:
    member = world.users["atlas", MandateRole.MEMBER]
    theirs = sign_in(Client(), member)

    end_mandate(mandate=mandate_of(member).pk, by=member)

    assert is_open(theirs)


def test_mandate_when_its_person_has_no_account_then_it_ends_all_the_same(world: World) -> None:
    mandate = give_mandate(person=PersonFactory().pk, organisation=world.atlas.pk, role=MandateRole.READER, by=SYSTEM)

    assert end_mandate(mandate=mandate.pk, by=world.operator).ends_on is not None
