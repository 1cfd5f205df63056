"""The demonstration's mail page: what left and what waits, so that a newcomer sees both ends. It exists only there."""

from __future__ import annotations

from dataclasses import dataclass
from email import message_from_bytes, policy
from email.utils import parsedate_to_datetime
from pathlib import Path
from typing import TYPE_CHECKING

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from core.choices import MailStatus
from core.models import OutboxMail

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime
    from email.message import EmailMessage

    from django.http import HttpRequest

SHOWN = 100
# Django's file backend writes this line after each mail.
_BETWEEN = b"\n" + b"-" * 79 + b"\n"


@dataclass(frozen=True, slots=True)
class Mail:
    """One mail as it left."""

    key: str
    subject: str
    to: str
    sent_at: datetime | None
    text: str
    html: str


def _mails(folder: Path) -> Iterator[Mail]:
    """The latest first."""
    for path in sorted(folder.glob("*.log"), key=lambda path: path.stat().st_mtime, reverse=True):
        parts = [part for part in path.read_bytes().replace(b"\r\n", b"\n").split(_BETWEEN) if part.strip()]
        for place, part in reversed(list(enumerate(parts))):
            message: EmailMessage = message_from_bytes(part.lstrip(), policy=policy.default)
            yield Mail(
                key=f"{path.stem}-{place}",
                subject=str(message.get("Subject", "")),
                to=str(message.get("To", "")),
                sent_at=parsedate_to_datetime(str(message["Date"])) if message["Date"] else None,
                text=_body(message, "plain"),
                html=_body(message, "html"),
            )


def _body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    return str(part.get_content()).strip() if part is not None else ""


def sent(limit: int = SHOWN) -> list[Mail]:
    """The mails that left, the latest first."""
    folder = Path(getattr(settings, "EMAIL_FILE_PATH", "") or settings.VAR_DIR / "mail")
    found: list[Mail] = []
    for mail in _mails(folder) if folder.is_dir() else ():
        found.append(mail)
        if len(found) == limit:
            break
    return found


def _in_the_demo_only() -> None:
    if not settings.DEMO:
        raise Http404


@never_cache
@require_safe
def mails(request: HttpRequest) -> HttpResponse:
    """What left, from the files written instead of a mail server; and what waits or failed, from the outbox."""
    _in_the_demo_only()
    waiting = OutboxMail.objects.exclude(status__in=[MailStatus.SENT, MailStatus.CANCELLED]).order_by("not_before")[:SHOWN]
    return render(request, "core/demo_mails.html", {"mails": sent(), "waiting": waiting})


@never_cache
@require_safe
def mail(request: HttpRequest, key: str) -> HttpResponse:
    """One mail as a mail program shows it: its own styles, no script, nothing fetched."""
    _in_the_demo_only()
    found = next((mail for mail in sent(limit=10 * SHOWN) if mail.key == key), None)
    if found is None or not found.html:
        raise Http404
    response = HttpResponse(found.html)
    response._csp_config = {"default-src": ["'none'"], "style-src": ["'unsafe-inline'"], "img-src": ["data:"], "sandbox": ["allow-popups"]}  # type: ignore[attr-defined]
    return response
