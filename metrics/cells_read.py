"""Distinct visitors over several dimensions: unions of each whole month's roaring sets.

Days outside whole months come from the facts. Exact, as sets know who is in them.
"""

# The statements are put together from declarations and constants; values are parameters.
# ruff: noqa: S608

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from pyroaring import BitMap

from metrics.needs import Bucket, Need, edges
from metrics.sql import escaped, gap_state
from metrics.statements import Params, Select, conditions, filter_sql, in_list, raw, union
from metrics.uniques_read import counted

CELLS = "metrics_cell"


def has_cells(need: Need, built: frozenset[str]) -> bool:
    """Whether month cells know the need's dimensions, and its buckets hold whole months."""
    return (
        need.grain != "day"
        and bool(need.dims)
        and need.dims <= set(need.fact.unique_cells)
        and not any(column.fold for column in need.columns)
        and gap_state(counted(need)) in built
        and any(edges(*bucket)[0] for bucket in need.buckets)
    )


def cells_select(need: Need) -> Select:
    """Rows of first day, last day, dimensions and a set: whole months in bytes, edges as ids."""
    months, days = parts_of(need.buckets)
    pieces = [month_sets(need, months)]
    pieces += [edge_rows(need, bucket) for bucket in days]
    return union(pieces)


def parts_of(buckets: Sequence[Bucket]) -> tuple[list[Bucket], list[Bucket]]:
    """All whole months and all left-over stretches of the buckets."""
    months: list[Bucket] = []
    days: list[Bucket] = []
    for bucket in buckets:
        whole, rest = edges(*bucket)
        months += whole
        days += rest
    return months, days


def month_sets(need: Need, months: Sequence[Bucket]) -> Select:
    stores, params = in_list("store_id", need.stores)
    texts = [stores, "measure = %s"]
    params += [counted(need).name]
    for one in need.filters:
        text, ids = filter_sql(one)
        texts.append(text)
        params += ids
    ranges = " OR ".join("month BETWEEN %s AND %s" for _ in months)
    params += [day for bucket in months for day in bucket]
    names = "".join(f", {column.name}" for column in need.columns)
    where = " AND ".join([*texts, f"({ranges})"])
    sql = f"SELECT month AS day{names}, bitmap, 0 AS who FROM {CELLS} WHERE {where}"
    return Select(sql, params, (CELLS,))


def edge_rows(need: Need, bucket: Bucket) -> Select:
    """Who was there on days outside whole months, once for each group; `day` is the first day."""
    table = raw(need.fact)
    where, params = conditions(need, table, *bucket)
    names = "".join(f", {column.name}" for column in need.columns)
    sql = (
        f"SELECT DISTINCT %s AS day{names}, CAST(NULL AS BYTEA) AS bitmap, "
        f"{escaped(counted(need).sql)} AS who FROM {table.name} WHERE {where}"
    )
    first: Params = [bucket[0]]
    return Select(sql, first + params, (table.name,))


def counted_sets(rows: Sequence[tuple[Any, ...]], buckets: Sequence[Bucket]) -> Iterator[Any]:
    """Rows of bucket start, dimensions, number of distinct values, from cells and edge rows."""
    sets: dict[tuple[Any, ...], BitMap] = {}
    for day, *ids, bitmap, who in rows:
        start = bucket_of(day, buckets)
        group = sets.setdefault((start, *ids), BitMap())
        if bitmap is None:
            group.add(who)
        else:
            group |= BitMap.deserialize(bytes(bitmap))
    for key, members in sets.items():
        yield (*key, len(members))


def bucket_of(day: date, buckets: Sequence[Bucket]) -> date:
    """The start of the bucket that holds the day."""
    return next(start for start, end in buckets if start <= day <= end)
