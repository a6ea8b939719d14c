"""Events and ready-made sessions of a source become rows; the days that they touch are marked."""

# The statements are put together from constants of this file alone.
# ruff: noqa: S608

from datetime import date, timedelta
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from catalog.services.matching import product_ids
from core.landing import (
    Landed,
    accepted,
    moments_checked,
    stored_amounts,
    words_checked,
)
from core.staging import distinct, ids_of, recoded, rows, stage, with_column
from metrics.marks import mark
from stores.models import Origin, Store
from traffic.models import Event, Kind, Session
from traffic.services.dimensions import with_dimensions
from traffic.services.moved import Staged, drop_moved
from traffic.services.partitions import make_partitions
from traffic.services.visitors import stage_visitors

KINDS = {name.lower(): value for name, value in zip(Kind.names, Kind.values, strict=True)}
# Whose visit it was and when is the source's word; equal words give the equal key in every run.
KEY = "md5(%(origin_slug)s || E'\\x1f' || visitor_key || E'\\x1f' || external_id)::uuid"

DAY = "(at AT TIME ZONE %(zone)s)::date"
# Rows that are here just as they are told again are dropped before anything else is done.
PREPARE_EVENTS = f"""
CREATE TEMP TABLE landing_event ON COMMIT DROP AS
SELECT {KEY} AS key, {DAY} AS day, visitor_key, at, kind, channel, country, device, tag, page,
    product, value
FROM landing_event_raw s
"""
UNLESS_SAME = f"""
WHERE NOT EXISTS (SELECT FROM traffic_event e
    WHERE e.store_id = %(store)s AND e.day = {DAY.replace("at AT", "s.at AT")} AND e.key = {KEY}
    AND (e.at, e.kind, e.channel, e.country, e.device, e.tag, e.page, e.product, coalesce(e.value,
        -1)) = (s.at, s.kind, s.channel, s.country, s.device, s.tag, s.page, s.product,
        coalesce(s.value, -1)))
"""
INSERT_EVENTS = """
WITH put AS (
    INSERT INTO traffic_event (store_id, day, key, at, visitor, kind, origin, channel, country,
        device, tag, page, product, value)
    SELECT %(store)s, day, s.key, at, v.id, kind, %(origin)s, channel, country, device, tag, page,
        product, value
    FROM landing_event s JOIN landing_visitor v ON v.key = s.visitor_key
    ON CONFLICT DO NOTHING
    RETURNING day
)
SELECT day, count(*) FROM put GROUP BY day
"""
# The key holds the visitor, so two tellings of one event agree about it.
EVENT_VALUES = ("at", "kind", "channel", "country", "device", "tag", "page", "product",
                "value")  # fmt: skip
# Two tellings of one event: the greater one stands, so that their order does not matter.
CORRECT_EVENTS = """
WITH put AS (
    UPDATE traffic_event e SET {assigned}
    FROM (SELECT DISTINCT ON (key, day) * FROM landing_event ORDER BY key, day, {values} DESC) s
    WHERE e.store_id = %(store)s AND e.day = s.day AND e.key = s.key AND ({new}) > ({old})
    RETURNING e.day
)
SELECT day, count(*) FROM put GROUP BY day
""".format(
    assigned=", ".join(f"{name} = s.{name}" for name in EVENT_VALUES),
    values=" DESC, ".join(EVENT_VALUES),
    new=", ".join(
        f"coalesce(s.{name}, -1)" if name == "value" else f"s.{name}" for name in EVENT_VALUES
    ),
    old=", ".join(
        f"coalesce(e.{name}, -1)" if name == "value" else f"e.{name}" for name in EVENT_VALUES
    ),
)
TOLD_EVENTS = Staged("landing_event", "traffic_event", "s.key", "s.day")
TOLD_SESSIONS = Staged(
    "landing_session", "traffic_session", KEY, "(s.started_at AT TIME ZONE %(zone)s)::date"
)
SAMPLE_IS_KNOWN = f"""
SELECT EXISTS (
    SELECT FROM (SELECT {DAY} AS day, {KEY} AS key FROM landing_event_raw LIMIT 200) s
    JOIN traffic_event e ON e.store_id = %(store)s AND e.day = s.day AND e.key = s.key
)
"""


@transaction.atomic
def land_events(*, store: Store, origin: Origin, table: pa.Table) -> Landed:
    """Take a batch of events (columns of EventRecord); one that is known changes nothing."""
    bad = moments_checked(table, "at") + words_checked(table, "kind", KINDS)
    good, table = accepted(table, bad)
    if not good:
        return Landed(read=len(bad), rejected=bad)
    make_partitions(_months(table["at"]))
    with connection.cursor() as cursor:
        stage(cursor, "landing_event_raw", _coded_events(store, origin, table))
        params = _names(store) | {"origin": origin.pk, "origin_slug": origin.slug}
        different = _prepare_events(cursor, params)
        if not different:
            return _landed(good, bad, 0, 0)
        left = drop_moved(cursor, params, TOLD_EVENTS)
        stage_visitors(cursor, store.pk, "landing_event")
        new = dict(rows(cursor, INSERT_EVENTS, params))
        is_all_new = sum(new.values()) == different
        changed = {} if is_all_new else dict(rows(cursor, CORRECT_EVENTS, params))
    days = new.keys() | changed.keys() | left
    mark(Event, store.pk, days)
    mark(Session, store.pk, days)
    return _landed(good, bad, sum(new.values()), sum(changed.values()))


