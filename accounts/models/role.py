"""Who holds which staff role, in the audit trail."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pghistory
from django.utils.translation import gettext_lazy as _

from accounts.models.user import User

if TYPE_CHECKING:
    from django.db.models import Model

    Holding = Model
else:
    Holding = User.groups.through


@pghistory.track(pghistory.InsertEvent(), pghistory.DeleteEvent(), obj_field=None, meta={"indexes": []})
class HeldRole(Holding):
    """A role of an account: a proxy of Django's own table, so that giving and taking a role is recorded like any other change."""

    class Meta:
        proxy = True
        app_label = "accounts"
        verbose_name = _("staff role held")
        verbose_name_plural = _("staff roles held")
