"""What the API remembers of its callers: how many requests this minute, which writes were already done, what they were told."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from core import clock
from core.ids import new_id


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


class Feed(models.Model):
    """The change feed of one organisation's programs: up to which number it has been written, and when each type was last compared."""

    organisation = models.UUIDField(_("organisation"), primary_key=True)
    generation = models.UUIDField(_("generation"), default=new_id)
    sequence = models.BigIntegerField(_("last number"), default=0)
    forgotten = models.BigIntegerField(_("last number forgotten"), default=0)
    compared = models.JSONField(_("last comparisons"), default=dict)
    asked_at = models.DateTimeField(_("last asked at"), default=clock.now)

    class Meta:
        verbose_name = _("change feed")
        verbose_name_plural = _("change feeds")
        indexes = [models.Index(fields=["asked_at"], name="core_feed_age")]

    def __str__(self) -> str:
        return str(self.organisation)


class FeedEntry(models.Model):
    """The last thing an organisation's programs were told of one object. `shown_from` is the number at which it came into their sight."""

    organisation = models.UUIDField(_("organisation"))
    type = models.CharField(_("kind of object"), max_length=60)
    object = models.UUIDField(_("object"))
    version = models.UUIDField(_("digest of its version"), null=True)
    gone = models.BooleanField(_("gone"))
    sequence = models.BigIntegerField(_("number"))
    shown_from = models.BigIntegerField(_("shown since number"))
    noted_at = models.DateTimeField(_("noted at"))

    class Meta:
        verbose_name = _("entry of a change feed")
        verbose_name_plural = _("entries of change feeds")
        constraints = [models.UniqueConstraint(fields=["organisation", "type", "object"], name="core_feedentry_once")]
        indexes = [
            models.Index(fields=["organisation", "sequence"], name="core_feedentry_order"),
            models.Index(fields=["noted_at"], condition=models.Q(gone=True), name="core_feedentry_gone"),
        ]

    def __str__(self) -> str:
        return f"{self.sequence} {self.type} {self.object}"
