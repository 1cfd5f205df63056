"""What a person is told: once, in one mail a day unless it is urgent, the way that person chose."""

from __future__ import annotations

import threading
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
import time_machine
from django.core import mail as django_mail
from django.db import connection, transaction

from core import clock
from core.choices import Delivery, MailStatus
from core.errors import Forbidden, Invalid
from core.mail import Message, cancel, mark_read, notify, outbox, set_preference
from core.models import Notification, OutboxMail
from tests.factories.accounts import UserFactory
from tests.factories.partnership import OrganisationFactory

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from accounts.models import User
    from partnership.models import Organisation

pytestmark = pytest.mark.django_db(transaction=True)

# A Tuesday; Casablanca is on UTC since September 2026.
MORNING = datetime(2026, 11, 24, 7, 30, tzinfo=UTC)
NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


class Plain(Message):
    kind = "test_plain"
    label = "Plain"
    template = "partnership/emails/reminder_action_due"


class Urgent(Plain):
    kind = "test_urgent"
    urgent = True


class Compulsory(Plain):
    kind = "test_compulsory"
    compulsory = True


@pytest.fixture
def morning() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(MORNING, tick=False) as traveller:
        yield traveller


@pytest.fixture
def thing() -> Organisation:
    made: Organisation = OrganisationFactory()
    return made


@pytest.fixture
def reader() -> User:
    made: User = UserFactory(full_name="Amina Bennis", email="amina@example.ma")
    return made


def message(about: Any, title: str = "Ouvrir le stand", *, of: type[Message] = Plain) -> Message:
    return of(about=about, url="/actions/1/", data={"title": title, "organisation": "ONMT", "due_on": "3 décembre"})


def digest_of(reader: User, day: date) -> OutboxMail:
    return OutboxMail.objects.get(recipient=reader, kind="digest", day=day)


# -- one mail a day ----------------------------------------------------------------------------------------------------
def test_messages_of_a_day_when_they_are_not_urgent_then_leave_in_one_mail_at_eight(
    morning: time_machine.Traveller, reader: User, thing: Organisation
) -> None:
    notify(message(thing, "Ouvrir le stand"), to=[reader])
    notify(message(thing, "Fermer le stand"), to=[reader])

    assert digest_of(reader, date(2026, 11, 24)).not_before == datetime(2026, 11, 24, 8, tzinfo=UTC)
    assert outbox.sweep() == 0
    morning.move_to(datetime(2026, 11, 24, 8, tzinfo=UTC))
    assert outbox.sweep() == 1
    assert outbox.sweep() == 0
    [letter] = django_mail.outbox
    assert letter.to == ["amina@example.ma"]
    assert letter.subject == digest_of(reader, date(2026, 11, 24)).subject
    assert letter.body.index("Ouvrir le stand") < letter.body.index("Fermer le stand")
    assert letter.body.count("/actions/1/") == 2


def test_a_mail_of_the_day_when_it_says_one_thing_then_has_its_subject(
    morning: time_machine.Traveller, reader: User, thing: Organisation
) -> None:
    notify(message(thing), to=[reader])
    morning.move_to(NOON)

    outbox.sweep()

    assert django_mail.outbox[0].subject == Notification.objects.get().subject


def test_a_message_when_eight_is_past_then_leaves_in_five_minutes_with_what_comes_behind(reader: User, thing: Organisation) -> None:
    with time_machine.travel(NOON, tick=False) as traveller:
        notify(message(thing), to=[reader])
        traveller.shift(60)
        notify(message(thing), to=[reader])

        assert digest_of(reader, date(2026, 11, 24)).not_before == NOON + timedelta(minutes=5)
        traveller.shift(240)
        assert outbox.sweep() == 1
    assert Notification.objects.filter(mail=digest_of(reader, date(2026, 11, 24))).count() == 2


def test_a_message_when_todays_mail_has_left_then_waits_for_tomorrows(reader: User, thing: Organisation) -> None:
    with time_machine.travel(NOON, tick=False) as traveller:
        notify(message(thing), to=[reader])
        traveller.shift(300)
        outbox.sweep()
        notify(message(thing), to=[reader])

        assert outbox.sweep() == 0
        assert digest_of(reader, date(2026, 11, 25)).not_before == datetime(2026, 11, 25, 8, tzinfo=UTC)
    assert len(django_mail.outbox) == 1


def test_a_message_when_midnight_is_near_then_belongs_to_the_next_day(reader: User, thing: Organisation) -> None:
    with time_machine.travel(datetime(2026, 7, 1, 22, 58, tzinfo=UTC), tick=False):  # 23:58 there, before the change of law
        notify(message(thing), to=[reader])

    assert digest_of(reader, date(2026, 7, 2)).not_before == datetime(2026, 7, 2, 7, tzinfo=UTC)


