"""Collects the texts to translate without GNU gettext: Babel reads the Python files, Django's `templatize` the templates.

Existing translations are kept by source text and context; texts that disappeared are dropped. The order and the comments
depend on nothing but the sources, and no line number is written: a catalogue changes only when a text does.
"""

from __future__ import annotations

import io
import re
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import polib
from django.conf import settings
from django.core.management import CommandError
from django.core.management.base import BaseCommand
from django.utils.translation.template import templatize

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

KEYWORDS: dict[str, Any] = {
    "_": None, "gettext": None, "gettext_lazy": None, "gettext_noop": None,
    "ngettext": (1, 2), "ngettext_lazy": (1, 2),
    "pgettext": ((1, "c"), 2), "pgettext_lazy": ((1, "c"), 2), "npgettext": ((1, "c"), 2, 3), "npgettext_lazy": ((1, "c"), 2, 3),
}  # fmt: skip
# Written as in the CLDR; polib and Django read them.
PLURALS = {
    "fr": "nplurals=2; plural=(n > 1);",
    "ar": "nplurals=6; plural=n==0 ? 0 : n==1 ? 1 : n==2 ? 2 : n%100>=3 && n%100<=10 ? 3 : n%100>=11 && n%100<=99 ? 4 : 5;",
}
LANGUAGES = tuple(PLURALS)
NEVER = {".venv", "var", "tests", "bench", "deploy", "docs", "staticfiles", "node_modules", "locale"}
_STRING = r"u?(?:'(?:\\.|[^'\\])*'|\"(?:\\.|[^\"\\])*\")"
_CALL = re.compile(rf"\b(?:_|n?p?gettext)\(\s*{_STRING}(?:\s*,\s*(?:{_STRING}|\w+))*\s*\)")
_PERCENT = re.compile(r"%(?:\((\w+)\))?[#0\-+]?\d*(?:\.\d+)?([sdif%])")
_BRACES = re.compile(r"(?<!\{)\{(\w*)[^{}]*\}(?!\})")

Key = tuple[str, str]


@dataclass
class Text:
    """One source text: its context, plural, the comments left for translators, the files that use it."""

    msgid: str
    context: str = ""
    plural: str = ""
    comments: list[str] = field(default_factory=list)
    files: list[str] = field(default_factory=list)
    is_python_format: bool = False

    @property
    def key(self) -> Key:
        """What gettext looks it up by."""
        return (self.context, self.msgid)


def sources(root: Path) -> Iterator[Path]:
    """Every Python file and template of the portal, in one order on every machine."""
    for path in sorted(root.rglob("*"), key=lambda path: path.relative_to(root).as_posix()):
        top = path.relative_to(root).parts[0]
        if top in NEVER or top.startswith(".") or "vendor" in path.parts or "migrations" in path.parts:
            continue
        if path.suffix == ".py" or (top == "templates" and path.suffix in {".html", ".txt"}):
            yield path


def texts_of(path: Path, root: Path) -> Iterator[Text]:
    """The texts to translate that a file holds."""
    from babel.messages.extract import extract_python

    name = path.relative_to(root).as_posix()
    content = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        # What `templatize` leaves around the calls is no Python: keep the calls, one a line.
        content = "\n".join(match.group(0) for match in _CALL.finditer(templatize(content, origin=name)))
    found = extract_python(io.BytesIO(content.encode()), KEYWORDS, ["Translators:"], {"encoding": "utf-8"})
    for _line, function, arguments, comments in found:
        text = _text(str(function), arguments)
        if text is None or not text.msgid:
            continue
        text.comments, text.files = [str(comment) for comment in comments or ()], [name]
        text.is_python_format = bool(_PERCENT.search(text.msgid))
        yield text


def _text(function: str, arguments: Any) -> Text | None:
    """A call as a text; None when its argument is not a literal."""
    parts = list(arguments) if isinstance(arguments, tuple | list) else [arguments]
    if function.startswith(("pgettext", "npgettext")):
        context, parts = parts[0], parts[1:]
        if not isinstance(context, str):
            return None
    else:
        context = ""
    if not parts or not isinstance(parts[0], str):
        return None
    plural = parts[1] if function.lstrip("p").startswith(("ng", "np")) and len(parts) > 1 and isinstance(parts[1], str) else ""
    return Text(msgid=parts[0], context=context, plural=plural)


