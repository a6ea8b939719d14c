"""From sums to an answer: fold, fill, divide, compare, sort, name."""

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from babel.dates import format_skeleton
from django.utils.translation import get_language, gettext, to_locale

from core.periods import Grain
from metrics.changes import compared, events_of
from metrics.declare import Metric
from metrics.needs import Leaf, Way, measure_of
from metrics.notes import notes_of
from metrics.planner import Use
from metrics.query import Answer, Cell, Key, Row
from metrics.read import Reading
from metrics.resolve import Resolved, Span

Sums = dict[Leaf, Any]
LOWEST = Decimal("-Infinity")


@dataclass
class Grouped:
    """Summed leaves of one span: by group, then by bucket (None without an axis); and in all."""

    zeros: Sums
    groups: dict[Key, dict[date | None, Sums]] = field(default_factory=dict)
    total: Sums = field(default_factory=dict)

    def sums(self, group: Key, bucket: date | None) -> Sums:
        """The sums of one group and bucket, zeros when they are new."""
        buckets = self.groups.get(group)
        if buckets is None:
            buckets = self.groups[group] = {}
        found = buckets.get(bucket)
        if found is None:
            found = buckets[bucket] = dict(self.zeros)
        return found

    def at(self, group: Key, bucket: date | None) -> Sums:
        return self.groups.get(group, {}).get(bucket, self.zeros)


def shaped(question: Resolved, uses: Iterable[Use], reading: Reading) -> Answer:
    """The answer to one question from what was read for all."""
    found = list(uses)
    tables = [
        gathered(question, span, [use for use in found if use.span == number], reading)
        for number, span in enumerate(question.spans)
    ]
    groups = ranked(question, tables)
    rows = rows_of(question, tables, groups)
    results = [reading.results[need] for need in dict.fromkeys(use.need for use in found)]
    facts = dict.fromkeys(use.leaf.fact.name for use in found)
    return Answer(
        query=question.query,
        rows=tuple(rows),
        total=total_of(question, tables),
        compared=question.spans[1].period if len(question.spans) > 1 else None,
        sources=tuple(dict.fromkeys(name for one in results for name in one.select.sources)),
        fresh_to={name: reading.fresh[name] for name in facts},
        version=hashlib.sha256("".join(one.key for one in results).encode()).hexdigest()[:20],
        notes=tuple(notes_of(question, found, reading, tables[0].total)),
    )


def gathered(question: Resolved, span: Span, uses: list[Use], reading: Reading) -> Grouped:
    """One span's results put together and folded."""
    leaves = {use.leaf for use in uses}
    table = Grouped(dict.fromkeys(leaves, 0), total=dict.fromkeys(leaves, 0))
    has_own_total = {use.leaf for use in uses if use.is_total}
    for use in uses:
        result, leaf = reading.results[use.need], use.leaf
        place = len(use.need.columns) + bool(use.need.grain)
        place += result.measures.index(measure_of(leaf))
        if use.is_total or leaf not in has_own_total:
            table.total[leaf] += sum(row[place] or 0 for row in result.rows)
        if use.is_total:
            continue
        group_of, key_of, sums_of = grouping(question, use), span.key_of, table.sums
        for row in result.rows:
            bucket = key_of(row[0]) if question.axis else None
            sums_of(group_of(row), bucket)[leaf] += row[place] or 0
    hide_unconverted(question, table)
    return table


def grouping(question: Resolved, use: Use) -> Any:
    """A function from a result's row to the ids of its group, folded."""
    if not question.dims:
        return lambda row: ()
    first = bool(use.need.grain)
    names = [column.name for column in use.need.columns]
    takers = []
    for number, dim in enumerate(question.dims):
        fold = question.lookup.fold(dim) if use.need.way is Way.SUM else None
        place = first + (names.index(dim.column) if use.need.way is Way.SUM else number)
        takers.append((place, fold))
    return lambda row: tuple(
        row[place] if fold is None else fold.get(row[place], 0) for place, fold in takers
    )


def hide_unconverted(question: Resolved, table: Grouped) -> None:
    """Amounts that are only known in each store's own currency are unknown over several."""
    if not question.scope.reporting:
        return
    own = [leaf for leaf in table.total if not measure_of(leaf).is_converted]
    sums = [one for buckets in table.groups.values() for one in buckets.values()]
    for one in (*sums, table.total, table.zeros):
        one.update(dict.fromkeys(own))