def test_an_urgent_message_when_it_is_told_then_leaves_at_once_in_its_own_mail(
    morning: time_machine.Traveller, reader: User, thing: Organisation
) -> None:
    notify(message(thing), to=[reader])
    notify(message(thing, "Tout de suite", of=Urgent), to=[reader])

    assert outbox.sweep() == 1
    [letter] = django_mail.outbox
    assert "Tout de suite" in letter.subject
    assert digest_of(reader, date(2026, 11, 24)).status == MailStatus.QUEUED


def test_readers_when_they_read_different_languages_then_each_gets_one_s_own(
    morning: time_machine.Traveller, reader: User, thing: Organisation
) -> None:
    arab = UserFactory(language="ar")
    told = Urgent(about=thing, data={"title": {"fr": "Le stand", "ar": "الرواق", "en": ""}, "organisation": "ONMT", "due_on": "3"})

    assert notify(told, to=[reader, arab]) == 2

    texts = {row.recipient_id: row.subject for row in Notification.objects.all()}
    assert "Le stand" in texts[reader.pk]
    assert "الرواق" in texts[arab.pk]
    outbox.sweep()
    assert {letter.language for letter in django_mail.outbox} == {"fr", "ar"}  # type: ignore[union-attr]


# -- exactly once, and to whom -----------------------------------------------------------------------------------------
def test_a_message_with_a_key_when_it_is_told_again_then_reaches_each_person_once(reader: User, thing: Organisation) -> None:
    other = UserFactory()

    assert notify(message(thing, of=Urgent), to=[reader], key="k") == 1
    assert notify(message(thing, of=Urgent), to=[reader, other, other], key="k") == 1

    assert outbox.sweep() == 2
    assert sorted(Notification.objects.values_list("recipient_id", flat=True)) == sorted([reader.pk, other.pk])


def test_a_message_when_an_account_is_closed_then_leaves_it_out_even_at_the_last_moment(reader: User, thing: Organisation) -> None:
    assert notify(message(thing, of=Urgent), to=[UserFactory(is_active=False)]) == 0
    notify(message(thing, of=Urgent), to=[reader])
    reader.is_active = False
    reader.save()

    assert outbox.sweep() == 0
    assert OutboxMail.objects.get().status == MailStatus.CANCELLED


def test_a_message_when_the_address_has_changed_meanwhile_then_goes_to_the_new_one(reader: User, thing: Organisation) -> None:
    notify(message(thing, of=Urgent), to=[reader])
    reader.email = "amina.bennis@example.ma"
    reader.save()

    outbox.sweep()

    assert django_mail.outbox[0].to == ["amina.bennis@example.ma"]


@pytest.mark.parametrize("count", [1, 3])
def test_a_message_when_it_has_many_readers_then_costs_the_same_queries(
    count: int, thing: Organisation, django_assert_num_queries: Callable[[int], Any]
) -> None:
    readers = [UserFactory() for _ in range(count)]
    notify(message(thing), to=[UserFactory()])

    with transaction.atomic(), time_machine.travel(MORNING, tick=False), django_assert_num_queries(8):
        notify(message(thing), to=readers)


def test_writers_when_they_tell_the_same_people_at_once_then_nobody_gets_two_mails_and_nothing_is_lost(thing: Organisation) -> None:
    readers = [UserFactory() for _ in range(8)]
    start = threading.Barrier(4)
    failures: list[Exception] = []

    def tell(number: int) -> None:
        try:
            start.wait(10)
            with transaction.atomic():
                notify(message(thing), to=readers if number % 2 else reversed(readers))
        except Exception as error:
            failures.append(error)
        finally:
            connection.close()

    with time_machine.travel(MORNING, tick=False):
        threads = [threading.Thread(target=tell, args=[number]) for number in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)

    assert failures == []
    assert OutboxMail.objects.filter(kind="digest").count() == 8
    assert Notification.objects.filter(mail__kind="digest").count() == 32


def test_a_writer_when_it_has_not_committed_then_its_mail_of_the_day_does_not_leave_without_it(reader: User, thing: Organisation) -> None:
    with time_machine.travel(MORNING, tick=False) as traveller:
        notify(message(thing, "Premier"), to=[reader])
        traveller.move_to(NOON)
        swept: list[int] = []

        def sweep() -> None:
            try:
                swept.append(outbox.sweep())
            finally:
                connection.close()

        with transaction.atomic():
            traveller.move_to(MORNING)
            notify(message(thing, "Second"), to=[reader])
            traveller.move_to(NOON)
            thread = threading.Thread(target=sweep)
            thread.start()
            thread.join(20)
        swept.append(outbox.sweep())

    assert swept == [0, 1]
    assert "Second" in django_mail.outbox[0].body


