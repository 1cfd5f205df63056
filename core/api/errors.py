"""Every exception of an API view becomes one problem: what the caller did wrong is a 4xx that says so, in the caller's language."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

import structlog
from django.core import exceptions as django_errors
from django.db import DataError, IntegrityError, InterfaceError, OperationalError
from django.db.models import ProtectedError, RestrictedError
from django.http import Http404
from django.http.multipartparser import MultiPartParserError
from django.utils.translation import gettext_lazy as _
from rest_framework import exceptions
from rest_framework.response import Response

from core.api.problems import MEDIA_TYPE, FieldError, Problem
from core.errors import Refusal, Stale

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from django.utils.functional import _StrOrPromise

logger = structlog.get_logger(__name__)

_UNREADABLE: Final = (DataError, OverflowError, UnicodeError, RecursionError, MultiPartParserError)
_TOO_LARGE: Final = (django_errors.RequestDataTooBig, django_errors.TooManyFieldsSent, django_errors.TooManyFilesSent)


class ApiError(exceptions.APIException):
    """A refusal of the API's own mechanism: status, slug and sentence in one line."""

    def __init__(self, status: int, code: str, detail: _StrOrPromise, *, field: str = "", headers: Mapping[str, str] | None = None) -> None:
        super().__init__(detail=str(detail), code=code)
        self.status_code = status
        self.problem = Problem(status, code, detail, [FieldError(field, code, detail)] if field else [])
        self.headers: dict[str, str] = dict(headers or {})


class StaleVersionError(ApiError):
    """If-Match names a version that is no longer the row's: 412 with the current tag, so that the caller can read and try again."""

    def __init__(self, current: str) -> None:
        super().__init__(412, "stale", _("The object has changed since you read it: read it again."), headers={"ETag": current})
        self.problem = Problem(412, "stale", self.problem.detail, extra={"current": current})


def handle(error: Exception, context: Mapping[str, Any]) -> Response:
    """REST framework's EXCEPTION_HANDLER: one documented shape for every error, nothing written by a refused request."""
    # Imported late: REST framework's views read the settings, which name the modules that import this one.
    from rest_framework.views import set_rollback

    set_rollback()
    problem = _problem_of(error)
    if problem.status >= 500:
        logger.error("api.failed", exc_info=error, status=problem.status)
    response = Response(problem.body(), status=problem.status, content_type=MEDIA_TYPE)
    for name, value in _headers_of(error, problem).items():
        response[name] = value
    return response


def _headers_of(error: Exception, problem: Problem) -> dict[str, str]:
    headers: dict[str, str] = dict(getattr(error, "headers", {}))
    challenge = getattr(error, "auth_header", None)
    if problem.status == 401:
        headers.setdefault("WWW-Authenticate", challenge or 'Bearer realm="api"')
    wait = getattr(error, "wait", None)
    if wait is not None:
        headers["Retry-After"] = str(max(1, int(wait)))
    if problem.status == 503:
        headers.setdefault("Retry-After", "2")
    return headers


def _problem_of(error: Exception) -> Problem:
    if isinstance(error, ApiError):
        return error.problem
    if isinstance(error, Refusal):
        return _of_refusal(error)
    if isinstance(error, exceptions.APIException):
        return _of_framework(error)
    return _of_django(error)


def _of_refusal(error: Refusal) -> Problem:
    errors = [FieldError(error.field, error.code, error.message)] if error.field else []
    status = 412 if isinstance(error, Stale) else error.status
    return Problem(status, error.code, error.message, errors)


def _of_framework(error: exceptions.APIException) -> Problem:
    if isinstance(error, exceptions.ValidationError):
        return Problem(400, "invalid", _("Some of what was sent is not valid."), list(_flatten(error.get_full_details())))
    if isinstance(error, exceptions.NotFound):
        return Problem(404, "not_found", _("Nothing is found at this address."))
    codes = error.get_codes()
    code = codes if isinstance(codes, str) else error.default_code
    # An anonymous caller is told to sign in, whatever the right that is missing.
    status = 401 if isinstance(error, exceptions.NotAuthenticated | exceptions.AuthenticationFailed) else error.status_code
    return Problem(status, str(code), str(error.detail))


def _of_django(error: Exception) -> Problem:
    if isinstance(error, Http404 | django_errors.ObjectDoesNotExist):
        return Problem(404, "not_found", _("Nothing is found at this address."))
    if isinstance(error, _TOO_LARGE):
        return Problem(413, "too_large", _("The request is larger than what is accepted."))
    if isinstance(error, django_errors.PermissionDenied):
        return Problem(403, "forbidden", _("You may not do this."))
    if isinstance(error, ProtectedError | RestrictedError | IntegrityError):
        return Problem(409, "conflict", _("This contradicts what is already recorded."))
    if isinstance(error, _UNREADABLE):
        return Problem(400, "unreadable", _("A value is outside of what can be stored."))
    if isinstance(error, django_errors.ValidationError):
        return Problem(400, "invalid", _("Some of what was sent is not valid."), list(_of_validation(error)))
    if isinstance(error, django_errors.SuspiciousOperation):
        return Problem(400, "suspicious", _("The request cannot be accepted."))
    if isinstance(error, OperationalError | InterfaceError):
        return Problem(503, "unavailable", _("The portal is busy: try again in a moment."))
    return Problem(
        500, "internal", _("Something went wrong on our side. Nothing was written; the request identifier helps us find out why.")
    )


def _of_validation(error: django_errors.ValidationError) -> Iterator[FieldError]:
    groups = error.error_dict if hasattr(error, "error_dict") else {"": error.error_list}
    for name, problems in groups.items():
        for problem in problems:
            for message in problem.messages:
                yield FieldError(name, problem.code or "invalid", message)


def _flatten(details: Any, path: str = "") -> Iterator[FieldError]:
    """REST framework's nested details as a flat list with paths such as `evidence.0.fact_on`."""
    if isinstance(details, list):
        for index, item in enumerate(details):
            is_leaf = isinstance(item, dict) and set(item) == {"message", "code"}
            yield from _flatten(item, path if is_leaf else f"{path}.{index}".lstrip("."))
    elif isinstance(details, dict) and set(details) == {"message", "code"}:
        yield FieldError(path, str(details["code"]), details["message"])
    elif isinstance(details, dict):
        for name, item in details.items():
            yield from _flatten(item, path if name == "non_field_errors" else f"{path}.{name}".lstrip("."))
