"""Years and months less what is missing of them give the same answers as the days themselves."""

from collections import Counter
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.periods import Period
from metrics.answers import ask
from metrics.audit import audit
from metrics.cover import Stretch, cover
from metrics.query import Query
from metrics.refresh import days_of, drain
from metrics.statements import ROW_COUNT
from sales.models import OrderLine
from tests.factories.orders import customer
from tests.factories.orders import sell as land
from tests.metrics.rows import give_back, scope_of, sell, use_facts, use_rollups

ONE_DAY = timedelta(1)
starts = st.integers(0, 900).map(lambda n: date(2024, 1, 1) + timedelta(n))


def days_in(stretch: Stretch):
    day = stretch.start
    last = stretch.end if stretch.grain == "day" else days_of(stretch.grain, stretch.end)[-1]
    while day <= last:
        yield day
        day += ONE_DAY


@given(start=starts, length=st.integers(0, 900), has_years=st.booleans())
def test_every_day_of_the_range_is_counted_once_and_no_other(start, length, has_years):
    end = start + timedelta(length)
    counted = Counter()
    for stretch in cover(start, end, has_years=has_years):
        for day in days_in(stretch):
            counted[day] += 1 if stretch.is_added else -1

    assert {day: n for day, n in counted.items() if n} == {
        start + timedelta(n): 1 for n in range(length + 1)
    }


def test_thirty_days_are_a_month_less_a_day():
    assert list(cover(date(2026, 10, 2), date(2026, 10, 31), has_years=True)) == [
        Stretch("month", date(2026, 10, 1), date(2026, 10, 1)),
        Stretch("day", date(2026, 10, 1), date(2026, 10, 1), is_added=False),
    ]


def test_two_years_are_read_by_years_where_they_have_tables():
    assert list(cover(date(2024, 11, 1), date(2026, 10, 31), has_years=True)) == [
        Stretch("year", date(2025, 1, 1), date(2026, 1, 1)),
        Stretch("month", date(2024, 11, 1), date(2024, 12, 1)),
        Stretch("month", date(2026, 11, 1), date(2026, 12, 1), is_added=False),
    ]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-05-02", "2026-05-31"),
        ("2025-03-15", "2026-10-20"),
        ("2024-02-01", "2025-12-31"),
        ("2026-05-12", "2026-05-13"),
    ],
)
@pytest.mark.parametrize("top", [None, 2])
def test_by_product_rollups_and_rows_agree(store, start, end, top):
    for number, day in enumerate(("2024-02-28", "2025-01-01", "2026-05-01", "2026-05-12"), 1):
        when = date.fromisoformat(day)
        order = sell(store, when, {"gross": 10 * number, "product": number})
        give_back(order, when + timedelta(200), number, product=number)
        sell(store, when + timedelta(31), {"gross": 0, "product": 9})
    period = Period(date.fromisoformat(start), date.fromisoformat(end))
    query = Query(["net_sales", "units"], scope_of(store), period, by=["product"], top=top)
    if top:
        query = Query(["net_sales"], scope_of(store), period, by=["product"], top=top)

    use_facts()
    by_rows = ask(query)
    use_rollups(store)
    by_rollups = ask(query)

    assert by_rollups.rows == by_rows.rows
    assert by_rollups.total == by_rows.total
    assert not any(source.startswith("rollup_") for source in by_rows.sources)
    assert all(source.startswith("rollup_") for source in by_rollups.sources)


@pytest.mark.django_db
def test_a_product_sold_only_on_a_day_taken_away_has_no_row(store):
    sell(store, date(2026, 5, 1), {"gross": 10, "product": 1})
    sell(store, date(2026, 5, 2), {"gross": 0, "product": 2})
    use_rollups(store)
    period = Period(date(2026, 5, 2), date(2026, 5, 31))

    answer = ask(Query(["units"], scope_of(store), period, by=["product"]))

    assert [row.key for row in answer.rows] == [(2,)]
    assert ROW_COUNT not in answer.sources


@pytest.mark.django_db
def test_a_refresh_of_a_day_puts_right_its_month_and_year(origin):
    buyer = customer(origin)
    land(origin, buyer, "2026-01-10", "30")
    land(origin, buyer, "2026-03-20", "20")
    drain()
    first = OrderLine.objects.earliest("day")
    first.order.delete()
    land(origin, buyer, "2026-01-11", "7")
    from metrics.marks import mark

    mark(OrderLine, origin.store_id, [date(2026, 1, 10)])
    drain()

    found = list(audit(name="lines"))
    assert [one for one in found if one.differing] == []
    assert {one.table: one.checked for one in found}["rollup_lines_year_product"] > 0
