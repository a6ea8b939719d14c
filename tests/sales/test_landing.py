"""Orders and what belongs to them, from records to rows."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from catalog.records import ProductRecord
from core.columns import table_of
from metrics.models import Mark
from sales.models import Order, OrderLine, Payment, Refund, RefundLine
from sales.records import LineRecord, OrderRecord, PaymentRecord, RefundRecord
from stores.models import Workspace
from stores.records import RateRecord
from tests.landings import land

pytestmark = pytest.mark.django_db

NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
D = Decimal


def order(key="1", **fields) -> OrderRecord:
    return OrderRecord(external_id=key, placed_at=fields.pop("placed_at", NOON), **fields)


def line(order_id="1", key="1", price="10", quantity=1, **fields) -> LineRecord:
    return LineRecord(order_id, key, quantity, D(price), **fields)


def days_marked(fact: str) -> list[date]:
    return sorted(set(Mark.objects.filter(fact=fact).values_list("day", flat=True)))


def test_an_order_with_lines_becomes_rows_with_their_dimensions(store, origin):
    landed = land(
        store, origin,
        order(country="DE", device="mobile", source="google", medium="cpc", campaign="May",
              shipping=D("4.90"), total=D("34.90"), customer_id="c1", number="#1"),
        line(key="a", quantity=3, sku="A-1", title="Mug"),
    )  # fmt: skip

    found = Order.objects.get()
    assert (landed["orders"].new, landed["lines"].new) == (1, 1)
    assert (found.number, found.day, found.country, found.device) == (
        "#1",
        date(2024, 5, 1),
        276,
        2,
    )
    assert (found.line_count, found.shipping, found.shipping_reporting) == (1, D("4.9"), D("4.9"))
    assert (found.customer.external_id, found.total, found.currency) == ("c1", D("34.9"), "EUR")
    assert found.channel == origin.channel_id
    row = OrderLine.objects.get()
    assert (row.gross, row.gross_reporting, row.discount, row.tax) == (30, 30, 0, 0)
    assert (row.day, row.country, row.device, row.tag) == (found.day, 276, 2, found.tag)
    assert found.tag > 0
    assert days_marked("orders") == days_marked("lines") == [date(2024, 5, 1)]


def test_the_same_rows_again_change_and_mark_nothing(store, origin):
    rows = [order(updated_at=NOON), line(updated_at=NOON), PaymentRecord("1", "p", D(10)),
            RefundRecord("1", "r", "rl", NOON, line_id="1", amount=D(3))]  # fmt: skip
    land(store, origin, *rows)
    Mark.objects.all().delete()

    again = land(store, origin, *rows)

    assert {stream: (done.landed, done.unchanged) for stream, done in again.items()} == {
        "orders": (0, 1), "lines": (0, 1), "payments": (0, 1), "refunds": (0, 1)
    }  # fmt: skip
    assert not Mark.objects.exists()


def test_an_older_telling_of_an_order_has_no_effect(store, origin):
    newer = order(status="shipped", updated_at=NOON.replace(hour=15))
    land(store, origin, newer)

    done = land(store, origin, order(status="open", updated_at=NOON))["orders"]

    assert (done.landed, done.unchanged) == (0, 1)
    assert Order.objects.get().status == "shipped"


def test_an_order_that_moves_to_another_day_marks_both_and_takes_everything_along(store, origin):
    land(store, origin, order(), line(), PaymentRecord("1", "p", D(10)),
         RefundRecord("1", "r", "rl", NOON.replace(day=9), line_id="1", amount=D(3)))  # fmt: skip
    Mark.objects.all().delete()

    land(store, origin, order(placed_at=NOON.replace(day=3), country="FR", status="cancelled"))

    first, third = date(2024, 5, 1), date(2024, 5, 3)
    for fact in ("all_orders", "all_lines", "payments"):
        assert days_marked(fact) == [first, third], fact
    assert days_marked("refund_lines_by_order_day") == [first, third]
    assert days_marked("refund_lines") == [date(2024, 5, 9)]
    for model in (OrderLine, Payment):
        row = model.objects.get()
        assert (row.day, row.country, row.is_sale) == (third, 250, False)
    for model in (Refund, RefundLine):
        row = model.objects.get()
        assert (row.day, row.order_day, row.country, row.is_sale) == (
            date(2024, 5, 9),
            third,
            250,
            False,
        )


@pytest.mark.parametrize(
    ("discount", "prices", "parts"),
    [
        ("10", ["1", "1", "1"], ["3.3333", "3.3334", "3.3333"]),
        ("0.0001", ["5", "5"], ["0.0000", "0.0001"]),
        ("5", ["30", "10"], ["3.7500", "1.2500"]),
        ("1", ["0", "0", "0", "0"], ["0.2500"] * 4),
        ("7", ["0", "9"], ["0", "7"]),
    ],
)
def test_an_order_discount_is_allotted_to_the_last_digit(store, origin, discount, prices, parts):
    lines = [line(key=str(n), price=price) for n, price in enumerate(prices)]

    land(store, origin, order(discount=D(discount)), *lines)

    found = OrderLine.objects.order_by("external_id").values_list("discount", flat=True)
    assert sum(found) == D(discount)
    assert [D(part) for part in parts] == list(found)


def test_order_tax_goes_to_lines_only_when_none_has_its_own(store, origin):
    land(store, origin, order("1", tax=D(9)), line("1", "a"), line("1", "b", price="20"),
         order("2", tax=D(9)), line("2", "a", tax=D(1)), line("2", "b"))  # fmt: skip

    found = OrderLine.objects.order_by("order__external_id", "external_id")
    assert list(found.values_list("tax", flat=True)) == [3, 6, 1, 0]


def test_lines_that_come_in_two_pages_share_as_if_they_came_together(store, origin):
    land(store, origin, order(discount=D(9), tax=D(3)), line(key="a", price="10"))
    land(store, origin, line(key="b", price="20"))

    found = OrderLine.objects.order_by("external_id")
    assert list(found.values_list("discount", "tax")) == [(D(3), D(1)), (D(6), D(2))]
    assert Order.objects.get().line_count == 2


def test_a_line_waits_for_its_order(store, origin):
    done = land(store, origin, line("77"))["lines"]

    assert (done.new, [(w.key, w.waits_for) for w in done.waiting]) == (0, [("77/1", "order:77")])
    assert not OrderLine.objects.exists()


def test_shipping_given_by_line_adds_up_on_the_order(store, origin):
    land(
        store, origin, order(), line(key="a", shipping=D("3.10")), line(key="b", shipping=D("2.05"))
    )
    assert Order.objects.get().shipping == D("5.15")

    land(store, origin, line(key="b", shipping=D(1)))
    assert Order.objects.get().shipping == D("4.10")


def test_of_two_rows_of_one_key_in_a_batch_the_newest_wins_and_undated_ones_the_last(store, origin):
    late = NOON.replace(hour=18)
    land(store, origin,
         order("1", status="shipped", updated_at=late), order("1", status="open", updated_at=NOON),
         order("2", status="open"), order("2", status="delivered"),
         line("1", "a", price="8", updated_at=late), line("1", "a", price="9", updated_at=NOON),
         line("2", "a", price="5"), line("2", "a", price="6"))  # fmt: skip

    assert dict(Order.objects.values_list("external_id", "status")) == {
        "1": "shipped", "2": "delivered"
    }  # fmt: skip
    assert dict(OrderLine.objects.values_list("order__external_id", "gross")) == {"1": 8, "2": 6}


@pytest.mark.parametrize(
    ("currency", "price", "rate", "reporting"),
    [("JPY", "1280", "0.0061", "7.8080"), ("KWD", "1.234", "2.9955", "3.6964")],
)
def test_amounts_stand_in_the_stores_and_in_the_reporting_currency(
    store, origin, currency, price, rate, reporting
):
    type(store).objects.filter(pk=store.pk).update(currency=currency)
    store.refresh_from_db()
    land(store, origin, RateRecord(date(2024, 4, 29), currency, "EUR", D(rate)))

    land(store, origin, order(), line(price=price))

    row = OrderLine.objects.get()
    assert (row.gross, row.gross_reporting) == (D(price), D(reporting))


def test_without_a_rate_the_reporting_amount_is_empty_until_the_rate_comes(store, origin):
    Workspace.objects.update(reporting_currency="USD")
    land(store, origin, order(shipping=D(2)), line(), PaymentRecord("1", "p", D(10)))
    row = OrderLine.objects.get()
    assert (row.gross, row.gross_reporting, row.costed_reporting) == (10, None, 0)

    from sales.services.follow import follow_rates

    land(store, origin, RateRecord(date(2024, 4, 30), "EUR", "USD", D("1.1")))
    follow_rates(store=store)

    assert OrderLine.objects.get().gross_reporting == 11
    assert Order.objects.get().shipping_reporting == D("2.2")
    assert Payment.objects.get().amount_reporting == 11


def test_an_order_in_a_third_currency_is_converted_and_keeps_its_total(store, origin):
    land(store, origin, RateRecord(date(2024, 5, 1), "USD", "EUR", D("0.9")))
    land(store, origin, order(currency="usd", total=D(22), shipping=D(2)), line(price="20"))

    found = Order.objects.get()
    assert (found.currency, found.currency_rate, found.total) == ("USD", D("0.9"), 22)
    assert (found.shipping, OrderLine.objects.get().gross) == (D("1.8"), 18)


def test_the_newest_rate_up_to_the_orders_day_counts(store, origin):
    rates = {1: "0.9", 3: "0.8", 9: "0.7"}
    land(store, origin, *(RateRecord(date(2024, 5, day), "USD", "EUR", D(rate))
                          for day, rate in rates.items()),
         RateRecord(date(2024, 5, 2), "GBP", "EUR", D("1.2")),
         RateRecord(date(2024, 5, 1), "EUR", "CHF", D("0.5")))  # fmt: skip

    land(store, origin, *(order(f"{currency}{day}", currency=currency, placed_at=NOON.replace(day=day))
                          for day in (2, 4) for currency in ("USD", "GBP", "CHF")))  # fmt: skip

    assert dict(Order.objects.values_list("external_id", "currency_rate")) == {
        "USD2": D("0.9"), "USD4": D("0.8"), "GBP2": D("1.2"), "GBP4": D("1.2"), "CHF2": 2, "CHF4": 2
    }  # fmt: skip


def test_an_order_in_a_currency_without_a_rate_waits_for_it(store, origin):
    done = land(store, origin, order(currency="USD"))["orders"]

    assert [(w.key, w.waits_for) for w in done.waiting] == [("1", "rate:USD")]


@pytest.mark.parametrize(
    ("zone", "moment", "day"),
    [
        ("Europe/Berlin", datetime(2026, 3, 28, 23, 30, tzinfo=UTC), date(2026, 3, 29)),
        ("Europe/Berlin", datetime(2026, 3, 29, 22, 30, tzinfo=UTC), date(2026, 3, 30)),
        ("Europe/Berlin", datetime(2026, 10, 25, 22, 59, tzinfo=UTC), date(2026, 10, 25)),
        ("Europe/Berlin", datetime(2026, 10, 25, 23, 0, tzinfo=UTC), date(2026, 10, 26)),
        ("America/New_York", datetime(2026, 11, 1, 4, 30, tzinfo=UTC), date(2026, 11, 1)),
        ("America/New_York", datetime(2026, 11, 2, 4, 30, tzinfo=UTC), date(2026, 11, 1)),
        ("Australia/Lord_Howe", datetime(2026, 4, 4, 13, 15, tzinfo=UTC), date(2026, 4, 5)),
        ("Asia/Kathmandu", datetime(2026, 5, 1, 18, 15, tzinfo=UTC), date(2026, 5, 2)),
        ("Asia/Kathmandu", datetime(2026, 5, 1, 18, 14, tzinfo=UTC), date(2026, 5, 1)),
        ("Pacific/Apia", datetime(2011, 12, 30, 9, 59, tzinfo=UTC), date(2011, 12, 29)),
        ("Pacific/Apia", datetime(2011, 12, 30, 10, 0, tzinfo=UTC), date(2011, 12, 31)),
    ],
)
def test_the_day_is_the_stores_own(store, origin, zone, moment, day):
    type(store).objects.filter(pk=store.pk).update(zone=zone)
    store.refresh_from_db()
    import time_machine

    with time_machine.travel(datetime(2027, 1, 1, tzinfo=UTC)):
        land(store, origin, order(placed_at=moment))

    assert Order.objects.get().day == day


def test_a_refund_is_dated_by_its_own_day_and_follows_its_line(store, origin):
    land(store, origin, ProductRecord("P", "V", "Mug", category="Kitchen", cost=D(4)))
    land(store, origin, order(), line(quantity=2, variant_id="V", discount=D(2), tax=D(3)))

    land(store, origin, RefundRecord("1", "r", "rl", NOON.replace(month=7), line_id="1", quantity=1,
                                     shipping=D("1.5"), is_restocked=True))  # fmt: skip

    row = RefundLine.objects.get()
    assert (row.day, row.order_day) == (date(2024, 7, 1), date(2024, 5, 1))
    assert (row.amount, row.tax, row.quantity, row.cost) == (9, D("1.5"), 1, 4)
    assert (row.product, row.category) == (
        OrderLine.objects.get().product,
        OrderLine.objects.get().category,
    )
    assert Refund.objects.get().shipping == D("1.5")


def test_a_refund_waits_for_its_order_and_then_for_its_line(store, origin):
    refund = RefundRecord("1", "r", "rl", NOON, line_id="1", amount=D(3))
    assert [w.waits_for for w in land(store, origin, refund)["refunds"].waiting] == ["order:1"]

    land(store, origin, order())
    assert [w.waits_for for w in land(store, origin, refund)["refunds"].waiting] == ["line:1/1"]

    land(store, origin, line())
    assert land(store, origin, refund)["refunds"].new == 1


def test_lines_that_come_before_their_product_take_its_place_and_cost_later(store, origin):
    from sales.services.follow import follow_products

    land(store, origin, order(), line(key="a", product_id="P", variant_id="V", quantity=2),
         line(key="b", sku="mug-1"), line(key="c", product_id="P"))  # fmt: skip

    done = land(store, origin, ProductRecord("P", "V", "Mug", sku="MUG-1", category="Home > Kitchen",
                                             cost=D(4)))["products"]  # fmt: skip
    follow_products(store=store, product_ids=done.touched)

    found = list(OrderLine.objects.order_by("external_id").values_list(
        "variant__product__title", "category", "cost"))  # fmt: skip
    category = OrderLine.objects.get(external_id="a").variant.product.category
    assert (category.name, category.parent.name) == ("Kitchen", "Home")
    assert found == [("Mug", category.pk, 8), ("Mug", category.pk, 4), (None, category.pk, None)]
    assert len(set(OrderLine.objects.values_list("product", flat=True))) == 1


def test_rows_that_cannot_be_right_are_named_with_a_remedy(store, origin):
    done = land(store, origin, order("1", status="sold"), order("2", currency="EURO"),
                order("3", placed_at=datetime(1970, 1, 1, tzinfo=UTC)), order("4"),
                line("4", "a", quantity=0), line("4", "b", price="-1"), line("4", "c"))  # fmt: skip

    assert sorted((r.position, r.column, r.value) for r in done["orders"].rejected) == [
        (0, "status", "sold"), (1, "currency", "EURO"),
        (2, "placed_at", "1970-01-01 00:00:00+00:00"),
    ]  # fmt: skip
    assert all(row.remedy for row in done["orders"].rejected)
    assert [row.position for row in done["lines"].rejected] == [0, 1]
    assert (Order.objects.count(), OrderLine.objects.count()) == (1, 1)


def test_a_batch_table_may_hold_nothing(store, origin):
    from connectors.landing import LANDINGS

    table = table_of(OrderRecord, [])
    assert LANDINGS["orders"](store=store, origin=origin, table=table).read == 0


def test_a_changed_line_wins_by_its_date(store, origin):
    first = line(price="10", updated_at=NOON)
    land(store, origin, order(), first)

    land(store, origin, replace(first, unit_price=D(12), updated_at=NOON.replace(hour=13)))
    land(store, origin, replace(first, unit_price=D(11), updated_at=NOON.replace(hour=11)))

    assert OrderLine.objects.get().gross == 12
