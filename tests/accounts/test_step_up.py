"""Exports, rights, signature and arbitration ask for a recent proof of who one is; nothing is written before, nothing typed is lost."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from allauth.account.authentication import AUTHENTICATION_METHODS_SESSION_KEY
from allauth.usersessions.models import UserSession
from django.urls import reverse

from accounts.models import User
from accounts.roles import StaffRole
from accounts.stepup import DRAFT, LONGEST_DRAFT
from core import clock
from core.models import Erasure, Job
from partnership.models import Commitment, Convention, Invitation, Mandate
from tests.factories.accounts import PASSWORD, StaffFactory, UserFactory, give_totp, sign_in, totp_code
from tests.factories.partnership import CommitmentFactory, ConventionFactory

if TYPE_CHECKING:
    from django.test import Client

    from tests.factories.world import World

pytestmark = pytest.mark.django_db

CONFIRM = "/accounts/reauthenticate/"


def old_session(client: Client, user: User) -> Client:
    """Signed in, the second factor passed, sixteen minutes ago."""
    sign_in(client, user)
    session = client.session
    session[AUTHENTICATION_METHODS_SESSION_KEY] = [{"method": "mfa", "at": clock.now().timestamp() - 16 * 60, "type": "totp"}]
    session.save()
    return client


def asks(response: Any) -> bool:
    return bool(response.status_code == 302 and response["Location"].startswith(CONFIRM))


# -- what asks ---------------------------------------------------------------------------------------------------------
def test_report_when_the_proof_is_old_then_it_is_asked_and_no_report_is_requested(world: World, client: Client) -> None:
    old_session(client, world.secretariat)
    path = reverse("portal:report_new", args=["progress"])

    assert asks(client.get(path))
    assert asks(client.post(path, {"convention": str(world.convention.pk), "format": "csv", "language": "fr"}))
    assert Job.objects.count() == 0


def test_report_file_when_the_proof_is_old_then_it_is_asked_whether_the_file_exists_or_not(world: World, client: Client) -> None:
    old_session(client, world.secretariat)

    assert asks(client.get(reverse("portal:report_file", args=[world.convention.pk])))


def test_signature_when_the_proof_is_old_then_it_is_asked_and_nothing_is_signed(world: World, client: Client) -> None:
    submitted = ConventionFactory(status="submitted")
    old_session(client, world.manager)
    for path in (
        reverse("partnership:convention_act", args=[submitted.pk, "sign"]),
        reverse("admin:partnership_convention_act", args=[submitted.pk, "sign"]),
    ):
        assert asks(client.get(path))
        assert asks(client.post(path, {"signed_on": clock.today().isoformat()}))

    assert Convention.objects.get(pk=submitted.pk).status == "submitted"


def test_arbitration_when_the_proof_is_old_then_it_is_asked_and_nothing_is_decided(world: World, client: Client) -> None:
    contested = CommitmentFactory(axis=world.axis, obligor=world.party_onmt, beneficiary=world.party_cnt, status="contested")
    old_session(client, world.manager)
    for name in ("partnership:commitment_act", "admin:partnership_commitment_act"):
        assert asks(client.post(reverse(name, args=[contested.pk, "arbitrate"]), {"reason": "essai", "outcome": "confirmed"}))

    assert Commitment.objects.get(pk=contested.pk).status == "contested"


def test_invitation_when_the_proof_is_old_then_it_is_asked_and_nobody_is_invited(world: World, client: Client) -> None:
    old_session(client, world.operator)
    path = reverse("partnership:organisation_invite", args=[world.atlas.pk])

    assert asks(client.get(path))
    assert asks(client.post(path, {"email": "a@example.ma", "full_name": "A B", "role": "administrator", "language": "fr"}))
    assert Invitation.objects.count() == 0


def test_mandate_when_the_proof_is_old_then_neither_its_role_nor_its_end_is_written(world: World, client: Client) -> None:
    mandate = Mandate.objects.filter(organisation=world.atlas).first()
    assert mandate is not None
    old_session(client, world.operator)
    for slug in ("role", "end"):
        assert asks(client.post(reverse("partnership:mandate_act", args=[mandate.pk, slug]), {"role": "reader", "reason": "essai"}))
    before = mandate.role, mandate.ends_on
    mandate.refresh_from_db()
    assert (mandate.role, mandate.ends_on) == before


@pytest.mark.parametrize("slug", ["roles", "email", "reset-factor", "close", "reopen", "erase"])
def test_account_act_when_the_proof_is_old_then_it_is_asked(client: Client, slug: str) -> None:
    old_session(client, StaffFactory.create(roles=(StaffRole.ACCOUNT_MANAGER,)))
    other = UserFactory.create()

    assert asks(client.post(reverse("admin:accounts_user_act", args=[other.pk, slug]), {"roles": ["auditor"], "reason": "essai"}))
    assert not User.objects.get(pk=other.pk).is_staff


def test_erasure_when_the_proof_is_old_then_it_is_asked_and_nobody_is_erased(world: World, client: Client) -> None:
    member = world.users["atlas", "member"]  # type: ignore[index]
    old_session(client, world.staff[StaffRole.ACCOUNT_MANAGER])
    for path in (
        reverse("admin:accounts_user_act", args=[member.pk, "erase"]),
        reverse("admin:partnership_person_act", args=[member.person.pk, "erase"]),
    ):
        assert asks(client.get(path))
        assert asks(client.post(path, {"reason": "Demande de la personne", "sure": "on"}))

    assert Erasure.objects.count() == 0
    assert User.objects.get(pk=member.pk).erased_at is None


@pytest.mark.parametrize("page", ["accounts_user", "partnership_mandate", "partnership_invitation", "partnership_apiclient"])
def test_page_that_gives_a_right_when_the_proof_is_old_then_it_is_asked(client: Client, page: str) -> None:
    old_session(client, StaffFactory.create(roles=(StaffRole.ACCOUNT_MANAGER,)))

    assert asks(client.get(reverse(f"admin:{page}_add")))
    assert client.get(reverse(f"admin:{page}_changelist")).status_code == 200


def test_mandates_when_ended_together_and_the_proof_is_old_then_it_is_asked_and_none_ends(world: World, client: Client) -> None:
    old_session(client, StaffFactory.create(roles=(StaffRole.ACCOUNT_MANAGER,)))
    rows = list(Mandate.objects.values_list("pk", flat=True))

    response = client.post(reverse("admin:partnership_mandate_bulk", args=["end"]), {"_selected_action": rows, "confirmed": "1"})

    assert asks(response)
    assert Mandate.objects.exclude(ends_on=None).count() == 0


def test_ordinary_act_when_the_proof_is_old_then_it_is_not_asked(world: World, client: Client) -> None:
    old_session(client, world.secretariat)

    assert client.get(reverse("partnership:commitment_act", args=[world.owed_by_cnt.pk, "declare"])).status_code == 200


def test_devices_when_the_proof_is_old_then_they_are_listed_and_ending_one_asks(client: Client) -> None:
    user = UserFactory.create()
    old_session(client, user)

    assert client.get(reverse("usersessions_list")).status_code == 200
    assert asks(client.post(reverse("usersessions_list")))


def test_fragment_when_the_proof_is_old_then_401_and_the_address_to_go_to(world: World, client: Client) -> None:
    old_session(client, world.operator)
    path = reverse("partnership:organisation_invite", args=[world.atlas.pk])

    response = client.post(path, {"email": "a@example.ma"}, headers={"HX-Request": "true"})

    assert (response.status_code, response["HX-Redirect"]) == (401, f"{CONFIRM}?next=%2Faccounts%2Fresume%2F")


# -- how recent --------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("minutes", "expected"), [(14, 200), (16, 302)])
def test_sign_in_when_some_minutes_old_then_it_counts_as_a_proof_for_a_quarter_of_an_hour(
    world: World, client: Client, minutes: int, expected: int
) -> None:
    path = reverse("partnership:organisation_invite", args=[world.atlas.pk])
    with time_machine.travel(clock.now(), tick=False) as now:
        client.post(reverse("account_login"), {"login": world.operator.email, "password": PASSWORD})
        now.shift(minutes * 60)

        assert client.get(path).status_code == expected


def test_records_when_they_are_of_another_account_then_they_prove_nothing(world: World, client: Client) -> None:
    sign_in(client, UserFactory.create())
    session = client.session
    session["account_authentication_methods_user"] = "somebody-else"
    session.save()

    assert asks(client.get(reverse("partnership:organisation_invite", args=[world.atlas.pk])))


# -- what was typed ----------------------------------------------------------------------------------------------------
TYPED = {"email": "nouvelle@example.ma", "full_name": "Nouvelle « & » <b>\nEssai", "role": "administrator", "language": "ar"}


def test_form_when_the_proof_is_old_then_what_was_typed_comes_back_and_is_sent_by_its_author_alone(world: World, client: Client) -> None:
    old_session(client, world.operator)
    path = reverse("partnership:organisation_invite", args=[world.atlas.pk])
    asked = client.post(path, TYPED | {"csrfmiddlewaretoken": "x" * 64})

    proved = client.post(CONFIRM, {"password": PASSWORD, "next": "/accounts/resume/"})
    page = client.get(proved["Location"])

    assert (asked["Location"], proved["Location"]) == (f"{CONFIRM}?next=%2Faccounts%2Fresume%2F", "/accounts/resume/")
    assert Invitation.objects.count() == 0
    assert page.context["draft"]["path"] == path
    assert dict(page.context["draft"]["fields"]) == TYPED
    assert "<b>" not in page.content.decode()
    assert 'name="csrfmiddlewaretoken"' in page.content.decode()

    sent = client.post(path, dict(page.context["draft"]["fields"]))

    assert sent.status_code == 302
    assert Invitation.objects.get().email == "nouvelle@example.ma"
    assert DRAFT not in client.session
    assert client.get("/accounts/resume/")["Location"] == "/"


def test_draft_when_it_is_an_acts_then_the_page_says_which(world: World, client: Client) -> None:
    contested = CommitmentFactory(axis=world.axis, obligor=world.party_onmt, beneficiary=world.party_cnt, status="contested")
    give_totp(world.manager)
    old_session(client, world.manager)
    client.post(reverse("partnership:commitment_act", args=[contested.pk, "arbitrate"]), {"reason": "essai"})

    client.post(reverse("mfa_reauthenticate"), {"code": totp_code(), "next": "/accounts/resume/"})

    assert str(client.get("/accounts/resume/").context["draft"]["title"]) == "Enregistrer la décision du comité"


def test_draft_when_nothing_has_been_proved_then_it_is_not_shown(world: World, client: Client) -> None:
    old_session(client, world.operator)
    client.post(reverse("partnership:organisation_invite", args=[world.atlas.pk]), TYPED)

    assert client.get("/accounts/resume/")["Location"] == "/"


def test_draft_when_somebody_else_signs_in_then_it_is_gone(world: World, client: Client) -> None:
    old_session(client, world.operator)
    client.post(reverse("partnership:organisation_invite", args=[world.atlas.pk]), TYPED)

    sign_in(client, UserFactory.create())

    assert client.get("/accounts/resume/")["Location"] == "/"


def test_draft_when_too_long_for_a_session_then_it_is_not_kept_and_the_form_opens_again(world: World, client: Client) -> None:
    old_session(client, world.operator)
    path = reverse("partnership:organisation_invite", args=[world.atlas.pk])

    response = client.post(path, TYPED | {"full_name": "x" * (LONGEST_DRAFT + 1)}, headers={"Referer": f"http://testserver{path}"})

    assert response["Location"].endswith(f"?next={path.replace('/', '%2F')}")
    assert DRAFT not in client.session


def test_sign_out_when_done_then_the_browser_is_told_to_forget(world: World, client: Client) -> None:
    old_session(client, world.operator)
    client.post(reverse("partnership:organisation_invite", args=[world.atlas.pk]), TYPED)

    answer = client.post(reverse("account_logout"))

    assert answer["Clear-Site-Data"] == '"storage"'
    assert DRAFT not in client.session


# -- proving it --------------------------------------------------------------------------------------------------------
def test_proof_when_given_then_the_page_asked_for_opens_and_the_session_has_another_key(world: World, client: Client) -> None:
    old_session(client, world.operator)
    path = reverse("partnership:organisation_invite", args=[world.atlas.pk])
    client.get("/profile/")
    before = client.session.session_key

    response = client.post(CONFIRM, {"password": PASSWORD, "next": path})

    assert response["Location"] == path
    assert client.get(path).status_code == 200
    assert client.session.session_key != before
    assert not UserSession.objects.filter(session_key=before).exists()


def test_proof_when_the_password_is_wrong_then_the_page_stays_closed(world: World, client: Client) -> None:
    old_session(client, world.operator)
    path = reverse("partnership:organisation_invite", args=[world.atlas.pk])

    assert client.post(CONFIRM, {"password": "faux", "next": path}).status_code == 200
    assert asks(client.get(path))


def test_proof_when_next_leads_elsewhere_then_it_is_ignored(client: Client) -> None:
    old_session(client, UserFactory.create())

    assert client.post(CONFIRM, {"password": PASSWORD, "next": "https://evil.example/"})["Location"] == "/"
