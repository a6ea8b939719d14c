"""How much a figure changed, and whether there was enough of it to say so."""

from decimal import Decimal

from metrics.declare import Expr, Given, Kind, Measure, Of, Op, Part, Unit, Values, metrics
from metrics.needs import Leaf, measure_of
from metrics.query import Cell

FEWEST_EVENTS = 30
DIFFERENCES = (Unit.SHARE, Unit.RATIO)


def compared(unit: Unit, value: Decimal | None, before: Decimal | None, events: Decimal) -> Cell:
    """The figure beside the one it is held against.

    Amounts and counts change by a share of the base, rates and ratios by their difference; nothing
    is said about a base of nothing, which makes the figure new, or of under 30 events.
    """
    if not before and (before is None or unit not in DIFFERENCES):
        return Cell(value, before, None, is_new=bool(value))
    if value is None or before is None or events < FEWEST_EVENTS:
        return Cell(value, before)
    change = value - before
    if unit not in DIFFERENCES:
        change /= abs(before)
    return Cell(value, before, change)


def count_leaf(leaf: Leaf) -> Leaf | None:
    """The leaf that counts the rows behind an amount; None for what is a count itself."""
    if measure_of(leaf).kind is not Kind.MONEY:
        return None
    for measure in leaf.fact.measures:
        if measure.sql == "1":
            return Part(measure, leaf.dimension, leaf.words) if isinstance(leaf, Part) else measure
    return None


def events_of(expr: Expr | int, values: Values) -> Decimal:
    """How many events a figure stands on: of a ratio those below the line, else the most."""
    if isinstance(expr, int):
        return Decimal(0)
    if isinstance(expr, Of):
        return events_of(metrics[expr.slug].formula, values)
    if isinstance(expr, Given):
        return events_of(expr.inner, values)
    if isinstance(expr, Op):
        sides = (expr.right,) if expr.sign == "/" else (expr.left, expr.right)
        return max(events_of(side, values) for side in sides)
    if isinstance(expr, Measure | Part):
        return Decimal(values.get(count_leaf(expr) or expr) or 0)
    raise TypeError(f"{expr} is no formula.")
