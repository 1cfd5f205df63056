"""A write sent twice is done once: the second sending gets the first one's answer, by the API and by a page's form alike."""

from __future__ import annotations

import hashlib
from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final, TypeVar, cast

from django.apps import apps
from django.db import connection, transaction

from core import clock
from core.models import IdempotencyKey

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.models import Model
    from django.forms import BaseForm

    from core.actors import Actor

M = TypeVar("M", bound="Model")
KEPT: Final = timedelta(hours=24)


def claim(principal: str, key: str, fingerprint: str) -> bool:
    """Insert the key, or learn that it was used within the last 24 hours (waiting for a rival's transaction to end)."""
    IdempotencyKey.objects.filter(principal=principal, key=key, created_at__lt=clock.now() - KEPT).delete()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO core_idempotencykey (principal, key, fingerprint, status, headers, created_at) VALUES (%s, %s, %s, 0, '{}', %s)"
            " ON CONFLICT (principal, key) DO NOTHING",
            [principal, key, fingerprint, clock.now()],
        )
        return bool(cursor.rowcount)


def purge() -> int:
    """Forget the keys older than 24 hours and return how many there were."""
    return IdempotencyKey.objects.filter(created_at__lt=clock.now() - KEPT).delete()[0]


def created_once(form: BaseForm, *, by: Actor, create: Callable[[], M]) -> M:
    """What `create` makes or, when this very page was already sent with the same content, what it made then.

    The page's own key (`core.forms.OnceField`) and a digest of its content together name the act: a page that comes back
    corrected is another act. Without a key `create` is simply called. Refusals leave nothing behind; a row gone since
    raises DoesNotExist.
    """
    page = form.cleaned_data.get("once")
    if page is None:
        return create()
    principal, content = f"user:{by.pk}", digest_of(form)
    key = f"page:{page}:{content}"
    with transaction.atomic():
        if claim(principal, key, content):
            row = create()
            IdempotencyKey.objects.filter(principal=principal, key=key).update(status=201, body=[row._meta.label, str(row.pk)])
            return row
        body: Any = IdempotencyKey.objects.values_list("body", flat=True).get(principal=principal, key=key)
        label, pk = body
        return cast("M", apps.get_model(label)._base_manager.get(pk=pk))


def digest_of(form: BaseForm) -> str:
    """A digest of everything a page sent but its token, files included."""
    digest = hashlib.sha256()
    data: Any = form.data
    for name in sorted(name for name in data if name != "csrfmiddlewaretoken"):
        values = data.getlist(name) if hasattr(data, "getlist") else [data[name]]
        digest.update(repr((name, values)).encode(errors="surrogatepass"))
    for name in sorted(form.files):
        upload: Any = form.files[name]
        digest.update(repr((name, upload.name)).encode(errors="surrogatepass"))
        for chunk in upload.chunks():
            digest.update(chunk)
        upload.seek(0)
    return digest.hexdigest()
