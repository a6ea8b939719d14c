"""A sampled analytics export: purchases with a real id are orders; the rest is accounted for."""

from decimal import Decimal

import pytest

from connectors.models import Run
from tests.real.shops import figure, shop_of
from tests.real.shown import text_of_page, told_by_api
from traffic.models import Event

pytestmark = [pytest.mark.slow, pytest.mark.django_db]
ALL = ("2020-11-01", "2021-01-31")
FILE = "ga4_sample/ga4_events_sampled.snappy.parquet"


@pytest.fixture(scope="module")
def run(django_db_setup, django_db_blocker, tmp_path_factory):
    with shop_of(FILE, "ga4_events", tmp_path_factory.mktemp("data"), django_db_blocker) as run:
        yield run


def test_every_row_lands(run):
    assert run.status == Run.Status.DONE, run.error
    assert run.counts["events"]["landed"] == 24219
    assert run.counts["orders"]["landed"] == 525
    assert Event.objects.filter(store_id=run.store_id).count() == 24219


def test_orders_are_the_distinct_transactions(run):
    assert figure(run.store, "orders", *ALL) == 525
    assert figure(run.store, "net_sales", *ALL) == Decimal("38202.00")


def test_purchase_events_keep_their_whole_value(run):
    assert figure(run.store, "purchase_events", *ALL) == 624
    assert figure(run.store, "purchase_value", *ALL) == Decimal("41529.00")


def test_the_run_says_what_became_of_the_other_purchase_events(run):
    assert (
        "624 purchase events became 525 orders. 6 repeats of a transaction, 90 “(not set)” and 3 "
        "without an id count as purchase events, not as orders."
    ) in run.notes


def test_the_api_and_the_page_tell_the_same_figures(run):
    told = told_by_api(run.store, "orders", *ALL)

    assert told == {"orders": Decimal(525)}
    assert "525" in text_of_page(run.store, "orders", *ALL)
