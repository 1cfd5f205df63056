"""Public holidays: estimated ones are confirmed, or moved, when the announcement comes."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, Final

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from core import calendar, clock
from core.acts import Act, ActForm
from core.admin.base import BaseAdmin
from core.choices import HolidayStatus
from core.forms import DateInput
from core.models import Holiday
from core.rights import can_operate
from core.templatetags.ui import state_badge

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet
    from django.http import HttpRequest
    from django.utils.functional import _StrOrPromise

SOON: Final = timedelta(days=60)


def to_confirm() -> QuerySet[Holiday]:
    """The feasts of the coming sixty days whose day is still an estimate (their first day: it moves the others)."""
    today = clock.today()
    return Holiday.objects.filter(status=HolidayStatus.ESTIMATED, is_margin=False, rank=1, date__range=(today, today + SOON))


class ConfirmForm(ActForm):
    """The official day, and what announced it."""

    date = forms.DateField(label=_("Official day"), widget=DateInput)
    reason = forms.CharField(
        label=_("Announcement"), max_length=300, help_text=_("For instance: communiqué of the ministry of Habous, 19 March.")
    )

    @classmethod
    def initial_of(cls, obj: Any) -> dict[str, Any]:
        """The day known so far."""
        return {"date": obj.date}


HOLIDAY_ACTS: Final[Sequence[Act]] = (
    Act(
        slug="confirm",
        label=_("Confirm or move"),
        title=_("Set the official day of this holiday"),
        consequences=_(
            "Every deadline counted in working days follows at once, reminders included. "
            "The other days of the feast move with its first one."
        ),
        done=_("The official day is set."),
        can=lambda user, obj: can_operate(user),
        service=calendar.confirm_holiday,
        target="holiday",
        form=ConfirmForm,
        icon="calendar",
    ),
)


class WhenFilter(admin.SimpleListFilter):
    """Past days hide what is to come: the list opens on the future."""

    title = _("when")
    parameter_name = "when"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin[Any]) -> list[tuple[str, _StrOrPromise]]:
        """To confirm soon, to come, past."""
        return [("soon", _("To confirm within 60 days")), ("coming", _("To come")), ("past", _("Past"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """Days of Casablanca."""
        if self.value() == "soon":
            return queryset.filter(pk__in=to_confirm().values("pk"))
        if self.value() == "coming":
            return queryset.filter(date__gte=clock.today())
        return queryset.filter(date__lt=clock.today()) if self.value() == "past" else queryset


@admin.register(Holiday)
class HolidayAdmin(BaseAdmin):
    """Read by every role; confirmed by those who run the portal."""

    acts = HOLIDAY_ACTS
    list_display = ("name", "date", "shown_state", "source")
    list_filter = (WhenFilter, "status")
    search_fields = ("name_fr", "name_ar", "name_en")
    date_hierarchy = "date"
    ordering = ("date", "feast", "rank")
    fields = ("name_fr", "name_ar", "name_en", "date", "status", "rank", "is_margin", "feast", "source")

    def possible(self, user: Any, obj: Holiday) -> list[Act]:
        """A possible day is not confirmed: the first day of its feast is."""
        return [] if obj.is_margin else super().possible(user, obj)

    @admin.display(description=_("name"), ordering="name_fr")
    def name(self, obj: Holiday) -> str:
        """In the reader's language."""
        return obj.name

    @admin.display(description=_("state"), ordering="status")
    def shown_state(self, obj: Holiday) -> str:
        """The state as a badge."""
        if obj.is_margin:
            return state_badge("", label=_("possible day"))
        return state_badge(HolidayStatus(obj.status), colour="green" if obj.status == HolidayStatus.CONFIRMED else "amber")
