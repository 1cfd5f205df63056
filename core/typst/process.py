"""Calls the renderer in a short process: limited in memory and time, given no secret, no network and no data but its own."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder

if TYPE_CHECKING:
    from collections.abc import Mapping

# Address space, not memory used: typst maps its threads' stacks and the fonts. An 18-page report uses some 300 MB.
MEMORY: Final = 3 * 1024**3
TIMEOUT: Final = 60
_RENDERER: Final = Path(__file__).with_name("render.py")


class RenderingError(Exception):
    """The renderer stopped; its message says where in the template."""


def render_pdf(template: str, data: Mapping[str, Any], destination: Path) -> None:
    """Write the PDF of `template` (a path under templates/) with `data`, which is read as data and never evaluated."""
    root = settings.BASE_DIR / "templates"
    order = {
        "template": str(root / template),
        "root": str(root),
        "fonts": str(settings.BASE_DIR / "static" / "fonts" / "pdf"),
        "data": data,
        "destination": str(destination),
        "memory": MEMORY,
    }
    try:
        done = subprocess.run(  # noqa: S603 - our own interpreter and our own script, nothing from outside in the command
            [sys.executable, "-I", str(_RENDERER)],
            input=json.dumps(order, cls=DjangoJSONEncoder),
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=TIMEOUT,
            check=False,
            cwd=destination.parent,
            env={"PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "RAYON_NUM_THREADS": "2"},
        )
    except subprocess.TimeoutExpired as error:
        raise RenderingError(f"{template}: not rendered within {TIMEOUT} s") from error
    if done.returncode != 0 or not destination.exists():
        raise RenderingError(f"{template}: {done.stderr.strip()[-2000:]}")
