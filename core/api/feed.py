"""What an organisation's programs must change in their copy: what they see now, compared with what they were last told.

Nothing is derived from clocks or from the order of commits: a row that was not there at one comparison is there at the next, so no
change is ever skipped. What was never shown is never called gone, and a right that was lost, even by a mere date, shows as a removal.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from django.conf import settings
from django.core import signing
from django.db import connection, transaction
from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from core import clock
from core.api.errors import ApiError
from core.models import Feed, FeedEntry

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from django.db.models import QuerySet

KEPT: Final = timedelta(days=90)
SALT: Final = "core.api.feed"
# `seen` is what the organisation sees now, `told` what it was told. Rows told nothing new are left untouched.
COMPARE: Final = """
WITH seen AS (SELECT v.id, md5(jsonb_build_array({versions})::text)::uuid AS version FROM ({rows}) v),
     told AS (SELECT object, version, gone FROM core_feedentry WHERE organisation = %s AND type = %s),
     news AS (
        SELECT coalesce(seen.id, told.object) AS object, seen.version, seen.id IS NULL AS gone
        FROM seen FULL JOIN told ON told.object = seen.id
        WHERE told.object IS NULL OR (seen.id IS NULL AND NOT told.gone)
           OR (seen.id IS NOT NULL AND (told.gone OR told.version IS DISTINCT FROM seen.version))
     )
INSERT INTO core_feedentry AS e (organisation, type, object, version, gone, sequence, shown_from, noted_at)
SELECT %s, %s, object, version, gone, %s + row_number() OVER (ORDER BY object), %s + row_number() OVER (ORDER BY object), %s FROM news
ON CONFLICT (organisation, type, object) DO UPDATE SET
    version = excluded.version, gone = excluded.gone, sequence = excluded.sequence, noted_at = excluded.noted_at,
    shown_from = CASE WHEN e.gone THEN excluded.shown_from ELSE e.shown_from END
"""


@dataclass(frozen=True, slots=True)
class Position:
    """How far a program has read, of which types. Written signed: it belongs to one organisation's feed."""

    generation: UUID
    sequence: int
    types: tuple[str, ...]

    def write(self) -> str:
        """As text for an address."""
        return signing.dumps({"g": self.generation.hex, "s": self.sequence, "t": list(self.types)}, salt=SALT, compress=True)


def read_position(text: str, *, feed: Feed, types: Sequence[str]) -> Position:
    """The position behind a cursor. Refuses (400) one that is not of this feed and these types, and one that is too old."""
    try:
        data = signing.loads(text, salt=SALT)
        position = Position(UUID(data["g"]), int(data["s"]), tuple(data["t"]))
    except (signing.BadSignature, ValueError, KeyError, TypeError) as error:
        raise ApiError(400, "bad_cursor", _("The cursor is not one of this feed."), field="since") from error
    if position.types != tuple(types):
        raise ApiError(400, "bad_cursor", _("The cursor was given for other types of objects."), field="since")
    if position.generation != feed.generation or position.sequence < feed.forgotten:
        raise ApiError(
            400, "cursor_expired", _("What was removed since this cursor has been forgotten: read the lists again."), field="since"
        )
    return position


def compare(organisation: UUID, sources: Mapping[str, Callable[[], QuerySet[Any]]]) -> Feed:
    """Bring the feed up to date for these types, unless it was compared less than API_FEED_SECONDS ago, and return it.

    One comparison at a time for an organisation: numbers become visible in their order.
    """
    feed = Feed.objects.filter(pk=organisation).first()
    if feed is not None and not _due(feed, sources):
        return feed
    with transaction.atomic():
        if feed is None:
            Feed.objects.bulk_create([Feed(organisation=organisation)], ignore_conflicts=True)
        feed = Feed.objects.select_for_update().get(pk=organisation)
        for name in _due(feed, sources):
            instant = clock.now()
            feed.sequence += _write_news(feed, name, sources[name](), instant)
            feed.compared[name] = instant.isoformat()
        feed.asked_at = clock.now()
        feed.save(update_fields=["sequence", "compared", "asked_at"])
    return feed


def _due(feed: Feed, types: Iterable[str]) -> list[str]:
    limit = clock.now() - timedelta(seconds=settings.API_FEED_SECONDS)
    return [name for name in types if name not in feed.compared or datetime.fromisoformat(feed.compared[name]) <= limit]


def as_of(feed: Feed, types: Iterable[str]) -> datetime:
    """Everything committed before this instant is in the feed."""
    return min(datetime.fromisoformat(feed.compared[name]) for name in types)


def _write_news(feed: Feed, name: str, rows: QuerySet[Any], instant: datetime) -> int:
    """Compare one type and return how many entries were written. The version is the row's, and that of what is computed beside it."""
    computed = sorted(rows.query.annotations)
    sql, parameters = rows.order_by().values("id", "updated_at", *computed).query.sql_with_params()
    versions = ", ".join(f"v.{connection.ops.quote_name(column)}" for column in ("updated_at", *computed))
    key: list[Any] = [feed.organisation, name]
    with connection.cursor() as cursor:
        cursor.execute(COMPARE.format(versions=versions, rows=sql), [*parameters, *key, *key, feed.sequence, feed.sequence, instant])
        return int(cursor.rowcount)


def entries(position: Position, *, organisation: UUID, size: int) -> list[FeedEntry]:
    """At most `size` entries after a position, in order. What came and went in between was never told: it is left out.

    One entry an object: one that changes while a program turns pages moves to the end, and may then be told as updated, or gone, before
    it was told as created. The copy is the same: created and updated mean « read it », gone means « hold it no more ».
    """
    rows = FeedEntry.objects.filter(organisation=organisation, type__in=position.types, sequence__gt=position.sequence)
    return list(rows.exclude(gone=True, shown_from__gt=position.sequence).order_by("sequence")[:size])


def purge() -> int:
    """Forget the removals older than 90 days, and the feeds that nobody asked for in that time; return how many entries went."""
    limit = clock.now() - KEPT
    idle = list(Feed.objects.filter(asked_at__lt=limit).values_list("pk", flat=True))
    with transaction.atomic():
        count = FeedEntry.objects.filter(organisation__in=idle).delete()[0]
        Feed.objects.filter(pk__in=idle).delete()
        old = FeedEntry.objects.filter(gone=True, noted_at__lt=limit)
        for organisation, last in old.values_list("organisation").annotate(last=Max("sequence")).order_by("organisation"):
            Feed.objects.filter(pk=organisation, forgotten__lt=last).update(forgotten=last)
        return count + old.delete()[0]
