"""Files that lie, through the pages that take one: refused with the reason, what was typed is kept, nothing is stored."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from django.utils.html import escape

from core import clock
from partnership.models import Document, DocumentVersion, Evidence
from tests.factories.accounts import sign_in
from tests.factories.files import pdf
from tests.factories.partnership import DocumentFactory, DocumentVersionFactory

if TYPE_CHECKING:
    from django.test import Client
    from pytest_django import Settings

    from tests.factories.world import World

pytestmark = pytest.mark.django_db
TYPED = "Atelier de Fès : 64 présents & « merci »"


def bomb() -> bytes:
    """A workbook of some 30 KB that unpacks to 30 MB of nothing."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("[Content_Types].xml", '<?xml version="1.0"?><Types/>')
        archive.writestr("xl/workbook.xml", "<workbook/>")
        archive.writestr("xl/worksheets/sheet1.xml", b"0" * 30_000_000)
    return stream.getvalue()


HTML = b"<!doctype html><script>alert(1)</script>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
FILES = {
    "a page named pdf": ("preuve.pdf", HTML),
    "a drawing": ("plan.svg", SVG),
    "a drawing named png": ("plan.png", SVG),
    "a pdf named xlsx": ("budget.xlsx", b"%PDF-1.4\n%%EOF\n"),
    "a program": ("outil.exe", b"MZ\x90\x00"),
    "a bomb": ("budget.xlsx", bomb()),
    "an empty file": ("preuve.pdf", b""),
    "too large a file": ("preuve.pdf", b"%PDF-1.4\n" + b"0" * 60_000 + b"\n%%EOF\n"),
    "a half of a pdf": ("preuve.pdf", b"%PDF-1.4\nrien"),
    "macros": ("budget.xlsm", b"PK\x03\x04"),
}


@pytest.fixture(autouse=True)
def _small_limit(settings: Settings) -> None:
    """Files over the limit without their megabytes."""
    settings.UPLOAD_MAX_BYTES = 50_000


def stored(settings: Settings) -> list[Path]:
    return [path for path in Path(settings.MEDIA_ROOT).rglob("*") if path.is_file()]


def pages(world: World, document: Document) -> dict[str, tuple[str, str, dict[str, str]]]:
    """The pages that take a file: address, the file's field, what else is typed."""
    today = clock.today().isoformat()
    proof = {"evidence_title": "Liste signée", "evidence_fact_on": today}
    return {
        "declare": (
            reverse("partnership:commitment_act", args=[world.owed_by_cnt.pk, "declare"]), "evidence_file", {"declaration": TYPED, **proof}
        ),
        "add a document": (
            reverse("partnership:document_add", args=[world.convention.pk]), "file",
            {"title": TYPED, "kind": "other", "visibility": "parties", "organisation": str(world.cnt.pk)},
        ),
        "add a version": (reverse("partnership:version_add", args=[document.pk]), "file", {"note": TYPED}),
    }  # fmt: skip


@pytest.mark.parametrize("lie", FILES)
def test_a_file_when_it_lies_then_is_refused_with_its_reason_and_nothing_is_stored(
    lie: str, world: World, client: Client, settings: Settings
) -> None:
    document = DocumentVersionFactory(document=DocumentFactory(convention=world.convention, organisation=world.cnt)).document
    before = (stored(settings), Document.objects.count(), DocumentVersion.objects.count(), Evidence.objects.count())
    sign_in(client, world.secretariat)
    name, content = FILES[lie]
    for page, (path, field, given) in pages(world, document).items():
        answer = client.post(path, given | {field: SimpleUploadedFile(name, content)})
        text = answer.content.decode()
        assert answer.status_code == 422, (page, lie)
        form = answer.context.get("version_form") or answer.context["form"]
        assert list(form.errors), (page, lie)
        assert str(next(iter(form.errors.values()))[0]), (page, lie)
        assert escape(str(next(iter(form.errors.values()))[0])) in text, (page, lie)
        assert escape(TYPED) in text, (page, lie)
    world.owed_by_cnt.refresh_from_db()
    assert (stored(settings), Document.objects.count(), DocumentVersion.objects.count(), Evidence.objects.count()) == before
    assert world.owed_by_cnt.status == "planned"


@pytest.mark.parametrize(
    ("name", "kept"),
    [
        ("a" * 600 + ".pdf", "a" * 196 + ".pdf"),
        ("../../../etc/passwd.pdf", "passwd.pdf"),
        ("C:\\Users\\amina\\preuve.pdf", "preuve.pdf"),
        ("pre\x00uve.pdf", "preuve.pdf"),
        ("preuve\u202efdp.pdf", "preuvefdp.pdf"),
        ('<script>"x".pdf', "_script__x_.pdf"),
    ],
)
def test_a_name_when_it_is_hostile_then_is_only_data(name: str, kept: str, world: World, client: Client, settings: Settings) -> None:
    document = DocumentFactory(convention=world.convention, organisation=world.cnt)
    sign_in(client, world.secretariat)
    path, field, given = pages(world, document)["add a document"]
    upload = pdf("x.pdf")
    vars(upload)["_name"] = name  # the property would clean it: a browser of its own would not
    answer = client.post(path, given | {field: upload})
    if answer.status_code == 422:
        # Refused with a reason is as good: nothing is stored under such a name.
        assert answer.context["form"].errors
        assert stored(settings) == []
        return
    assert answer.status_code == 302
    assert DocumentVersion.objects.get().filename == kept
    (file,) = stored(settings)
    assert Path(settings.MEDIA_ROOT) in file.resolve().parents
    assert len(file.name) < 250
