"""Reads needs in one snapshot: what the cache has, the rest by one statement for each shape."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from metrics import cache
from metrics.bookkeeping import (
    Freshness,
    Range,
    built_tables,
    freshness,
    range_of,
    versions,
)
from metrics.cache import Rows
from metrics.cells_read import cells_select, counted_sets, has_cells
from metrics.declare import Measure
from metrics.needs import Need, Way
from metrics.statements import Select, added_up, among, ranking, sum_select
from metrics.uniques_read import gap_scope, rolled_up, rolling_select, unique_select

Wanted = Mapping[Need, frozenset[Measure]]


@dataclass
class Result:
    """The rows of one need: (day if it has a grain, ids of its columns, one value per measure)."""

    measures: tuple[Measure, ...]
    select: Select
    key: str = ""
    rows: Rows = field(default_factory=list)
    is_found: bool = False


@dataclass
class Reading:
    """All results of one snapshot, with what they were read from and how fresh that is."""

    results: dict[Need, Result]
    fresh: dict[str, Freshness]


def read(wanted: Wanted) -> Reading:
    """Read everything as of one moment.

    Inside an open transaction its own isolation holds and the cache is left alone: what it sees
    may never be committed.
    """
    if not wanted:
        return Reading({}, {})
    if connection.in_atomic_block:
        with connection.cursor() as cursor:
            return read_now(cursor, wanted, use_cache=False)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        reading = read_now(cursor, wanted, use_cache=True)
    keep(reading)
    return reading


def read_now(cursor: CursorWrapper, wanted: Wanted, *, use_cache: bool) -> Reading:
    built = built_tables(cursor)
    ranges = sorted({range_of(need) for need in wanted})
    counters = versions(cursor, ranges)
    fresh = freshness(cursor, ranges)
    results = planned(wanted, built, counters)
    if use_cache:
        take_kept(results)
    for needs in by_shape(results):
        missing = [need for need in needs if not results[need].is_found]
        if missing:
            run(cursor, needs if needs[0].limit else missing, results)
    return Reading(results, fresh)


def planned(
    wanted: Wanted, built: frozenset[str], counters: Mapping[Range, int]
) -> dict[Need, Result]:
    """Every need with its statement and its key. Needs of one shape read the same measures."""
    results = {}
    for needs in by_shape(wanted):
        shared = {one for need in needs for one in wanted[need]}
        for need in needs:
            own = {one for one in shared if one.fact is need.fact}
            measures = tuple(sorted(own, key=lambda one: one.name))
            select = select_of(need, measures, built)
            key = cache.key_of(need, measures, select, counters[range_of(need)])
            results[need] = Result(measures, select, key)
        if needs[0].limit:
            keys = [results[need].key for need in needs]
            for need in needs:
                results[need].key = cache.joint_key(results[need].key, keys)
    return results


def select_of(need: Need, measures: Sequence[Measure], built: frozenset[str]) -> Select:
    if need.way is Way.SUM:
        return sum_select(need, measures, built)
    if need.way is Way.ROLLING:
        return rolling_select(need)
    if gap_scope(need) is None and has_cells(need, built):
        return cells_select(need)
    return unique_select(need, built)


def by_shape(needs: Iterable[Need]) -> list[list[Need]]:
    shapes: dict[tuple[object, ...], list[Need]] = {}
    for need in needs:
        shapes.setdefault(need.shape, []).append(need)
    return list(shapes.values())


def take_kept(results: Mapping[Need, Result]) -> None:
    found = cache.kept(result.key for result in results.values())
    for result in results.values():
        if result.key in found:
            result.rows, result.is_found = found[result.key], True


def run(cursor: CursorWrapper, needs: Sequence[Need], results: Mapping[Need, Result]) -> None:
    """Read needs of one shape: sums by one statement, the others one by one."""
    if needs[0].limit:
        run_largest(cursor, needs, results)
        return
    if needs[0].way is Way.SUM:
        parts = [results[need].select for need in needs]
        whole = added_up(parts, needs[0], results[needs[0]].measures)
        cursor.execute(whole.sql, whole.params)
        rows = [results[need].rows for need in needs]
        for row in cursor.fetchall():
            rows[row[0]].append(row[1:])
        return
    for need in needs:
        cursor.execute(results[need].select.sql, results[need].select.params)
        results[need].rows = counted_rows(need, results[need].select, cursor.fetchall())


def run_largest(
    cursor: CursorWrapper, needs: Sequence[Need], results: Mapping[Need, Result]
) -> None:
    """Rank the groups over all facts at once, then add up those that are kept."""
    whole = ranking([results[need].select for need in needs], needs)
    cursor.execute(whole.sql, whole.params)
    ids = [group for (group,) in cursor.fetchall()]
    for need in needs:
        part = among(results[need].select, need.columns[0].name, ids)
        sums = added_up([part], need, results[need].measures)
        cursor.execute(sums.sql, sums.params)
        results[need].rows = [tuple(row) for _, *row in cursor.fetchall()]


def counted_rows(need: Need, select: Select, rows: Rows) -> Rows:
    """Rows of day, ids, count; without a grain the day is left out, as in sums."""
    if need.way is Way.ROLLING:
        rows = rolled_up(rows, need.buckets)
    elif "metrics_cell" in select.sources:
        rows = list(counted_sets(rows, need.buckets))
    return rows if need.grain else [row[1:] for row in rows]


def keep(reading: Reading) -> None:
    """Fill the cache, but not with facts whose days wait: their version still stands as before."""
    cache.keep(
        {
            result.key: result.rows
            for need, result in reading.results.items()
            if not result.is_found
            and not (result.select.is_raw and reading.fresh[need.fact.name].waiting_days)
        }
    )
