"""A small complete world: ONMT and its staff, the CNT, two federations, three competing operators, one convention in force."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from accounts.roles import MandateRole, StaffRole
from partnership.choices import OrganisationStatus, Visibility
from tests.factories.accounts import StaffFactory
from tests.factories.partnership import (
    AffiliationFactory,
    AxisFactory,
    CommitmentFactory,
    ConfederationFactory,
    ConventionFactory,
    FederationFactory,
    HostFactory,
    OrganisationFactory,
    RegionFactory,
    ice,
    user_of,
)

if TYPE_CHECKING:
    from accounts.models import User
    from partnership.models import Axis, Commitment, Convention, Organisation, Party


@dataclass
class World:
    """Everybody by name. `staff[role]` is a member of ONMT's staff; `users["cnt", role]` somebody of an organisation."""

    onmt: Organisation
    cnt: Organisation
    fnih: Organisation
    fnavm: Organisation
    atlas: Organisation
    rif: Organisation
    oasis: Organisation
    convention: Convention
    party_onmt: Party
    party_cnt: Party
    axis: Axis
    owed_by_onmt: Commitment
    owed_by_cnt: Commitment
    staff: dict[StaffRole, User] = field(default_factory=dict)
    users: dict[tuple[str, MandateRole], User] = field(default_factory=dict)

    @property
    def manager(self) -> User:
        """ONMT's convention manager."""
        return self.staff[StaffRole.CONVENTION_MANAGER]

    @property
    def auditor(self) -> User:
        """ONMT's auditor: reads everything, writes nothing."""
        return self.staff[StaffRole.AUDITOR]

    @property
    def secretariat(self) -> User:
        """The CNT's administrator."""
        return self.users["cnt", MandateRole.ADMINISTRATOR]

    @property
    def operator(self) -> User:
        """The administrator of Atlas, a hotel member of the FNIH."""
        return self.users["atlas", MandateRole.ADMINISTRATOR]

    @property
    def competitor(self) -> User:
        """The administrator of Rif, a hotel member of the FNIH too."""
        return self.users["rif", MandateRole.ADMINISTRATOR]


def build_world() -> World:
    """Create the world. Atlas and Rif are hotels of the FNIH, Oasis an agency of the FNAVM; both federations belong to the CNT."""
    onmt = HostFactory()
    cnt = ConfederationFactory()
    fnih = FederationFactory(acronym="FNIH", name_fr="Fédération nationale de l'industrie hôtelière")
    fnavm = FederationFactory(acronym="FNAVM", name_fr="Fédération nationale des agences de voyages du Maroc")
    marrakech, tanger = RegionFactory(code="MA-07"), RegionFactory(code="MA-01")
    atlas = OrganisationFactory(name_fr="Hôtel Atlas d'essai", ice=ice(1001), region=marrakech, status=OrganisationStatus.VOUCHED)
    rif = OrganisationFactory(name_fr="Hôtel Rif d'essai", ice=ice(1002), region=tanger)
    oasis = OrganisationFactory(name_fr="Agence Oasis d'essai", ice=ice(1003), region=marrakech, activities=["agency_a"])
    for organisation, body in [(fnih, cnt), (fnavm, cnt), (atlas, fnih), (rif, fnih), (oasis, fnavm)]:
        AffiliationFactory(organisation=organisation, body=body)
    convention = ConventionFactory(
        reference="ONMT-CNT-2022", title_fr="Convention ONMT–CNT", visibility=Visibility.PUBLIC, organisations=[onmt, cnt]
    )
    party_onmt, party_cnt = convention.parties.order_by("order")
    axis = AxisFactory(convention=convention, code="international", order=1, title_fr="Compétitivité internationale")
    world = World(
        onmt=onmt, cnt=cnt, fnih=fnih, fnavm=fnavm, atlas=atlas, rif=rif, oasis=oasis,
        convention=convention, party_onmt=party_onmt, party_cnt=party_cnt, axis=axis,
        owed_by_onmt=CommitmentFactory(axis=axis, reference="E-01", obligor=party_onmt, beneficiary=party_cnt),
        owed_by_cnt=CommitmentFactory(axis=axis, reference="E-02", obligor=party_cnt, beneficiary=party_onmt),
    )  # fmt: skip
    world.staff = {role: StaffFactory(roles=[role], email=f"{role.value}@onmt.example", full_name=str(role.value)) for role in StaffRole}
    world.users = {
        (name, role): user_of(getattr(world, name), role, email=f"{role.value}@{name}.example", full_name=f"{role.value} {name}")
        for name in ("cnt", "fnih", "fnavm", "atlas", "rif", "oasis")
        for role in MandateRole
    }
    return world
