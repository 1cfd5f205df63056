"""The size of an image, read from its header: a small file may hold more pixels than a reader's memory."""

from __future__ import annotations

import struct
from typing import IO, Final

from django.utils.translation import gettext_lazy as _

from core.errors import Invalid

MAX_PIXELS: Final = 50_000_000
# Start-of-frame markers of JPEG: all of C0–CF but DHT (C4), JPG (C8) and DAC (CC).
_FRAMES: Final = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_WITHOUT_LENGTH: Final = frozenset({0x01, *range(0xD0, 0xD9)})


def _broken() -> Invalid:
    return Invalid(_("This image is damaged: it cannot be read."), code="broken_file", field="file")


def _check_pixels(width: int, height: int) -> None:
    if width == 0 or height == 0:
        raise _broken()
    if width * height > MAX_PIXELS:
        message = _("This image is too large: %(limit)d million pixels at most.") % {"limit": MAX_PIXELS // 1_000_000}
        raise Invalid(message, code="too_many_pixels", field="file")


def check_png(stream: IO[bytes]) -> None:
    """Refuse (Invalid) a PNG without header, of no pixels or of more than 50 million."""
    stream.seek(8)
    header = stream.read(16)
    if len(header) < 16 or header[4:8] != b"IHDR":
        raise _broken()
    width, height = struct.unpack(">II", header[8:16])
    _check_pixels(width, height)


def check_jpeg(stream: IO[bytes]) -> None:
    """Refuse (Invalid) a JPEG without frame, of no pixels or of more than 50 million."""
    stream.seek(2)
    while True:
        marker = stream.read(2)
        if len(marker) < 2 or marker[0] != 0xFF:
            raise _broken()
        if marker[1] == 0xFF:  # fill byte
            stream.seek(-1, 1)
            continue
        if marker[1] in _WITHOUT_LENGTH:
            continue
        length = stream.read(2)
        if len(length) < 2 or (size := struct.unpack(">H", length)[0]) < 2:
            raise _broken()
        if marker[1] in _FRAMES:
            frame = stream.read(5)
            if len(frame) < 5:
                raise _broken()
            height, width = struct.unpack(">xHH", frame)
            _check_pixels(width, height)
            return
        stream.seek(size - 2, 1)
