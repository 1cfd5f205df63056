"""The roles: one description, from which the groups of the database came."""

from __future__ import annotations

import pytest
from django.contrib.auth.models import Group

from accounts.models import User
from accounts.roles import MANDATE_ROLE_HELP, OPERATING_ROLES, STAFF_ROLE_HELP, MandateRole, StaffRole
from core.actors import SYSTEM
from tests.factories.accounts import StaffFactory, UserFactory


@pytest.mark.django_db
def test_roles_when_migrated_then_each_has_its_group() -> None:
    assert set(Group.objects.values_list("name", flat=True)) == set(StaffRole.values)


def test_roles_when_described_then_each_says_what_it_may_do() -> None:
    assert STAFF_ROLE_HELP.keys() == set(StaffRole)
    assert MANDATE_ROLE_HELP.keys() == set(MandateRole)


def test_auditor_when_compared_with_those_who_write_then_it_is_none_of_them() -> None:
    assert StaffRole.AUDITOR not in OPERATING_ROLES


@pytest.mark.django_db
@pytest.mark.parametrize(("is_active", "is_staff", "expected"), [(True, True, 1), (False, True, 0), (True, False, 0), (False, False, 0)])
def test_roles_when_the_account_is_closed_or_has_left_the_staff_then_they_count_for_nothing(
    is_active: bool, is_staff: bool, expected: int
) -> None:
    user = StaffFactory.create(roles=[StaffRole.AUDITOR], is_active=is_active, is_staff=is_staff)

    assert len(User.objects.get(pk=user.pk).staff_roles) == expected


@pytest.mark.django_db
def test_accounts_when_listed_then_staff_see_all_and_everybody_else_their_own() -> None:
    auditor, roleless = StaffFactory.create(roles=[StaffRole.AUDITOR]), UserFactory.create(is_staff=True)
    amina, closed = UserFactory.create(), UserFactory.create(is_active=False)

    assert set(User.objects.visible_to(auditor)) == set(User.objects.visible_to(SYSTEM)) == {auditor, roleless, amina, closed}
    assert list(User.objects.visible_to(amina)) == [amina]
    assert list(User.objects.visible_to(roleless)) == [roleless]
    assert list(User.objects.visible_to(closed)) == []
