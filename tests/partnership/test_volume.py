"""Synthetic volume: marked as such, within every constraint, added to and never doubled, refused in production."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.db.models import Q

from accounts.models import User
from core.errors import Forbidden, Invalid
from core.ice import check_ice
from partnership.demo.volume import STEPS, populate
from partnership.models import Action, Commitment, Convention, Organisation

if TYPE_CHECKING:
    from pytest_django import Settings


def _check_constraints() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_volume_when_made_then_holds_every_constraint_and_says_that_it_is_invented(db: None) -> None:
    added = populate(scale=0.05)
    _check_constraints()

    assert added == {step.name: step.each for step in STEPS}
    assert Organisation.objects.filter(is_demo=True, name_fr__contains="(volume)").count() == 500
    assert Convention.objects.filter(reference__startswith="VOL-", title_fr__contains="synthétique", visibility="parties").count() == 1
    for organisation in Organisation.objects.filter(is_demo=True)[:20]:
        assert check_ice(organisation.ice) == organisation.ice
    assert set(Action.objects.values_list("status", flat=True)) == {"todo", "in_progress", "blocked", "done", "verified"}
    assert not Commitment.objects.filter(Q(obligor__convention_id__isnull=True)).exists()
    account = User.objects.filter(email__endswith="@volume.invalid").first()
    assert account is not None
    assert not account.has_usable_password()


def test_volume_when_asked_for_again_then_adds_only_what_is_missing(db: None) -> None:
    populate(scale=0.05)
    first = Action.objects.order_by("id").values_list("id", "title", "due_on")[:1000]
    before = list(first)

    assert set(populate(scale=0.05).values()) == {0}
    assert populate(scale=0.1)["actions"] == 1000
    _check_constraints()
    assert list(first.all()) == before


@pytest.mark.parametrize(("history", "rows"), [(True, 1000), (False, 0)])
def test_volume_when_made_then_enters_the_audit_trail_unless_told_not_to(db: None, history: bool, rows: int) -> None:
    populate(scale=0.05, history=history)

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM partnership_actionevent")
        assert cursor.fetchone() == (rows,)
        cursor.execute("SELECT count(*) FROM partnership_regionevent")  # the reference data are facts: always in the trail
        assert cursor.fetchone() == (12,)


@pytest.mark.parametrize("scale", [0, 0.01, 11, float("nan")])
def test_volume_when_the_scale_is_out_of_bounds_then_refused(db: None, scale: float) -> None:
    with pytest.raises(Invalid):
        populate(scale=scale)
    with pytest.raises(CommandError):
        call_command("populate", scale=scale)
    assert not Action.objects.exists()


def test_volume_when_in_production_then_refused(db: None, settings: Settings) -> None:
    settings.PRODUCTION = True
    with pytest.raises(Forbidden):
        populate(scale=0.05)
    with pytest.raises(CommandError):
        call_command("populate", scale=0.05)
    assert not Organisation.objects.exists()
