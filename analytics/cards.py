"""The figures of a page as people read them: cards with value, change, comparison and sparkline."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from analytics.queries.kpis import Kpis, adds_up, buckets
from core import formats
from core.sparks import Spark, spark_of
from metrics.declare import Metric
from metrics.query import Cell

SPARK_POINTS = 130


@dataclass(frozen=True)
class Told:
    """A figure in words: its value, the compared value, and the change between them.

    `tone` is good, bad or flat; `direction` up, down or flat; `word` says it for screen readers.
    """

    value: str
    before: str = ""
    change: str = ""
    tone: str = "flat"
    direction: str = "flat"
    word: str = ""


@dataclass(frozen=True)
class Card:
    """One figure of the page and the address that puts it into the main chart."""

    slug: str
    label: str
    about: str
    told: Told
    spark: Spark | None
    href: str
    is_selected: bool


@dataclass(frozen=True)
class Course:
    """A metric bucket by bucket, and the compared period beside it; None where nothing is known."""

    days: list[date]
    values: list[Decimal | None]
    before: list[Decimal | None]


def cards_of(kpis: Kpis, path: str) -> list[Card]:
    """The page's cards in their order; each links to itself in the main chart."""
    state, currency = kpis.resolved.state, kpis.resolved.scope.currency
    compares = kpis.resolved.compared is not None
    cards = []
    for metric in kpis.cards:
        cell = kpis.over_time.total.cells[metric.slug]
        course = course_of(kpis, metric)
        cards.append(
            Card(
                slug=metric.slug,
                label=str(metric.label),
                about=str(metric.about),
                told=told(metric, cell, currency, compares=compares),
                spark=spark_of(course.values, course.before) if len(course.days) > 1 else None,
                href=state.with_(metric=metric.slug).at(path),
                is_selected=metric is kpis.selected,
            )
        )
    return cards


def told(metric: Metric, cell: Cell, currency: str, *, compares: bool) -> Told:
    """One figure in words; without a comparison it stands alone."""
    value = formats.figure(cell.value, metric.unit, currency)
    if not compares:
        return Told(value)
    before = formats.figure(cell.before, metric.unit, currency)
    if cell.is_new:
        return Told(value, before, _("new"))
    change = formats.describe_change(cell.change, metric.unit, metric.good)
    return Told(value, before, change.text, change.tone, change.direction, change.word)


def course_of(kpis: Kpis, metric: Metric) -> Course:
    """The metric along the page's buckets; an empty bucket is zero for what adds up."""
    resolved = kpis.resolved
    days = buckets(resolved.period, resolved.grain, resolved.scope.week_start)
    found = {row.key[0]: row.cells[metric.slug] for row in kpis.over_time.rows}
    empty = Cell(Decimal(0), Decimal(0)) if adds_up(metric.formula) else Cell(None)
    cells = [found.get(day, empty) for day in days]
    before = [cell.before for cell in cells] if resolved.compared else []
    return Course(days, [cell.value for cell in cells], before)
