"""What a run is judged by: the mail server's own log against what was asked for. No database and no clock are read here."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from math import ceil
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

Key = tuple[str, str]  # an address, and the marker of what it was to be told


@dataclass(frozen=True, slots=True)
class Accepted:
    """One mail the server said yes to (or meant to, when its answer was cut), in seconds since 1970."""

    address: str
    markers: frozenset[str]
    message_id: str
    at: float


@dataclass(frozen=True, slots=True)
class Row:
    """The outbox row behind a Message-ID; `due` in seconds since 1970."""

    status: str
    attempts: int
    allowed: int
    due: float


@dataclass(frozen=True, slots=True)
class Work:
    """A background job at the end: its state, how often its trail says that it was done, whether its file is there, whole."""

    name: str
    state: str
    times_done: int
    file_is_whole: bool


@dataclass(slots=True)
class History:
    """All that a run leaves to be judged. `struck` counts the senders that a kill or a restart may have hit in the act."""

    expected: set[Key]
    accepted: list[Accepted]
    rows: Mapping[str, Row] | None = None
    works: list[Work] = field(default_factory=list)
    struck: int = 0
    cut: int = 0
    unsettled: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Verdict:
    """Figures, and one sentence for each promise that was broken."""

    figures: dict[str, Any]
    broken: list[str]


def judge(history: History) -> Verdict:
    """Compare the log with what was asked for."""
    copies_of = Counter(mail.message_id for mail in history.accepted)
    messages_of: defaultdict[Key, set[str]] = defaultdict(set)
    for mail in history.accepted:
        for marker in mail.markers:
            messages_of[mail.address, marker].add(mail.message_id)
    lost = history.expected - messages_of.keys()
    unasked = messages_of.keys() - history.expected
    split = {key for key, messages in messages_of.items() if len(messages) > 1}
    copies = sum(count - 1 for count in copies_of.values()) + sum(len(messages_of[key]) - 1 for key in split)
    bound = history.struck + history.cut
    broken = [
        *_said(lost, "asked for and never delivered"),
        *_said(unasked, "delivered and never asked for"),
        *_said(split, "delivered under more than one Message-ID"),
        *(
            [f"{copies} copies: more than the {bound} that {history.struck} senders struck and {history.cut} answers cut explain"]
            * (copies > bound)
        ),
        *history.unsettled,
    ]
    figures: dict[str, Any] = {
        "asked": len(history.expected),
        "accepted": len(history.accepted),
        "lost": len(lost),
        "copies": copies,
        "bound": bound,
    }
    if history.rows is not None:
        broken += _rows(history.rows, copies_of)
        figures |= _delays(history.rows, history.accepted) | {
            "attempts at most": max((row.attempts for row in history.rows.values()), default=0)
        }
    broken += [f"{work.name}: {problem}" for work in history.works for problem in _problems(work)]
    if history.works:
        figures |= {"jobs": len(history.works), "jobs done once": sum(not list(_problems(work)) for work in history.works)}
    return Verdict(figures, broken)


def _said(keys: set[Key], problem: str) -> list[str]:
    shown = ", ".join(f"{marker} to {address}" for address, marker in sorted(keys)[:5])
    return [f"{len(keys)} {problem}: {shown}"] if keys else []


def _rows(rows: Mapping[str, Row], copies_of: Counter[str]) -> list[str]:
    strangers = sorted(copies_of.keys() - rows.keys())
    unsent = sorted(name for name, row in rows.items() if row.status == "sent" and name not in copies_of)
    over = sorted(name for name, row in rows.items() if row.attempts > row.allowed)
    failed = sorted(name for name, row in rows.items() if row.status == "failed")
    return [
        f"{len(names)} {problem}: {', '.join(names[:3])}"
        for names, problem in (
            (strangers, "mails without a row"),
            (unsent, "rows that say « sent » of a mail that no server saw"),
            (over, "rows with more attempts than allowed"),
            (failed, "rows given up"),
        )
        if names
    ]


def _delays(rows: Mapping[str, Row], accepted: list[Accepted]) -> dict[str, Any]:
    first: dict[str, float] = {}
    for mail in accepted:
        if mail.message_id in rows:
            first.setdefault(mail.message_id, mail.at)
    delays = sorted(max(0.0, at - rows[name].due) for name, at in first.items())
    if not delays:
        return {}
    return {f"p{share} s": round(delays[min(len(delays), ceil(len(delays) * share / 100)) - 1], 2) for share in (50, 99)} | {
        "max s": round(delays[-1], 2)
    }


def _problems(work: Work) -> list[str]:
    problems = []
    if work.state != "done":
        problems.append(f"is {work.state}")
    elif work.times_done != 1:
        problems.append(f"was done {work.times_done} times")
    elif not work.file_is_whole:
        problems.append("its file is missing or not the one recorded")
    return problems
