"""Invitations: a link good once, for seven days, that tells nothing of who has an account."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from django.contrib.auth.models import AnonymousUser

from accounts.models import User
from accounts.roles import MandateRole, StaffRole
from core import clock
from core.errors import Conflict, Forbidden, Invalid
from core.models import Notification, OutboxMail
from partnership.models import Invitation, Mandate, Organisation, Person
from partnership.permissions.organisations import acts_for
from partnership.selectors.organisations import invitations_of
from partnership.services.invitations import accept_invitation, digest_of, invite, open_invitation, renew_invitation, revoke_invitation
from tests.factories import partnership as make
from tests.factories.accounts import PASSWORD, UserFactory

if TYPE_CHECKING:
    from tests.factories.world import World

NOBODY = AnonymousUser()
ADMINISTRATOR, MEMBER = MandateRole.ADMINISTRATOR, MandateRole.MEMBER


def _link(email: str) -> str:
    """The token of the latest mail sent to an address."""
    body = OutboxMail.objects.filter(to_email=email, kind="invitation").latest("created_at").body
    found = re.search(r"/invitation/([\w-]+)/", body)
    assert found
    return found.group(1)


def _invite(world: World, email: str = "nadia@atlas.example", role: str = MEMBER, **more: Any) -> Invitation:
    arguments: dict[str, Any] = {"organisation": world.atlas.pk, "full_name": "Nadia Alami", "by": world.operator} | more
    return invite(email=email, role=role, **arguments)


# -- sending -----------------------------------------------------------------------------------------------------------
def test_invitation_is_mailed_with_a_link_of_which_only_the_digest_is_kept(world: World) -> None:
    invitation = _invite(world, " Nadia@Atlas.example ", language="ar")
    token = _link("nadia@atlas.example")
    assert len(token) == 43
    assert invitation.token_digest == digest_of(token)
    mail = OutboxMail.objects.get(kind="invitation")
    assert (mail.language, mail.is_sensitive) == ("ar", True)
    assert token not in str(Invitation.objects.values().get(pk=invitation.pk))
    assert timedelta(days=6, hours=23) < invitation.expires_at - clock.now() <= timedelta(days=7)


@pytest.mark.parametrize("who", [("atlas", MEMBER), ("atlas", MandateRole.READER)])
def test_invitation_is_not_sent_by_members_and_readers(world: World, who: tuple[str, MandateRole]) -> None:
    with pytest.raises(Forbidden):
        _invite(world, by=world.users[who])


@pytest.mark.parametrize("role", StaffRole)
def test_invitation_is_sent_by_accounts_managers_among_staff(world: World, role: StaffRole) -> None:
    try:
        _invite(world, by=world.staff[role])
    except Forbidden:
        assert role != StaffRole.ACCOUNT_MANAGER
    else:
        assert role == StaffRole.ACCOUNT_MANAGER


def test_invitation_to_an_organisation_of_others_does_not_exist(world: World) -> None:
    with pytest.raises(Organisation.DoesNotExist):
        _invite(world, by=world.competitor)


def test_invitation_of_an_address_with_an_account_is_answered_like_any_other(world: World) -> None:
    known = _invite(world, world.competitor.email)
    unknown = _invite(world, "nobody@example.ma")
    hidden = {"id", "created_at", "updated_at", "email", "token_digest", "expires_at"}
    rows = [{k: v for k, v in Invitation.objects.values().get(pk=i.pk).items() if k not in hidden} for i in (known, unknown)]
    assert rows[0] == rows[1]
    bodies = [re.sub(r"/invitation/[\w-]+/", "", mail.body) for mail in OutboxMail.objects.filter(kind="invitation")]
    assert bodies[0] == bodies[1]


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"email": "not an address"}, "email"),
        ({"email": "a@b\x00.ma"}, "email"),
        ({"email": "x" * 300 + "@example.ma"}, "email"),
        ({"full_name": ""}, "full_name"),
        ({"full_name": "x" * 151}, "full_name"),
        ({"full_name": "a\x00b"}, "full_name"),
        ({"role": "king"}, "role"),
        ({"language": "zz"}, "language"),
    ],
)
def test_invitation_with_bad_input_is_refused_and_nothing_is_sent(world: World, change: dict[str, str], field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        _invite(world, **change)
    assert refusal.value.field == field
    assert not Invitation.objects.exists()
    assert not OutboxMail.objects.exists()


def test_invitation_of_a_colleague_or_of_somebody_already_invited_is_refused(world: World) -> None:
    with pytest.raises(Conflict) as refusal:
        _invite(world, world.users["atlas", MEMBER].email.upper())
    assert refusal.value.code == "already_member"
    _invite(world)
    with pytest.raises(Conflict) as refusal:
        _invite(world)
    assert refusal.value.code == "already_invited"


def test_first_invitation_of_an_organisation_is_an_administrator_s(world: World) -> None:
    empty, keeper = make.OrganisationFactory(), world.staff[StaffRole.ACCOUNT_MANAGER]
    with pytest.raises(Invalid):
        _invite(world, organisation=empty.pk, by=keeper)
    _invite(world, organisation=empty.pk, by=keeper, role=ADMINISTRATOR)


# -- accepting ---------------------------------------------------------------------------------------------------------
def test_invitation_accepted_opens_an_account_with_its_mandate_once(world: World) -> None:
    invitation = _invite(world)
    token = _link("nadia@atlas.example")

    user = accept_invitation(token=token, password=PASSWORD, full_name="Nadia El Alami", by=NOBODY)

    invitation.refresh_from_db()
    assert (user.email, user.full_name, user.check_password(PASSWORD), user.is_staff) == (
        "nadia@atlas.example",
        "Nadia El Alami",
        True,
        False,
    )
    assert acts_for(user, world.atlas.pk)
    assert invitation.mandate == Mandate.objects.get(person__user=user)
    assert [notice.recipient for notice in Notification.objects.filter(kind="invitation_accepted")] == [world.operator]
    with pytest.raises(Conflict) as refusal:
        accept_invitation(token=token, password=PASSWORD, by=NOBODY)
    assert refusal.value.code == "invitation_over"


def test_invitation_accepted_links_the_person_known_by_that_address(world: World) -> None:
    person = make.PersonFactory(user=None, email="nadia@atlas.example", full_name="Nadia Alami")
    _invite(world)
    user = accept_invitation(token=_link("nadia@atlas.example"), password=PASSWORD, by=NOBODY)
    assert Person.objects.get(user=user) == person


def test_account_accepts_signed_in_and_keeps_its_other_mandate(world: World) -> None:
    _invite(world, world.competitor.email)
    token = _link(world.competitor.email)
    with pytest.raises(Forbidden) as refusal:
        accept_invitation(token=token, password=PASSWORD, by=NOBODY)
    assert refusal.value.code == "sign_in_first"
    with pytest.raises(Forbidden) as refusal:
        accept_invitation(token=token, password=PASSWORD, by=world.secretariat)
    assert refusal.value.code == "other_account"
    user = accept_invitation(token=token, by=world.competitor)
    assert user == world.competitor
    assert set(Mandate.objects.current().filter(person__user=user).values_list("organisation", flat=True)) == {world.atlas.pk, world.rif.pk}
    assert user.check_password(PASSWORD)


def test_somebody_signed_in_with_another_account_does_not_take_an_invitation(world: World) -> None:
    _invite(world)
    with pytest.raises(Forbidden) as refusal:
        accept_invitation(token=_link("nadia@atlas.example"), password=PASSWORD, by=world.competitor)
    assert refusal.value.code == "other_account"
    assert not User.objects.filter(email="nadia@atlas.example").exists()


def test_invitation_with_a_weak_password_is_refused_and_stays_open(world: World) -> None:
    _invite(world)
    token = _link("nadia@atlas.example")
    with pytest.raises(Invalid) as refusal:
        accept_invitation(token=token, password="court", by=NOBODY)
    assert refusal.value.field == "password"
    assert not User.objects.filter(email="nadia@atlas.example").exists()
    accept_invitation(token=token, password=PASSWORD, by=NOBODY)


def test_account_opened_meanwhile_by_another_invitation_signs_in_for_the_second(world: World) -> None:
    _invite(world)
    _invite(world, organisation=world.rif.pk, by=world.competitor)
    second = _link("nadia@atlas.example")
    accept_invitation(token=second, password=PASSWORD, by=NOBODY)
    first = next(i for i in Invitation.objects.filter(accepted_at=None))
    assert first.organisation == world.atlas


@pytest.mark.parametrize("token", ["", "unknown", "a\x00b", "é" * 5000, "\ud800"])
def test_unknown_link_is_refused_like_one_that_is_over(db: None, token: str) -> None:
    with pytest.raises(Conflict) as refusal:
        open_invitation(token=token)
    assert refusal.value.code == "invitation_over"


def test_link_expires_after_seven_days(world: World) -> None:
    _invite(world)
    token = _link("nadia@atlas.example")
    with time_machine.travel(clock.now() + timedelta(days=7, seconds=1)), pytest.raises(Conflict):
        accept_invitation(token=token, password=PASSWORD, by=NOBODY)
    with time_machine.travel(clock.now() + timedelta(days=6, hours=23)):
        accept_invitation(token=token, password=PASSWORD, by=NOBODY)


def test_link_to_an_organisation_closed_meanwhile_opens_nothing(world: World) -> None:
    _invite(world)
    token = _link("nadia@atlas.example")
    Organisation.objects.filter(pk=world.atlas.pk).update(status="closed", status_reason="Fermée.")
    with pytest.raises(Conflict):
        accept_invitation(token=token, password=PASSWORD, by=NOBODY)


# -- renewing and withdrawing ------------------------------------------------------------------------------------------
def test_renewed_invitation_has_a_new_link_and_the_former_opens_nothing(world: World) -> None:
    invitation = _invite(world)
    former = _link("nadia@atlas.example")
    renew_invitation(invitation=invitation.pk, by=world.operator)
    with pytest.raises(Conflict):
        open_invitation(token=former)
    assert open_invitation(token=_link("nadia@atlas.example")) == invitation
    assert sorted(OutboxMail.objects.filter(kind="invitation").values_list("status", flat=True)) == ["cancelled", "queued"]


def test_revoked_invitation_opens_nothing_and_its_mail_does_not_leave(world: World) -> None:
    invitation = _invite(world)
    token = _link("nadia@atlas.example")
    revoke_invitation(invitation=invitation.pk, by=world.operator)
    with pytest.raises(Conflict):
        open_invitation(token=token)
    assert OutboxMail.objects.get(kind="invitation").status == "cancelled"
    for again in (revoke_invitation, renew_invitation):
        with pytest.raises(Conflict) as refusal:
            again(invitation=invitation.pk, by=world.operator)
        assert refusal.value.code == "invitation_revoked"
    _invite(world)


def test_invitations_of_others_do_not_exist_and_members_do_not_touch_them(world: World) -> None:
    invitation = _invite(world)
    for verb in (revoke_invitation, renew_invitation):
        with pytest.raises(Invitation.DoesNotExist):
            verb(invitation=invitation.pk, by=world.competitor)
        with pytest.raises(Forbidden):
            verb(invitation=invitation.pk, by=world.users["atlas", MEMBER])


@pytest.mark.parametrize("count", [1, 3])
def test_list_of_invitations_costs_one_query(world: World, django_assert_num_queries: Any, count: int) -> None:
    for _ in range(count):
        make.InvitationFactory(organisation=world.atlas, invited_by=UserFactory())
    with django_assert_num_queries(1):
        assert len([(i.invited_by and i.invited_by.full_name, i.organisation.name) for i in invitations_of(world.atlas)]) == count
