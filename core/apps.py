"""Mechanisms without a word of the trade."""

from django.apps import AppConfig
from django.contrib.admin import apps as admin_apps  # the module: a class imported here would be a second default
from django.utils.translation import gettext_lazy as _


class CoreConfig(AppConfig):
    """The cellar."""

    default = True
    name = "core"
    verbose_name = _("Core")

    def ready(self) -> None:
        """Register the system checks."""
        from core import checks  # noqa: F401


class AdministrationConfig(admin_apps.AdminConfig):
    """Django's administration, as our own site."""

    default = False
    default_site = "core.adminsite.Site"