# -- cancelled, read ---------------------------------------------------------------------------------------------------
def test_a_message_when_its_cause_is_gone_then_is_cancelled_with_its_mail(reader: User, thing: Organisation) -> None:
    other = OrganisationFactory()
    notify(message(thing, of=Urgent), to=[reader])
    notify(message(other, "Autre", of=Urgent), to=[reader])

    assert cancel(thing, cause="settled") == 1

    assert outbox.sweep() == 1
    assert "Autre" in django_mail.outbox[0].subject
    cancelled = OutboxMail.objects.get(status=MailStatus.CANCELLED)
    assert cancelled.cancel_cause == "settled"
    assert [row.about_id for row in Notification.objects.visible_to(reader)] == [other.pk]


def test_a_message_when_only_some_kinds_are_cancelled_then_the_others_stay(reader: User, thing: Organisation) -> None:
    notify(message(thing), to=[reader])
    notify(message(thing, of=Urgent), to=[reader])

    assert cancel(thing, [Urgent.kind]) == 1

    assert [row.kind for row in Notification.objects.visible_to(reader)] == [Plain.kind]


def test_a_message_when_it_has_left_then_stays_told(reader: User, thing: Organisation) -> None:
    notify(message(thing, of=Urgent), to=[reader])
    outbox.sweep()

    assert cancel(thing) == 0
    assert Notification.objects.visible_to(reader).count() == 1


def test_a_mail_of_the_day_when_everything_in_it_is_cancelled_or_read_then_does_not_leave(
    morning: time_machine.Traveller, reader: User, thing: Organisation
) -> None:
    notify(message(thing), to=[reader])
    notify(message(OrganisationFactory()), to=[reader])
    cancel(thing)
    assert mark_read(by=reader) == 1
    morning.move_to(NOON)

    assert outbox.sweep() == 0

    assert digest_of(reader, date(2026, 11, 24)).status == MailStatus.CANCELLED
    assert django_mail.outbox == []
    notify(message(thing, "Encore"), to=[reader])
    morning.shift(300)
    assert outbox.sweep() == 1


def test_a_mail_of_the_day_when_a_part_of_it_is_cancelled_then_leaves_without_that_part(
    morning: time_machine.Traveller, reader: User, thing: Organisation
) -> None:
    notify(message(thing, "Annulé"), to=[reader])
    notify(message(OrganisationFactory(), "Maintenu"), to=[reader])
    cancel(thing)
    morning.move_to(NOON)

    outbox.sweep()

    assert "Maintenu" in django_mail.outbox[0].body
    assert "Annulé" not in django_mail.outbox[0].body


def test_a_notification_when_somebody_else_marks_it_as_read_then_stays_unread(reader: User, thing: Organisation) -> None:
    notify(message(thing), to=[reader])
    other = UserFactory()
    notify(message(thing), to=[other])

    assert mark_read(by=other, notifications=list(Notification.objects.values_list("pk", flat=True))) == 1

    assert Notification.objects.visible_to(reader).unread().count() == 1


# -- preferences -------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("kind", "chosen", "mails"),
    [
        (Plain, Delivery.IMMEDIATE, ["test_plain"]),
        (Plain, Delivery.DAILY, ["digest"]),
        (Plain, Delivery.NEVER, []),
        (Urgent, Delivery.DAILY, ["digest"]),
        (Urgent, Delivery.NEVER, []),
        (Compulsory, Delivery.IMMEDIATE, ["test_compulsory"]),
    ],
)
def test_a_preference_when_it_is_set_then_the_kind_comes_that_way(
    kind: type[Message], chosen: Delivery, mails: list[str], reader: User, thing: Organisation
) -> None:
    set_preference(user=reader, message=kind, delivery=chosen, by=reader)

    notify(message(thing, of=kind), to=[reader])

    assert list(OutboxMail.objects.values_list("kind", flat=True)) == mails
    assert Notification.objects.visible_to(reader).count() == 1


def test_a_compulsory_kind_when_it_is_switched_off_then_is_refused(reader: User) -> None:
    with pytest.raises(Invalid) as refusal:
        set_preference(user=reader, message=Compulsory, delivery=Delivery.NEVER, by=reader)

    assert refusal.value.field == "delivery"


def test_a_kind_when_it_becomes_compulsory_then_an_old_never_no_longer_counts() -> None:
    assert Compulsory.delivery(Delivery.NEVER) == Delivery.DAILY


def test_a_preference_when_somebody_else_sets_it_or_it_is_unknown_then_is_refused(reader: User) -> None:
    with pytest.raises(Forbidden):
        set_preference(user=reader, message=Plain, delivery=Delivery.DAILY, by=UserFactory())
    with pytest.raises(Invalid):
        set_preference(user=reader, message=Plain, delivery="weekly", by=reader)


def test_the_days_when_counted_in_casablanca_then_follow_the_civil_date() -> None:
    with time_machine.travel(datetime(2026, 7, 1, 23, 30, tzinfo=UTC), tick=False):
        assert clock.today() == date(2026, 7, 2)
