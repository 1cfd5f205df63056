"""What the front door refuses to start with."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register


@register(Tags.security)
def demonstration_is_local(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """The demonstration shows second-factor codes: it never answers under a name that others can reach."""
    from accounts.demo import is_local

    exposed = [host for host in settings.ALLOWED_HOSTS if not is_local(host)]
    if settings.DEMO and exposed:
        text = f"The demonstration shows second-factor codes and must not answer to {', '.join(exposed)}."
        return [Error(text, hint="Unset ALLOWED_HOSTS, or set DATABASE_URL to run in production.", id="accounts.E001")]
    return []


@register()
def scopes_are_named(app_configs: Any, **kwargs: Any) -> list[CheckMessage]:
    """The names behind API_CLIENT_RESOLVER and API_SCOPES exist: a wrong one would close the API to everybody."""
    from django.utils.module_loading import import_string

    problems: list[CheckMessage] = []
    for name in ("API_CLIENT_RESOLVER", "API_SCOPES"):
        try:
            import_string(getattr(settings, name))
        except ImportError as error:
            problems.append(Error(f"{name} cannot be imported: {error}", id="accounts.E002"))
    return problems
