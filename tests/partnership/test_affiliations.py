"""Affiliations: dated, one state at a time, never a boolean."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import IntegrityError, transaction

from accounts.roles import MandateRole
from core import clock
from core.errors import Conflict, Forbidden, Invalid
from core.models import Notification
from partnership.models import Affiliation
from partnership.services.affiliations import affiliate, resume_affiliation, suspend_affiliation, withdraw_affiliation
from tests.factories import partnership as make

if TYPE_CHECKING:
    from tests.factories.world import World

REASON = "Cotisations impayées depuis deux ans."


def _periods(world: World) -> list[tuple[str, date, date | None]]:
    rows = Affiliation.objects.filter(organisation=world.fnih, body=world.cnt).order_by("starts_on")
    return [(row.status, row.starts_on, row.ends_on) for row in rows]


def _of_fnih(world: World) -> Affiliation:
    return Affiliation.objects.get(organisation=world.fnih, body=world.cnt, ends_on=None)


def test_affiliation_suspended_and_resumed_makes_periods_that_touch(world: World) -> None:
    began, suspended, back = _of_fnih(world).starts_on, date(2026, 1, 6), date(2026, 9, 1)

    suspend_affiliation(affiliation=_of_fnih(world).pk, reason=REASON, starts_on=suspended, by=world.secretariat)
    resume_affiliation(affiliation=_of_fnih(world).pk, starts_on=back, by=world.secretariat)

    assert _periods(world) == [("active", began, suspended), ("suspended", suspended, back), ("active", back, None)]


def test_federation_suspends_itself_and_the_confederation_decides_who_comes_back(world: World) -> None:
    administrator = world.users["fnih", MandateRole.ADMINISTRATOR]
    suspended = suspend_affiliation(affiliation=_of_fnih(world).pk, reason=REASON, by=administrator)
    assert suspended.reason == REASON
    with pytest.raises(Forbidden):
        resume_affiliation(affiliation=suspended.pk, by=administrator)
    told = Notification.objects.filter(kind="affiliation_moved")
    assert [notice.recipient for notice in told] == [world.secretariat]


def test_affiliation_withdrawn_may_be_opened_anew(world: World) -> None:
    withdraw_affiliation(affiliation=_of_fnih(world).pk, reason=REASON, starts_on=date(2026, 3, 1), by=world.manager)
    affiliate(organisation=world.fnih.pk, body=world.cnt.pk, starts_on=date(2026, 6, 1), by=world.manager)
    assert [status for status, _from, _to in _periods(world)] == ["active", "withdrawn", "active"]


@pytest.mark.parametrize("who", [("fnih", MandateRole.MEMBER), ("cnt", MandateRole.READER)])
def test_affiliation_is_not_moved_by_members_and_readers(world: World, who: tuple[str, MandateRole]) -> None:
    with pytest.raises(Forbidden):
        suspend_affiliation(affiliation=_of_fnih(world).pk, reason=REASON, by=world.users[who])


def test_affiliation_of_others_does_not_exist(world: World) -> None:
    with pytest.raises(Affiliation.DoesNotExist):
        suspend_affiliation(affiliation=_of_fnih(world).pk, reason=REASON, by=world.operator)


def test_affiliation_that_is_over_or_already_there_is_refused(world: World) -> None:
    first = _of_fnih(world)
    suspend_affiliation(affiliation=first.pk, reason=REASON, by=world.manager)
    with pytest.raises(Conflict) as refusal:
        suspend_affiliation(affiliation=first.pk, reason=REASON, by=world.manager)
    assert refusal.value.code == "period_over"
    with pytest.raises(Conflict):
        suspend_affiliation(affiliation=_of_fnih(world).pk, reason=REASON, by=world.manager)
    with pytest.raises(Conflict) as refusal:
        affiliate(organisation=world.fnih.pk, body=world.cnt.pk, by=world.manager)
    assert refusal.value.code == "already_member"


def test_affiliation_refuses_bad_dates_and_reasons(world: World) -> None:
    running = _of_fnih(world)
    for day in (running.starts_on, clock.today() + timedelta(days=1), date(1, 1, 1), date(9999, 12, 31)):
        with pytest.raises(Invalid) as refusal:
            suspend_affiliation(affiliation=running.pk, reason=REASON, starts_on=day, by=world.manager)
        assert refusal.value.field == "starts_on"
    with pytest.raises(Invalid) as refusal:
        suspend_affiliation(affiliation=running.pk, reason=" ", by=world.manager)
    assert refusal.value.field == "reason"
    assert _periods(world) == [("active", running.starts_on, None)]


def test_affiliation_refuses_what_is_not_a_body_itself_and_a_circle(world: World) -> None:
    for member, body, code in [
        (world.rif, world.atlas, "not_a_body"),
        (world.cnt, world.cnt, "itself"),
        (world.cnt, world.fnih, "reversed"),
    ]:
        with pytest.raises(Invalid) as refusal:
            affiliate(organisation=member.pk, body=body.pk, by=world.manager)
        assert (refusal.value.code, refusal.value.field) == (code, "body")


def test_periods_that_overlap_are_refused_by_the_database_itself(world: World) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        make.AffiliationFactory(organisation=world.fnih, body=world.cnt, starts_on=date(2020, 1, 1))
