"""What the API remembers of its callers: how many requests this minute, and which writes were already done."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from core import clock


class IdempotencyKey(models.Model):
    """A write that a caller named with its own key: asked again, it gets the first answer and writes nothing.

    The row is written in the transaction of the act, so that the key exists exactly when the act was done.
    """

    principal = models.CharField(_("caller"), max_length=80)
    key = models.CharField(_("key"), max_length=255)
    fingerprint = models.CharField(_("digest of the request"), max_length=64)
    status = models.PositiveSmallIntegerField(_("status"), default=0)
    body = models.JSONField(_("answer"), null=True)
    headers = models.JSONField(_("headers"), default=dict)
    created_at = models.DateTimeField(_("created at"), default=clock.now)

    class Meta:
        verbose_name = _("idempotency key")
        verbose_name_plural = _("idempotency keys")
        constraints = [models.UniqueConstraint(fields=["principal", "key"], name="core_idempotency_once")]
        indexes = [models.Index(fields=["created_at"], name="core_idempotency_age")]

    def __str__(self) -> str:
        return f"{self.principal} {self.key}"


class Quota(models.Model):
    """The requests of one caller during one minute. One row per caller, taken over by the next minute."""

    caller = models.CharField(_("caller"), max_length=80, primary_key=True)
    minute = models.PositiveIntegerField(_("minute"))
    hits = models.PositiveIntegerField(_("requests"))

    class Meta:
        verbose_name = _("quota")
        verbose_name_plural = _("quotas")
        indexes = [models.Index(fields=["minute"], name="core_quota_age")]

    def __str__(self) -> str:
        return f"{self.caller}: {self.hits}"
