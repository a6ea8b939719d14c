"""One verb asks: `ask(query)` gives the figures with their proof, for page, API, report and export.

    scope = Scope(store_ids=(store.pk,), zones=(store.zone,), currency=store.currency,
                  rights=viewer_rights)
    answer = ask(Query(["net_sales", "average_order"], scope, last_days(30, before=today),
                       by=["channel"], where={"country": ["DE", "FR"]}, compare=Compare.PREVIOUS))
    answer["net_sales"].value            # the total: Decimal, or None when there is nothing
    answer["net_sales", "web"].change    # one group, by its word or its id
    for row in answer.rows: row.labels, row.cells["net_sales"].value

A page with several tiles asks `ask_many([...])`: one snapshot, and what two questions share is
read once. Metrics without the right to see them come back as None with a note.
"""

from collections.abc import Iterable, Sequence
from typing import Any

from metrics.declare import Measure
from metrics.needs import Leaf, Need, measure_of
from metrics.planner import Use, uses_of
from metrics.query import Answer, Query
from metrics.read import read
from metrics.resolve import Lookup, resolve
from metrics.shape import gathered, shaped


def ask(query: Query) -> Answer:
    """Answer one question. Raises Refused when it cannot be asked so."""
    return ask_many([query])[0]


def ask_many(queries: Sequence[Query]) -> list[Answer]:
    """Answer all questions of a page as of one moment. Raises Refused as `ask` does."""
    lookups: dict[tuple[int, ...], Lookup] = {}
    questions = []
    for query in queries:
        stores = query.scope.store_ids
        questions.append(resolve(query, lookups.setdefault(stores, Lookup(stores))))
    uses = [uses_of(question) for question in questions]
    reading = read(wanted(use for found in uses for use in found))
    return [
        shaped(question, found, reading) for question, found in zip(questions, uses, strict=True)
    ]


def ask_with_parts(query: Query) -> tuple[Answer, dict[Leaf, Any]]:
    """The answer, and what SQL summed for it over the whole range: one value for each leaf."""
    question = resolve(query, Lookup(query.scope.store_ids))
    uses = uses_of(question)
    reading = read(wanted(uses))
    own = [use for use in uses if use.span == 0]
    parts = gathered(question, question.spans[0], own, reading).total
    return shaped(question, uses, reading), parts


def wanted(uses: Iterable[Use]) -> dict[Need, frozenset[Measure]]:
    """Which measures each need is read for."""
    found: dict[Need, set[Measure]] = {}
    for use in uses:
        found.setdefault(use.need, set()).add(measure_of(use.leaf))
    return {need: frozenset(measures) for need, measures in found.items()}
