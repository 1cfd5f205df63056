"""A table of some ten pages: typst beside WeasyPrint, each in a process of its own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from bench.clockwork import ROOT, job
from bench.row import Row, Sample

if TYPE_CHECKING:
    from bench.stand import Stand

LINES = 300
BENCH_PYTHON = ROOT / ".venv-bench" / "bin" / "python"
CELLS = (
    "E-{n:04d}",
    "Compétitivité internationale",
    "Organiser un voyage de presse pour {n} journalistes dans la région",
    "ONMT",
    "CNT",
    "12/11/2026",
    "À livrer",
)


def cells(number: int) -> list[str]:
    """A line of the table."""
    return [cell.format(n=number) for cell in CELLS]


def typst(path: str) -> None:
    """As the portal's reports are made."""
    import typst as engine

    rows = ",\n".join(",".join(f"[{cell}]" for cell in cells(number)) for number in range(LINES))
    source = f'#set page(paper: "a4")\n#set text(size: 8pt)\n#table(columns: (auto, 2fr, 4fr, 1fr, 1fr, auto, auto),\n{rows})\n'
    Path(path).with_suffix(".typ").write_text(source, encoding="utf-8")
    engine.compile(str(Path(path).with_suffix(".typ")), output=path)


def _weasyprint(stand: Stand) -> Sample:
    if not BENCH_PYTHON.exists():
        raise RuntimeError("WeasyPrint is not installed: make bench installs it in .venv-bench")
    return job("bench.alone.weasy:write", stand.file("weasy.pdf"), postmaster=stand.postmaster, python=str(BENCH_PYTHON))


ROW = Row(
    name="pdf",
    title="PDF of a 300-line table by typst, beside WeasyPrint",
    floor=8,
    limit=_weasyprint,
    ours=lambda stand: job("bench.rows.pdf:typst", stand.file("typst.pdf"), postmaster=stand.postmaster),
    sizes="small",
    note="the limit here is the usual way: the figure says how many times faster",
)
