"""Files that people bring, and files handed out. What a file is, its content says; its name is only data.

Accepted: pdf, docx, xlsx, png, jpg, csv. Never HTML, SVG or macros. Source of the limits: docs/decisions, "What an upload may be".
"""

from __future__ import annotations

import hashlib
import posixpath
import re
import unicodedata
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any, Final

import structlog
from django.conf import settings
from django.http import FileResponse, Http404, HttpResponse, HttpResponseNotModified
from django.utils.http import content_disposition_header, parse_etags
from django.utils.translation import gettext_lazy as _

from core import archives, images, virus
from core.errors import Invalid

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.core.files.base import File
    from django.http import HttpRequest
    from django.http.response import HttpResponseBase

log = structlog.get_logger(__name__)

NAME_LENGTH: Final = 200
MEDIA_TYPES: Final = {
    ".pdf": "application/pdf",
    ".docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    ".xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".csv": "text/csv",
}
ACCEPT: Final = ",".join([*MEDIA_TYPES, ".jpeg"])
_CONTROL_BYTES: Final = re.compile(rb"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_MARKUP: Final = re.compile(r"\s*<(!doctype|!entity|\?xml|html|head|body|svg|script|iframe)", re.IGNORECASE)
_CHUNK: Final = 64 * 1024


@dataclass(frozen=True, slots=True)
class Inspected:
    """What an accepted upload really is. `filename` is clean, at most 200 characters, and ends with `suffix`."""

    media_type: str
    suffix: str
    size: int
    sha256: str
    filename: str
    scan_state: str = virus.NOT_SCANNED


def inspect(upload: File[Any], *, is_text: Callable[[IO[bytes]], bool] | None = None, unpacked: int = archives.MAX_UNPACKED) -> Inspected:
    """What `upload` is, told from its content; it is left rewound, unread.

    Refuses (Invalid, field "file"): an empty file, one over UPLOAD_MAX_BYTES, a type that is not allowed, a name whose
    extension lies about the content, an archive that unpacks too large or holds macros or a document type, an image of
    too many pixels, and what the virus scanner (CLAMAV_SOCKET, optional) finds infected. A door that reads more kinds of
    text, or larger workbooks (bytes unpacked), says so.
    """
    size = upload.size or 0
    if size == 0:
        raise Invalid(_("This file is empty."), code="empty_file", field="file")
    if size > settings.UPLOAD_MAX_BYTES:
        megabytes = settings.UPLOAD_MAX_BYTES // (1024 * 1024)
        message = _("This file is too large: %(limit)d MB at most.") % {"limit": megabytes}
        raise Invalid(message, code="file_too_large", field="file")
    name = clean_name(upload.name or "")
    stream: Any = upload
    try:
        suffix = _type_of(stream, size, is_text=is_text or _is_text, unpacked=unpacked)
        given = _given_suffix(name)
        if given != suffix:
            message = _("The name of this file ends with “%(given)s”, but its content is of another type (%(found)s).") % {
                "given": given or "—",
                "found": suffix.lstrip(".").upper(),
            }
            raise Invalid(message, code="false_type", field="file")
        digest = _digest(stream)
        state = virus.scan(stream)
    finally:
        upload.seek(0)
    if state == virus.INFECTED:
        raise Invalid(_("The virus scanner refuses this file."), code="infected", field="file")
    return Inspected(MEDIA_TYPES[suffix], suffix, size, digest, _shorten(name, suffix), state)


def clean_name(name: str) -> str:
    """A file name without folders, control or invisible characters (NUL, right-to-left overrides) or leading dots."""
    name = unicodedata.normalize("NFC", posixpath.basename(name.replace("\\", "/")))
    name = "".join(character for character in name if unicodedata.category(character) not in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"})
    name = re.sub(r'[<>:"|?*]', "_", name)
    return re.sub(r"\s+", " ", name).strip(" .")


def serve(file: File[Any], *, filename: str, media_type: str, sha256: str = "", request: HttpRequest | None = None) -> HttpResponseBase:
    """A download that no browser runs: attachment, nosniff, sandboxed; X-Accel-Redirect when ACCEL_PREFIX is set.

    With `sha256` the answer carries it as ETag; with `request` too, a browser that already has it gets 304.
    The caller has checked the right to read. A file missing on disk is logged and answers 404.
    """
    etag = f'"{sha256}"' if sha256 else ""
    response: HttpResponseBase
    if etag and request is not None and etag in parse_etags(request.headers.get("If-None-Match", "")):
        response = HttpResponseNotModified()
    elif settings.ACCEL_PREFIX:
        response = HttpResponse(content_type=media_type)
        response["X-Accel-Redirect"] = f"{settings.ACCEL_PREFIX.rstrip('/')}/{file.name}"
    else:
        try:
            response = FileResponse(file.open("rb"), content_type=media_type)
        except FileNotFoundError:
            log.error("stored_file_missing", name=file.name)
            raise Http404 from None
    response["Content-Disposition"] = content_disposition_header(True, clean_name(filename) or "file") or "attachment"
    response["X-Content-Type-Options"] = "nosniff"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    response["Cross-Origin-Resource-Policy"] = "same-origin"
    response["Cache-Control"] = "private, no-cache"
    if etag:
        response["ETag"] = etag
    return response


def _given_suffix(name: str) -> str:
    stem, dot, extension = name.rpartition(".")
    suffix = f".{extension.lower()}" if dot and stem else ""
    return ".jpg" if suffix == ".jpeg" else suffix


def _shorten(name: str, suffix: str) -> str:
    stem = name.rpartition(".")[0]
    return stem[: NAME_LENGTH - len(suffix)].rstrip(" .") + suffix


def _digest(stream: IO[bytes]) -> str:
    digest = hashlib.sha256()
    stream.seek(0)
    while block := stream.read(_CHUNK):
        digest.update(block)
    return digest.hexdigest()


def _type_of(stream: IO[bytes], size: int, *, is_text: Callable[[IO[bytes]], bool], unpacked: int) -> str:
    stream.seek(0)
    head = stream.read(32)
    if head.startswith(b"%PDF-"):
        return _checked_pdf(stream, size)
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        images.check_png(stream)
        return ".png"
    if head.startswith(b"\xff\xd8\xff"):
        images.check_jpeg(stream)
        return ".jpg"
    if head.startswith(b"PK\x03\x04"):
        return archives.office_suffix(stream, unpacked=unpacked)
    if head.startswith(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"):
        message = _("This file is protected by a password, or in an old format (doc, xls): save it without password as docx or xlsx.")
        raise Invalid(message, code="encrypted_file", field="file")
    if is_text(stream):
        return ".csv"
    raise Invalid(
        _("This type of file is not accepted. Accepted: PDF, Word (docx), Excel (xlsx), PNG, JPEG, CSV."), code="type_refused", field="file"
    )


def _checked_pdf(stream: IO[bytes], size: int) -> str:
    stream.seek(max(0, size - 2048))
    if b"%%EOF" not in stream.read(2048):
        raise Invalid(_("This PDF is incomplete: its end is missing."), code="broken_file", field="file")
    return ".pdf"


def _is_text(stream: IO[bytes]) -> bool:
    """Text that a table can be: UTF-8 or Windows-1252, without control characters, and not markup."""
    stream.seek(0)
    content = stream.read()
    if _CONTROL_BYTES.search(content):
        return False
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return bool(text.strip()) and _MARKUP.match(text) is None
    return False
