import django.contrib.postgres.fields
import django.core.serializers.json
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import core.clock
import core.ids


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "__first__"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("core", "0001_database"),
        ("pghistory", "0007_auto_20250421_0444"),
    ]

    operations = [
        migrations.CreateModel(
            name="Heartbeat",
            fields=[
                ("name", models.CharField(max_length=100, primary_key=True, serialize=False, verbose_name="round")),
                ("beaten_at", models.DateTimeField(default=core.clock.now, verbose_name="last well done at")),
                (
                    "detail",
                    models.JSONField(
                        blank=True, default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder, verbose_name="detail"
                    ),
                ),
            ],
            options={
                "verbose_name": "heartbeat",
                "verbose_name_plural": "heartbeats",
                "ordering": ["name"],
            },
        ),
        migrations.CreateModel(
            name="Holiday",
            fields=[
                (
                    "id",
                    models.UUIDField(default=core.ids.new_id, editable=False, primary_key=True, serialize=False, verbose_name="identifier"),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="updated at")),
                (
                    "feast",
                    models.SlugField(help_text="The feast and its year, such as eid-al-fitr-2027", max_length=60, verbose_name="feast"),
                ),
                ("rank", models.PositiveSmallIntegerField(default=1, verbose_name="day of the feast")),
                ("date", models.DateField(verbose_name="date")),
                ("name_fr", models.CharField(max_length=120, verbose_name="name in French")),
                ("name_ar", models.CharField(max_length=120, verbose_name="name in Arabic")),
                ("name_en", models.CharField(max_length=120, verbose_name="name in English")),
                (
                    "status",
                    models.CharField(choices=[("estimated", "Estimated"), ("confirmed", "Confirmed")], max_length=10, verbose_name="state"),
                ),
                (
                    "is_margin",
                    models.BooleanField(
                        default=False,
                        help_text="The day after an estimated feast: the moon may be seen one day later in Morocco",
                        verbose_name="possible day",
                    ),
                ),
                ("source", models.CharField(max_length=300, verbose_name="source")),
            ],
            options={
                "verbose_name": "public holiday",
                "verbose_name_plural": "public holidays",
                "ordering": ["date", "feast", "rank"],
                "indexes": [models.Index(fields=["date"], name="core_holiday_date")],
                "constraints": [
                    models.UniqueConstraint(fields=("feast", "rank"), name="core_holiday_once"),
                    models.CheckConstraint(condition=models.Q(("rank__gte", 1)), name="core_holiday_rank"),
                    models.CheckConstraint(
                        condition=models.Q(("is_margin", False), ("status", "estimated"), _connector="OR"), name="core_holiday_margin"
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="IdempotencyKey",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("principal", models.CharField(max_length=80, verbose_name="caller")),
                ("key", models.CharField(max_length=255, verbose_name="key")),
                ("fingerprint", models.CharField(max_length=64, verbose_name="digest of the request")),
                ("status", models.PositiveSmallIntegerField(default=0, verbose_name="status")),
                ("body", models.JSONField(null=True, verbose_name="answer")),
                ("headers", models.JSONField(default=dict, verbose_name="headers")),
                ("created_at", models.DateTimeField(default=core.clock.now, verbose_name="created at")),
            ],
            options={
                "verbose_name": "idempotency key",
                "verbose_name_plural": "idempotency keys",
                "indexes": [models.Index(fields=["created_at"], name="core_idempotency_age")],
                "constraints": [models.UniqueConstraint(fields=("principal", "key"), name="core_idempotency_once")],
            },
        ),
        migrations.CreateModel(
            name="Job",
            fields=[
                (
                    "id",
                    models.UUIDField(default=core.ids.new_id, editable=False, primary_key=True, serialize=False, verbose_name="identifier"),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="updated at")),
                ("kind", models.CharField(max_length=60, verbose_name="kind")),
                ("params", models.JSONField(blank=True, default=dict, verbose_name="parameters")),
                ("unique_key", models.CharField(max_length=200, verbose_name="key of uniqueness")),
                ("organisation_id", models.UUIDField(blank=True, null=True, verbose_name="organisation")),
                (
                    "language",
                    models.CharField(
                        choices=[("fr", "Français"), ("ar", "العربية"), ("en", "English")],
                        default="fr",
                        max_length=5,
                        verbose_name="language",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("requested", "Requested"),
                            ("running", "Running"),
                            ("done", "Ready"),
                            ("failed", "Failed"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="requested",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("progress", models.PositiveSmallIntegerField(default=0, verbose_name="progress (%)")),
                ("progress_label", models.CharField(blank=True, max_length=200, verbose_name="step")),
                ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="attempts")),
                (
                    "lease_until",
                    models.DateTimeField(blank=True, help_text="Until then no other worker takes it", null=True, verbose_name="held until"),
                ),
                ("as_of", models.DateTimeField(blank=True, help_text="The instant whose data it shows", null=True, verbose_name="as of")),
                ("finished_at", models.DateTimeField(blank=True, null=True, verbose_name="finished at")),
                ("error", models.CharField(blank=True, max_length=500, verbose_name="what went wrong")),
                ("result", models.FileField(blank=True, max_length=200, upload_to="", verbose_name="file")),
                ("filename", models.CharField(blank=True, max_length=200, verbose_name="file name")),
                ("media_type", models.CharField(blank=True, max_length=100, verbose_name="media type")),
                ("size", models.PositiveBigIntegerField(blank=True, null=True, verbose_name="size (bytes)")),
                ("sha256", models.CharField(blank=True, max_length=64, verbose_name="SHA-256")),
                ("expires_at", models.DateTimeField(blank=True, null=True, verbose_name="kept until")),
                ("recipients", models.ManyToManyField(blank=True, related_name="+", to=settings.AUTH_USER_MODEL, verbose_name="made for")),
                (
                    "requested_by",
                    models.ForeignKey(
                        blank=True,
                        help_text="Empty: the portal itself",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="requested by",
                    ),
                ),
            ],
            options={
                "verbose_name": "background job",
                "verbose_name_plural": "background jobs",
                "ordering": ["-created_at", "-id"],
                "indexes": [
                    models.Index(fields=["requested_by", "-created_at"], name="core_job_mine"),
                    models.Index(
                        condition=models.Q(("state__in", ["requested", "running"])), fields=["lease_until", "id"], name="core_job_waiting"
                    ),
                    models.Index(condition=models.Q(("result", ""), _negated=True), fields=["expires_at"], name="core_job_kept"),
                    models.Index(condition=models.Q(("state", "done")), fields=["kind", "-as_of"], name="core_job_done"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("requested_by", "kind", "unique_key"), name="core_job_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("requested_by", None)), fields=("kind", "unique_key"), name="core_job_own_once"
                    ),
                    models.CheckConstraint(condition=models.Q(("progress__lte", 100)), name="core_job_progress"),
                    models.CheckConstraint(condition=models.Q(("attempts__lte", 3)), name="core_job_attempts"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "running"), _negated=True),
                            models.Q(("as_of__isnull", False), ("lease_until__isnull", False)),
                            _connector="OR",
                        ),
                        name="core_job_leased",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("finished_at", None), ("state__in", ["requested", "running"])),
                            models.Q(models.Q(("state__in", ["requested", "running"]), _negated=True), ("finished_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="core_job_finished",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "failed"), _negated=True), models.Q(("error", ""), _negated=True), _connector="OR"
                        ),
                        name="core_job_error",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("state", "done"), _negated=True),
                            models.Q(("expires_at__isnull", False), ("sha256__regex", "^[0-9a-f]{64}$"), ("size__isnull", False)),
                            _connector="OR",
                        ),
                        name="core_job_result",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("result", ""), ("state", "done"), _connector="OR"), name="core_job_file_when_done"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("expires_at", None), ("expires_at__gt", models.F("created_at")), _connector="OR"),
                        name="core_job_dates",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="OutboxMail",
            fields=[
                (
                    "id",
                    models.UUIDField(default=core.ids.new_id, editable=False, primary_key=True, serialize=False, verbose_name="identifier"),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="updated at")),
                (
                    "to_email",
                    models.EmailField(
                        help_text="An account's mail goes to the address the account has when it leaves.",
                        max_length=254,
                        verbose_name="address",
                    ),
                ),
                (
                    "language",
                    models.CharField(
                        choices=[("fr", "Français"), ("ar", "العربية"), ("en", "English")], max_length=5, verbose_name="language"
                    ),
                ),
                ("kind", models.CharField(max_length=80, verbose_name="kind")),
                ("key", models.CharField(blank=True, help_text="Makes the mail unique when not empty", max_length=200, verbose_name="key")),
                ("day", models.DateField(blank=True, help_text="Of a mail of the day: the Casablanca date", null=True, verbose_name="day")),
                ("subject", models.CharField(blank=True, max_length=300, verbose_name="subject")),
                ("body", models.TextField(blank=True, verbose_name="text")),
                (
                    "is_sensitive",
                    models.BooleanField(
                        default=False, help_text="Its text is erased once it has left.", verbose_name="holds a one-time link"
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("queued", "Waiting to leave"),
                            ("sending", "Being sent"),
                            ("sent", "Handed over"),
                            ("failed", "Failed"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="queued",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("not_before", models.DateTimeField(default=core.clock.now, verbose_name="leaves at")),
                ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="attempts")),
                ("max_attempts", models.PositiveSmallIntegerField(default=8, verbose_name="attempts allowed")),
                ("lease_until", models.DateTimeField(blank=True, null=True, verbose_name="held until")),
                ("sent_at", models.DateTimeField(blank=True, null=True, verbose_name="handed over at")),
                ("last_error", models.CharField(blank=True, max_length=500, verbose_name="last error")),
                ("cancel_cause", models.CharField(blank=True, max_length=300, verbose_name="cause of the cancellation")),
                ("resent_at", models.DateTimeField(blank=True, null=True, verbose_name="sent again at")),
                ("resend_reason", models.CharField(blank=True, max_length=300, verbose_name="reason of sending again")),
                (
                    "recipient",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="recipient",
                    ),
                ),
                (
                    "resent_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="sent again by",
                    ),
                ),
            ],
            options={
                "verbose_name": "outgoing mail",
                "verbose_name_plural": "outgoing mails",
                "ordering": ["-created_at", "-id"],
                "indexes": [
                    models.Index(
                        condition=models.Q(("status__in", ["queued", "sending"])), fields=["not_before", "id"], name="core_mail_waiting"
                    ),
                    models.Index(fields=["status", "-created_at"], name="core_mail_status"),
                ],
                "constraints": [
                    models.UniqueConstraint(condition=models.Q(("key", ""), _negated=True), fields=("key",), name="core_mail_key_once"),
                    models.UniqueConstraint(
                        condition=models.Q(("kind", "digest"), models.Q(("status", "cancelled"), _negated=True)),
                        fields=("recipient", "day"),
                        name="core_mail_one_a_day",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "digest"), _negated=True),
                            models.Q(("day__isnull", False), ("recipient__isnull", False)),
                            _connector="OR",
                        ),
                        name="core_mail_digest_day",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("lease_until__isnull", False), ("status", "sending")),
                            models.Q(models.Q(("status", "sending"), _negated=True), ("lease_until", None)),
                            _connector="OR",
                        ),
                        name="core_mail_lease",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("sent_at__isnull", False), ("status", "sent")),
                            models.Q(models.Q(("status", "sent"), _negated=True), ("sent_at", None)),
                            _connector="OR",
                        ),
                        name="core_mail_sent_at",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "cancelled"), _negated=True), models.Q(("cancel_cause", ""), _negated=True), _connector="OR"
                        ),
                        name="core_mail_cancel_cause",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "failed"), _negated=True), models.Q(("last_error", ""), _negated=True), _connector="OR"
                        ),
                        name="core_mail_error",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Preference",
            fields=[
                (
                    "id",
                    models.UUIDField(default=core.ids.new_id, editable=False, primary_key=True, serialize=False, verbose_name="identifier"),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="updated at")),
                ("kind", models.CharField(max_length=80, verbose_name="kind")),
                (
                    "delivery",
                    models.CharField(
                        choices=[("immediate", "At once"), ("daily", "In the mail of the day"), ("never", "Not by mail")],
                        max_length=10,
                        verbose_name="delivery",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="mail_preferences",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="account",
                    ),
                ),
            ],
            options={
                "verbose_name": "mail preference",
                "verbose_name_plural": "mail preferences",
                "ordering": ["user", "kind"],
                "constraints": [models.UniqueConstraint(fields=("user", "kind"), name="core_preference_once")],
            },
        ),
        migrations.CreateModel(
            name="Quota",
            fields=[
                ("caller", models.CharField(max_length=80, primary_key=True, serialize=False, verbose_name="caller")),
                ("minute", models.PositiveIntegerField(verbose_name="minute")),
                ("hits", models.PositiveIntegerField(verbose_name="requests")),
            ],
            options={
                "verbose_name": "quota",
                "verbose_name_plural": "quotas",
                "indexes": [models.Index(fields=["minute"], name="core_quota_age")],
            },
        ),
        migrations.CreateModel(
            name="SignedLink",
            fields=[
                (
                    "id",
                    models.UUIDField(default=core.ids.new_id, editable=False, primary_key=True, serialize=False, verbose_name="identifier"),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="updated at")),
                ("purpose", models.CharField(max_length=60, verbose_name="purpose")),
                ("digest", models.CharField(editable=False, max_length=64, unique=True, verbose_name="digest of the link")),
                ("object_id", models.UUIDField(verbose_name="object")),
                ("expires_at", models.DateTimeField(verbose_name="expires at")),
                (
                    "max_uses",
                    models.PositiveSmallIntegerField(
                        blank=True, help_text="Empty: any number until it expires", null=True, verbose_name="uses allowed"
                    ),
                ),
                ("uses", models.PositiveIntegerField(default=0, verbose_name="uses")),
                ("last_used_at", models.DateTimeField(blank=True, null=True, verbose_name="last used at")),
                ("revoked_at", models.DateTimeField(blank=True, null=True, verbose_name="revoked at")),
                (
                    "object_type",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="+",
                        to="contenttypes.contenttype",
                        verbose_name="kind of object",
                    ),
                ),
            ],
            options={
                "verbose_name": "signed link",
                "verbose_name_plural": "signed links",
                "ordering": ["-created_at"],
                "indexes": [models.Index(fields=["object_type", "object_id"], name="core_link_object")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("max_uses", None), models.Q(("max_uses__gte", 1), ("uses__lte", models.F("max_uses"))), _connector="OR"
                        ),
                        name="core_link_uses",
                    ),
                    models.CheckConstraint(condition=models.Q(("digest__regex", "^[0-9a-f]{64}$")), name="core_link_digest"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Event",
            fields=[
                (
                    "id",
                    models.UUIDField(default=core.ids.new_id, editable=False, primary_key=True, serialize=False, verbose_name="identifier"),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="updated at")),
                ("name", models.CharField(max_length=80, verbose_name="name")),
                ("about_id", models.UUIDField(verbose_name="object")),
                (
                    "organisations",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.UUIDField(), blank=True, default=list, size=None, verbose_name="organisations concerned"
                    ),
                ),
                (
                    "data",
                    models.JSONField(blank=True, default=dict, encoder=django.core.serializers.json.DjangoJSONEncoder, verbose_name="data"),
                ),
                ("request_id", models.CharField(blank=True, max_length=64, verbose_name="request")),
                ("handled_at", models.DateTimeField(blank=True, null=True, verbose_name="handled at")),
                ("not_before", models.DateTimeField(default=core.clock.now, verbose_name="handled from")),
                ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="attempts")),
                ("last_error", models.CharField(blank=True, max_length=500, verbose_name="last error")),
                (
                    "about_type",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="contenttypes.contenttype",
                        verbose_name="kind of object",
                    ),
                ),
            ],
            options={
                "verbose_name": "event",
                "verbose_name_plural": "events",
                "ordering": ["-created_at", "-id"],
                "indexes": [
                    models.Index(condition=models.Q(("handled_at", None)), fields=["not_before", "id"], name="core_event_waiting"),
                    models.Index(fields=["about_type", "about_id"], name="core_event_about"),
                ],
            },
        ),
        migrations.CreateModel(
            name="HolidayEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.UUIDField(default=core.ids.new_id, editable=False, serialize=False, verbose_name="identifier")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="updated at")),
                (
                    "feast",
                    models.SlugField(
                        db_index=False, help_text="The feast and its year, such as eid-al-fitr-2027", max_length=60, verbose_name="feast"
                    ),
                ),
                ("rank", models.PositiveSmallIntegerField(default=1, verbose_name="day of the feast")),
                ("date", models.DateField(verbose_name="date")),
                ("name_fr", models.CharField(max_length=120, verbose_name="name in French")),
                ("name_ar", models.CharField(max_length=120, verbose_name="name in Arabic")),
                ("name_en", models.CharField(max_length=120, verbose_name="name in English")),
                (
                    "status",
                    models.CharField(choices=[("estimated", "Estimated"), ("confirmed", "Confirmed")], max_length=10, verbose_name="state"),
                ),
                (
                    "is_margin",
                    models.BooleanField(
                        default=False,
                        help_text="The day after an estimated feast: the moon may be seen one day later in Morocco",
                        verbose_name="possible day",
                    ),
                ),
                ("source", models.CharField(max_length=300, verbose_name="source")),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name="events", to="core.holiday"
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="JobEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.UUIDField(default=core.ids.new_id, editable=False, serialize=False, verbose_name="identifier")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                ("kind", models.CharField(max_length=60, verbose_name="kind")),
                ("params", models.JSONField(blank=True, default=dict, verbose_name="parameters")),
                ("unique_key", models.CharField(max_length=200, verbose_name="key of uniqueness")),
                ("organisation_id", models.UUIDField(blank=True, null=True, verbose_name="organisation")),
                (
                    "language",
                    models.CharField(
                        choices=[("fr", "Français"), ("ar", "العربية"), ("en", "English")],
                        default="fr",
                        max_length=5,
                        verbose_name="language",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("requested", "Requested"),
                            ("running", "Running"),
                            ("done", "Ready"),
                            ("failed", "Failed"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="requested",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("attempts", models.PositiveSmallIntegerField(default=0, verbose_name="attempts")),
                ("as_of", models.DateTimeField(blank=True, help_text="The instant whose data it shows", null=True, verbose_name="as of")),
                ("finished_at", models.DateTimeField(blank=True, null=True, verbose_name="finished at")),
                ("error", models.CharField(blank=True, max_length=500, verbose_name="what went wrong")),
                ("result", models.FileField(blank=True, max_length=200, upload_to="", verbose_name="file")),
                ("filename", models.CharField(blank=True, max_length=200, verbose_name="file name")),
                ("media_type", models.CharField(blank=True, max_length=100, verbose_name="media type")),
                ("size", models.PositiveBigIntegerField(blank=True, null=True, verbose_name="size (bytes)")),
                ("sha256", models.CharField(blank=True, max_length=64, verbose_name="SHA-256")),
                ("expires_at", models.DateTimeField(blank=True, null=True, verbose_name="kept until")),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name="events", to="core.job"
                    ),
                ),
                (
                    "requested_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        help_text="Empty: the portal itself",
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="requested by",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Notification",
            fields=[
                (
                    "id",
                    models.UUIDField(default=core.ids.new_id, editable=False, primary_key=True, serialize=False, verbose_name="identifier"),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="updated at")),
                ("kind", models.CharField(max_length=80, verbose_name="kind")),
                ("about_id", models.UUIDField(verbose_name="object")),
                ("url", models.CharField(blank=True, max_length=500, verbose_name="address")),
                ("subject", models.CharField(max_length=300, verbose_name="subject")),
                ("body", models.TextField(verbose_name="text")),
                ("key", models.CharField(blank=True, max_length=200, verbose_name="key")),
                ("is_urgent", models.BooleanField(default=False, verbose_name="urgent")),
                ("read_at", models.DateTimeField(blank=True, null=True, verbose_name="read at")),
                ("cancelled_at", models.DateTimeField(blank=True, null=True, verbose_name="cancelled at")),
                ("cancel_cause", models.CharField(blank=True, max_length=300, verbose_name="cause of the cancellation")),
                (
                    "about_type",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="contenttypes.contenttype",
                        verbose_name="kind of object",
                    ),
                ),
                (
                    "recipient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="notifications",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="recipient",
                    ),
                ),
                (
                    "mail",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="notifications",
                        to="core.outboxmail",
                        verbose_name="mail that carries it",
                    ),
                ),
            ],
            options={
                "verbose_name": "notification",
                "verbose_name_plural": "notifications",
                "ordering": ["-created_at", "-id"],
                "indexes": [
                    models.Index(fields=["recipient", "-created_at", "-id"], name="core_notification_list"),
                    models.Index(
                        condition=models.Q(("cancelled_at", None), ("read_at", None)), fields=["recipient"], name="core_notification_unread"
                    ),
                    models.Index(fields=["about_type", "about_id"], name="core_notification_about"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("key", ""), _negated=True), fields=("recipient", "key"), name="core_notification_key_once"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("cancelled_at", None), models.Q(("cancel_cause", ""), _negated=True), _connector="OR"),
                        name="core_notification_cause",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="OutboxMailEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("resent_at", models.DateTimeField(blank=True, null=True, verbose_name="sent again at")),
                ("resend_reason", models.CharField(blank=True, max_length=300, verbose_name="reason of sending again")),
                ("cancel_cause", models.CharField(blank=True, max_length=300, verbose_name="cause of the cancellation")),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name="events", to="core.outboxmail"
                    ),
                ),
                (
                    "resent_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="sent again by",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="SignedLinkEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.UUIDField(default=core.ids.new_id, editable=False, serialize=False, verbose_name="identifier")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="updated at")),
                ("purpose", models.CharField(max_length=60, verbose_name="purpose")),
                ("object_id", models.UUIDField(verbose_name="object")),
                ("expires_at", models.DateTimeField(verbose_name="expires at")),
                (
                    "max_uses",
                    models.PositiveSmallIntegerField(
                        blank=True, help_text="Empty: any number until it expires", null=True, verbose_name="uses allowed"
                    ),
                ),
                ("uses", models.PositiveIntegerField(default=0, verbose_name="uses")),
                ("last_used_at", models.DateTimeField(blank=True, null=True, verbose_name="last used at")),
                ("revoked_at", models.DateTimeField(blank=True, null=True, verbose_name="revoked at")),
                (
                    "object_type",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="contenttypes.contenttype",
                        verbose_name="kind of object",
                    ),
                ),
                (
                    "pgh_context",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="pghistory.context",
                    ),
                ),
                (
                    "pgh_obj",
                    models.ForeignKey(
                        db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name="events", to="core.signedlink"
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ReminderOccurrence",
            fields=[
                (
                    "id",
                    models.UUIDField(default=core.ids.new_id, editable=False, primary_key=True, serialize=False, verbose_name="identifier"),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="updated at")),
                ("kind", models.CharField(max_length=80, verbose_name="kind")),
                ("about_id", models.UUIDField(verbose_name="object")),
                (
                    "occasion",
                    models.CharField(
                        help_text="The date counted from and the offset in days, so that a moved date is a new occasion",
                        max_length=40,
                        verbose_name="occasion",
                    ),
                ),
                ("day", models.DateField(verbose_name="planned for")),
                (
                    "about_type",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="contenttypes.contenttype",
                        verbose_name="kind of object",
                    ),
                ),
                (
                    "notification",
                    models.ForeignKey(
                        blank=True,
                        help_text="Empty: a later occasion of the same reminder replaced it, or an outage summary stands for it",
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="reminders",
                        to="core.notification",
                        verbose_name="notification",
                    ),
                ),
                (
                    "recipient",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="+", to=settings.AUTH_USER_MODEL, verbose_name="recipient"
                    ),
                ),
            ],
            options={
                "verbose_name": "reminder sent",
                "verbose_name_plural": "reminders sent",
                "ordering": ["-created_at", "-id"],
                "constraints": [
                    models.UniqueConstraint(fields=("kind", "about_type", "about_id", "recipient", "occasion"), name="core_reminder_once")
                ],
            },
        ),
    ]
