"""Several people at the same instant: real threads, each with its own connection to the database."""

from __future__ import annotations

from threading import Barrier, Thread
from typing import TYPE_CHECKING, Any

from django.db import connection

from core.errors import Refusal

if TYPE_CHECKING:
    from collections.abc import Callable


def at_once(*calls: Callable[[], Any]) -> list[Any]:
    """Make the calls in threads that start together; gives, in their order, what each returned or the refusal it raised."""
    together = Barrier(len(calls))
    outcomes: list[Any] = [None] * len(calls)

    def run(index: int, call: Callable[[], Any]) -> None:
        try:
            together.wait(20)
            outcomes[index] = call()
        except Refusal as refusal:
            outcomes[index] = refusal
        finally:
            connection.close()

    threads = [Thread(target=run, args=(index, call)) for index, call in enumerate(calls)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return outcomes
