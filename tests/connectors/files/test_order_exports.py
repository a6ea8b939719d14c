"""Order exports of Shopify and WooCommerce in their own layout, from file to rows."""

import csv
from decimal import Decimal

import pytest

from accounts.records import SYSTEM
from connectors.files import imports
from connectors.models import ParkedRow, Run
from sales.models import Order, OrderLine, RefundLine
from stores.models import Origin
from stores.records import RateRecord
from tests.landings import land

pytestmark = pytest.mark.django_db
D = Decimal
SHOPIFY = (  # noqa: SIM905 - as the file writes it
    "Name,Email,Financial Status,Paid at,Fulfillment Status,Fulfilled at,Accepts Marketing,Currency,"
    "Subtotal,Shipping,Taxes,Total,Discount Code,Discount Amount,Shipping Method,Created at,"
    "Lineitem quantity,Lineitem name,Lineitem price,Lineitem compare at price,Lineitem sku,"
    "Lineitem requires shipping,Lineitem taxable,Lineitem fulfillment status,Billing Name,"
    "Billing City,Billing Country,Shipping Name,Shipping Country,Notes,Cancelled at,Payment Method,"
    "Refunded Amount,Vendor,Id,Tags,Risk Level,Source,Lineitem discount,Phone"
).split(",")
WOO = (  # noqa: SIM905 - as the file writes it
    "Order Number,Order Status,Order Date,Customer Note,First Name (Billing),Last Name (Billing),"
    "Company (Billing),City (Billing),Country Code (Billing),Email (Billing),Phone (Billing),"
    "Payment Method Title,Cart Discount Amount,Order Subtotal Amount,Shipping Method Title,"
    "Order Shipping Amount,Order Refund Amount,Order Total Amount,Order Total Tax Amount,SKU,Item #,"
    "Item Name,Quantity (- Refund),Item Cost,Coupon Code,Discount Amount,Discount Amount Tax"
).split(",")


@pytest.fixture(autouse=True)
def _payloads_elsewhere(settings, tmp_path):
    settings.STORAGES = settings.STORAGES | {
        "default": {
            "BACKEND": "django.core.files.storage.FileSystemStorage",
            "OPTIONS": {"location": str(tmp_path / "data")},
        }
    }


def exported(tmp_path, header: list[str], rows: list[dict]):
    path = tmp_path / "orders_export.csv"
    with path.open("w", encoding="utf-8", newline="") as out:
        writer = csv.DictWriter(out, header, restval="")
        writer.writeheader()
        writer.writerows(rows)
    return path


def taken_in(store, path) -> Run:
    """The file is recognised by its columns."""
    mapping = imports.mapping_for(path)
    return imports.import_now(viewer=SYSTEM, store=store, path=path, mapping=mapping)


def shopify(number: int, **more) -> dict:
    return {
        "Name": f"#{number}", "Id": str(5_000 + number), "Email": "Ada@shop.example",
        "Financial Status": "paid", "Currency": "EUR", "Created at": "2025-03-01 23:30:00 +0000",
        "Shipping Country": "DE", "Accepts Marketing": "yes", "Discount Amount": "0.00",
        "Shipping": "0.00", "Taxes": "0.00", "Refunded Amount": "0.00",
    } | more  # fmt: skip


def item(price: str, quantity: int = 1, **more) -> dict:
    return {
        "Lineitem quantity": str(quantity), "Lineitem name": "Mug", "Lineitem price": price,
        "Lineitem sku": "MUG", "Lineitem discount": "0.00",
    } | more  # fmt: skip


def lines_of(number: str) -> list[tuple]:
    found = OrderLine.objects.filter(order__number=number).order_by("external_id")
    return list(found.values_list("external_id", "quantity", "gross", "discount", "tax"))


def test_shopify_orders_of_several_lines_with_discounts_and_tax_on_top(store, tmp_path):
    first = shopify(1001, **{"Subtotal": "35.00", "Shipping": "4.90", "Taxes": "7.58",
                             "Total": "47.48", "Discount Code": "SPRING", "Discount Amount": "5.00",
                             "Fulfillment Status": "fulfilled"})  # fmt: skip
    more = {name: first[name] for name in ("Name", "Email", "Created at")}
    rows = [first | item("10.00", 2), more | item("20.00", **{"Lineitem sku": "POT"})]

    run = taken_in(store, exported(tmp_path, SHOPIFY, rows))

    order = Order.objects.get()
    assert (run.source.label, run.status) == ("Shopify orders export", Run.Status.DONE)
    assert (order.external_id, order.number, order.status) == ("6001", "#1001", "shipped")
    assert (order.total, order.shipping, order.line_count) == (D("47.48"), D("4.90"), 2)
    assert order.day.isoformat() == "2025-03-02"  # half past midnight in Berlin
    assert (order.customer.email, order.country) == ("ada@shop.example", 276)
    assert lines_of("#1001") == [
        ("1", 2, D(20), D("2.5"), D("3.79")),
        ("2", 1, D(20), D("2.5"), D("3.79")),
    ]


def test_shopify_prices_that_hold_the_tax_add_up_too(store, tmp_path):
    row = shopify(1002, Subtotal="23.80", Taxes="3.80", Total="23.80") | item("11.90", 2)

    taken_in(store, exported(tmp_path, SHOPIFY, [row]))

    assert Order.objects.get().total == D("23.80")
    assert lines_of("#1002") == [("1", 2, D("23.80"), 0, D("3.80"))]


