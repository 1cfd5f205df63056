"""Every template is used, complete, and holds neither script nor style."""

from __future__ import annotations

import importlib.util
import re
from functools import cache
from pathlib import Path

from django import forms
from django.forms.forms import BaseForm
from django.template.loader import get_template
from django.utils.functional import Promise

from tests.architecture import house

# Found by Django, or by a package that asks for them by name.
BY_DJANGO = {"400.html", "403.html", "403_csrf.html", "404.html", "500.html"}
PACKAGES = ("allauth", "unfold", "django.contrib.admin", "drf_spectacular", "django.contrib.auth")
# Mail programs read inline styles only.
MAY_STYLE = {"core/emails/mail.html"}


@cache
def _mentions() -> str:
    """Everything that may name a template: Python files and templates."""
    return "\n".join(path.read_text(encoding="utf-8") for path in (*house.python_files(), *house.templates()))


def _given_by_a_package(name: str) -> bool:
    """Whether a package has a template of this name, which ours replaces."""
    for package in PACKAGES:
        spec = importlib.util.find_spec(package)
        for folder in (spec.submodule_search_locations or ()) if spec else ():
            if (Path(folder) / "templates" / name).exists() or list(Path(folder).glob(f"**/templates/{name}")):
                return True
    return False


def _is_used(name: str) -> bool:
    if name in BY_DJANGO:
        return True
    if name.startswith("components/"):
        tag = name.removeprefix("components/").removesuffix(".html").replace("/", ".").replace("_", "[-_]")
        return re.search(rf"<c-{tag}[\s/>]", _mentions()) is not None
    stem = re.sub(r"_(subject|body|message)\.txt$", "", name)
    return f'"{name}' in _mentions() or f"'{name}" in _mentions() or f'"{stem}"' in _mentions() or _built(name) or _given_by_a_package(name)


def _built(name: str) -> bool:
    """Whether an f-string of a Python file gives this name: f"partnership/emails/{kind}"."""
    patterns = re.findall(r'f"((?:core|accounts|partnership|portal|components|layout)/[^"]*\{[^"]*)"', _mentions())
    return any(
        re.fullmatch(re.sub(r"\\\{.*?\\\}", r"[^/]+", re.escape(pattern)) + r"(_(subject|body|message)\.txt)?", name)
        for pattern in patterns
    )


def test_a_template_when_kept_then_is_used() -> None:
    house.nothing([name for path in house.templates() if not _is_used(name := house.template_name(path))])


def test_a_template_when_it_names_another_then_that_one_exists() -> None:
    wrong = []
    for path in house.templates():
        for name in re.findall(r"\{%\s*(?:include|extends)\s+[\"']([^\"'#]+)", house.template_source(path)):
            try:
                get_template(name)
            except Exception as error:
                wrong.append(f"{house.template_name(path)}: {name}: {type(error).__name__}")
    house.nothing(wrong)


def test_a_template_when_loaded_then_parses() -> None:
    wrong = []
    for path in house.templates():
        try:
            get_template(house.template_name(path))
        except Exception as error:
            wrong.append(f"{house.template_name(path)}: {error}")
    house.nothing(wrong)


def test_a_component_when_used_then_exists() -> None:
    wrong = []
    for path in house.templates():
        for tag in set(re.findall(r"<c-([a-z][\w.-]*)", house.template_source(path))) - {"slot", "vars"}:
            if not (house.TEMPLATES / "components" / f"{tag.replace('.', '/').replace('-', '_')}.html").exists():
                wrong.append(f"{house.template_name(path)}: <c-{tag}>")
    house.nothing(wrong)


def test_a_template_when_read_then_holds_no_script_style_or_handler() -> None:
    rules = {
        "inline script": re.compile(r"<script(?![^>]*\ssrc=)(?![^>]*type=[\"']application/json)[^>]*>", re.I),
        "inline style": re.compile(r"<style[\s>]", re.I),
        "style attribute": re.compile(r"\sstyle\s*=", re.I),
        "handler attribute": re.compile(r"\s(?:on[a-z]+|hx-on[:\w-]*|x-on:[\w]+)\s*=\s*[\"']", re.I),
        "javascript address": re.compile(r"javascript:", re.I),
        "page of another site": re.compile(r"<(?:script|link|img|iframe)[^>]+(?:src|href)=[\"'](?:https?:)?//", re.I),
    }
    wrong = []
    for path in house.templates():
        name = house.template_name(path)
        if path.suffix != ".html" or name.startswith("unfold/"):
            continue  # the administration's theme has its own content policy
        for what, rule in rules.items():
            if name in MAY_STYLE and what == "style attribute":
                continue
            wrong += [
                f"{name}: {what}: {found.group(0).strip()[:80]}"
                for found in rule.finditer(house.template_source(path))
                if not _is_declaration(path, found)
            ]
    house.nothing(wrong)


def _is_declaration(path: Path, found: re.Match[str]) -> bool:
    """Whether it is a variable of a component: `<c-vars :on="None" style="" …>` and `<c-date :on=…>` name a date and its form."""
    source = house.template_source(path)
    opening = source.rfind("<", 0, found.start())
    inside = ">" not in source[opening : found.start()] and re.match(r"<c-(vars|date|timeline[.-]item)\s", source[opening:])
    return bool(inside) and re.match(r"\s:?(on|style)\s*=", found.group(0)) is not None


