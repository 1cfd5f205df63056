"""Small real files for the demonstration: PDFs written by the report engine, and a picture."""

from __future__ import annotations

import json
import struct
import zlib
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import typst
from django.conf import settings
from django.core.files.base import ContentFile

if TYPE_CHECKING:
    from collections.abc import Sequence

BAND: Final = "Document de démonstration : son contenu est inventé et n'engage personne."
TEMPLATE: Final = "partnership/reports/demo_paper.typ"
WIDTH, HEIGHT = 480, 270


def pdf(name: str, title: str, paragraphs: Sequence[str]) -> ContentFile[bytes]:
    """A PDF of one page named `name`.pdf. Compiled here: a dozen pages do not need the reports' own process."""
    root = settings.BASE_DIR / "templates"
    data = json.dumps({"title": title, "band": BAND, "paragraphs": list(paragraphs)})
    content: Any = typst.compile(
        str(root / TEMPLATE), root=str(root), font_paths=_fonts(), sys_inputs={"data": data}, format="pdf", pdf_standards=["ua-1"]
    )
    return ContentFile(bytes(content), name=f"{name}.pdf")


@cache
def _fonts() -> Any:
    folder = str(settings.BASE_DIR / "static" / "fonts" / "pdf")
    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[folder])


def picture(name: str, values: Sequence[int]) -> ContentFile[bytes]:
    """A PNG of bars, `values` being their heights in per cent."""
    rows = b"".join(b"\0" + _row(y, values) for y in range(HEIGHT))
    content = b"\x89PNG\r\n\x1a\n" + _chunk(b"IHDR", struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0))
    content += _chunk(b"IDAT", zlib.compress(rows, 9)) + _chunk(b"IEND", b"")
    return ContentFile(content, name=f"{name}.png")


def _row(y: int, values: Sequence[int]) -> bytes:
    step = WIDTH // len(values)
    height = 100 * (HEIGHT - y) / HEIGHT
    pixels = bytearray()
    for x in range(WIDTH):
        bar = min(x // step, len(values) - 1)
        inside = values[bar] >= height and step // 6 < x % step < step * 5 // 6
        pixels += b"\xa3\x22\x2a" if inside else b"\xf5\xf6\xf8"
    return bytes(pixels)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
