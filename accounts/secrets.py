"""Sealing what must be read back but never lie in clear in the database: second-factor seeds and recovery codes."""

from __future__ import annotations

from base64 import urlsafe_b64encode
from functools import lru_cache
from typing import Final

from cryptography.fernet import Fernet, InvalidToken, MultiFernet
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

PURPOSE: Final = b"accounts.second-factor.v1"


@lru_cache(maxsize=4)
def _box(secrets: tuple[str, ...]) -> MultiFernet:
    """A key per secret, for this purpose only: knowing it tells nothing of the secret nor of its other uses."""
    keys = (HKDF(algorithm=SHA256(), length=32, salt=None, info=PURPOSE).derive(secret.encode()) for secret in secrets)
    return MultiFernet([Fernet(urlsafe_b64encode(key)) for key in keys])


def _current() -> MultiFernet:
    return _box((settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS))


def seal(text: str) -> str:
    """Encrypt with the present SECRET_KEY."""
    return _current().encrypt(text.encode()).decode("ascii")


def reseal(sealed: str) -> str:
    """The same text under the present SECRET_KEY. Refuses as `unseal` does."""
    return seal(unseal(sealed))


def unseal(sealed: str) -> str:
    """Decrypt with the present SECRET_KEY or one of SECRET_KEY_FALLBACKS.

    Refuses (ImproperlyConfigured) what none of them sealed: a guess, an empty text included, would be a known second factor.
    """
    try:
        return _current().decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise ImproperlyConfigured("A second factor was sealed with a key that SECRET_KEY_FALLBACKS no longer holds.") from error
