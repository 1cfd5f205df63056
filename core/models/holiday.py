"""Morocco's public holidays."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from core.audit import audited
from core.choices import HolidayStatus
from core.models.base import Base


@audited()
class Holiday(Base):
    """One day off. Religious feasts follow the sighting of the moon: estimated until somebody confirms the day."""

    feast = models.SlugField(_("feast"), max_length=60, help_text=_("The feast and its year, such as eid-al-fitr-2027"))
    rank = models.PositiveSmallIntegerField(_("day of the feast"), default=1)
    date = models.DateField(_("date"))
    name_fr = models.CharField(_("name in French"), max_length=120)
    name_ar = models.CharField(_("name in Arabic"), max_length=120)
    name_en = models.CharField(_("name in English"), max_length=120)
    status = models.CharField(_("state"), max_length=10, choices=HolidayStatus.choices)
    is_margin = models.BooleanField(
        _("possible day"), default=False, help_text=_("The day after an estimated feast: the moon may be seen one day later in Morocco")
    )
    source = models.CharField(_("source"), max_length=300)

    class Meta:
        verbose_name = _("public holiday")
        verbose_name_plural = _("public holidays")
        ordering = ["date", "feast", "rank"]
        indexes = [models.Index(fields=["date"], name="core_holiday_date")]
        constraints = [
            models.UniqueConstraint(fields=["feast", "rank"], name="core_holiday_once"),
            models.CheckConstraint(condition=Q(rank__gte=1), name="core_holiday_rank"),
            models.CheckConstraint(condition=Q(is_margin=False) | Q(status="estimated"), name="core_holiday_margin"),
        ]

    def __str__(self) -> str:
        return f"{self.name} · {self.date:%Y-%m-%d}"

    @property
    def name(self) -> str:
        """The name in the reader's language."""
        name: str = getattr(self, f"name_{(get_language() or 'fr')[:2]}", "") or self.name_fr
        return name
