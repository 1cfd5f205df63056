"""Mechanisms without a word of the trade."""

from django.apps import AppConfig, apps
from django.contrib.admin import apps as admin_apps  # the module: a class imported here would be a second default
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class CoreConfig(AppConfig):
    """The cellar."""

    default = True
    name = "core"
    verbose_name = _("Core")

    def ready(self) -> None:
        """Register the system checks, and the triggers' place at the end of `migrate`: last, when pghistory's own are declared."""
        from core import checks, triggers  # noqa: F401

        post_migrate.connect(triggers.install, sender=apps.get_app_config("pgtrigger"))


class AdministrationConfig(admin_apps.AdminConfig):
    """Django's administration, as our own site."""

    default = False
    default_site = "core.adminsite.Site"
