"""The demonstration: every state of every noun, real facts with their address, invented ones that say so."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command
from django.db import transaction
from pghistory.models import Context

from accounts.models import User
from accounts.roles import MandateRole, StaffRole
from core.errors import Forbidden
from core.ice import check_ice
from core.models import Notification
from partnership.choices import (
    ActionStatus,
    AffiliationStatus,
    CommitmentStatus,
    ConventionStatus,
    OrganisationStatus,
    Priority,
    Recurrence,
    Visibility,
)
from partnership.demo.load import load_demonstration
from partnership.demo.operators import operators
from partnership.demo.people import ACCOUNTS, PASSWORD
from partnership.management.commands.load_demo import credentials
from partnership.models import (
    Action,
    Affiliation,
    Commitment,
    Convention,
    Document,
    Evidence,
    Invitation,
    Mandate,
    Organisation,
    Person,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pytest_django import DjangoDbBlocker, Settings

COUNTED: tuple[Any, ...] = (
    Action, Affiliation, Commitment, Convention, Document, Evidence, Invitation, Mandate, Notification, Organisation, Person, User,
)  # fmt: skip


@pytest.fixture(scope="module")
def loaded(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Loaded once for the module, undone at its end: each test works in a savepoint of its own."""
    with django_db_blocker.unblock(), transaction.atomic():
        load_demonstration()
        yield
        transaction.set_rollback(True)


@pytest.fixture
def demo(loaded: None, db: None) -> None:
    """The demonstration."""


def _states(model: Any) -> set[str]:
    return set(model.objects.values_list("status", flat=True))


def test_demo_when_loaded_then_shows_every_state_of_every_noun(demo: None) -> None:
    assert _states(Convention) == set(ConventionStatus)
    assert _states(Commitment) == set(CommitmentStatus)
    assert _states(Action) == set(ActionStatus)
    assert _states(Organisation) == set(OrganisationStatus)
    assert _states(Affiliation) == set(AffiliationStatus)
    assert set(Document.objects.values_list("visibility", flat=True)) == set(Visibility)
    assert set(Action.objects.values_list("priority", flat=True)) == set(Priority)
    assert {"none", "half_yearly", "yearly"} <= set(Commitment.objects.values_list("recurrence", flat=True)) <= set(Recurrence)
    assert Document.objects.exclude(removed_at=None).exists()
    assert Document.objects.filter(versions__number=2).exists()
    assert Document.objects.get(kind="licence").organisation.name_fr == "Hôtel Démo Ménara"
    assert Action.objects.late().exists()
    assert Commitment.objects.late().exists()
    ends = Invitation.objects.values_list("accepted_at", "revoked_at")
    assert {(accepted is not None, revoked is not None) for accepted, revoked in ends} == {(False, False), (False, True), (True, False)}


def test_the_real_convention_when_loaded_then_leaves_empty_what_is_not_public(demo: None) -> None:
    convention = Convention.objects.get(reference="ONMT-CNT-2022")
    assert (convention.status, str(convention.signed_on), convention.place) == ("in_force", "2022-04-15", "Casablanca")
    assert (convention.ends_on, convention.renewal, convention.notice_days) == (None, "", None)
    assert "[I]" in convention.note
    assert [axis.code for axis in convention.axes.all()] == [
        "union", "competitivite-internationale", "produit", "tourisme-interne", "digitalisation",
    ]  # fmt: skip
    assert not convention.axes.filter(title_ar="").exists()
    assert [(party.organisation.acronym, party.signatory) for party in convention.parties.all()] == [
        ("ONMT", "Adel El Fakir"),
        ("CNT", "Hamid Bentahar"),
    ]


