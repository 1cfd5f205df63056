"""What is read from a request's body: less than the formats allow, so that nothing strange reaches the services."""

from __future__ import annotations

import json
from typing import IO, TYPE_CHECKING, Any, Final, NoReturn

from django.conf import settings
from django.utils.translation import gettext_lazy as _
from rest_framework.parsers import BaseParser, MultiPartParser

from core.api.errors import ApiError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rest_framework.parsers import DataAndFiles

MAX_BYTES: Final = 2 * 1024 * 1024
MAX_DEPTH: Final = 20
MAX_NODES: Final = 50_000
INT64: Final = 2**63


def _too_large() -> ApiError:
    return ApiError(413, "too_large", _("The request is larger than what is accepted."))


def _refuse(code: str, detail: Any) -> NoReturn:
    raise ApiError(400, code, detail)


class StrictJSONParser(BaseParser):
    """JSON of at most 2 MB, depth 20 and 50,000 values; no NaN, no integer beyond 64 bits, no NUL, no lone surrogate, no key twice."""

    media_type = "application/json"

    def parse(self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        """The value, or a problem (400, 413)."""
        raw = stream.read(MAX_BYTES + 1)
        if len(raw) > MAX_BYTES:
            raise _too_large()
        try:
            text = raw.decode("utf-8")
        except UnicodeDecodeError:
            _refuse("bad_encoding", _("The body is not UTF-8 text."))
        _check_depth(text)
        try:
            value = json.loads(text, parse_int=_integer, parse_float=_decimal, parse_constant=_constant, object_pairs_hook=_object)
        except (ValueError, RecursionError):
            _refuse("bad_json", _("The body is not valid JSON."))
        _check_values(value)
        return value


def _check_depth(text: str) -> None:
    """Before decoding, which recurses: brackets outside of strings."""
    depth, in_string, escaped = 0, False, False
    for character in text:
        if in_string:
            if escaped:
                escaped = False
            elif character == "\\":
                escaped = True
            elif character == '"':
                in_string = False
        elif character == '"':
            in_string = True
        elif character in "[{":
            depth += 1
            if depth > MAX_DEPTH:
                _refuse("too_deep", _("The body is nested too deeply."))
        elif character in "]}":
            depth -= 1


def _integer(text: str) -> int:
    if len(text) > 20 or not -INT64 <= int(text) < INT64:
        _refuse("number_too_large", _("A number is too large."))
    return int(text)


def _decimal(text: str) -> float:
    value = float(text) if len(text) <= 40 else float("inf")
    if value in (float("inf"), float("-inf")):
        _refuse("number_too_large", _("A number is too large."))
    return value


def _constant(text: str) -> NoReturn:
    _refuse("bad_json", _("The body is not valid JSON."))


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        _refuse("repeated_key", _("A key is given more than once in the same object."))
    return value


def _check_values(value: Any) -> None:
    """Counts and walks without recursion."""
    waiting, count = [value], 0
    while waiting:
        item = waiting.pop()
        count += 1
        if count > MAX_NODES:
            _refuse("too_many_values", _("The body holds too many values."))
        if isinstance(item, dict):
            waiting.extend(item)
            waiting.extend(item.values())
        elif isinstance(item, list):
            waiting.extend(item)
        elif isinstance(item, str):
            check_text(item)


def check_text(text: str) -> None:
    """Refuse (400) characters that no text contains and no database stores."""
    if "\x00" in text or any("\ud800" <= character <= "\udfff" for character in text):
        _refuse("bad_characters", _("The text contains characters that cannot be stored."))


class StrictMultiPartParser(MultiPartParser):
    """A form with files: the whole is bounded before it is read, names and texts are checked as those of JSON."""

    def parse(
        self, stream: IO[Any], media_type: str | None = None, parser_context: Mapping[str, Any] | None = None
    ) -> DataAndFiles[Any, Any]:
        """The fields and the files, or a problem (400, 413)."""
        request = (parser_context or {})["request"]
        length = request.META.get("CONTENT_LENGTH") or ""
        if length.isdigit() and (len(length) > 12 or int(length) > settings.UPLOAD_MAX_BYTES + MAX_BYTES):
            raise _too_large()
        parsed: DataAndFiles[Any, Any] = super().parse(stream, media_type, dict(parser_context or {}))
        for fields in (parsed.data, parsed.files):
            for name, values in fields.lists():
                check_text(name)
                if len(values) > 1:
                    raise ApiError(400, "repeated_key", _("This field is given more than once."), field=name[:100])
        for name in parsed.data:
            check_text(parsed.data[name])
        return parsed
