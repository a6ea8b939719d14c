"""Figures by the hour of a few days, summed from the facts themselves.

The rollups hold days. For the handful of days that Home looks at, the same declared measures are
summed by the hour in which each thing happened; metrics are worked out from those sums as always.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django.db.models import (
    BooleanField,
    Case,
    DateTimeField,
    DecimalField,
    F,
    Model,
    OuterRef,
    Q,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.expressions import Combinable, RawSQL
from django.db.models.functions import ExtractHour, TruncTime

from metrics.changes import compared, count_leaf, events_of
from metrics.declare import Fact, Kind, Measure, Metric, Part, dimensions, metrics
from metrics.needs import Leaf, measure_of
from metrics.query import Cell, Scope
from sales.models import CatalogueRequest, Order, OrderLine, Refund, RefundLine
from stores.page_state.state import Filter
from traffic.models import Event, Session

HOURS = range(24)
SUM: "DecimalField[Any, Any]" = DecimalField(max_digits=30, decimal_places=6)
MOMENT: "DateTimeField[Any, Any]" = DateTimeField()
MOMENTS: dict[type[Model], Combinable] = {
    Order: F("placed_at"),
    OrderLine: Subquery(
        Order.objects.filter(pk=OuterRef("order_id")).values("placed_at"), output_field=MOMENT
    ),
    Refund: F("refunded_at"),
    RefundLine: Subquery(
        Refund.objects.filter(pk=OuterRef("refund_id")).values("refunded_at"), output_field=MOMENT
    ),
    CatalogueRequest: F("requested_at"),
    Event: F("at"),
    Session: F("started_at"),
}


@dataclass(frozen=True)
class Hours:
    """Measures summed by day and hour; `early` ones happened before the asked time of day."""

    sums: dict[tuple[date, int, bool], dict[Leaf, Decimal]] = field(default_factory=dict)

    def total(
        self, day: date, *, hours: Iterable[int] = HOURS, early: bool = False
    ) -> dict[Leaf, Decimal]:
        """All measures over some hours of a day, or with `early` over what happened by the time."""
        wanted = set(hours)
        found: dict[Leaf, Decimal] = {}
        for (of, hour, is_early), sums in self.sums.items():
            if of == day and hour in wanted and (is_early or not early):
                for leaf, value in sums.items():
                    found[leaf] = found.get(leaf, Decimal(0)) + value
        return found

    def value(self, metric: Metric, day: date, *, hours: Iterable[int] = HOURS) -> Decimal | None:
        """The metric over some hours of a day."""
        return metric.formula.value(with_zeros(metric, self.total(day, hours=hours)))

    def cell(self, metric: Metric, day: date, before: date) -> Cell:
        """The metric so far on `day` beside the same hours of the day `before`."""
        now = with_zeros(metric, self.total(day, early=True))
        return self.beside(metric, metric.formula.value(now), before)

    def beside(self, metric: Metric, value: Decimal | None, before: date) -> Cell:
        """A value so far beside what the metric had come to by that time on the day `before`."""
        then = with_zeros(metric, self.total(before, early=True))
        events = events_of(metric.formula, then)
        return compared(metric.unit, value, metric.formula.value(then), events)


def with_zeros(metric: Metric, sums: dict[Leaf, Decimal]) -> dict[Leaf, Decimal]:
    """The sums, with zero for every measure of the metric of which nothing happened."""
    return dict.fromkeys(metric.formula.leaves(), Decimal(0)) | sums


def has_hours(metric: Metric) -> bool:
    """Whether every part of the metric knows its hour and adds up over hours."""
    return all(is_timed(leaf) for leaf in metric.formula.leaves())


def is_timed(leaf: Leaf) -> bool:
    """Whether the rows behind a measure, or behind some words of it, know their hour."""
    measure = measure_of(leaf)
    if isinstance(leaf, Part) and (leaf.days or not leaf.dimension):
        return False
    return (
        measure.fact.model in MOMENTS
        and measure.fact.day == "day"
        and measure.kind in {Kind.SUM, Kind.MONEY}
    )


def hours_of(
    slugs: Sequence[str],
    scope: Scope,
    days: Sequence[date],
    *,
    until: datetime | None = None,
    filters: Sequence[Filter] = (),
) -> Hours:
    """The measures of these metrics by day and hour.

    `until` is the moment that parts a day, on each store's own clock; without it days are whole.
    """
    found = Hours()
    for fact, measures in by_fact(slugs).items():
        for zone in dict.fromkeys(scope.zones):
            stores = [pk for pk, z in zip(scope.store_ids, scope.zones, strict=True) if z == zone]
            rows = facts_of(fact, scope, stores, days, filters)
            sums = sums_of(measures, scope)
            for row in summed(rows, sums, zone, clock_at(until, zone, max(days))):
                add(found, row, measures)
    return found


def clock_at(moment: datetime | None, zone: str, day: date) -> time:
    """How far `day` has come in that zone; a zone in which it is over has all of it."""
    local = local_now(zone, moment) if moment else None
    if local is None or local.date() > day:
        return time.max
    return local.time() if local.date() == day else time.min


def by_fact(slugs: Iterable[str]) -> dict[Fact, list[Leaf]]:
    """The measures behind the metrics that have hours, and their row counts, by fact."""
    leaves = {leaf for slug in slugs for leaf in metrics[slug].formula.leaves()}
    leaves |= {count for leaf in leaves if (count := count_leaf(leaf))}
    grouped: dict[str, list[Leaf]] = {}
    for leaf in sorted((leaf for leaf in leaves if is_timed(leaf)), key=str):
        grouped.setdefault(leaf.fact.name, []).append(leaf)
    return {measures[0].fact: measures for measures in grouped.values()}


def facts_of(
    fact: Fact, scope: Scope, stores: Sequence[int], days: Sequence[date], filters: Sequence[Filter]
) -> Any:
    """The fact's rows of those stores and days that pass the filters."""
    rows = fact.model._default_manager.filter(fact.where or Q(), store_id__in=stores, day__in=days)
    for one in filters:
        if dimensions[one.slug].column not in fact.dims:
            return rows.none()
        chosen = named(one.slug, one.words, scope)
        rows = rows.filter(~chosen if one.excluded else chosen)
    return rows


