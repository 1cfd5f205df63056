"""Idempotency-Key: a POST that is sent again after a cut line gets its first answer and is not done twice."""

from __future__ import annotations

import hashlib
import json
import re
from typing import TYPE_CHECKING, Any, Final

from django.db import transaction
from django.utils.translation import gettext_lazy as _
from rest_framework.response import Response

from core.api import callers
from core.api.errors import ApiError
from core.models import IdempotencyKey
from core.once import claim

if TYPE_CHECKING:
    from collections.abc import Callable

    from rest_framework.request import Request

KEY: Final = re.compile(r"[\x21-\x7e]{1,255}")
REPLAYED: Final = "Idempotent-Replayed"


def once(request: Request, act: Callable[[], Response]) -> Response:
    """Run `act` in one transaction with the key of the request, or replay the answer it gave within the last 24 hours.

    The same key with another request is refused (422); rivals wait for the first one. A refused act leaves no key behind.
    """
    key = request.headers.get("Idempotency-Key")
    if key is None:
        return act()
    if not KEY.fullmatch(key):
        raise ApiError(400, "bad_idempotency_key", _("The key must be 1 to 255 visible ASCII characters."), field="Idempotency-Key")
    principal, fingerprint = callers.name_of(request), fingerprint_of(request)
    with transaction.atomic():
        if not claim(principal, key, fingerprint):
            return _replay(principal, key, fingerprint)
        response = act()
        kept = {name: response[name] for name in ("ETag", "Location") if name in response}
        IdempotencyKey.objects.filter(principal=principal, key=key).update(
            status=response.status_code, body=json.loads(json.dumps(response.data, default=str)), headers=kept
        )
        return response


def _replay(principal: str, key: str, fingerprint: str) -> Response:
    first = IdempotencyKey.objects.get(principal=principal, key=key)
    if first.fingerprint != fingerprint:
        raise ApiError(422, "key_reused", _("This Idempotency-Key was already used for another request."), field="Idempotency-Key")
    return Response(first.body, status=first.status, headers={**first.headers, REPLAYED: "true"})


def fingerprint_of(request: Request) -> str:
    """A digest of the method, the address and the content, files included."""
    digest = hashlib.sha256(f"{request.method} {request.get_full_path()}\n".encode())
    data: Any = request.data
    files = request.FILES
    fields = {name: value for name, value in data.items() if name not in files} if isinstance(data, dict) else data
    digest.update(json.dumps(fields, sort_keys=True, default=str).encode())
    for name in sorted(files):
        digest.update(f"\n{name}\n".encode())
        for chunk in files[name].chunks():
            digest.update(chunk)
        files[name].seek(0)
    return digest.hexdigest()
