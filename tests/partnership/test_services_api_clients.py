"""An organisation's programs: who gives them access, for how long, and what is kept of their secret."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from allauth.idp.oidc.models import Client, Token
from django.db import connection

from accounts.roles import MandateRole, StaffRole
from core import clock
from core.errors import Conflict, Forbidden, Invalid
from partnership.choices import OrganisationStatus
from partnership.models import ApiClient, Organisation
from partnership.services.api_clients import issue_api_client, revoke_api_client

if TYPE_CHECKING:
    from tests.factories.world import World

pytestmark = pytest.mark.django_db


def issue(world: World, **changes: Any) -> tuple[ApiClient, str]:
    given: dict[str, Any] = {
        "organisation": world.atlas.pk,
        "label": "Moteur de réservation",
        "scopes": ["commitments:read", "conventions:read"],
        "expires_on": clock.today() + timedelta(days=30),
        "by": world.staff[StaffRole.ACCOUNT_MANAGER],
    }
    return issue_api_client(**given | changes)


def test_access_when_issued_then_the_secret_is_given_once_and_only_its_digest_is_kept(world: World) -> None:
    access, secret = issue(world)

    with connection.cursor() as cursor:
        cursor.execute("SELECT row_to_json(c)::text FROM allauth_idp_oidc_client c WHERE id = %s", [access.client_id])
        stored = cursor.fetchone()[0]
    client = Client.objects.get(pk=access.client_id)
    assert len(secret) == 43
    assert secret not in stored
    assert client.check_secret(secret)
    assert (client.get_grant_types(), client.get_scopes()) == (["client_credentials"], ["conventions:read", "commitments:read"])
    assert (access.organisation_id, access.created_by) == (world.atlas.pk, world.staff[StaffRole.ACCOUNT_MANAGER])


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("label", {"label": " "}),
        ("label", {"label": "x" * 101}),
        ("label", {"label": "a\x00b"}),
        ("scopes", {"scopes": []}),
        ("scopes", {"scopes": ["admin:write"]}),
    ],
)
def test_access_when_something_given_is_wrong_then_that_field_is_refused(world: World, field: str, changes: dict[str, Any]) -> None:
    with pytest.raises(Invalid) as refusal:
        issue(world, **changes)

    assert refusal.value.field == field
    assert (ApiClient.objects.count(), Client.objects.count()) == (0, 0)


@pytest.mark.parametrize(("days", "accepted"), [(-1, False), (0, True), (365, True), (366, False)])
@time_machine.travel("2026-11-23 10:00:00+00:00", tick=False)
def test_access_when_issued_then_it_holds_for_a_year_at_most(world: World, days: int, accepted: bool) -> None:
    expires_on = clock.today() + timedelta(days=days)

    if accepted:
        assert issue(world, expires_on=expires_on)[0].expires_on == expires_on
    else:
        with pytest.raises(Invalid) as refusal:
            issue(world, expires_on=expires_on)
        assert refusal.value.field == "expires_on"


@pytest.mark.parametrize("role", [role for role in StaffRole if role != StaffRole.ACCOUNT_MANAGER])
def test_access_when_issued_by_other_staff_then_it_is_forbidden(world: World, role: StaffRole) -> None:
    with pytest.raises(Forbidden):
        issue(world, by=world.staff[role])


def test_access_when_issued_by_the_organisation_itself_or_a_competitor_then_it_is_forbidden_or_hidden(world: World) -> None:
    with pytest.raises(Forbidden):
        issue(world, by=world.users["atlas", MandateRole.ADMINISTRATOR])
    with pytest.raises(Organisation.DoesNotExist):
        issue(world, by=world.users["rif", MandateRole.ADMINISTRATOR])


@pytest.mark.parametrize("status", [OrganisationStatus.SUSPENDED, OrganisationStatus.CLOSED])
def test_access_when_the_organisation_is_suspended_or_closed_then_it_is_forbidden(world: World, status: str) -> None:
    Organisation.objects.filter(pk=world.atlas.pk).update(status=status, status_reason="essai")

    with pytest.raises(Forbidden):
        issue(world)


@pytest.mark.parametrize("who", ["manager", "administrator"])
def test_access_when_revoked_then_its_tokens_are_gone_and_revoking_twice_is_refused(world: World, who: str) -> None:
    access, _secret = issue(world)
    Token.objects.create(type="at", hash="a", client_id=access.client_id)
    by = world.staff[StaffRole.ACCOUNT_MANAGER] if who == "manager" else world.users["atlas", MandateRole.ADMINISTRATOR]

    revoked = revoke_api_client(client=access.pk, by=by, reason="secret perdu")

    assert revoked.revoked_at is not None
    assert Token.objects.count() == 0
    with pytest.raises(Conflict):
        revoke_api_client(client=access.pk, by=by, reason="secret perdu")


def test_access_when_revoked_by_others_then_it_is_forbidden_or_hidden(world: World) -> None:
    access, _secret = issue(world)

    with pytest.raises(ApiClient.DoesNotExist):
        revoke_api_client(client=access.pk, by=world.users["rif", MandateRole.ADMINISTRATOR], reason="essai")
    with pytest.raises(Forbidden):
        revoke_api_client(client=access.pk, by=world.users["atlas", MandateRole.MEMBER], reason="essai")
    with pytest.raises(Forbidden):
        revoke_api_client(client=access.pk, by=world.manager, reason="essai")
    with pytest.raises(Invalid):
        revoke_api_client(client=access.pk, by=world.staff[StaffRole.ACCOUNT_MANAGER], reason=" ")
    assert ApiClient.objects.get().revoked_at is None
