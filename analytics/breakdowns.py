"""Breakdown cards: where the selected metric comes from, each row a link that filters by it."""

from dataclasses import dataclass
from decimal import Decimal

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _

from analytics.cards import Told, told
from analytics.dashboards import SLOTS, Slot
from analytics.queries.kpis import Kpis, adds_up
from core import formats
from core.charts.draw import bars
from core.charts.records import Bar, Bars, Chart, Scale
from metrics.declare import Metric, dimensions, metrics
from metrics.query import Answer
from stores.page_state.state import PageState


@dataclass(frozen=True)
class Tab:
    """One dimension that the card can show instead."""

    label: str
    href: str
    is_current: bool


@dataclass(frozen=True)
class Line:
    """One value of the dimension: its figure, its share of the total, and the link that filters."""

    label: str
    told: Told
    value: Decimal | None = None
    href: str = ""
    is_on: bool = False
    share: float = 0.0
    share_text: str = ""
    width: str = "0"
    hint: str = ""
    companions: tuple[str, ...] = ()


@dataclass(frozen=True)
class Breakdown:
    """One card: the metric by one dimension as bars or as a table."""

    slot: Slot
    title: str
    sub: str
    is_narrow: bool
    tabs: list[Tab]
    lines: list[Line]
    columns: tuple[str, ...]
    has_share: bool
    has_change: bool
    chart: Chart | None
    more: str
    note: str


def breakdowns_of(kpis: Kpis, path: str) -> list[Breakdown]:
    """The cards below and beside the main chart, in the page's order."""
    return [
        breakdown_of(kpis, slot, *kpis.breakdowns[slot.id], path)
        for slot in SLOTS
        if slot.id in kpis.breakdowns
    ]


def breakdown_of(
    kpis: Kpis, slot: Slot, by: str, answer: Answer | None, path: str
) -> Breakdown:  # fmt: skip
    state = kpis.resolved.state
    metric = metrics[answer.query.metrics[0]] if answer else kpis.selected
    companions = [metrics[slug] for slug in answer.query.metrics[1:]] if answer else []
    lines = lines_of(kpis, by, answer, path) if answer else []
    label = _(dimensions[by].label)
    chart = bar_chart(kpis, label, lines, answer) if answer and slot.is_chart and lines else None
    return Breakdown(
        slot=slot,
        title=_("By %(dimension)s") % {"dimension": label.lower()} if slot.is_chart else label,
        sub="" if metric is kpis.selected else _(metric.label),
        is_narrow=slot.span < 6,
        tabs=tabs_of(slot, by, state, path),
        lines=lines,
        columns=(_(metric.label), *(_(m.label) for m in companions)),
        has_share=adds_up(metric.formula),
        has_change=kpis.resolved.compared is not None,
        chart=chart,
        more=list_address(by, state),
        note="" if lines else why_empty(kpis, by, answer),
    )


def why_empty(kpis: Kpis, by: str, answer: Answer | None) -> str:
    """Why the card has no rows, in words."""
    if answer is None:
        return kpis.unmeasured.get(kpis.selected.slug) or _(
            "%(metric)s is not measured by %(dimension)s."
        ) % {"metric": _(kpis.selected.label), "dimension": _(dimensions[by].label).lower()}
    return _("Nothing in this period.")


def tabs_of(slot: Slot, by: str, state: PageState, path: str) -> list[Tab]:
    """The slot's other dimensions; choosing one leaves the other cards as they are."""
    others = [slug for slug in state.by if slug not in slot.dimensions]
    known = [slug for slug in slot.dimensions if slug in dimensions]
    if len(known) < 2:
        return []
    return [
        Tab(
            _(dimensions[slug].label),
            state.with_(by=(*others, *([slug] if slug != known[0] else []))).at(path),
            slug == by,
        )
        for slug in known
    ]


def lines_of(kpis: Kpis, by: str, answer: Answer, path: str) -> list[Line]:
    """The largest values, then what all the others come to."""
    metric, resolved = metrics[answer.query.metrics[0]], kpis.resolved
    companions = list(zip(*(columns_of(answer, resolved.scope.currency)), strict=True))
    on = set(resolved.state.words_of(by))
    whole = answer.total.cells[metric.slug].value if adds_up(metric.formula) else None
    lines = []
    for place, row in enumerate(answer.rows):
        value = row.cells[metric.slug].value
        share = float(value / whole) if value and whole else 0.0
        lines.append(
            Line(
                label=row.labels[0],
                told=told(
                    metric,
                    row.cells[metric.slug],
                    resolved.scope.currency,
                    compares=resolved.compared is not None,
                ),
                value=value,
                href=resolved.state.toggled(by, row.words[0]).with_(view=None).at(path)
                if row.words[0]
                else "",
                is_on=row.words[0] in on,
                share=share,
                width=f"{max(0.0, min(1.0, share)) * 100:.1f}",
                hint=_("Remove this filter") if row.words[0] in on else _("Show only this"),
                share_text=formats.share(share, 1) if whole else "",
                companions=companions[place] if companions else (),
            )
        )
    return lines + rest_of(metric, answer, whole, resolved.scope.currency)


def columns_of(answer: Answer, currency: str) -> list[list[str]]:
    """The metrics beside the first, a column each, written alike."""
    return [
        formats.column([row.cells[slug].value for row in answer.rows], metrics[slug].unit, currency)
        for slug in answer.query.metrics[1:]
    ]


def rest_of(metric: Metric, answer: Answer, whole: Decimal | None, currency: str) -> list[Line]:
    """One line for all that is not among the largest, when the card was cut."""
    if whole is None or len(answer.rows) < (answer.query.top or 0):
        return []
    rest = whole - sum(
        (row.cells[metric.slug].value or Decimal(0) for row in answer.rows), Decimal(0)
    )
    if not rest or not whole:
        return []
    share = float(rest / whole)
    value = Told(formats.figure(rest, metric.unit, currency))
    blanks = ("",) * (len(answer.query.metrics) - 1)
    return [
        Line(
            _("Other"),
            value,
            value=rest,
            share=share,
            share_text=formats.share(share, 1),
            width=f"{max(0.0, min(1.0, share)) * 100:.1f}",
            companions=blanks,
        )
    ]


def bar_chart(kpis: Kpis, label: str, lines: list[Line], answer: Answer) -> Chart:
    metric = metrics[answer.query.metrics[0]]
    return bars(
        Bars(
            title=_("%(metric)s by %(dimension)s")
            % {"metric": _(metric.label), "dimension": label.lower()},
            bars=[Bar(line.label, line.value, line.href) for line in lines],
            scale=Scale(metric.unit, kpis.resolved.scope.currency),
            dimension=label,
            measure=_(metric.label),
        )
    )


LISTS = {"category": "listings:product-list", "product": "listings:product-list"}


def list_address(by: str, state: PageState) -> str:
    """The list of the things themselves, narrowed as this page is; empty when there is none."""
    if by not in LISTS:
        return ""
    try:
        return state.with_(by=(), cards=(), metric="", view=None).at(reverse(LISTS[by]))
    except NoReverseMatch:
        return ""
