"""Cuts a visitor's events into sessions, in SQL, and knows each visitor's first one."""

# The statements are put together from declarations and constants alone.
# ruff: noqa: S608

from collections.abc import Collection
from datetime import date

from django.db import connection, transaction

from metrics.derived import Check, Days, Params
from metrics.temporary import temporary
from traffic.models import DroppedMonth

GAP = "30 minutes"

# A session's dimensions are its first event's: exactly one row of it has `opens`, so any aggregate
# over that row is the value itself and needs no sort.
DERIVE = """
SELECT store_id, day,
       md5(concat_ws('|', store_id, visitor, day,
           (array_agg(key) FILTER (WHERE opens))[1]))::uuid AS key,
       min(at) AS started_at,
       floor(extract(epoch FROM max(at) - min(at)))::int AS seconds,
       visitor,
       max(origin) FILTER (WHERE opens) AS origin,
       max(channel) FILTER (WHERE opens) AS channel,
       max(country) FILTER (WHERE opens) AS country,
       max(device) FILTER (WHERE opens) AS device,
       max(tag) FILTER (WHERE opens) AS tag,
       coalesce((array_agg(page ORDER BY at, key) FILTER (WHERE kind = 1))[1], 0) AS landing_page,
       count(*)::int AS events,
       (count(*) FILTER (WHERE kind = 1))::int AS page_views,
       (count(*) FILTER (WHERE kind = 2))::int AS product_views,
       (count(*) FILTER (WHERE kind = 3))::int AS cart_adds,
       (count(*) FILTER (WHERE kind = 4))::int AS checkouts,
       (count(*) FILTER (WHERE kind = 6))::int AS purchases,
       coalesce(sum(value) FILTER (WHERE kind = 6), 0)::numeric(18, 4) AS purchase_value,
       coalesce(bit_or(CASE kind WHEN 2 THEN 1 WHEN 3 THEN 2 WHEN 4 THEN 4
                                 WHEN 5 THEN 8 WHEN 6 THEN 16 ELSE 0 END), 0)::smallint AS steps
FROM (SELECT *, count(*) FILTER (WHERE opens) OVER same_day AS part
      FROM (SELECT *, coalesce(at - lag(at) OVER same_day > %(gap)s::interval, TRUE) AS opens
            FROM traffic_event
            WHERE store_id = %(store)s
              AND (%(days)s::date[] IS NULL OR day = ANY(%(days)s::date[]))
              AND NOT day = ANY(%(dropped)s::date[])
            WINDOW same_day AS (PARTITION BY visitor, day ORDER BY at, key)) marked
      WINDOW same_day AS (PARTITION BY visitor, day ORDER BY at, key)) parts
GROUP BY store_id, visitor, day, part
"""

# Sessions of these days that no longer come out the same; imported ones are never touched.
DELETE_CHANGED = """
DELETE FROM traffic_session s
WHERE store_id = %(store)s AND is_derived
  AND (%(days)s::date[] IS NULL OR day = ANY(%(days)s::date[]))
  AND NOT day = ANY(%(dropped)s::date[])
  AND NOT EXISTS (
    SELECT FROM fresh_session f
    WHERE f.day = s.day AND f.key = s.key AND f.started_at = s.started_at
      AND f.seconds = s.seconds AND f.origin = s.origin AND f.channel = s.channel
      AND f.country = s.country AND f.device = s.device AND f.tag = s.tag
      AND f.landing_page = s.landing_page AND f.events = s.events
      AND f.page_views = s.page_views AND f.product_views = s.product_views
      AND f.cart_adds = s.cart_adds AND f.checkouts = s.checkouts AND f.purchases = s.purchases
      AND f.purchase_value = s.purchase_value AND f.steps = s.steps)
"""

# Each visitor's earliest session of these days, derived or imported.
CANDIDATES = """
SELECT DISTINCT ON (visitor) visitor, day, started_at, key
FROM (SELECT visitor, day, started_at, key FROM fresh_session
      UNION ALL
      SELECT visitor, day, started_at, key FROM traffic_session
      WHERE store_id = %(store)s
        AND (%(days)s::date[] IS NULL OR day = ANY(%(days)s::date[]))
        AND (NOT is_derived OR day = ANY(%(dropped)s::date[]))) both_kinds
ORDER BY visitor, started_at, key
"""

