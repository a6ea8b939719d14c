"""How one figure came about: its formula as a tree with values, where it was read, how fresh."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from accounts.records import Viewer
from analytics.cards import Told, told
from analytics.pages import orders_url
from analytics.queries.kpis import lack_of
from core import formats
from metrics.answers import ask_with_parts
from metrics.declare import Expr, Given, Kind, Measure, Metric, Of, Op, Part, Unit, metrics
from metrics.needs import Leaf
from metrics.query import Answer
from stores.page_state.resolved import ResolvedState

NAMES = {
    "lines.gross": gettext_noop("Sales at list price"),
    "lines.discount": gettext_noop("Discounts"),
    "lines.units": gettext_noop("Pieces sold"),
    "lines.costed": gettext_noop("Sales whose cost is known"),
    "lines.cost": gettext_noop("Cost of the goods sold"),
    "lines.tax": gettext_noop("Tax on goods"),
    "refund_lines.amount": gettext_noop("Refunds"),
    "refund_lines.costed": gettext_noop("Refunds whose cost is known"),
    "refund_lines.cost": gettext_noop("Cost of goods that came back"),
    "refund_lines.tax": gettext_noop("Tax given back"),
    "refund_lines_by_order_day.amount": gettext_noop("Refunds of these orders"),
    "orders.orders": gettext_noop("Orders that count as sales"),
    "orders.shipping": gettext_noop("Shipping charged"),
    "orders.shipping_tax": gettext_noop("Tax on shipping"),
    "refunds.shipping": gettext_noop("Shipping given back"),
    "ad_spend.spend": gettext_noop("Ad spend"),
}
SIGNS = {"+": "+", "-": "\N{MINUS SIGN}", "*": "×", "/": "÷"}


@dataclass(frozen=True)
class Node:
    """One part of the formula: how deep, what joins it to the part before, and its value."""

    depth: int
    sign: str
    label: str
    value: str
    hint: str = ""
    whole: bool = False


@dataclass(frozen=True)
class Source:
    """One kind of rows that the figure was summed from, and how far it reaches."""

    label: str
    table: str
    day: date | None
    at: datetime | None
    waiting_days: int


@dataclass(frozen=True)
class Explanation:
    """Everything the drawer says about one figure."""

    label: str
    about: str
    slug: str
    told: Told
    span: str
    compared_span: str
    nodes: list[Node]
    sources: list[Source]
    tables: tuple[str, ...]
    notes: tuple[str, ...]
    version: str
    rows_url: str
    back: str
    zone: str


def explanation_of(viewer: Viewer, resolved: ResolvedState, metric: Metric) -> Explanation:
    """The figure in the page's own state, part by part."""
    lack = lack_of(metric, resolved.state)
    answer, values = (None, {}) if lack else ask_with_parts(resolved.asks([metric.slug]))
    nodes = list(nodes_of(metric.formula, Teller(values, resolved.scope.currency)))
    compared = resolved.compared
    figure = (
        told(metric, answer[metric.slug], resolved.scope.currency, compares=compared is not None)
        if answer
        else Told(formats.NONE)
    )
    return Explanation(
        label=_(metric.label),
        about=_(metric.about),
        slug=metric.slug,
        told=figure,
        span=formats.span(resolved.period.start, resolved.period.end),
        compared_span=formats.span(compared.start, compared.end) if compared else "",
        nodes=nodes,
        sources=sources_of(metric, answer),
        tables=answer.sources if answer else (),
        notes=(*((lack,) if lack else ()), *(answer.notes if answer else ()), *resolved.notices),
        version=answer.version if answer else "",
        rows_url=orders_url(viewer, resolved.state),
        back=resolved.state.at(reverse("analytics:kpis")),
        zone=resolved.scope.zones[0] if resolved.scope.zones else "UTC",
    )


@dataclass(frozen=True)
class Teller:
    """Writes the value of any part of a formula."""

    values: dict[Leaf, Decimal | int | None]
    currency: str

    def written(self, expr: Expr | int) -> str:
        if isinstance(expr, int):
            return formats.number(expr)
        unit = unit_of(expr)
        return formats.figure(expr.value(self.values), unit, self.currency)


