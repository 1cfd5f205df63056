"""What asks to prove again who one is: which views and acts, how recent the proof must be, and what was typed meanwhile.

A view says it with `fresh_proof`, an act with `step_up=True`, a page of the administration with `step_up = True` (adding rows);
`accounts.middleware.StepUp` alone holds the door, whichever page it is. Programs that call with a token are not asked.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeVar

from allauth.account.authentication import get_authentication_records
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.urls import Resolver404, resolve

from core import clock
from core.acts import find_act

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from django.http import HttpRequest
    from django.utils.functional import _StrOrPromise

V = TypeVar("V", bound="Callable[..., Any]")

# What proves who one is. A recovery code, an app's code and a passkey are all recorded as « mfa ».
PROOFS: Final = frozenset({"password", "mfa"})
EVERY_METHOD: Final = frozenset({"GET", "HEAD", "POST"})
DRAFT: Final = "stepup_draft"
# Of what was typed, this many characters are kept at most: the session is no store of documents.
LONGEST_DRAFT: Final = 100_000


def fresh_proof(*methods: str) -> Callable[[V], V]:
    """Mark a view, function or class, that is opened only after a recent proof; by these methods, by all when none is named."""

    def mark(view: V) -> V:
        view.fresh_proof = frozenset(methods) or EVERY_METHOD  # type: ignore[attr-defined]
        return view

    return mark


def needs_fresh_proof(view: Callable[..., Any], *, method: str, url_name: str, kwargs: Mapping[str, Any]) -> bool:
    """Whether the view that an address leads to asks for a recent proof of who one is."""
    if any(method in getattr(part, "fresh_proof", ()) for part in (view, getattr(view, "view_class", None))):
        return True
    act = find_act(getattr(view, "acts", ()), str(kwargs.get("slug", "")))
    if act is not None:
        return act.step_up
    page = getattr(view, "model_admin", None)
    return url_name.endswith("_add") and bool(getattr(page, "step_up", False))


def proved_recently(request: HttpRequest) -> bool:
    """Whether this session proved who it is, by password or by second factor, less than STEP_UP_SECONDS ago."""
    records = get_authentication_records(request, request.user)
    latest = max((record.get("at", 0) for record in records if record.get("method") in PROOFS), default=0)
    return bool(clock.now().timestamp() - latest < settings.STEP_UP_SECONDS)


def renew_key(request: HttpRequest) -> None:
    """The session goes on under a new key, and stays the same line of the list of devices."""
    former = request.session.session_key
    request.session.cycle_key()
    UserSession.objects.filter(session_key=former).update(session_key=request.session.session_key)


# -- what was typed ----------------------------------------------------------------------------------------------------
def keep_draft(request: HttpRequest) -> bool:
    """Keep in the session the form that has just been sent, to be sent again once the proof is given; whether it could be.

    Files cannot, nor texts too long for a session. Nothing is ever sent again by itself: `accounts.views.resume` asks.
    """
    fields = [[name, value] for name, values in request.POST.lists() for value in values if name != "csrfmiddlewaretoken"]
    if request.FILES or sum(len(name) + len(value) for name, value in fields) > LONGEST_DRAFT:
        return False
    request.session[DRAFT] = {"path": request.get_full_path(), "fields": fields, "at": clock.now().timestamp()}
    return True


def draft_of(request: HttpRequest) -> dict[str, Any] | None:
    """The form kept in this session: `path`, `fields`, `title` when it is an act's. None when there is none, or an old one."""
    draft: dict[str, Any] | None = request.session.get(DRAFT)
    if draft is None or clock.now().timestamp() - draft["at"] > settings.STEP_UP_SECONDS:
        return None
    return draft | {"title": _title(draft["path"])}


def forget_draft(request: HttpRequest) -> None:
    """The kept form has been sent: it is no longer needed."""
    if DRAFT in request.session and request.session[DRAFT]["path"] == request.get_full_path():
        del request.session[DRAFT]


def _title(path: str) -> _StrOrPromise:
    try:
        match = resolve(path.partition("?")[0])
    except Resolver404:
        return ""
    act = find_act(getattr(match.func, "acts", ()), str(match.kwargs.get("slug", "")))
    return act.title if act is not None else ""
