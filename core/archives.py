"""Office files are ZIP archives: their directory is checked before anything is unpacked."""

from __future__ import annotations

import re
import zipfile
import zlib
from typing import IO, TYPE_CHECKING, Final, NoReturn

from django.utils.translation import gettext_lazy as _

from core.errors import Invalid

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

MAX_UNPACKED: Final = 60 * 1024 * 1024
MAX_RATIO: Final = 150
# Small parts compress extremely well without being a bomb: the ratio is asked of larger ones only.
RATIO_FROM: Final = 1024 * 1024
MAX_ENTRIES: Final = 200
_MAIN_PARTS: Final = {"word/document.xml": ".docx", "xl/workbook.xml": ".xlsx"}
_CONTENT_TYPES: Final = "[Content_Types].xml"
_MACRO_TYPE: Final = b"macroenabled"
_FORBIDDEN_ENTRY: Final = re.compile(r"(^|/)(vbaproject\.bin|vbadata\.xml|activex/.*|.*\.exe|.*\.dll|.*\.js|.*\.vbs)$", re.IGNORECASE)
_DOCTYPE: Final = re.compile(rb"<!\s*(DOCTYPE|ENTITY)", re.IGNORECASE)
# A document type stands before the first element: nothing beyond the start of a part can declare one.
_PROLOGUE: Final = 4096
_CHUNK: Final = 256 * 1024


def _refuse(message: _StrOrPromise, code: str) -> NoReturn:
    raise Invalid(message, code=code, field="file")


def office_suffix(stream: IO[bytes], *, unpacked: int = MAX_UNPACKED) -> str:
    """`.docx` or `.xlsx`, from the directory and the declared content types.

    Refuses any other archive, more than `unpacked` bytes once unpacked (60 MB), a part packed more than 150 times,
    more than 200 parts, macros, encryption, parts that leave their folder, and XML with a document type (entity bombs, external entities).
    """
    try:
        with zipfile.ZipFile(stream) as archive:
            _check_directory(archive, unpacked)
            suffix = _suffix(archive)
            _check_parts(archive)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, EOFError, OSError, ValueError, RuntimeError, zlib.error):
        _refuse(_("This file is damaged: it cannot be opened."), "broken_file")
    return suffix


def _check_directory(archive: zipfile.ZipFile, limit: int) -> None:
    entries = archive.infolist()
    unpacked = sum(entry.file_size for entry in entries)
    swollen = any(entry.file_size > RATIO_FROM and entry.file_size > MAX_RATIO * max(entry.compress_size, 1) for entry in entries)
    if len(entries) > MAX_ENTRIES or unpacked > limit or swollen:
        _refuse(_("This file unpacks to far more than its size: it is refused."), "zip_bomb")
    if len({entry.filename for entry in entries}) != len(entries):
        _refuse(_("This file is damaged: it cannot be opened."), "broken_file")
    for entry in entries:
        if entry.flag_bits & 0x1:
            _refuse(_("This file is protected by a password: it cannot be checked."), "encrypted_file")
        if entry.filename.startswith(("/", "\\")) or ".." in re.split(r"[/\\]", entry.filename):
            _refuse(_("This file is damaged: it cannot be opened."), "broken_file")
        if _FORBIDDEN_ENTRY.search(entry.filename):
            _refuse(_("This file contains macros: save it without them (docx or xlsx)."), "macros")


def _suffix(archive: zipfile.ZipFile) -> str:
    names = set(archive.namelist())
    found = [suffix for part, suffix in _MAIN_PARTS.items() if part in names]
    if _CONTENT_TYPES not in names or len(found) != 1:
        _refuse(_("This type of file is not accepted. Accepted: PDF, Word (docx), Excel (xlsx), PNG, JPEG, CSV."), "type_refused")
    with archive.open(_CONTENT_TYPES) as part:
        declared = part.read(RATIO_FROM)
    if _MACRO_TYPE in declared.lower().replace(b"\x00", b""):
        _refuse(_("This file contains macros: save it without them (docx or xlsx)."), "macros")
    return found[0]


def _check_parts(archive: zipfile.ZipFile) -> None:
    """Every part unpacks to the size and checksum that the directory says; no XML part declares a document type."""
    for entry in archive.infolist():
        with archive.open(entry) as part:
            start = part.read(_PROLOGUE)
            while part.read(_CHUNK):
                pass  # the end of the part is where zipfile compares its checksum
        # An XML part of an office file is UTF-8; UTF-16 would hide a document type from the search below.
        if entry.filename.lower().endswith((".xml", ".rels", ".vml")) and (b"\x00" in start or _DOCTYPE.search(start)):
            _refuse(_("This file declares an XML document type: it is refused."), "doctype")
