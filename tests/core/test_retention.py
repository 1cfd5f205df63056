"""How long data are kept: each rule at its age, the dry run that counts the same rows, the round that repeats without harm."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.contenttypes.models import ContentType

from accounts.models import User
from core import clock
from core.history import events_of
from core.models import Heartbeat, Job, Notification, OutboxMail, SignedLink
from core.privacy import register, retention
from partnership.models import Invitation, Person
from partnership.services.people import end_mandate
from tests.factories import partnership as make
from tests.factories.accounts import UserFactory

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from tests.factories.world import World


def _rule(slug: str) -> Any:
    return next(rule for rule in register.rules() if rule.slug == slug)


def _age(row: Any, at: datetime, **more: datetime) -> None:
    type(row).objects.filter(pk=row.pk).update(created_at=at, updated_at=at, **more)


def _mail(at: datetime) -> OutboxMail:
    row = OutboxMail.objects.create(
        to_email="a@example.ma", language="fr", kind="k", subject="Sujet", body="Texte", status="sent", sent_at=at
    )
    _age(row, at)
    return row


def _notification(at: datetime, **fields: Any) -> Notification:
    user = UserFactory()
    about = {"about_type": ContentType.objects.get_for_model(User), "about_id": user.pk}
    row = Notification.objects.create(recipient=user, kind="k", subject="Sujet", body="Texte", **about, **fields)
    _age(row, at)
    return row


def _read(at: datetime) -> Notification:
    return _notification(at, read_at=at)


def _link(at: datetime) -> SignedLink:
    user = UserFactory()
    return SignedLink.objects.create(
        purpose="p", digest=user.pk.hex * 2, object_type=ContentType.objects.get_for_model(User), object_id=user.pk, expires_at=at
    )


def _job(at: datetime) -> Job:
    row = Job.objects.create(kind="k", unique_key=str(at), requested_by=UserFactory(), state="failed", error="x", finished_at=at)
    _age(row, at)
    return row


def _invitation(at: datetime) -> Invitation:
    return make.InvitationFactory(expires_at=at, email="jamais.venu@hotel.example", full_name="Jamais Venu Ici")


def _closed(at: datetime) -> User:
    row = UserFactory(email="ferme@example.ma", full_name="Compte Bien Fermé", is_active=False)
    _age(row, at)
    return row


def _person(at: datetime) -> Person:
    row = make.PersonFactory(full_name="Partie Depuis Longtemps", email="partie@example.ma", user=None, is_demo=False)
    _age(row, at)
    return row


def _is_gone(row: Any) -> bool:
    return not type(row).objects.filter(pk=row.pk).exists()


def _is_empty(row: OutboxMail) -> bool:
    return OutboxMail.objects.filter(pk=row.pk, subject="", body="").exists()


def _is_nameless(row: Any) -> bool:
    found = type(row).objects.get(pk=row.pk)
    return "example" not in found.email and found.full_name.startswith("Personne effacée")


CASES: dict[str, tuple[Callable[[datetime], Any], Callable[[Any], bool]]] = {
    "mail-texts": (_mail, _is_empty),
    "mails": (_mail, _is_gone),
    "notifications": (_read, _is_gone),
    "notifications-unread": (_notification, _is_gone),
    "links": (_link, _is_gone),
    "jobs": (_job, _is_gone),
    "invitations": (_invitation, _is_nameless),
    "closed-accounts": (_closed, _is_nameless),
    "people": (_person, _is_nameless),
}


@pytest.mark.django_db
@pytest.mark.parametrize("slug", CASES)
def test_a_row_when_a_day_too_old_then_is_erased_and_a_day_too_young_then_stays(slug: str) -> None:
    make_row, is_erased = CASES[slug]
    rule = _rule(slug)
    old = make_row(clock.now() - rule.age - timedelta(days=1))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(register, "rules", lambda: (rule,))
        assert [(line.now, line.soon) for line in retention.forecast()] == [(1, 1)]
        assert not is_erased(old)  # looking writes nothing
        assert retention.run() == {slug: 1}
        assert is_erased(old)
        assert retention.run() == {slug: 0}


@pytest.mark.django_db
@pytest.mark.parametrize("slug", CASES)
def test_a_row_when_not_old_enough_then_stays_and_the_forecast_announces_it(slug: str) -> None:
    make_row, is_erased = CASES[slug]
    rule = _rule(slug)
    young = make_row(clock.now() - rule.age + timedelta(days=1))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(register, "rules", lambda: (rule,))
        assert [(line.now, line.soon) for line in retention.forecast()] == [(0, 1)]
        assert retention.run() == {slug: 0}
        assert not is_erased(young)


@pytest.mark.django_db
def test_every_rule_when_it_counts_days_then_is_tried_here() -> None:
    tried = CASES.keys() | {"expired", "api-calls", "job-files", "import-files", "reminders"}
    assert {rule.slug for rule in register.rules()} == tried


@pytest.mark.django_db
def test_the_round_when_one_rule_fails_then_the_others_are_applied(monkeypatch: pytest.MonkeyPatch) -> None:
    old = _mail(clock.now() - timedelta(days=800))
    broken = _rule("mail-texts")
    monkeypatch.setattr(type(broken), "rows", lambda self: 1 / 0)

    counts = retention.run()

    assert counts["mail-texts"] == -1
    assert counts["mails"] == 1
    assert _is_gone(old)
    assert Heartbeat.objects.get(name="retention").detail["mails"] == 1


@pytest.mark.django_db
def test_the_round_when_there_are_more_rows_than_a_batch_then_treats_them_all(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retention, "BATCH", 2)
    for _number in range(5):
        _mail(clock.now() - timedelta(days=800))

    assert retention.run()["mails"] == 5
    assert not OutboxMail.objects.exists()


@pytest.mark.django_db
def test_an_invitation_when_its_time_is_over_then_its_trail_forgets_the_address_too() -> None:
    row = _invitation(clock.now() - timedelta(days=120))

    retention.run()

    events = events_of(Invitation).filter(pgh_obj_id=row.pk)
    assert events.count() >= 2
    assert not any("jamais.venu" in event.email or "Jamais" in event.full_name for event in events)


@pytest.mark.django_db
def test_a_person_when_a_mandate_runs_or_the_account_is_open_then_is_never_due(world: World) -> None:
    Person.objects.update(created_at=clock.now() - timedelta(days=4000), is_demo=False)
    assert list(_rule("people").due(clock.now())) == []

    mandate = make.MandateFactory(person=make.PersonFactory(user=None, is_demo=False), organisation=world.rif, role="reader")
    Person.objects.filter(pk=mandate.person_id).update(created_at=clock.now() - timedelta(days=4000))
    assert list(_rule("people").due(clock.now())) == []
    end_mandate(mandate=mandate.pk, by=world.manager, reason="Départ")
    assert list(_rule("people").due(clock.now())) == []
    assert [row.pk for row in _rule("people").due(clock.now() + timedelta(days=5 * 365 + 2))] == [mandate.person_id]


@pytest.mark.django_db
def test_a_device_when_its_session_is_over_then_leaves_with_it() -> None:
    UserSession.objects.create(user=UserFactory(), ip="192.0.2.7", user_agent="x", session_key="gone", last_seen_at=clock.now())

    assert retention.run()["expired"] >= 1
    assert not UserSession.objects.exists()
