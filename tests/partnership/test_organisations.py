"""Organisations: their registration, their profile, their states."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from accounts.roles import MandateRole, StaffRole
from core.errors import Conflict, Forbidden, Invalid, Stale
from core.ice import check_ice
from core.models import Event, Notification
from partnership.choices import ORGANISATION_TRANSITIONS, OrganisationStatus
from partnership.models import Organisation
from partnership.selectors.organisations import completeness, establishments_of, members_of_body, memberships_of, missing_in_profile
from partnership.services import organisations as services
from tests.factories import partnership as make

if TYPE_CHECKING:
    from tests.factories.world import World

REASON = "Licence retirée par l'administration."


# -- ICE ---------------------------------------------------------------------------------------------------------------
def test_ice_with_blanks_and_arabic_digits_is_kept_as_fifteen_digits() -> None:
    digits = make.ice(213609)
    assert check_ice(f" {digits[:9]} {digits[9:13]} {digits[13:]} ") == digits
    assert check_ice(digits.translate({48 + n: 0x660 + n for n in range(10)})) == digits


@pytest.mark.parametrize(
    ("value", "code"),
    [
        ("00213609300", "ice_length"),
        ("000000000000000", "ice_zeros"),
        ("00213609300004A", "ice_digits"),
        ("", "ice_digits"),
        (None, "ice_digits"),
        ("①②③④⑤⑥⑦⑧⑨①②③④⑤⑥", "ice_digits"),
        ("1\x00" + "2" * 13, "ice_digits"),
        ("9" * 400, "ice_length"),
    ],
)
def test_ice_that_no_enterprise_can_have_is_refused_with_its_reason(value: Any, code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        check_ice(value)
    assert (refusal.value.code, refusal.value.field) == (code, "ice")


def test_ice_with_any_single_digit_mistyped_is_refused() -> None:
    digits = make.ice(123456)
    for position in range(15):
        wrong = digits[:position] + str((int(digits[position]) + 1) % 10) + digits[position + 1 :]
        with pytest.raises(Invalid, match="ICE"):
            check_ice(wrong)


# -- registration ------------------------------------------------------------------------------------------------------
def test_organisation_registered_by_staff_is_announced_and_recorded(world: World) -> None:
    place = make.DestinationFactory()
    details = {"ice": f" {make.ice(77)} ", "activities": ["riad", "riad"], "destination": place.pk, "phone": "0524 43 61 31"}

    organisation = services.register_organisation(kind="operator", name_fr="  Riad Yasmine  ", details=details, by=world.manager)

    kept = Organisation.objects.get(pk=organisation.pk)
    assert (kept.name_fr, kept.status, kept.ice, kept.activities) == ("Riad Yasmine", "registered", make.ice(77), ["riad"])
    assert (kept.region, str(kept.phone)) == (place.region, "+212524436131")
    assert list(Event.objects.filter(about_id=kept.pk).values_list("name", flat=True)) == ["organisation.registered"]


@pytest.mark.parametrize("role", StaffRole)
def test_organisation_is_registered_by_staff_who_run_operations_only(world: World, role: StaffRole) -> None:
    allowed = role not in {StaffRole.AUDITOR, StaffRole.ACCOUNT_MANAGER}
    try:
        services.register_organisation(kind="operator", name_fr="Riad", by=world.staff[role])
    except Forbidden:
        assert not allowed
    else:
        assert allowed


def test_organisation_is_not_registered_by_an_operator(world: World) -> None:
    with pytest.raises(Forbidden):
        services.register_organisation(kind="operator", name_fr="Riad", by=world.operator)


@pytest.mark.parametrize(
    ("kind", "name", "details", "field"),
    [
        ("operator", "", {}, "name_fr"),
        ("operator", "a\x00b", {}, "name_fr"),
        ("operator", "x" * 201, {}, "name_fr"),
        ("palace", "Riad", {}, "kind"),
        ("operator", "Riad", {"activities": ["casino"]}, "activities"),
        ("operator", "Riad", {"email": "not an address"}, "email"),
        ("operator", "Riad", {"website": "javascript:alert(1)"}, "website"),
        ("operator", "Riad", {"phone": "12"}, "phone"),
        ("operator", "Riad", {"region": "MA-07"}, "region"),
        ("operator", "Riad", {"is_host": True}, "is_host"),
        ("operator", "Riad", {"status": "vouched"}, "status"),
        ("operator", "Riad", {"ice": "123"}, "ice"),
    ],
)
def test_organisation_with_bad_input_is_refused_and_nothing_is_written(
    world: World, kind: str, name: str, details: dict[str, Any], field: str
) -> None:
    before = Organisation.objects.count()
    with pytest.raises(Invalid) as refusal:
        services.register_organisation(kind=kind, name_fr=name, details=details, by=world.manager)
    assert refusal.value.field == field
    assert Organisation.objects.count() == before


def test_organisation_with_a_known_ice_is_refused(world: World) -> None:
    with pytest.raises(Invalid) as refusal:
        services.register_organisation(kind="operator", name_fr="Autre", details={"ice": world.atlas.ice}, by=world.manager)
    assert (refusal.value.code, refusal.value.field) == ("unique", "ice")


def test_organisation_in_a_destination_of_another_region_is_refused(world: World) -> None:
    details = {"region": make.RegionFactory(code="MA-09"), "destination": make.DestinationFactory()}
    with pytest.raises(Invalid) as refusal:
        services.register_organisation(kind="operator", name_fr="Riad", details=details, by=world.manager)
    assert refusal.value.field == "destination"


# -- profile -----------------------------------------------------------------------------------------------------------
def test_profile_is_kept_by_its_administrator(world: World) -> None:
    services.update_organisation(
        organisation=world.atlas.pk,
        changes={"name_ar": "فندق الأطلس", "size": "small", "website": "https://atlas.example"},
        by=world.operator,
    )
    world.atlas.refresh_from_db()
    assert (world.atlas.name_ar, world.atlas.size, world.atlas.website) == ("فندق الأطلس", "small", "https://atlas.example")


@pytest.mark.parametrize("field", ["status", "kind", "ice", "is_host", "is_demo", "source", "id", "sort_key", "unknown"])
def test_profile_field_that_identifies_is_refused_to_its_administrator(world: World, field: str) -> None:
    with pytest.raises(Invalid) as refusal:
        services.update_organisation(organisation=world.atlas.pk, changes={"size": "small", field: "x"}, by=world.operator)
    assert (refusal.value.code, refusal.value.field) == ("unknown_field", field)
    world.atlas.refresh_from_db()
    assert world.atlas.size == ""


def test_profile_without_an_ice_takes_one_from_its_administrator_once(world: World) -> None:
    Organisation.objects.filter(pk=world.atlas.pk).update(ice="")
    services.update_organisation(organisation=world.atlas.pk, changes={"ice": make.ice(500)}, by=world.operator)
    with pytest.raises(Invalid):
        services.update_organisation(organisation=world.atlas.pk, changes={"ice": make.ice(501)}, by=world.operator)
    services.update_organisation(organisation=world.atlas.pk, changes={"ice": make.ice(501)}, by=world.manager)


def test_profile_seen_in_an_older_version_is_refused(world: World) -> None:
    seen = world.atlas.updated_at
    services.update_organisation(organisation=world.atlas.pk, changes={"size": "small"}, by=world.manager, version=seen)
    with pytest.raises(Stale):
        services.update_organisation(organisation=world.atlas.pk, changes={"size": "large"}, by=world.operator, version=seen)


@pytest.mark.parametrize("role", [MandateRole.MEMBER, MandateRole.READER])
def test_profile_is_refused_to_members_and_readers(world: World, role: MandateRole) -> None:
    with pytest.raises(Forbidden):
        services.update_organisation(organisation=world.atlas.pk, changes={"size": "small"}, by=world.users["atlas", role])


def test_profile_of_a_competitor_does_not_exist(world: World) -> None:
    with pytest.raises(Organisation.DoesNotExist):
        services.update_organisation(organisation=world.atlas.pk, changes={"size": "small"}, by=world.competitor)


def test_profile_changed_to_what_it_is_writes_nothing(world: World) -> None:
    before = world.atlas.updated_at
    services.update_organisation(organisation=world.atlas.pk, changes={"name_fr": world.atlas.name_fr}, by=world.operator)
    world.atlas.refresh_from_db()
    assert world.atlas.updated_at == before
    assert not Event.objects.filter(about_id=world.atlas.pk).exists()


# -- states ------------------------------------------------------------------------------------------------------------
VERBS: dict[str, tuple[Any, dict[str, str], set[str]]] = {
    "admit": (services.admit_organisation, {}, {"prospective"}),
    "vouch": (services.vouch_organisation, {}, {"registered"}),
    "withdraw": (services.withdraw_vouch, {"reason": REASON}, {"vouched"}),
    "suspend": (services.suspend_organisation, {"reason": REASON}, {"registered", "vouched"}),
    "reinstate": (services.reinstate_organisation, {"reason": REASON}, {"suspended"}),
    "close": (services.close_organisation, {"reason": REASON}, {"prospective", "registered", "vouched", "suspended"}),
}


@pytest.mark.parametrize("state", OrganisationStatus.values)
@pytest.mark.parametrize("verb", VERBS)
def test_each_verb_moves_from_its_states_and_from_no_other(world: World, verb: str, state: str) -> None:
    service, arguments, sources = VERBS[verb]
    organisation = make.OrganisationFactory(status=state, status_reason=REASON)
    if state in sources:
        moved = service(organisation=organisation.pk, by=world.manager, **arguments)
        assert moved.status in ORGANISATION_TRANSITIONS[state]
        assert Organisation.objects.get(pk=organisation.pk).status == moved.status
    else:
        with pytest.raises(Conflict):
            service(organisation=organisation.pk, by=world.manager, **arguments)
        assert Organisation.objects.get(pk=organisation.pk).status == state


@pytest.mark.parametrize("verb", ["suspend", "reinstate", "close", "withdraw"])
def test_verbs_that_need_a_reason_refuse_without(world: World, verb: str) -> None:
    service, arguments, sources = VERBS[verb]
    organisation = make.OrganisationFactory(status=sorted(sources)[0], status_reason=REASON)
    with pytest.raises(Invalid) as refusal:
        service(organisation=organisation.pk, by=world.manager, **(arguments | {"reason": "  "}))
    assert refusal.value.field == "reason"


def test_member_is_vouched_for_by_the_administrator_of_its_federation(world: World) -> None:
    services.vouch_organisation(organisation=world.rif.pk, by=world.users["fnih", MandateRole.ADMINISTRATOR])
    world.rif.refresh_from_db()
    assert world.rif.status == "vouched"


@pytest.mark.parametrize("who", [("fnih", MandateRole.MEMBER), ("rif", MandateRole.ADMINISTRATOR)])
def test_member_is_not_vouched_for_by_a_mere_member_of_the_federation_nor_by_itself(world: World, who: tuple[str, MandateRole]) -> None:
    with pytest.raises(Forbidden):
        services.vouch_organisation(organisation=world.rif.pk, by=world.users[who])


def test_member_is_not_vouched_for_by_another_federation(world: World) -> None:
    with pytest.raises(Organisation.DoesNotExist):
        services.vouch_organisation(organisation=world.rif.pk, by=world.users["fnavm", MandateRole.ADMINISTRATOR])


def test_member_whose_affiliation_is_suspended_is_not_vouched_for(world: World) -> None:
    world.rif.affiliations.update(status="suspended", reason=REASON)
    with pytest.raises(Forbidden):
        services.vouch_organisation(organisation=world.rif.pk, by=world.users["fnih", MandateRole.ADMINISTRATOR])


def test_suspension_is_told_to_the_people_who_act_with_its_reason(world: World) -> None:
    services.suspend_organisation(organisation=world.atlas.pk, reason=REASON, by=world.manager)
    told = Notification.objects.filter(kind="organisation_moved")
    assert {n.recipient for n in told} == {world.operator, world.users["atlas", MandateRole.MEMBER]}
    assert all(REASON in n.body for n in told)


def test_closing_ends_mandates_invitations_and_accesses(world: World) -> None:
    invitation, client = make.InvitationFactory(organisation=world.atlas), make.ApiClientFactory(organisation=world.atlas)
    services.close_organisation(organisation=world.atlas.pk, reason=REASON, by=world.manager)
    invitation.refresh_from_db()
    client.refresh_from_db()
    assert not world.atlas.mandates.current().exists()
    assert invitation.revoked_at is not None
    assert client.revoked_at is not None


def test_closing_a_party_of_a_living_convention_or_the_host_is_refused(world: World) -> None:
    with pytest.raises(Conflict) as refusal:
        services.close_organisation(organisation=world.cnt.pk, reason=REASON, by=world.manager)
    assert refusal.value.code == "party_of_conventions"
    with pytest.raises(Forbidden):
        services.close_organisation(organisation=world.onmt.pk, reason=REASON, by=world.manager)


def test_closing_with_open_actions_is_refused(world: World) -> None:
    make.ActionFactory(axis=world.axis, organisation=world.rif)
    with pytest.raises(Conflict) as refusal:
        services.close_organisation(organisation=world.rif.pk, reason=REASON, by=world.manager)
    assert refusal.value.code == "open_actions"


# -- reads -------------------------------------------------------------------------------------------------------------
def test_establishments_share_the_first_nine_digits(world: World) -> None:
    second = make.OrganisationFactory(ice=make.ice(1001, 2))
    make.OrganisationFactory(ice=make.ice(1004))
    assert list(establishments_of(world.atlas, user=world.manager)) == [second]
    assert list(establishments_of(world.atlas, user=world.operator)) == []
    make.AffiliationFactory(organisation=second, body=world.fnih)
    assert list(establishments_of(world.atlas, user=world.users["fnih", MandateRole.READER])) == [second]


@pytest.mark.parametrize("more", [0, 2])
def test_lists_of_members_and_memberships_cost_one_query(world: World, django_assert_num_queries: Any, more: int) -> None:
    for _ in range(more):
        make.AffiliationFactory(organisation=make.OrganisationFactory(region=world.atlas.region), body=world.fnavm)
    assert world.manager.staff_roles
    with django_assert_num_queries(1):
        rows = list(members_of_body(world.fnavm, user=world.manager))
        assert len([(r.organisation.name, r.organisation.region and r.organisation.region.name) for r in rows]) == more + 1
    with django_assert_num_queries(1):
        assert [a.body.acronym for a in memberships_of(world.atlas)] == ["FNIH"]


def test_completeness_counts_what_the_profile_holds(world: World) -> None:
    assert (completeness(world.cnt), completeness(world.atlas)) == (0, round(300 / 11))


def test_a_profile_when_a_federation_s_then_lacks_neither_activity_nor_size_nor_licence(world: World) -> None:
    assert missing_in_profile(world.fnavm) == ["name_ar", "region", "email", "phone", "website", "address"]
    assert {"activities", "size", "licence_number"} & set(missing_in_profile(make.OrganisationFactory(kind="operator"))) != set()


def test_the_other_party_of_a_draft_is_seen_only_once_the_draft_is_submitted(world: World) -> None:
    newcomer = make.OrganisationFactory(name_fr="Nouveau venu")
    draft = make.ConventionFactory(status="draft", organisations=[world.atlas, newcomer])
    seen = Organisation.objects.visible_to(world.operator)
    assert not seen.filter(pk=newcomer.pk).exists()
    type(draft).objects.filter(pk=draft.pk).update(status="in_review")
    assert seen.all().filter(pk=newcomer.pk).exists()
