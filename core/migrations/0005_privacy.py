"""Requests about personal data, receipts of the authority, erasures; and the functions by which the audit trail forgets a name."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import core.ids

# Identifiers as one pattern: a telephone whatever separates its digits, anything else as whole words.
PATTERN = r"""
CREATE OR REPLACE FUNCTION public.core_privacy_pattern(needles text[]) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT string_agg(
    CASE WHEN needle ~ '^\+?[0-9]{6,}$'
      THEN '(?<![0-9])' || CASE WHEN left(needle, 1) = '+' THEN '\+?' ELSE '' END
           || array_to_string(regexp_split_to_array(ltrim(needle, '+'), ''), '[ .\-]?') || '(?![0-9])'
      ELSE '(?<![[:alnum:]_])' || regexp_replace(regexp_replace(needle, '([\\^$.|?*+()\[\]{}\-])', '\\\1', 'g'), '\s+', '\\s+', 'g')
           || '(?![[:alnum:]_])'
    END, '|')
  FROM unnest(needles) AS needle WHERE needle <> ''
$$
"""
# Puts the label in the place of identifiers in every text of a table, or of the rows of one object (of one author, in contexts).
# An address or a telephone that is the whole of its column is emptied, except in the trail.
REPLACE = r"""
CREATE OR REPLACE FUNCTION public.core_privacy_replace(tab text, needles text[], label text, object text DEFAULT NULL)
RETURNS integer LANGUAGE plpgsql SET search_path = public, pg_temp AS $$
DECLARE
  found text := core_privacy_pattern(needles);
  sets text;
  mine text := '';
  touched integer;
