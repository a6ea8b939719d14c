"""Start-up checks: every declaration must hold together before a number is asked for."""

from collections.abc import Iterator, Sequence
from typing import Any

from django.apps import AppConfig
from django.core.checks import CheckMessage, Error

from metrics.declare import Expr, Fact, Of, Part, dimensions, facts, metrics


def declarations_hold(
    app_configs: Sequence[AppConfig] | None = None, **options: Any
) -> list[CheckMessage]:
    """Errors for formulas and facts that name what nobody declared."""
    problems = [
        f"The metric {slug} {problem}"
        for slug, metric in metrics.items()
        for problem in formula_problems(metric.formula, (slug,))
    ]
    problems += [problem for fact in facts.values() for problem in fact_problems(fact)]
    return [Error(text, id="metrics.E001") for text in problems]


def formula_problems(expr: Expr | int, path: tuple[str, ...]) -> Iterator[str]:
    """What is wrong in a formula, followed through the metrics that it names."""
    if isinstance(expr, Of):
        if expr.slug not in metrics:
            yield f"names {expr.slug}, which no app declares."
        elif expr.slug in path:
            yield f"is made of itself, through {' → '.join((*path, expr.slug))}."
        else:
            yield from formula_problems(metrics[expr.slug].formula, (*path, expr.slug))
    elif isinstance(expr, Part) and expr.dimension and expr.dimension not in dimensions:
        yield f"is limited by {expr.dimension}, which no app declares."
    elif isinstance(expr, Expr):
        for side in expr.sides():
            yield from formula_problems(side, path)


def fact_problems(fact: Fact) -> Iterator[str]:
    """What is wrong with a fact's rollups."""
    columns = {field.column for field in fact.model._meta.get_fields() if hasattr(field, "column")}
    for dim in {*fact.dims, fact.day, "store_id"} - columns:
        yield f"The fact {fact.name} names {dim}, which its table does not have."
    for dims in (*fact.rollups, fact.unique_scopes, fact.unique_cells):
        if not set(dims) <= set(fact.dims):
            yield f"The fact {fact.name} has a rollup over {', '.join(dims)}, not all its own."
