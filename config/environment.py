"""What the process is told by its environment, read once, refused with one line when it is wrong."""

from __future__ import annotations

import os
import re
import sys
from enum import StrEnum
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlsplit

import environ

BASE_DIR = Path(__file__).resolve().parent.parent


class Mode(StrEnum):
    """How the process runs: `demo` and `test` are set by their commands, `production` follows from DATABASE_URL."""

    LOCAL = "local"
    DEMO = "demo"
    TEST = "test"
    PRODUCTION = "production"


def refuse(name: str, why: str) -> NoReturn:
    """Stop the start with one line that names the variable at fault."""
    sys.exit(f"portal: environment variable {name} {why}")


# What only production is told: one of them alone means that production was meant, so a missing other is refused.
PRODUCTION_MARKS = ("DATABASE_URL", "SECRET_KEY", "ALLOWED_HOSTS", "EMAIL_URL")


def read_mode() -> Mode:
    """PORTAL_MODE when given; otherwise production as soon as one of its variables is set, local without any."""
    given = os.environ.get("PORTAL_MODE", "").strip()
    if not given:
        return Mode.PRODUCTION if any(os.environ.get(name, "").strip() for name in PRODUCTION_MARKS) else Mode.LOCAL
    if given not in set(Mode):
        refuse("PORTAL_MODE", f"is {given!r}: expected one of {', '.join(Mode)}")
    return Mode(given)


MODE = read_mode()
VAR_DIR = Path(os.environ.get("PORTAL_VAR") or BASE_DIR / "var").resolve()


def require_database() -> None:
    """Refuse to serve (web, worker, beat) without a database: only `manage.py` and the tests start the embedded one."""
    if not os.environ.get("DATABASE_URL", "").strip():
        refuse("DATABASE_URL", "is missing: it names the database to serve (`make demo` brings its own)")


def number(name: str, *, default: int, lowest: int, highest: int) -> int:
    """A whole number between two bounds."""
    value = os.environ.get(name, "").strip()
    if not value:
        return default
    if not value.isdecimal() or not lowest <= int(value) <= highest:
        refuse(name, f"is {value!r}: expected a number from {lowest} to {highest}")
    return int(value)


def switch(name: str, *, default: bool) -> bool:
    """`on` or `off`."""
    value = os.environ.get(name, "").strip().lower()
    if not value:
        return default
    if value not in {"on", "off"}:
        refuse(name, f"is {value!r}: expected on or off")
    return value == "on"


def text(name: str, *, default: str) -> str:
    """A text that production must be given; elsewhere `default` serves."""
    value = os.environ.get(name, "").strip()
    if value:
        return value
    if MODE is Mode.PRODUCTION:
        refuse(name, "is missing: production needs it (see docs/operate.md)")
    return default


def secret_key() -> str:
    """At least 50 characters in production."""
    value = text("SECRET_KEY", default="local-only-" + "0" * 50)
    if MODE is Mode.PRODUCTION and (len(value) < 50 or len(set(value)) < 5):
        refuse("SECRET_KEY", "is too weak: at least 50 random characters")
    return value


# A host name, a leading dot for all its subdomains, or an IPv6 address in brackets.
HOST = re.compile(r"\.?[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?(\.[A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?)*|\[[0-9A-Fa-f:.]+\]")


def hosts() -> list[str]:
    """Host names without scheme or path, separated by commas; a bare `*` is refused in production."""
    value = text("ALLOWED_HOSTS", default="localhost,127.0.0.1,[::1],testserver")
    names = [name.strip() for name in value.split(",") if name.strip()]
    if MODE is Mode.PRODUCTION and (not names or not all(HOST.fullmatch(name) for name in names)):
        refuse("ALLOWED_HOSTS", f"is {value!r}: expected host names separated by commas, without scheme, path or *")
    return names


def _scheme(url: str) -> str:
    try:
        return urlsplit(url).scheme
    except ValueError:
        return ""


