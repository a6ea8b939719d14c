"""Answers of the metric registry as the REST API shows them."""

from typing import Any

from rest_framework import serializers

from metrics.declare import Metric
from metrics.query import Answer, Cell, Row


class CellOut(serializers.Serializer[Any]):
    """One figure as text: value, the compared period's value, and the change between them."""

    value = serializers.CharField(allow_null=True)
    before = serializers.CharField(allow_null=True)
    change = serializers.CharField(allow_null=True, help_text="A share; points for rates.")


class RowOut(serializers.Serializer[Any]):
    """One group: `by` maps each dimension to its word, `labels` to its name."""

    by = serializers.DictField(child=serializers.CharField())
    labels = serializers.DictField(child=serializers.CharField())
    values = serializers.DictField(child=CellOut())


class PeriodOut(serializers.Serializer[Any]):
    """Local days, both included."""

    start = serializers.DateField()
    end = serializers.DateField()


class AnswerOut(serializers.Serializer[Any]):
    """All groups with the proof: what was read, how fresh, which version, what was left out."""

    metrics = serializers.ListField(child=serializers.CharField())
    currency = serializers.CharField()
    period = PeriodOut()
    compared = PeriodOut(allow_null=True)
    total = RowOut()
    results = RowOut(many=True)
    sources = serializers.ListField(child=serializers.CharField())
    fresh_to = serializers.DictField(child=serializers.CharField(allow_null=True))
    version = serializers.CharField()
    notes = serializers.ListField(child=serializers.CharField())


class DefinitionOut(serializers.Serializer[Any]):
    """What one metric is."""

    slug = serializers.CharField()
    label = serializers.CharField()  # type: ignore[assignment]
    unit = serializers.CharField()
    good = serializers.CharField()
    group = serializers.CharField()
    about = serializers.CharField()
    formula = serializers.CharField()


def definition(metric: Metric) -> dict[str, str]:
    return {
        "slug": metric.slug,
        "label": str(metric.label),
        "unit": str(metric.unit),
        "good": str(metric.good),
        "group": str(metric.group),
        "about": str(metric.about),
        "formula": str(metric.formula),
    }


def text(value: object) -> str | None:
    return None if value is None else str(value)


def shown_cell(cell: Cell) -> dict[str, str | None]:
    return {"value": text(cell.value), "before": text(cell.before), "change": text(cell.change)}


def shown_row(row: Row, by: list[str]) -> dict[str, Any]:
    return {
        "by": dict(zip(by, row.words, strict=False)),
        "labels": dict(zip(by, row.labels, strict=False)),
        "values": {slug: shown_cell(cell) for slug, cell in row.cells.items()},
    }


def shown_answer(answer: Answer) -> dict[str, Any]:
    """The answer as plain JSON values; money and shares are exact text."""
    query, compared = answer.query, answer.compared
    by = list(query.by)
    return {
        "metrics": list(query.metrics),
        "currency": query.scope.currency,
        "period": {"start": query.period.start, "end": query.period.end},
        "compared": {"start": compared.start, "end": compared.end} if compared else None,
        "total": shown_row(answer.total, []),
        "results": [shown_row(row, by) for row in answer.rows],
        "sources": list(answer.sources),
        "fresh_to": {name: text(moment) for name, moment in answer.fresh_to.items()},
        "version": answer.version,
        "notes": list(answer.notes),
    }