def unit_of(expr: Expr | int) -> Unit:
    """What a part of a formula is counted in, from what it is made of."""
    if isinstance(expr, Of):
        return metrics[expr.slug].unit
    if isinstance(expr, Given):
        return unit_of(expr.inner)
    if isinstance(expr, Part):
        return unit_of(expr.measure)
    if isinstance(expr, Measure):
        return Unit.MONEY if expr.kind is Kind.MONEY else Unit.COUNT
    if isinstance(expr, Op):
        units = {unit_of(side) for side in (expr.left, expr.right) if not isinstance(side, int)}
        if expr.sign == "/":
            return Unit.MONEY if units == {Unit.MONEY, Unit.COUNT} else Unit.RATIO
        return units.pop() if len(units) == 1 else Unit.RATIO
    return Unit.COUNT


def nodes_of(expr: Expr | int, teller: Teller, depth: int = 0, sign: str = "") -> Iterator[Node]:
    """The formula from the whole down to what is summed, in reading order."""
    if isinstance(expr, Given):
        yield from nodes_of(expr.inner, teller, depth, sign)
    elif isinstance(expr, Of):
        metric = metrics[expr.slug]
        yield Node(depth, sign, _(metric.label), teller.written(expr), _(metric.about), whole=True)
        yield from nodes_of(metric.formula, teller, depth + 1)
    elif isinstance(expr, Op):
        yield from side_of(expr.left, teller, depth, sign, alone=expr.sign in "+-")
        yield from side_of(expr.right, teller, depth, SIGNS[expr.sign], alone=expr.sign == "+")
    else:
        yield Node(depth, sign, name_of(expr), teller.written(expr), hint_of(expr))


def side_of(
    expr: Expr | int, teller: Teller, depth: int, sign: str, *, alone: bool
) -> Iterator[Node]:  # fmt: skip
    """One side of a formula; what belongs together stands indented under its own value."""
    inner = expr.inner if isinstance(expr, Given) else expr
    if alone or not isinstance(inner, Op):
        yield from nodes_of(expr, teller, depth, sign)
        return
    yield Node(depth, sign, _("Together"), teller.written(inner), whole=True)
    yield from nodes_of(inner, teller, depth + 1)


def name_of(expr: Expr | int) -> str:
    """A summed column in words, with what it is limited to."""
    if isinstance(expr, int):
        return formats.number(expr)
    if isinstance(expr, Part):
        limits = [", ".join(word.replace("_", " ") for word in expr.words)] if expr.words else []
        limits += [_("last %(n)s days") % {"n": expr.days}] if expr.days else []
        return f"{name_of(expr.measure)} ({'; '.join(limits)})"
    if isinstance(expr, Measure):
        known = NAMES.get(f"{expr.fact.name}.{expr.name}")
        return _(known) if known else expr.name.replace("_", " ").capitalize()
    return str(expr)


def hint_of(expr: Expr | int) -> str:
    """How the column is added up."""
    if not isinstance(expr, Measure | Part):
        return ""
    measure = expr.measure if isinstance(expr, Part) else expr
    if measure.kind is Kind.UNIQUE:
        return _("different values in %(fact)s") % {"fact": measure.fact.name.replace("_", " ")}
    if measure.kind is Kind.REPEAT:
        return _("seen twice or more within a year in %(fact)s") % {
            "fact": measure.fact.name.replace("_", " ")
        }
    return _("summed over %(fact)s") % {"fact": measure.fact.name.replace("_", " ")}


def sources_of(metric: Metric, answer: Answer | None) -> list[Source]:
    """The facts behind the figure with how far each reaches."""
    facts = {leaf.fact.name: leaf.fact for leaf in metric.formula.leaves()}
    fresh = answer.fresh_to if answer else {}
    return [
        Source(
            name.replace("_", " "),
            fact.table,
            getattr(fresh.get(name), "day", None),
            getattr(fresh.get(name), "at", None),
            getattr(fresh.get(name), "waiting_days", 0),
        )
        for name, fact in sorted(facts.items())
    ]
