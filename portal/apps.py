"""The roof: pages that look at several wings; no models."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class PortalConfig(AppConfig):
    """The roof."""

    name = "portal"
    verbose_name = _("Portal")

    def ready(self) -> None:
        """Say who reacts to what; the imports wait until every model is loaded."""
        from core.events import subscribe
        from portal.reactions import REACTIONS

        subscribe(REACTIONS)
