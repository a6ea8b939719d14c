"""Exact counts of different visitors and customers over any range.

`metrics_presence` holds who was there on which day: what the other two tables are made of, so that
a change of one day is always taken against what they really contain. `metrics_gap` counts, per day
and day of the previous visit, in the whole store and per value of each scope; different visitors
of [a, b] are the sum of n with day in [a, b] and prev < a. `metrics_cell` holds the month's
visitors per channel, country and device as roaring sets.
"""

# The statements are put together from declarations and constants alone.
# ruff: noqa: S608

from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any

from django.db import connection
from psycopg2.extras import execute_values
from pyroaring import BitMap

from metrics.declare import Fact, Measure
from metrics.derived import Days, Params
from metrics.sql import CELL_DIMS, presence_select, unique_measures
from metrics.temporary import temporary

DIFFERENCE = """
    SELECT value, day, channel, country, device, customer_type, sum(sign)::int AS sign
    FROM (SELECT fresh.*, 1 AS sign FROM ({fresh}) fresh
          UNION ALL
          SELECT value, day, channel, country, device, customer_type, -1 FROM metrics_presence
          WHERE store_id = %(store)s AND measure = %(measure)s
            AND day = ANY(%(days)s::date[])) both_sides
    GROUP BY 1, 2, 3, 4, 5, 6 HAVING sum(sign) <> 0
"""

HISTORY = """
    SELECT value, day, channel, country, device, customer_type FROM metrics_presence
    WHERE store_id = %(store)s AND measure = %(measure)s
      AND value IN (SELECT value FROM fresh_difference)
"""

GONE = """
    DELETE FROM metrics_presence p USING fresh_difference d
    WHERE p.store_id = %(store)s AND p.measure = %(measure)s AND d.sign < 0
      AND p.value = d.value AND p.day = d.day AND p.channel = d.channel
      AND p.country = d.country AND p.device = d.device AND p.customer_type = d.customer_type
"""

CAME = """
    INSERT INTO metrics_presence
        (store_id, measure, value, day, channel, country, device, customer_type)
    SELECT %(store)s, %(measure)s, value, day, channel, country, device, customer_type
    FROM fresh_difference WHERE sign > 0
"""

GAPS = """
    SELECT scope, val, day, coalesce(prev, '-infinity'::date) AS prev, ({sign})::int AS n
    FROM (SELECT scope, val, day,
                 lag(day) OVER (PARTITION BY scope, val, value ORDER BY day) AS prev
          FROM (SELECT DISTINCT g.scope, g.val, value, day FROM ({source}) source
                CROSS JOIN LATERAL (VALUES {scopes}) g(scope, val)) seen) gaps
"""

# The whole history, scope by scope: sorts of numbers alone, without a scope's name in every row.
# Someone who was there twice on a day, from two countries, say, has that day before it: not again.
ALL_GAPS = """
    SELECT '{scope}' AS scope, val, day, prev, count(*)::int AS n
    FROM (SELECT {val} AS val, day, coalesce(lag(day) OVER (PARTITION BY value, {val} ORDER BY day),
                                             '-infinity'::date) AS prev
          FROM metrics_presence WHERE store_id = %(store)s AND measure = %(measure)s) gaps
    WHERE prev < day
    GROUP BY val, day, prev
"""

MERGE = """
    MERGE INTO metrics_gap g
    USING (SELECT scope, val, day, prev, sum(n)::int AS n
           FROM ({after} UNION ALL {before}) both_sides
           GROUP BY 1, 2, 3, 4 HAVING sum(n) <> 0) d
    ON g.store_id = %(store)s AND g.measure = %(measure)s AND g.scope = d.scope
       AND g.val = d.val AND g.day = d.day AND g.prev = d.prev
    WHEN MATCHED AND g.n + d.n = 0 THEN DELETE
    WHEN MATCHED THEN UPDATE SET n = g.n + d.n
    WHEN NOT MATCHED THEN INSERT (store_id, measure, scope, val, day, prev, n)
        VALUES (%(store)s, %(measure)s, d.scope, d.val, d.day, d.prev, d.n)
"""

CHANGED_CELLS = """
    SELECT date_trunc('month', d.day)::date AS month, {cell},
           array_agg(DISTINCT value) FILTER (WHERE sign > 0),
           array_agg(DISTINCT value) FILTER (WHERE sign < 0 AND NOT EXISTS (
               SELECT FROM metrics_presence p
               WHERE p.store_id = %(store)s AND p.measure = %(measure)s AND p.value = d.value
                 AND p.day >= date_trunc('month', d.day)::date
                 AND p.day < (date_trunc('month', d.day) + interval '1 month')::date{same_cell}))
    FROM fresh_difference d GROUP BY 1, 2, 3, 4
"""

ALL_CELLS = """
    SELECT date_trunc('month', day)::date AS month, {cell}, array_agg(DISTINCT value)
    FROM ({source}) d GROUP BY 1, 2, 3, 4
"""

STORED = """
    SELECT value, day, channel, country, device, customer_type FROM metrics_presence
    WHERE store_id = %(store)s AND measure = %(measure)s
"""


def refresh_uniques(fact: Fact, store_id: int, days: Days) -> None:
    """Bring the unique sets of the fact's measures in line with its rows of these days."""
    for measure in unique_measures(fact):
        if days is None:
            rebuild_measure(measure, store_id)
        else:
            refresh_measure(measure, store_id, days)


