"""Brings rollups in line with changed facts: claim the marks, recompute their days, one commit.

The marks are taken first, so whatever commits later leaves its own. READ COMMITTED is right here:
each statement sees at least what the claimed marks announced.
"""

# The statements are put together from declarations and constants alone.
# ruff: noqa: S608

import time
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache

from django.db import connection, transaction
from django.db.models import Max

from metrics.declare import facts
from metrics.derived import Days, Params, derived
from metrics.models import Mark
from metrics.sql import Rollup, rollups_of, within
from metrics.statistics import keep_statistics
from metrics.uniques import refresh_uniques

RECENT = timedelta(days=2)
# Up to this many days only rows that really differ are written: a live shop's day is rebuilt
# every few seconds, and most of its rows stay as they are.
COMPARED_DAYS = 3
WORK_MEM = "128MB"

# From so many changed groups on, a month is added up whole.
MOST_GROUPS = 5000

REPLACE_CHANGED = """
WITH fresh AS MATERIALIZED ({build}),
put AS (
    INSERT INTO {table} ({columns})
    SELECT {columns} FROM fresh
    WHERE NOT EXISTS (
        SELECT FROM {table} old WHERE store_id = %(store)s AND {days} AND {same_row})
    ON CONFLICT ({keys}) DO UPDATE SET {updates}
    RETURNING {dims}
),
gone AS (
    DELETE FROM {table} old WHERE store_id = %(store)s AND {days} AND {groups}
    AND NOT EXISTS (SELECT FROM fresh WHERE {same_keys})
    RETURNING {dims}
)
TABLE put UNION TABLE gone
"""

BUMP = """
INSERT INTO metrics_version (fact, store_id, day, n, refreshed_at)
SELECT %(fact)s, %(store)s, day, 1, clock_timestamp() FROM ({days}) days
ON CONFLICT (fact, store_id, day)
DO UPDATE SET n = metrics_version.n + 1, refreshed_at = excluded.refreshed_at
"""


Groups = dict[tuple[str, ...], list[tuple[int, ...]]]


@dataclass(frozen=True)
class Batch:
    """Days of one fact and store that are refreshed together: recent ones, or one month's."""

    fact: str
    store_id: int
    days: tuple[date, ...]


def refresh(name: str, store_id: int, days: Sequence[date], *, wait: bool = True) -> int | None:
    """Rebuild the marked ones among these days; returns how many there were.

    None when another refresher holds the fact's lock and `wait` is false.
    """
    with transaction.atomic():
        if not lock(name, store_id, wait=wait):
            return None
        claimed = claim(name, store_id, days)
        if claimed:
            recompute(name, store_id, claimed)
    return len(claimed)


def recompute(name: str, store_id: int, days: Days) -> None:
    """Make everything that hangs on the fact right for these days (None: all) and say so.

    The caller holds the lock and has claimed the marks.
    """
    settle_memory()
    keep_statistics(source_tables())
    if name in derived:
        more = derived[name].refresh(store_id, days)
        days = None if days is None else sorted({*days, *more})
    if name in facts:
        nested_loops("off")
        groups: Groups = {}
        for rollup in rollups_of(facts[name]):
            put(rollup, store_id, days, groups)
        nested_loops("on")
        refresh_uniques(facts[name], store_id, days)
    bump_versions(name, store_id, days)


def source_tables() -> set[str]:
    """The tables that facts and derived rows are worked out from."""
    found = {fact.table for fact in facts.values()}
    return found | {each.rows._meta.db_table for each in derived.values() if each.rows}


def lock(name: str, store_id: int, *, wait: bool) -> bool:
    """Keep other refreshers of the fact out until the transaction ends."""
    with connection.cursor() as cursor:
        if wait:
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s), %s)", [name, store_id])
            return True
        cursor.execute("SELECT pg_try_advisory_xact_lock(hashtext(%s), %s)", [name, store_id])
        return bool(cursor.fetchone()[0])


