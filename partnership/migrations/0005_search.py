"""Every noun that is found has a search key; people sort by name whatever accents and case."""

import django.contrib.postgres.indexes
from django.db import migrations, models

import core.search.keys


class Migration(migrations.Migration):
    dependencies = [("core", "0006_search"), ("partnership", "0004_privacy_checked")]

    operations = [
        # `norm` folds more than it did: the names' sort key is computed again.
        migrations.RemoveIndex(model_name="organisation", name="partnership_org_sort"),
        migrations.RemoveIndex(model_name="organisation", name="partnership_org_region"),
        migrations.RemoveField(model_name="organisation", name="sort_key"),
        migrations.AddField(
            model_name="organisation",
            name="sort_key",
            field=models.GeneratedField(
                db_persist=True,
                expression=core.search.keys.Norm(models.F("name_fr")),
                output_field=models.CharField(max_length=200),
                verbose_name="sort key",
            ),
        ),
        migrations.AddIndex(model_name="organisation", index=models.Index(fields=["sort_key", "id"], name="partnership_org_sort")),
        migrations.AddIndex(
            model_name="organisation", index=models.Index(fields=["region", "sort_key", "id"], name="partnership_org_region")
        ),
        migrations.AlterModelOptions(
            name="person",
            options={"ordering": ["sort_key", "id"], "verbose_name": "person", "verbose_name_plural": "people"},
        ),
        migrations.AddField(
            model_name="action",
            name="search_key",
            field=models.GeneratedField(
                db_persist=True,
                expression=core.search.keys.SearchKey(models.F("title")),
                output_field=models.TextField(),
                verbose_name="search key",
            ),
        ),
        migrations.AddField(
            model_name="axis",
            name="search_key",
            field=models.GeneratedField(
                db_persist=True,
                expression=core.search.keys.SearchKey(models.F("code"), models.F("title_fr"), models.F("title_ar"), models.F("title_en")),
                output_field=models.TextField(),
                verbose_name="search key",
            ),
        ),
        migrations.AddField(
            model_name="commitment",
            name="search_key",
            field=models.GeneratedField(
                db_persist=True,
                expression=core.search.keys.SearchKey(
                    models.F("reference"), models.F("title_fr"), models.F("title_ar"), models.F("title_en")
                ),
                output_field=models.TextField(),
                verbose_name="search key",
            ),
        ),
        migrations.AddField(
            model_name="convention",
            name="search_key",
            field=models.GeneratedField(
                db_persist=True,
                expression=core.search.keys.SearchKey(
                    models.F("reference"), models.F("title_fr"), models.F("title_ar"), models.F("title_en"), models.F("place")
                ),
                output_field=models.TextField(),
                verbose_name="search key",
            ),
        ),
        migrations.AddField(
            model_name="destination",
            name="search_key",
            field=models.GeneratedField(
                db_persist=True,
                expression=core.search.keys.SearchKey(models.F("name_fr"), models.F("name_ar"), models.F("name_en")),
                output_field=models.TextField(),
                verbose_name="search key",
            ),
        ),
        migrations.AddField(
            model_name="document",
            name="search_key",
            field=models.GeneratedField(
                db_persist=True,
                expression=core.search.keys.SearchKey(models.F("title")),
                output_field=models.TextField(),
                verbose_name="search key",
            ),
        ),
        migrations.AddField(
            model_name="organisation",
            name="search_key",
            field=models.GeneratedField(
                db_persist=True,
                expression=core.search.keys.SearchKey(models.F("name_fr"), models.F("name_ar"), models.F("acronym"), models.F("ice")),
                output_field=models.TextField(),
                verbose_name="search key",
            ),
        ),
        migrations.AddField(
            model_name="person",
            name="search_key",
            field=models.GeneratedField(
                db_persist=True,
                expression=core.search.keys.SearchKey(models.F("full_name"), models.F("email")),
                output_field=models.TextField(),
                verbose_name="search key",
            ),
        ),
        migrations.AddField(
            model_name="person",
            name="sort_key",
            field=models.GeneratedField(
                db_persist=True,
                expression=core.search.keys.Norm(models.F("full_name")),
                output_field=models.CharField(max_length=150),
                verbose_name="sort key",
            ),
        ),
        migrations.AddField(
            model_name="region",
            name="search_key",
            field=models.GeneratedField(
                db_persist=True,
                expression=core.search.keys.SearchKey(
                    models.F("code"),
                    models.F("name_fr"),
                    models.F("name_ar"),
                    models.F("name_en"),
                    models.F("capital_fr"),
                    models.F("capital_ar"),
                ),
                output_field=models.TextField(),
                verbose_name="search key",
            ),
        ),
        migrations.AddIndex(
            model_name="action",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["search_key"], name="partnership_action_search", opclasses=["gin_trgm_ops"]
            ),
        ),
        migrations.AddIndex(
            model_name="axis",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["search_key"], name="partnership_axis_search", opclasses=["gin_trgm_ops"]
            ),
        ),
        migrations.AddIndex(
            model_name="commitment",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["search_key"], name="partnership_com_search", opclasses=["gin_trgm_ops"]
            ),
        ),
        migrations.AddIndex(
            model_name="convention",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["search_key"], name="partnership_con_search", opclasses=["gin_trgm_ops"]
            ),
        ),
        migrations.AddIndex(
            model_name="destination",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["search_key"], name="partnership_destination_search", opclasses=["gin_trgm_ops"]
            ),
        ),
        migrations.AddIndex(
            model_name="document",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["search_key"], name="partnership_doc_search", opclasses=["gin_trgm_ops"]
            ),
        ),
        migrations.AddIndex(
            model_name="organisation",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["search_key"], name="partnership_org_search", opclasses=["gin_trgm_ops"]
            ),
        ),
        migrations.AddIndex(
            model_name="person",
            index=models.Index(fields=["sort_key", "id"], name="partnership_person_sort"),
        ),
        migrations.AddIndex(
            model_name="person",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["search_key"], name="partnership_person_search", opclasses=["gin_trgm_ops"]
            ),
        ),
        migrations.AddIndex(
            model_name="region",
            index=django.contrib.postgres.indexes.GinIndex(
                fields=["search_key"], name="partnership_region_search", opclasses=["gin_trgm_ops"]
            ),
        ),
    ]
