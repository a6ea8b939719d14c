"""The marketplace sample: every figure to the cent, days in the shop's own time."""

from decimal import Decimal

import pytest

from connectors.models import Run
from tests.real.shops import asked, figure, shop_of
from tests.real.shown import text_of_page, told_by_api

pytestmark = [pytest.mark.slow, pytest.mark.django_db]
ALL = ("2016-09-01", "2018-10-31")


@pytest.fixture(scope="module")
def run(django_db_setup, django_db_blocker, tmp_path_factory):
    with shop_of("olist", "olist", tmp_path_factory.mktemp("data"), django_db_blocker) as run:
        yield run


def test_every_row_lands(run):
    assert run.status == Run.Status.DONE, run.error
    assert {stream: mine["landed"] for stream, mine in run.counts.items()} == {
        "products": 9255, "customers": 14904, "orders": 15000, "lines": 17071, "payments": 15733,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("slug", "value"),
    [
        ("orders", "14798"),
        ("orders_all", "15000"),
        ("gross_sales", "2016982.65"),
        ("net_sales", "2016982.65"),
        ("gross_sales_all", "2030270.94"),
        ("units_all", "17071"),
        ("shipping_charged_all", "340292.67"),
        ("payments_received", "2397904.56"),
        ("orders_with_lines_all", "14885"),
    ],
)
def test_figures_of_the_whole_span(run, slug, value):
    assert figure(run.store, slug, *ALL) == Decimal(value)


def test_the_average_order_over_orders_that_have_items(run):
    value = figure(run.store, "average_order_all", *ALL)

    assert round(value, 2) == Decimal("136.40")


def test_months_are_the_shops_own(run):
    assert figure(run.store, "orders_all", "2017-05-01", "2017-05-31") == 576
    assert figure(run.store, "gross_sales_all", "2017-10-01", "2017-10-31") == Decimal("98684.79")


def test_the_largest_category(run):
    answer = asked(run.store, "gross_sales_all", *ALL, by=["category"], top=1)

    assert answer.rows[0].labels == ("health_beauty",)
    assert answer.rows[0].cells["gross_sales_all"].value == Decimal("190205.60")


def test_the_api_and_the_page_tell_the_same_figures(run):
    slugs = "orders,gross_sales,gross_sales_all"

    told = told_by_api(run.store, slugs, *ALL)
    page = text_of_page(run.store, slugs, *ALL)

    assert told == {
        "orders": Decimal(14798), "gross_sales": Decimal("2016982.65"),
        "gross_sales_all": Decimal("2030270.94"),
    }  # fmt: skip
    assert "14,798" in page
    assert "R$2.02M" in page
