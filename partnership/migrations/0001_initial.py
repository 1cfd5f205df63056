import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.core.validators
import django.db.models.constraints
import django.db.models.deletion
import django.db.models.functions.text
import phonenumber_field.modelfields
from django.conf import settings
from django.db import migrations, models

import core.clock
import core.ids
import core.search
import partnership.models.document
import partnership.models.organisation


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("accounts", "__first__"),
        ("allauth_idp_oidc", "0003_client_allow_uri_wildcards"),
        ("contenttypes", "0002_remove_content_type_name"),
        ("core", "0001_database"),
        ("pghistory", "0007_auto_20250421_0444"),
    ]

    operations = [
        migrations.CreateModel(
            name="Convention",
            fields=[
                (
                    "id",
                    models.UUIDField(default=core.ids.new_id, editable=False, primary_key=True, serialize=False, verbose_name="identifier"),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="updated at")),
                ("reference", models.CharField(max_length=40, unique=True, verbose_name="reference")),
                (
                    "kind",
                    models.CharField(
                        choices=[("framework", "Framework convention"), ("specific", "Specific convention")],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                ("title_fr", models.CharField(max_length=300, verbose_name="title in French")),
                ("title_ar", models.CharField(blank=True, max_length=300, verbose_name="title in Arabic")),
                ("title_en", models.CharField(blank=True, max_length=300, verbose_name="title in English")),
                ("object_fr", models.TextField(blank=True, verbose_name="object in French")),
                ("object_ar", models.TextField(blank=True, verbose_name="object in Arabic")),
                ("object_en", models.TextField(blank=True, verbose_name="object in English")),
                ("place", models.CharField(blank=True, max_length=100, verbose_name="place of signature")),
                ("signed_on", models.DateField(blank=True, null=True, verbose_name="signed on")),
                ("effective_on", models.DateField(blank=True, null=True, verbose_name="effective on")),
                ("ends_on", models.DateField(blank=True, null=True, verbose_name="ends on")),
                (
                    "renewal",
                    models.CharField(
                        blank=True,
                        choices=[("none", "Not renewable"), ("tacit", "Tacit renewal"), ("express", "Express renewal")],
                        help_text="Empty: not known",
                        max_length=8,
                        verbose_name="renewal",
                    ),
                ),
                ("notice_days", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="notice, in days")),
                (
                    "visibility",
                    models.CharField(
                        choices=[
                            ("public", "Public"),
                            ("parties", "Parties"),
                            ("committee", "Committee"),
                            ("internal", "Internal to ONMT"),
                        ],
                        default="parties",
                        max_length=10,
                        verbose_name="visibility",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("in_review", "In review"),
                            ("signed", "Signed"),
                            ("in_force", "In force"),
                            ("suspended", "Suspended"),
                            ("expired", "Expired"),
                            ("denounced", "Denounced"),
                            ("closed", "Closed"),
                        ],
                        default="draft",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("status_reason", models.CharField(blank=True, max_length=500, verbose_name="reason of the state")),
                ("closed_on", models.DateField(blank=True, null=True, verbose_name="closed on")),
                ("source", models.URLField(blank=True, max_length=500, verbose_name="source")),
                ("note", models.TextField(blank=True, verbose_name="note on the sources")),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="children",
                        to="partnership.convention",
                        verbose_name="framework convention",
                    ),
                ),
            ],
            options={
                "verbose_name": "convention",
                "verbose_name_plural": "conventions",
                "ordering": ["-signed_on", "reference"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("parent", models.F("id")), _negated=True), name="partnership_convention_parent"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["draft", "in_review"]), ("signed_on__isnull", False), _connector="OR"),
                        name="partnership_convention_signed_on",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "in_force"), _negated=True), ("effective_on__isnull", False), _connector="OR"
                        ),
                        name="partnership_convention_effective_on",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(models.Q(("status", "closed"), _negated=True), ("closed_on__isnull", False), _connector="OR"),
                        name="partnership_convention_closed_on",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status__in", ["suspended", "denounced"]), _negated=True),
                            models.Q(("status_reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="partnership_convention_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ends_on", None), ("effective_on", None), ("ends_on__gte", models.F("effective_on")), _connector="OR"
                        ),
                        name="partnership_convention_dates",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Person",
            fields=[
                (
                    "id",
                    models.UUIDField(default=core.ids.new_id, editable=False, primary_key=True, serialize=False, verbose_name="identifier"),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="updated at")),
                ("full_name", models.CharField(max_length=150, verbose_name="full name")),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="e-mail address")),
                (
                    "phone",
                    phonenumber_field.modelfields.PhoneNumberField(blank=True, max_length=128, region="MA", verbose_name="telephone"),
                ),
                (
                    "languages",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=5), blank=True, default=list, size=None, verbose_name="languages"
                    ),
                ),
                ("is_demo", models.BooleanField(default=False, help_text="Invented for the demonstration", verbose_name="demo record")),
                (
                    "user",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.SET_NULL,
                        related_name="person",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="account",
                    ),
                ),
            ],
            options={
                "verbose_name": "person",
                "verbose_name_plural": "people",
                "ordering": ["full_name", "id"],
                "constraints": [
                    models.UniqueConstraint(
                        django.db.models.functions.text.Lower("email"),
                        condition=models.Q(("email", ""), _negated=True),
                        name="partnership_person_email_once",
                        violation_error_message="Somebody with this address is already registered.",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Region",
            fields=[
                (
                    "id",
                    models.UUIDField(default=core.ids.new_id, editable=False, primary_key=True, serialize=False, verbose_name="identifier"),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="updated at")),
                ("code", models.CharField(help_text="ISO 3166-2, such as MA-07", max_length=5, unique=True, verbose_name="code")),
                ("name_fr", models.CharField(max_length=80, verbose_name="name in French")),
                ("name_ar", models.CharField(max_length=80, verbose_name="name in Arabic")),
                ("name_en", models.CharField(max_length=80, verbose_name="name in English")),
                ("capital_fr", models.CharField(max_length=80, verbose_name="chief town in French")),
                ("capital_ar", models.CharField(blank=True, max_length=80, verbose_name="chief town in Arabic")),
                ("source", models.CharField(max_length=300, verbose_name="source")),
            ],
            options={
                "verbose_name": "region",
                "verbose_name_plural": "regions",
                "ordering": ["code"],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("code__regex", "^MA-(0[1-9]|1[0-2])$")), name="partnership_region_code")
                ],
            },
        ),
        migrations.CreateModel(
            name="Axis",
            fields=[
                (
                    "id",
                    models.UUIDField(default=core.ids.new_id, editable=False, primary_key=True, serialize=False, verbose_name="identifier"),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="updated at")),
                ("code", models.SlugField(max_length=40, verbose_name="code")),
                ("order", models.PositiveSmallIntegerField(verbose_name="order")),
                ("title_fr", models.CharField(max_length=200, verbose_name="title in French")),
                ("title_ar", models.CharField(blank=True, max_length=200, verbose_name="title in Arabic")),
                ("title_en", models.CharField(blank=True, max_length=200, verbose_name="title in English")),
                ("object_fr", models.TextField(blank=True, verbose_name="object in French")),
                ("object_ar", models.TextField(blank=True, verbose_name="object in Arabic")),
                ("object_en", models.TextField(blank=True, verbose_name="object in English")),
                (
                    "convention",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="axes",
                        to="partnership.convention",
                        verbose_name="convention",
                    ),
                ),
                (
                    "private_lead",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="partnership.person",
                        verbose_name="private lead",
                    ),
                ),
                (
                    "public_lead",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="partnership.person",
                        verbose_name="public lead",
                    ),
                ),
            ],
            options={
                "verbose_name": "axis",
                "verbose_name_plural": "axes",
                "ordering": ["order", "id"],
                "constraints": [
                    models.UniqueConstraint(fields=("convention", "code"), name="partnership_axis_code_once"),
                    models.UniqueConstraint(
                        deferrable=django.db.models.constraints.Deferrable["DEFERRED"],
                        fields=("convention", "order"),
                        name="partnership_axis_order_once",
                    ),
                    models.UniqueConstraint(fields=("convention", "id"), name="partnership_axis_key"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Destination",
            fields=[
                (
                    "id",
                    models.UUIDField(default=core.ids.new_id, editable=False, primary_key=True, serialize=False, verbose_name="identifier"),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="updated at")),
                ("slug", models.SlugField(max_length=60, unique=True, verbose_name="slug")),
                ("name_fr", models.CharField(max_length=80, verbose_name="name in French")),
                ("name_ar", models.CharField(max_length=80, verbose_name="name in Arabic")),
                ("name_en", models.CharField(max_length=80, verbose_name="name in English")),
                ("source", models.CharField(max_length=300, verbose_name="source")),
                (
                    "region",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="destinations",
                        to="partnership.region",
                        verbose_name="region",
                    ),
                ),
            ],
            options={
                "verbose_name": "destination",
                "verbose_name_plural": "destinations",
                "ordering": ["slug"],
            },
        ),
        migrations.CreateModel(
            name="ConventionEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.UUIDField(default=core.ids.new_id, editable=False, serialize=False, verbose_name="identifier")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="updated at")),
                ("reference", models.CharField(max_length=40, verbose_name="reference")),
                (
                    "kind",
                    models.CharField(
                        choices=[("framework", "Framework convention"), ("specific", "Specific convention")],
                        max_length=10,
                        verbose_name="kind",
                    ),
                ),
                ("title_fr", models.CharField(max_length=300, verbose_name="title in French")),
                ("title_ar", models.CharField(blank=True, max_length=300, verbose_name="title in Arabic")),
                ("title_en", models.CharField(blank=True, max_length=300, verbose_name="title in English")),
                ("object_fr", models.TextField(blank=True, verbose_name="object in French")),
                ("object_ar", models.TextField(blank=True, verbose_name="object in Arabic")),
                ("object_en", models.TextField(blank=True, verbose_name="object in English")),
                ("place", models.CharField(blank=True, max_length=100, verbose_name="place of signature")),
                ("signed_on", models.DateField(blank=True, null=True, verbose_name="signed on")),
                ("effective_on", models.DateField(blank=True, null=True, verbose_name="effective on")),
                ("ends_on", models.DateField(blank=True, null=True, verbose_name="ends on")),
                (
                    "renewal",
                    models.CharField(
                        blank=True,
                        choices=[("none", "Not renewable"), ("tacit", "Tacit renewal"), ("express", "Express renewal")],
                        help_text="Empty: not known",
                        max_length=8,
                        verbose_name="renewal",
                    ),
                ),
                ("notice_days", models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="notice, in days")),
                (
                    "visibility",
                    models.CharField(
                        choices=[
                            ("public", "Public"),
                            ("parties", "Parties"),
                            ("committee", "Committee"),
                            ("internal", "Internal to ONMT"),
                        ],
                        default="parties",
                        max_length=10,
                        verbose_name="visibility",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("in_review", "In review"),
                            ("signed", "Signed"),
                            ("in_force", "In force"),
                            ("suspended", "Suspended"),
                            ("expired", "Expired"),
                            ("denounced", "Denounced"),
                            ("closed", "Closed"),
                        ],
                        default="draft",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("status_reason", models.CharField(blank=True, max_length=500, verbose_name="reason of the state")),
                ("closed_on", models.DateField(blank=True, null=True, verbose_name="closed on")),
                ("source", models.URLField(blank=True, max_length=500, verbose_name="source")),
                ("note", models.TextField(blank=True, verbose_name="note on the sources")),
                (
                    "parent",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="partnership.convention",
                        verbose_name="framework convention",
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
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="partnership.convention",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="PersonEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.UUIDField(default=core.ids.new_id, editable=False, serialize=False, verbose_name="identifier")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="updated at")),
                ("full_name", models.CharField(max_length=150, verbose_name="full name")),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="e-mail address")),
                (
                    "phone",
                    phonenumber_field.modelfields.PhoneNumberField(blank=True, max_length=128, region="MA", verbose_name="telephone"),
                ),
                (
                    "languages",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=5), blank=True, default=list, size=None, verbose_name="languages"
                    ),
                ),
                ("is_demo", models.BooleanField(default=False, help_text="Invented for the demonstration", verbose_name="demo record")),
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
                        db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name="events", to="partnership.person"
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="account",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="RegionEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.UUIDField(default=core.ids.new_id, editable=False, serialize=False, verbose_name="identifier")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="updated at")),
                ("code", models.CharField(help_text="ISO 3166-2, such as MA-07", max_length=5, verbose_name="code")),
                ("name_fr", models.CharField(max_length=80, verbose_name="name in French")),
                ("name_ar", models.CharField(max_length=80, verbose_name="name in Arabic")),
                ("name_en", models.CharField(max_length=80, verbose_name="name in English")),
                ("capital_fr", models.CharField(max_length=80, verbose_name="chief town in French")),
                ("capital_ar", models.CharField(blank=True, max_length=80, verbose_name="chief town in Arabic")),
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
                        db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name="events", to="partnership.region"
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Organisation",
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
                        choices=[
                            ("public_body", "Public body"),
                            ("confederation", "Confederation"),
                            ("federation", "Federation"),
                            ("regional_council", "Regional tourism council"),
                            ("operator", "Operator"),
                            ("carrier", "Carrier"),
                            ("distributor", "Distributor"),
                            ("prescriber_office", "Prescriber's office"),
                            ("other", "Other"),
                        ],
                        max_length=20,
                        verbose_name="kind",
                    ),
                ),
                (
                    "activities",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("hotel", "Hotel"),
                                ("riad", "Riad or guest house"),
                                ("agency_a", "Travel agency, licence A"),
                                ("agency_b", "Travel agency, licence B"),
                                ("transport", "Tourist transport"),
                                ("guide", "Guide"),
                                ("car_rental", "Car rental"),
                                ("restaurant", "Restaurant"),
                                ("golf", "Golf course"),
                                ("venue", "Event venue"),
                                ("port_agent", "Port agent"),
                                ("water_sports", "Water-sports school"),
                                ("trek", "Trek operator"),
                            ],
                            max_length=20,
                        ),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="activities",
                    ),
                ),
                ("name_fr", models.CharField(max_length=200, verbose_name="name in French")),
                ("name_ar", models.CharField(blank=True, max_length=200, verbose_name="name in Arabic")),
                ("acronym", models.CharField(blank=True, max_length=20, verbose_name="acronym")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("prospective", "Prospective"),
                            ("registered", "Registered"),
                            ("vouched", "Vouched for"),
                            ("suspended", "Suspended"),
                            ("closed", "Closed"),
                        ],
                        default="prospective",
                        max_length=12,
                        verbose_name="state",
                    ),
                ),
                ("status_reason", models.CharField(blank=True, max_length=500, verbose_name="reason of the state")),
                (
                    "ice",
                    models.CharField(
                        blank=True,
                        help_text="15 digits: 9 of the enterprise, 4 of the establishment, 2 of check",
                        max_length=15,
                        verbose_name="ICE",
                    ),
                ),
                ("licence_kind", models.CharField(blank=True, max_length=60, verbose_name="kind of licence")),
                ("licence_number", models.CharField(blank=True, max_length=60, verbose_name="licence number")),
                (
                    "size",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("micro", "Fewer than 10 people"),
                            ("small", "10 to 49 people"),
                            ("medium", "50 to 249 people"),
                            ("large", "250 people and more"),
                        ],
                        max_length=8,
                        verbose_name="size",
                    ),
                ),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="e-mail address")),
                (
                    "phone",
                    phonenumber_field.modelfields.PhoneNumberField(blank=True, max_length=128, region="MA", verbose_name="telephone"),
                ),
                ("website", models.URLField(blank=True, verbose_name="website")),
                ("address", models.CharField(blank=True, max_length=300, verbose_name="address")),
                (
                    "source",
                    models.CharField(
                        blank=True, help_text="Where this record comes from, with its address", max_length=500, verbose_name="source"
                    ),
                ),
                ("is_demo", models.BooleanField(default=False, help_text="Invented for the demonstration", verbose_name="demo record")),
                (
                    "is_host",
                    models.BooleanField(
                        default=False, help_text="ONMT itself: its staff act for it in the ledger", verbose_name="runs the portal"
                    ),
                ),
                (
                    "sort_key",
                    models.GeneratedField(
                        db_persist=True,
                        expression=core.search.Norm(models.F("name_fr")),
                        output_field=models.CharField(max_length=200),
                        verbose_name="sort key",
                    ),
                ),
                (
                    "destination",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="organisations",
                        to="partnership.destination",
                        verbose_name="destination",
                    ),
                ),
                (
                    "region",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="organisations",
                        to="partnership.region",
                        verbose_name="region",
                    ),
                ),
            ],
            options={
                "verbose_name": "organisation",
                "verbose_name_plural": "organisations",
                "ordering": ["sort_key", "id"],
                "indexes": [
                    models.Index(fields=["sort_key", "id"], name="partnership_org_sort"),
                    models.Index(fields=["region", "sort_key", "id"], name="partnership_org_region"),
                ],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("ice"),
                        condition=models.Q(("ice", ""), _negated=True),
                        name="partnership_org_ice_once",
                        violation_error_message="An organisation with this ICE is already registered.",
                    ),
                    models.UniqueConstraint(models.F("is_host"), condition=models.Q(("is_host", True)), name="partnership_org_one_host"),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ice", ""),
                            models.Q(("ice__regex", "^[0-9]{15}$"), models.Q(("ice", "000000000000000"), _negated=True)),
                            _connector="OR",
                        ),
                        name="partnership_org_ice_digits",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status__in", ["suspended", "closed"]), _negated=True),
                            models.Q(("status_reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="partnership_org_reason",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AxisEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.UUIDField(default=core.ids.new_id, editable=False, serialize=False, verbose_name="identifier")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="updated at")),
                ("code", models.SlugField(db_index=False, max_length=40, verbose_name="code")),
                ("order", models.PositiveSmallIntegerField(verbose_name="order")),
                ("title_fr", models.CharField(max_length=200, verbose_name="title in French")),
                ("title_ar", models.CharField(blank=True, max_length=200, verbose_name="title in Arabic")),
                ("title_en", models.CharField(blank=True, max_length=200, verbose_name="title in English")),
                ("object_fr", models.TextField(blank=True, verbose_name="object in French")),
                ("object_ar", models.TextField(blank=True, verbose_name="object in Arabic")),
                ("object_en", models.TextField(blank=True, verbose_name="object in English")),
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
                        db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name="events", to="partnership.axis"
                    ),
                ),
                (
                    "convention",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="partnership.convention",
                        verbose_name="convention",
                    ),
                ),
                (
                    "private_lead",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="partnership.person",
                        verbose_name="private lead",
                    ),
                ),
                (
                    "public_lead",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="partnership.person",
                        verbose_name="public lead",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="DestinationEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.UUIDField(default=core.ids.new_id, editable=False, serialize=False, verbose_name="identifier")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="updated at")),
                ("slug", models.SlugField(db_index=False, max_length=60, verbose_name="slug")),
                ("name_fr", models.CharField(max_length=80, verbose_name="name in French")),
                ("name_ar", models.CharField(max_length=80, verbose_name="name in Arabic")),
                ("name_en", models.CharField(max_length=80, verbose_name="name in English")),
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
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="partnership.destination",
                    ),
                ),
                (
                    "region",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="partnership.region",
                        verbose_name="region",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Affiliation",
            fields=[
                (
                    "id",
                    models.UUIDField(default=core.ids.new_id, editable=False, primary_key=True, serialize=False, verbose_name="identifier"),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="updated at")),
                (
                    "status",
                    models.CharField(
                        choices=[("active", "Active"), ("suspended", "Suspended"), ("withdrawn", "Withdrawn")],
                        default="active",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=500, verbose_name="reason")),
                ("starts_on", models.DateField(verbose_name="from")),
                ("ends_on", models.DateField(blank=True, null=True, verbose_name="until")),
                ("source", models.URLField(blank=True, max_length=500, verbose_name="source")),
                (
                    "body",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="members",
                        to="partnership.organisation",
                        verbose_name="federation or council",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="affiliations",
                        to="partnership.organisation",
                        verbose_name="member",
                    ),
                ),
            ],
            options={
                "verbose_name": "affiliation",
                "verbose_name_plural": "affiliations",
                "ordering": ["-starts_on", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("organisation", models.F("body")), _negated=True), name="partnership_affiliation_other"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ends_on", None), ("ends_on__gt", models.F("starts_on")), _connector="OR"),
                        name="partnership_affiliation_dates",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("status", "active"), models.Q(("reason", ""), _negated=True), _connector="OR"),
                        name="partnership_affiliation_reason",
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[
                            ("organisation", "="),
                            ("body", "="),
                            (
                                partnership.models.organisation.DateRange(
                                    "starts_on", "ends_on", django.contrib.postgres.fields.ranges.RangeBoundary()
                                ),
                                "&&",
                            ),
                        ],
                        name="partnership_affiliation_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Mandate",
            fields=[
                (
                    "id",
                    models.UUIDField(default=core.ids.new_id, editable=False, primary_key=True, serialize=False, verbose_name="identifier"),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="updated at")),
                (
                    "role",
                    models.CharField(
                        choices=[("administrator", "Administrator"), ("member", "Member"), ("reader", "Reader")],
                        max_length=15,
                        verbose_name="role",
                    ),
                ),
                ("title", models.CharField(blank=True, max_length=120, verbose_name="office")),
                ("starts_on", models.DateField(verbose_name="from")),
                (
                    "ends_on",
                    models.DateField(
                        blank=True, help_text="The first day on which the mandate no longer holds", null=True, verbose_name="until"
                    ),
                ),
                ("source", models.URLField(blank=True, max_length=500, verbose_name="source")),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="mandates",
                        to="partnership.organisation",
                        verbose_name="organisation",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="mandates", to="partnership.person", verbose_name="person"
                    ),
                ),
            ],
            options={
                "verbose_name": "mandate",
                "verbose_name_plural": "mandates",
                "ordering": ["organisation", "role", "person"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ends_on", None), ("ends_on__gte", models.F("starts_on")), _connector="OR"),
                        name="partnership_mandate_dates",
                    ),
                    django.contrib.postgres.constraints.ExclusionConstraint(
                        expressions=[
                            ("person", "="),
                            ("organisation", "="),
                            (
                                partnership.models.organisation.DateRange(
                                    "starts_on", "ends_on", django.contrib.postgres.fields.ranges.RangeBoundary()
                                ),
                                "&&",
                            ),
                        ],
                        name="partnership_mandate_once",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ApiClient",
            fields=[
                (
                    "id",
                    models.UUIDField(default=core.ids.new_id, editable=False, primary_key=True, serialize=False, verbose_name="identifier"),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="updated at")),
                ("label", models.CharField(max_length=100, verbose_name="label")),
                ("expires_on", models.DateField(verbose_name="valid until")),
                ("revoked_at", models.DateTimeField(blank=True, null=True, verbose_name="revoked at")),
                ("last_used_at", models.DateTimeField(blank=True, null=True, verbose_name="last used at")),
                (
                    "client",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="api_client",
                        to="allauth_idp_oidc.client",
                        verbose_name="OAuth2 client",
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="issued by",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="api_clients",
                        to="partnership.organisation",
                        verbose_name="organisation",
                    ),
                ),
            ],
            options={
                "verbose_name": "API access",
                "verbose_name_plural": "API accesses",
                "ordering": ["-created_at"],
            },
        ),
        migrations.CreateModel(
            name="Document",
            fields=[
                (
                    "id",
                    models.UUIDField(default=core.ids.new_id, editable=False, primary_key=True, serialize=False, verbose_name="identifier"),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="updated at")),
                ("title", models.CharField(max_length=300, verbose_name="title")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("convention", "Convention text"),
                            ("annex", "Annex"),
                            ("minutes", "Minutes"),
                            ("report", "Report"),
                            ("evidence", "Evidence"),
                            ("licence", "Licence"),
                            ("other", "Other"),
                        ],
                        default="other",
                        max_length=12,
                        verbose_name="kind",
                    ),
                ),
                (
                    "visibility",
                    models.CharField(
                        choices=[
                            ("public", "Public"),
                            ("parties", "Parties"),
                            ("committee", "Committee"),
                            ("internal", "Internal to ONMT"),
                        ],
                        default="parties",
                        max_length=10,
                        verbose_name="visibility",
                    ),
                ),
                ("object_id", models.UUIDField(blank=True, null=True, verbose_name="object")),
                ("removed_at", models.DateTimeField(blank=True, null=True, verbose_name="removed at")),
                (
                    "convention",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="documents",
                        to="partnership.convention",
                        verbose_name="convention",
                    ),
                ),
                (
                    "object_type",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="contenttypes.contenttype",
                        verbose_name="kind of object",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="documents",
                        to="partnership.organisation",
                        verbose_name="owner organisation",
                    ),
                ),
            ],
            options={
                "verbose_name": "document",
                "verbose_name_plural": "documents",
                "ordering": ["-created_at", "id"],
                "indexes": [models.Index(fields=["object_type", "object_id"], name="partnership_doc_object")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("object_id", None), ("object_type", None)),
                            models.Q(("object_id__isnull", False), ("object_type__isnull", False)),
                            _connector="OR",
                        ),
                        name="partnership_doc_object",
                    )
                ],
            },
        ),
        migrations.CreateModel(
            name="Party",
            fields=[
                (
                    "id",
                    models.UUIDField(default=core.ids.new_id, editable=False, primary_key=True, serialize=False, verbose_name="identifier"),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="updated at")),
                ("order", models.PositiveSmallIntegerField(default=1, verbose_name="order")),
                ("signatory", models.CharField(blank=True, max_length=150, verbose_name="signatory")),
                ("quality", models.CharField(blank=True, max_length=150, verbose_name="quality of the signatory")),
                ("signed_on", models.DateField(blank=True, null=True, verbose_name="signed on")),
                (
                    "convention",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="parties",
                        to="partnership.convention",
                        verbose_name="convention",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="parties",
                        to="partnership.organisation",
                        verbose_name="organisation",
                    ),
                ),
            ],
            options={
                "verbose_name": "party",
                "verbose_name_plural": "parties",
                "ordering": ["order", "id"],
                "constraints": [
                    models.UniqueConstraint(fields=("convention", "organisation"), name="partnership_party_once"),
                    models.UniqueConstraint(fields=("convention", "id"), name="partnership_party_key"),
                ],
            },
        ),
        migrations.CreateModel(
            name="OrganisationEvent",
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
                        choices=[
                            ("public_body", "Public body"),
                            ("confederation", "Confederation"),
                            ("federation", "Federation"),
                            ("regional_council", "Regional tourism council"),
                            ("operator", "Operator"),
                            ("carrier", "Carrier"),
                            ("distributor", "Distributor"),
                            ("prescriber_office", "Prescriber's office"),
                            ("other", "Other"),
                        ],
                        max_length=20,
                        verbose_name="kind",
                    ),
                ),
                (
                    "activities",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("hotel", "Hotel"),
                                ("riad", "Riad or guest house"),
                                ("agency_a", "Travel agency, licence A"),
                                ("agency_b", "Travel agency, licence B"),
                                ("transport", "Tourist transport"),
                                ("guide", "Guide"),
                                ("car_rental", "Car rental"),
                                ("restaurant", "Restaurant"),
                                ("golf", "Golf course"),
                                ("venue", "Event venue"),
                                ("port_agent", "Port agent"),
                                ("water_sports", "Water-sports school"),
                                ("trek", "Trek operator"),
                            ],
                            max_length=20,
                        ),
                        blank=True,
                        default=list,
                        size=None,
                        verbose_name="activities",
                    ),
                ),
                ("name_fr", models.CharField(max_length=200, verbose_name="name in French")),
                ("name_ar", models.CharField(blank=True, max_length=200, verbose_name="name in Arabic")),
                ("acronym", models.CharField(blank=True, max_length=20, verbose_name="acronym")),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("prospective", "Prospective"),
                            ("registered", "Registered"),
                            ("vouched", "Vouched for"),
                            ("suspended", "Suspended"),
                            ("closed", "Closed"),
                        ],
                        default="prospective",
                        max_length=12,
                        verbose_name="state",
                    ),
                ),
                ("status_reason", models.CharField(blank=True, max_length=500, verbose_name="reason of the state")),
                (
                    "ice",
                    models.CharField(
                        blank=True,
                        help_text="15 digits: 9 of the enterprise, 4 of the establishment, 2 of check",
                        max_length=15,
                        verbose_name="ICE",
                    ),
                ),
                ("licence_kind", models.CharField(blank=True, max_length=60, verbose_name="kind of licence")),
                ("licence_number", models.CharField(blank=True, max_length=60, verbose_name="licence number")),
                (
                    "size",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("micro", "Fewer than 10 people"),
                            ("small", "10 to 49 people"),
                            ("medium", "50 to 249 people"),
                            ("large", "250 people and more"),
                        ],
                        max_length=8,
                        verbose_name="size",
                    ),
                ),
                ("email", models.EmailField(blank=True, max_length=254, verbose_name="e-mail address")),
                (
                    "phone",
                    phonenumber_field.modelfields.PhoneNumberField(blank=True, max_length=128, region="MA", verbose_name="telephone"),
                ),
                ("website", models.URLField(blank=True, verbose_name="website")),
                ("address", models.CharField(blank=True, max_length=300, verbose_name="address")),
                (
                    "source",
                    models.CharField(
                        blank=True, help_text="Where this record comes from, with its address", max_length=500, verbose_name="source"
                    ),
                ),
                ("is_demo", models.BooleanField(default=False, help_text="Invented for the demonstration", verbose_name="demo record")),
                (
                    "is_host",
                    models.BooleanField(
                        default=False, help_text="ONMT itself: its staff act for it in the ledger", verbose_name="runs the portal"
                    ),
                ),
                (
                    "destination",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="partnership.destination",
                        verbose_name="destination",
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
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="partnership.organisation",
                    ),
                ),
                (
                    "region",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="partnership.region",
                        verbose_name="region",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Commitment",
            fields=[
                (
                    "id",
                    models.UUIDField(default=core.ids.new_id, editable=False, primary_key=True, serialize=False, verbose_name="identifier"),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="updated at")),
                ("reference", models.CharField(max_length=20, verbose_name="reference")),
                ("title_fr", models.CharField(max_length=300, verbose_name="title in French")),
                ("title_ar", models.CharField(blank=True, max_length=300, verbose_name="title in Arabic")),
                ("title_en", models.CharField(blank=True, max_length=300, verbose_name="title in English")),
                ("description", models.TextField(blank=True, verbose_name="description")),
                (
                    "nature",
                    models.CharField(
                        choices=[("financial", "Financial"), ("non_financial", "Non-financial")],
                        default="non_financial",
                        max_length=15,
                        verbose_name="nature",
                    ),
                ),
                ("amount", models.DecimalField(blank=True, decimal_places=2, max_digits=16, null=True, verbose_name="amount (MAD)")),
                ("due_on", models.DateField(blank=True, help_text="Closes at 23:59, Casablanca time", null=True, verbose_name="due on")),
                (
                    "recurrence",
                    models.CharField(
                        choices=[
                            ("none", "Once"),
                            ("monthly", "Every month"),
                            ("quarterly", "Every quarter"),
                            ("half_yearly", "Every six months"),
                            ("yearly", "Every year"),
                        ],
                        default="none",
                        max_length=12,
                        verbose_name="recurrence",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("planned", "Planned"),
                            ("in_progress", "In progress"),
                            ("declared", "Declared delivered"),
                            ("confirmed", "Confirmed"),
                            ("contested", "Contested"),
                            ("arbitrated", "Arbitrated"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="planned",
                        max_length=12,
                        verbose_name="state",
                    ),
                ),
                ("declared_at", models.DateTimeField(blank=True, null=True, verbose_name="declared at")),
                ("declaration", models.TextField(blank=True, verbose_name="what was delivered")),
                ("settled_at", models.DateTimeField(blank=True, null=True, verbose_name="settled at")),
                ("contested_at", models.DateTimeField(blank=True, null=True, verbose_name="contested at")),
                ("contest_reason", models.TextField(blank=True, verbose_name="reason of the contest")),
                (
                    "arbitration",
                    models.CharField(
                        blank=True,
                        choices=[("delivered", "Held to be delivered"), ("not_delivered", "Held not to be delivered")],
                        max_length=15,
                        verbose_name="outcome of the arbitration",
                    ),
                ),
                ("status_reason", models.TextField(blank=True, verbose_name="reason of the state")),
                ("source", models.URLField(blank=True, max_length=500, verbose_name="source")),
                (
                    "axis",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="commitments", to="partnership.axis", verbose_name="axis"
                    ),
                ),
                (
                    "declared_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="declared by",
                    ),
                ),
                (
                    "previous",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="following",
                        to="partnership.commitment",
                        verbose_name="previous occurrence",
                    ),
                ),
                (
                    "settled_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="settled by",
                    ),
                ),
                (
                    "convention",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="commitments",
                        to="partnership.convention",
                        verbose_name="convention",
                    ),
                ),
                (
                    "minutes",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="arbitrations",
                        to="partnership.document",
                        verbose_name="minutes of the decision",
                    ),
                ),
                (
                    "beneficiary",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="awaited",
                        to="partnership.party",
                        verbose_name="beneficiary party",
                    ),
                ),
                (
                    "obligor",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="owed",
                        to="partnership.party",
                        verbose_name="obligor party",
                    ),
                ),
            ],
            options={
                "verbose_name": "commitment",
                "verbose_name_plural": "commitments",
                "ordering": ["convention", "reference"],
                "indexes": [
                    models.Index(fields=["convention", "status"], name="partnership_com_status"),
                    models.Index(fields=["due_on", "id"], name="partnership_com_due"),
                ],
                "constraints": [
                    models.UniqueConstraint(fields=("convention", "reference"), name="partnership_com_reference_once"),
                    models.CheckConstraint(
                        condition=models.Q(("obligor", models.F("beneficiary")), _negated=True), name="partnership_com_two_parties"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("amount", None), ("amount__gt", 0), _connector="OR"), name="partnership_com_amount"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("amount", None), ("nature", "financial"), _connector="OR"), name="partnership_com_nature"
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("recurrence", "none"), ("due_on__isnull", False), _connector="OR"),
                        name="partnership_com_recurs_from",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status__in", ["declared", "confirmed", "contested", "arbitrated"]), _negated=True),
                            models.Q(("declared_at__isnull", False), models.Q(("declaration", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="partnership_com_declared",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status__in", ["contested", "arbitrated"]), _negated=True),
                            models.Q(("contested_at__isnull", False), models.Q(("contest_reason", ""), _negated=True)),
                            _connector="OR",
                        ),
                        name="partnership_com_contested",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("settled_at__isnull", False), ("status__in", ["confirmed", "arbitrated"])),
                            models.Q(models.Q(("status__in", ["confirmed", "arbitrated"]), _negated=True), ("settled_at", None)),
                            _connector="OR",
                        ),
                        name="partnership_com_settled",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("minutes__isnull", False),
                                ("status", "arbitrated"),
                                models.Q(("arbitration", ""), _negated=True),
                                models.Q(("status_reason", ""), _negated=True),
                            ),
                            models.Q(models.Q(("status", "arbitrated"), _negated=True), ("arbitration", ""), ("minutes", None)),
                            _connector="OR",
                        ),
                        name="partnership_com_arbitrated",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "cancelled"), _negated=True),
                            models.Q(("status_reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="partnership_com_cancelled",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DocumentVersion",
            fields=[
                (
                    "id",
                    models.UUIDField(default=core.ids.new_id, editable=False, primary_key=True, serialize=False, verbose_name="identifier"),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="updated at")),
                ("number", models.PositiveSmallIntegerField(verbose_name="number")),
                ("file", models.FileField(upload_to=partnership.models.document.version_path, verbose_name="file")),
                ("filename", models.CharField(max_length=200, verbose_name="file name")),
                ("media_type", models.CharField(max_length=100, verbose_name="media type")),
                ("size", models.PositiveBigIntegerField(verbose_name="size (bytes)")),
                ("sha256", models.CharField(max_length=64, verbose_name="SHA-256")),
                (
                    "scan_state",
                    models.CharField(
                        choices=[
                            ("pending", "Waiting for the virus scan"),
                            ("clean", "Clean"),
                            ("infected", "Infected"),
                            ("not_scanned", "Not scanned: no scanner is configured"),
                        ],
                        default="pending",
                        max_length=12,
                        verbose_name="virus scan",
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=300, verbose_name="what changed")),
                (
                    "document",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="versions",
                        to="partnership.document",
                        verbose_name="document",
                    ),
                ),
                (
                    "uploaded_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="uploaded by",
                    ),
                ),
            ],
            options={
                "verbose_name": "version",
                "verbose_name_plural": "versions",
                "ordering": ["-number"],
                "constraints": [
                    models.UniqueConstraint(fields=("document", "number"), name="partnership_version_number_once"),
                    models.CheckConstraint(condition=models.Q(("number__gte", 1)), name="partnership_version_number"),
                    models.CheckConstraint(condition=models.Q(("sha256__regex", "^[0-9a-f]{64}$")), name="partnership_version_sha256"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Invitation",
            fields=[
                (
                    "id",
                    models.UUIDField(default=core.ids.new_id, editable=False, primary_key=True, serialize=False, verbose_name="identifier"),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="updated at")),
                ("email", models.EmailField(max_length=254, verbose_name="e-mail address")),
                ("full_name", models.CharField(max_length=150, verbose_name="full name")),
                (
                    "role",
                    models.CharField(
                        choices=[("administrator", "Administrator"), ("member", "Member"), ("reader", "Reader")],
                        max_length=15,
                        verbose_name="role",
                    ),
                ),
                (
                    "language",
                    models.CharField(
                        choices=[("fr", "Français"), ("ar", "العربية"), ("en", "English")],
                        default="fr",
                        max_length=5,
                        verbose_name="language",
                    ),
                ),
                ("token_digest", models.CharField(editable=False, max_length=64, unique=True, verbose_name="digest of the link")),
                ("expires_at", models.DateTimeField(verbose_name="expires at")),
                ("accepted_at", models.DateTimeField(blank=True, null=True, verbose_name="accepted at")),
                ("revoked_at", models.DateTimeField(blank=True, null=True, verbose_name="withdrawn at")),
                (
                    "invited_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="invited by",
                    ),
                ),
                (
                    "mandate",
                    models.OneToOneField(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="invitation",
                        to="partnership.mandate",
                        verbose_name="mandate",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="invitations",
                        to="partnership.organisation",
                        verbose_name="organisation",
                    ),
                ),
            ],
            options={
                "verbose_name": "invitation",
                "verbose_name_plural": "invitations",
                "ordering": ["-created_at"],
                "constraints": [
                    models.UniqueConstraint(
                        models.F("organisation"),
                        django.db.models.functions.text.Lower("email"),
                        condition=models.Q(("accepted_at", None), ("revoked_at", None)),
                        name="partnership_invitation_open_once",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("accepted_at", None), ("revoked_at", None), _connector="OR"),
                        name="partnership_invitation_one_end",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("accepted_at", None), ("mandate__isnull", False), _connector="OR"),
                        name="partnership_invitation_accepted",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DocumentEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.UUIDField(default=core.ids.new_id, editable=False, serialize=False, verbose_name="identifier")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="updated at")),
                ("title", models.CharField(max_length=300, verbose_name="title")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("convention", "Convention text"),
                            ("annex", "Annex"),
                            ("minutes", "Minutes"),
                            ("report", "Report"),
                            ("evidence", "Evidence"),
                            ("licence", "Licence"),
                            ("other", "Other"),
                        ],
                        default="other",
                        max_length=12,
                        verbose_name="kind",
                    ),
                ),
                (
                    "visibility",
                    models.CharField(
                        choices=[
                            ("public", "Public"),
                            ("parties", "Parties"),
                            ("committee", "Committee"),
                            ("internal", "Internal to ONMT"),
                        ],
                        default="parties",
                        max_length=10,
                        verbose_name="visibility",
                    ),
                ),
                ("object_id", models.UUIDField(blank=True, null=True, verbose_name="object")),
                ("removed_at", models.DateTimeField(blank=True, null=True, verbose_name="removed at")),
                (
                    "convention",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="partnership.convention",
                        verbose_name="convention",
                    ),
                ),
                (
                    "object_type",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
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
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="partnership.document",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="partnership.organisation",
                        verbose_name="owner organisation",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="ApiClientEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.UUIDField(default=core.ids.new_id, editable=False, serialize=False, verbose_name="identifier")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="updated at")),
                ("label", models.CharField(max_length=100, verbose_name="label")),
                ("expires_on", models.DateField(verbose_name="valid until")),
                ("revoked_at", models.DateTimeField(blank=True, null=True, verbose_name="revoked at")),
                ("last_used_at", models.DateTimeField(blank=True, null=True, verbose_name="last used at")),
                (
                    "client",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="allauth_idp_oidc.client",
                        verbose_name="OAuth2 client",
                    ),
                ),
                (
                    "created_by",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="issued by",
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
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="partnership.apiclient",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="partnership.organisation",
                        verbose_name="organisation",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="AffiliationEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.UUIDField(default=core.ids.new_id, editable=False, serialize=False, verbose_name="identifier")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="updated at")),
                (
                    "status",
                    models.CharField(
                        choices=[("active", "Active"), ("suspended", "Suspended"), ("withdrawn", "Withdrawn")],
                        default="active",
                        max_length=10,
                        verbose_name="state",
                    ),
                ),
                ("reason", models.CharField(blank=True, max_length=500, verbose_name="reason")),
                ("starts_on", models.DateField(verbose_name="from")),
                ("ends_on", models.DateField(blank=True, null=True, verbose_name="until")),
                ("source", models.URLField(blank=True, max_length=500, verbose_name="source")),
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
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="partnership.affiliation",
                    ),
                ),
                (
                    "body",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="partnership.organisation",
                        verbose_name="federation or council",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="partnership.organisation",
                        verbose_name="member",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="PartyEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.UUIDField(default=core.ids.new_id, editable=False, serialize=False, verbose_name="identifier")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="updated at")),
                ("order", models.PositiveSmallIntegerField(default=1, verbose_name="order")),
                ("signatory", models.CharField(blank=True, max_length=150, verbose_name="signatory")),
                ("quality", models.CharField(blank=True, max_length=150, verbose_name="quality of the signatory")),
                ("signed_on", models.DateField(blank=True, null=True, verbose_name="signed on")),
                (
                    "convention",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="partnership.convention",
                        verbose_name="convention",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="partnership.organisation",
                        verbose_name="organisation",
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
                        db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name="events", to="partnership.party"
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="MandateEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.UUIDField(default=core.ids.new_id, editable=False, serialize=False, verbose_name="identifier")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="updated at")),
                (
                    "role",
                    models.CharField(
                        choices=[("administrator", "Administrator"), ("member", "Member"), ("reader", "Reader")],
                        max_length=15,
                        verbose_name="role",
                    ),
                ),
                ("title", models.CharField(blank=True, max_length=120, verbose_name="office")),
                ("starts_on", models.DateField(verbose_name="from")),
                (
                    "ends_on",
                    models.DateField(
                        blank=True, help_text="The first day on which the mandate no longer holds", null=True, verbose_name="until"
                    ),
                ),
                ("source", models.URLField(blank=True, max_length=500, verbose_name="source")),
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
                        db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name="events", to="partnership.mandate"
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="partnership.organisation",
                        verbose_name="organisation",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="partnership.person",
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Action",
            fields=[
                (
                    "id",
                    models.UUIDField(default=core.ids.new_id, editable=False, primary_key=True, serialize=False, verbose_name="identifier"),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="updated at")),
                ("title", models.CharField(max_length=300, verbose_name="title")),
                ("description", models.TextField(blank=True, verbose_name="description")),
                (
                    "priority",
                    models.CharField(
                        choices=[("low", "Low"), ("normal", "Normal"), ("high", "High")],
                        default="normal",
                        max_length=6,
                        verbose_name="priority",
                    ),
                ),
                ("starts_on", models.DateField(verbose_name="starts on")),
                ("due_on", models.DateField(help_text="Closes at 23:59, Casablanca time", verbose_name="due on")),
                (
                    "progress",
                    models.PositiveSmallIntegerField(
                        default=0, validators=[django.core.validators.MaxValueValidator(100)], verbose_name="progress (%)"
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("todo", "To do"),
                            ("in_progress", "In progress"),
                            ("blocked", "Blocked"),
                            ("done", "Done"),
                            ("verified", "Verified"),
                            ("returned", "Returned"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="todo",
                        max_length=12,
                        verbose_name="state",
                    ),
                ),
                ("status_reason", models.TextField(blank=True, verbose_name="reason of the state")),
                ("outcome", models.TextField(blank=True, verbose_name="what was done")),
                ("done_at", models.DateTimeField(blank=True, null=True, verbose_name="done at")),
                ("verified_at", models.DateTimeField(blank=True, null=True, verbose_name="verified at")),
                ("origin_id", models.UUIDField(blank=True, null=True, verbose_name="origin")),
                ("source", models.URLField(blank=True, max_length=500, verbose_name="source")),
                (
                    "done_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="done by",
                    ),
                ),
                (
                    "origin_type",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="contenttypes.contenttype",
                        verbose_name="kind of origin",
                    ),
                ),
                (
                    "verified_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="verified by",
                    ),
                ),
                (
                    "axis",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="actions", to="partnership.axis", verbose_name="axis"
                    ),
                ),
                (
                    "commitment",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="actions",
                        to="partnership.commitment",
                        verbose_name="commitment",
                    ),
                ),
                (
                    "convention",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="actions",
                        to="partnership.convention",
                        verbose_name="convention",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="actions",
                        to="partnership.organisation",
                        verbose_name="owner organisation",
                    ),
                ),
                (
                    "responsible",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="actions",
                        to="partnership.person",
                        verbose_name="person responsible",
                    ),
                ),
            ],
            options={
                "verbose_name": "action",
                "verbose_name_plural": "actions",
                "ordering": ["due_on", "id"],
                "indexes": [
                    models.Index(fields=["due_on", "id"], name="partnership_action_due"),
                    models.Index(fields=["organisation", "due_on", "id"], name="partnership_action_org"),
                    models.Index(fields=["convention", "status", "due_on"], name="partnership_action_conv"),
                ],
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("due_on__gte", models.F("starts_on"))), name="partnership_action_dates"),
                    models.CheckConstraint(condition=models.Q(("progress__lte", 100)), name="partnership_action_progress"),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status__in", ["done", "verified"]), _negated=True),
                            models.Q(models.Q(("outcome", ""), _negated=True), ("done_at__isnull", False)),
                            _connector="OR",
                        ),
                        name="partnership_action_done",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("status", "verified"), ("verified_at__isnull", True), _connector="XOR"),
                        name="partnership_action_verified",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("verified_by", None),
                            ("done_by", None),
                            models.Q(("verified_by", models.F("done_by")), _negated=True),
                            _connector="OR",
                        ),
                        name="partnership_action_second_person",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status__in", ["returned", "blocked", "cancelled"]), _negated=True),
                            models.Q(("status_reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="partnership_action_reason",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("origin_id", None), ("origin_type", None)),
                            models.Q(("origin_id__isnull", False), ("origin_type__isnull", False)),
                            _connector="OR",
                        ),
                        name="partnership_action_origin",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="DocumentVersionEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.UUIDField(default=core.ids.new_id, editable=False, serialize=False, verbose_name="identifier")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="updated at")),
                ("number", models.PositiveSmallIntegerField(verbose_name="number")),
                ("file", models.FileField(upload_to=partnership.models.document.version_path, verbose_name="file")),
                ("filename", models.CharField(max_length=200, verbose_name="file name")),
                ("media_type", models.CharField(max_length=100, verbose_name="media type")),
                ("size", models.PositiveBigIntegerField(verbose_name="size (bytes)")),
                ("sha256", models.CharField(max_length=64, verbose_name="SHA-256")),
                (
                    "scan_state",
                    models.CharField(
                        choices=[
                            ("pending", "Waiting for the virus scan"),
                            ("clean", "Clean"),
                            ("infected", "Infected"),
                            ("not_scanned", "Not scanned: no scanner is configured"),
                        ],
                        default="pending",
                        max_length=12,
                        verbose_name="virus scan",
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=300, verbose_name="what changed")),
                (
                    "document",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="partnership.document",
                        verbose_name="document",
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
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="partnership.documentversion",
                    ),
                ),
                (
                    "uploaded_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="uploaded by",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="InvitationEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.UUIDField(default=core.ids.new_id, editable=False, serialize=False, verbose_name="identifier")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="updated at")),
                ("email", models.EmailField(max_length=254, verbose_name="e-mail address")),
                ("full_name", models.CharField(max_length=150, verbose_name="full name")),
                (
                    "role",
                    models.CharField(
                        choices=[("administrator", "Administrator"), ("member", "Member"), ("reader", "Reader")],
                        max_length=15,
                        verbose_name="role",
                    ),
                ),
                (
                    "language",
                    models.CharField(
                        choices=[("fr", "Français"), ("ar", "العربية"), ("en", "English")],
                        default="fr",
                        max_length=5,
                        verbose_name="language",
                    ),
                ),
                ("expires_at", models.DateTimeField(verbose_name="expires at")),
                ("accepted_at", models.DateTimeField(blank=True, null=True, verbose_name="accepted at")),
                ("revoked_at", models.DateTimeField(blank=True, null=True, verbose_name="withdrawn at")),
                (
                    "invited_by",
                    models.ForeignKey(
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="invited by",
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
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="partnership.invitation",
                    ),
                ),
                (
                    "mandate",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="partnership.mandate",
                        verbose_name="mandate",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="partnership.organisation",
                        verbose_name="organisation",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="CommitmentEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.UUIDField(default=core.ids.new_id, editable=False, serialize=False, verbose_name="identifier")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="updated at")),
                ("reference", models.CharField(max_length=20, verbose_name="reference")),
                ("title_fr", models.CharField(max_length=300, verbose_name="title in French")),
                ("title_ar", models.CharField(blank=True, max_length=300, verbose_name="title in Arabic")),
                ("title_en", models.CharField(blank=True, max_length=300, verbose_name="title in English")),
                ("description", models.TextField(blank=True, verbose_name="description")),
                (
                    "nature",
                    models.CharField(
                        choices=[("financial", "Financial"), ("non_financial", "Non-financial")],
                        default="non_financial",
                        max_length=15,
                        verbose_name="nature",
                    ),
                ),
                ("amount", models.DecimalField(blank=True, decimal_places=2, max_digits=16, null=True, verbose_name="amount (MAD)")),
                ("due_on", models.DateField(blank=True, help_text="Closes at 23:59, Casablanca time", null=True, verbose_name="due on")),
                (
                    "recurrence",
                    models.CharField(
                        choices=[
                            ("none", "Once"),
                            ("monthly", "Every month"),
                            ("quarterly", "Every quarter"),
                            ("half_yearly", "Every six months"),
                            ("yearly", "Every year"),
                        ],
                        default="none",
                        max_length=12,
                        verbose_name="recurrence",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("planned", "Planned"),
                            ("in_progress", "In progress"),
                            ("declared", "Declared delivered"),
                            ("confirmed", "Confirmed"),
                            ("contested", "Contested"),
                            ("arbitrated", "Arbitrated"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="planned",
                        max_length=12,
                        verbose_name="state",
                    ),
                ),
                ("declared_at", models.DateTimeField(blank=True, null=True, verbose_name="declared at")),
                ("declaration", models.TextField(blank=True, verbose_name="what was delivered")),
                ("settled_at", models.DateTimeField(blank=True, null=True, verbose_name="settled at")),
                ("contested_at", models.DateTimeField(blank=True, null=True, verbose_name="contested at")),
                ("contest_reason", models.TextField(blank=True, verbose_name="reason of the contest")),
                (
                    "arbitration",
                    models.CharField(
                        blank=True,
                        choices=[("delivered", "Held to be delivered"), ("not_delivered", "Held not to be delivered")],
                        max_length=15,
                        verbose_name="outcome of the arbitration",
                    ),
                ),
                ("status_reason", models.TextField(blank=True, verbose_name="reason of the state")),
                ("source", models.URLField(blank=True, max_length=500, verbose_name="source")),
                (
                    "axis",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="partnership.axis",
                        verbose_name="axis",
                    ),
                ),
                (
                    "declared_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="declared by",
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
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="partnership.commitment",
                    ),
                ),
                (
                    "previous",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="partnership.commitment",
                        verbose_name="previous occurrence",
                    ),
                ),
                (
                    "settled_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="settled by",
                    ),
                ),
                (
                    "convention",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="partnership.convention",
                        verbose_name="convention",
                    ),
                ),
                (
                    "minutes",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="partnership.document",
                        verbose_name="minutes of the decision",
                    ),
                ),
                (
                    "beneficiary",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="partnership.party",
                        verbose_name="beneficiary party",
                    ),
                ),
                (
                    "obligor",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="partnership.party",
                        verbose_name="obligor party",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="Evidence",
            fields=[
                (
                    "id",
                    models.UUIDField(default=core.ids.new_id, editable=False, primary_key=True, serialize=False, verbose_name="identifier"),
                ),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="updated at")),
                ("title", models.CharField(max_length=300, verbose_name="title")),
                ("url", models.URLField(blank=True, max_length=500, verbose_name="address")),
                ("fact_on", models.DateField(verbose_name="date of the fact")),
                ("received_on", models.DateField(default=core.clock.today, verbose_name="received on")),
                ("expires_on", models.DateField(blank=True, null=True, verbose_name="valid until")),
                (
                    "action",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="evidence",
                        to="partnership.action",
                        verbose_name="action",
                    ),
                ),
                (
                    "added_by",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="added by",
                    ),
                ),
                (
                    "commitment",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="evidence",
                        to="partnership.commitment",
                        verbose_name="commitment",
                    ),
                ),
                (
                    "document",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="evidence",
                        to="partnership.document",
                        verbose_name="document",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="partnership.organisation",
                        verbose_name="brought by",
                    ),
                ),
            ],
            options={
                "verbose_name": "evidence",
                "verbose_name_plural": "evidence",
                "ordering": ["-fact_on", "id"],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("action__isnull", True), ("commitment__isnull", False)),
                            models.Q(("action__isnull", False), ("commitment__isnull", True)),
                            _connector="OR",
                        ),
                        name="partnership_evidence_one_object",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(models.Q(("url", ""), _negated=True), ("document__isnull", False), _connector="OR"),
                        name="partnership_evidence_something",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("expires_on", None), ("expires_on__gte", models.F("fact_on")), _connector="OR"),
                        name="partnership_evidence_dates",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="ActionEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.UUIDField(default=core.ids.new_id, editable=False, serialize=False, verbose_name="identifier")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="updated at")),
                ("title", models.CharField(max_length=300, verbose_name="title")),
                ("description", models.TextField(blank=True, verbose_name="description")),
                (
                    "priority",
                    models.CharField(
                        choices=[("low", "Low"), ("normal", "Normal"), ("high", "High")],
                        default="normal",
                        max_length=6,
                        verbose_name="priority",
                    ),
                ),
                ("starts_on", models.DateField(verbose_name="starts on")),
                ("due_on", models.DateField(help_text="Closes at 23:59, Casablanca time", verbose_name="due on")),
                (
                    "progress",
                    models.PositiveSmallIntegerField(
                        default=0, validators=[django.core.validators.MaxValueValidator(100)], verbose_name="progress (%)"
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("todo", "To do"),
                            ("in_progress", "In progress"),
                            ("blocked", "Blocked"),
                            ("done", "Done"),
                            ("verified", "Verified"),
                            ("returned", "Returned"),
                            ("cancelled", "Cancelled"),
                        ],
                        default="todo",
                        max_length=12,
                        verbose_name="state",
                    ),
                ),
                ("status_reason", models.TextField(blank=True, verbose_name="reason of the state")),
                ("outcome", models.TextField(blank=True, verbose_name="what was done")),
                ("done_at", models.DateTimeField(blank=True, null=True, verbose_name="done at")),
                ("verified_at", models.DateTimeField(blank=True, null=True, verbose_name="verified at")),
                ("origin_id", models.UUIDField(blank=True, null=True, verbose_name="origin")),
                ("source", models.URLField(blank=True, max_length=500, verbose_name="source")),
                (
                    "done_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="done by",
                    ),
                ),
                (
                    "origin_type",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="contenttypes.contenttype",
                        verbose_name="kind of origin",
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
                        db_constraint=False, on_delete=django.db.models.deletion.DO_NOTHING, related_name="events", to="partnership.action"
                    ),
                ),
                (
                    "verified_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="verified by",
                    ),
                ),
                (
                    "axis",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="partnership.axis",
                        verbose_name="axis",
                    ),
                ),
                (
                    "commitment",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="partnership.commitment",
                        verbose_name="commitment",
                    ),
                ),
                (
                    "convention",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="partnership.convention",
                        verbose_name="convention",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="partnership.organisation",
                        verbose_name="owner organisation",
                    ),
                ),
                (
                    "responsible",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="partnership.person",
                        verbose_name="person responsible",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
        migrations.CreateModel(
            name="EvidenceEvent",
            fields=[
                ("pgh_id", models.AutoField(primary_key=True, serialize=False)),
                ("pgh_created_at", models.DateTimeField(auto_now_add=True)),
                ("pgh_label", models.TextField(help_text="The event label.")),
                ("id", models.UUIDField(default=core.ids.new_id, editable=False, serialize=False, verbose_name="identifier")),
                ("created_at", models.DateTimeField(auto_now_add=True, verbose_name="created at")),
                ("updated_at", models.DateTimeField(auto_now=True, verbose_name="updated at")),
                ("title", models.CharField(max_length=300, verbose_name="title")),
                ("url", models.URLField(blank=True, max_length=500, verbose_name="address")),
                ("fact_on", models.DateField(verbose_name="date of the fact")),
                ("received_on", models.DateField(default=core.clock.today, verbose_name="received on")),
                ("expires_on", models.DateField(blank=True, null=True, verbose_name="valid until")),
                (
                    "action",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="partnership.action",
                        verbose_name="action",
                    ),
                ),
                (
                    "added_by",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="added by",
                    ),
                ),
                (
                    "commitment",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="partnership.commitment",
                        verbose_name="commitment",
                    ),
                ),
                (
                    "document",
                    models.ForeignKey(
                        blank=True,
                        db_constraint=False,
                        null=True,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="partnership.document",
                        verbose_name="document",
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
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="events",
                        to="partnership.evidence",
                    ),
                ),
                (
                    "organisation",
                    models.ForeignKey(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        related_query_name="+",
                        to="partnership.organisation",
                        verbose_name="brought by",
                    ),
                ),
            ],
            options={
                "abstract": False,
            },
        ),
    ]
