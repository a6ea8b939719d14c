"""The overview board: its charts hold what `ask` answers, and many points keep the page light."""

import json
import re

import pytest
from django.urls import reverse

from analytics.board import STEPS, board_page
from metrics.answers import ask
from stores.page_state.read import parse
from stores.page_state.resolved import resolve
from stores.queries import viewer_of
from tests.analytics.shop import MAY, open_shop
from tests.conftest import signed_in

pytestmark = pytest.mark.django_db
TWO_YEARS = "r=custom&from=2024-06-01&to=2026-05-31&g=day&wd=0"


@pytest.fixture
def shop(store):
    open_shop(store)
    return store


def state_of(user, query: str):
    return resolve(viewer_of(user), parse(query)[0])


def board_of(user, query: str) -> dict:
    return board_page(viewer_of(user), state_of(user, query), [])


def plots_of(page: dict) -> dict:
    return {plot.id: plot for plot in (*page["plots"], *page["more_plots"])}


def current(plot) -> dict:
    return plot.chart.figure["data"][-1]


def test_the_board_shows_eight_charts_of_one_moment(shop, alice):
    page = board_of(alice, MAY)
    plots = plots_of(page)

    assert list(plots) == [
        "net_sales", "orders", "average_order", "sessions", "conversion_rate",
        "by-product", "by-channel",
    ]  # fmt: skip
    assert plots["net_sales"].told.value == "€4,900"
    assert plots["orders"].told.value == "60"
    assert plots["average_order"].told.value == "€83.33"
    assert plots["sessions"].told.value == "200"
    assert plots["conversion_rate"].told.value == "30.0%"
    assert page["steps"][0].count == "200"
    assert len(page["steps"]) == len(STEPS)


def test_lines_and_bars_hold_what_ask_answers(shop, alice):
    plots = plots_of(board_of(alice, f"{MAY}&cmp=none"))
    asked = state_of(alice, f"{MAY}&cmp=none")

    by_day = ask(asked.asks(["net_sales"], by=["day"]))
    assert current(plots["net_sales"])["y"] == [
        float(row.cells["net_sales"].value) for row in by_day.rows
    ]
    by_channel = ask(asked.asks(["net_sales"], by=["channel"]))
    assert current(plots["by-channel"])["x"] == [
        float(row.cells["net_sales"].value) for row in by_channel.rows
    ]


def test_points_of_a_short_range_open_their_own_days(shop, alice):
    chart = plots_of(board_of(alice, MAY))["orders"].chart

    assert chart.figure["data"][-1]["customdata"][0].startswith(
        "/kpis/?r=custom&from=2026-05-01&to=2026-05-01"
    )
    assert chart.rows == ()


def test_two_years_by_day_carry_numbers_alone_and_leave_the_table_for_later(shop, alice):
    chart = plots_of(board_of(alice, TWO_YEARS))["net_sales"].chart
    line = chart.figure["data"][-1]

    assert len(line["y"]) == 730
    assert line["hovertemplate"] == "€%{y:,.2f}"
    assert "text" not in line
    assert "customdata" not in line
    assert chart.rows == ()
    assert chart.twin.startswith("/kpis/table/net_sales/?")


def test_the_table_left_for_later_has_every_day(shop, alice):
    address = plots_of(board_of(alice, TWO_YEARS))["orders"].chart.twin

    part = signed_in(alice).get(address, headers={"HX-Request": "true"}).content.decode()

    assert part.lstrip().startswith("<table")
    assert part.count('<th scope="row">') == 730


def test_a_filter_leaves_out_what_is_not_measured_by_it(shop, alice):
    page = board_of(alice, f"{MAY}&category=lamps")
    plots = plots_of(page)

    assert plots["net_sales"].told.value == "€2,500"
    assert plots["sessions"].chart is None
    assert plots["sessions"].note == "Sessions is not measured by category."
    assert page["steps"] == []


def test_a_filter_opened_from_the_board_leads_back_to_it(shop, alice):
    client = signed_in(alice)
    edit = board_of(alice, f"{MAY}&country=DE")["bar"].chips[0].edit

    editor = client.get(edit).content.decode()
    answer = client.get(f"{edit}&op=is&pick=FR")

    assert '<input type="hidden" name="page" value="board">' in editor
    assert answer.headers["Location"].startswith(f"{reverse('analytics:board')}?")
    assert "country=FR" in answer.headers["Location"]


def test_the_page_holds_its_figures_as_data(shop, alice):
    html = signed_in(alice).get(f"{reverse('analytics:board')}?{MAY}").content.decode()
    figures = re.findall(r'<script id="([\w-]+)-json" type="application/json">(.*?)</script>', html)

    assert len(figures) == 7
    assert sum(json.loads(dict(figures)["net_sales"])["data"][-1]["y"]) == 4900.0
    assert 'class="fun' in html


def test_the_board_of_a_shop_without_anything_says_so(store, alice):
    page = board_of(alice, MAY)

    assert page["empty"]
    assert "plots" not in page
