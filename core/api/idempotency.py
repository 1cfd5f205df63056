"""Idempotency-Key: a POST that is sent again after a cut line gets its first answer and is not done twice."""

from __future__ import annotations

import hashlib
import json
import re
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _
from rest_framework.response import Response

from core import clock
from core.api import callers
from core.api.errors import ApiError
from core.models import IdempotencyKey

if TYPE_CHECKING:
    from collections.abc import Callable

    from rest_framework.request import Request

KEPT: Final = timedelta(hours=24)
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
        if not _claim(principal, key, fingerprint):
            return _replay(principal, key, fingerprint)
        response = act()
        kept = {name: response[name] for name in ("ETag", "Location") if name in response}
        IdempotencyKey.objects.filter(principal=principal, key=key).update(
            status=response.status_code, body=json.loads(json.dumps(response.data, default=str)), headers=kept
        )
        return response


def _claim(principal: str, key: str, fingerprint: str) -> bool:
    """Insert the key, or learn that it exists (waiting for a rival's transaction to end)."""
    IdempotencyKey.objects.filter(principal=principal, key=key, created_at__lt=clock.now() - KEPT).delete()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO core_idempotencykey (principal, key, fingerprint, status, headers, created_at) VALUES (%s, %s, %s, 0, '{}', %s)"
            " ON CONFLICT (principal, key) DO NOTHING",
            [principal, key, fingerprint, clock.now()],
        )
        return bool(cursor.rowcount)


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


def purge() -> int:
    """Forget the keys older than 24 hours and return how many there were."""
    return IdempotencyKey.objects.filter(created_at__lt=clock.now() - KEPT).delete()[0]
