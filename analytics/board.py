"""The overview board: eight charts of one moment, asked in one go."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.records import Viewer
from analytics.breakdowns import bar_chart, lines_of, why_empty
from analytics.cards import Told, told_of
from analytics.charts import links_of, main_chart, title_of
from analytics.pages import announcement, controls, footing, is_anything, nothing
from analytics.queries.kpis import (
    Kpis,
    buckets,
    events_in,
    has_dimension,
    lack_of,
    visible_metrics,
    with_same_hours,
)
from core import formats
from core.charts.records import Chart
from metrics.answers import ask_many
from metrics.declare import Metric, dimensions, metrics
from metrics.query import Answer, Query
from stores.models import CalendarEntry
from stores.page_state.resolved import ResolvedState

OVER_TIME = ("net_sales", "orders", "average_order", "sessions", "conversion_rate")
LARGEST = {"product": 10, "channel": 10}
STEPS = (
    "sessions",
    "product_view_sessions",
    "add_to_cart_sessions",
    "checkout_sessions",
    "purchase_sessions",
)


@dataclass(frozen=True)
class Plot:
    """One card with a chart; `note` says why there is none."""

    id: str
    title: str
    span: int
    chart: Chart | None = None
    told: Told | None = None
    href: str = ""
    note: str = ""


@dataclass(frozen=True)
class FunnelStep:
    """How many sessions came as far as this step, and which share of the step before they are."""

    label: str
    count: str
    share: Decimal
    rate: str
    change: Decimal | None
    alone: bool


@dataclass(frozen=True)
class Board:
    """The answers behind the charts: over time, by dimension, and the funnel where measured."""

    kpis: Kpis
    funnel: Answer | None


def board_page(viewer: Viewer, resolved: ResolvedState, notices: Sequence[str]) -> dict[str, Any]:
    """Everything on the board, charts and controls."""
    path = reverse("analytics:board")
    told = {"notices": [*notices, *resolved.notices]}
    around = controls(viewer, resolved, path) | {"kpis_url": resolved.state.at(kpis_path())} | told
    if not resolved.stores:
        return around | nothing(viewer, resolved, path)
    board = board_of(resolved)
    kpis = board.kpis
    if not kpis.unmeasured and not is_anything(kpis):
        return around | nothing(viewer, resolved, path)
    if kpis.over_time:
        around["notices"] += kpis.over_time.notes
    events = events_in(resolved)
    days = buckets(resolved.period, resolved.grain, resolved.scope.week_start)
    links = links_of(resolved, days, kpis_path())
    plots = [over_time(kpis, metric, events, links) for metric in kpis.cards]
    return around | {
        "plots": plots[:1],
        "more_plots": [*plots[1:], *(largest(kpis, by, path) for by in kpis.breakdowns)],
        "steps": list(steps_of(resolved, board.funnel)) if board.funnel else [],
        "announcement": announcement(kpis),
        "footing": footing(kpis),
    }


def kpis_path() -> str:
    return reverse("analytics:kpis")


def board_of(resolved: ResolvedState) -> Board:
    """Ask for all charts at once; what the filters or the role leave out is not asked for."""
    seen = visible_metrics(resolved.scope.rights)
    cards = tuple(seen[slug] for slug in OVER_TIME if slug in seen)
    lacks = {metric.slug: lack_of(metric, resolved.state) for metric in cards}
    unmeasured = {slug: why for slug, why in lacks.items() if why}
    queries = queries_of(resolved, [slug for slug in lacks if slug not in unmeasured])
    answers = dict(zip(queries, ask_many(list(queries.values())), strict=True))
    breakdowns = {by: (by, answers.get(by)) for by in LARGEST if by in dimensions}
    kpis = Kpis(resolved, cards, cards[0], answers.get("time"), breakdowns, unmeasured, ())
    return Board(with_same_hours(kpis), answers.get("funnel"))


def queries_of(resolved: ResolvedState, measured: list[str]) -> dict[str, Query]:
    """One question over time, one for each dimension, one for the funnel."""
    queries = {}
    if measured:
        queries["time"] = resolved.asks(measured, by=[resolved.grain])
    for by, top in LARGEST.items():
        if "net_sales" in measured and has_dimension(metrics["net_sales"], by):
            queries[by] = resolved.asks(["net_sales"], by=[by], top=top)
    if not any(lack_of(metrics[slug], resolved.state) for slug in STEPS):
        queries["funnel"] = resolved.asks(STEPS)
    return queries


def over_time(
    kpis: Kpis, metric: Metric, events: list[CalendarEntry], links: Sequence[str]
) -> Plot:  # fmt: skip
    """One metric by the page's buckets; its points open the KPI page of their days."""
    resolved, path = kpis.resolved, kpis_path()
    shown = resolved.state.with_(metric=metric.slug)
    twin = shown.at(reverse("analytics:table", args=[metric.slug]))
    note = kpis.unmeasured.get(metric.slug, "")
    chart = main_chart(
        replace(kpis, selected=metric), events, path, twin=twin, links=links
    ) if not note else None  # fmt: skip
    return Plot(
        id=metric.slug,
        title=title_of(metric, resolved.grain),
        span=8 if metric is kpis.cards[0] else 6,
        chart=chart,
        told=None if note else told_of(kpis, metric),
        href=shown.at(path),
        note=note,
    )


