"""The SQL is a plain subset that other engines read, and nothing from a person stands in it."""

from dataclasses import replace
from datetime import date

import pytest
import sqlglot

from core.periods import Compare, Period
from metrics.answers import wanted
from metrics.bookkeeping import range_of
from metrics.needs import Way
from metrics.planner import uses_of
from metrics.query import Query
from metrics.read import planned
from metrics.resolve import Lookup, resolve
from metrics.statements import added_up
from metrics.tables import declared
from tests.metrics.rows import scope_of

pytestmark = pytest.mark.django_db
DIALECTS = ("postgres", "spark", "clickhouse", "duckdb", "trino", "bigquery")
PERIOD = Period(date(2026, 3, 30), date(2026, 5, 5))


def literal(value):
    if isinstance(value, date):
        return f"DATE '{value}'"
    return str(value) if isinstance(value, int) else "'{}'".format(str(value).replace("'", "''"))


def texts(query, built):
    question = resolve(query, Lookup(query.scope.store_ids))
    needs = wanted(uses_of(question))
    results = planned(needs, built, {range_of(need): 0 for need in needs})
    for need, result in results.items():
        select = result.select
        if need.way is Way.SUM:
            select = added_up([select], need, result.measures)
        yield select.sql % tuple(literal(value) for value in select.params)


FIGURES = ("total_sales", "repeat_rate", "customers", "visitors", "roas")


@pytest.mark.parametrize(
    ("built", "by"),
    [(True, ["month"]), (True, ["source"]), (True, []), (False, []), (False, ["week", "country"])],
)
def test_every_statement_parses_in_other_engines(store, built, by):
    tables = frozenset(declared()) if built else frozenset()
    store.tags.create(source="ads", group=3)
    base = Query(["orders"], scope_of(store), PERIOD, by=by, compare=Compare.PREVIOUS)
    for slug in FIGURES:
        query = replace(base, metrics=[slug], where={"device": ["mobile", "desktop"]})
        for text in texts(query, tables):
            for dialect in DIALECTS:
                assert sqlglot.parse_one(text, dialect=dialect)


def test_words_of_a_person_never_reach_the_text(store):
    store.channels.create(slug="x-drop-table", name="'; DROP TABLE stores_store; --")
    query = Query(["orders"], scope_of(store), PERIOD, where={"channel": ["x-drop-table"]})

    (text,) = texts(query, frozenset(declared()))

    assert "drop" not in text.casefold()
