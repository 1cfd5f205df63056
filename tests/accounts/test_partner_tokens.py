"""Partners' tokens: how they are obtained, how long they live, and the one answer to all that are not valid."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from allauth.idp.oidc.models import Client as OAuthClient
from allauth.idp.oidc.models import Token
from django.contrib.auth.hashers import MD5PasswordHasher
from django.test import Client, RequestFactory
from django.urls import NoReverseMatch, reverse
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import IsAuthenticated
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.roles import MandateRole, StaffRole
from core import clock
from core.api.authentication import PartnerPrincipal, PartnerToken, Session
from partnership.choices import OrganisationStatus
from partnership.models import ApiClient, Organisation
from partnership.services.api_clients import issue_api_client, revoke_api_client
from tests.factories.accounts import StaffFactory, give_totp, sign_in

if TYPE_CHECKING:
    from django.http import HttpResponse
    from pytest_django import DjangoAssertNumQueries
    from rest_framework.request import Request

    from tests.factories.world import World

pytestmark = pytest.mark.django_db
NOON = "2026-11-23 12:00:00+00:00"


class WhoAmI(APIView):
    """An endpoint that answers whoever was recognised."""

    authentication_classes = [PartnerToken, Session]
    permission_classes = [IsAuthenticated]
    throttle_classes: list[Any] = []

    def get(self, request: Request) -> Response:
        return Response({"who": str(request.user)})


@dataclass
class Partner:
    access: ApiClient
    secret: str

    def basic(self) -> dict[str, str]:
        pair = b64encode(f"{self.access.client_id}:{self.secret}".encode()).decode()
        return {"Authorization": f"Basic {pair}"}

    def ask(self, **data: str) -> HttpResponse:
        given = {"grant_type": "client_credentials"} | data
        return Client().post(reverse("api_token"), given, headers=self.basic())  # type: ignore[return-value]

    def token(self, **data: str) -> str:
        return str(self.ask(**data).json()["access_token"])  # type: ignore[attr-defined]


@pytest.fixture
def partner(world: World) -> Partner:
    access, secret = issue_api_client(
        organisation=world.atlas.pk,
        label="Moteur",
        scopes=["conventions:read", "commitments:read", "commitments:write"],
        expires_on=clock.today() + timedelta(days=30),
        by=world.staff[StaffRole.ACCOUNT_MANAGER],
    )
    return Partner(access, secret)


def call(token: str | None, scheme: str = "Bearer") -> Response:
    headers = {} if token is None else {"Authorization": f"{scheme} {token}"}
    answer: Response = WhoAmI.as_view()(RequestFactory().get("/api/v1/me", headers=headers))
    return answer


# -- obtaining one -----------------------------------------------------------------------------------------------------
def test_token_when_asked_with_the_secret_then_it_lives_an_hour_and_only_its_digest_is_kept(partner: Partner) -> None:
    answer = partner.ask().json()  # type: ignore[attr-defined]

    assert (answer["token_type"], answer["expires_in"]) == ("Bearer", 3600)
    assert answer["scope"] == "conventions:read commitments:read commitments:write"
    assert "refresh_token" not in answer
    stored = Token.objects.get()
    assert answer["access_token"] not in str(vars(stored))
    assert len(stored.hash) == 64


def test_token_when_fewer_scopes_are_asked_then_it_has_those_alone(partner: Partner) -> None:
    assert partner.ask(scope="commitments:read").json()["scope"] == "commitments:read"  # type: ignore[attr-defined]


def test_token_when_a_scope_was_not_granted_then_it_is_refused(partner: Partner) -> None:
    answer = partner.ask(scope="documents:write")

    assert (answer.status_code, answer.json()["error"]) == (400, "invalid_scope")  # type: ignore[attr-defined]
    assert Token.objects.count() == 0


@pytest.mark.parametrize("state", ["wrong secret", "unknown", "revoked", "expired", "suspended", "nothing"])
def test_token_when_the_access_is_not_valid_then_every_reason_gives_the_same_answer(world: World, partner: Partner, state: str) -> None:
    if state == "wrong secret":
        partner.secret = "faux"
    elif state == "unknown":
        partner.access = ApiClient(client_id="inconnu")
    elif state == "revoked":
        revoke_api_client(client=partner.access.pk, by=world.staff[StaffRole.ACCOUNT_MANAGER], reason="essai")
    elif state == "expired":
        ApiClient.objects.update(expires_on=clock.today() - timedelta(days=1))
    elif state == "suspended":
        Organisation.objects.filter(pk=world.atlas.pk).update(status=OrganisationStatus.SUSPENDED, status_reason="essai")
    headers = {} if state == "nothing" else partner.basic()

    answer = Client().post(reverse("api_token"), {"grant_type": "client_credentials"}, headers=headers)

    assert (answer.status_code, answer.json(), answer["WWW-Authenticate"]) == (401, {"error": "invalid_client"}, 'Basic realm="api"')


@pytest.mark.parametrize("grant", ["authorization_code", "password", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code", ""])
def test_token_when_another_grant_is_asked_then_it_is_refused(partner: Partner, grant: str) -> None:
    answer = partner.ask(grant_type=grant)

    assert (answer.status_code, answer.json()) == (400, {"error": "unsupported_grant_type"})  # type: ignore[attr-defined]


def test_token_when_asked_too_often_then_429_before_the_secret_is_hashed(partner: Partner, monkeypatch: pytest.MonkeyPatch) -> None:
    with time_machine.travel(NOON, tick=False):
        assert [partner.ask().status_code for _ in range(30)] == [200] * 30
        monkeypatch.setattr(MD5PasswordHasher, "encode", lambda *_args: pytest.fail("a refused request was hashed"))
        refused = partner.ask()

    assert (refused.status_code, refused["Retry-After"]) == (429, "60")


@pytest.mark.parametrize("name", ["authorization", "device_authorization", "userinfo", "revoke", "device_code", "configuration", "logout"])
def test_identity_provider_when_looked_for_then_only_the_token_endpoint_exists(client: Client, name: str) -> None:
    with pytest.raises(NoReverseMatch):
        reverse(f"idp:oidc:{name}")
    for path in ("/identity/o/authorize", "/identity/o/api/userinfo", "/.well-known/openid-configuration", "/identity/o/device"):
        assert client.get(path).status_code == 404


def test_token_endpoint_when_read_then_405(client: Client) -> None:
    assert client.get(reverse("api_token")).status_code == 405


# -- using one ---------------------------------------------------------------------------------------------------------
def test_token_when_used_then_the_caller_is_the_organisations_program_and_nobody_else(partner: Partner) -> None:
    request = WhoAmI().initialize_request(RequestFactory().get("/", headers={"Authorization": f"bearer {partner.token()}"}))

    principal: Any = request.user

    assert isinstance(principal, PartnerPrincipal)
    assert (principal.pk, principal.organisation_id) == (partner.access.pk, partner.access.organisation_id)
    assert principal.client_id == partner.access.client_id
    assert principal.scopes == {"conventions:read", "commitments:read", "commitments:write"}
    assert (principal.is_authenticated, principal.is_staff, principal.staff_roles) == (True, False, frozenset())


def test_token_when_not_valid_then_every_reason_gives_the_same_answer(world: World, partner: Partner) -> None:
    with time_machine.travel(NOON, tick=False) as now:
        expired = partner.token()
        now.shift(3601)
        answers = [call(expired), call("inconnu"), call(""), call("é\x00"), call("x" * 10_000)]
        revoked = partner.token()
        assert call(revoked).status_code == 200
        revoke_api_client(client=partner.access.pk, by=world.staff[StaffRole.ACCOUNT_MANAGER], reason="essai")
        answers.append(call(revoked))

    assert [answer.status_code for answer in answers] == [401] * 6
    assert len({str(answer.data) for answer in answers}) == 1
    assert {answer["WWW-Authenticate"] for answer in answers} == {'Bearer realm="api", error="invalid_token"'}


@pytest.mark.parametrize("change", ["expired", "suspended"])
def test_token_when_its_access_ends_then_it_stops_at_once(world: World, partner: Partner, change: str) -> None:
    token = partner.token()
    if change == "expired":
        ApiClient.objects.update(expires_on=clock.today() - timedelta(days=1))
    else:
        Organisation.objects.filter(pk=world.atlas.pk).update(status=OrganisationStatus.SUSPENDED, status_reason="essai")

    assert call(token).status_code == 401


def test_token_when_it_belongs_to_a_user_then_it_is_not_a_partners(world: World) -> None:
    token = Token(type="at", user=world.users["atlas", MandateRole.MEMBER], client=OAuthClient.objects.create())
    token.set_value("x")
    token.save()

    with pytest.raises(AuthenticationFailed):
        PartnerToken().authenticate(WhoAmI().initialize_request(RequestFactory().get("/", headers={"Authorization": "Bearer x"})))


def test_call_when_it_carries_nothing_then_401_asks_for_a_token() -> None:
    for answer in (call(None), call("YTpi", scheme="Basic")):
        assert (answer.status_code, answer["WWW-Authenticate"]) == (401, 'Bearer realm="api"')


def test_token_when_used_often_then_its_last_use_is_written_once_a_minute(
    partner: Partner, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with time_machine.travel(NOON, tick=False) as now:
        token = partner.token()
        now.shift(61)
        with django_assert_num_queries(3):
            call(token)
        now.shift(30)
        with django_assert_num_queries(2):
            call(token)
        used = ApiClient.objects.get().last_used_at

    assert used is not None
    assert used.isoformat() == "2026-11-23T12:01:01+00:00"


# -- sessions ----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("second_factor", "status"), [(True, 200), (False, 401)])
def test_api_when_called_with_a_staff_session_then_it_counts_only_once_the_second_factor_is_passed(
    client: Client, second_factor: bool, status: int
) -> None:
    user = StaffFactory.create()
    give_totp(user)
    sign_in(client, user, second_factor=second_factor)

    assert client.get("/api/v1/organisations/").status_code == status
