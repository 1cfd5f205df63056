"""What every request passes: the guard at the edge, the audit context, the administration's own content policy."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import unquote

from csp.constants import SELF, UNSAFE_EVAL, UNSAFE_INLINE
from django.http import HttpResponse
from django.utils import translation
from django.utils.cache import patch_cache_control
from django.utils.translation import gettext_lazy as _

from core import wall
from core.api.problems import Problem, respond
from core.ids import new_id

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from django.http import HttpRequest

    Next = Callable[[HttpRequest], HttpResponse]


def _is_hostile(text: str) -> bool:
    return "\x00" in text or any("\ud800" <= character <= "\udfff" for character in text)


# What an id given by a proxy may look like: anything else could forge log lines or fill them.
_REQUEST_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{7,63}")


class RequestId:
    """Every request has an id: the proxy's when it is well formed, else a new one. Logs, audit and the answer carry it."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Give the request its id, and say it in the answer."""
        given = request.META.get("HTTP_X_REQUEST_ID", "")
        request_id = given if _REQUEST_ID.fullmatch(given) else str(new_id())
        # django-structlog reads it from here and binds it to every log line, tasks included.
        request.META["HTTP_X_REQUEST_ID"] = request_id
        response = self.get_response(request)
        response["X-Request-ID"] = request_id
        return response


class BehindTheWall:
    """A request reads as nobody until it is known who asks, and nothing of it is left when it ends: not even after an error."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer behind the second wall; what is streamed later is read as who asked."""
        with wall.behind(wall.NOBODY):
            response = self.get_response(request)
            if response.streaming and getattr(response, "file_to_stream", None) is None:
                response.streaming_content = wall.carry(wall.current(), response.streaming_content)  # type: ignore[attr-defined]
        return response


class WhoReads:
    """From here on the request reads as its user, in the database too."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pages of errors, which no view answers, are its user's too."""
        wall.enter(wall.context_of(request.user))
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any) -> None:
        """Once more: a guard in between may have found that the session is nobody's."""
        wall.enter(wall.context_of(request.user))


class EdgeGuard:
    """Refused before anything reads it: NUL and lone surrogates in an address, a query or a cookie (400), a charset not UTF-8 (415)."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Refuse, or pass on."""
        query = unquote(request.META.get("QUERY_STRING", ""), errors="surrogateescape")
        cookies = request.META.get("HTTP_COOKIE", "")
        if _is_hostile(request.path) or "\x00" in query or _is_hostile(cookies) or "\\000" in cookies:
            problem = Problem(400, "bad_characters", _("The text contains characters that cannot be stored."))
            return self._refuse(request, problem, "Bad request: characters that no text contains.")
        # Django reads forms in UTF-8 only, and even its error page fails on another charset.
        if (request.content_params or {}).get("charset", "utf-8").lower().replace("-", "") != "utf8":
            return self._refuse(request, Problem(415, "bad_charset", _("The body must be UTF-8.")), "The body must be UTF-8.")
        return self.get_response(request)

    @staticmethod
    def _refuse(request: HttpRequest, problem: Problem, sentence: str) -> HttpResponse:
        # Nothing of the request may be trusted here, and no language is chosen yet: only its headers are looked at.
        if request.path.startswith("/api/"):
            with translation.override(translation.get_language_from_request(request)):
                return respond(problem)
        return HttpResponse(sentence, status=problem.status, content_type="text/plain")


class PrivatePages:
    """What a signed-in person reads is kept by no cache, the browser's own included: after signing out, « back » shows nothing."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, then mark the pages; a file and the API say themselves how long they may be kept."""
        response = self.get_response(request)
        if request.user.is_authenticated and response.get("Content-Type", "").startswith("text/html"):
            patch_cache_control(response, private=True, no_store=True)
        return response


class AdminContentPolicy:
    """The administration's theme runs Alpine, which needs eval and inline styles: allowed there and nowhere else."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer, then replace the policy under /admin/."""
        response = self.get_response(request)
        if request.path.startswith("/admin/"):
            response._csp_update = {  # type: ignore[attr-defined]
                "script-src": [SELF, UNSAFE_EVAL, UNSAFE_INLINE],
                "style-src": [SELF, UNSAFE_INLINE],
            }
        return response


class AuditContext:
    """Adds the request's address and method to every audited act made during it."""

    def __init__(self, get_response: Next) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Pass on, inside the context when the request may write."""
        if request.method in {"GET", "HEAD", "OPTIONS"}:
            return self.get_response(request)
        import pghistory

        with pghistory.context(url=request.path, method=request.method):
            return self.get_response(request)
