from django.db import migrations, models

import core.clock


class Migration(migrations.Migration):
    dependencies = [("core", "0003_mail_events_calendar")]

    operations = [
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
    ]
