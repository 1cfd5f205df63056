"""Mechanisms without a word of the trade."""

from django.apps import AppConfig
from django.contrib.admin.apps import AdminConfig
from django.utils.translation import gettext_lazy as _


class CoreConfig(AppConfig):
    default = True
    name = "core"
    verbose_name = _("Core")


class AdministrationConfig(AdminConfig):
    """Django's administration, as our own site."""

    default = False
    default_site = "core.adminsite.Site"

    def ready(self) -> None:
        """Register the system checks."""
        from core import checks  # noqa: F401
