"""The nouns of the partnership, valid by default; states are those a service would have left."""

from __future__ import annotations

import hashlib
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

import factory
from django.core.files.base import ContentFile

from accounts.roles import MandateRole
from core import clock
from partnership import choices, models
from partnership.models.document import DocumentVersion
from tests.factories.accounts import UserFactory

if TYPE_CHECKING:
    from accounts.models import User

# Names of the decree, so that a region made by a test is a real one.
REGIONS = [
    ("MA-01", "Tanger-Tétouan-Al Hoceïma", "طنجة - تطوان - الحسيمة", "Tangier-Tetouan-Al Hoceima", "Tanger"),
    ("MA-02", "L'Oriental", "الشرق", "Oriental", "Oujda"),
    ("MA-03", "Fès-Meknès", "فاس - مكناس", "Fez-Meknes", "Fès"),
    ("MA-04", "Rabat-Salé-Kénitra", "الرباط - سلا - القنيطرة", "Rabat-Sale-Kenitra", "Rabat"),
    ("MA-05", "Béni Mellal-Khénifra", "بني ملال - خنيفرة", "Beni Mellal-Khenifra", "Béni Mellal"),
    ("MA-06", "Casablanca-Settat", "الدار البيضاء - سطات", "Casablanca-Settat", "Casablanca"),
    ("MA-07", "Marrakech-Safi", "مراكش - آسفي", "Marrakesh-Safi", "Marrakech"),
    ("MA-08", "Drâa-Tafilalet", "درعة - تافيلالت", "Draa-Tafilalet", "Errachidia"),
    ("MA-09", "Souss-Massa", "سوس - ماسة", "Souss-Massa", "Agadir"),
    ("MA-10", "Guelmim-Oued Noun", "كلميم - واد نون", "Guelmim-Oued Noun", "Guelmim"),
    ("MA-11", "Laâyoune-Sakia El Hamra", "العيون - الساقية الحمراء", "Laayoune-Sakia El Hamra", "Laâyoune"),
    ("MA-12", "Dakhla-Oued Ed-Dahab", "الداخلة - وادي الذهب", "Dakhla-Oued Ed-Dahab", "Dakhla"),
]


def ice(number: int, establishment: int = 1) -> str:
    """A valid ICE: 9 digits of an enterprise, 4 of an establishment, 2 of check (modulo 97)."""
    digits = f"{number:09d}{establishment:04d}"
    return f"{digits}{-int(digits) * 100 % 97:02d}"


class RegionFactory(factory.django.DjangoModelFactory[models.Region]):
    """One of the 12; asked for twice by code it is the same."""

    class Meta:
        model = models.Region
        django_get_or_create = ("code",)

    code = factory.Sequence(lambda n: REGIONS[n % 12][0])
    name_fr = factory.LazyAttribute(lambda o: REGIONS[int(o.code[-2:]) - 1][1])
    name_ar = factory.LazyAttribute(lambda o: REGIONS[int(o.code[-2:]) - 1][2])
    name_en = factory.LazyAttribute(lambda o: REGIONS[int(o.code[-2:]) - 1][3])
    capital_fr = factory.LazyAttribute(lambda o: REGIONS[int(o.code[-2:]) - 1][4])
    source = "décret 2-15-40"


class DestinationFactory(factory.django.DjangoModelFactory[models.Destination]):
    class Meta:
        model = models.Destination

    slug = factory.Sequence(lambda n: f"destination-{n}")
    region = factory.SubFactory(RegionFactory, code="MA-07")
    name_fr = factory.Sequence(lambda n: f"Destination {n}")
    name_ar = "وجهة"
    name_en = factory.Sequence(lambda n: f"Destination {n}")
    source = "test"


class OrganisationFactory(factory.django.DjangoModelFactory[models.Organisation]):
    """A registered operator."""

    class Meta:
        model = models.Organisation

    kind = choices.OrganisationKind.OPERATOR
    name_fr = factory.Sequence(lambda n: f"Hôtel d'essai {n:03d}")
    status = choices.OrganisationStatus.REGISTERED
    activities = factory.LazyFunction(lambda: [choices.Activity.HOTEL.value])


class FederationFactory(OrganisationFactory):
    kind = choices.OrganisationKind.FEDERATION
    name_fr = factory.Sequence(lambda n: f"Fédération d'essai {n:03d}")
    acronym = factory.Sequence(lambda n: f"FE{n}")
    activities = factory.LazyFunction(list)


class HostFactory(OrganisationFactory):
    """ONMT: there is one."""

    class Meta:
        model = models.Organisation
        django_get_or_create = ("is_host",)

    is_host = True
    kind = choices.OrganisationKind.PUBLIC_BODY
    name_fr = "Office national marocain du tourisme"
    name_ar = "المكتب الوطني المغربي للسياحة"
    acronym = "ONMT"
    activities = factory.LazyFunction(list)


class ConfederationFactory(OrganisationFactory):
    kind = choices.OrganisationKind.CONFEDERATION
    name_fr = "Confédération nationale du tourisme"
    acronym = "CNT"
    activities = factory.LazyFunction(list)