def collect(root: Path) -> OrderedDict[Key, Text]:
    """Every text of the portal once, in the order of its first use."""
    found: OrderedDict[Key, Text] = OrderedDict()
    for path in sources(root):
        for text in texts_of(path, root):
            known = found.setdefault(text.key, text)
            if known is text:
                continue
            known.plural = known.plural or text.plural
            known.files += [name for name in text.files if name not in known.files]
            known.comments += [comment for comment in text.comments if comment not in known.comments]
    return found


def catalogue(language: str, found: Iterable[Text], existing: Iterable[polib.POEntry]) -> polib.POFile:
    """The catalogue of a language: what is found, with the translations that exist."""
    kept = {(entry.msgctxt or "", entry.msgid): entry for entry in existing if not entry.obsolete}
    forms = int(re.search(r"nplurals=(\d)", PLURALS[language]).group(1))  # type: ignore[union-attr]
    file = polib.POFile(wrapwidth=120)
    file.metadata = {
        "Project-Id-Version": "onmt-cnt-portal", "Language": language, "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=utf-8", "Content-Transfer-Encoding": "8bit", "Plural-Forms": PLURALS[language],
    }  # fmt: skip
    for text in found:
        entry = polib.POEntry(
            msgid=text.msgid, msgctxt=text.context or None, msgid_plural=text.plural,
            occurrences=[(name, "") for name in text.files], comment="\n".join(text.comments),
            flags=["python-format"] if text.is_python_format else [],
        )  # fmt: skip
        old = kept.get(text.key)
        if text.plural:
            before = dict(old.msgstr_plural) if old else {}
            entry.msgstr_plural = {place: before.get(place, "") for place in range(forms)}
        else:
            entry.msgstr = old.msgstr if old else ""
        if old and "fuzzy" in old.flags:
            entry.flags.append("fuzzy")
        file.append(entry)
    return file


def placeholders(text: str) -> list[str]:
    """What a translation must keep: %(name)s, %d, {name}. A literal %% counts for nothing."""
    percent = [match.group(0) for match in _PERCENT.finditer(text) if match.group(2) != "%"]
    return sorted(percent) + sorted(match.group(0) for match in _BRACES.finditer(text))


def faults(entry: polib.POEntry) -> Iterator[str]:
    """What is wrong with one translation: missing, fuzzy, or its placeholders are not those of its source."""
    if "fuzzy" in entry.flags:
        yield "fuzzy"
    if not entry.msgid_plural:
        if not entry.msgstr.strip():
            yield "missing"
        elif set(placeholders(entry.msgstr)) != set(placeholders(entry.msgid)):
            yield "placeholders differ"
        return
    wanted = set(placeholders(entry.msgid)) | set(placeholders(entry.msgid_plural))
    for place, form in sorted(entry.msgstr_plural.items()):
        if not form.strip():
            yield f"plural form {place} missing"
        # « one » and « two » may be said with words instead of the number.
        elif not set(placeholders(form)) <= wanted:
            yield f"plural form {place}: placeholders differ"


class Command(BaseCommand):
    """Brings locale/{fr,ar}/LC_MESSAGES/django.po up to date with the sources."""

    help = "Collects the texts to translate; --check changes nothing and fails when a catalogue is out of date or incomplete."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: Any) -> None:
        """`--check` only looks."""
        parser.add_argument("--check", action="store_true", help="fail when something is missing, fuzzy or out of date; write nothing")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write both catalogues, or look at them."""
        root = Path(settings.BASE_DIR)
        found = collect(root)
        problems: list[str] = []
        for language in LANGUAGES:
            path = root / "locale" / language / "LC_MESSAGES" / "django.po"
            old = polib.pofile(str(path), encoding="utf-8") if path.exists() else polib.POFile()
            new = catalogue(language, found.values(), old)
            problems += [f"{language}: {entry.msgid!r}: {fault}" for entry in new for fault in faults(entry)]
            if options["check"]:
                gone = {(entry.msgctxt or "", entry.msgid) for entry in old if not entry.obsolete} - set(found)
                problems += [f"{language}: {msgid!r}: no longer in the sources (make messages)" for _context, msgid in sorted(gone)]
            else:
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_text(str(new) + "\n", encoding="utf-8")
                self.stdout.write(f"{language}: {len(new)} texts, {sum(1 for entry in new if list(faults(entry)))} to translate")
        if options["check"] and problems:
            raise CommandError("\n".join([*problems[:200], f"{len(problems)} texts to look at."]))
