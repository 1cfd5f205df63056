"""What every noun's row has."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from core.ids import new_id


class Base(models.Model):
    """An opaque id ordered by time, and the instants of creation and last change."""

    id = models.UUIDField(_("identifier"), primary_key=True, default=new_id, editable=False)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    updated_at = models.DateTimeField(_("updated at"), auto_now=True)

    class Meta:
        abstract = True