class AffiliationFactory(factory.django.DjangoModelFactory[models.Affiliation]):
    """Active since last year."""

    class Meta:
        model = models.Affiliation

    organisation = factory.SubFactory(OrganisationFactory)
    body = factory.SubFactory(FederationFactory)
    status = choices.AffiliationStatus.ACTIVE
    starts_on = factory.LazyFunction(lambda: clock.today() - timedelta(days=400))


class ApiClientFactory(factory.django.DjangoModelFactory[models.ApiClient]):
    """An access whose secret nobody knows: the tests of tokens issue theirs through the service."""

    class Meta:
        model = models.ApiClient

    organisation = factory.SubFactory(OrganisationFactory)
    label = factory.Sequence(lambda n: f"Accès {n}")
    expires_on = factory.LazyFunction(lambda: clock.today() + timedelta(days=90))

    @factory.lazy_attribute
    def client(self) -> Any:
        from allauth.idp.oidc.models import Client

        client = Client(name=self.label, type=Client.Type.CONFIDENTIAL)
        client.set_secret("nobody knows this one")
        client.save()
        return client


class PersonFactory(factory.django.DjangoModelFactory[models.Person]):
    """Somebody with an account of the same address; `user=None` for somebody without."""

    class Meta:
        model = models.Person

    full_name = factory.Sequence(lambda n: f"Amina Essai {n:03d}")
    email = factory.Sequence(lambda n: f"amina{n}@example.ma")
    user = factory.SubFactory(UserFactory, email=factory.SelfAttribute("..email"), full_name=factory.SelfAttribute("..full_name"))


class MandateFactory(factory.django.DjangoModelFactory[models.Mandate]):
    """An administrator since last year."""

    class Meta:
        model = models.Mandate

    person = factory.SubFactory(PersonFactory)
    organisation = factory.SubFactory(OrganisationFactory)
    role = MandateRole.ADMINISTRATOR
    starts_on = factory.LazyFunction(lambda: clock.today() - timedelta(days=365))


def user_of(organisation: models.Organisation, role: MandateRole = MandateRole.ADMINISTRATOR, **user: Any) -> User:
    """A new account whose person holds a mandate in this organisation."""
    account: User = UserFactory(**user)
    person = PersonFactory(user=account, email=account.email, full_name=account.full_name)
    MandateFactory(person=person, organisation=organisation, role=role)
    return account


class InvitationFactory(factory.django.DjangoModelFactory[models.Invitation]):
    """Open for seven days; its link is `invitation-<n>`, n the number of the sequence, unless `token` is given."""

    class Meta:
        model = models.Invitation

    class Params:
        token = factory.Sequence(lambda n: f"invitation-{n}")

    organisation = factory.SubFactory(OrganisationFactory)
    email = factory.Sequence(lambda n: f"invitee{n}@example.ma")
    full_name = "Invitée Essai"
    role = MandateRole.MEMBER
    invited_by = factory.SubFactory(UserFactory)
    token_digest = factory.LazyAttribute(lambda o: hashlib.sha256(o.token.encode()).hexdigest())
    expires_at = factory.LazyFunction(lambda: clock.now() + timedelta(days=7))


class ConventionFactory(factory.django.DjangoModelFactory[models.Convention]):
    """In force between two parties (`parties__count=0` for none); `host` and `partner` give the organisations of the two."""

    class Meta:
        model = models.Convention
        skip_postgeneration_save = True

    reference = factory.Sequence(lambda n: f"CV-{n:04d}")
    kind = choices.ConventionKind.FRAMEWORK
    title_fr = factory.Sequence(lambda n: f"Convention d'essai {n:03d}")
    status = choices.ConventionStatus.IN_FORCE
    signed_on = date(2022, 4, 15)
    effective_on = date(2022, 4, 15)

    @classmethod
    def _create(cls, model_class: type[models.Convention], *args: Any, **kwargs: Any) -> models.Convention:
        organisations = kwargs.pop("organisations", None)
        if kwargs.get("status") in {"draft", "in_review"}:
            kwargs |= {"signed_on": None, "effective_on": None}
        convention: models.Convention = super()._create(model_class, *args, **kwargs)
        if organisations is None:
            organisations = [OrganisationFactory(kind="other"), ConfederationFactory()]
        for order, organisation in enumerate(organisations, start=1):
            PartyFactory(convention=convention, organisation=organisation, order=order)
        return convention


class PartyFactory(factory.django.DjangoModelFactory[models.Party]):
    class Meta:
        model = models.Party

    convention = factory.SubFactory(ConventionFactory, organisations=())
    organisation = factory.SubFactory(OrganisationFactory)
    order = factory.Sequence(lambda n: n % 1000 + 1)


class AxisFactory(factory.django.DjangoModelFactory[models.Axis]):
    class Meta:
        model = models.Axis

    convention = factory.SubFactory(ConventionFactory)
    code = factory.Sequence(lambda n: f"volet-{n}")
    order = factory.Sequence(lambda n: n + 1)
    title_fr = factory.Sequence(lambda n: f"Volet {n}")