def ranked(question: Resolved, tables: list[Grouped]) -> list[Key]:
    """The groups, largest first by the first figure over all buckets; at most `top` of them."""
    groups = list(dict.fromkeys(group for table in tables for group in table.groups))
    if not question.dims:
        return groups or [()]
    if not question.metrics:
        return []
    formula = question.metrics[0].formula

    def size(group: Key) -> tuple[Decimal, Key]:
        buckets = list(tables[0].groups.get(group, {}).values()) or [tables[0].zeros]
        sums = buckets[0] if len(buckets) == 1 else added(buckets)
        value = formula.value(sums)
        return (-(LOWEST if value is None else value), group)

    groups.sort(key=size)
    return groups[: question.query.top]


def added(sums: Iterable[Mapping[Leaf, Any]]) -> Sums:
    total: Sums = {}
    for one in sums:
        for leaf, value in one.items():
            known = total.get(leaf, 0)
            total[leaf] = None if value is None or known is None else known + value
    return total


def rows_of(question: Resolved, tables: list[Grouped], groups: list[Key]) -> list[Row]:
    """A row for every bucket and group, buckets in order, empty ones filled."""
    if question.axis is None and not question.dims:
        return [total_of(question, tables)]
    names = [names_of(question, number, groups) for number in range(len(question.dims))]
    place = list(question.query.by).index(question.axis) if question.axis else 0
    locale, now = to_locale(get_language() or "en"), today(question)
    told = [
        (group, tuple(names[n][0][pk] for n, pk in enumerate(group)),
         tuple(names[n][1][pk] for n, pk in enumerate(group)))
        for group in groups
    ]  # fmt: skip
    rows = []
    for bucket, _, end in question.spans[0].buckets:
        is_incomplete = end >= now
        time: tuple[Key, tuple[str, ...], tuple[str, ...]] = ((), (), ())
        if question.axis:
            label = bucket_label(bucket, question.axis, locale)
            time = (bucket,), (label,), (bucket.isoformat(),)
        for parts in told:
            sums = [table.at(parts[0], bucket if question.axis else None) for table in tables]
            key, labels, words = time
            if question.dims:
                key, labels, words = (
                    part[:place] + own + part[place:] for part, own in zip(parts, time, strict=True)
                )
            rows.append(Row(key, labels, words, cells_of(question, sums), is_incomplete))
    return rows


def names_of(question: Resolved, number: int, groups: list[Key]) -> tuple[Any, Any]:
    """Labels and words of one dimension's ids, for the groups that are kept."""
    ids = list(dict.fromkeys(group[number] for group in groups))
    return question.dims[number].names(question.scope.store_ids, ids)  # type: ignore[arg-type]


def total_of(question: Resolved, tables: list[Grouped]) -> Row:
    """The whole range in one row."""
    cells = cells_of(question, [table.total for table in tables])
    is_incomplete = question.spans[0].period.end >= today(question)
    return Row((), (gettext("Total"),), ("total",), cells, is_incomplete)


def cells_of(question: Resolved, sums: list[Sums]) -> dict[str, Cell]:
    if len(sums) == 1:
        only = sums[0]
        cells = {metric.slug: alone(metric.formula.value(only)) for metric in question.metrics}
    else:
        cells = {metric.slug: cell_of(metric, sums) for metric in question.metrics}
    for metric in question.withheld:
        cells[metric.slug] = Cell(None)
    return cells


def alone(value: Decimal | None) -> Cell:
    """A figure that is compared with nothing; a page has thousands, so the plain way to make it."""
    return tuple.__new__(Cell, (value, None, None, False))


def cell_of(metric: Metric, sums: list[Sums]) -> Cell:
    value = metric.formula.value(sums[0])
    before = metric.formula.value(sums[1])
    return compared(metric.unit, value, before, events_of(metric.formula, sums[1]))


@lru_cache(maxsize=8192)
def bucket_label(day: date, grain: Grain, locale: str) -> str:
    """A bucket's name: its day, the first day of its week, or its month."""
    skeleton = "yMMM" if grain is Grain.MONTH else "yMMMd"
    return str(format_skeleton(skeleton, day, locale=locale))


def today(question: Resolved) -> date:
    """The local day; in several zones the earliest, whose day is over last."""
    if question.scope.today is not None:
        return question.scope.today
    zones = question.scope.zones or ("UTC",)
    return min(datetime.now(ZoneInfo(zone)).date() for zone in zones)
