"""Pages by row comparison."""

from __future__ import annotations

from datetime import date

import pytest

from core.choices import HolidayStatus
from core.errors import Invalid
from core.keyset import keyset_page
from core.models import Holiday

pytestmark = pytest.mark.django_db


def walk(ordering: tuple[str, ...], size: int) -> list[date]:
    seen: list[date] = []
    cursor = None
    while True:
        page = keyset_page(Holiday.objects.all(), ordering=ordering, cursor=cursor, size=size)
        seen += [row.date for row in page.rows]
        if page.next is None:
            return seen
        cursor = page.next


@pytest.fixture
def days() -> list[date]:
    days = [date(2031, 1, 1 + n) for n in range(7)]
    Holiday.objects.all().delete()
    Holiday.objects.bulk_create(
        Holiday(feast=f"day-{day}", date=day, status=HolidayStatus.CONFIRMED, name_fr="Jour", name_ar="يوم", name_en="Day", source="test")
        for day in days
    )
    return days


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8])
def test_pages_when_walked_forwards_then_show_every_row_once_in_order(days: list[date], size: int) -> None:
    assert walk(("date", "id"), size) == days
    assert walk(("-date", "id"), size) == days[::-1]


def test_pages_when_walked_back_then_show_the_same_rows(days: list[date]) -> None:
    first = keyset_page(Holiday.objects.all(), ordering=("date", "id"), cursor=None, size=3)
    second = keyset_page(Holiday.objects.all(), ordering=("date", "id"), cursor=first.next, size=3)
    back = keyset_page(Holiday.objects.all(), ordering=("date", "id"), cursor=second.previous, size=3)
    assert [row.date for row in back.rows] == days[:3]
    assert back.previous is None


@pytest.mark.parametrize("cursor", ["x", "eyJvIjpbXX0:1abc:def", "é\x00", "0" * 5000])
def test_a_cursor_when_edited_then_is_refused(days: list[date], cursor: str) -> None:
    with pytest.raises(Invalid, match=r"."):
        keyset_page(Holiday.objects.all(), ordering=("date", "id"), cursor=cursor, size=3)


def test_a_cursor_when_of_another_list_then_is_refused(days: list[date]) -> None:
    page = keyset_page(Holiday.objects.all(), ordering=("date", "id"), cursor=None, size=3)
    with pytest.raises(Invalid):
        keyset_page(Holiday.objects.all(), ordering=("-date", "id"), cursor=page.next, size=3)