def test_commitments_when_loaded_then_name_their_source_or_say_they_are_invented(demo: None) -> None:
    commitments = Commitment.objects.filter(convention__reference="ONMT-CNT-2022")
    assert [c.reference for c in commitments if not c.source and "inventé" not in c.description] == []
    assert [c.reference for c in commitments if "démonstration" not in c.description] == []
    assert [c.reference for c in commitments if not (c.title_ar and c.title_en)] == []
    assert commitments.filter(reference__in=["E-07-2", "E-14-2"], status="planned").count() == 2
    assert [c.reference for c in commitments.exclude(amount=None)] == ["E-13"]


def test_reported_actions_when_loaded_then_carry_the_article_as_evidence(demo: None) -> None:
    reported = Action.objects.filter(description__startswith="Rapporté")
    assert reported.count() == 15
    assert set(reported.values_list("status", flat=True)) == {"verified"}
    assert [a.title for a in reported if list(a.evidence.values_list("url", flat=True)) != [a.source]] == []


def test_operators_when_loaded_then_are_labelled_and_spread_over_the_regions(demo: None) -> None:
    rows = Organisation.objects.filter(is_demo=True)
    assert rows.count() == len(operators()) == 41
    assert len(set(rows.values_list("region", flat=True))) == 12
    assert [o.name_fr for o in rows if "Démo" not in o.name_fr] == []
    assert [check_ice(o.ice) for o in rows] == [o.ice for o in rows]
    activities = {activity for o in rows for activity in o.activities}
    assert len(activities) == 13
    assert not Organisation.objects.filter(is_demo=False, ice__startswith="999").exists()


def test_accounts_when_loaded_then_there_is_one_per_role_and_staff_have_a_second_factor(demo: None) -> None:
    rows = credentials()
    assert {row["email"] for row in rows} == {account.email for account in ACCOUNTS}
    assert all(User.objects.get(email=row["email"]).check_password(PASSWORD) for row in rows[:3])
    staff = User.objects.filter(is_staff=True)
    assert {role for user in staff for role in user.staff_roles} == set(StaffRole)
    assert set(Authenticator.objects.filter(type="totp").values_list("user", flat=True)) == {user.pk for user in staff}
    assert set(Mandate.objects.filter(person__user__isnull=False).values_list("role", flat=True)) == set(MandateRole)
    assert Mandate.objects.filter(person__user__email="operator3@caravane.example").count() == 2


def test_first_messages_when_loaded_then_are_about_what_is_awaited(demo: None) -> None:
    standing = Notification.objects.filter(cancelled_at=None)
    assert set(standing.values_list("kind", flat=True)) <= {
        "commitment_declared", "commitment_contested", "action_assigned", "action_done", "action_returned", "invitation_accepted",
    }  # fmt: skip
    assert standing.filter(kind="commitment_declared").exists()
    assert standing.count() < 60


def test_loading_again_when_people_changed_things_then_keeps_them(demo: None) -> None:
    Commitment.objects.filter(reference="E-06").update(title_fr="Titre changé")
    Organisation.objects.filter(name_fr="Hôtel Démo Anfa").update(name_fr="Hôtel Anfa renommé")
    Action.objects.filter(title="Tenir le secrétariat commun de la convention").update(title="Autre titre")
    counts = {model: model.objects.count() for model in COUNTED}

    load_demonstration()

    assert {model: model.objects.count() for model in COUNTED} == counts
    assert Commitment.objects.get(reference="E-06").title_fr == "Titre changé"
    assert Organisation.objects.filter(name_fr="Hôtel Anfa renommé").count() == 1


def test_loading_when_in_production_then_is_refused(demo: None, settings: Settings) -> None:
    settings.PRODUCTION = True
    before = User.objects.count()
    with pytest.raises(CommandError):
        call_command("load_demo")
    with pytest.raises(Forbidden):
        load_demonstration()
    assert User.objects.count() == before


def test_loading_when_recorded_then_the_people_entitled_did_it(demo: None) -> None:
    actors = set(Context.objects.values_list("metadata__actor_label", flat=True))
    assert {"system", "Leïla Démo-Benjelloun", "Nadia Démo-Alaoui", "Amine Démo-Mansouri"} <= actors
