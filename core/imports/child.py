"""Run as a script: reads one sheet of a workbook within a limit of memory, and writes its rows as JSON lines.

Reads one JSON object on its input: path, sheet (a name or empty), prefer (names of sheets), memory (bytes). The first line
written says what was found; each other line is a row. A refusal is one line with its code. Imports nothing of the portal.
"""

from __future__ import annotations

import json
import re
import resource
import sys
import zipfile
from datetime import date, datetime
from typing import Any
from xml.parsers import expat

# What no import reads: a cell that computes, cells merged into one, a cell whose computation failed.
SUSPECT = re.compile(rb"<(?:\w+:)?(?:f|mergeCell)[\s>/]|\bt=[\"']e[\"']")
MOST_PROBLEMS = 1000
CHUNK = 1024 * 1024


def cell(value: Any) -> Any:
    """As JSON holds it: dates say that they are."""
    if isinstance(value, datetime | date):
        return {"day": value.isoformat()}
    return value if isinstance(value, str | bool | int | float) else str(value)


def sheet_part(path: str, index: int) -> str:
    """The part of the archive that holds the sheet: the workbook names it through its relations."""
    with zipfile.ZipFile(path) as archive:
        book = archive.read("xl/workbook.xml").decode("utf-8", "replace")
        relations = archive.read("xl/_rels/workbook.xml.rels").decode("utf-8", "replace")
        names = set(archive.namelist())
    identifiers = re.findall(r"<(?:\w+:)?sheet\s[^>]*?\b\w+:id=[\"']([^\"']+)[\"']", book)
    for relation in re.findall(r"<(?:\w+:)?Relationship\s[^>]*>", relations):
        found = dict(re.findall(r"(\w+)=[\"']([^\"']*)[\"']", relation))
        if index < len(identifiers) and found.get("Id") == identifiers[index]:
            target = found.get("Target", "")
            part = target.lstrip("/") if target.startswith("/") else f"xl/{target}"
            return part if part in names else ""
    return ""


def problems(path: str, part: str) -> list[list[str]]:
    """[code, place, what stands there] of every suspect cell. The sheet is searched as bytes first: most hold none."""
    with zipfile.ZipFile(path) as archive:
        tail = b""
        suspect = False
        with archive.open(part) as stream:
            while block := stream.read(CHUNK):
                if SUSPECT.search(tail + block):
                    suspect = True
                    break
                tail = block[-64:]
        if not suspect:
            return []
        found = Found()
        parser = expat.ParserCreate()
        parser.StartElementHandler, parser.EndElementHandler = found.start, found.end
        parser.CharacterDataHandler = found.text
        with archive.open(part) as stream:
            while (block := stream.read(CHUNK)) and len(found.all) < MOST_PROBLEMS:
                parser.Parse(block, False)
    return found.all


class Found:
    """What the parser meets."""

    def __init__(self) -> None:
        self.all: list[list[str]] = []
        self.place = ""
        self.formula: list[str] | None = None

    def start(self, tag: str, given: dict[str, str]) -> None:
        """A cell, a formula in it, a merged range."""
        name = tag.rpartition(":")[2]
        if name == "c":
            self.place = given.get("r", "")
            if given.get("t") == "e":
                self.all.append(["error_cell", self.place, ""])
        elif name == "f":
            self.formula = []
        elif name == "mergeCell":
            self.all.append(["merged_cells", given.get("ref", ""), given.get("ref", "")])

    def text(self, text: str) -> None:
        """The formula's own text, to be shown."""
        if self.formula is not None and len(self.formula) < 20:
            self.formula.append(text[:100])

    def end(self, tag: str) -> None:
        """The formula is whole."""
        if tag.rpartition(":")[2] == "f" and self.formula is not None:
            self.all.append(["formula", self.place, "=" + "".join(self.formula)[:100]])
            self.formula = None


def refuse(code: str) -> None:
    """Say why nothing is read."""
    sys.stdout.write(json.dumps({"refused": code}) + "\n")


def main() -> None:
    """Read the order, then the sheet."""
    order = json.load(sys.stdin)
    resource.setrlimit(resource.RLIMIT_AS, (order["memory"], order["memory"]))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    import python_calamine

    try:
        book = python_calamine.CalamineWorkbook.from_path(order["path"])
        names = [meta.name for meta in book.sheets_metadata if meta.typ == python_calamine.SheetTypeEnum.WorkSheet]
        preferred = [name for name in names if name.strip().casefold() in order["prefer"]]
        chosen = order["sheet"] or next(iter([*preferred, *names]), "")
        if chosen not in names:
            refuse("no_sheet")
            return
        index = book.sheet_names.index(chosen)
        part = sheet_part(order["path"], index)
        if not part:
            refuse("broken_file")
            return
        suspects = problems(order["path"], part)
        sheet = book.get_sheet_by_index(index)
    except python_calamine.PasswordError:
        refuse("encrypted_file")
    except (python_calamine.CalamineError, zipfile.BadZipFile, expat.ExpatError, KeyError, OSError, ValueError):
        refuse("broken_file")
    else:
        write_rows(sheet, {"sheets": names, "sheet": chosen, "problems": suspects})


def write_rows(sheet: Any, about: dict[str, Any]) -> None:
    """One line for what was found, one for each row; columns before the first used one are empty ones."""
    first = sheet.start[1] if sheet.start else 0
    write = sys.stdout.write
    write(json.dumps(about | {"height": sheet.total_height, "width": (sheet.end[1] + 1 if sheet.end else 0)}) + "\n")
    if sheet.start is None:
        return
    encode = json.JSONEncoder(ensure_ascii=False, default=cell, check_circular=False).encode
    before = [""] * first
    for row in sheet.iter_rows():
        write(encode(before + row) + "\n")


if __name__ == "__main__":
    main()
