"""The administration's addresses, and what a browser sends back of its forms."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

from django.urls import reverse


def act_url(obj: Any, slug: str) -> str:
    return reverse(f"admin:partnership_{obj._meta.model_name}_act", args=[obj.pk, slug])


def change_url(obj: Any) -> str:
    return reverse(f"admin:{obj._meta.app_label}_{obj._meta.model_name}_change", args=[obj.pk])


def typed(page: str) -> dict[str, Any]:
    """What a browser would send back of a page's form: its inputs, its texts, its choices."""
    page = unescape(page)
    values: dict[str, Any] = {}
    for tag in re.findall(r"<input[^>]*>", page):
        name, value = re.search(r'name="([^"]+)"', tag), re.search(r'value="([^"]*)"', tag)
        if name and value and 'type="checkbox"' in tag and re.search(r"\schecked>$", tag):
            values.setdefault(name.group(1), []).append(value.group(1))
        elif name and not name.group(1).startswith(("_", "csrf")) and 'type="checkbox"' not in tag:
            values[name.group(1)] = value.group(1) if value else ""
    for name, text in re.findall(r'<textarea[^>]*name="([^"]+)"[^>]*>\s*(.*?)</textarea>', page, re.S):
        values[name] = text
    for name, options in re.findall(r'<select[^>]*name="([^"]+)"[^>]*>(.*?)</select>', page, re.S):
        chosen = re.search(r'<option value="([^"]*)"[^>]*selected', options)
        values[name] = chosen.group(1) if chosen else ""
    return values
