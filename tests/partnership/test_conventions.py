"""The rules of a convention, its parties and its axes."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from core import clock
from core.errors import Conflict, Forbidden, Invalid, Stale
from partnership.models import Axis, Convention
from partnership.services import conventions
from tests.factories.partnership import AxisFactory, CommitmentFactory, ConventionFactory, OrganisationFactory, PersonFactory

if TYPE_CHECKING:
    from tests.factories.world import World

pytestmark = pytest.mark.django_db


def draft(world: World, **changes: Any) -> Convention:
    """A new draft."""
    values: dict[str, Any] = {"reference": "C-1", "title_fr": "Convention d'essai", "by": world.manager}
    return conventions.create_convention(**(values | changes))


def test_a_convention_when_created_then_only_onmt_sees_it_and_what_is_unknown_stays_null(world: World) -> None:
    convention = draft(world)
    conventions.add_party(convention=convention.pk, organisation=world.cnt.pk, by=world.manager)
    assert (convention.status, convention.ends_on, convention.notice_days, convention.renewal) == ("draft", None, None, "")
    assert convention not in Convention.objects.visible_to(world.secretariat)
    assert convention in Convention.objects.visible_to(world.auditor)


def test_a_convention_when_submitted_then_its_parties_see_it(world: World) -> None:
    convention = draft(world)
    for organisation in (world.onmt, world.cnt):
        conventions.add_party(convention=convention.pk, organisation=organisation.pk, by=world.manager)
    conventions.submit_convention(convention=convention.pk, by=world.manager)
    assert convention in Convention.objects.visible_to(world.secretariat)
    assert convention not in Convention.objects.visible_to(world.operator)


def test_a_signature_when_things_are_missing_then_all_are_listed(world: World) -> None:
    convention = ConventionFactory(organisations=[world.cnt], status="in_review", signed_on=None)
    with pytest.raises(Invalid) as refusal:
        conventions.sign_convention(convention=convention.pk, signed_on=clock.today(), by=world.manager)
    assert refusal.value.code == "incomplete"
    assert str(refusal.value).count("·") == 1


def test_a_signature_when_dated_tomorrow_then_is_refused(world: World) -> None:
    convention = ConventionFactory(organisations=[world.onmt, world.cnt], status="in_review")
    AxisFactory(convention=convention)
    with pytest.raises(Invalid) as refusal:
        conventions.sign_convention(convention=convention.pk, signed_on=clock.today() + timedelta(days=1), by=world.manager)
    assert refusal.value.field == "signed_on"


def test_a_signature_when_made_then_dates_the_parties_that_had_no_date(world: World) -> None:
    convention = ConventionFactory(organisations=[world.onmt, world.cnt], status="in_review")
    AxisFactory(convention=convention)
    earlier = convention.parties.order_by("order")[0]
    convention.parties.filter(pk=earlier.pk).update(signed_on=date(2022, 4, 14))
    conventions.sign_convention(convention=convention.pk, signed_on=date(2022, 4, 15), by=world.manager)
    assert list(convention.parties.order_by("order").values_list("signed_on", flat=True)) == [date(2022, 4, 14), date(2022, 4, 15)]


def test_a_convention_when_its_end_is_unknown_then_does_not_expire(world: World) -> None:
    with pytest.raises(Invalid) as refusal:
        conventions.expire_convention(convention=world.convention.pk, by=world.manager)
    assert refusal.value.code == "no_end"


def test_a_convention_on_its_last_day_when_expired_then_is_refused(world: World) -> None:
    convention = ConventionFactory(organisations=[world.onmt, world.cnt], ends_on=clock.today())
    with pytest.raises(Invalid) as refusal:
        conventions.expire_convention(convention=convention.pk, by=world.manager)
    assert refusal.value.code == "not_ended"


def test_a_convention_when_a_contest_is_undecided_then_is_not_closed_and_it_is_named(world: World) -> None:
    CommitmentFactory(axis=world.axis, reference="E-77", status="contested")
    CommitmentFactory(axis=world.axis, reference="E-78", status="declared")
    with pytest.raises(Conflict, match="E-77, E-78"):
        conventions.close_convention(convention=world.convention.pk, by=world.manager)


def test_a_signed_title_when_changed_without_a_reason_then_is_refused_and_another_field_is_not(world: World) -> None:
    with pytest.raises(Invalid) as refusal:
        conventions.update_convention(convention=world.convention.pk, changes={"title_fr": "Autre"}, by=world.manager)
    assert refusal.value.field == "reason"
    changed = conventions.update_convention(convention=world.convention.pk, changes={"note": "Source de presse."}, by=world.manager)
    assert changed.note == "Source de presse."


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"status": "closed"}, "status"),
        ({"reference": "ONMT-CNT-2022"}, "reference"),
        ({"signed_on": date(2150, 1, 1)}, "signed_on"),
        ({"signed_on": None}, "signed_on"),
        ({"effective_on": None}, "effective_on"),
        ({"ends_on": date(2010, 1, 1)}, "ends_on"),
        ({"notice_days": -1}, "notice_days"),
        ({"visibility": "secret"}, "visibility"),
        ({"source": "pas une adresse"}, "source"),
    ],
)
def test_a_convention_when_a_change_breaks_a_rule_then_its_field_is_named(world: World, changes: dict[str, Any], field: str) -> None:
    convention = ConventionFactory(organisations=[world.onmt, world.cnt], effective_on=date(2022, 4, 15), signed_on=date(2022, 4, 15))
    with pytest.raises(Invalid) as refusal:
        conventions.update_convention(convention=convention.pk, changes=changes, reason="Essai.", by=world.manager)
    assert refusal.value.field == field


def test_a_parent_when_it_is_no_framework_or_makes_a_loop_then_is_refused(world: World) -> None:
    framework = draft(world, reference="C-0", kind="framework")
    child = draft(world, reference="C-2", kind="framework", parent=framework.pk)
    with pytest.raises(Invalid):
        conventions.update_convention(convention=framework.pk, changes={"parent": child.pk}, by=world.manager)
    with pytest.raises(Invalid):
        draft(world, reference="C-3", parent=draft(world, reference="C-4").pk)


def test_an_edit_when_the_page_is_old_then_is_stale(world: World) -> None:
    seen = world.convention.updated_at
    conventions.update_convention(convention=world.convention.pk, changes={"note": "1"}, by=world.manager)
    with pytest.raises(Stale):
        conventions.update_convention(convention=world.convention.pk, changes={"note": "2"}, by=world.manager, version=seen)


def test_a_party_when_added_after_the_signature_then_needs_a_reason(world: World) -> None:
    with pytest.raises(Invalid) as refusal:
        conventions.add_party(convention=world.convention.pk, organisation=world.fnih.pk, by=world.manager)
    assert refusal.value.field == "reason"
    party = conventions.add_party(convention=world.convention.pk, organisation=world.fnih.pk, reason="Adhésion.", by=world.manager)
    assert party.order == 3


def test_a_party_when_it_is_there_already_or_closed_then_is_refused(world: World) -> None:
    closed = OrganisationFactory(status="closed", status_reason="Dissoute.")
    for organisation in (world.cnt, closed):
        with pytest.raises(Invalid) as refusal:
            conventions.add_party(convention=world.convention.pk, organisation=organisation.pk, reason="Essai.", by=world.manager)
        assert refusal.value.field == "organisation"


def test_a_party_when_the_convention_is_signed_then_stays(world: World) -> None:
    with pytest.raises(Conflict):
        conventions.remove_party(party=world.party_cnt.pk, by=world.manager)
    convention = draft(world)
    party = conventions.add_party(convention=convention.pk, organisation=world.cnt.pk, by=world.manager)
    conventions.remove_party(party=party.pk, by=world.manager)
    assert convention.parties.count() == 0


def test_a_signatory_when_corrected_then_needs_a_reason(world: World) -> None:
    with pytest.raises(Invalid):
        conventions.update_party(party=world.party_cnt.pk, changes={"signatory": "Le président"}, by=world.manager)
    party = conventions.update_party(
        party=world.party_cnt.pk, changes={"signatory": "Le président"}, reason="Source de presse.", by=world.manager
    )
    assert party.signatory == "Le président"


def test_an_axis_when_added_then_comes_last_with_its_two_leads(world: World) -> None:
    public, private = PersonFactory(), PersonFactory()
    axis = conventions.add_axis(
        convention=world.convention.pk,
        code="digital",
        title_fr="Digitalisation",
        public_lead=public.pk,
        private_lead=private.pk,
        by=world.manager,
    )
    assert (axis.order, axis.public_lead, axis.private_lead) == (2, public, private)


@pytest.mark.parametrize(("changes", "field"), [({"code": "international"}, "code"), ({"order": 1}, "order"), ({"code": "a b"}, "code")])
def test_an_axis_when_its_code_or_place_is_wrong_then_is_refused(world: World, changes: dict[str, Any], field: str) -> None:
    values: dict[str, Any] = {"convention": world.convention.pk, "code": "x", "title_fr": "X", "by": world.manager}
    with pytest.raises(Invalid) as refusal:
        conventions.add_axis(**(values | changes))
    assert refusal.value.field == field


def test_an_axis_when_updated_or_removed_then_follows_the_signature(world: World) -> None:
    with pytest.raises(Invalid):
        conventions.update_axis(axis=world.axis.pk, changes={"title_fr": "Autre"}, by=world.manager)
    conventions.update_axis(axis=world.axis.pk, changes={"title_ar": "التنافسية"}, reason="Traduction.", by=world.manager)
    with pytest.raises(Conflict):
        conventions.remove_axis(axis=world.axis.pk, by=world.manager)
    convention = draft(world)
    axis = conventions.add_axis(convention=convention.pk, code="x", title_fr="X", by=world.manager)
    conventions.remove_axis(axis=axis.pk, by=world.manager)
    assert not Axis.objects.filter(pk=axis.pk).exists()


def test_a_convention_when_anybody_else_writes_it_then_is_refused(world: World) -> None:
    for user in (world.secretariat, world.auditor, world.operator):
        with pytest.raises(Forbidden):
            draft(world, by=user)
        with pytest.raises(Forbidden):
            conventions.update_convention(convention=world.convention.pk, changes={"note": "x"}, by=user)


def test_a_closed_convention_when_written_then_is_refused(world: World) -> None:
    convention = ConventionFactory(organisations=[world.onmt, world.cnt], status="closed", closed_on=clock.today())
    with pytest.raises(Conflict):
        conventions.update_convention(convention=convention.pk, changes={"note": "x"}, by=world.manager)