@contextmanager
def unrefreshed(store_id: int, names: Collection[str]) -> Iterator[None]:
    """Keep refreshers from these facts while a history comes in: it is added up once, at the end.

    The locks are this connection's, so they end with it, whatever happens. Marks are kept.
    """
    names = sorted(names)
    with connection.cursor() as cursor:
        # In one order for all, as whoever takes several must.
        for name in names:
            cursor.execute("SELECT pg_advisory_lock(hashtext(%s), %s)", [name, store_id])
    try:
        yield
    finally:
        if connection.is_usable():
            with connection.cursor() as cursor:
                for name in names:
                    cursor.execute("SELECT pg_advisory_unlock(hashtext(%s), %s)", [name, store_id])


def claim(name: str, store_id: int, days: Days) -> list[date]:
    """Take the marks of these days (None: all) away; a rollback puts them back."""
    with connection.cursor() as cursor:
        cursor.execute(
            "WITH taken AS (DELETE FROM metrics_mark WHERE fact = %(fact)s "
            f"AND store_id = %(store)s AND {within('day')} RETURNING day) "
            "SELECT DISTINCT day FROM taken ORDER BY day",
            {"fact": name, "store": store_id, "days": None if days is None else list(days)},
        )
        return [row[0] for row in cursor]


def settle_memory() -> None:
    """Sorts of a month fit in memory."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL work_mem = '{WORK_MEM}'")


def nested_loops(state: str) -> None:
    """Over rows just computed, whose number the planner guesses, a nested loop is the one plan
    that can take a thousand times as long."""
    with connection.cursor() as cursor:
        cursor.execute(f"SET LOCAL enable_nestloop = {state}")


def put(rollup: Rollup, store_id: int, days: Days, groups: Groups | None = None) -> None:
    """Write the rollup's rows of these days, or of the months or years that they lie in.

    `groups` keeps, by dimensions, which groups of few days changed: no other group's months did.
    """
    params: Params = {"store": store_id, "days": source_days(rollup, days)}
    target = {"store": store_id, "days": target_days(rollup, days)}
    if days is not None and len(days) <= COMPARED_DAYS:
        put_changed(rollup, params | {"targets": target["days"]}, {} if groups is None else groups)
        return
    with connection.cursor() as cursor:
        cursor.execute(
            f"DELETE FROM {rollup.table} WHERE store_id = %(store)s AND {within('day')}", target
        )
        columns = ", ".join(rollup.columns)
        # By day, so that a month's rows lie side by side; hash order puts each on another block.
        cursor.execute(f"INSERT INTO {rollup.table} ({columns}) {rollup.build} ORDER BY 2", params)


def put_changed(rollup: Rollup, params: Params, groups: Groups) -> None:
    """Write the rows that really differ, and note whose they are for months and years to follow."""
    changed = None if rollup.grain == "day" else groups.get(rollup.dims)
    if changed is not None and not changed:
        return
    if not rollup.dims or (changed and len(changed) > MOST_GROUPS):
        changed = None
    with connection.cursor() as cursor:
        cursor.execute(
            replace_changed(rollup, among=changed is not None),
            params | ids_of(rollup, changed or []),
        )
        if rollup.grain == "day":
            groups[rollup.dims] = cursor.fetchall()


def ids_of(rollup: Rollup, groups: Sequence[tuple[int, ...]]) -> Params:
    """The groups' ids, one list for each dimension."""
    return {dim: [group[place] for group in groups] for place, dim in enumerate(rollup.dims)}


@cache
def replace_changed(rollup: Rollup, *, among: bool = False) -> str:
    """The statement for all groups, or `among` those whose ids are given."""
    measures = [column for column in rollup.columns if column not in rollup.keys]
    ids = ", ".join(f"%({dim})s::bigint[]" for dim in rollup.dims)
    groups = f"({', '.join(rollup.dims)}) IN (SELECT * FROM unnest({ids}))" if among else "TRUE"
    return REPLACE_CHANGED.format(
        build=rollup.build_among(groups) if among else rollup.build,
        groups=groups,
        dims=", ".join(rollup.dims) or "1",
        table=rollup.table,
        columns=", ".join(rollup.columns),
        keys=", ".join(rollup.keys),
        updates=", ".join(f"{column} = excluded.{column}" for column in measures),
        days=within("old.day").replace("%(days)s", "%(targets)s"),
        same_keys=" AND ".join(f"old.{key} = fresh.{key}" for key in rollup.keys),
        same_row=" AND ".join(f"old.{column} = fresh.{column}" for column in rollup.columns),
    )


