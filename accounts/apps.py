"""The front door: users, sign-in, second factor."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AccountsConfig(AppConfig):
    """The app, and its checks."""

    name = "accounts"
    verbose_name = _("Accounts")

    def ready(self) -> None:
        """Register the checks."""
        from accounts import checks  # noqa: F401
