"""Marks: which days of which fact changed. Written in the writer's own transaction."""

from collections.abc import Iterable
from datetime import date

from django.db import connection
from django.db.models import Model

from metrics.declare import facts_over
from metrics.derived import derived


def mark(model: type[Model], store_id: int, days: Iterable[date]) -> None:
    """Say that rows of these local days changed; their rollups follow after the commit.

    Append only and without a lock. A fact measured by another date column than `day` is marked
    by `mark_column`.
    """
    names = [fact.name for fact in facts_over(model) if fact.day == "day"]
    names += [each.name for each in derived.values() if each.source is model]
    write(names, store_id, days)


def mark_column(model: type[Model], column: str, store_id: int, days: Iterable[date]) -> None:
    """Say that rows whose `column` holds these days changed, for facts measured by that column."""
    names = [fact.name for fact in facts_over(model) if fact.day == column]
    write(names, store_id, days)


def write(fact_names: list[str], store_id: int, days: Iterable[date]) -> None:
    """Append one mark for each fact and day."""
    wanted = sorted(set(days))
    if not fact_names or not wanted:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO metrics_mark (fact, store_id, day) "
            "SELECT f, %s, d FROM unnest(%s::text[]) f CROSS JOIN unnest(%s::date[]) d",
            [store_id, fact_names, wanted],
        )
