"""Regions and destinations: reference data, loaded by a command, read here."""

from __future__ import annotations

from django.contrib import admin

from core.admin.base import BaseAdmin
from partnership.models import Destination, Region


@admin.register(Region)
class RegionAdmin(BaseAdmin):
    """The twelve regions. Read only: a decree names them."""

    list_display = ("code", "name_fr", "name_ar", "name_en", "capital_fr")
    search_fields = ("search_key",)
    ordering = ("code",)
    fields = ("code", "name_fr", "name_ar", "name_en", "capital_fr", "capital_ar", "source")


@admin.register(Destination)
class DestinationAdmin(BaseAdmin):
    """The places that tourism statistics use. Read only."""

    list_display = ("name_fr", "name_ar", "name_en", "region")
    list_filter = ("region",)
    list_select_related = ("region",)
    search_fields = ("search_key",)
    ordering = ("slug",)
    fields = ("slug", "region", "name_fr", "name_ar", "name_en", "source")
