"""Customers' figures, who is new, and cohorts, as orders come, go and arrive late."""

from datetime import date
from decimal import Decimal

import pytest

from metrics.models import Mark
from metrics.refresh import drain
from sales.models import Cohort, Customer, CustomerType, Order, OrderLine, RefundLine
from sales.services.customers import settle_customers
from tests.factories.orders import customer, refund, sell

pytestmark = pytest.mark.django_db
NEW, RETURNING = CustomerType.NEW, CustomerType.RETURNING


def types_of(who: Customer) -> list[int]:
    orders = Order.objects.filter(customer=who).order_by("placed_at")
    return list(orders.values_list("customer_type", flat=True))


def test_figures_count_sales_less_refunds(origin):
    who = customer(origin)
    refund(sell(origin, who, "2026-01-10", "30"), "10")
    sell(origin, who, "2026-02-10", "20")
    sell(origin, who, "2026-03-10", "99", status="cancelled", is_sale=False)
    who.refresh_from_db()

    assert (who.order_count, who.net_spent) == (2, Decimal(40))
    assert (who.first_order_at.date(), who.last_order_at.date()) == (
        date(2026, 1, 10),
        date(2026, 2, 10),
    )


def test_only_the_first_sale_is_a_new_customer_s(origin):
    who = customer(origin)
    sell(origin, who, "2026-01-10", is_sale=False, status="cancelled")
    sell(origin, who, "2026-01-11")
    sell(origin, who, "2026-01-12")

    assert types_of(who) == [NEW, NEW, RETURNING]


def test_an_earlier_order_that_arrives_late_changes_the_later_ones_and_marks_their_days(origin):
    who = customer(origin)
    later = sell(origin, who, "2026-02-10")
    refund(later, "2", days_later=3)
    Mark.objects.all().delete()

    sell(origin, who, "2026-01-10")

    later.refresh_from_db()
    assert (later.customer_type, later.first_day) == (RETURNING, date(2026, 1, 10))
    assert OrderLine.objects.get(order=later).customer_type == RETURNING
    assert RefundLine.objects.get(refund__order=later).customer_type == RETURNING
    assert set(Mark.objects.filter(day__month=2).values_list("fact", "day")) == {
        ("orders", date(2026, 2, 10)),
        ("all_orders", date(2026, 2, 10)),
        ("lines", date(2026, 2, 10)),
        ("all_lines", date(2026, 2, 10)),
        ("payments", date(2026, 2, 10)),
        ("refunds", date(2026, 2, 13)),
        ("refund_lines", date(2026, 2, 13)),
        ("refund_lines_by_order_day", date(2026, 2, 10)),
        ("cohorts", date(2026, 2, 1)),
    }


def test_settling_again_changes_and_marks_nothing_but_the_cohort(origin):
    who = customer(origin)
    sell(origin, who, "2026-01-10")
    Mark.objects.all().delete()

    settle_customers(origin.store_id, [who.pk])

    assert list(Mark.objects.values_list("fact", "day")) == [("cohorts", date(2026, 1, 1))]


def test_settling_nobody_is_allowed(origin):
    settle_customers(origin.store_id, [])

    assert Mark.objects.count() == 0


def test_a_customer_whose_orders_all_moved_away_has_bought_nothing(origin):
    who, other = customer(origin), customer(origin)
    order = sell(origin, who, "2026-01-10")
    Order.objects.filter(pk=order.pk).update(customer=other)

    settle_customers(origin.store_id, [who.pk, other.pk])

    who.refresh_from_db()
    assert (who.order_count, who.net_spent, who.first_order_at) == (0, Decimal(0), None)


def test_a_cohort_is_followed_by_month_under_the_channel_of_its_first_sale(origin):
    anna, ben = customer(origin), customer(origin)
    sell(origin, anna, "2026-01-10", "30", channel=1)
    sell(origin, ben, "2026-01-12", "10", channel=2)
    refund(sell(origin, anna, "2026-03-01", "20", channel=2), "5", days_later=40)
    drain()

    assert list(
        Cohort.objects.order_by("month", "channel").values_list(
            "first_month", "month", "channel", "customers", "orders", "net"
        )
    ) == [
        (date(2026, 1, 1), date(2026, 1, 1), 1, 1, 1, Decimal(30)),
        (date(2026, 1, 1), date(2026, 1, 1), 2, 1, 1, Decimal(10)),
        (date(2026, 1, 1), date(2026, 3, 1), 1, 1, 1, Decimal(15)),
    ]


def test_a_late_first_order_moves_the_customer_into_the_earlier_cohort(origin):
    who = customer(origin)
    sell(origin, who, "2026-02-10")
    drain()
    sell(origin, who, "2026-01-10")
    drain()

    assert list(Cohort.objects.order_by("month").values_list("first_month", "month")) == [
        (date(2026, 1, 1), date(2026, 1, 1)),
        (date(2026, 1, 1), date(2026, 2, 1)),
    ]
