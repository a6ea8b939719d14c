"""From checked questions to needs: fact, range, columns and filters that each leaf is read with."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from core.periods import Compare, Grain
from metrics.changes import count_leaf
from metrics.declare import Expr, Fact, Measure, Of, Op, Part, metrics
from metrics.needs import Column, Leaf, Limit, Need, Way, days_of, measure_of, way_of
from metrics.resolve import Resolved, Span


@dataclass(frozen=True)
class Use:
    """One leaf of a question's formulas, in one of its spans, and the need that it is read from.

    `is_total` needs fill only the total row: those whose rows do not add up to it.
    """

    leaf: Leaf
    span: int
    need: Need
    is_total: bool = False


def uses_of(question: Resolved) -> list[Use]:
    """Everything that must be read for one question."""
    leaves = leaves_of(question)
    limit = limit_of(question, leaves)
    found: list[Use] = []
    for number, span in enumerate(question.spans):
        for leaf in leaves:
            found += uses_of_leaf(question, leaf, number, span, limit)
    return found


def uses_of_leaf(
    question: Resolved, leaf: Leaf, number: int, span: Span, limit: Limit | None
) -> Iterator[Use]:
    way = way_of(leaf)
    need = base_need(question, leaf, span)
    rows = (
        with_sum_axis(need, question, span) if way is Way.SUM else with_axis(need, question, span)
    )
    rows = replace(rows, limit=limit)
    yield Use(leaf, number, rows)
    if rows != need and (limit or way is not Way.SUM):
        yield Use(leaf, number, need, is_total=True)


def leaves_of(question: Resolved) -> list[Leaf]:
    """The formulas' leaves; with a comparison also the row counts that say if it is fair."""
    found = {leaf for metric in question.metrics for leaf in metric.formula.leaves()}
    if question.query.compare is not Compare.NONE:
        counts = {count_leaf(leaf) for leaf in found}
        found |= {leaf for leaf in counts if leaf is not None}
    if question.scope.reporting:
        found |= set(unrated(leaf.fact for leaf in found))
    return sorted(found, key=lambda leaf: (leaf.fact.name, str(leaf)))


def unrated(facts: Iterable[Fact]) -> list[Measure]:
    """The measures that count rows without a rate to the reporting currency."""
    return [
        measure for fact in set(facts) for measure in fact.measures if measure.name == "unrated"
    ]


def base_need(question: Resolved, leaf: Leaf, span: Span) -> Need:
    """The need of the total: no axis, no columns."""
    way, period = way_of(leaf), span.period
    return Need(
        fact=leaf.fact,
        way=way,
        start=period.start,
        end=period.end,
        stores=question.scope.store_ids,
        is_reporting=question.scope.reporting,
        filters=question.filters_of(leaf),
        buckets=() if way is Way.SUM else ((period.start, period.end),),
        measure=None if way is Way.SUM else measure_of(leaf),
        days=days_of(leaf),
    )


def with_sum_axis(need: Need, question: Resolved, span: Span) -> Need:
    """Sums come by stored ids and are folded afterwards; so two folds of one column share it."""
    names = dict.fromkeys(dim.column for dim in question.dims)
    grain = ""
    if question.axis is not None:
        by_month = question.axis is Grain.MONTH and span.keeps_months
        grain = "month" if by_month else "day"
    return replace(need, grain=grain, columns=tuple(Column(name) for name in names))


def with_axis(need: Need, question: Resolved, span: Span) -> Need:
    """What does not add up must be folded, and cut into buckets, before it is counted."""
    columns = []
    for dim in question.dims:
        fold = question.lookup.fold(dim)
        columns.append(Column(dim.column, None if fold is None else tuple(sorted(fold.items()))))
    if question.axis is None:
        return replace(need, columns=tuple(columns))
    by_day = question.axis is Grain.DAY and need.way is Way.UNIQUE
    return replace(
        need,
        columns=tuple(columns),
        grain="day" if by_day else "bucket",
        buckets=tuple((start, end) for _, start, end in span.buckets),
    )


def limit_of(question: Resolved, leaves: Iterable[Leaf]) -> Limit | None:
    """Let the database keep the largest groups where sums alone rank them and fill them."""
    query = question.query
    if not query.top or query.compare is not Compare.NONE or question.axis or not question.metrics:
        return None
    if len(question.dims) != 1 or question.dims[0].fold is not None:
        return None
    if any(isinstance(leaf, Part) or way_of(leaf) is not Way.SUM for leaf in leaves):
        return None
    terms = terms_of(question.metrics[0].formula)
    return Limit(tuple(terms), query.top) if terms else None


def terms_of(expr: Expr | int, sign: str = "+") -> list[tuple[str, Measure]] | None:
    """A formula as measures added and taken away; None when it is more than that."""
    if isinstance(expr, Of):
        return terms_of(metrics[expr.slug].formula, sign)
    if isinstance(expr, Measure):
        return [(sign, expr)]
    if not isinstance(expr, Op) or expr.sign not in "+-":
        return None
    left = terms_of(expr.left, sign)
    right = terms_of(expr.right, sign if expr.sign == "+" else "-+"[sign == "-"])
    return None if left is None or right is None else left + right
