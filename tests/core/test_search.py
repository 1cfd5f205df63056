"""Search: one key whatever accents, case and script; what resembles only when nothing matches; nothing of what is hidden."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.keyset import keyset_page
from core.search import Marker, first_found, matching, nearest, queries, ranked, read_query, ways
from core.search.queries import THRESHOLD, WRITTEN, _aliases
from partnership.models import Destination, Organisation
from tests.factories.partnership import OrganisationFactory

if TYPE_CHECKING:
    from pytest_django import DjangoAssertNumQueries

pytestmark = pytest.mark.django_db

# Each line is one place, as French, English and Arabic write it, with usual variants.
PLACES = (
    ("Marrakech", "marrakesh", "MARRAKECH", "Marrâkech", "marakech", "مراكش", "مَرّاكُش", "ﻣﺮاﻛﺶ"),
    ("Agadir", "agadir", "أكادير", "اكادير", "أگادير"),
    ("Fès", "fes", "Fez", "فاس"),
    ("Tanger", "Tangier", "طنجة", "طنجه"),
    ("Casablanca", "الدار البيضاء", "دار البيضاء"),
    ("Ouarzazate", "Warzazat", "ورزازات"),
    ("Essaouira", "الصويرة", "صويرة", "Mogador"),
    ("Al Haouz", "الحوز", "haouz"),
    ("Al Hoceïma", "الحسيمة", "hoceima"),
    ("Errachidia", "الرشيدية"),
    ("Chefchaouen", "شفشاون"),
    ("Dakhla", "الداخلة"),
    ("Khouribga", "خريبكة"),
    ("Guelmim", "كلميم"),
    ("Laâyoune", "العيون"),
    ("Taghazout", "تغازوت"),
)


def sql(expression: str, *values: Any) -> str:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {expression}", values)
        return str(cursor.fetchone()[0])


def names(text: str) -> set[str]:
    return set(matching(Organisation.objects.all(), text).values_list("name_fr", flat=True))


# -- the key -----------------------------------------------------------------------------------------------------------
# Every sign that has accents, case, a form of presentation or a compatible sign; ideograms and Hangul, which have none, left out.
SIGNS = ((0x1, 0x33FF), (0xF900, 0xFFFD), (0x1D400, 0x1D7FF), (0x1EE00, 0x1F2FF))


@pytest.mark.parametrize(("first", "last"), SIGNS)
def test_the_normal_form_when_taken_again_of_any_sign_then_is_the_same(first: int, last: int) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT i FROM generate_series(%s, %s) AS i WHERE norm(norm(chr(i))) <> norm(chr(i))", [first, last])
        assert cursor.fetchall() == []


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=40))
def test_the_normal_form_when_taken_again_of_any_text_then_is_the_same(text: str) -> None:
    once = sql("norm(%s)", text)
    assert sql("norm(%s)", once) == once


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("Fédération nationale de l'Industrie Hôtelière", " federation nationale de l industrie hoteliere |"),
        ("الفِدرالِيّة", " الفدراليه |"),
        ("٢٠٣٠ ۱۲۳", " 2030 123 | "),
        ("ＯＮＭＴ № 5", " onmt no 5 |"),
        ("\u202eevil\u202c Riad\u00ad", " evil riad |"),
        ("", " |"),
        ("%_\\'\";--", " |"),
        ("عبد\u200dالله", " عبدالله |"),
    ],
)
def test_the_key_when_a_text_is_awkward_then_holds_its_words(text: str, key: str) -> None:
    assert sql("search_key(%s)", text).startswith(key)


def test_the_key_when_a_row_changes_then_follows() -> None:
    row = OrganisationFactory(name_fr="Riad Zitoune")
    Organisation.objects.filter(pk=row.pk).update(name_fr="Kasbah Toubkal")
    assert names("zitoune") == set()
    assert names("toubkal") == {"Kasbah Toubkal"}


# -- finding -----------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("place", PLACES, ids=lambda place: place[0])
def test_a_place_when_written_in_any_way_then_finds_every_other_way_and_nothing_else(place: tuple[str, ...]) -> None:
    for written in place:
        OrganisationFactory(name_fr=f"Riad {written} un")
    for other in ("Hôtel Toubkal", "Agence Saharienne", "Maison du Dadès", "Kasbah Bleue"):
        OrganisationFactory(name_fr=other)
    expected = {f"Riad {written} un" for written in place}
    for written in place:
        assert names(written) == expected, written


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("hoteliere", True),
        ("HÔTELIÈRE nationale", True),
        ("federation hoteliere", True),
        ("l’industrie", True),
        ("na in", True),  # two letters: the beginning of a word
        ("on", False),
        ("fnih", True),
        ("001 234 567 000 089", True),
        ("٠٠١٢٣٤٥٦٧", True),
        ("234567", True),
        ("001 999", False),
        ("hoteliere marrakech", False),
        ("%", False),
        ("_", False),
        ("'; DROP TABLE partnership_organisation; --", False),
    ],
)
def test_a_name_when_looked_for_by_its_words_then_is_found_by_all_of_them_only(text: str, found: bool) -> None:
    OrganisationFactory(name_fr="Fédération nationale de l'industrie hôtelière", acronym="FNIH", ice="001234567000089")
    assert bool(names(text)) is found


def test_nothing_when_asked_then_leaves_the_list_as_it_is() -> None:
    OrganisationFactory(name_fr="Riad")
    assert "Riad" in names("")
    assert "Riad" in names("   ")


@pytest.mark.parametrize(
    "text", ["\0", "a\0b", "\ud800", "x" * 10_000, "é " * 5_000, "\u202e\u202e", "🏨", "ﷺ" * 300, "٪؟،", "\\", "$$", "(" * 200]
)
def test_a_query_when_it_is_hostile_then_is_read_in_one_query_and_finds_nothing(
    text: str, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    OrganisationFactory(name_fr="Riad")
    _aliases()
    with django_assert_max_num_queries(1):
        query = read_query(text)
    assert len(query.terms) <= 10
    assert not query or set(matching(Organisation.objects.all(), query)) == set()
    assert nearest(Organisation.objects.all(), query, size=5) == []


def test_the_names_of_one_place_when_listed_then_are_in_their_normal_form() -> None:
    assert [name for group in _aliases().values() for name in group if sql("norm(%s)", name) != name] == []


# -- the best first ----------------------------------------------------------------------------------------------------
def best(text: str, size: int = 10) -> list[str]:
    rows = ranked(Organisation.objects.all(), read_query(text), ordering=("sort_key", "id"), size=size)
    return [row.name_fr for row in rows]


def test_rows_when_several_match_then_those_that_begin_with_the_words_come_first_and_whole_words_before_beginnings() -> None:
    for name in ("Aaa Panatlas", "Bab Atlasia", "Club de l'Àtlas", "Dar Atlas", "Atlas Voyages", "Atlasser"):
        OrganisationFactory(name_fr=name)
    assert best("atlas") == ["Atlas Voyages", "Club de l'Àtlas", "Dar Atlas", "Atlasser", "Bab Atlasia", "Aaa Panatlas"]
    assert best("atlas", size=2) == ["Atlas Voyages", "Club de l'Àtlas"]
    assert best("voyages atlas") == ["Atlas Voyages"]


@pytest.mark.parametrize("text", ["x " * 12, "a\0b", "hôtel فندق отель 酒店", "e", "٩٩"])
def test_rows_when_what_is_asked_has_many_words_or_short_ones_then_are_ranked_all_the_same(text: str) -> None:
    OrganisationFactory(name_fr="Hôtel x a b e 99 فندق отель 酒店")
    assert best(text, size=1) == best(text, size=2) == ["Hôtel x a b e 99 فندق отель 酒店"]


def test_rows_when_more_match_than_are_ranked_then_the_first_of_the_list_are_ranked(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("Aaa Panatlas", "Bab Atlasia", "Dar Atlas", "Atlas Voyages"):
        OrganisationFactory(name_fr=name)
    monkeypatch.setattr(queries, "MOST_RANKED", 3)
    assert best("atlas", size=4) == ["Atlas Voyages", "Bab Atlasia", "Aaa Panatlas"]


# -- the way -----------------------------------------------------------------------------------------------------------
# How many hits are few, and how long a stretch is walked: sorted at once, walked to the end, walked in vain, walked past the last row.
WAYS = ((1000, 500), (0, 9), (0, 2), (0, 500))


def by_way(monkeypatch: pytest.MonkeyPatch, few: int, walked: int) -> None:
    monkeypatch.setattr(ways, "FEW", few)
    monkeypatch.setattr(ways, "MOST_WALKED", walked)


@pytest.mark.parametrize(("few", "walked"), WAYS)
@pytest.mark.parametrize("ordering", [("sort_key", "id"), ("-sort_key", "-id"), ("kind", "id")])
def test_rows_when_found_by_any_way_then_are_the_first_of_the_order(
    few: int, walked: int, ordering: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("Agence A", "Agence B", "Agence Atlas", "Guides", "Hôtel B Atlas", "Hôtel A Atlas", "Hôtel A Atlas", "Riad Atlas", "Riad"):
        OrganisationFactory(name_fr=name)
    by_way(monkeypatch, few, walked)
    for text in ("atlas", "hotel", "hotel atlas", "a", "zzyzx"):
        rows = matching(Organisation.objects.all(), text)
        for size in (1, 3, 20):
            assert first_found(rows, ordering=ordering, size=size) == list(rows.order_by(*ordering)[:size]), (text, size)


@pytest.mark.parametrize(("few", "walked"), WAYS)
def test_pages_when_read_by_any_way_then_hold_every_row_once_forwards_and_backwards(
    few: int, walked: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(12):
        OrganisationFactory(name_fr=f"{'Atlas' if number % 3 else 'Rif'} {number:02d}")
    by_way(monkeypatch, few, walked)
    rows = matching(Organisation.objects.all(), "atlas")
    seen, cursor, back = [], None, None
    while True:
        page = keyset_page(rows, ordering=("sort_key", "id"), cursor=cursor, size=3, take=first_found)
        plain = keyset_page(rows, ordering=("sort_key", "id"), cursor=cursor, size=3)
        assert page == plain
        seen.append(page.rows)
        if page.next is None:
            break
        cursor, back = page.next, page
    assert [row.name_fr[-2:] for part in seen for row in part] == ["01", "02", "04", "05", "07", "08", "10", "11"]
    assert back is not None
    assert page.previous is not None
    assert keyset_page(rows, ordering=("sort_key", "id"), cursor=page.previous, size=3, take=first_found).rows == seen[-2]


@pytest.mark.parametrize(
    ("few", "walked", "ordering", "count"),
    [
        (1000, 500, ("sort_key", "id"), 2),  # what is expected, then the rows
        (0, 9, ("sort_key", "id"), 3),  # and the end of the stretch
        (0, 2, ("sort_key", "id"), 4),  # and the index, the stretch being too short
        (0, 9, ("name_ar", "id"), 1),  # no index has this order
    ],
)
def test_rows_when_found_by_a_way_then_cost_its_queries_and_no_more(
    few: int,
    walked: int,
    ordering: tuple[str, ...],
    count: int,
    monkeypatch: pytest.MonkeyPatch,
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    for number in range(15):
        OrganisationFactory(name_fr=f"{'Guides' if number < 5 else 'Hôtel'} {number:02d}")
    by_way(monkeypatch, few, walked)
    rows = matching(Organisation.objects.all(), "hotel")
    with django_assert_num_queries(count):
        assert len(first_found(rows, ordering=ordering, size=3)) == 3


def test_one_letter_when_more_rows_begin_with_it_than_are_ranked_then_no_more_are_sorted(monkeypatch: pytest.MonkeyPatch) -> None:
    OrganisationFactory.create_batch(5, name_fr="Xatlas")
    monkeypatch.setattr(queries, "MOST_RANKED", 3)
    rows = ranked(Organisation.objects.all(), read_query("x"), ordering=("name_ar", "id"), size=5)
    assert len(rows) == 3


# -- what resembles ----------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "text",
    ["marrackech", "marakesch", "ouarzazzat", "ouarzate", "fedration hotelliere", "hoteleire", "مراكس", "agdir", "industri hoteliere"],
)
def test_a_typing_error_when_made_then_the_nearest_row_comes_first(text: str) -> None:
    for name in ("Riad Marrakech مراكش", "Kasbah Ouarzazate", "Fédération de l'industrie hôtelière", "Baie d'Agadir", "Maison Bleue"):
        OrganisationFactory(name_fr=name)
    wanted = {"m": "Marrakech", "م": "Marrakech", "o": "Ouarzazate", "a": "Agadir"}.get(text[0], "hôtelière")
    query = read_query(text)
    rows = list(matching(Organisation.objects.all(), query)) or nearest(Organisation.objects.all(), query, size=5)
    assert wanted in rows[0].name_fr


@pytest.mark.parametrize("text", ["riaf", "zzzzzzzz", "123456", "xy"])
def test_a_short_word_or_one_that_resembles_nothing_when_looked_for_then_is_not_forgiven(text: str) -> None:
    OrganisationFactory(name_fr="Riad Marrakech", ice="001234567000089")
    assert nearest(Organisation.objects.all(), read_query(text), size=5) == []


@pytest.mark.parametrize(("text", "is_forgiven"), [("z" * 30, True), ("z" * 31, False), ("abcdefghijklmnopqrstuvwxyz" * 7, False),
    ("zagara " * 4, True), ("zagara " * 5, False), ("hotel riad agadir agdal menara ziz draa fes rabat dakhla", False)])  # fmt: skip
def test_likeness_when_a_word_is_long_or_words_are_many_then_is_not_looked_for(
    text: str, is_forgiven: bool, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    query = read_query(text)
    assert query.forgives is is_forgiven
    with django_assert_num_queries(4 if is_forgiven else 0):  # a savepoint and its end, the threshold, the rows
        nearest(Organisation.objects.all(), query, size=5)


@pytest.mark.parametrize(
    ("typed", "meant", "is_forgiven"),
    [
        ("agapir", "agadir", True),
        ("tetoban", "tetouan", True),
        ("ragat", "rabat", False),
        ("ouarzasate", "ouarzazate", True),
        ("maison", "saison", True),
        ("maison", "raisin", False),
    ],
)
def test_the_threshold_when_a_letter_is_wrong_then_forgives_one_from_six_letters_on(typed: str, meant: str, is_forgiven: bool) -> None:
    assert (float(sql("word_similarity(%s, %s)", typed, meant)) >= THRESHOLD) is is_forgiven


# -- marking -----------------------------------------------------------------------------------------------------------
def test_words_when_they_match_then_are_marked_and_the_text_is_whole() -> None:
    text = "Hôtel « Marrakech » — مراكش الحمراء, ICE 001234567000089"
    pieces = Marker(read_query("marrakesh 001 234"), [text]).pieces(text)
    assert "".join(piece.text for piece in pieces) == text
    assert [piece.text for piece in pieces if piece.marked] == ["Marrakech", "مراكش", "001234567000089"]


@settings(max_examples=50, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), max_size=60), st.text(max_size=20))
def test_a_text_when_marked_then_its_pieces_joined_are_the_text(text: str, asked: str) -> None:
    pieces = Marker(read_query(asked), [text]).pieces(text)
    assert "".join(piece.text for piece in pieces) == text
    assert all(WRITTEN.fullmatch(piece.text) for piece in pieces if piece.marked)


def test_the_reference_places_when_looked_for_by_any_of_their_names_then_are_found() -> None:
    from django.core.management import call_command

    call_command("load_reference", stdout=open("/dev/null", "w"))  # noqa: SIM115
    rows = list(Destination.objects.all())
    assert len(rows) > 20
    missing = [
        f"{name} → {row.slug}"
        for row in rows
        for name in (row.name_fr, row.name_ar, row.name_en)
        if row not in matching(Destination.objects.all(), name)
    ]
    assert missing == []
