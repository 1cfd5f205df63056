"""Extensions, the normalising function, and the table of the database cache."""

from django.contrib.postgres.operations import BtreeGistExtension, CITextExtension, TrigramExtension, UnaccentExtension
from django.db import migrations

# Folds Arabic letter forms (hamza seats, ta marbuta, alef maqsura), drops vowel signs and tatweel, then case and accents.
NORM = r"""
CREATE OR REPLACE FUNCTION public.norm(t text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$
  SELECT public.unaccent('public.unaccent'::regdictionary,
    lower(regexp_replace(translate(t, 'أإآٱىةؤئ', 'اااايهوي'), '[\u064B-\u065F\u0670\u0640]', '', 'g')))
$$
"""
CACHE = """
CREATE TABLE core_cache (cache_key varchar(255) PRIMARY KEY, value text NOT NULL, expires timestamptz NOT NULL);
CREATE INDEX core_cache_expires ON core_cache (expires);
"""


class Migration(migrations.Migration):
    initial = True
    operations = [
        UnaccentExtension(),
        TrigramExtension(),
        BtreeGistExtension(),
        CITextExtension(),
        migrations.RunSQL(NORM, "DROP FUNCTION public.norm(text)"),
        migrations.RunSQL(CACHE, "DROP TABLE core_cache"),
    ]
