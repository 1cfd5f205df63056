"""Strict input and described output. What is written is parsed here and judged by a service; what is read is shaped by plain functions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.utils.translation import gettext_lazy as _
from rest_framework import serializers

from core.validation import FIRST_YEAR, LAST_YEAR


class StrictInput(serializers.Serializer[Any]):
    """A body whose every key is known: a misspelt or a forbidden field is refused, never ignored."""

    def to_internal_value(self, data: Any) -> Any:
        """The parsed values, or every error by field."""
        if isinstance(data, Mapping):
            unknown = {str(name)[:100]: [self._unknown()] for name in data if name not in self.fields}
            if unknown:
                raise serializers.ValidationError(unknown)
        return super().to_internal_value(data)

    @staticmethod
    def _unknown() -> serializers.ErrorDetail:
        return serializers.ErrorDetail(str(_("This field does not exist here.")), code="unknown_field")


class Text(serializers.CharField):
    """A text and nothing else: a number is not silently made one."""

    def to_internal_value(self, data: Any) -> str:
        """The text, trimmed."""
        if not isinstance(data, str):
            self.fail("invalid")
        return str(super().to_internal_value(data))


class WholeNumber(serializers.IntegerField):
    """A whole number and nothing else: neither a text, nor true, nor 5.0."""

    def to_internal_value(self, data: Any) -> int:
        """The number."""
        if type(data) is not int:
            self.fail("invalid")
        return int(super().to_internal_value(data))


class Day(serializers.DateField):
    """A civil date written 2026-11-23, from 2000 to 2100."""

    default_error_messages = {"out_of_range": _("The year must be from 2000 to 2100.")}

    def to_internal_value(self, value: Any) -> Any:
        """The date."""
        if not isinstance(value, str):
            self.fail("invalid", format="YYYY-MM-DD")
        day = super().to_internal_value(value)
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            self.fail("out_of_range")
        return day


class Upload(serializers.FileField):
    """A file of a multipart form; the service inspects its content."""

    def to_internal_value(self, data: Any) -> Any:
        """The file as received."""
        if not isinstance(data, UploadedFile):
            self.fail("invalid")
        return data


# -- what answers look like (for the schema; tests hold the shapes to it) ---------------------------------------------


class Output(serializers.Serializer[Any]):
    """A described answer: never used to build one."""


class TranslatedOutput(Output):
    """A text in the three languages; null where there is no translation."""

    fr = serializers.CharField(allow_null=True)
    ar = serializers.CharField(allow_null=True)
    en = serializers.CharField(allow_null=True)


class LabelledOutput(Output):
    """A stable code for programs, and its word in the language of the request."""

    code = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]


class MoneyOutput(Output):
    """An amount as text, so that no digit is lost, with its currency."""

    amount = serializers.RegexField(r"^[0-9]+\.[0-9]{2}$")
    currency = serializers.ChoiceField([("MAD", "MAD")])
