"""Figures from rows: added up, divided, grouped, filtered, filled and compared."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
import time_machine

from core.errors import Refused
from core.periods import Compare, Period
from metrics.answers import ask, ask_many
from metrics.marks import mark
from metrics.query import Query
from sales.models import Order
from tests.factories.stores import ChannelFactory, StoreFactory
from tests.metrics.rows import (
    DAY,
    MAY,
    figure,
    figures,
    scope_of,
    sell,
    use_facts,
    use_rollups,
    visit,
)
from traffic.models import Page

pytestmark = pytest.mark.django_db
WEEK = Period(date(2026, 5, 4), date(2026, 5, 10))


def series(answer, slug):
    return {row.words: row.cells[slug].value for row in answer.rows}


def test_average_order_is_divided_after_adding_up(store):
    sell(store, DAY, {"gross": 100}, channel=1)
    sell(store, DAY, {"gross": 10}, channel=1)
    sell(store, DAY, {"gross": 20}, channel=2)
    sell(store, DAY, {"gross": 999}, status="cancelled")
    use_facts()

    by_channel = figures(store, "net_sales", "average_order", by=["channel"])

    assert by_channel["net_sales", 1].value == 110
    assert by_channel["average_order", 1].value == 55
    assert by_channel["net_sales"].value == 130


def test_rollups_say_the_same_and_are_named(store):
    sell(store, DAY, {"gross": 100, "discount": 5}, channel=1)
    use_rollups(store)

    answer = figures(store, "net_sales")

    assert answer["net_sales"].value == 95
    assert answer.sources == ("rollup_lines_month", "rollup_refund_lines_month")
    assert answer.notes == ()


def test_edges_of_a_range_come_from_days_and_whole_months_from_months(store):
    for day, gross in ((date(2026, 3, 31), 1), (date(2026, 4, 9), 2), (date(2026, 5, 2), 4)):
        sell(store, day, {"gross": gross})
    use_rollups(store)

    answer = figures(store, "gross_sales", period=Period(date(2026, 3, 31), date(2026, 5, 2)))

    assert answer["gross_sales"].value == 7
    assert answer.sources == ("rollup_lines_month", "rollup_lines_day")


def test_facts_are_read_and_named_until_the_rollup_is_built(store):
    sell(store, DAY, {"gross": 100})
    use_facts()

    answer = figures(store, "gross_sales")

    assert answer.sources == ("sales_orderline",)
    assert answer.notes[0].endswith("added up from single rows (sales_orderline).")


def test_days_without_anything_are_filled(store):
    sell(store, date(2026, 5, 5), {"gross": 30})
    use_facts()

    answer = figures(store, "gross_sales", "average_order", by=["day"], period=WEEK)

    assert [row.cells["gross_sales"].value for row in answer.rows] == [0, 30, 0, 0, 0, 0, 0]
    assert [row.cells["average_order"].value for row in answer.rows][:3] == [None, 30, None]
    assert answer.rows[1].key == (date(2026, 5, 5),)
    assert answer.rows[1].labels == ("May 5, 2026",)


def test_weeks_begin_when_the_store_says(store):
    sell(store, date(2026, 5, 3), {"gross": 1})
    sell(store, date(2026, 5, 4), {"gross": 2})
    use_facts()
    sunday = scope_of(store, week_start=6)

    weeks = figures(store, "gross_sales", by=["week"])
    from_sunday = ask(Query(["gross_sales"], sunday, MAY, by=["week"]))

    assert list(series(weeks, "gross_sales").items())[:2] == [
        (("2026-04-27",), 1),
        (("2026-05-04",), 2),
    ]
    assert series(from_sunday, "gross_sales")["2026-05-03",] == 3


@pytest.mark.parametrize("way", [use_facts, use_rollups])
def test_months_and_groups(store, way):
    sell(store, date(2026, 4, 30), {"gross": 1}, country=276)
    sell(store, date(2026, 5, 1), {"gross": 2}, country=276)
    sell(store, date(2026, 5, 31), {"gross": 4}, country=250)
    way(*([] if way is use_facts else [store]))
    period = Period(date(2026, 4, 15), date(2026, 5, 31))

    answer = figures(store, "gross_sales", by=["country", "month"], period=period)

    assert list(series(answer, "gross_sales").items()) == [
        (("FR", "2026-04-01"), 0),
        (("DE", "2026-04-01"), 1),
        (("FR", "2026-05-01"), 4),
        (("DE", "2026-05-01"), 2),
    ]
    assert answer["gross_sales", 276, date(2026, 5, 1)].value == 2


def test_only_the_largest_groups_but_the_whole_total(store):
    for product, gross in ((1, 5), (2, 9), (3, 7)):
        sell(store, DAY, {"gross": gross, "product": product})
    use_rollups(store)

    gross_sales = figures(store, "gross_sales", by=["product"], top=2)
    net_sales = figures(store, "net_sales", by=["product"], top=2)

    for answer in (gross_sales, net_sales):
        slug = answer.query.metrics[0]
        assert [(row.key, row.cells[slug].value) for row in answer.rows] == [((2,), 9), ((3,), 7)]
        assert answer[slug].value == 21


@time_machine.travel(datetime(2026, 3, 29, 22, 30, tzinfo=UTC))
def test_the_day_that_is_not_over_is_incomplete_also_when_clocks_change(store):
    use_facts()
    scope = scope_of(store, today=None)
    period = Period(date(2026, 3, 28), date(2026, 3, 30))

    days = ask(Query(["orders"], scope, period, by=["day"]))
    weeks = ask(Query(["orders"], scope, Period(date(2026, 3, 16), date(2026, 3, 29)), by=["week"]))

    assert [row.is_incomplete for row in days.rows] == [False, False, True]
    assert [row.is_incomplete for row in weeks.rows] == [False, False]
    assert days.total.is_incomplete


@pytest.mark.parametrize("way", [use_facts, use_rollups])
def test_a_change_of_an_amount_is_a_share_and_of_a_rate_its_difference(store, way):
    for _ in range(30):
        sell(store, date(2026, 4, 10), {"gross": 10})
        visit(store, date(2026, 4, 10), is_derived=False)
    for _ in range(33):
        sell(store, DAY, {"gross": 20})
        for _ in range(2):
            visit(store, DAY, is_derived=False)
    way(*([] if way is use_facts else [store]))
    slugs = ("gross_sales", "orders", "average_order", "conversion_rate", "units_per_order")

    answer = figures(store, *slugs, compare=Compare.PREVIOUS)

    assert answer.compared == Period(date(2026, 3, 31), date(2026, 4, 30))
    assert [answer[slug].before for slug in slugs] == [300, 30, 10, 1, 1]
    assert [answer[slug].change for slug in slugs] == [
        Decimal("1.2"), Decimal("0.1"), 1, Decimal("-0.5"), 0,
    ]  # fmt: skip


def test_little_is_not_compared_and_nothing_makes_new(store):
    for _ in range(29):
        sell(store, date(2026, 4, 10), {"gross": 10})
    sell(store, DAY, {"gross": 10}, country=276)
    use_facts()

    answer = figures(store, "gross_sales", "orders", "average_order", compare=Compare.PREVIOUS)
    by_country = figures(store, "gross_sales", by=["country"], compare=Compare.PREVIOUS)

    assert [(cell.change, cell.is_new) for cell in answer.total.cells.values()] == [
        (None, False)
    ] * 3
    assert by_country["gross_sales", "DE"].is_new
    assert (by_country["gross_sales", 0].value, by_country["gross_sales", 0].before) == (0, 290)


@pytest.mark.parametrize("way", [use_facts, use_rollups])
def test_a_compared_range_may_overlap(store, way):
    sell(store, date(2025, 12, 31), {"gross": 1})
    sell(store, date(2026, 1, 1), {"gross": 10})
    visit(store, date(2025, 12, 31), visitor=7, is_derived=False)
    visit(store, date(2026, 1, 1), visitor=7, is_derived=False)
    way(*([] if way is use_facts else [store]))
    period = Period(date(2025, 1, 1), date(2026, 1, 31))

    answer = figures(store, "gross_sales", "visitors", period=period, compare=Compare.YEAR)

    assert (answer["gross_sales"].value, answer["gross_sales"].before) == (11, 0)
    later = figures(
        store, "gross_sales", "visitors",
        period=Period(date(2025, 12, 31), date(2026, 12, 31)), compare=Compare.YEAR,
    )  # fmt: skip
    assert (later["gross_sales"].value, later["gross_sales"].before) == (11, 1)
    assert (later["visitors"].value, later["visitors"].before) == (1, 1)


@pytest.mark.parametrize("way", [use_facts, use_rollups])
@pytest.mark.parametrize("grain", ["day", "week", "month"])
def test_buckets_stand_beside_the_same_days_of_the_compared_range(store, way, grain):
    sell(store, date(2025, 5, 4), {"gross": 3})
    sell(store, DAY, {"gross": 6})
    way(*([] if way is use_facts else [store]))

    answer = figures(store, "gross_sales", by=[grain], compare=Compare.YEAR)
    bucket = next(row for row in answer.rows if row.cells["gross_sales"].value)

    assert bucket.cells["gross_sales"].before == 3
    assert sum(row.cells["gross_sales"].before for row in answer.rows) == 3


def test_the_29th_of_february_is_compared_once(store):
    sell(store, date(2024, 2, 29), {"gross": 3})
    use_facts()
    february = Period(date(2025, 2, 1), date(2025, 2, 28))

    whole = figures(store, "gross_sales", period=february, compare=Compare.YEAR)
    later = Period(date(2025, 2, 1), date(2025, 3, 1))
    by_day = figures(store, "gross_sales", by=["day"], period=later, compare=Compare.YEAR)

    assert whole["gross_sales"].before == 0
    assert by_day["gross_sales", date(2025, 2, 28)].before == 3


def test_several_stores_are_told_in_the_reporting_currency(store):
    other = StoreFactory(slug="london", currency="GBP", zone="Europe/London")
    sell(store, DAY, {"gross": 10})
    sell(other, DAY, {"gross": 10, "gross_reporting": 12})
    sell(other, DAY, {"gross": 10, "gross_reporting": None, "discount_reporting": None})
    use_rollups(store, other)

    both = ask(Query(["gross_sales", "orders", "purchase_value"], scope_of(store, other), MAY))

    assert both["gross_sales"].value == 22
    assert both["orders"].value == 3
    assert both["purchase_value"].value is None
    assert both.notes == (
        "1 row has no exchange rate to EUR and is left out of amounts.",
        "An amount that is only known in each store's own currency is not added up over stores.",
    )
    assert figure(other, "gross_sales") == 20


def test_namesakes_of_two_stores_are_told_with_their_store_and_filter_apart(store):
    other = StoreFactory(slug="london", name="London")
    mine, theirs = (
        ChannelFactory(store=owner, slug="shop", name="Shop").pk for owner in (store, other)
    )
    till = ChannelFactory(store=other, slug="till", name="Till").pk
    sell(store, DAY, {"gross": 1}, channel=mine)
    sell(other, DAY, {"gross": 2}, channel=theirs)
    sell(other, DAY, {"gross": 4}, channel=till)
    use_facts()
    both = Query(["orders"], scope_of(store, other), MAY, by=["channel"])

    rows = {row.labels[0]: row.words[0] for row in ask(both).rows}
    one = ask(replace(both, where={"channel": [rows["Shop · London"]]}))

    assert rows == {"Shop · Berlin": str(mine), "Shop · London": str(theirs), "Till": "till"}
    assert [row.key for row in one.rows] == [(theirs,)]
    assert series(ask(replace(both, scope=scope_of(store))), "orders") == {("shop",): 1}


def test_pages_of_the_same_address_in_two_stores_are_told_with_their_store(store):
    other = StoreFactory(slug="london", name="London")
    for owner in (store, other):
        page = Page.objects.create(store_id=owner.pk, path="/")
        visit(owner, DAY, landing_page=page.pk)
    use_facts()
    both = Query(["sessions"], scope_of(store, other), MAY, by=["landing_page"])

    assert {row.labels[0] for row in ask(both).rows} == {"/ · Berlin", "/ · London"}


def test_days_that_wait_are_told(store):
    sell(store, DAY, {"gross": 10})
    use_rollups(store)
    mark(Order, store.pk, [DAY, date(2026, 5, 5)])

    answer = figures(store, "orders")

    assert answer.notes == ("2 days are being brought up to date.",)
    assert answer.fresh_to["orders"].waiting_days == 2
    assert answer.fresh_to["orders"].day == DAY


def test_many_questions_share_what_they_need(store, django_assert_num_queries):
    sell(store, DAY, {"gross": 10})
    use_rollups(store)
    scope = scope_of(store)
    queries = [
        Query([slug], scope, MAY, by=["day"])
        for slug in ("gross_sales", "discounts", "orders", "average_order")
    ]
    ask_many(queries)

    with django_assert_num_queries(3 + 2):
        answers = ask_many(queries)

    assert [answer.total.cells.popitem()[1].value for answer in answers] == [10, 0, 1, 10]


@pytest.mark.parametrize(
    ("asked", "message"),
    [
        (
            {"metrics": ["net_sale"]},
            "There is no figure called “net_sale”. Did you mean “net_sales”",
        ),
        ({"metrics": []}, "Choose at least one figure"),
        ({"by": ["colour"]}, "There is no dimension called “colour”"),
        ({"by": ["day", "week"]}, "Group by each thing once"),
        ({"by": ["channel", "channel"]}, "Group by each thing once"),
        ({"where": {"country": ["XX"]}}, "No country is called “XX”"),
        ({"where": {"channel": ["nope"]}}, "No channel is called “nope”"),
        ({"exclude": {"device": ["fridge"]}}, "No device is called “fridge”"),
        ({"top": 0}, "Ask for at least one row"),
        ({"period": Period(date(2001, 1, 1), DAY), "by": ["day"]}, "Those are too many days"),
    ],
)
def test_what_cannot_be_asked_is_refused_with_a_reason(store, asked, message):
    question = replace(Query(["orders"], scope_of(store), MAY), **asked)

    with pytest.raises(Refused, match=message.replace("?", "")):
        ask(question)


def test_no_store_is_no_answer(store):
    with pytest.raises(Refused, match="There is no store to ask about"):
        ask(Query(["orders"], scope_of(), MAY))
