"""The KPI page of one day: the chosen figure hour by hour."""

from decimal import Decimal

import pytest
import time_machine
from django.urls import reverse

from analytics.hourly import hour_chart
from analytics.pages import kpi_page
from analytics.queries.kpis import kpis_of
from stores.page_state.read import parse
from stores.page_state.resolved import resolve
from stores.queries import viewer_of
from tests.analytics.test_home import LAST, NOW, sell_at, shop
from tests.metrics.rows import use_facts
from tests.sales.test_views import text_of

__all__ = ["shop"]
pytestmark = pytest.mark.django_db


def chart_of(user, query: str):
    viewer = viewer_of(user)
    with time_machine.travel(NOW, tick=False):
        return hour_chart(kpis_of(resolve(viewer, parse(query)[0])))


def values(chart, column: int) -> list[str]:
    return [row.cells[column] for row in chart.rows]


def test_today_ends_at_the_hour_under_way_which_is_named(shop, alice):
    chart = chart_of(alice, "r=today&metric=net_sales")

    assert values(chart, 0)[:2] == ["00:00", "01:00"]
    assert values(chart, 1)[7:14] == [
        "€0.00",
        "€100.00",
        "€100.00",
        "€100.00",
        "€100.00",
        "€0.00",
        "—",
    ]
    assert values(chart, 2)[12] == "€1,000"
    assert chart.note == "The hour from 12:00 is not over: its value is still filling."
    assert [trace["name"] for trace in chart.figure["data"]][-1] == "Wed 20 May, so far"


def test_the_hours_of_a_day_that_is_over_sum_to_its_card(shop, store, alice):
    viewer = viewer_of(alice)
    query = f"from={LAST}&to={LAST}&metric=net_sales&cmp=none"
    with time_machine.travel(NOW, tick=False):
        page = kpi_page(viewer, resolve(viewer, parse(query)[0]), [])

    hours = [Decimal(row.cells[1].strip("€").replace(",", "")) for row in page["chart"].rows]
    assert sum(hours) == 1800
    assert page["cards"][0].told.value == "€1,800"
    assert page["chart_title"] == "Net sales per hour"
    assert page["chart"].note == ""


def test_filters_narrow_the_hours_and_longer_ranges_stay_by_the_day(shop, store, alice):
    sell_at(store, LAST, "09:00", 7, country=250)
    use_facts()
    narrowed = chart_of(alice, f"from={LAST}&to={LAST}&metric=net_sales&country=FR&cmp=none")
    assert values(narrowed, 1)[9] == "€7.00"

    viewer = viewer_of(alice)
    with time_machine.travel(NOW, tick=False):
        page = kpi_page(viewer, resolve(viewer, parse("r=last7")[0]), [])
    assert page["chart_title"] == "Net sales per day"


def test_the_page_of_today_shows_its_hours(shop, alice_signed_in):
    with time_machine.travel(NOW, tick=False):
        text = text_of(alice_signed_in.get(reverse("analytics:kpis"), {"r": "today"}))

    assert "Net sales per hour" in text
    assert "The hour from 12:00 is not over" in text


def test_today_is_held_against_the_same_hours_of_the_compared_day(shop, alice):
    viewer = viewer_of(alice)
    with time_machine.travel(NOW, tick=False):
        page = kpi_page(viewer, resolve(viewer, parse("r=today")[0]), [])

    told = {card.slug: card.told for card in page["cards"]}
    assert told["net_sales"].against == "€400.00 by 12:30"
    assert told["ad_spend"].hours == "all day"
    assert "by 12:30" in page["footing"]