# Visitors whose known first session was on one of these days and is later now, or gone: for them
# alone the other days are looked at.
MOVED = """
SELECT f.visitor, f.day, f.key FROM traffic_firstsession f
LEFT JOIN fresh_candidate c ON c.visitor = f.visitor
WHERE f.store_id = %(store)s AND (%(days)s::date[] IS NULL OR f.day = ANY(%(days)s::date[]))
  AND (c.visitor IS NULL OR (c.started_at, c.key) > (f.started_at, f.key))
"""

FIRSTS = """
SELECT c.visitor, c.day, c.started_at, c.key FROM fresh_candidate c
LEFT JOIN traffic_firstsession f ON f.store_id = %(store)s AND f.visitor = c.visitor
WHERE f.visitor IS NULL OR (c.started_at, c.key) < (f.started_at, f.key)
UNION ALL
SELECT * FROM (
    SELECT DISTINCT ON (visitor) visitor, day, started_at, key
    FROM (SELECT visitor, day, started_at, key FROM fresh_candidate
          WHERE visitor IN (SELECT visitor FROM fresh_moved)
          UNION ALL
          SELECT visitor, day, started_at, key FROM traffic_session
          WHERE store_id = %(store)s AND visitor IN (SELECT visitor FROM fresh_moved)
            AND %(days)s::date[] IS NOT NULL AND NOT day = ANY(%(days)s::date[])) others
    ORDER BY visitor, started_at, key) moved
"""

OTHER_DAYS = """
SELECT f.day FROM traffic_firstsession f JOIN fresh_first n USING (visitor)
WHERE f.store_id = %(store)s
UNION SELECT day FROM fresh_first
UNION SELECT day FROM fresh_moved
"""

FORGET_FIRSTS = """
DELETE FROM traffic_firstsession f USING fresh_moved m
WHERE f.store_id = %(store)s AND f.visitor = m.visitor
"""

# What is flagged on days outside the batch loses its flag before the record of it is replaced.
UNFLAG = """
UPDATE traffic_session s SET is_first = FALSE
FROM traffic_firstsession f JOIN fresh_first n USING (visitor)
WHERE f.store_id = %(store)s AND s.store_id = f.store_id AND s.day = f.day AND s.key = f.key
  AND s.is_first AND (f.day, f.key) <> (n.day, n.key)
"""

STORE_FIRSTS = """
INSERT INTO traffic_firstsession (store_id, visitor, day, started_at, key)
SELECT %(store)s, visitor, day, started_at, key FROM fresh_first
ON CONFLICT (store_id, visitor) DO UPDATE
SET day = excluded.day, started_at = excluded.started_at, key = excluded.key
"""

INSERT = """
INSERT INTO traffic_session (
    store_id, day, key, started_at, seconds, visitor, origin, channel, country, device, tag,
    landing_page, events, page_views, product_views, cart_adds, checkouts, purchases,
    purchase_value, steps, is_first, is_derived)
SELECT n.store_id, n.day, n.key, n.started_at, n.seconds, n.visitor, n.origin, n.channel,
       n.country, n.device, n.tag, n.landing_page, n.events, n.page_views, n.product_views,
       n.cart_adds, n.checkouts, n.purchases, n.purchase_value, n.steps,
       f.key IS NOT NULL, TRUE
FROM fresh_session n
LEFT JOIN traffic_firstsession f
  ON f.store_id = n.store_id AND f.visitor = n.visitor AND f.day = n.day AND f.key = n.key
WHERE NOT EXISTS (
    SELECT FROM traffic_session s
    WHERE s.store_id = %(store)s AND s.day = n.day AND s.key = n.key
      AND (%(days)s::date[] IS NULL OR s.day = ANY(%(days)s::date[])))
ORDER BY n.day, n.started_at
ON CONFLICT (store_id, day, key) DO NOTHING
"""

