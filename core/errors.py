"""Refusals that services raise and every door (page, API, admin, command) turns into its own answer."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise


class Refusal(Exception):  # noqa: N818 - a refusal is an answer, not a fault of the program
    """Something asked for cannot be done. `code` is a stable slug for programs; `message` is a translated sentence for people.

    `field` names the input at fault when there is one; doors show the sentence beside it.
    """

    status = 400
    code = "invalid"

    def __init__(self, message: _StrOrPromise, *, code: str | None = None, field: str | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.field = field
        if code is not None:
            self.code = code

    def __str__(self) -> str:
        return str(self.message)


class Invalid(Refusal):
    """The input breaks a rule (400)."""


class Forbidden(Refusal):
    """The actor sees the object and may not do this to it (403)."""

    status = 403
    code = "forbidden"


class Conflict(Refusal):
    """The object is not in a state that allows this, or changed meanwhile (409)."""

    status = 409
    code = "conflict"


class Stale(Refusal):
    """The caller's version of the object is out of date (412)."""

    status = 412
    code = "stale"
