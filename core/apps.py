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
        """Register the system checks; after each `migrate`, install the triggers (pghistory's own are declared then) and the wall."""
        from core import checks, triggers  # noqa: F401
        from core.wall.install import after_migrate

        post_migrate.connect(triggers.install, sender=apps.get_app_config("pgtrigger"))
        post_migrate.connect(after_migrate, sender=self, dispatch_uid="core.wall")


class AdministrationConfig(admin_apps.AdminConfig):
    """Django's administration, as our own site."""

    default = False
    default_site = "core.adminsite.Site"
