"""Who reads now. It travels with the thread's context, never with the connection: a connection that is used again knows nothing of it."""

from __future__ import annotations

from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Final, TypeVar

from django.conf import settings
from django.utils.module_loading import import_string

from core import clock
from core.actors import is_system

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator
    from contextvars import Token
    from uuid import UUID

    from core.actors import Actor

T = TypeVar("T")

# Database roles. People from outside meet the policies; the office (staff) sees every row and owns no table.
PEOPLE: Final = "portal_people"
OFFICE: Final = "portal_office"
ROLES: Final = (PEOPLE, OFFICE)
# The portal itself: what the login of web servers and workers inherits. It sees every row, owns no table and changes no schema.
SERVER: Final = "portal_server"
# Where a statement's own text begins, for whoever reads it in a log or a test.
MARK: Final = "/*wall*/"


@dataclass(frozen=True)
class Context:
    """A reader: its database role (None: the role that signed in, the portal itself), its account, the owners whose rows it may see."""

    role: str | None
    account: UUID | None = None
    owners: Collection[UUID] = field(default=())

    @cached_property
    def prefix(self) -> str:
        """What precedes a statement: it holds for that statement, or until the transaction's next one. Every value is set anew."""
        if self.role is None:
            return f"SET LOCAL ROLE NONE;{MARK}"
        owners = ",".join(sorted(str(owner) for owner in self.owners))
        return (
            f"SET LOCAL ROLE {self.role};SET LOCAL wall.account='{self.account or ''}';"
            f"SET LOCAL wall.owners='{{{owners}}}';SET LOCAL wall.today='{clock.today().isoformat()}';{MARK}"
        )


SYSTEM: Final = Context(None)
NOBODY: Final = Context(PEOPLE)


class _Process:
    """What holds where nobody has said who reads: the portal itself in commands and workers, nobody in a web server."""

    default = SYSTEM


_current: ContextVar[Context] = ContextVar("wall")


def current() -> Context:
    """Who reads now in this thread."""
    return _current.get(_Process.default)


def start_closed() -> None:
    """From now on, whatever this process reads outside a request's context is read as nobody: what a web server calls as it starts."""
    _Process.default = NOBODY


def enter(context: Context) -> Token[Context]:
    """Read as `context` from here on: for the middleware and the API's authentication, inside a request's `behind`."""
    return _current.set(context)


@contextmanager
def behind(context: Context) -> Iterator[None]:
    """Read as `context` within the block, whatever happens in it; outside it, as before."""
    token = _current.set(context)
    try:
        yield
    finally:
        _current.reset(token)


@contextmanager
def elevated(reason: str) -> Iterator[None]:
    """Read and write as the portal itself within the block, or the function it decorates. A queryset is read where it is evaluated.

    Every use, with its reason, is listed in tests/architecture/test_wall.py.
    """
    if not reason:
        raise ValueError("An elevation has a reason.")
    with behind(SYSTEM):
        yield


@contextmanager
def narrowed(actor: Actor) -> Iterator[None]:
    """Where nobody has said who reads (a command, a task, a shell), read as `actor` within the block. Never widens what is said already."""
    if _current.get(None) is not None or is_system(actor):
        yield
        return
    with behind(context_of(actor)):
        yield


def context_of(actor: Actor) -> Context:
    """The context of whoever acts. `settings.WALL_CONTEXT` names who answers."""
    answer: Callable[[Actor], Context] = import_string(settings.WALL_CONTEXT)
    return answer(actor)


def carry(context: Context, steps: Iterable[T]) -> Iterator[T]:
    """The same steps, each made as `context`: an answer that is streamed is made after the request's own block has ended."""
    iterator = iter(steps)
    while True:
        with behind(context):
            try:
                step = next(iterator)
            except StopIteration:
                return
        yield step
