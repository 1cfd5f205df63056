"""The checker of the fault histories: content with a good history, and never with a bad one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from config.beat import SCHEDULE
from tests.faults import pace, schedule
from tests.faults.schedule import Fault
from tests.faults.verdict import Accepted, History, Row, Work, judge

ONE, TWO = ("a@example.ma", "F000001"), ("b@example.ma", "F000002")
MAILS = [
    Accepted("a@example.ma", frozenset({"F000001"}), "<1@portail>", 12.0),
    Accepted("b@example.ma", frozenset({"F000002"}), "<2@portail>", 11.0),
]
ROWS = {"<1@portail>": Row("sent", 1, 8, 10.0), "<2@portail>": Row("sent", 1, 8, 10.0)}
WORKS = [Work("csv 1", "done", 1, True)]


def history(**changes: Any) -> History:
    return replace(History({ONE, TWO}, list(MAILS), dict(ROWS), list(WORKS)), **changes)


def test_a_history_when_each_mail_arrived_once_then_nothing_is_broken() -> None:
    verdict = judge(history())

    assert verdict.broken == []
    assert verdict.figures == {
        "asked": 2, "accepted": 2, "lost": 0, "copies": 0, "bound": 0, "p50 s": 1.0, "p99 s": 2.0, "max s": 2.0,
        "attempts at most": 1, "jobs": 1, "jobs done once": 1,
    }  # fmt: skip


def test_copies_when_a_struck_sender_or_a_cut_answer_explains_them_then_nothing_is_broken() -> None:
    copies = [*MAILS, MAILS[0], MAILS[1]]

    assert judge(history(accepted=copies, struck=1, cut=1)).broken == []
    assert judge(history(accepted=copies, struck=1)).broken == ["2 copies: more than the 1 that 1 senders struck and 0 answers cut explain"]


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"accepted": MAILS[:1]}, "1 asked for and never delivered: F000002 to b@example.ma"),
        ({"accepted": [MAILS[0], replace(MAILS[1], address="a@example.ma")]}, "1 asked for and never delivered: F000002 to b@example.ma"),
        ({"expected": {ONE}}, "1 delivered and never asked for: F000002 to b@example.ma"),
        ({"accepted": [*MAILS, replace(MAILS[0], message_id="<2@portail>")], "struck": 9}, "1 delivered under more than one Message-ID"),
        ({"accepted": [*MAILS, replace(MAILS[0], message_id="<3@portail>")], "struck": 9}, "1 mails without a row: <3@portail>"),
        ({"rows": ROWS | {"<3@portail>": Row("sent", 1, 8, 10.0)}}, "1 rows that say « sent » of a mail that no server saw: <3@portail>"),
        ({"rows": ROWS | {"<1@portail>": Row("sent", 9, 8, 10.0)}}, "1 rows with more attempts than allowed: <1@portail>"),
        ({"rows": ROWS | {"<3@portail>": Row("failed", 8, 8, 10.0)}}, "1 rows given up: <3@portail>"),
        ({"works": [Work("csv 1", "running", 0, False)]}, "csv 1: is running"),
        ({"works": [Work("csv 1", "done", 2, True)]}, "csv 1: was done 2 times"),
        ({"works": [Work("csv 1", "done", 1, False)]}, "csv 1: its file is missing or not the one recorded"),
        ({"unsettled": ["3 mails still queued"]}, "3 mails still queued"),
    ],
)
def test_a_history_when_a_promise_is_broken_then_the_checker_says_which(changes: dict[str, Any], told: str) -> None:
    assert [line for line in judge(history(**changes)).broken if line.startswith(told)] != []


def test_the_usual_way_when_a_mail_is_sent_twice_then_is_caught_by_its_two_message_ids() -> None:
    copies = [MAILS[0], replace(MAILS[0], message_id="<other@naive>"), MAILS[1]]

    verdict = judge(History({ONE, TWO}, copies, struck=5))

    assert verdict.figures["copies"] == 1
    assert verdict.broken == ["1 delivered under more than one Message-ID: F000001 to a@example.ma"]


def test_a_schedule_when_drawn_from_a_seed_then_is_the_same_again_and_holds_every_kind_alike() -> None:
    drawn = schedule.draw(seed=7, count=21)

    assert drawn == schedule.draw(seed=7, count=21) != schedule.draw(seed=8, count=21)
    assert {fault: [one.fault for one in drawn].count(fault) for fault in Fault} == dict.fromkeys(Fault, 3)
    assert [one.at for one in drawn] == sorted(one.at for one in drawn)


def test_the_schedule_of_the_rounds_when_quickened_then_is_the_portals_own_ten_times_faster() -> None:
    quick = pace.quickened(SCHEDULE)

    assert quick.keys() == SCHEDULE.keys()
    assert quick["sweep-outbox"] == {"task": "core.tasks.sweep_outbox", "schedule": 3.0, "options": {"expires": 6.0}}
    assert SCHEDULE["sweep-outbox"]["schedule"] == 30.0