BEGIN
  SELECT string_agg(format(
    CASE WHEN a.atttypid IN ('jsonb'::regtype, 'json'::regtype)
        THEN '%1$I = regexp_replace(%1$I::text, $1, $2, ''gi'')::%2$s'
      WHEN a.attname ~ '(email|phone)' AND tab !~ 'event$'
        THEN '%1$I = CASE WHEN %1$I ~* (''^('' || $1 || '')$'') THEN '''' ELSE left(regexp_replace(%1$I, $1, $2, ''gi''), %3$s) END'
      ELSE '%1$I = left(regexp_replace(%1$I, $1, $2, ''gi''), %3$s)' END,
    a.attname, format_type(a.atttypid, NULL), CASE WHEN a.atttypmod > 4 THEN a.atttypmod - 4 ELSE 1000000000 END), ', ')
  INTO sets
  FROM pg_attribute a
  WHERE a.attrelid = ('public.' || quote_ident(tab))::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
    AND a.atttypid IN ('text'::regtype, 'varchar'::regtype, 'citext'::regtype, 'jsonb'::regtype, 'json'::regtype)
    AND NOT EXISTS (SELECT 1 FROM pg_index i WHERE i.indrelid = a.attrelid AND i.indisprimary AND a.attnum = ANY(i.indkey));
  IF found IS NULL OR sets IS NULL THEN
    RETURN 0;
  END IF;
  IF object IS NOT NULL THEN
    IF tab = 'pghistory_context' THEN
      mine := ' AND t.metadata->>''actor'' = $3';
    ELSIF EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = ('public.' || quote_ident(tab))::regclass AND a.attname = 'pgh_obj_id') THEN
      mine := ' AND t.pgh_obj_id::text = $3';
    ELSE
      RETURN 0;
    END IF;
  END IF;
  EXECUTE format('UPDATE public.%I AS t SET %s WHERE t::text ~* $1%s', tab, sets, mine) USING found, label, object;
  GET DIAGNOSTICS touched = ROW_COUNT;
  RETURN touched;
END
$$
"""
# The same in the audit trail, whose triggers refuse it to everybody else: only while an erasure is open, only for whole identifiers.
ERASE_TRAIL = r"""
CREATE OR REPLACE FUNCTION public.core_privacy_erase_trail(erasure uuid, tab text, needles text[], label text, object text DEFAULT NULL)
RETURNS integer LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp AS $$
DECLARE
  guards text[];
  before text := current_setting('pgtrigger.ignore', true);
  touched integer;
BEGIN
  IF NOT EXISTS (SELECT 1 FROM core_erasure e WHERE e.id = erasure AND e.finished_at IS NULL) THEN
    RAISE EXCEPTION 'no erasure is open under this number' USING ERRCODE = 'insufficient_privilege';
  END IF;
  SELECT array_agg(t.tgname::text) INTO guards FROM pg_trigger t
  WHERE t.tgrelid = ('public.' || quote_ident(tab))::regclass AND t.tgname LIKE 'pgtrigger\_append\_only\_%';
  IF guards IS NULL THEN
    RAISE EXCEPTION '% is no table of the audit trail', tab USING ERRCODE = 'insufficient_privilege';
  END IF;
  IF object IS NULL AND EXISTS (SELECT 1 FROM unnest(needles) n WHERE length(n) < 6 OR n !~ '@|[0-9]{6}|\s') THEN
    RAISE EXCEPTION 'only whole names, addresses and telephones are replaced' USING ERRCODE = 'insufficient_privilege';
  END IF;
  PERFORM set_config('pgtrigger.ignore', guards::text, true);
  touched := core_privacy_replace(tab, needles, label, object);
  PERFORM set_config('pgtrigger.ignore', coalesce(nullif(before, ''), '{}'), true);
  RETURN touched;
END
$$;
REVOKE ALL ON FUNCTION public.core_privacy_erase_trail(uuid, text, text[], text, text) FROM PUBLIC;
"""
DROP = """
DROP FUNCTION public.core_privacy_erase_trail(uuid, text, text[], text, text);
DROP FUNCTION public.core_privacy_replace(text, text[], text, text);
DROP FUNCTION public.core_privacy_pattern(text[]);
"""


class Migration(migrations.Migration):
    dependencies = [
        ("core", "0004_quota_unlogged"),
        ("pghistory", "0007_auto_20250421_0444"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Erasure",
            fields=[
                (
                    "id",
                    models.UUIDField(default=core.ids.new_id, editable=False, primary_key=True, serialize=False, verbose_name="identifier"),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="updated at")),
                ("account_id", models.UUIDField(blank=True, null=True, verbose_name="account")),
                ("person_id", models.UUIDField(blank=True, null=True, verbose_name="person")),
                ("label", models.CharField(max_length=150, verbose_name="now called")),
                ("touched", models.JSONField(default=dict, verbose_name="rows touched in each table")),
                (
                    "left_in_texts",
                    models.BooleanField(
                        default=False,
                        help_text="Somebody else bears the same name: a person has to read these texts.",
                        verbose_name="name left in free texts",
                    ),
                ),
                ("finished_at", models.DateTimeField(blank=True, null=True, verbose_name="finished at")),
            ],
            options={
                "verbose_name": "erasure of personal data",
                "verbose_name_plural": "erasures of personal data",
                "ordering": ["-created_at", "-id"],
                "constraints": [models.CheckConstraint(condition=models.Q(("label", ""), _negated=True), name="core_erasure_label")],
            },
        ),
        migrations.CreateModel(
            name="ErasureEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.UUIDField(default=core.ids.new_id, editable=False, serialize=False, verbose_name="identifier")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="updated at")),
                ("account_id", models.UUIDField(blank=True, null=True, verbose_name="account")),
                ("person_id", models.UUIDField(blank=True, null=True, verbose_name="person")),
                ("label", models.CharField(max_length=150, verbose_name="now called")),
                ("touched", models.JSONField(default=dict, verbose_name="rows touched in each table")),
                (
                    "left_in_texts",
                    models.BooleanField(
                        default=False,
                        help_text="Somebody else bears the same name: a person has to read these texts.",
                        verbose_name="name left in free texts",
                    ),
                ),
                ("finished_at", models.DateTimeField(blank=True, null=True, verbose_name="finished at")),
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
                        db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name="events", to="core.erasure"
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="PrivacyRequest",
            fields=[
                (
                    "id",
                    models.UUIDField(default=core.ids.new_id, editable=False, primary_key=True, serialize=False, verbose_name="identifier"),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="updated at")),
                (
                    "kind",
                    models.CharField(
                        choices=[("rectification", "Rectification"), ("erasure", "Erasure"), ("objection", "Objection")],
                        max_length=13,
                        verbose_name="kind",
                    ),
                ),
                ("words", models.TextField(blank=True, verbose_name="what is asked")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("requested", "To be answered"),
                            ("in_progress", "Being handled"),
                            ("done", "Done"),
                            ("refused", "Refused"),
                        ],
                        default="requested",
                        max_length=11,
                        verbose_name="state",
                    ),
                ),
                ("due_on", models.DateField(verbose_name="to be answered by")),
                ("answer", models.TextField(blank=True, verbose_name="answer")),
                ("closed_at", models.DateTimeField(blank=True, null=True, verbose_name="answered at")),
                (
                    "handled_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        help_text="Empty once closed: the portal itself, by erasing the account",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="handled by",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="privacy_requests",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="asked by",
                    ),
                ),
            ],
            options={
                "verbose_name": "request about personal data",
                "verbose_name_plural": "requests about personal data",
                "ordering": ["due_on", "id"],
            },
        ),
        migrations.CreateModel(
            name="PrivacyRequestEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.UUIDField(default=core.ids.new_id, editable=False, serialize=False, verbose_name="identifier")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="updated at")),
                (
                    "kind",
                    models.CharField(
                        choices=[("rectification", "Rectification"), ("erasure", "Erasure"), ("objection", "Objection")],
                        max_length=13,
                        verbose_name="kind",
                    ),
                ),
                ("words", models.TextField(blank=True, verbose_name="what is asked")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("requested", "To be answered"),
                            ("in_progress", "Being handled"),
                            ("done", "Done"),
                            ("refused", "Refused"),
                        ],
                        default="requested",
                        max_length=11,
                        verbose_name="state",
                    ),
                ),
                ("due_on", models.DateField(verbose_name="to be answered by")),
                ("answer", models.TextField(blank=True, verbose_name="answer")),
                ("closed_at", models.DateTimeField(blank=True, null=True, verbose_name="answered at")),
                (
                    "handled_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        help_text="Empty once closed: the portal itself, by erasing the account",
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="handled by",
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
                        db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name="events", to="core.privacyrequest"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="asked by",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Receipt",
            fields=[
                (
                    "id",
                    models.UUIDField(default=core.ids.new_id, editable=False, primary_key=True, serialize=False, verbose_name="identifier"),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="updated at")),
                ("processing", models.SlugField(max_length=40, verbose_name="processing")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("declaration", "Prior declaration"),
                            ("authorisation", "Prior authorisation"),
                            ("transfer", "Transfer abroad"),
                        ],
                        default="declaration",
                        max_length=13,
                        verbose_name="kind",
                    ),
                ),
                ("number", models.CharField(max_length=60, verbose_name="receipt number")),
                ("received_on", models.DateField(verbose_name="received on")),
            ],
            options={
                "verbose_name": "receipt of the authority",
                "verbose_name_plural": "receipts of the authority",
                "ordering": ["processing", "kind"],
                "constraints": [
                    models.UniqueConstraint(
                        fields=("processing", "kind"),
                        name="core_receipt_once",
                        violation_error_message="This processing already has a receipt of this kind.",
                    ),
                    models.CheckConstraint(condition=models.Q(("number", ""), _negated=True), name="core_receipt_number"),
                ],
            },
        ),
        migrations.CreateModel(
            name="ReceiptEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.UUIDField(default=core.ids.new_id, editable=False, serialize=False, verbose_name="identifier")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="updated at")),
                ("processing", models.SlugField(db_index=False, max_length=40, verbose_name="processing")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("declaration", "Prior declaration"),
                            ("authorisation", "Prior authorisation"),
                            ("transfer", "Transfer abroad"),
                        ],
                        default="declaration",
                        max_length=13,
                        verbose_name="kind",
                    ),
                ),
                ("number", models.CharField(max_length=60, verbose_name="receipt number")),
                ("received_on", models.DateField(verbose_name="received on")),
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
                        db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name="events", to="core.receipt"
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.AddIndex(
            model_name="privacyrequest",
            index=models.Index(condition=models.Q(("closed_at", None)), fields=["due_on", "id"], name="core_privacy_open"),
        ),
        migrations.AddConstraint(
            model_name="privacyrequest",
            constraint=models.UniqueConstraint(
                condition=models.Q(("closed_at", None)), fields=("user", "kind"), name="core_privacy_open_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="privacyrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("closed_at", None), ("status__in", ["requested", "in_progress"])),
                    models.Q(("closed_at__isnull", False), ("status__in", ["done", "refused"])),
                    _connector="OR",
                ),
                name="core_privacy_closed",
            ),
        ),
        migrations.AddConstraint(
            model_name="privacyrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(models.Q(("status", "in_progress"), _negated=True), ("handled_by__isnull", False), _connector="OR"),
                name="core_privacy_handled",
            ),
        ),
        migrations.AddConstraint(
            model_name="privacyrequest",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "refused"), _negated=True), models.Q(("answer", ""), _negated=True), _connector="OR"
                ),
                name="core_privacy_reason",
            ),
        ),
        migrations.RunSQL([PATTERN, REPLACE, ERASE_TRAIL], DROP),
    ]