def _subclasses(kind: type) -> set[type]:
    children: list[type] = kind.__subclasses__()
    return {kind, *(lower for child in children for lower in _subclasses(child))}


def test_a_field_when_a_template_names_it_then_a_form_has_it() -> None:
    names: set[str] = set(dir(BaseForm)) | set(dir(forms.Form)) | {"error_summary", "media", "management_form"}
    for kind in _subclasses(BaseForm):
        names |= set(getattr(kind, "base_fields", {})) | set(dir(kind))
    wrong = [
        f"{house.template_name(path)}: form.{name}"
        for path in house.templates()
        for name in re.findall(r"(?<![\w.])form\.([a-z_]\w*)", house.template_source(path))
        if name not in names and not house.template_name(path).startswith(("account/", "allauth/", "mfa/", "usersessions/"))
    ]
    house.nothing(wrong)


def test_a_text_when_shown_then_is_marked_for_translation() -> None:
    wrong = []
    for path in house.templates():
        name = house.template_name(path)
        if path.suffix != ".html" or name.startswith(("unfold/",)):
            continue
        source = re.sub(
            r"\{%\s*blocktrans(?:late)?.*?%\}.*?\{%\s*endblocktrans(?:late)?\s*%\}", "", house.template_source(path), flags=re.S
        )
        source = re.sub(r"\{% block container %\}[\w -]*\{% endblock %\}", "", source)  # a class
        source = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", "", source, flags=re.S)
        source = re.sub(r"<(script|style|code)\b.*?</\1>", "", source, flags=re.S)
        # Attributes may hold « > »: skip quoted parts inside tags.
        text = re.sub(r"<(?:[^<>\"']|\"[^\"]*\"|'[^']*')*>", "\n", source)
        for words in re.findall(r"[A-Za-z]{3,}(?:[ ,'’-]+[A-Za-z]+)*", re.sub(r"&\w+;", " ", text)):
            if words not in NAMES:
                wrong.append(f"{name}: {words}")
    house.nothing(sorted(set(wrong)))


# Names that are the same in every language.
NAMES = {"ONMT", "CNT", "PDF", "XLSX", "CSV", "API", "ICE", "API REST", "OpenAPI", "MAD", "SHA", "Esc", "Tab", "Ctrl"}


def test_a_choice_when_labelled_then_is_translated_lazily() -> None:
    from django.db.models import TextChoices

    wrong = [
        f"{kind.__module__}.{kind.__name__}.{member.name}"
        for kind in _subclasses(TextChoices)
        if kind.__module__.split(".")[0] in house.FLOORS
        for member in kind  # type: ignore[attr-defined]
        if not isinstance(member._label_, Promise)
    ]
    house.nothing(wrong)


# What costs a page its time when it is done for each row: the view prepares it once for each distinct value (core.shown).
# Each row has a form, an age and a sentence of its own: nothing there is the same twice.
OWN_ROWS = {"portal/notifications.html"}
LOOP_OF_ROWS = re.compile(r"{% for \w+ in \w+\.rows %}")
TAG_OR_FILTER = re.compile(r"{% *(?!if |elif |else |endif |for |empty |endfor )(\w+)|<c-[\w-]+|{{[^}]*\|(\w+)")


def _loop(text: str) -> str:
    """The text of a loop, from its beginning to its own end, or to what it shows without rows."""
    depth = 1
    for found in re.finditer(r"{% (for|endfor|empty)\b", text):
        depth += {"for": 1, "endfor": -1, "empty": -1 if depth == 1 else 0}[found[1]]
        if not depth:
            return text[: found.start()]
    raise AssertionError("a loop without an end")


def _costly(text: str) -> list[str]:
    return [found[0] for start in LOOP_OF_ROWS.finditer(text) for found in TAG_OR_FILTER.finditer(_loop(text[start.end() :]))]


def test_a_list_when_it_shows_its_rows_then_runs_no_tag_nor_filter_nor_component_for_each_of_them() -> None:
    texts = {house.template_name(path): path.read_text(encoding="utf-8") for path in house.templates()}
    assert {f"partnership/{name}_list.html" for name in ("action", "convention", "organisation")} <= {
        name for name, text in texts.items() if LOOP_OF_ROWS.search(text)
    }
    house.nothing([f"{name}: {found}" for name, text in texts.items() if name not in OWN_ROWS for found in _costly(text)])


def test_a_tag_when_it_stands_in_a_loop_of_rows_then_is_found() -> None:
    loop = "{% for row in page.rows %}{% for one in row.parts %}{{ one }}{% endfor %}{% if row.late %}<b>{{ row.title }}</b>{% endif %}"
    assert _costly(f"{loop}{{% endfor %}}{{% url 'x' %}}") == []
    for tag, name in (("{% url 'x' row.pk %}", "{% url"), ("<c-person />", "<c-person"), ("{{ row.due|date }}", "{{ row.due|date")):
        assert _costly(f"{loop}{tag}{{% endfor %}}") == [name]