# Unchanged and imported sessions of these days, and a first one on another day.
FLAG = """
UPDATE traffic_session s SET is_first = (f.key = s.key AND f.day = s.day)
FROM traffic_firstsession f
WHERE s.store_id = %(store)s
  AND (%(more)s::date[] IS NULL OR s.day = ANY(%(more)s::date[]))
  AND f.store_id = s.store_id AND f.visitor = s.visitor
  AND s.is_first <> (f.key = s.key AND f.day = s.day)
"""


@transaction.atomic
def derive_sessions(store_id: int, days: Days) -> Collection[date]:
    """Cut the events of these local days into sessions anew (None: all days of the store).

    A session ends after 30 quiet minutes and at local midnight. Imported sessions stay as they
    are. Returns the other days on which a visitor's first session appeared or ceased to be one.
    """
    params: Params = {
        "store": store_id,
        "days": None if days is None else list(days),
        "dropped": dropped_days(),
        "gap": GAP,
    }
    with connection.cursor() as cursor:
        temporary("fresh_session", DERIVE, params, joined_by="day, key, visitor")
        cursor.execute(DELETE_CHANGED, params)
        more = settle_firsts(params)
        cursor.execute(INSERT, params)
        touched = None if days is None else sorted({*days, *more})
        # Sessions and first sessions were just written: the planner guesses how many there are.
        cursor.execute("SET LOCAL enable_nestloop = off")
        cursor.execute(FLAG, params | {"more": touched})
        cursor.execute("SET LOCAL enable_nestloop = on")
    return [] if days is None else more - set(days)


def settle_firsts(params: Params) -> set[date]:
    """Bring each visitor's first session up to date; returns the days that this concerns."""
    with connection.cursor() as cursor:
        temporary("fresh_candidate", CANDIDATES, params, joined_by="visitor")
        temporary("fresh_moved", MOVED, params, joined_by="visitor")
        temporary("fresh_first", FIRSTS, params, joined_by="visitor")
        cursor.execute(OTHER_DAYS, params)
        days = {row[0] for row in cursor}
        cursor.execute(UNFLAG, params)
        cursor.execute(FORGET_FIRSTS, params)
        cursor.execute(STORE_FIRSTS, params)
    return days


def dropped_days() -> list[date]:
    """Days whose raw events were dropped by retention: their sessions are final."""
    return [day for dropped in DroppedMonth.objects.all() for day in dropped.days()]


SESSION_COLUMNS = """day, key, started_at, seconds, visitor, origin, channel, country, device, tag,
    landing_page, events, page_views, product_views, cart_adds, checkouts, purchases,
    purchase_value, steps"""

STORED = f"""
SELECT store_id, {SESSION_COLUMNS} FROM traffic_session
WHERE store_id = %(store)s AND is_derived
  AND (%(days)s::date[] IS NULL OR day = ANY(%(days)s::date[]))
  AND NOT day = ANY(%(dropped)s::date[])
"""

TRUE_FIRSTS = """
SELECT visitor, day, started_at, key
FROM (SELECT DISTINCT ON (visitor) visitor, day, started_at, key FROM traffic_session
      WHERE store_id = %(store)s ORDER BY visitor, started_at, key) firsts
WHERE (%(days)s::date[] IS NULL OR day = ANY(%(days)s::date[]))
"""

FLAGGED = """
SELECT visitor, day, started_at, key FROM traffic_session
WHERE store_id = %(store)s AND is_first
  AND (%(days)s::date[] IS NULL OR day = ANY(%(days)s::date[]))
"""

KNOWN_FIRSTS = """
SELECT visitor, day, started_at, key FROM traffic_firstsession
WHERE store_id = %(store)s AND (%(days)s::date[] IS NULL OR day = ANY(%(days)s::date[]))
"""


def session_checks(store_id: int, days: Days) -> list[Check]:
    """Sessions against events, and first sessions against sessions, for the audit."""
    params: Params = {
        "store": store_id,
        "days": None if days is None else list(days),
        "dropped": dropped_days(),
        "gap": GAP,
    }
    return [
        Check("traffic_session", DERIVE, STORED, params),
        Check("traffic_session first", TRUE_FIRSTS, FLAGGED, params),
        Check("traffic_firstsession", TRUE_FIRSTS, KNOWN_FIRSTS, params),
    ]
