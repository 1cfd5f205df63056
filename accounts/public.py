"""Which views anybody may open. Everything else needs a signed-in user."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable

V = TypeVar("V", bound="Callable[..., Any]")

# Views of third parties that are open by their nature: signing in, resetting a password, choosing a language.
PUBLIC_URL_NAMES: Final = frozenset(
    {
        "account_login",
        "account_logout",  # also the way out for somebody who stopped at the second step
        "account_inactive",
        "account_reset_password",
        "account_reset_password_done",
        "account_reset_password_from_key",
        "account_reset_password_from_key_done",
        "mfa_authenticate",
        "mfa_login_webauthn",
    }
)


def public(view: V) -> V:
    """Mark a view, function or class, that needs no sign-in."""
    view.is_public = True  # type: ignore[attr-defined]
    return view


def is_api(view: Callable[..., Any]) -> bool:
    """Whether REST framework serves the view: it has its own authentication, and denies by default."""
    # Imported late: REST framework reads its settings, hence the API's own modules, as soon as its views are imported.
    from rest_framework.views import APIView

    kind = getattr(view, "cls", None) or getattr(view, "view_class", None)
    return isinstance(kind, type) and issubclass(kind, APIView)


def is_public(view: Callable[..., Any], url_name: str | None) -> bool:
    """Whether anybody may open the view that an address leads to."""
    marked = (view, getattr(view, "view_class", None))
    return url_name in PUBLIC_URL_NAMES or any(getattr(part, "is_public", False) for part in marked)
