"""Proves the rollups: everything is worked out from facts again and compared, both ways.

One REPEATABLE READ snapshot per fact and store. Days that wait for a refresh in that snapshot are
left out and counted, as are their months and years.
"""

# The statements are put together from declarations and constants alone.
# ruff: noqa: S608

import random
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import connection, transaction
from pyroaring import BitMap

from core.outbox import enqueue
from metrics.declare import Measure, facts
from metrics.derived import Check, Days, Params, derived
from metrics.models import Mark, Version
from metrics.rebuild import everything, stores_of
from metrics.refresh import PERIODS, days_of
from metrics.sql import Rollup, presence_select, rollups_of, unique_measures
from metrics.uniques import STORED, all_cells, all_gaps

COMPARE = """
WITH expected AS MATERIALIZED ({expected}), actual AS MATERIALIZED ({actual})
SELECT (SELECT count(*) FROM expected),
       (SELECT count(*) FROM (TABLE expected EXCEPT ALL TABLE actual) missing),
       (SELECT count(*) FROM (TABLE actual EXCEPT ALL TABLE expected) extra)
"""


@dataclass(frozen=True)
class Found:
    """One table compared for one store: rows worked out, rows missing from it, rows too many."""

    fact: str
    store_id: int
    table: str
    checked: int
    missing: int
    extra: int
    waiting_days: int = 0

    @property
    def differing(self) -> int:
        return self.missing + self.extra


def audit(
    *, name: str | None = None, store_id: int | None = None, sample: int | None = None
) -> Iterator[Found]:
    """Compare every table of the facts and stores asked for; with `sample`, n random days each."""
    for each in [name] if name else everything():
        stores = [store_id] if store_id is not None else stores_of(each)
        if not stores:
            yield Found(each, 0, f"{each}: no store has rows;", 0, 0, 0)
        for store in stores:
            with transaction.atomic():
                one_snapshot()
                yield from list(audit_store(each, store, sample))


def one_snapshot() -> None:
    """All comparisons of a store see the same moment; inside an open transaction keep its level."""
    outer = len(connection.savepoint_ids)
    if not outer:
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")


def audit_store(name: str, store_id: int, sample: int | None) -> Iterator[Found]:
    marks = Mark.objects.filter(fact=name, store_id=store_id)
    waiting = set(marks.values_list("day", flat=True).distinct())
    days: Days = None
    if waiting or sample is not None:
        days = sorted(known_days(name, store_id) - waiting)
    if days is not None and sample is not None:
        days = sorted(random.sample(days, min(sample, len(days))))
    for check in checks(name, store_id, days, waiting):
        checked, missing, extra = compare(check)
        yield Found(name, store_id, check.table, checked, missing, extra, len(waiting))
    if name in facts and facts[name].unique_cells:
        for measure in unique_measures(facts[name]):
            yield cells_found(measure, store_id, len(waiting))


def known_days(name: str, store_id: int) -> set[date]:
    """Days that have rows or had some when they were last rebuilt."""
    versions = Version.objects.filter(fact=name, store_id=store_id)
    days = set(versions.values_list("day", flat=True))
    if name in facts:
        rows = facts[name].model._default_manager.filter(store_id=store_id).order_by()
        days.update(rows.values_list(facts[name].day, flat=True).distinct())
    return days - {None}


def checks(name: str, store_id: int, days: Days, waiting: set[date]) -> Iterator[Check]:
    """Every comparison of one fact and store."""
    if name in derived:
        yield from derived[name].checks(store_id, days)
    if name in facts:
        for rollup in rollups_of(facts[name]):
            yield rollup_check(rollup, store_id, days, waiting)
        for measure in unique_measures(facts[name]):
            yield presence_check(measure, store_id, days)
            yield gap_check(measure, store_id)


def rollup_check(rollup: Rollup, store_id: int, days: Days, waiting: Iterable[date]) -> Check:
    """The rollup's rows against a computation from the fact table alone."""
    source = target = days
    if days is not None and rollup.grain != "day":
        periods = PERIODS[rollup.grain]
        target = sorted(periods(days) - periods(set(waiting)))
        source = [day for start in target for day in days_of(rollup.grain, start)]
    params: Params = {"store": store_id, "days": source, "targets": target}
    columns = ", ".join(rollup.columns)
    actual = (
        f"SELECT {columns} FROM {rollup.table} WHERE store_id = %(store)s "
        "AND (%(targets)s::date[] IS NULL OR day = ANY(%(targets)s::date[]))"
    )
    return Check(rollup.table, f"SELECT {columns} FROM ({rollup.from_fact}) f", actual, params)


def presence_check(measure: Measure, store_id: int, days: Days) -> Check:
    params: Params = {"store": store_id, "measure": measure.name, "days": days}
    actual = f"{STORED} AND (%(days)s::date[] IS NULL OR day = ANY(%(days)s::date[]))"
    return Check(f"metrics_presence {measure.name}", presence_select(measure), actual, params)


def gap_check(measure: Measure, store_id: int) -> Check:
    """The gap rows against the whole history of presence, which is checked by itself."""
    params: Params = {"store": store_id, "measure": measure.name}
    actual = (
        "SELECT scope, val, day, prev, n FROM metrics_gap "
        "WHERE store_id = %(store)s AND measure = %(measure)s"
    )
    return Check(f"metrics_gap {measure.name}", all_gaps(measure.fact), actual, params)


def compare(check: Check) -> tuple[int, int, int]:
    """Rows expected, rows missing, rows too many."""
    sql = COMPARE.format(expected=check.expected, actual=check.actual)
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL work_mem = '128MB'")
        cursor.execute(sql, check.params)
        checked, missing, extra = cursor.fetchone()
    return checked, missing, extra


def cells_found(measure: Measure, store_id: int, waiting_days: int) -> Found:
    """The month cells' sets against presence, value by value."""
    params: Params = {"store": store_id, "measure": measure.name}
    with connection.cursor() as cursor:
        cursor.execute(all_cells(measure.fact), params)
        expected = {row[:4]: BitMap(row[4]) for row in cursor}
        cursor.execute(
            "SELECT month, channel, country, device, bitmap FROM metrics_cell "
            "WHERE store_id = %(store)s AND measure = %(measure)s",
            params,
        )
        actual = {row[:4]: BitMap.deserialize(bytes(row[4])) for row in cursor}
    missing = sum(actual.get(key) != cell for key, cell in expected.items())
    extra = len(actual.keys() - expected.keys())
    table = f"metrics_cell {measure.name}"
    return Found(measure.fact.name, store_id, table, len(expected), missing, extra, waiting_days)


def repair(found: Sequence[Found]) -> list[tuple[str, int]]:
    """Have each fact and store rebuilt whose comparison failed; returns which."""
    wrong = sorted({(each.fact, each.store_id) for each in found if each.differing})
    for name, store_id in wrong:
        enqueue(
            "metrics.tasks.rebuild_fact",
            unique_key=f"rebuild:{name}:{store_id}",
            fact=name,
            store_id=store_id,
        )
    return wrong
