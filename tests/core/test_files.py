"""What an upload may be, and how a file is handed out. The hostile files are made here, none is kept."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from typing import TYPE_CHECKING

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import Http404, HttpResponse
from django.test import RequestFactory

from core.errors import Invalid
from core.files import MEDIA_TYPES, inspect, serve
from tests.factories.files import scanner

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_django import Settings

PDF = b"%PDF-1.7\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"
TYPES = b'<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'


def archive_of(parts: dict[str, bytes]) -> bytes:
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in parts.items():
            archive.writestr(name, data)
    return stream.getvalue()


def workbook(more: dict[str, bytes] | None = None) -> bytes:
    """The least an Excel file holds, and these parts."""
    return archive_of({"[Content_Types].xml": TYPES, "xl/workbook.xml": b"<workbook/>"} | (more or {}))


def png(width: int = 2, height: int = 2) -> bytes:
    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    rows = zlib.compress(b"".join(b"\x00" + b"\xff" * 6 for _ in range(2)))
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def jpeg(width: int = 2, height: int = 2) -> bytes:
    application = b"\xff\xe0" + struct.pack(">H", 16) + b"JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"
    frame = b"\xff\xc0" + struct.pack(">HBHHB", 11, 8, height, width, 1) + b"\x01\x11\x00"
    return b"\xff\xd8" + application + frame + b"\xff\xd9"


def lying_archive() -> bytes:
    """A part said to hold 20 bytes that holds 5 MB."""
    content = bytearray(workbook({"xl/big.xml": b"<a>" + bytes(range(97, 123)) * 200_000}))
    start = content.rindex(struct.pack("<I", 5_200_003))
    content[start : start + 4] = struct.pack("<I", 20)
    return bytes(content)


def encrypted_archive() -> bytes:
    content = bytearray(workbook())
    central = content.rindex(b"PK\x01\x02")
    content[central + 8] |= 0x1
    return bytes(content)


ACCEPTED = {
    "report.pdf": (PDF, ".pdf"),
    "Budget 2026.XLSX": (workbook(), ".xlsx"),
    "note.docx": (archive_of({"[Content_Types].xml": TYPES, "word/document.xml": b"<document/>"}), ".docx"),
    "logo.png": (png(), ".png"),
    "photo.jpeg": (jpeg(), ".jpg"),
    "liste.csv": ("nom;ville\r\nRiad d'été;Fès\r\n".encode(), ".csv"),
    "excel.csv": ("nom;ville\r\nété;Fès\r\n".encode("cp1252"), ".csv"),
    "arabe.csv": ("الاسم;المدينة\r\nرياض;فاس\r\n".encode("utf-8-sig"), ".csv"),
}

HOSTILE = {
    "empty": ("a.pdf", b"", "empty_file"),
    "too large": ("a.pdf", PDF + b" " * (10 * 1024 * 1024), "file_too_large"),
    "html named pdf": ("a.pdf", b"<html><script>alert(1)</script></html>", "type_refused"),
    "svg": ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg' onload='alert(1)'/>", "type_refused"),
    "svg named csv": ("a.csv", b"\n <?xml version='1.0'?><svg onload='alert(1)'/>", "type_refused"),
    "html named csv": ("a.csv", b"\xef\xbb\xbf<!DOCTYPE html><script>1</script>", "type_refused"),
    "program named pdf": ("a.pdf", b"MZ\x90\x00\x03" + b"\x00" * 100, "type_refused"),
    "program named csv": ("a.csv", b"\x7fELF\x02\x01\x01\x00" * 20, "type_refused"),
    "pdf named html": ("a.pdf.html", PDF, "false_type"),
    "pdf named htaccess": (".htaccess", PDF, "false_type"),
    "pdf named png": ("a.png", PDF, "false_type"),
    "pdf without extension": ("convention", PDF, "false_type"),
    "xlsx named docx": ("a.docx", workbook(), "false_type"),
    "truncated pdf": ("a.pdf", PDF[:20], "broken_file"),
    "csv with a NUL": ("a.csv", b"nom;ville\r\nRiad\x00;Fes\r\n", "type_refused"),
    "csv of blanks": ("a.csv", b"  \r\n\r\n", "type_refused"),
    "utf-16 csv": ("a.csv", "nom;ville".encode("utf-16"), "type_refused"),
    "zip": ("a.xlsx", archive_of({"readme.txt": b"x"}), "type_refused"),
    "office without types": ("a.xlsx", archive_of({"xl/workbook.xml": b"<a/>"}), "type_refused"),
    "both word and excel": ("a.xlsx", workbook({"word/document.xml": b"<a/>"}), "type_refused"),
    "high ratio": (
        "a.xlsx",
        workbook({"xl/s.xml": b"0" * 20_000_000}),
        "zip_bomb",
    ),
    "unpacks over 60 MB": (
        "a.xlsx",
        workbook({f"xl/s{n}.xml": b"0" * 9_000_000 for n in range(8)}),
        "zip_bomb",
    ),
    "too many parts": (
        "a.xlsx",
        workbook({f"xl/{n}": b"" for n in range(250)}),
        "zip_bomb",
    ),
    "macro part": ("a.xlsx", workbook({"xl/vbaProject.bin": b"x"}), "macros"),
    "macro type": (
        "a.xlsx",
        archive_of(
            {
                "[Content_Types].xml": b"<Types><Override ContentType='application/vnd.ms-excel.sheet.macroEnabled.main+xml'/></Types>",
                "xl/workbook.xml": b"<a/>",
            }
        ),
        "macros",
    ),
    "entity bomb": (
        "a.xlsx",
        archive_of(
            {"[Content_Types].xml": TYPES, "xl/workbook.xml": b"<?xml version='1.0'?>\n<!DOCTYPE lolz [<!ENTITY lol 'lol'>]><a>&lol;</a>"}
        ),
        "doctype",
    ),
    "entity bomb in utf-16": (
        "a.docx",
        archive_of({"[Content_Types].xml": TYPES, "word/document.xml": "<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>".encode("utf-16")}),
        "doctype",
    ),
    "leaves its folder": (
        "a.xlsx",
        workbook({"../../etc/cron.d/x": b"x"}),
        "broken_file",
    ),
    "directory that lies": ("a.xlsx", lying_archive(), "broken_file"),
    "encrypted": ("a.xlsx", encrypted_archive(), "encrypted_file"),
    "truncated zip": ("a.xlsx", workbook()[:60], "broken_file"),
    "pixel flood png": ("a.png", png(60_000, 60_000), "too_many_pixels"),
    "pixel flood jpg": ("a.jpg", jpeg(65_000, 65_000), "too_many_pixels"),
    "png without header": ("a.png", b"\x89PNG\r\n\x1a\n" + b"\x00" * 30, "broken_file"),
    "jpg without frame": ("a.jpg", b"\xff\xd8\xff\xe0\x00\x04ab" + b"\x00" * 40, "broken_file"),
    "gif": ("a.gif", b"GIF89a" + b"\x01\x00" * 20, "type_refused"),
}


@pytest.mark.parametrize("name", ACCEPTED)
def test_upload_when_of_an_accepted_type_then_is_described_from_its_content(name: str) -> None:
    content, suffix = ACCEPTED[name]
    upload = SimpleUploadedFile(name, content, content_type="text/html")

    inspected = inspect(upload)

    assert (inspected.suffix, inspected.media_type, inspected.size) == (suffix, MEDIA_TYPES[suffix], len(content))
    assert inspected.filename.endswith(suffix)
    assert upload.read() == content


@pytest.mark.parametrize("case", HOSTILE)
def test_upload_when_hostile_then_is_refused_with_its_reason(case: str) -> None:
    name, content, code = HOSTILE[case]

    with pytest.raises(Invalid) as refused:
        inspect(SimpleUploadedFile(name, content, content_type="application/pdf"))

    assert (refused.value.code, refused.value.field) == (code, "file")


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\temp\\bilan.pdf", "bilan.pdf"),
        ("facture\u202efdp.exe.pdf", "facturefdp.exe.pdf"),
        ("a\x00b\r\nc.pdf", "abc.pdf"),
        ("  ..bilan  2026 .pdf", "bilan 2026.pdf"),
        ("تقرير.pdf", "تقرير.pdf"),
        ("é" * 300 + ".pdf", "é" * 196 + ".pdf"),
    ],
)
def test_file_name_when_it_hides_something_then_is_cleaned_and_shortened(given: str, kept: str) -> None:
    upload = ContentFile(PDF)
    upload.name = given

    assert inspect(upload).filename == kept


def test_file_when_served_then_no_browser_runs_it() -> None:
    name = default_storage.save("documents/x.pdf", ContentFile(PDF))
    file = ContentFile(PDF, name=name)

    response = serve(file, filename="Rapport d'été \u202e\r\nSet-Cookie: a=b.pdf", media_type="application/pdf", sha256="ab" * 32)

    assert response["Content-Disposition"].startswith("attachment")
    assert "\n" not in response["Content-Disposition"]
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert response["ETag"] == f'"{"ab" * 32}"'
    assert b"".join(response) == PDF


def test_file_when_the_browser_has_it_already_then_is_not_sent_again() -> None:
    request = RequestFactory().get("/", headers={"If-None-Match": f'"{"ab" * 32}"'})

    response = serve(ContentFile(PDF, name="x.pdf"), filename="x.pdf", media_type="application/pdf", sha256="ab" * 32, request=request)

    assert (response.status_code, response["ETag"]) == (304, f'"{"ab" * 32}"')


def test_file_when_the_front_server_sends_it_then_only_its_place_is_told(settings: Settings) -> None:
    settings.ACCEL_PREFIX = "/protected"

    response = serve(ContentFile(PDF, name="documents/ab/x.pdf"), filename="x.pdf", media_type="application/pdf")

    assert response["X-Accel-Redirect"] == "/protected/documents/ab/x.pdf"
    assert isinstance(response, HttpResponse)
    assert response.content == b""


def test_file_when_missing_on_disk_then_answers_404() -> None:
    from django.db.models.fields.files import FieldFile

    from core.models import Job

    missing = FieldFile(Job(), Job._meta.get_field("result"), "jobs/00/nothing.pdf")

    with pytest.raises(Http404):
        serve(missing, filename="x.pdf", media_type="application/pdf")


@pytest.mark.parametrize(("answer", "state"), [(b"stream: OK\0", "clean"), (b"INSTREAM size limit exceeded. ERROR\0", "pending")])
def test_upload_when_a_scanner_is_configured_then_carries_its_answer(answer: bytes, state: str, tmp_path: Path, settings: Settings) -> None:
    settings.CLAMAV_SOCKET = str(tmp_path / "clamd")
    received = scanner(settings.CLAMAV_SOCKET, answer)

    inspected = inspect(SimpleUploadedFile("a.pdf", PDF))

    assert inspected.scan_state == state
    assert PDF in received[0]


def test_upload_when_the_scanner_finds_a_virus_then_is_refused(tmp_path: Path, settings: Settings) -> None:
    settings.CLAMAV_SOCKET = str(tmp_path / "clamd")
    scanner(settings.CLAMAV_SOCKET, b"stream: Eicar-Signature FOUND\0")

    with pytest.raises(Invalid) as refused:
        inspect(SimpleUploadedFile("a.pdf", PDF))

    assert refused.value.code == "infected"


def test_upload_when_the_scanner_is_down_then_waits_for_its_scan(tmp_path: Path, settings: Settings) -> None:
    settings.CLAMAV_SOCKET = str(tmp_path / "nobody")

    assert inspect(SimpleUploadedFile("a.pdf", PDF)).scan_state == "pending"


def test_upload_when_no_scanner_is_configured_then_says_so() -> None:
    assert inspect(SimpleUploadedFile("a.pdf", PDF)).scan_state == "not_scanned"
