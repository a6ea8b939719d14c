"""Whatever is asked, rollups, unique sets and the rows themselves give the same answer."""

from datetime import date, timedelta

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.periods import Compare, Period
from metrics.answers import ask_many
from metrics.query import Query
from tests.metrics.rows import give_back, scope_of, sell, use_facts, use_rollups, visit

pytestmark = [pytest.mark.django_db, pytest.mark.slow]
FIRST = date(2026, 2, 20)
FACTS = ("orders", "lines", "refund_lines", "sessions")

days = st.integers(0, 80).map(lambda n: FIRST + timedelta(n))
dims = st.fixed_dictionaries(
    {
        "country": st.sampled_from([0, 276, 250]),
        "device": st.sampled_from([0, 1, 2]),
        "channel": st.sampled_from([0, 7]),
    }
)
sales = st.lists(st.tuples(days, dims, st.integers(1, 99), st.integers(0, 2)), max_size=10)
visits = st.lists(st.tuples(days, dims, st.integers(1, 4), st.integers(0, 31)), max_size=14)


@st.composite
def questions(draw):
    """A question over a range, grouped, filtered and compared in some way."""
    start = draw(days)
    by = draw(st.sampled_from([[], ["country"], ["device", "country"], ["channel"]]))
    grain = draw(st.sampled_from([[], ["day"], ["week"], ["month"]]))
    words = {"country": ["DE", "FR"], "device": ["mobile", "desktop"]}
    chosen = draw(st.sets(st.sampled_from(sorted(words))))
    return {
        "metrics": ["net_sales", "average_order", "conversion_rate", "visitors"],
        "period": Period(start, start + timedelta(draw(st.integers(0, 70)))),
        "by": [*grain, *by],
        draw(st.sampled_from(["where", "exclude"])): {
            slug: words[slug][: draw(st.integers(1, 2))] for slug in chosen
        },
        "compare": draw(st.sampled_from(list(Compare))),
        "match_weekdays": draw(st.booleans()),
    }


def plain(answers):
    return [({row.key: row.cells for row in answer.rows}, answer.total.cells) for answer in answers]


@settings(
    max_examples=12,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(sales=sales, visits=visits, asked=st.lists(questions(), min_size=3, max_size=6))
def test_rollups_and_rows_agree(store, sales, visits, asked):
    queries = [Query(scope=scope_of(store), **one) for one in asked]
    with transaction.atomic():
        for day, where, gross, refunds in sales:
            order = sell(store, day, {"gross": gross}, **where)
            for later in range(refunds):
                give_back(order, day + timedelta(30 * later), 1)
        for day, where, visitor, steps in visits:
            visit(store, day, visitor, steps=steps, is_derived=False, **where)
        use_facts()
        by_rows = plain(ask_many(queries))
        use_rollups(store, only=FACTS)
        by_rollups = plain(ask_many(queries))
        transaction.set_rollback(True)

    assert by_rollups == by_rows