def named(slug: str, words: Sequence[str], scope: Scope) -> Q:
    """The rows that these words of a dimension stand for."""
    dimension = dimensions[slug]
    ids = set(dimension.ids(scope.store_ids, words))
    if dimension.fold:
        ids = {tag for tag, folded in dimension.fold(scope.store_ids).items() if folded in ids}
    return Q(**{f"{dimension.column}__in": ids})


def sums_of(leaves: Sequence[Leaf], scope: Scope) -> dict[str, Sum]:
    """One summed column for each measure, or for the words of it that count."""
    sums = {}
    for place, leaf in enumerate(leaves):
        told = RawSQL(sql_of(measure_of(leaf), reporting=scope.reporting), [], output_field=SUM)  # noqa: S611
        part = named(leaf.dimension, leaf.words, scope) if isinstance(leaf, Part) else None
        sums[f"m{place}"] = Sum(told, filter=part)
    return sums


def summed(rows: Any, sums: dict[str, Sum], zone: str, until: time) -> Any:
    """One row per day, hour and side of `until`, with a column per measure."""
    clock = ZoneInfo(zone)
    early = Case(
        When(at_time__lte=until, then=Value(True)),
        default=Value(False),
        output_field=BooleanField(),
    )
    return (
        rows.annotate(moment=MOMENTS[rows.model])
        .annotate(
            hour=ExtractHour("moment", tzinfo=clock), at_time=TruncTime("moment", tzinfo=clock)
        )
        .annotate(early=early)
        .values("day", "hour", "early")
        .order_by()
        .annotate(**sums)
    )


def sql_of(measure: Measure, *, reporting: bool) -> str:
    """The declared expression; it is written by us, never by a visitor."""
    if measure.kind is Kind.MONEY and reporting:
        return measure.reporting_sql
    return measure.sql


def add(found: Hours, row: dict[str, Any], measures: Sequence[Leaf]) -> None:
    key = (row["day"], row["hour"], row["early"])
    sums = found.sums.setdefault(key, {})
    for place, measure in enumerate(measures):
        sums[measure] = sums.get(measure, Decimal(0)) + (row[f"m{place}"] or Decimal(0))


def course_of_day(hours: Hours, metric: Metric, day: date, now: int) -> list[Decimal]:
    """What a metric that adds up has come to at 00:00, at each full hour, and at the asked time.

    The asked time lies in hour `now`; its value stands between those of the hours around it.
    """

    def until(last: int) -> Decimal:
        return hours.value(metric, day, hours=range(last)) or Decimal(0)

    sums = with_zeros(metric, hours.total(day, hours=range(now + 1), early=True))
    so_far = metric.formula.value(sums) or Decimal(0)
    return [*(until(h) for h in range(now + 1)), so_far, *(until(h) for h in range(now + 1, 25))]


def local_now(zone: str, now: datetime) -> datetime:
    return now.astimezone(ZoneInfo(zone))