def _prepare_events(cursor: CursorWrapper, params: dict[str, Any]) -> int:
    """Stage the events that are not here just so already; returns how many."""
    is_known = rows(cursor, SAMPLE_IS_KNOWN, params)[0][0]
    cursor.execute("DROP TABLE IF EXISTS landing_event")
    cursor.execute(PREPARE_EVENTS + UNLESS_SAME if is_known else PREPARE_EVENTS, params)
    different: int = cursor.rowcount
    return different


def _coded_events(store: Store, origin: Origin, table: pa.Table) -> pa.Table:
    table = with_dimensions(store, origin, table)
    pages = pc.utf8_slice_codeunits(table["page"], 0, 500)
    page_ids = ids_of("traffic_page", "path", store.pk, distinct(pages))
    products = product_ids(store, origin, distinct(table["product_id"]))
    kinds = recoded(table["kind"], KINDS)
    return pa.table(
        {
            "visitor_key": table["visitor"],
            "external_id": table["external_id"],
            "at": table["at"],
            "kind": kinds.cast(pa.int32()),
            "page": recoded(pages, page_ids).cast(pa.int32()),
            "product": recoded(table["product_id"], products),
            "value": stored_amounts(table["value"]),
            **{name: table[name] for name in ("channel", "country", "device", "tag")},
        }
    )


SESSION_COUNTS = ("seconds", "events", "page_views", "product_views", "cart_adds", "checkouts",
                  "purchases", "steps")  # fmt: skip
SESSION_VALUES = ("started_at", "visitor", "channel", "country", "device", "tag", "landing_page",
                  *SESSION_COUNTS, "purchase_value")  # fmt: skip
# A new visitor's first session is guessed to be their first ever; the refresh of the day proves it.
LAND_SESSIONS = """
WITH put AS (
    INSERT INTO traffic_session AS t (store_id, day, key, origin, is_derived, is_first, {columns})
    SELECT %(store)s, day, key, %(origin)s, false,
        is_new AND row_number() OVER (PARTITION BY visitor ORDER BY started_at, key) = 1, {columns}
    FROM (
        SELECT DISTINCT ON (day, key) (started_at AT TIME ZONE %(zone)s)::date AS day,
            {key} AS key, v.id AS visitor, v.is_new, s.*
        FROM landing_session s
        JOIN landing_visitor v ON v.key = s.visitor_key
        ORDER BY day, key, pos DESC
    ) told
    ON CONFLICT (store_id, day, key) DO UPDATE SET {assigned}
    WHERE ({old}) IS DISTINCT FROM ({new})
    RETURNING new.day, old.key IS NULL AS is_new
)
SELECT day, count(*) FILTER (WHERE is_new), count(*) FILTER (WHERE NOT is_new)
FROM put GROUP BY day
""".format(
    columns=", ".join(SESSION_VALUES),
    key=KEY,
    assigned=", ".join(f"{name} = excluded.{name}" for name in SESSION_VALUES),
    old=", ".join(f"t.{name}" for name in SESSION_VALUES),
    new=", ".join(f"excluded.{name}" for name in SESSION_VALUES),
)


@transaction.atomic
def land_sessions(*, store: Store, origin: Origin, table: pa.Table) -> Landed:
    """Take a batch of ready-made sessions (SessionRecord); the last telling of one stands."""
    bad = moments_checked(table, "started_at")
    good, table = accepted(table, bad)
    if not good:
        return Landed(read=len(bad), rejected=bad)
    make_partitions(_months(table["started_at"]))
    params = _names(store) | {"origin": origin.pk, "origin_slug": origin.slug}
    with connection.cursor() as cursor:
        stage(cursor, "landing_session", _coded_sessions(store, origin, table))
        left = drop_moved(cursor, params, TOLD_SESSIONS)
        stage_visitors(cursor, store.pk, "landing_session")
        found = rows(cursor, LAND_SESSIONS, params)
    mark(Session, store.pk, left.union(row[0] for row in found))
    return _landed(good, bad, sum(row[1] for row in found), sum(row[2] for row in found))


def _coded_sessions(store: Store, origin: Origin, table: pa.Table) -> pa.Table:
    table = with_dimensions(store, origin, table)
    pages = pc.utf8_slice_codeunits(table["landing_page"], 0, 500)
    page_ids = ids_of("traffic_page", "path", store.pk, distinct(pages))
    table = table.rename_columns({"visitor": "visitor_key"})
    table = with_column(table, "landing_page", recoded(pages, page_ids).cast(pa.int32()))
    for name in SESSION_COUNTS:
        table = with_column(table, name, pc.fill_null(table[name], 0).cast(pa.int32()))
    value = pc.fill_null(stored_amounts(table["purchase_value"]), 0)
    return with_column(table, "purchase_value", value)


def _names(store: Store) -> dict[str, Any]:
    return {"store": store.pk, "zone": store.zone}


def _months(moments: pa.ChunkedArray) -> set[date]:
    """First days of the months that the moments can fall in, in whatever zone."""
    around = [pc.add(moments, pa.scalar(timedelta(days=n))) for n in (-1, 1)]
    months = [pc.floor_temporal(column, unit="month") for column in around]
    return {moment.date() for column in months for moment in pc.unique(column).to_pylist()}


def _landed(good: int, bad: list[Any], new: int, changed: int) -> Landed:
    return Landed(good + len(bad), new, changed, good - new - changed, bad)
