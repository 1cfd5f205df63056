"""The accounts of the demonstration, one per role: invented people of real bodies and of invented firms."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import TYPE_CHECKING, Final

from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.utils.translation import gettext_lazy as _

from accounts.models import User
from accounts.roles import MandateRole, StaffRole
from accounts.services import register_user, set_staff_roles
from core.actors import SYSTEM
from partnership.models import Mandate, Organisation, Person
from partnership.services.people import give_mandate, link_account, register_person

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.utils.functional import _StrOrPromise

# The same for every account, printed by `make demo` and shown on its sign-in page; refused in production.
PASSWORD: Final = "Trois-Oliviers-2026"  # noqa: S105
SINCE: Final = date(2024, 1, 8)
ADMINISTRATOR, MEMBER, READER = MandateRole.ADMINISTRATOR, MandateRole.MEMBER, MandateRole.READER


@dataclass(frozen=True)
class DemoAccount:
    """Somebody who can sign in. `mandates`: key of an organisation, role, office held."""

    email: str
    full_name: str
    role: _StrOrPromise
    staff: tuple[StaffRole, ...] = ()
    mandates: tuple[tuple[str, MandateRole, str], ...] = ()
    language: str = "fr"


ACCOUNTS: Final = (
    DemoAccount("manager@onmt.example", "Leïla Démo-Benjelloun", _("ONMT: convention manager"), staff=(StaffRole.CONVENTION_MANAGER,)),
    DemoAccount("taskforce@onmt.example", "Karim Démo-Tazi", _("ONMT: task-force officer"), staff=(StaffRole.TASKFORCE_OFFICER,)),
    DemoAccount("domestic@onmt.example", "Salma Démo-Chraïbi", _("ONMT: domestic-tourism officer"), staff=(StaffRole.DOMESTIC_OFFICER,)),
    DemoAccount("training@onmt.example", "Omar Démo-Idrissi", _("ONMT: digital-training officer"), staff=(StaffRole.TRAINING_OFFICER,)),
    DemoAccount("accounts@onmt.example", "Hajar Démo-Lahlou", _("ONMT: accounts manager"), staff=(StaffRole.ACCOUNT_MANAGER,)),
    DemoAccount("auditor@onmt.example", "Rachid Démo-Filali", _("ONMT: auditor, reads only"), staff=(StaffRole.AUDITOR,)),
    DemoAccount(
        "secretariat@cnt.example",
        "Nadia Démo-Alaoui",
        _("CNT: secretariat, administrator"),
        mandates=(("cnt", ADMINISTRATOR, "Secrétaire générale"),),
    ),
    DemoAccount(
        "membre@cnt.example", "Youssef Démo-Berrada", _("CNT: member"), mandates=(("cnt", MEMBER, "Chargé de mission"),), language="ar"
    ),
    DemoAccount("lecteur@cnt.example", "Imane Démo-Sefrioui", _("CNT: reader"), mandates=(("cnt", READER, "Stagiaire"),)),
    DemoAccount(
        "fnih@fnih.example",
        "Hicham Démo-Kettani",
        _("FNIH: federation's administrator"),
        mandates=(("fnih", ADMINISTRATOR, "Délégué général"),),
    ),
    DemoAccount(
        "fnavm@fnavm.example",
        "Samira Démo-Ouazzani",
        _("FNAVM: federation's administrator"),
        mandates=(("fnavm", ADMINISTRATOR, "Déléguée générale"),),
    ),
    DemoAccount(
        "operator1@menara.example",
        "Amine Démo-Mansouri",
        _("Hotel in Marrakech: administrator"),
        mandates=(("menara", ADMINISTRATOR, "Directeur"),),
    ),
    DemoAccount(
        "operator2@corniche.example",
        "Ghita Démo-Bennis",
        _("Hotel in Agadir, a competitor: administrator"),
        mandates=(("corniche", ADMINISTRATOR, "Directrice"),),
    ),
    DemoAccount(
        "operator3@caravane.example",
        "Mehdi Démo-Slaoui",
        _("Travel agency: administrator; and member of the FNAVM (two mandates)"),
        mandates=(("caravane", ADMINISTRATOR, "Gérant"), ("fnavm", MEMBER, "Trésorier")),
    ),
    DemoAccount(
        "reception@menara.example",
        "Zineb Démo-Amrani",
        _("Hotel in Marrakech: reader"),
        mandates=(("menara", READER, "Réception"),),
        language="ar",
    ),
)


@dataclass
class Cast:
    """Who acts in the demonstration: accounts by address, organisations by key."""

    users: dict[str, User] = field(default_factory=dict)
    organisations: dict[str, Organisation] = field(default_factory=dict)

    @property
    def manager(self) -> User:
        """ONMT's convention manager."""
        return self.users["manager@onmt.example"]

    @property
    def secretariat(self) -> User:
        """The CNT's administrator."""
        return self.users["secretariat@cnt.example"]

    def person(self, email: str) -> Person:
        """The person of an account."""
        return Person.objects.get(user=self.users[email])


def load_staff(cast: Cast) -> None:
    """ONMT's staff, each with its role and a second factor."""
    for account in ACCOUNTS:
        if account.staff:
            cast.users[account.email] = _account(account)


def load_people(cast: Cast) -> None:
    """Everybody else: a person, the mandates, then the account. Administrators first, as the rule asks."""
    for account in ACCOUNTS:
        if not account.staff:
            cast.users[account.email] = _account(account)
            _person(account, cast.users[account.email], cast.organisations)


def _account(account: DemoAccount) -> User:
    found = User.objects.filter(email=account.email).first()
    if found is not None:
        return found
    user = register_user(email=account.email, full_name=account.full_name, language=account.language, password=PASSWORD, by=SYSTEM)
    if account.staff:
        user = set_staff_roles(user=user.pk, roles=account.staff, by=SYSTEM, reason="Donnée de démonstration")
        if not Authenticator.objects.filter(user=user).exists():
            TOTP.activate(user, generate_totp_secret())
    return user


def _person(account: DemoAccount, user: User, organisations: Mapping[str, Organisation]) -> None:
    if Person.objects.filter(user=user).exists():
        return
    person = Person.objects.filter(email__iexact=account.email).first() or register_person(
        full_name=account.full_name, email=account.email, languages=[account.language], is_demo=True, by=SYSTEM
    )
    for key, role, title in account.mandates:
        if not Mandate.objects.filter(person=person, organisation=organisations[key]).exists():
            give_mandate(person=person.pk, organisation=organisations[key].pk, role=role, title=title, starts_on=SINCE, by=SYSTEM)
    link_account(person=person.pk, email=user.email, by=SYSTEM)
