"""Everything the KPI page shows, asked in one go so that all figures are of one moment."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from functools import lru_cache

from django.db.models import Max, Min
from django.http import Http404
from django.utils.translation import gettext as _

from analytics.dashboards import CARD_COUNT, CARDS, MAX_CARDS, SLOTS, Slot
from analytics.queries.intraday import has_hours, hours_of, local_now
from core.periods import Grain, Period, bucket_start
from metrics.answers import ask_many
from metrics.declare import Expr, Given, Kind, Measure, Metric, Of, Op, Part, dimensions, metrics
from metrics.models import Version
from metrics.query import Answer, Cell, Query
from stores.models import CalendarEntry
from stores.page_state.resolved import ResolvedState
from stores.page_state.state import PageState

MAX_EVENTS = 12
USUAL = ("net_sales", "orders", "sessions", "ad_spend")


@dataclass(frozen=True)
class Kpis:
    """The answers behind one KPI page: the cards by bucket, and one breakdown for each slot.

    `unmeasured` says of a metric why the page's filters leave nothing to show. A slot without an
    answer shows a dimension by which the selected metric is not measured. While the page is of
    today alone, `so_far` holds the figures beside the same hours of the compared day, `clock`.
    """

    resolved: ResolvedState
    cards: tuple[Metric, ...]
    selected: Metric
    over_time: Answer | None
    breakdowns: dict[str, tuple[str, Answer | None]]
    unmeasured: dict[str, str]
    notices: tuple[str, ...]
    so_far: Mapping[str, Cell] = field(default_factory=dict)
    clock: str = ""

    def total(self, metric: Metric) -> Cell:
        """The metric over the whole period; nothing where it is not measured."""
        if self.over_time is None or metric.slug in self.unmeasured:
            return NOTHING
        return self.so_far.get(metric.slug) or self.over_time.total.cells[metric.slug]

    def hours(self, metric: Metric) -> str:
        """How much of the compared day the figure is held against, where today is not over."""
        if not self.clock or metric.slug in self.unmeasured:
            return ""
        if metric.slug in self.so_far:
            return _("by %(time)s") % {"time": self.clock}
        return _("all day")


NOTHING = Cell(None)


def kpis_of(resolved: ResolvedState, slots: Sequence[Slot] = SLOTS) -> Kpis:
    """Ask for the cards over time and for the breakdowns, all from one snapshot.

    404 when the viewer may see no metric at all.
    """
    seen = visible_metrics(resolved.scope.rights)
    cards, notices = chosen_cards(resolved.state, seen)
    selected = seen.get(resolved.state.metric, cards[0])
    if resolved.state.metric and resolved.state.metric not in seen:
        notices.append(withheld_notice(resolved.state.metric))
    shown = {metric.slug: metric for metric in (*cards, selected)}
    unmeasured = {slug: why for slug, m in shown.items() if (why := lack_of(m, resolved.state))}
    by_slot = {slot.id: dimension_of(slot, resolved.state) for slot in slots}
    queries = {}
    if asked := [slug for slug in shown if slug not in unmeasured]:
        queries["time"] = resolved.asks(asked, by=[resolved.grain])
    for slot in slots:
        shown_by = metric_by(resolved, by_slot[slot.id], selected.slug)
        if shown_by:
            queries[slot.id] = breakdown_query(resolved, shown_by, slot, by_slot[slot.id])
    answers = dict(zip(queries, ask_many(list(queries.values())), strict=True))
    breakdowns = {slot: (by, answers.get(slot)) for slot, by in by_slot.items() if by}
    return with_same_hours(
        Kpis(resolved, cards, selected, answers.get("time"), breakdowns, unmeasured, tuple(notices))
    )


def with_same_hours(kpis: Kpis, now: datetime | None = None) -> Kpis:
    """On a page of today alone, each figure that has hours beside the same hours that day."""
    resolved, moment = kpis.resolved, now or datetime.now(UTC)
    today, before = resolved.period.start, resolved.compared
    if kpis.over_time is None or before is None or resolved.period != Period(today, today):
        return kpis
    local = local_now(resolved.scope.zones[0], moment)
    if today != resolved.today or local.date() != today:
        return kpis
    shown = {metric.slug: metric for metric in (*kpis.cards, kpis.selected)}
    timed = [m for m in shown.values() if m.slug not in kpis.unmeasured and has_hours(m)]
    hours = hours_of(
        [metric.slug for metric in timed], resolved.scope, [today, before.start],
        until=moment, filters=resolved.state.filters,
    )  # fmt: skip
    cells = {m.slug: hours.beside(m, kpis.total(m).value, before.start) for m in timed}
    return replace(kpis, so_far=cells, clock=f"{local:%H:%M}")


def metric_by(resolved: ResolvedState, by: str, *wanted: str) -> Metric | None:
    """The first wanted or usual metric that the dimension and the page's filters leave measured."""
    seen = visible_metrics(resolved.scope.rights)
    needed = {by, *(one.slug for one in resolved.state.filters)} if by else set()
    for slug in (*wanted, *USUAL, *seen):
        if needed and slug in seen and all(has_dimension(seen[slug], one) for one in needed):
            return seen[slug]
    return None


