"""The short notice that stands wherever personal data are asked for."""

from __future__ import annotations

from typing import Any

from django import template
from django.conf import settings

from core.models import Receipt
from core.privacy import register as register_of_processing

register = template.Library()


@register.simple_tag
def privacy_facts(processing: str) -> dict[str, Any]:
    """Who answers, for what, where the rights are explained; the receipt of the declaration only once there is one. One query."""
    entry = register_of_processing.find(processing)
    receipt = Receipt.objects.filter(processing=processing, kind="declaration").values_list("number", flat=True).first()
    return {"controller": entry.controller, "purpose": entry.purpose, "receipt": receipt or "", "url": settings.PRIVACY_PUBLIC_PATH}
