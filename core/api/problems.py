"""The one shape of an error: `application/problem+json` (RFC 9457), in the language of the request."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

import structlog
from django.http import HttpResponse
from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from django.utils.functional import _StrOrPromise

MEDIA_TYPE: Final = "application/problem+json"

TITLES: Final[Mapping[int, Any]] = {
    400: _("The request is not valid"),
    401: _("Sign-in needed"),
    403: _("Not allowed"),
    404: _("Not found"),
    405: _("Method not allowed"),
    406: _("No acceptable format"),
    409: _("Conflict with the present state"),
    412: _("The object has changed meanwhile"),
    413: _("The request is too large"),
    415: _("Media type not supported"),
    422: _("The key was used for another request"),
    429: _("Too many requests"),
    500: _("Internal error"),
    503: _("Temporarily unavailable"),
}


@dataclass(frozen=True, slots=True)
class FieldError:
    """What is wrong with one input: its path in the body (or the parameter's name), a stable slug, a sentence."""

    field: str
    code: str
    message: _StrOrPromise


@dataclass(frozen=True, slots=True)
class Problem:
    """An error before it is put into words. `extra` holds members that only some problems have (`current` of a 412)."""

    status: int
    code: str
    detail: _StrOrPromise
    errors: Sequence[FieldError] = ()
    extra: Mapping[str, Any] = field(default_factory=dict)

    def body(self) -> dict[str, Any]:
        """The members, translated now: call it while the request's language is active."""
        return {
            "type": f"urn:onmt-cnt:problem:{self.code}",
            "title": str(TITLES.get(self.status, TITLES[400])),
            "status": self.status,
            "code": self.code,
            "detail": str(self.detail),
            "errors": [{"field": error.field, "code": error.code, "message": str(error.message)} for error in self.errors],
            "request_id": request_id(),
            **self.extra,
        }


def request_id() -> str:
    """The identifier of this request in the logs and in the audit trail."""
    return str(structlog.contextvars.get_contextvars().get("request_id", ""))


def respond(problem: Problem, headers: Mapping[str, str] | None = None) -> HttpResponse:
    """The problem as a plain response, for what happens outside a view (the guard at the edge)."""
    content = json.dumps(problem.body(), ensure_ascii=False)
    return HttpResponse(content, status=problem.status, content_type=MEDIA_TYPE, headers=dict(headers or {}))
