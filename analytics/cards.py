"""The figures of a page as people read them: cards with value, change, comparison and sparkline."""

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from django.utils.translation import gettext as _

from analytics.queries.kpis import Kpis, adds_up, buckets
from core import formats
from core.sparks import Spark, spark_of
from metrics.declare import Metric
from metrics.query import Cell


@dataclass(frozen=True)
class Told:
    """A figure as people read it: its value, what it was before, and the change for <c-delta>.

    `alone` says that there is no comparison, `new` that there was nothing before, `hours` how
    much of the compared day counts while today is not over.
    """

    value: str
    before: str = ""
    change: Decimal | None = None
    unit: str = "count"
    good: str = "up"
    new: bool = False
    alone: bool = True
    hours: str = ""

    @property
    def against(self) -> str:
        """The compared value, with the hours that it counts."""
        return f"{self.before} {self.hours}" if self.before and self.hours else self.before

    @property
    def change_text(self) -> str:
        if self.alone:
            return ""
        return _("new") if self.new else formats.change(self.change, self.unit)


@dataclass(frozen=True)
class Card:
    """One figure of the page and the address that puts it into the main chart."""

    slug: str
    label: str
    about: str
    note: str
    told: Told
    spark: Spark | None
    href: str
    pressed: bool


@dataclass(frozen=True)
class Course:
    """A metric bucket by bucket, and the compared period beside it; None where nothing is known."""

    days: list[date]
    values: list[Decimal | None]
    before: list[Decimal | None]


def cards_of(kpis: Kpis, path: str) -> list[Card]:
    """The page's cards in their order; each links to itself in the main chart."""
    state = kpis.resolved.state
    cards = []
    for metric in kpis.cards:
        course = course_of(kpis, metric)
        cards.append(
            Card(
                slug=metric.slug,
                label=_(metric.label),
                about=_(metric.about),
                note=kpis.unmeasured.get(metric.slug, ""),
                told=told_of(kpis, metric),
                spark=spark_of(course.values, course.before) if len(course.days) > 1 else None,
                href=state.with_(metric=metric.slug).at(path),
                pressed=metric is kpis.selected,
            )
        )
    return cards


def told_of(kpis: Kpis, metric: Metric) -> Told:
    """One figure of the page in words."""
    compares = kpis.resolved.compared is not None
    figure = told(metric, kpis.total(metric), kpis.resolved.scope.currency, compares=compares)
    return replace(figure, hours=kpis.hours(metric))


def told(metric: Metric, cell: Cell, currency: str, *, compares: bool) -> Told:
    """One figure in words; without a comparison it stands alone."""
    value = formats.figure(cell.value, metric.unit, currency)
    if not compares or (cell.value is None and cell.before is None):
        return Told(value)
    before = (
        ""
        if cell.is_new or cell.before is None
        else formats.figure(cell.before, metric.unit, currency)
    )
    return Told(value, before, cell.change, metric.unit, metric.good, cell.is_new, alone=False)


def hours_note(kpis: Kpis) -> str:
    """What today is held against while it is not over; empty on other pages."""
    if not kpis.clock or kpis.resolved.compared is None:
        return ""
    return _(
        "Figures marked “by %(time)s” are compared with the same hours of %(day)s, all others with "
        "that whole day."
    ) % {"time": kpis.clock, "day": formats.weekday(kpis.resolved.compared.start)}


def course_of(kpis: Kpis, metric: Metric) -> Course:
    """The metric along the page's buckets; an empty bucket is zero for what adds up."""
    resolved = kpis.resolved
    days = buckets(resolved.period, resolved.grain, resolved.scope.week_start)
    rows = kpis.over_time.rows if kpis.over_time and metric.slug not in kpis.unmeasured else ()
    found = {row.key[0]: row.cells[metric.slug] for row in rows}
    empty = Cell(Decimal(0), Decimal(0)) if rows and adds_up(metric.formula) else Cell(None)
    cells = [found.get(day, empty) for day in days]
    before = [cell.before for cell in cells] if resolved.compared else []
    return Course(days, [cell.value for cell in cells], before)