def lack_of(metric: Metric, state: PageState) -> str:
    """Why the metric has no value under the state's filters; empty when it has."""
    for one in state.filters:
        if not has_dimension(metric, one.slug):
            return _("%(metric)s is not measured by %(dimension)s.") % {
                "metric": _(metric.label), "dimension": _(dimensions[one.slug].label).lower(),
            }  # fmt: skip
    return ""


def visible_metrics(rights: frozenset[str]) -> dict[str, Metric]:
    """The declared metrics that need no right or one that the viewer holds, in declared order."""
    return {s: m for s, m in metrics.items() if not m.permission or m.permission in rights}


def chosen_cards(
    state: PageState, seen: dict[str, Metric]
) -> tuple[tuple[Metric, ...], list[str]]:  # fmt: skip
    """The cards that the state asks for and the viewer may see; else the usual ones."""
    notices = [withheld_notice(slug) for slug in state.cards if slug not in seen]
    asked = [seen[slug] for slug in state.cards if slug in seen][:MAX_CARDS]
    usual = [seen[slug] for slug in CARDS if slug in seen][:CARD_COUNT]
    cards = asked or usual or list(seen.values())[:CARD_COUNT]
    if not cards:
        raise Http404
    return tuple(cards), notices


def withheld_notice(slug: str) -> str:
    metric = metrics.get(slug)
    if metric is None:
        return _("There is no metric “%(slug)s”; it is left out.") % {"slug": slug[:60]}
    return _("%(metric)s is left out: your role does not include it.") % {"metric": _(metric.label)}


def dimension_of(slot: Slot, state: PageState) -> str:
    """Which of the slot's dimensions to show: the one in the address, else its first known."""
    known = [slug for slug in slot.dimensions if slug in dimensions]
    return next((slug for slug in known if slug in state.by), known[0] if known else "")


def breakdown_query(resolved: ResolvedState, metric: Metric, slot: Slot, by: str) -> Query:
    """The metric by one dimension, with the slot's companions that are measured there too."""
    seen = visible_metrics(resolved.scope.rights)
    companions = [
        slug
        for slug in slot.companions
        if slug in seen
        and has_dimension(seen[slug], by)
        and not lack_of(seen[slug], resolved.state)
    ]
    return resolved.asks(list(dict.fromkeys([metric.slug, *companions])), by=[by], top=slot.top)


def has_dimension(metric: Metric, slug: str) -> bool:
    """Whether every part of the metric is measured by this dimension."""
    column = dimensions[slug].column
    return all(column in leaf.fact.dims for leaf in metric.formula.leaves())


def adds_up(expr: Expr | int) -> bool:
    """Whether the values of parts sum to the value of the whole, so that shares make sense."""
    if isinstance(expr, Measure):
        return expr.kind in {Kind.SUM, Kind.MONEY} and not expr.days
    if isinstance(expr, Part):
        return expr.measure.kind in {Kind.SUM, Kind.MONEY} and not expr.days
    if isinstance(expr, Of):
        return adds_up(metrics[expr.slug].formula)
    if isinstance(expr, Given):
        return adds_up(expr.inner)
    if isinstance(expr, Op):
        return expr.sign in "+-" and adds_up(expr.left) and adds_up(expr.right)
    return False


def buckets(period: Period, grain: Grain, week_start: int) -> list[date]:
    """The first days of all buckets that the period touches."""
    return list(buckets_of(period, grain, week_start))


@lru_cache(maxsize=64)
def buckets_of(period: Period, grain: Grain, week_start: int) -> tuple[date, ...]:
    """Kept, as every chart of a page has the same."""
    found = [bucket_start(period.start, grain, week_start)]
    while (following := next_bucket(found[-1], grain)) <= period.end:
        found.append(following)
    return tuple(found)


def next_bucket(start: date, grain: Grain) -> date:
    if grain is Grain.MONTH:
        return (start.replace(day=28) + timedelta(4)).replace(day=1)
    return start + timedelta(7 if grain is Grain.WEEK else 1)


def events_in(resolved: ResolvedState) -> list[CalendarEntry]:
    """What the stores' calendar says begins in the period, oldest first; the newest of too many."""
    found = CalendarEntry.objects.filter(
        store_id__in=resolved.scope.store_ids,
        start_on__lte=resolved.period.end,
        start_on__gte=resolved.period.start,
    )
    return list(found.order_by("-start_on", "-pk")[:MAX_EVENTS])[::-1]


def days_with_data(store_ids: Sequence[int]) -> Period | None:
    """The first and the last day on which anything is known of these stores."""
    found = Version.objects.filter(store_id__in=store_ids).aggregate(Min("day"), Max("day"))
    if found["day__min"] is None:
        return None
    return Period(found["day__min"], found["day__max"])
