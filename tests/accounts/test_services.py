"""Accounts: who opens, changes and closes them, and what the trail keeps of it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pghistory.models
import pytest
from allauth.mfa.models import Authenticator
from django.contrib.auth import authenticate
from django.contrib.auth.models import AnonymousUser

from accounts import services
from accounts.models import HeldRole, User
from accounts.roles import StaffRole
from core.actors import SYSTEM
from core.errors import Conflict, Forbidden, Invalid, Stale
from core.models import OutboxMail
from tests.factories.accounts import PASSWORD, StaffFactory, UserFactory, give_totp

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.django_db


@pytest.fixture
def manager() -> User:
    user: User = StaffFactory.create(roles=[StaffRole.ACCOUNT_MANAGER])
    return user


def register(by: Any = SYSTEM, **changes: Any) -> User:
    given = {"email": "amina@example.ma", "full_name": "Amina", "language": "fr", "password": PASSWORD} | changes
    return services.register_user(by=by, **given)


def last_context(user: User) -> dict[str, Any]:
    """What the trail says of the last change of an account."""
    event = User.pgh_event_model.objects.filter(pgh_obj_id=user.pk).order_by("-pgh_id").first()  # type: ignore[attr-defined]
    metadata: dict[str, Any] = event.pgh_context.metadata
    return metadata


# -- opening -----------------------------------------------------------------------------------------------------------
def test_account_when_registered_then_its_owner_signs_in_and_the_trail_knows_who_opened_it() -> None:
    user = register(email=" Amina@Example.MA ", full_name=" Amina  El Fassi ", language="ar")

    assert (user.email, user.full_name, user.language, user.is_staff) == ("amina@example.ma", "Amina El Fassi", "ar", False)
    assert authenticate(email="amina@example.ma", password=PASSWORD) == user
    assert (last_context(user)["actor_label"], last_context(user)["reason"]) == ("system", "Account opened")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "pas une adresse"),
        ("email", "a\x00b@example.ma"),
        ("full_name", "  "),
        ("full_name", "x" * 151),
        ("full_name", "a\x00b"),
        ("language", "xx"),
        ("password", "court"),
        ("password", "q1w2e3r4t5y6"),
        ("password", "amina@example.ma"),
    ],
)
def test_account_when_something_given_is_wrong_then_that_field_is_refused_and_nothing_is_written(field: str, value: str) -> None:
    with pytest.raises(Invalid) as refusal:
        register(**{field: value})

    assert refusal.value.field == field
    assert User.objects.count() == 0


def test_account_when_the_address_has_one_already_then_it_is_refused_whatever_its_case() -> None:
    register()

    with pytest.raises(Invalid) as refusal:
        register(email="AMINA@example.ma")

    assert (refusal.value.field, refusal.value.code) == ("email", "email_taken")


@pytest.mark.parametrize("role", [role for role in StaffRole if role != StaffRole.ACCOUNT_MANAGER])
def test_account_when_opened_by_other_staff_then_it_is_forbidden(role: StaffRole) -> None:
    by = StaffFactory.create(roles=[role])

    with pytest.raises(Forbidden):
        register(by=by)
    with pytest.raises(Forbidden):
        services.open_staff_account(email="x@onmt.ma", full_name="X", language="fr", roles=[StaffRole.AUDITOR], by=by)
    assert User.objects.count() == 1


@pytest.mark.parametrize("known", [True, False])
def test_account_when_opened_by_nobody_or_the_sector_then_the_refusal_does_not_tell_whether_it_exists(known: bool) -> None:
    if known:
        register()

    for by in (AnonymousUser(), UserFactory.create()):
        with pytest.raises(Forbidden) as refusal:
            register(by=by)
        assert refusal.value.code == "forbidden"


# -- staff -------------------------------------------------------------------------------------------------------------
def test_staff_account_when_opened_then_it_holds_its_roles_has_no_password_and_a_mail_says_how_to_begin(manager: User) -> None:
    user = services.open_staff_account(
        email="omar@onmt.ma", full_name="Omar", language="fr", roles=[StaffRole.AUDITOR, StaffRole.TRAINING_OFFICER], by=manager
    )

    assert user.staff_roles == {StaffRole.AUDITOR, StaffRole.TRAINING_OFFICER}
    assert (user.is_staff, user.has_usable_password()) == (True, False)
    assert list(OutboxMail.objects.values_list("to_email", "kind", "is_sensitive")) == [("omar@onmt.ma", "staff_welcome", False)]


@pytest.mark.parametrize("roles", [[], ["emperor"]])
def test_staff_account_when_roles_are_wrong_then_it_is_refused(manager: User, roles: list[str]) -> None:
    with pytest.raises(Invalid) as refusal:
        services.open_staff_account(email="omar@onmt.ma", full_name="Omar", language="fr", roles=roles, by=manager)

    assert refusal.value.field == "roles"
    assert User.objects.count() == 1


def test_roles_when_given_then_exactly_these_are_held_and_the_trail_has_each_with_its_reason(manager: User) -> None:
    user = StaffFactory.create(roles=[StaffRole.AUDITOR])

    services.set_staff_roles(user=user.pk, roles=[StaffRole.DOMESTIC_OFFICER], by=manager, reason="mutation")

    user = User.objects.get(pk=user.pk)
    assert user.staff_roles == {StaffRole.DOMESTIC_OFFICER}
    events = HeldRole.pgh_event_model.objects.filter(user=user, pgh_context__metadata__reason="mutation")  # type: ignore[attr-defined]
    assert sorted(events.values_list("pgh_label", "group__name")) == [("delete", "auditor"), ("insert", "domestic_officer")]
    assert {event.pgh_context.metadata["actor"] for event in events} == {str(manager.pk)}


def test_roles_when_none_is_left_then_the_account_leaves_the_staff(manager: User) -> None:
    user = StaffFactory.create()

    assert services.set_staff_roles(user=user.pk, roles=[], by=manager, reason="départ").is_staff is False


def test_roles_when_taken_from_the_last_accounts_manager_then_it_is_refused(manager: User) -> None:
    with pytest.raises(Conflict) as refusal:
        services.set_staff_roles(user=manager.pk, roles=[StaffRole.AUDITOR], by=SYSTEM, reason="essai")

    assert refusal.value.code == "last_account_manager"
    assert User.objects.get(pk=manager.pk).staff_roles == {StaffRole.ACCOUNT_MANAGER}


# -- profile -----------------------------------------------------------------------------------------------------------
def test_profile_when_it_is_another_persons_then_it_does_not_exist() -> None:
    one, other = UserFactory.create(), UserFactory.create()

    with pytest.raises(User.DoesNotExist):
        services.update_profile(user=other.pk, full_name="X", language="ar", by=one)
    with pytest.raises(User.DoesNotExist):
        services.change_language(user=other.pk, language="ar", by=one)


def test_profile_when_changed_meanwhile_then_the_older_version_is_refused() -> None:
    user = UserFactory.create()
    seen = user.updated_at - timedelta(seconds=1)

    with pytest.raises(Stale):
        services.update_profile(user=user.pk, full_name="X", language="fr", by=user, version=seen)


# -- what needs another accounts manager -------------------------------------------------------------------------------
MANAGED: list[tuple[str, Callable[..., User], dict[str, Any]]] = [
    ("roles", services.set_staff_roles, {"roles": [StaffRole.AUDITOR]}),
    ("close", services.close_account, {}),
    ("reopen", services.reopen_account, {}),
    ("email", services.change_email, {"email": "neuf@example.ma"}),
    ("factors", services.reset_second_factor, {}),
]


@pytest.mark.parametrize(("name", "act", "given"), MANAGED, ids=[name for name, _act, _given in MANAGED])
def test_managed_act_when_done_by_others_then_it_is_forbidden_or_hidden(
    manager: User, name: str, act: Callable[..., User], given: dict[str, Any]
) -> None:
    target, stranger = UserFactory.create(), UserFactory.create()
    officer = StaffFactory.create(roles=[StaffRole.CONVENTION_MANAGER, StaffRole.AUDITOR])

    with pytest.raises(User.DoesNotExist):
        act(user=target.pk, by=stranger, reason="essai", **given)
    with pytest.raises(Forbidden):
        act(user=target.pk, by=officer, reason="essai", **given)
    with pytest.raises(Forbidden):
        act(user=target.pk, by=target, reason="essai", **given)
    with pytest.raises(Forbidden):
        act(user=manager.pk, by=manager, reason="essai", **given)


@pytest.mark.parametrize(("name", "act", "given"), MANAGED, ids=[name for name, _act, _given in MANAGED])
def test_managed_act_when_no_reason_is_given_then_it_is_refused(
    manager: User, name: str, act: Callable[..., User], given: dict[str, Any]
) -> None:
    target = UserFactory.create(is_active=name != "reopen")

    with pytest.raises(Invalid) as refusal:
        act(user=target.pk, by=manager, reason="  ", **given)

    assert refusal.value.field == "reason"


def test_account_when_closed_then_it_no_longer_signs_in_and_closing_twice_is_refused(manager: User) -> None:
    user = UserFactory.create()

    services.close_account(user=user.pk, by=manager, reason="départ")

    assert authenticate(email=user.email, password=PASSWORD) is None
    assert last_context(user)["reason"] == "départ"
    with pytest.raises(Conflict):
        services.close_account(user=user.pk, by=manager, reason="départ")


def test_account_when_reopened_then_it_signs_in_again_and_reopening_twice_is_refused(manager: User) -> None:
    user = UserFactory.create(is_active=False)

    services.reopen_account(user=user.pk, by=manager, reason="retour")

    assert authenticate(email=user.email, password=PASSWORD) == user
    with pytest.raises(Conflict):
        services.reopen_account(user=user.pk, by=manager, reason="retour")


def test_account_when_of_the_last_accounts_manager_then_closing_is_refused(manager: User) -> None:
    with pytest.raises(Conflict):
        services.close_account(user=manager.pk, by=SYSTEM, reason="essai")

    assert User.objects.get(pk=manager.pk).is_active


def test_address_when_changed_then_the_former_one_is_told_and_a_taken_one_is_refused(manager: User) -> None:
    user, other = UserFactory.create(), UserFactory.create()

    services.change_email(user=user.pk, email="Neuf@example.ma", by=manager, reason="mariage")

    assert User.objects.get(pk=user.pk).email == "neuf@example.ma"
    assert list(OutboxMail.objects.values_list("to_email", flat=True)) == [user.email]
    with pytest.raises(Invalid):
        services.change_email(user=other.pk, email="neuf@example.ma", by=manager, reason="essai")


def test_factors_when_reset_then_none_is_left_and_the_owner_is_told(manager: User) -> None:
    user = StaffFactory.create()
    give_totp(user, codes=True)

    services.reset_second_factor(user=user.pk, by=manager, reason="téléphone perdu")

    assert not Authenticator.objects.filter(user=user).exists()
    assert list(OutboxMail.objects.values_list("to_email", "kind")) == [(user.email, "security_notice")]


# -- passwords ---------------------------------------------------------------------------------------------------------
def test_password_when_chosen_by_somebody_else_then_it_is_forbidden(manager: User) -> None:
    user = UserFactory.create()

    with pytest.raises(Forbidden):
        services.change_password(user=user.pk, password="encore une longue phrase 2027", by=manager)


def test_password_when_changed_then_the_trail_says_so_and_holds_neither_of_them() -> None:
    user = UserFactory.create()
    before = user.password

    services.change_password(user=user.pk, password="encore une longue phrase 2027", by=user)

    assert last_context(user)["reason"] == "Password changed"
    rows = str(list(User.pgh_event_model.objects.values()))  # type: ignore[attr-defined]
    assert before not in rows
    assert User.objects.get(pk=user.pk).password not in rows
    assert pghistory.models.Context.objects.exists()
