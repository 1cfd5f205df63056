"""The theme's own words, which it ships in English only and which Django's catalogues do not hold: listed here to be translated.

Left out: the theme's optional parts that the portal does not install (import and export, guardian, simple history, editor).
"""

from __future__ import annotations

from typing import Final

from django.utils.translation import gettext_noop

STRINGS: Final = (
    gettext_noop("Run"),
    gettext_noop("Filters"),
    gettext_noop("Expand row"),
    gettext_noop("Type to search"),
    gettext_noop("No data"),
    gettext_noop("More actions"),
    gettext_noop("All applications"),
    gettext_noop("True"),
    gettext_noop("False"),
    gettext_noop("Apply Filters"),
    gettext_noop("Select all rows"),
    gettext_noop("Recent searches"),
    gettext_noop("No recent searches"),
    gettext_noop("No results matching your query"),
    gettext_noop("Loading more results..."),
    gettext_noop("Cancel"),
    gettext_noop("Record picture"),
    gettext_noop("No results found"),
    gettext_noop("This page yielded into no results. Create a new item or reset your filters."),
    gettext_noop("Reset filters"),
    gettext_noop("Image preview"),
    gettext_noop("Click to download"),
    gettext_noop("Go back"),
    gettext_noop("Previous"),
    gettext_noop("Next"),
    gettext_noop("Search apps and models..."),
    gettext_noop("General"),
    gettext_noop("Light"),
    gettext_noop("Dark"),
    gettext_noop("System"),
    gettext_noop("Return to site"),
    gettext_noop("Choose file to upload"),
    gettext_noop("Toggle password visibility"),
    gettext_noop("Add row"),
    gettext_noop("Select record"),
    gettext_noop("Select action"),
    gettext_noop("From"),
    gettext_noop("To"),
    gettext_noop("Date from"),
    gettext_noop("Date to"),
    gettext_noop("Select value"),
    gettext_noop("Select action to run"),
    gettext_noop("Not enough data."),
    gettext_noop("You have been successfully logged out from the administration"),
    gettext_noop("Welcome"),
)