def largest(kpis: Kpis, by: str, path: str) -> Plot:
    """Net sales by one dimension as bars that filter the board."""
    answer, label = kpis.breakdowns[by][1], _(dimensions[by].label)
    title = _("%(metric)s by %(dimension)s") % {
        "metric": _(metrics["net_sales"].label), "dimension": label.lower(),
    }  # fmt: skip
    lines = lines_of(kpis, by, answer, path)[: LARGEST[by]] if answer else []
    if answer is None or not lines:
        return Plot(f"by-{by}", title, 6, note=why_empty(kpis, by, answer))
    return Plot(f"by-{by}", title, 6, chart=bar_chart(kpis, label, lines, answer))


def steps_of(resolved: ResolvedState, answer: Answer) -> Iterator[FunnelStep]:
    """The funnel's steps, each with the share that went on to it and that share's change."""
    cells = [answer[slug] for slug in STEPS]
    first = cells[0].value or Decimal(0)
    for place, (slug, cell) in enumerate(zip(STEPS, cells, strict=True)):
        count = cell.value or Decimal(0)
        last = cells[place - 1]
        rate = count / last.value if place and last.value else None
        before = (cell.before or 0) / last.before if place and last.before else None
        went_on = _("%(share)s go on") % {"share": formats.share(rate, 1)}
        yield FunnelStep(
            label=_(metrics[slug].label),
            count=formats.number(count),
            share=count / first if first else Decimal(0),
            rate=went_on if place else _("Entry"),
            change=rate - before if rate is not None and before is not None else None,
            alone=not place or resolved.compared is None,
        )


def table_page(resolved: ResolvedState, metric: Metric) -> dict[str, Any]:
    """One metric bucket by bucket, as the table behind its chart."""
    lack = lack_of(metric, resolved.state)
    asks = not lack and bool(resolved.stores)
    answer = ask_many([resolved.asks([metric.slug], by=[resolved.grain])])[0] if asks else None
    unmeasured = {metric.slug: lack or _("Nothing in this period.")} if answer is None else {}
    kpis = Kpis(resolved, (metric,), metric, answer, {}, unmeasured, ())
    return {
        "chart": main_chart(kpis, [], kpis_path()) if answer else None,
        "title": title_of(metric, resolved.grain),
        "span": formats.span(resolved.period.start, resolved.period.end),
        "note": unmeasured.get(metric.slug, ""),
        "back": resolved.state.with_(metric=metric.slug).at(kpis_path()),
    }
