"""The pages of organisations: who opens what, at what cost, and what comes back when the input is wrong."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from django.urls import reverse

from accounts.roles import MandateRole
from core import clock
from partnership.models import Affiliation, Organisation
from tests.factories import partnership as make
from tests.factories.accounts import UserFactory, sign_in

if TYPE_CHECKING:
    from django.test import Client

    from accounts.models import User
    from tests.factories.world import World

pytestmark = pytest.mark.django_db
ADMIN, MEMBER, READER = MandateRole.ADMINISTRATOR, MandateRole.MEMBER, MandateRole.READER


def page(organisation: Organisation, part: str = "") -> str:
    address = reverse("partnership:organisation_detail", args=[organisation.pk])
    return f"{address}?part={part}" if part else address


def act(organisation: Organisation, slug: str) -> str:
    return reverse("partnership:organisation_act", args=[organisation.pk, slug])


def edit(organisation: Organisation) -> str:
    return reverse("partnership:organisation_update", args=[organisation.pk])


def typed(organisation: Organisation, **changes: Any) -> dict[str, Any]:
    """The profile as the browser sends it back, with some fields changed."""
    values = {
        name: getattr(organisation, name) or "" for name in ("name_fr", "name_ar", "acronym", "licence_kind", "licence_number", "size")
    }
    values |= {name: getattr(organisation, name) or "" for name in ("email", "website", "address")}
    values |= {
        "phone": str(organisation.phone or ""),
        "activities": organisation.activities,
        "version": organisation.updated_at.isoformat(),
    }
    values |= {"region": organisation.region_id or "", "destination": organisation.destination_id or ""}
    return values | changes


def status_of(client: Client, user: User | None, address: str) -> int:
    client.logout()
    if user is not None:
        client.force_login(user)
    return client.get(address).status_code


# -- who opens what ------------------------------------------------------------------------------------------------------
def test_organisation_page_opens_for_its_people_and_its_federation_and_does_not_exist_for_a_competitor(
    world: World, client: Client
) -> None:
    answers = {
        "own": [status_of(client, world.users["atlas", role], page(world.atlas)) for role in MandateRole],
        "federation": status_of(client, world.users["fnih", ADMIN], page(world.atlas)),
        "competitor": status_of(client, world.competitor, page(world.atlas)),
        "other federation": status_of(client, world.users["fnavm", ADMIN], page(world.atlas)),
        "missing": status_of(client, world.operator, reverse("partnership:organisation_detail", args=[uuid4()])),
        "anonymous": status_of(client, None, page(world.atlas)),
    }
    assert answers == {
        "own": [200, 200, 200],
        "federation": 200,
        "competitor": 404,
        "other federation": 404,
        "missing": 404,
        "anonymous": 302,
    }


@pytest.mark.parametrize(
    "address",
    ["partnership:organisation_mine", "partnership:organisation_list"],
)
def test_pages_lead_to_the_sign_in_page_when_nobody_is_signed_in(world: World, client: Client, address: str) -> None:
    response = client.get(reverse(address))
    assert (response.status_code, response["Location"].startswith(reverse("account_login"))) == (302, True)


def test_my_organisation_shows_the_one_acted_for_and_says_what_to_do_when_there_is_none(world: World, client: Client) -> None:
    client.force_login(world.operator)
    assert "Hôtel Atlas" in client.get(reverse("partnership:organisation_mine")).content.decode()
    alone = UserFactory()
    client.force_login(alone)
    response = client.get(reverse("partnership:organisation_mine"))
    assert "partnership/organisation_none.html" in [template.name for template in response.templates]


def test_people_and_accesses_stay_inside_the_organisation(world: World, client: Client) -> None:
    client.force_login(world.users["fnih", ADMIN])
    foreign = client.get(page(world.atlas, "people")).content.decode()
    assert world.operator.email not in foreign
    client.force_login(world.users["atlas", READER])
    reader = client.get(page(world.atlas, "people")).content.decode()
    assert world.operator.email in reader
    assert reverse("partnership:organisation_invite", args=[world.atlas.pk]) not in reader
    assert "part=access" not in reader


def test_profile_shows_its_establishments_memberships_and_what_is_missing(world: World, client: Client) -> None:
    sibling = make.OrganisationFactory(name_fr="Riad Atlas annexe", ice=make.ice(1001, 2))
    make.MandateFactory(person=world.users["fnih", ADMIN].person, organisation=sibling, role=READER)
    make.AffiliationFactory(organisation=sibling, body=world.fnih)
    client.force_login(world.users["fnih", ADMIN])
    content = client.get(page(world.atlas)).content.decode()
    assert "Riad Atlas annexe" in content
    assert "Fédération nationale de l&#x27;industrie hôtelière" in content


# -- cost ----------------------------------------------------------------------------------------------------------------
# Session, account, mandates, unread notifications; then the page's own.
FRAME = 4
MEMBERS = FRAME + 4  # the organisation, its part, the regions of the filter, the page
PROFILE = FRAME + 4  # the organisation, the rights, its memberships, its establishments
PEOPLE = FRAME + 4  # the organisation, its people, its invitations, the rights


@pytest.mark.parametrize("more", [0, 2])
def test_directory_costs_the_same_for_any_number_of_rows(world: World, client: Client, django_assert_num_queries: Any, more: int) -> None:
    for _ in range(more):
        make.AffiliationFactory(body=world.fnih)
    client.force_login(world.users["fnih", ADMIN])
    client.get(reverse("partnership:organisation_list"))
    with django_assert_num_queries(FRAME + 2):  # the regions of the filter, the page
        client.get(reverse("partnership:organisation_list"))


@pytest.mark.parametrize("more", [0, 2])
def test_members_cost_the_same_for_any_number_of_rows(world: World, client: Client, django_assert_num_queries: Any, more: int) -> None:
    for _ in range(more):
        make.AffiliationFactory(body=world.fnih)
    client.force_login(world.users["fnih", ADMIN])
    client.get(page(world.fnih, "members"))
    with django_assert_num_queries(MEMBERS):
        content = client.get(page(world.fnih, "members")).content.decode()
    assert content.count(act(world.rif, "vouch")) == 1
    assert act(world.atlas, "vouch") not in content  # vouched for already


@pytest.mark.parametrize("more", [0, 2])
def test_people_cost_the_same_for_any_number_of_rows(world: World, client: Client, django_assert_num_queries: Any, more: int) -> None:
    for _ in range(more + 1):
        make.MandateFactory(organisation=world.atlas, role=MEMBER)
        make.InvitationFactory(organisation=world.atlas)
    client.force_login(world.operator)
    client.get(page(world.atlas, "people"))
    with django_assert_num_queries(PEOPLE):
        client.get(page(world.atlas, "people"))


# -- filters -------------------------------------------------------------------------------------------------------------
def test_directory_filters_by_words_without_accents_kind_activity_region_and_state(world: World, client: Client) -> None:
    client.force_login(world.users["fnih", ADMIN])

    def found(query: str) -> set[str]:
        content = client.get(f"{reverse('partnership:organisation_list')}?{query}").content.decode()
        return {row.name_fr for row in (world.atlas, world.rif, world.fnih, world.cnt) if page(row) in content}

    region = world.rif.region_id
    assert found("q=HOTEL atl") == {"Hôtel Atlas d'essai"}
    assert found("kind=confederation") == {"Confédération nationale du tourisme"}
    assert found("activity=hotel") == {"Hôtel Atlas d'essai", "Hôtel Rif d'essai"}
    assert found(f"region={region}") == {"Hôtel Rif d'essai"}
    assert found("status=vouched") == {"Hôtel Atlas d'essai"}
    assert found("q=zzzz") == set()


def test_members_filter_by_state_of_the_membership(world: World, client: Client) -> None:
    Affiliation.objects.filter(organisation=world.rif).update(status="suspended", reason="Cotisation non réglée.")
    client.force_login(world.users["fnih", ADMIN])
    content = client.get(page(world.fnih, "members") + "&membership=suspended").content.decode()
    assert (page(world.rif) in content, page(world.atlas) in content) == (True, False)


@pytest.mark.parametrize("query", ["q=" + "x" * 500, "region=" + "9" * 30, "kind=nothing", "status=%F0%9F%98%80", "region=abc"])
def test_directory_answers_ugly_filters(world: World, client: Client, query: str) -> None:
    client.force_login(world.operator)
    assert client.get(f"{reverse('partnership:organisation_list')}?{query}").status_code == 200


def test_directory_does_not_know_an_edited_cursor(world: World, client: Client) -> None:
    client.force_login(world.operator)
    assert client.get(f"{reverse('partnership:organisation_list')}?cursor=edited").status_code == 404


# -- the profile ---------------------------------------------------------------------------------------------------------
def test_profile_is_edited_by_an_administrator_alone(world: World, client: Client) -> None:
    answers = [status_of(client, world.users["atlas", role], edit(world.atlas)) for role in MandateRole]
    assert answers == [200, 403, 403]
    assert status_of(client, world.competitor, edit(world.atlas)) == 404
    assert status_of(client, world.users["fnih", ADMIN], edit(world.atlas)) == 403


def test_profile_keeps_what_is_saved(world: World, client: Client) -> None:
    client.force_login(world.operator)
    response = client.post(edit(world.atlas), typed(world.atlas, name_ar="فندق الأطلس", phone="0522000000", website="atlas.example"))
    world.atlas.refresh_from_db()
    assert response.status_code == 302
    assert (world.atlas.name_ar, str(world.atlas.phone), world.atlas.website) == ("فندق الأطلس", "+212522000000", "https://atlas.example")


def test_profile_changed_meanwhile_shows_both_versions_and_writes_nothing(world: World, client: Client) -> None:
    client.force_login(world.operator)
    mine = typed(world.atlas, acronym="MIEN")
    world.atlas.acronym = "LEUR"
    world.atlas.save()
    response = client.post(edit(world.atlas), mine)
    content = response.content.decode()
    assert (response.status_code, "LEUR" in content, "MIEN" in content) == (412, True, True)
    world.atlas.refresh_from_db()
    assert world.atlas.acronym == "LEUR"
    version = re.search(r'name="version" value="([^"]+)"', content)
    assert version is not None
    assert client.post(edit(world.atlas), mine | {"version": version[1].replace("&#x2B;", "+")}).status_code == 302
    world.atlas.refresh_from_db()
    assert world.atlas.acronym == "MIEN"


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name_fr", ""), ("name_fr", "a\x00b"), ("name_fr", "x" * 201), ("name_ar", "x" * 5000), ("activities", ["hotel", "spaceport"]),
        ("region", "10" * 30), ("region", "-1"), ("destination", "01a20000-0000-7000-8000-000000000000"),
        ("email", "not an address"), ("phone", "9" * 40), ("phone", "abc"),
        ("website", "javascript:alert(1)"), ("version", "yesterday"), ("version", "9999-12-31"), ("size", "huge"),
    ],
)  # fmt: skip
def test_profile_refuses_ugly_input_and_gives_back_what_was_typed(world: World, client: Client, field: str, value: Any) -> None:
    client.force_login(world.operator)
    response = client.post(edit(world.atlas), typed(world.atlas, address="12, rue de l'essai", **{field: value}))
    assert response.status_code == 422
    assert "12, rue de l&#x27;essai" in response.content.decode()
    assert Organisation.objects.get(pk=world.atlas.pk).address == ""


def test_profile_ignores_fields_that_are_not_offered(world: World, client: Client) -> None:
    client.force_login(world.operator)
    sent = typed(world.atlas, ice=make.ice(9), kind="federation", is_host="on", status="closed", is_demo="on")
    assert client.post(edit(world.atlas), sent).status_code == 302
    held = Organisation.objects.get(pk=world.atlas.pk)
    assert (held.ice, held.kind, held.is_host, held.status, held.is_demo) == (world.atlas.ice, "operator", False, "vouched", False)


# -- acts ----------------------------------------------------------------------------------------------------------------
def test_federation_vouches_for_its_member_and_can_stop(world: World, client: Client) -> None:
    client.force_login(world.users["fnih", ADMIN])
    assert client.get(act(world.rif, "vouch")).status_code == 200
    response = client.post(act(world.rif, "vouch"), {"note": "Connu depuis dix ans."}, follow=True)
    world.rif.refresh_from_db()
    assert world.rif.status == "vouched"
    assert act(world.rif, "withdraw-vouch") in response.content.decode()
    client.post(act(world.rif, "withdraw-vouch"), {"reason": "Licence retirée par le ministère."})
    world.rif.refresh_from_db()
    assert world.rif.status == "registered"


def test_vouching_is_hidden_from_strangers_and_forbidden_to_the_member_itself(world: World, client: Client) -> None:
    assert status_of(client, world.users["fnavm", ADMIN], act(world.rif, "vouch")) == 404
    assert status_of(client, world.competitor, act(world.rif, "vouch")) == 403
    assert status_of(client, world.users["fnih", MEMBER], act(world.rif, "vouch")) == 403
    assert status_of(client, world.users["fnih", ADMIN], act(world.rif, "nonsense")) == 404


def test_vouching_twice_says_that_it_is_no_longer_possible(world: World, client: Client) -> None:
    client.force_login(world.users["fnih", ADMIN])
    assert client.post(act(world.atlas, "vouch"), {"note": ""}).status_code == 409


def test_membership_is_suspended_with_a_reason_and_a_day_that_makes_sense(world: World, client: Client) -> None:
    affiliation = world.rif.affiliations.get()
    address = reverse("partnership:affiliation_act", args=[affiliation.pk, "suspend"])
    client.force_login(world.users["fnih", ADMIN])
    assert client.post(address, {"reason": "ab"}).status_code == 422
    for day in ("0001-01-01", "9999-12-31", "2022-02-30", "\x00"):
        response = client.post(address, {"reason": "Cotisation non réglée.", "starts_on": day})
        assert (response.status_code, "Cotisation non réglée." in response.content.decode()) == (422, True)
    assert client.post(address, {"reason": "Cotisation non réglée."}).status_code == 302
    assert list(world.rif.affiliations.order_by("starts_on").values_list("status", "ends_on")) == [
        ("active", clock.today()),
        ("suspended", None),
    ]
    assert status_of(client, world.users["fnavm", ADMIN], address) == 404


def test_closed_membership_is_shown_without_acts(world: World, client: Client) -> None:
    affiliation = world.rif.affiliations.get()
    Affiliation.objects.filter(pk=affiliation.pk).update(ends_on=clock.today() - timedelta(days=1))
    client.force_login(world.competitor)
    assert reverse("partnership:affiliation_act", args=[affiliation.pk, "withdraw"]) not in client.get(page(world.rif)).content.decode()


# -- staff ---------------------------------------------------------------------------------------------------------------
def test_staff_find_every_organisation_and_suspend_one_with_a_reason_its_people_read(world: World, client: Client) -> None:
    sign_in(client, world.manager)
    assert client.get(reverse("partnership:organisation_mine"))["Location"] == reverse("partnership:organisation_list")
    assert page(world.oasis) in client.get(reverse("partnership:organisation_list")).content.decode()
    assert act(world.oasis, "suspend") in client.get(page(world.oasis)).content.decode()
    assert client.post(act(world.oasis, "suspend"), {"reason": "Licence retirée par le ministère."}).status_code == 302
    client.force_login(world.users["oasis", READER])
    assert "Licence retirée par le ministère." in client.get(page(world.oasis)).content.decode()
    client.force_login(world.users["fnavm", ADMIN])
    assert "Licence retirée par le ministère." not in client.get(page(world.oasis)).content.decode()


def test_auditor_reads_everything_and_may_do_nothing(world: World, client: Client) -> None:
    sign_in(client, world.auditor)
    content = "".join(client.get(page(world.atlas, part)).content.decode() for part in ("profile", "people", "access"))
    assert world.operator.email in content
    mandate = world.operator.person.mandates.get()
    addresses = [act(world.atlas, "suspend"), edit(world.atlas), reverse("partnership:organisation_invite", args=[world.atlas.pk])]
    addresses.append(reverse("partnership:mandate_act", args=[mandate.pk, "end"]))
    assert [address for address in addresses if address in content] == []
    assert [client.post(address).status_code for address in addresses] == [403] * 4


@pytest.mark.parametrize("more", [0, 2])
def test_profile_costs_the_same_for_any_number_of_memberships(
    world: World, client: Client, django_assert_num_queries: Any, more: int
) -> None:
    for _ in range(more):
        make.AffiliationFactory(organisation=world.atlas, body=make.FederationFactory())
    client.force_login(world.operator)
    client.get(page(world.atlas))
    with django_assert_num_queries(PROFILE):
        client.get(page(world.atlas))