def proxies() -> int:
    """TRUSTED_PROXIES: how many proxies of ours a request passes; 0 when it reaches this process directly."""
    value = os.environ.get("TRUSTED_PROXIES", "0").strip()
    if not value.isdecimal() or int(value) > 9:
        refuse("TRUSTED_PROXIES", f"is {value!r}: expected a number of proxies from 0 to 9")
    return int(value)


def database(url: str) -> dict[str, Any]:
    """A Django database from a postgresql:// address."""
    if _scheme(url) not in {"postgres", "postgresql"}:
        refuse("DATABASE_URL", "must be an address like postgresql://user:password@host:5432/name")
    try:
        settings = dict(environ.Env.db_url_config(url))
        port = urlsplit(url).port
    except Exception:
        refuse("DATABASE_URL", "cannot be read as a PostgreSQL address")
    if port == 0:
        refuse("DATABASE_URL", "names port 0")
    if not settings.get("NAME"):
        refuse("DATABASE_URL", "names no database")
    settings["HOST"] = settings.get("HOST") or settings.get("OPTIONS", {}).pop("host", "")
    return settings


def redis_url(value: str) -> str:
    """A redis://, rediss:// or unix:// address."""
    try:
        parts = urlsplit(value)
        complete = bool(parts.path.strip("/")) if parts.scheme == "unix" else bool(parts.hostname) and parts.port != 0
        number_given = parts.path.strip("/")
    except ValueError:
        refuse("REDIS_URL", "cannot be read as a Redis address")
    if parts.scheme not in {"redis", "rediss", "unix"} or not complete:
        refuse("REDIS_URL", "must be an address like redis://host:6379/0")
    if parts.scheme != "unix" and number_given and not number_given.isdecimal():
        refuse("REDIS_URL", "must end with a database number, like redis://host:6379/0")
    return value if parts.scheme != "unix" else f"redis+socket://{parts.path}"


def email() -> dict[str, Any]:
    """Django's e-mail settings from EMAIL_URL (smtp+tls://user:password@host:587); the demo writes files under var/."""
    default = f"filemail://{VAR_DIR / 'mail'}" if MODE is not Mode.TEST else "memorymail://"
    value = text("EMAIL_URL", default=default)
    try:
        settings = dict(environ.Env.email_url_config(value))
        urlsplit(value).port  # noqa: B018 - raises when it is no number
    except Exception:
        refuse("EMAIL_URL", "cannot be read: expected smtp+tls://user:password@host:587")
    if "EMAIL_BACKEND" not in settings or (MODE is Mode.PRODUCTION and not _scheme(value).startswith("smtp")):
        refuse("EMAIL_URL", "must start with smtp://, smtp+tls:// or smtp+ssl://")
    if _scheme(value).startswith("smtp") and not urlsplit(value).hostname:
        refuse("EMAIL_URL", "names no mail server")
    if settings["EMAIL_BACKEND"].endswith("filebased.EmailBackend"):
        settings["EMAIL_FILE_PATH"] = str(VAR_DIR / "mail")
    return settings


def token_signing_key() -> str:
    """The RSA key that signs partner tokens: TOKEN_SIGNING_KEY in production, else made once under var/."""
    value = os.environ.get("TOKEN_SIGNING_KEY", "").replace("\\n", "\n").strip()
    if value:
        if "PRIVATE KEY" not in value:
            refuse("TOKEN_SIGNING_KEY", "must be a private key in PEM form")
        return value
    path = VAR_DIR / "token-signing-key.pem"
    if not path.exists():
        _make_signing_key(path)
    return path.read_text(encoding="ascii")


def _make_signing_key(path: Path) -> None:
    """Write a new key so that a reader sees the whole of it or none; owner-only."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    pem = rsa.generate_private_key(public_exponent=65537, key_size=3072).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "wb") as stream:
        stream.write(pem)
    # Two processes may start at once: the first link wins, the other reads it.
    try:
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
