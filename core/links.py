"""Signed links: 256 random bits in an address, their SHA-256 in a row with an expiry, a number of uses and a revocation."""

from __future__ import annotations

import hashlib
import secrets
from typing import TYPE_CHECKING

from django.contrib.contenttypes.models import ContentType
from django.db import transaction
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from core import clock
from core.errors import Invalid, Refusal
from core.models.link import SignedLink

if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

    from django.db.models import Model, QuerySet

_TOKEN_BYTES = 32


class LinkRefused(Refusal):
    """Unknown, expired, used up, revoked, or for another purpose: the answer is the same, so that it tells nothing (404)."""

    status = 404
    code = "link"

    def __init__(self) -> None:
        super().__init__(_("This link is not valid, or no longer is. Ask whoever sent it for a new one."))


def digest_of(token: str) -> str:
    """What is stored of a token."""
    return hashlib.sha256(token.encode("utf-8", "surrogatepass")).hexdigest()


def sign_link(*, purpose: str, about: Model, expires_at: datetime, max_uses: int | None = None) -> str:
    """A new token that opens `about` for `purpose` until `expires_at`; it is shown once, here, and stored nowhere.

    Refuses (Invalid) an expiry that has passed or fewer than one use.
    """
    if expires_at <= clock.now():
        raise Invalid(_("The end of a link's validity must be in the future."), field="expires_at")
    if max_uses is not None and max_uses < 1:
        raise Invalid(_("A link is good for one use at least."), field="max_uses")
    token = secrets.token_urlsafe(_TOKEN_BYTES)
    SignedLink.objects.create(
        purpose=purpose,
        digest=digest_of(token),
        object_type=ContentType.objects.get_for_model(about),
        object_id=about.pk,
        expires_at=expires_at,
        max_uses=max_uses,
    )
    return token


def read_link(*, purpose: str, token: str) -> Any:
    """What the link opens, without using it up: for the page that shows what a click will do. Refuses with LinkRefused."""
    link = _good(purpose=purpose, token=token).first()
    if link is None or link.about is None:
        raise LinkRefused
    return link.about


@transaction.atomic
def open_link(*, purpose: str, token: str) -> Any:
    """What the link opens; counts one use, under lock, in the caller's transaction. Refuses with LinkRefused."""
    link = _good(purpose=purpose, token=token).select_for_update(of=("self",)).first()
    if link is None or link.about is None:
        raise LinkRefused
    SignedLink.objects.filter(pk=link.pk).update(uses=F("uses") + 1, last_used_at=clock.now(), updated_at=clock.now())
    return link.about


def revoke_links(*, about: Model, purpose: str | None = None) -> int:
    """End every link that opens `about` (for `purpose`, or any); the number that was still good."""
    links = SignedLink.objects.filter(object_type=ContentType.objects.get_for_model(about), object_id=about.pk, revoked_at=None)
    if purpose is not None:
        links = links.filter(purpose=purpose)
    return links.filter(_usable()).update(revoked_at=clock.now(), updated_at=clock.now())


def _usable() -> Q:
    return Q(expires_at__gt=clock.now(), revoked_at=None) & (Q(max_uses=None) | Q(uses__lt=F("max_uses")))


def _good(*, purpose: str, token: str) -> QuerySet[SignedLink]:
    return SignedLink.objects.filter(_usable(), digest=digest_of(token), purpose=purpose)