def test_shopify_refunds_and_cancellations(store, tmp_path):
    rows = [
        shopify(1003, **{"Financial Status": "partially_refunded", "Total": "30.00",
                         "Refunded Amount": "10.00"}) | item("10.00", 3),
        shopify(1004, **{"Financial Status": "refunded", "Total": "10.00",
                         "Refunded Amount": "10.00", "Cancelled at": "2025-03-05 09:00:00 +0000"})
        | item("10.00"),
    ]  # fmt: skip

    run = taken_in(store, exported(tmp_path, SHOPIFY, rows))

    assert run.status == Run.Status.DONE
    assert dict(Order.objects.values_list("number", "status")) == {
        "#1003": "paid",
        "#1004": "cancelled",
    }
    found = RefundLine.objects.order_by("refund__order__number")
    assert [(r.refund.order.number, r.amount, r.day.isoformat(), r.is_sale) for r in found] == [
        ("#1003", 10, "2025-03-02", True),
        ("#1004", 10, "2025-03-05", False),
    ]


def test_shopify_orders_in_another_currency_wait_for_its_rate(store, tmp_path):
    rows = [
        shopify(1005, Total="10.00") | item("10.00"),
        shopify(1006, Total="20.00", Currency="USD") | item("20.00"),
    ]
    run = taken_in(store, exported(tmp_path, SHOPIFY, rows))
    assert run.status == Run.Status.PARTLY
    assert set(ParkedRow.objects.values_list("stream", "waits_for")) == {
        ("orders", "rate:USD"),
        ("lines", "order:6006"),
    }

    land(store, Origin.objects.get(slug="shopify"),
         RateRecord(Order.objects.get().day, "USD", "EUR", D("0.9")))  # fmt: skip
    path = exported(tmp_path, SHOPIFY, [*rows, shopify(1007, Total="1.00") | item("1.00")])
    taken_in(store, path)

    order = Order.objects.get(number="#1006")
    assert (order.currency, order.total, order.currency_rate) == ("USD", D(20), D("0.9"))
    assert lines_of("#1006") == [("1", 1, D(18), 0, 0)]


def test_a_shopify_order_that_does_not_add_up_is_parked_whole(store, tmp_path):
    rows = [shopify(1008, Total="99.00") | item("10.00"), shopify(1009, Total="5") | item("5")]

    run = taken_in(store, exported(tmp_path, SHOPIFY, rows))

    assert (run.status, run.rows_parked) == (Run.Status.PARTLY, 2)
    assert list(Order.objects.values_list("number", flat=True)) == ["#1009"]


def woo(number: int, **more) -> dict:
    return {
        "Order Number": str(number), "Order Status": "Completed", "Order Date": "2025-03-01 12:00",
        "First Name (Billing)": "Ada", "Last Name (Billing)": "Park", "Country Code (Billing)": "FR",
        "Email (Billing)": "ada@shop.example", "Cart Discount Amount": "0",
        "Order Shipping Amount": "0", "Order Refund Amount": "0", "Order Total Tax Amount": "0",
        "Item #": "1", "SKU": "MUG", "Item Name": "Mug", "Quantity (- Refund)": "1",
    } | more  # fmt: skip


def test_woocommerce_orders_of_several_lines_with_discount_and_tax(store, tmp_path):
    whole = {"Cart Discount Amount": "5", "Order Shipping Amount": "4.90",
             "Order Total Tax Amount": "7.58", "Order Total Amount": "47.48"}  # fmt: skip
    rows = [
        woo(71, **whole, **{"Item Cost": "10", "Quantity (- Refund)": "2"}),
        woo(71, **whole, **{"Item Cost": "20", "SKU": "POT", "Item #": "2"}),
    ]

    run = taken_in(store, exported(tmp_path, WOO, rows))

    order = Order.objects.get()
    assert (run.source.label, run.status) == (
        "WooCommerce orders (Advanced Order Export)",
        Run.Status.DONE,
    )
    assert (order.number, order.status, order.total) == ("71", "delivered", D("47.48"))
    assert (order.customer.name, order.country) == ("Ada Park", 250)
    assert lines_of("71") == [
        ("1", 2, D(20), D("2.5"), D("3.79")),
        ("2", 1, D(20), D("2.5"), D("3.79")),
    ]


def test_woocommerce_orders_with_refunds_come_as_what_was_kept(store, tmp_path):
    rows = [
        woo(72, **{"Item Cost": "10", "Quantity (- Refund)": "1", "Order Refund Amount": "11.90",
                   "Order Total Amount": "35.70", "Order Total Tax Amount": "5.70"}),
        woo(72, **{"Item Cost": "10", "Quantity (- Refund)": "1", "Order Refund Amount": "11.90",
                   "Order Total Amount": "35.70", "Order Total Tax Amount": "5.70"}),
        woo(73, **{"Item Cost": "10", "Quantity (- Refund)": "0", "Order Refund Amount": "10",
                   "Order Total Amount": "10", "Order Status": "Refunded"}),
    ]  # fmt: skip

    run = taken_in(store, exported(tmp_path, WOO, rows))

    assert run.status == Run.Status.DONE
    assert any("takes refunds off the quantities" in note for note in run.notes)
    assert dict(Order.objects.values_list("number", "total")) == {"72": D("23.80"), "73": 0}
    assert lines_of("72") == [("1", 1, 10, 0, 0), ("2", 1, 10, 0, 0)]
    assert lines_of("73") == []


def test_woocommerce_prices_that_hold_the_tax_add_up_too(store, tmp_path):
    row = woo(74, **{"Item Cost": "11.90", "Order Total Amount": "11.90",
                     "Order Total Tax Amount": "1.90"})  # fmt: skip

    taken_in(store, exported(tmp_path, WOO, [row]))

    assert lines_of("74") == [("1", 1, D("11.90"), 0, D("1.90"))]
