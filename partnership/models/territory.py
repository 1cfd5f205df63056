"""The 12 regions of decree 2-15-40 and the destinations that tourism statistics use."""

from __future__ import annotations

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from core.audit import audited
from core.models import Base
from core.search import search_column, search_index


def translated(obj: object, field: str) -> str:
    """The `field` of a row in the reader's language, French when that language has nothing."""
    language = (get_language() or "fr")[:2]
    value: str = getattr(obj, f"{field}_{language}", "") or getattr(obj, f"{field}_fr")
    return value


@audited()
class Region(Base):
    """One of the 12 regions. Source of names: HCP (RGPH 2024, CC BY 4.0); codes: ISO 3166-2:MA; decree 2-15-40."""

    code = models.CharField(_("code"), max_length=5, unique=True, help_text=_("ISO 3166-2, such as MA-07"))
    name_fr = models.CharField(_("name in French"), max_length=80)
    name_ar = models.CharField(_("name in Arabic"), max_length=80)
    name_en = models.CharField(_("name in English"), max_length=80)
    capital_fr = models.CharField(_("chief town in French"), max_length=80)
    capital_ar = models.CharField(_("chief town in Arabic"), max_length=80, blank=True)
    source = models.CharField(_("source"), max_length=300)
    search_key = search_column("code", "name_fr", "name_ar", "name_en", "capital_fr", "capital_ar")

    class Meta:
        verbose_name = _("region")
        verbose_name_plural = _("regions")
        ordering = ["code"]
        indexes = [search_index("partnership_region_search")]
        constraints = [models.CheckConstraint(condition=models.Q(code__regex=r"^MA-(0[1-9]|1[0-2])$"), name="partnership_region_code")]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The name in the reader's language."""
        return translated(self, "name")


@audited()
class Destination(Base):
    """A place as tourism statistics name it; it lies in one region and is not one (Al Haouz beside Marrakech)."""

    slug = models.SlugField(_("slug"), max_length=60, unique=True)
    region = models.ForeignKey(Region, on_delete=models.PROTECT, related_name="destinations", verbose_name=_("region"))
    name_fr = models.CharField(_("name in French"), max_length=80)
    name_ar = models.CharField(_("name in Arabic"), max_length=80)
    name_en = models.CharField(_("name in English"), max_length=80)
    source = models.CharField(_("source"), max_length=300)
    search_key = search_column("name_fr", "name_ar", "name_en")

    class Meta:
        verbose_name = _("destination")
        verbose_name_plural = _("destinations")
        ordering = ["slug"]
        indexes = [search_index("partnership_destination_search")]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        """The name in the reader's language."""
        return translated(self, "name")
