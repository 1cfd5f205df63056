"""A fact announced is handled after the commit, at least once, and its reactions stand or fall together."""

from __future__ import annotations

import threading
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
import time_machine
from django.db import connection, transaction

from core import clock, events
from core.models import Event
from tests.factories.partnership import OrganisationFactory

if TYPE_CHECKING:
    from partnership.models import Organisation

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def _own_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(events, "_reactions", {})


@pytest.fixture
def thing() -> Organisation:
    made: Organisation = OrganisationFactory()
    return made


def announce(thing: Organisation, name: str = "thing.done") -> Event:
    with transaction.atomic():
        events.announce(name, about=thing, organisations=[thing.pk, thing.pk], reference="E-01", day=clock.today())
    return Event.objects.latest("created_at")


def test_a_fact_when_it_is_announced_then_its_reactions_receive_it_once(thing: Organisation) -> None:
    seen: list[tuple[object, ...]] = []
    events.subscribe({"thing.done": [lambda event: seen.append((event.about, event.organisations, event.data["reference"]))]})
    announce(thing)

    assert (events.sweep(), events.sweep()) == (1, 0)
    assert seen == [(thing, [thing.pk], "E-01")]


def test_a_fact_when_nobody_reacts_to_it_then_is_kept_and_not_waiting(thing: Organisation) -> None:
    event = announce(thing)

    assert (event.handled_at is not None, events.sweep()) == (True, 0)


def test_a_fact_when_its_transaction_is_undone_then_was_never_announced(thing: Organisation) -> None:
    events.subscribe({"thing.done": [print]})
    with transaction.atomic():
        events.announce("thing.done", about=thing)
        transaction.set_rollback(True)

    assert Event.objects.count() == 0


def test_a_fact_when_there_is_no_transaction_then_is_refused(thing: Organisation) -> None:
    with pytest.raises(RuntimeError):
        events.announce("thing.done", about=thing)


def test_a_reaction_when_it_fails_then_undoes_the_others_and_all_are_tried_again_later(thing: Organisation) -> None:
    broken = [True]

    def rename(event: Event) -> None:
        OrganisationFactory(name_fr=f"Réaction à {event.name}")

    def stumble(event: Event) -> None:
        if broken:
            raise ValueError("not yet")

    events.subscribe({"thing.done": [rename, stumble]})
    event = announce(thing)

    assert events.sweep() == 0
    event.refresh_from_db()
    assert (event.attempts, event.handled_at, "not yet" in event.last_error) == (1, None, True)
    assert type(thing).objects.filter(name_fr="Réaction à thing.done").count() == 0
    broken.clear()
    assert events.sweep() == 0
    with time_machine.travel(clock.now() + timedelta(minutes=3), tick=True):
        assert events.sweep() == 1
    assert type(thing).objects.filter(name_fr="Réaction à thing.done").count() == 1


def test_a_fact_when_two_workers_handle_it_at_once_then_its_reactions_run_once(thing: Organisation) -> None:
    start = threading.Barrier(2)
    events.subscribe({"thing.done": [lambda event: OrganisationFactory(name_fr="Réaction")]})
    event = announce(thing)
    answers: list[bool] = []

    def run() -> None:
        try:
            start.wait(10)
            answers.append(events.handle(event.pk))
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert sorted(answers) == [False, True]
    assert type(thing).objects.filter(name_fr="Réaction").count() == 1
