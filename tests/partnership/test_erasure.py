"""Erasing somebody's data: what leaves, what stays under a label, who must be named first, and that no text keeps the name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import ObjectDoesNotExist
from django.db import DatabaseError, connection, transaction

from accounts.models import User
from accounts.roles import MandateRole, StaffRole
from accounts.services import update_profile
from core import clock
from core.actors import SYSTEM
from core.errors import Conflict, Forbidden, Invalid
from core.history import events_of, history
from core.mail import send_mail
from core.models import Erasure, Notification, OutboxMail, Preference, PrivacyRequest
from core.privacy import requests
from partnership.models import Mandate, Person
from partnership.services.erasure import erase_account, erase_person
from partnership.services.people import update_person
from tests.factories import partnership as make
from tests.factories.accounts import StaffFactory
from tests.factories.partnership import user_of

if TYPE_CHECKING:
    from tests.factories.world import World

NAME, FORMER = "Samira Benjelloun-Idrissi", "Samira B. Idrissi"
EMAIL, FORMER_EMAIL = "samira@fnih-essai.example", "s.idrissi@fnih-essai.example"
PHONE = "+212661234567"
WRITTEN = (NAME, FORMER, EMAIL, FORMER_EMAIL, PHONE, "0661234567", "06 61 23 45 67", "06-61-23-45-67")


def _every_text(needle: str) -> list[str]:
    """The tables and columns of the database, arrays and JSON included, where a text is found whatever its case."""
    found = []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT table_name, column_name FROM information_schema.columns "
            "JOIN information_schema.tables USING (table_schema, table_name) "
            "WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND (udt_name = 'citext' OR "
            "data_type IN ('text', 'character varying', 'json', 'jsonb', 'ARRAY', 'USER-DEFINED'))"
        )
        columns = cursor.fetchall()
        assert len(columns) > 200
        for table, column in columns:
            cursor.execute(f'SELECT count(*) FROM "{table}" WHERE "{column}"::text ILIKE %s', [f"%{needle}%"])  # noqa: S608 - names from the catalogue
            if cursor.fetchone()[0]:
                found.append(f"{table}.{column}")
    return found


@pytest.fixture
def samira(world: World) -> User:
    """An administrator of the FNIH who has been everywhere: another name and address before, words of others about her."""
    user = user_of(world.fnih, MandateRole.ADMINISTRATOR, email=FORMER_EMAIL, full_name=FORMER)
    keeper = world.staff[StaffRole.ACCOUNT_MANAGER]
    person = Person.objects.get(user=user)
    update_person(person=person.pk, changes={"full_name": NAME, "email": EMAIL, "phone": PHONE}, by=keeper)
    update_profile(user=user.pk, full_name=NAME, language="ar", by=user)
    User.objects.filter(pk=user.pk).update(email=EMAIL)
    requests.ask(kind="rectification", words=f"Écrivez {NAME}, pas {FORMER} : 06 61 23 45 67", by=user)
    world.owed_by_cnt.declaration = f"Remis par {NAME} ({EMAIL}, 06-61-23-45-67)."
    world.owed_by_cnt.save()
    world.party_cnt.signatory = NAME
    world.party_cnt.save()
    make.ActionFactory(axis=world.axis, organisation=world.fnih, responsible=person, title="Salon", done_by=None)
    send_mail(to=EMAIL, language="fr", template="accounts/emails/staff_welcome", data={"link": "x"}, key="welcome")
    about = {"about_type": ContentType.objects.get_for_model(Person), "about_id": person.pk}
    Notification.objects.create(recipient=user, kind="k", subject="Sujet", body="Texte", **about)
    Notification.objects.create(recipient=world.manager, kind="k", subject=f"{NAME} a déclaré", body=f"tél. {PHONE}", **about)
    Preference.objects.create(user=user, kind="k", delivery="daily")
    make.InvitationFactory(organisation=world.atlas, email=EMAIL, full_name=NAME)
    return User.objects.get(pk=user.pk)


def _keeper(world: World) -> User:
    return world.staff[StaffRole.ACCOUNT_MANAGER]


# -- what leaves -------------------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_a_person_when_erased_then_no_column_of_the_database_holds_a_name_an_address_or_a_telephone(world: World, samira: User) -> None:
    before = {text: _every_text(text) for text in (NAME, EMAIL, PHONE, "06 61 23 45 67", "06-61-23-45-67", FORMER_EMAIL, FORMER)}
    assert all(before.values()), before

    erase_person(person=samira.person.pk, reason=f"Demande de {NAME}", by=_keeper(world))

    assert {text: _every_text(text) for text in WRITTEN} == {text: [] for text in WRITTEN}


@pytest.mark.django_db
def test_a_person_when_erased_then_what_was_done_stays_under_a_label(world: World, samira: User) -> None:
    person = samira.person

    erasure = erase_person(person=person.pk, reason="Demande de la personne", by=_keeper(world))

    assert erasure.label == f"Ancien membre de FNIH ({person.pk.hex[-6:]})"
    samira.refresh_from_db()
    person.refresh_from_db()
    assert (samira.full_name, samira.is_active, samira.has_usable_password()) == (erasure.label, False, False)
    assert (person.full_name, person.email, str(person.phone or ""), person.languages) == (erasure.label, "", "", [])
    world.party_cnt.refresh_from_db()
    world.owed_by_cnt.refresh_from_db()
    assert world.party_cnt.signatory == erasure.label
    assert world.owed_by_cnt.declaration == f"Remis par {erasure.label} ({erasure.label}, {erasure.label})."
    assert Mandate.objects.get(person=person).ends_on == clock.today()
    assert not OutboxMail.objects.filter(to_email=EMAIL).exists()
    assert not Notification.objects.filter(recipient=samira).exists()
    assert not Preference.objects.filter(user=samira).exists()
    assert erasure.finished_at is not None
    assert not erasure.left_in_texts


@pytest.mark.django_db
def test_the_trail_when_somebody_is_erased_then_keeps_its_rows_its_instants_and_every_value_but_the_name(
    world: World, samira: User
) -> None:
    event = events_of(type(world.owed_by_cnt))
    columns = ("pgh_id", "pgh_created_at", "pgh_label", "status", "reference", "obligor_id", "due_on")
    before = list(event.order_by("pgh_id").values_list(*columns))

    erasure = erase_person(person=samira.person.pk, reason="Demande de la personne", by=_keeper(world))

    after = list(event.order_by("pgh_id").values_list(*columns))
    assert after[: len(before)] == before
    assert len(before) >= 2
    assert {row.full_name for row in events_of(User).filter(pgh_obj_id=samira.pk)} == {erasure.label}
    assert erasure.label in {change.actor for change in history(samira)}


@pytest.mark.django_db
def test_an_open_request_when_the_person_is_erased_then_is_done_and_holds_no_words(world: World, samira: User) -> None:
    erase_person(person=samira.person.pk, reason="Demande de la personne", by=_keeper(world))

    row = PrivacyRequest.objects.get(user=samira)
    assert (row.status, row.words, row.handled_by) == ("done", "", _keeper(world))


# -- others ------------------------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_a_namesake_when_somebody_is_erased_then_keeps_the_name_and_texts_are_left_to_be_read(world: World, samira: User) -> None:
    namesake = user_of(world.rif, MandateRole.READER, email="autre@rif.example", full_name=NAME)

    erasure = erase_person(person=samira.person.pk, reason="Demande de la personne", by=_keeper(world))

    namesake.refresh_from_db()
    world.party_cnt.refresh_from_db()
    assert namesake.full_name == NAME
    assert Person.objects.get(user=namesake).full_name == NAME
    assert {row.full_name for row in events_of(User).filter(pgh_obj_id=namesake.pk)} == {NAME}
    assert world.party_cnt.signatory == NAME
    assert {row.full_name for row in events_of(User).filter(pgh_obj_id=samira.pk)} == {erasure.label}
    assert erasure.left_in_texts
    assert _every_text(EMAIL) == []


@pytest.mark.django_db
def test_a_line_shared_with_an_organisation_when_one_of_its_people_is_erased_then_stays_the_organisations(
    world: World, samira: User
) -> None:
    world.fnih.phone = PHONE
    world.fnih.save()

    erase_person(person=samira.person.pk, reason="Demande de la personne", by=_keeper(world))

    world.fnih.refresh_from_db()
    assert str(world.fnih.phone) == PHONE


# -- refusals ----------------------------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_the_last_administrator_when_erased_then_it_is_refused_and_nothing_is_written(world: World) -> None:
    Mandate.objects.filter(organisation=world.atlas, role=MandateRole.ADMINISTRATOR).exclude(person__user=world.operator).delete()
    person = Person.objects.get(user=world.operator)

    with pytest.raises(Conflict) as refusal:
        erase_person(person=person.pk, reason="Demande de la personne", by=_keeper(world))

    assert refusal.value.code == "last_administrator"
    assert "Hôtel Atlas d'essai" in str(refusal.value.message)
    person.refresh_from_db()
    assert person.erased_at is None
    assert not Erasure.objects.exists()


@pytest.mark.django_db
def test_an_erasure_when_asked_by_somebody_else_than_an_accounts_manager_then_is_refused(world: World, samira: User) -> None:
    for by in (world.manager, world.auditor):
        with pytest.raises(Forbidden):
            erase_person(person=samira.person.pk, reason="Pour voir", by=by)
        with pytest.raises(Forbidden):
            erase_account(user=samira.pk, reason="Pour voir", by=by)
    for by in (samira, world.competitor):
        with pytest.raises((Forbidden, ObjectDoesNotExist)):
            erase_person(person=samira.person.pk, reason="Pour voir", by=by)


@pytest.mark.django_db
def test_an_accounts_manager_when_erasing_oneself_then_is_refused(world: World) -> None:
    with pytest.raises(Forbidden):
        erase_account(user=_keeper(world).pk, reason="Pour partir", by=_keeper(world))


@pytest.mark.django_db
def test_a_person_when_erased_twice_then_the_second_time_is_refused(world: World, samira: User) -> None:
    erase_person(person=samira.person.pk, reason="Demande de la personne", by=_keeper(world))

    for by in (_keeper(world), SYSTEM):
        with pytest.raises(Conflict) as refusal:
            erase_person(person=samira.person.pk, reason="Demande de la personne", by=by)
        assert refusal.value.code == "already_erased"
    assert Erasure.objects.count() == 1


@pytest.mark.django_db
def test_an_erasure_when_no_reason_is_given_then_is_refused(world: World, samira: User) -> None:
    with pytest.raises(Invalid):
        erase_person(person=samira.person.pk, reason=" ", by=_keeper(world))


@pytest.mark.django_db
def test_a_member_of_the_staff_without_a_person_when_erased_then_bears_the_hosts_label(world: World) -> None:
    officer = StaffFactory(email="agent.parti@onmt.example", full_name="Agent Parti Ailleurs", roles=[StaffRole.DOMESTIC_OFFICER])

    erasure = erase_account(user=officer.pk, reason="Demande de la personne", by=_keeper(world))

    assert erasure.label == f"Ancien membre de ONMT ({officer.pk.hex[-6:]})"
    assert _every_text("Agent Parti Ailleurs") == []
    assert not officer.groups.exists()


# -- the trail's lock --------------------------------------------------------------------------------------------------
def _refused(sql: str, values: list[Any]) -> str:
    with pytest.raises(DatabaseError) as error, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql, values)
    return str(error.value)


CALL = "SELECT core_privacy_erase_trail(%s, %s, %s, %s, %s)"


@pytest.mark.django_db
def test_the_trail_when_written_around_an_erasure_then_the_database_refuses(world: World) -> None:
    closed = Erasure.objects.create(label="x", finished_at=clock.now())
    missing = "01890000-0000-7000-8000-00000000dead"

    assert "Cannot" in _refused("UPDATE accounts_userevent SET full_name = %s", ["x"])
    assert "Cannot" in _refused("DELETE FROM accounts_userevent WHERE full_name <> %s", ["x"])
    for pk in (missing, str(closed.pk)):
        assert "no erasure is open" in _refused(CALL, [pk, "accounts_userevent", ["auditor@onmt.example"], "x", None])


@pytest.mark.django_db
def test_the_trails_function_when_an_erasure_is_open_then_replaces_whole_identifiers_in_the_trail_and_nothing_else(world: World) -> None:
    opened = str(Erasure.objects.create(label="x").pk)

    assert "no table of the audit trail" in _refused(CALL, [opened, "accounts_user", ["auditor@onmt.example"], "x", None])
    for word in ("in_force", "due", "declared", "insert"):
        assert "only whole names" in _refused(CALL, [opened, "partnership_conventionevent", [word], "x", None])
    with connection.cursor() as cursor:
        cursor.execute(CALL, [opened, "accounts_userevent", ["auditor@onmt.example"], "x", None])
        assert cursor.fetchone()[0] == 1
    # The lock is closed again within the same transaction.
    assert "Cannot" in _refused("UPDATE accounts_userevent SET full_name = %s", ["x"])


@pytest.mark.django_db
def test_the_trails_function_when_somebody_else_has_a_role_in_the_database_then_may_not_call_it(world: World) -> None:
    signature = "core_privacy_erase_trail(uuid, text, text[], text, text)"
    with connection.cursor() as cursor:
        cursor.execute("CREATE ROLE privacy_visitor")
        cursor.execute("SELECT has_function_privilege('privacy_visitor', %s, 'EXECUTE')", [signature])
        assert cursor.fetchone()[0] is False
