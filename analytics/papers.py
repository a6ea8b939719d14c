"""Papers made from the declarations."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

from django.db.models import Q

from metrics.declare import (
    Dimension,
    Expr,
    Fact,
    Given,
    Good,
    Measure,
    Metric,
    Of,
    Op,
    Part,
    Unit,
    dimensions,
    facts,
    metrics,
)

METRICS_PAPER = Path(__file__).resolve().parent.parent / "docs" / "metrics.md"
INTRODUCTION = """# Metrics

Written by `manage.py write_docs` from the declarations in each app's `metrics`; do not edit.

A day is a day in the store's zone. Money is in the store's currency, or, over several stores with
different currencies, in the reporting currency at the rate of the order's day. Figures are added
up first and divided last, so a ratio of several days or channels is never an average of ratios.
A figure cannot be asked by a dimension that one of its facts does not have.

Ask for them with `manage.py ask SLUG --store S --from D --to D [--by …] [--where country=DE,FR]`.
"""
UNITS = {
    Unit.MONEY: "money",
    Unit.COUNT: "count",
    Unit.SHARE: "share",
    Unit.RATIO: "ratio",
    Unit.SECONDS: "seconds",
}
GROUPS = ("Sales", "Margin", "Customers", "Traffic", "Funnel", "Marketing")
GOOD = {Good.UP: "more is better", Good.DOWN: "less is better", Good.NEITHER: ""}


def metrics_paper() -> str:
    """docs/metrics.md: every metric by group, the dimensions and the facts."""
    groups: dict[str, list[Metric]] = {name: [] for name in GROUPS}
    for metric in metrics.values():
        groups.setdefault(metric.group, []).append(metric)
    parts = [INTRODUCTION]
    for name, found in groups.items():
        parts += [f"## {name}\n", *(metric_text(metric) for metric in found)]
    parts += ["## Dimensions\n", "\n".join(dimension_lines()) + "\n"]
    parts += ["## Facts\n", "\n".join(fact_lines())]
    return "\n".join(parts) + "\n"


def metric_text(metric: Metric) -> str:
    details = [f"`{metric.slug}`", UNITS[metric.unit], GOOD[metric.good]]
    details += ["only with the right to see costs and margins"] if metric.permission else []
    return (
        f"### {metric.label}\n\n"
        f"{', '.join(part for part in details if part)}\n\n"
        f"{metric.about}\n\n"
        f"Formula: {formula(metric.formula)}\n\n"
        f"By: {', '.join(known_dimensions(metric)) or 'time only'}\n"
    )


def formula(expr: Expr | int, *, is_inner: bool = False) -> str:
    """A formula over measures as `fact.measure`, with no more brackets than it needs."""
    if isinstance(expr, Op):
        signs = {"*": "×", "/": "÷", "-": "−", "+": "+"}
        tight = expr.sign in "*/"
        left = formula(expr.left, is_inner=tight)
        right = formula(expr.right, is_inner=expr.sign != "+")
        text = f"{left} {signs[expr.sign]} {right}"
        return f"({text})" if is_inner else text
    if isinstance(expr, Given):
        return formula(expr.inner, is_inner=is_inner)
    if isinstance(expr, Of):
        return f"`{expr.slug}`"
    if isinstance(expr, Part):
        return f"`{expr.fact.name}.{expr.measure}`{str(expr).removeprefix(str(expr.measure))}"
    if isinstance(expr, Measure):
        return f"`{expr.fact.name}.{expr}`"
    return str(expr)


def known_dimensions(metric: Metric) -> list[str]:
    """The dimensions that all facts of a metric have."""
    columns = [set(leaf.fact.dims) for leaf in metric.formula.leaves()]
    return sorted(
        slug for slug, dim in dimensions.items() if all(dim.column in one for one in columns)
    )


def dimension_lines() -> Iterator[str]:
    yield "| Dimension | Slug | Words |"
    yield "|---|---|---|"
    for dim in sorted(dimensions.values(), key=lambda one: one.slug):
        yield f"| {dim.label} | `{dim.slug}` | {words_of(dim)} |"


def words_of(dim: Dimension) -> str:
    said = {
        "country": "ISO 3166 alpha-2 codes",
        "product": "numbers",
        "tag": "numbers",
        "campaign": "names as slugs, or numbers",
        "landing_page": "paths, or numbers",
        "channel": "slugs, or numbers",
        "category": "slugs, or numbers",
    }
    if dim.slug in said:
        return said[dim.slug]
    fixed = list(range(1, 40))
    known = dim.words((), fixed)
    return ", ".join(known[pk] for pk in fixed if not known[pk].startswith("#"))


def fact_lines() -> Iterator[str]:
    yield "| Fact | Table | Day | Rows | Dimensions |"
    yield "|---|---|---|---|---|"
    for fact in sorted(facts.values(), key=lambda one: one.name):
        dims = ", ".join(fact.dims)
        yield f"| {fact.name} | `{fact.table}` | `{fact.day}` | {rows_of(fact)} | {dims} |"


def rows_of(fact: Fact) -> str:
    return "all" if fact.where is None else condition(fact.where)


def condition(where: Q) -> str:
    """A fact's condition in words."""
    texts = []
    for child in where.children:
        if isinstance(child, Q):
            texts.append(condition(child))
        else:
            name, value = cast("tuple[str, Any]", child)
            is_list = isinstance(value, tuple)
            told = f"in {', '.join(value)}" if is_list else f"is {str(value).lower()}"
            texts.append(f"{name.removesuffix('__in')} {told}")
    return f"{'not ' * where.negated}{' and '.join(texts)}"
