"""The reference data: true, sourced, loaded once, and never over what people wrote."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

import pytest
from django.core.management import call_command
from pghistory.models import Context

from core.actors import SYSTEM
from core.errors import Forbidden
from partnership.models import Affiliation, Destination, Mandate, Organisation, Person, Region
from partnership.selectors.reference import reference_organisations, reference_rows
from partnership.services.reference import load_reference

if TYPE_CHECKING:
    from tests.factories.world import World

CODES = {f"MA-{n:02d}" for n in range(1, 13)}


@pytest.fixture
def loaded(db: None) -> None:
    load_reference(by=SYSTEM)


def test_regions_are_the_twelve_of_the_decree_in_three_languages(loaded: None) -> None:
    assert set(Region.objects.values_list("code", flat=True)) == CODES
    assert not Region.objects.filter(name_ar="").exists()
    assert {r.code: (r.name_fr, r.name_ar, r.capital_fr) for r in Region.objects.filter(code__in=["MA-02", "MA-08"])} == {
        "MA-02": ("L'Oriental", "الشرق", "Oujda"),
        "MA-08": ("Drâa-Tafilalet", "درعة-تافيلالت", "Errachidia"),
    }


def test_destinations_lie_in_their_region(loaded: None) -> None:
    places = dict(Destination.objects.values_list("slug", "region__code"))
    assert {slug: places[slug] for slug in ("al-haouz", "ouarzazate", "dakhla", "meknes", "chefchaouen", "errachidia-merzouga")} == {
        "al-haouz": "MA-07",
        "ouarzazate": "MA-08",
        "dakhla": "MA-12",
        "meknes": "MA-03",
        "chefchaouen": "MA-01",
        "errachidia-merzouga": "MA-08",
    }
    assert set(places.values()) == CODES


def test_bodies_are_loaded_with_onmt_as_the_host(loaded: None) -> None:
    assert Organisation.objects.get(is_host=True).acronym == "ONMT"
    bodies = set(Organisation.objects.exclude(acronym="").values_list("acronym", flat=True))
    assert {"CNT", "FNIH", "FNAVM", "FNTT", "FNR", "FLASCAM", "ANIT", "FNRMH", "MTAESS", "SMIT", "ONDA", "RAM"} <= bodies
    assert not Organisation.objects.filter(is_demo=True).exists()


def test_every_row_names_its_source(loaded: None) -> None:
    for name in ("regions", "destinations", "organisations", "people"):
        assert [row for row in reference_rows(name) if not row["source"]] == []
    assert [row for row in reference_rows("affiliations") if not row["source"] and not row["reason"]] == []


def test_memberships_are_dated_and_flascam_is_suspended_since_january_2023(loaded: None) -> None:
    rows = Affiliation.objects.filter(organisation__acronym="FLASCAM")
    assert [(row.body.acronym, row.status, row.starts_on) for row in rows] == [("CNT", "suspended", date(2023, 1, 6))]
    history = Affiliation.objects.filter(organisation__acronym="FNAVM").order_by("starts_on")
    assert [(row.status, row.ends_on) for row in history] == [("suspended", date(2022, 5, 17)), ("active", None)]


def test_offices_held_give_no_right(loaded: None) -> None:
    directors = Mandate.objects.filter(organisation__is_host=True).order_by("starts_on")
    assert [(m.person.full_name, m.role, m.ends_on) for m in directors] == [
        ("Adel El Fakir", "reader", date(2024, 11, 21)),
        ("Achraf Fayda", "reader", None),
    ]
    assert not Person.objects.exclude(user=None).exists()


def test_loading_again_writes_nothing(loaded: None) -> None:
    before = {model: model.objects.count() for model in (Region, Destination, Organisation, Affiliation, Person, Mandate)}
    assert sum(load_reference(by=SYSTEM).values()) == 0
    assert {model: model.objects.count() for model in before} == before


def test_loading_again_keeps_what_people_changed_and_fills_what_is_empty(loaded: None) -> None:
    fnih = Organisation.objects.get(acronym="FNIH")
    fnih.name_fr, fnih.source, fnih.status = "FNIH, nouveau nom", "", "vouched"
    fnih.save()
    Affiliation.objects.filter(organisation=fnih).update(starts_on=date(2010, 1, 1))
    Region.objects.filter(code="MA-07").update(name_fr="Marrakech–Safi")

    written = load_reference(by=SYSTEM)

    fnih.refresh_from_db()
    assert (fnih.name_fr, fnih.status, bool(fnih.source)) == ("FNIH, nouveau nom", "vouched", True)
    assert Affiliation.objects.get(organisation=fnih).starts_on == date(2010, 1, 1)
    assert Region.objects.get(code="MA-07").name_fr == "Marrakech–Safi"
    assert {name: count for name, count in written.items() if count} == {"organisations": 1}


def test_loading_beside_what_staff_registered_takes_it_for_the_same(world: World) -> None:
    load_reference(by=world.manager)
    assert Organisation.objects.filter(acronym="FNIH").count() == 1
    assert reference_organisations()["onmt"] == world.onmt


def test_loading_is_recorded_with_its_file_and_refused_to_others(world: World) -> None:
    for user in (world.auditor, world.secretariat, world.operator):
        with pytest.raises(Forbidden):
            load_reference(by=user)
    call_command("load_reference", verbosity=0)
    reasons = set(Context.objects.values_list("metadata__reason", flat=True))
    assert {"reference data, regions.json", "reference data, organisations.json"} <= reasons
