"""The search key: one normal form for sorting and searching, and beside it the bones of each word, alike in both scripts."""

from django.db import migrations

# Vowel signs, accents written apart, tatweel, and what is never seen: soft hyphens, joiners, marks of direction.
UNSEEN = (
    r"[\u00AD\u0300-\u036F\u0610-\u061A\u0640\u064B-\u065F\u0670\u06D6-\u06ED\u200B-\u200F\u202A-\u202E\u2060-\u206F\uFE00-\uFE0F\uFEFF]"
)
# Compatibility forms first (presentation forms, full width), then Arabic letter forms and digits, then accents and case.
# Case twice, because the dictionary answers some signs with capitals.
NORM = rf"""
CREATE OR REPLACE FUNCTION public.norm(t text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$
  SELECT lower(public.unaccent('public.unaccent'::regdictionary, lower(
    translate(
      regexp_replace(normalize(regexp_replace(t, '{UNSEEN}', '', 'g'), NFKC), '{UNSEEN}', '', 'g'),
      'أإآٱىةؤئیکھہ٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹', 'اااايهويي' || 'كهه01234567890123456789'))))
$$
"""
OLD_NORM = r"""
CREATE OR REPLACE FUNCTION public.norm(t text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$
  SELECT public.unaccent('public.unaccent'::regdictionary,
    lower(regexp_replace(translate(t, 'أإآٱىةؤئ', 'اااايهوي'), '[\u064B-\u065F\u0670\u0640]', '', 'g')))
$$
"""
# Letters and digits of any script; all the rest parts words.
WORDS = r"""
CREATE FUNCTION public.search_words(t text) RETURNS text
LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT AS $$
  SELECT ' ' || ltrim(regexp_replace(public.norm(t) || ' ',
    '[^a-z0-9\u00DF-\u00F6\u00F8-\u02AF\u0370-\u0373\u0386\u0388-\u0556\u0561-\u0587\u05D0-\u05EA\u0620-\u064A\u066E-\u06D3\u06FA-\u06FC'
    || '\u0750-\u077F\u0900-\u1FFF\u2D30-\u2D6F\u3040-\uD7FF]+', ' ', 'g'))
$$
"""
# From words to bones, in order: no digits; each word's script (1 Latin, 2 Arabic); articles; doubled Latin letters; groups of
# letters that are one sound; how a word begins; then one capital a sound, no vowel. A capital is never read again by a rule.
# A single bone says nothing and is dropped. `replace` rather than expressions: this runs for every row that is written.


def _replaced(text: str, *pairs: str) -> str:
    """SQL that replaces one after the other: "from>to"."""
    for pair in pairs:
        old, new = pair.split(">")
        text = f"replace({text}, '{old}', '{new}')"
    return text


ARTICLES = [f" e{letter * 2}> {letter}" for letter in "srtndz"]
DOUBLES = [f"{letter * 2}>{letter}" for letter in "bcdfgklmnprstz"]
SOUNDS = [
    *(f"{group}>X" for group in ("sch", "ch", "sh")),
    *(f"{group}>K" for group in ("kh", "gh", "ck", "cq", "q")),
    *(f"gu{vowel}>K" for vowel in "eiy"),
    "dj>J",
    *(f"g{vowel}>J" for vowel in "eiy"),
    *(f"c{vowel}>S" for vowel in "eiy"),
    "ph>F",
    "x>KS",
]
BEGINNINGS = [" ou> W", " w> W", " y> Y", " h> H", *(f" {vowel}> A" for vowel in "aeiou")]
ARABIC_BEGINNINGS = [" او> W", " و> W", " ا> A", " ع> A", " ي> Y", " ه> H", " ح> H"]
SKELETON = rf"""
CREATE FUNCTION public.search_skeleton(words text) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT AS $$
DECLARE t text := translate(words, '0123456789', '');
BEGIN
  IF t ~ '[a-z]' THEN
    t := regexp_replace(t, '([a-z]) ', '\11 ', 'g');
    t := {_replaced("t", *ARTICLES, *DOUBLES)};
    t := {_replaced("t", *SOUNDS)};
    t := {_replaced("t", *BEGINNINGS)};
    t := translate(t, 'bpckgdfvjlmnrstzaeiouwyh', 'BBKKKDFFJLMNRSTZ');
  END IF;
  IF t ~ '[\u0620-\u06D3]' THEN
    t := regexp_replace(t, '([\u0620-\u064A\u066E-\u06D3]) ', '\12 ', 'g');
    t := regexp_replace(t, ' و?ال(?=[\u0620-\u064A]{{2}})', ' ', 'g');
    t := {_replaced("t", *ARABIC_BEGINNINGS)};
    t := translate(t, 'بپتطثجچژخغكقگڭڨدذضظرزسصشفڤلمناعءويهح', 'BBTTTJJJKKKKKKKDDDDRZSSXFFLMN');
  END IF;
  t := regexp_replace(t, '[^A-Z12 ]+', '', 'g');
  RETURN regexp_replace(t, ' [A-Z]?[12]?(?= )', '', 'g');
END
$$
"""
KEY = r"""
CREATE FUNCTION public.search_key(t text) RETURNS text
LANGUAGE plpgsql IMMUTABLE PARALLEL SAFE STRICT AS $$
DECLARE words text := public.search_words(t);
BEGIN
  RETURN words || '|' || public.search_skeleton(words);
END
$$
"""


class Migration(migrations.Migration):
    dependencies = [("core", "0005_privacy")]
    operations = [
        migrations.RunSQL(NORM, OLD_NORM),
        migrations.RunSQL(WORDS, "DROP FUNCTION public.search_words(text)"),
        migrations.RunSQL(SKELETON, "DROP FUNCTION public.search_skeleton(text)"),
        migrations.RunSQL(KEY, "DROP FUNCTION public.search_key(text)"),
    ]
