"""A clothing shop's web events, orders and ads, with their repeats and gaps."""

from decimal import Decimal

import pytest

from connectors.models import Run
from sales.models import Order
from tests.real.shops import figure, shop_of
from tests.real.shown import text_of_page, told_by_api
from traffic.models import Event

pytestmark = [pytest.mark.slow, pytest.mark.django_db]
ALL = ("2022-10-01", "2024-04-30")


@pytest.fixture(scope="module")
def run(django_db_setup, django_db_blocker, tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    with shop_of("shapees_web_ads", "shapees", folder, django_db_blocker) as run:
        yield run


def test_every_row_lands_and_exact_repeats_count_once(run):
    assert run.status == Run.Status.DONE, run.error
    assert {stream: mine["landed"] for stream, mine in run.counts.items()} == {
        "customers": 30, "orders": 43, "lines": 109, "events": 16004, "ad_spend": 912,
    }  # fmt: skip
    assert Event.objects.filter(store_id=run.store_id).count() == 16004
    assert Order.objects.filter(store=run.store).count() == 43


@pytest.mark.parametrize(
    ("slug", "value"),
    [
        ("sessions", "2228"),
        ("product_view_sessions", "1411"),
        ("add_to_cart_sessions", "323"),
        ("checkout_sessions", "179"),
        ("purchase_sessions", "70"),
        ("orders", "43"),
        ("net_sales", "2967.70"),
        ("discounts", "173.19"),
        ("impressions", "3908835"),
        ("clicks", "38119"),
    ],
)
def test_figures_of_the_whole_span(run, slug, value):
    assert figure(run.store, slug, *ALL) == Decimal(value)


def test_the_product_says_that_there_is_no_cost(run):
    assert figure(run.store, "roas", *ALL) is None
    assert any("no cost in source" in note for note in run.notes)


def test_the_api_and_the_page_tell_the_same_figures(run):
    told = told_by_api(run.store, "sessions,impressions,clicks", *ALL)

    assert told == {"sessions": 2228, "impressions": 3908835, "clicks": 38119}
    assert "2,228" in text_of_page(run.store, "sessions", *ALL)
