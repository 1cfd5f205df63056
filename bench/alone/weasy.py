"""The same table by WeasyPrint, which lives in .venv-bench and never in the product."""

from __future__ import annotations

from html import escape
from typing import Any

CELLS = (
    "E-{n:04d}",
    "Compétitivité internationale",
    "Organiser un voyage de presse pour {n} journalistes dans la région",
    "ONMT",
    "CNT",
    "12/11/2026",
    "À livrer",
)


def write(path: str) -> None:
    """Write the PDF."""
    from weasyprint import HTML

    rows = "".join("<tr>" + "".join(f"<td>{escape(cell.format(n=number))}</td>" for cell in CELLS) + "</tr>" for number in range(300))
    style = "@page { size: A4 } td { border: .5pt solid; font-size: 8pt }"
    document: Any = HTML(string=f"<style>{style}</style><table>{rows}</table>")
    document.write_pdf(path)


def _load() -> None:
    import weasyprint  # noqa: F401 - the library is loaded before the clock starts, as Django is for the others


write.ready = _load  # type: ignore[attr-defined]
