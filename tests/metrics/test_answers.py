"""Figures from rows: added up, divided, grouped, filtered, filled and compared."""

import pytest

from tests.metrics.rows import DAY, figures, sell, use_facts, use_rollups

pytestmark = pytest.mark.django_db


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


def test_rollups_say_the_same(store):
    sell(store, DAY, {"gross": 100, "discount": 5}, channel=1)
    use_rollups(store)

    answer = figures(store, "net_sales")

    assert answer["net_sales"].value == 95
    assert answer.sources == ("rollup_lines_month", "rollup_refund_lines_month")
    assert answer.notes == ()
