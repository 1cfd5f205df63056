"""Territory, organisations, people, the convention and what it engages."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PartnershipConfig(AppConfig):
    """The app."""

    name = "partnership"
    verbose_name = _("Partnership")
