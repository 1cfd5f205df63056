"""Which fault falls when: drawn from a seed, so that a history that went wrong can be played again."""

from __future__ import annotations

import random
from dataclasses import dataclass
from enum import StrEnum

GAP_SECONDS = 3.0  # from one fault to the next, on average: far less than a lease, so that recoveries are struck too


class Fault(StrEnum):
    """What may befall the portal."""

    WORKER_KILLED = "worker killed (-9)"
    WORKER_FROZEN = "worker frozen beyond its lease"
    BROKER_EMPTIED = "broker killed (-9), back empty"
    DATABASE_RESTARTED = "database cut off and recovered"
    MAIL_REFUSED = "mail server answers 421"
    ANSWER_CUT = "mail accepted, answer cut"
    TWO_BEATS = "two beats at once, one killed (-9)"


@dataclass(frozen=True, slots=True)
class Planned:
    """A fault, the second at which it falls, and a number from 0 to 1 for its details."""

    fault: Fault
    at: float
    chance: float


def draw(*, seed: int, count: int) -> list[Planned]:
    """`count` faults, every kind as often as another (one more or less), in an order and at instants of the seed's."""
    chance = random.Random(seed)
    faults: list[Fault] = []
    while len(faults) < count:
        deck = list(Fault)
        chance.shuffle(deck)
        faults += deck
    return [
        Planned(fault, (number + chance.uniform(0.1, 0.9)) * GAP_SECONDS, chance.random()) for number, fault in enumerate(faults[:count])
    ]