def refresh_measure(measure: Measure, store_id: int, days: Sequence[date]) -> None:
    """Apply the exact difference between what is stored of these days and what the facts say."""
    params: Params = {"store": store_id, "measure": measure.name, "days": list(days)}
    with connection.cursor() as cursor:
        difference = DIFFERENCE.format(fresh=presence_select(measure))
        temporary("fresh_difference", difference, params, joined_by="value, day")
        cursor.execute("SELECT EXISTS (SELECT FROM fresh_difference)")
        if not cursor.fetchone()[0]:
            return
        temporary("fresh_history", HISTORY, params, joined_by="value")
        cursor.execute(GONE, params)
        cursor.execute(CAME, params)
        after = gaps(measure.fact, HISTORY, sign=1)
        before = gaps(measure.fact, "TABLE fresh_history", sign=-1)
        cursor.execute(MERGE.format(after=after, before=before), params)
        if measure.fact.unique_cells:
            cursor.execute(changed_cells(measure.fact), params)
            change_cells(measure, store_id, cursor.fetchall())


def rebuild_measure(measure: Measure, store_id: int) -> None:
    """Make all unique sets of one measure anew from the facts, in one pass."""
    params: Params = {"store": store_id, "measure": measure.name, "days": None}
    with connection.cursor() as cursor:
        for table in ("metrics_presence", "metrics_gap", "metrics_cell"):
            cursor.execute(
                f"DELETE FROM {table} WHERE store_id = %(store)s AND measure = %(measure)s", params
            )
        cursor.execute(
            "INSERT INTO metrics_presence (value, day, channel, country, device, "
            "customer_type, store_id, measure) "
            f"SELECT fresh.*, %(store)s, %(measure)s FROM ({presence_select(measure)}) fresh "
            "ORDER BY value, day",
            params,
        )
        cursor.execute("ANALYZE metrics_presence")
        cursor.execute(
            "INSERT INTO metrics_gap (scope, val, day, prev, n, store_id, measure) "
            f"SELECT g.*, %(store)s, %(measure)s FROM ({all_gaps(measure.fact)}) g "
            "ORDER BY scope, val, day, prev",
            params,
        )
        if measure.fact.unique_cells:
            cursor.execute(all_cells(measure.fact), params)
            write_cells(measure, store_id, ((row[:4], BitMap(row[4])) for row in cursor))


def gaps(fact: Fact, source: str, *, sign: int) -> str:
    """Each visitor-day of `source` with the day before it, per scope."""
    scopes = ", ".join(["('', 0)", *(f"('{dim}', {dim})" for dim in fact.unique_scopes)])
    return GAPS.format(source=source, scopes=scopes, sign=sign)


def all_gaps(fact: Fact) -> str:
    """The gap rows that the stored presence adds up to: scope, val, day, prev, n."""
    scopes = [("", "0::int"), *((dim, dim) for dim in fact.unique_scopes)]
    return " UNION ALL ".join(ALL_GAPS.format(scope=scope, val=val) for scope, val in scopes)


def cell_columns(fact: Fact) -> str:
    """The dimensions that the fact's month cells are kept by; the others are 0."""
    return ", ".join(f"d.{dim}" if dim in fact.unique_cells else f"0 AS {dim}" for dim in CELL_DIMS)


def changed_cells(fact: Fact) -> str:
    same = "".join(f" AND p.{dim} = d.{dim}" for dim in fact.unique_cells)
    return CHANGED_CELLS.format(cell=cell_columns(fact), same_cell=same)


def all_cells(fact: Fact) -> str:
    return ALL_CELLS.format(cell=cell_columns(fact), source=STORED)


def change_cells(measure: Measure, store_id: int, changes: Sequence[tuple[Any, ...]]) -> None:
    """Add and take away visitors in the month cells that the difference touches."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT month, channel, country, device, bitmap FROM metrics_cell "
            "WHERE store_id = %s AND measure = %s AND month = ANY(%s::date[])",
            [store_id, measure.name, sorted({str(row[0]) for row in changes})],
        )
        stored = {row[:4]: bytes(row[4]) for row in cursor}
        cells = []
        for *parts, came, gone in changes:
            key = tuple(parts)
            cell = BitMap.deserialize(stored[key]) if key in stored else BitMap()
            cell |= BitMap(came or ())
            cell -= BitMap(gone or ())
            cells.append((key, cell))
        for key, cell in cells:
            if not cell and key in stored:
                cursor.execute(
                    "DELETE FROM metrics_cell WHERE store_id = %s AND measure = %s AND month = %s "
                    "AND channel = %s AND country = %s AND device = %s",
                    [store_id, measure.name, *key],
                )
    write_cells(measure, store_id, ((key, cell) for key, cell in cells if cell))


def write_cells(
    measure: Measure, store_id: int, cells: Iterable[tuple[Sequence[Any], BitMap]]
) -> None:
    rows = ((store_id, measure.name, *key, cell.serialize()) for key, cell in cells)
    with connection.cursor() as cursor:
        execute_values(
            cursor.cursor,
            "INSERT INTO metrics_cell (store_id, measure, month, channel, country, device, bitmap) "
            "VALUES %s ON CONFLICT (store_id, measure, month, channel, country, device) "
            "DO UPDATE SET bitmap = excluded.bitmap",
            rows,
            page_size=500,
        )
