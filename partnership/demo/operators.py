"""Some 40 invented operators, over the 12 regions and every activity. Their names say that they are invented."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Final

from django.contrib.auth.models import AnonymousUser

from core import clock
from partnership.choices import DocumentKind, OrganisationKind, Visibility
from partnership.demo.papers import pdf
from partnership.demo.people import PASSWORD
from partnership.models import Destination, Document, Invitation, Organisation, Person, Region
from partnership.services.affiliations import affiliate, resume_affiliation, suspend_affiliation, withdraw_affiliation
from partnership.services.documents import add_document
from partnership.services.invitations import accept_invitation, digest_of, invite, revoke_invitation
from partnership.services.organisations import close_organisation, register_organisation, suspend_organisation, vouch_organisation

if TYPE_CHECKING:
    from partnership.demo.people import Cast

SOURCE: Final = "Démonstration : organisation inventée"
# Enterprises numbered from here exist in no register.
FIRST_ENTERPRISE: Final = 999_000_000


@dataclass(frozen=True)
class Operator:
    """An invented firm. `number` makes its ICE; `body` is the key of the federation or council it belongs to."""

    number: int
    name: str
    activities: str
    region: str
    destination: str
    body: str
    size: str = "small"
    status: str = "registered"
    establishment: int = 1
    key: str = ""
    name_ar: str = ""

    @property
    def ice(self) -> str:
        """A well-formed ICE: 9 digits, 4 of the establishment, 2 of check (modulo 97)."""
        digits = f"{FIRST_ENTERPRISE + self.number:09d}{self.establishment:04d}"
        return f"{digits}{-int(digits) * 100 % 97:02d}"


def operators() -> list[Operator]:
    """The rows of `operators.json`."""
    rows = json.loads(Path(__file__).with_name("operators.json").read_text(encoding="utf-8"))
    return [Operator(**row) for row in rows]


def load_operators(cast: Cast) -> None:
    """The operators that are missing, each with its membership and its state; a firm is found again by its ICE."""
    regions = {region.code: region for region in Region.objects.all()}
    destinations = {destination.slug: destination for destination in Destination.objects.all()}
    known = {organisation.ice: organisation for organisation in Organisation.objects.exclude(ice="")}
    for operator in operators():
        organisation = known.get(operator.ice)
        if organisation is None:
            organisation = _register(operator, regions[operator.region], destinations[operator.destination], cast)
        if operator.key:
            cast.organisations[operator.key] = organisation


def _register(operator: Operator, region: Region, destination: Destination, cast: Cast) -> Organisation:
    organisation = register_organisation(
        kind=OrganisationKind.OPERATOR,
        name_fr=operator.name,
        details={
            "ice": operator.ice,
            "activities": operator.activities.split(),
            "region": region,
            "destination": destination,
            "size": operator.size,
            "source": SOURCE,
            "name_ar": operator.name_ar,
            "email": f"contact@demo-{operator.number}-{operator.establishment}.example",
            "phone": f"+2125220{operator.number:03d}{operator.establishment:02d}",
        },
        is_prospective=operator.status == "prospective",
        is_demo=True,
        by=cast.manager,
    )
    if operator.status != "prospective":
        _join(organisation, operator, cast)
        _move(organisation, operator.status, cast)
    return organisation


def _join(organisation: Organisation, operator: Operator, cast: Cast) -> None:
    """Members since 2023 and 2024; one suspended, one suspended and back, one gone."""
    by, since = cast.manager, date(2023, 1 + operator.number % 12, 1 + operator.number % 28)
    row = affiliate(organisation=organisation.pk, body=cast.organisations[operator.body].pk, starts_on=since, by=by)
    if operator.number in {11, 18}:
        why = "Cotisation de 2025 impayée (démonstration)."
        row = suspend_affiliation(affiliation=row.pk, reason=why, starts_on=date(2025, 10, 1), by=by)
    if operator.number == 18:
        resume_affiliation(affiliation=row.pk, reason="Cotisation réglée (démonstration).", starts_on=date(2026, 2, 2), by=by)
    if operator.number == 34:
        withdraw_affiliation(affiliation=row.pk, reason="Quitte la fédération (démonstration).", starts_on=date(2026, 5, 4), by=by)


def _move(organisation: Organisation, status: str, cast: Cast) -> None:
    by, pk = cast.manager, organisation.pk
    if status == "vouched":
        vouch_organisation(organisation=pk, note="Membre connu de sa fédération (démonstration).", by=by)
    elif status == "suspended":
        suspend_organisation(organisation=pk, reason="Licence en cours de renouvellement (démonstration).", by=by)
    elif status == "closed":
        close_organisation(organisation=pk, reason="Activité arrêtée (démonstration).", by=by)


def load_invitations(cast: Cast) -> None:
    """One invitation in each state, from the hotel of Marrakech: open, expired, withdrawn, accepted."""
    menara, by = cast.organisations["menara"], cast.users["operator1@menara.example"]
    if Invitation.objects.filter(organisation=menara).exists():
        return
    for name in ("ouverte", "expiree", "retiree", "acceptee"):
        invitation = invite(
            organisation=menara.pk, email=f"invitation.{name}@menara.example", full_name=f"Collègue Démo ({name})", role="member", by=by
        )
        _settle(invitation, name, cast)


def load_licence(cast: Cast) -> None:
    """A document that belongs to no convention: the hotel's own licence, which its people and ONMT see."""
    menara, by = cast.organisations["menara"], cast.users["operator1@menara.example"]
    if not Document.objects.filter(organisation=menara, kind=DocumentKind.LICENCE).exists():
        upload = pdf("licence", "Licence d'exploitation (démonstration)", ["Hôtel Démo Ménara, Marrakech."])
        add_document(
            organisation=menara.pk,
            title="Licence d'exploitation (démonstration)",
            kind=DocumentKind.LICENCE,
            visibility=Visibility.INTERNAL,
            upload=upload,
            by=by,
        )


def _settle(invitation: Invitation, name: str, cast: Cast) -> None:
    if name == "expiree":
        Invitation.objects.filter(pk=invitation.pk).update(expires_at=clock.now() - timedelta(days=2))
    elif name == "retiree":
        revoke_invitation(invitation=invitation.pk, by=cast.users["operator1@menara.example"])
    elif name == "acceptee":
        # The link left by mail only: its digest is replaced by that of a link we know.
        token = f"demo-{invitation.pk}"
        Invitation.objects.filter(pk=invitation.pk).update(token_digest=digest_of(token))
        user = accept_invitation(token=token, password=PASSWORD, by=AnonymousUser())
        Person.objects.filter(user=user).update(is_demo=True)