def target_days(rollup: Rollup, days: Days) -> list[date] | None:
    if days is None:
        return None
    return list(days) if rollup.grain == "day" else sorted(PERIODS[rollup.grain](days))


def source_days(rollup: Rollup, days: Days) -> list[date] | None:
    """A month is added up from all of its days, a year from all of its months."""
    if days is None or rollup.grain == "day":
        return None if days is None else list(days)
    if rollup.grain == "year":
        return [date(year.year, n, 1) for year in sorted(years_of(days)) for n in range(1, 13)]
    return [day for month in sorted(months_of(days)) for day in days_of_month(month)]


def months_of(days: Collection[date]) -> set[date]:
    return {day.replace(day=1) for day in days}


def years_of(days: Collection[date]) -> set[date]:
    return {day.replace(month=1, day=1) for day in days}


PERIODS = {"month": months_of, "year": years_of}


def days_of(grain: str, start: date) -> list[date]:
    """All days of the month or year that begins on this day."""
    months = [start.replace(month=n) for n in range(1, 13)] if grain == "year" else [start]
    return [day for month in months for day in days_of_month(month)]


def days_of_month(month: date) -> Iterator[date]:
    day = month
    while day.month == month.month:
        yield day
        day += timedelta(days=1)


def bump_versions(name: str, store_id: int, days: Days) -> None:
    """Count each rebuilt day up, so that no cached answer over it is found again."""
    source = "SELECT unnest(%(days)s::date[]) AS day"
    if days is None:
        source = "SELECT day FROM metrics_version WHERE fact = %(fact)s AND store_id = %(store)s"
        if name in facts:
            fact = facts[name]
            source += (
                f" UNION SELECT {fact.day} FROM {fact.table} WHERE store_id = %(store)s"
                f" AND {fact.day} IS NOT NULL"
            )
    with connection.cursor() as cursor:
        params: Params = {
            "fact": name,
            "store": store_id,
            "days": None if days is None else list(days),
        }
        cursor.execute(BUMP.format(days=source), params)


def waiting(*, store_id: int | None = None, name: str | None = None) -> list[tuple[str, int]]:
    """Facts and stores with marks, those with the newest day first."""
    marks = Mark.objects.filter(fact__in=[*facts, *derived])
    if store_id is not None:
        marks = marks.filter(store_id=store_id)
    if name is not None:
        marks = marks.filter(fact=name)
    newest = marks.values_list("fact", "store_id").annotate(newest=Max("day"))
    return [(fact, store) for fact, store, _ in newest.order_by("-newest", "fact", "store_id")]


def next_batch(name: str, store_id: int) -> Batch | None:
    """The recent days when some are marked, else the marked days of the newest month."""
    marks = Mark.objects.filter(fact=name, store_id=store_id)
    newest = marks.aggregate(newest=Max("day"))["newest"]
    if newest is None:
        return None
    recent = datetime.now(UTC).date() - RECENT
    first = recent if newest >= recent else newest.replace(day=1)
    days = marks.filter(day__gte=first).values_list("day", flat=True).distinct().order_by("day")
    return Batch(name, store_id, tuple(days[:31]))


def drain(
    *,
    store_id: int | None = None,
    name: str | None = None,
    wait: bool = True,
    seconds: float | None = None,
) -> int:
    """Refresh marked days until none is left or the time is over; returns how many days.

    Each batch is a transaction of its own. After each the newest marked days come first again, so
    a back-fill does not keep today's figures waiting.
    """
    done, ends = 0, None if seconds is None else time.monotonic() + seconds
    busy: set[tuple[str, int]] = set()
    while ends is None or time.monotonic() < ends:
        free = [pair for pair in waiting(store_id=store_id, name=name) if pair not in busy]
        if not free:
            break
        batch = next_batch(*free[0])
        if batch is None:
            continue
        count = refresh(batch.fact, batch.store_id, batch.days, wait=wait)
        if count is None:
            busy.add(free[0])
        else:
            done += count
    return done