class CommitmentFactory(factory.django.DjangoModelFactory[models.Commitment]):
    """Planned, owed by the convention's first party to the second; a later status fills what that state needs."""

    class Meta:
        model = models.Commitment

    axis = factory.SubFactory(AxisFactory)
    convention = factory.LazyAttribute(lambda o: o.axis.convention)
    reference = factory.Sequence(lambda n: f"E-{n:04d}")
    obligor = factory.LazyAttribute(lambda o: o.convention.parties.order_by("order")[0])
    beneficiary = factory.LazyAttribute(lambda o: o.convention.parties.order_by("order")[1])
    title_fr = factory.Sequence(lambda n: f"Engagement {n}")
    due_on = factory.LazyFunction(lambda: clock.today() + timedelta(days=30))
    status = choices.CommitmentStatus.PLANNED

    @classmethod
    def _create(cls, model_class: type[models.Commitment], *args: Any, **kwargs: Any) -> models.Commitment:
        status, now = kwargs["status"], clock.now()
        if status in {"declared", "confirmed", "contested", "arbitrated"}:
            kwargs = {"declared_at": now, "declaration": "Livré."} | kwargs
        if status in {"contested", "arbitrated"}:
            kwargs = {"contested_at": now, "contest_reason": "Le livrable n'est pas complet."} | kwargs
        if status in {"confirmed", "arbitrated"}:
            kwargs = {"settled_at": now} | kwargs
        if status == "arbitrated":
            kwargs = {
                "arbitration": choices.ArbitrationOutcome.DELIVERED,
                "status_reason": "Décision du comité.",
                "minutes": DocumentFactory(convention=kwargs["convention"], kind=choices.DocumentKind.MINUTES),
            } | kwargs
        if status == "cancelled":
            kwargs = {"status_reason": "Sans objet."} | kwargs
        made: models.Commitment = super()._create(model_class, *args, **kwargs)
        return made


class ActionFactory(factory.django.DjangoModelFactory[models.Action]):
    """To do within a month, owned by the convention's second party; a later status fills what that state needs."""

    class Meta:
        model = models.Action

    axis = factory.SubFactory(AxisFactory)
    convention = factory.LazyAttribute(lambda o: o.axis.convention)
    organisation = factory.LazyAttribute(lambda o: o.convention.parties.order_by("order")[1].organisation)
    title = factory.Sequence(lambda n: f"Action {n}")
    starts_on = factory.LazyFunction(clock.today)
    due_on = factory.LazyAttribute(lambda o: o.starts_on + timedelta(days=30))
    status = choices.ActionStatus.TODO

    @classmethod
    def _create(cls, model_class: type[models.Action], *args: Any, **kwargs: Any) -> models.Action:
        status = kwargs["status"]
        if status in {"done", "verified", "returned"}:
            kwargs = {"outcome": "Fait.", "done_at": clock.now(), "done_by": UserFactory()} | kwargs
        if status == "verified":
            kwargs = {"verified_at": clock.now(), "verified_by": UserFactory()} | kwargs
        if status in {"blocked", "returned", "cancelled"}:
            kwargs = {"status_reason": "Le compte rendu manque."} | kwargs
        made: models.Action = super()._create(model_class, *args, **kwargs)
        return made


class EvidenceFactory(factory.django.DjangoModelFactory[models.Evidence]):
    """An address that proves a commitment, unless `action` is given with `commitment=None`."""

    class Meta:
        model = models.Evidence

    commitment = factory.SubFactory(CommitmentFactory)
    organisation = factory.LazyAttribute(lambda o: o.commitment.obligor.organisation if o.commitment else o.action.organisation)
    title = factory.Sequence(lambda n: f"Preuve {n}")
    url = "https://example.ma/article"
    fact_on = factory.LazyFunction(clock.today)


class DocumentFactory(factory.django.DjangoModelFactory[models.Document]):
    """Shared with the parties of its convention, and without a version."""

    class Meta:
        model = models.Document

    convention = factory.SubFactory(ConventionFactory)
    organisation = factory.LazyAttribute(lambda o: o.convention.parties.order_by("order")[0].organisation)
    title = factory.Sequence(lambda n: f"Document {n}")
    visibility = choices.Visibility.PARTIES


class DocumentVersionFactory(factory.django.DjangoModelFactory[DocumentVersion]):
    """A small text kept as a file: what a version holds is checked by the tests of its service."""

    class Meta:
        model = DocumentVersion

    class Params:
        content = b"%PDF-1.4 essai"

    document = factory.SubFactory(DocumentFactory)
    number = 1
    filename = "piece.pdf"
    media_type = "application/pdf"
    file = factory.LazyAttribute(lambda o: ContentFile(o.content, name="piece.pdf"))
    size = factory.LazyAttribute(lambda o: len(o.content))
    sha256 = factory.LazyAttribute(lambda o: hashlib.sha256(o.content).hexdigest())
    scan_state = choices.ScanState.NOT_SCANNED
