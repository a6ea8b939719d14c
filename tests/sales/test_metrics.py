"""Each figure of sales from a few rows, from the rows themselves and from rollups alike."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from core.errors import Refused
from metrics.answers import ask
from sales.models import CatalogueRequest, Customer, Payment
from tests.metrics.rows import (
    DAY,
    add_line,
    dims_of,
    figure,
    figures,
    give_back,
    noon,
    origin_of,
    scope_of,
    sell,
    use_facts,
    use_rollups,
)

pytestmark = pytest.mark.django_db
APRIL = date(2026, 4, 20)


@pytest.fixture(params=["facts", "rollups"])
def shop(request, store):
    """Three sales and a cancelled order in May, a refund of each of two; one sale in April."""
    april = sell(store, APRIL, {"gross": 500})
    first = sell(
        store, DAY, {"gross": 100, "discount": 10, "quantity": 2, "tax": 9, "cost": 40},
        shipping=5, shipping_tax=1, customer_type=1,
    )  # fmt: skip
    sell(store, DAY, {"gross": 60, "cost": 20}, {"gross": 40}, customer_type=2)
    sell(store, DAY)
    sell(store, DAY, {"gross": 1000, "quantity": 3}, status="cancelled", shipping=7)
    give_back(first, DAY, 30, shipping=5, tax=3, cost=10)
    give_back(april, DAY, 50)
    use_facts() if request.param == "facts" else use_rollups(store)
    return store


@pytest.mark.parametrize(
    ("slug", "value"),
    [
        ("gross_sales", 200),
        ("discounts", 10),
        ("refunds", 80),
        ("refunds_by_order_day", 30),
        ("net_sales", 110),
        ("shipping_charged", 5),
        ("refunded_shipping", 5),
        ("tax", 10),
        ("refunded_tax", 3),
        ("total_sales", 110 + 5 + 10 - 5 - 3),
        ("orders", 3),
        ("units", 4),
        ("units_returned", 2),
        ("average_order", Decimal(190) / 3),
        ("units_per_order", Decimal(4) / 3),
        ("discount_rate", Decimal("0.05")),
        ("refund_rate", Decimal("0.4")),
        ("gross_sales_all", 1200),
        ("orders_all", 4),
        ("orders_with_lines_all", 3),
        ("units_all", 7),
        ("average_order_all", 400),
        ("shipping_charged_all", 12),
        ("cost_of_goods", 40 + 20 - 10),
        ("gross_margin", (90 + 60) - 60 - (30 - 10)),
        ("gross_margin_share", Decimal(70) / 120),
        ("costed_share", Decimal(150) / 190),
    ],
)
def test_figure_of_may(shop, slug, value):
    assert figure(shop, slug) == value


def test_every_sales_figure_is_asked_for_at_once(shop):
    answer = figures(shop, "net_sales", "orders", "gross_margin", "shipping_charged_all")

    assert [answer[slug].value for slug in answer.total.cells] == [110, 3, 70, 12]


def test_margin_is_unknown_while_no_cost_is(store):
    sell(store, DAY, {"gross": 100})
    use_facts()

    answer = figures(store, "gross_margin", "gross_margin_share", "cost_of_goods")

    assert {cell.value for cell in answer.total.cells.values()} == {None}


def test_margin_of_no_sales_is_nothing(store):
    use_facts()

    assert figure(store, "gross_margin") == 0


def test_costs_are_withheld_without_the_right(shop):
    without = scope_of(shop, rights=frozenset())
    answer = figures(shop, "net_sales", "gross_margin")

    told = ask(replace(answer.query, scope=without))

    assert answer["gross_margin"].value == 70
    assert (told["net_sales"].value, told["gross_margin"].value) == (110, None)
    assert told.notes[-1] == ("Gross margin is shown only to people who may see costs and margins.")


@pytest.mark.parametrize("way", [use_facts, use_rollups])
def test_customers_are_new_once_and_counted_once(store, way):
    ann, ben = (
        Customer.objects.create(store=store, origin=origin_of(store), external_id=name)
        for name in ("ann", "ben")
    )
    sell(store, date(2025, 5, 20), {"gross": 1}, customer=ben, customer_type=1)
    sell(store, APRIL, {"gross": 1}, customer=ben, customer_type=2)
    sell(store, DAY, {"gross": 1}, customer=ann, customer_type=1)
    sell(store, date(2026, 5, 9), {"gross": 1}, customer=ann, customer_type=2)
    sell(store, date(2026, 5, 9), {"gross": 1}, customer=ben, customer_type=2)
    sell(store, DAY, {"gross": 1})
    way(*([] if way is use_facts else [store]))

    asked = ("customers", "new_customers", "returning_customers", "new_customer_share")
    answer = figures(store, *asked, "repeat_rate")

    assert [answer[slug].value for slug in asked] == [2, 1, 1, Decimal("0.5")]
    assert answer["repeat_rate"].value == 1
    by_day = figures(store, "repeat_rate", "customers", by=["day"])
    assert by_day["repeat_rate", date(2026, 5, 1)].value == 1
    assert by_day["repeat_rate", DAY].value == Decimal("0.5")
    assert by_day["repeat_rate", date(2026, 5, 9)].value == 1
    assert by_day["customers", date(2026, 5, 9)].value == 2
    assert by_day["customers"].value == 2


def test_a_customer_repeats_only_within_365_days(store):
    ann = Customer.objects.create(store=store, origin=origin_of(store), external_id="ann")
    sell(store, date(2025, 5, 31), {"gross": 1}, customer=ann)
    sell(store, DAY, {"gross": 1}, customer=ann)
    use_facts()

    assert figure(store, "repeat_rate") == 0


@pytest.mark.parametrize("way", [use_facts, use_rollups])
def test_payments_that_failed_were_not_received(store, way):
    order = sell(store, DAY, {"gross": 1}, status="cancelled")
    for number, (amount, status) in enumerate([(70, "captured"), (9, "failed"), (1, "pending")]):
        Payment.objects.create(
            store=store, order=order, external_id=str(number), day=DAY, amount=amount,
            amount_reporting=amount, status=status, **dims_of(order),
        )  # fmt: skip
    way(*([] if way is use_facts else [store]))

    assert figure(store, "payments_received") == 70


def test_catalogue_requests_are_counted_once_and_their_copies_each(store):
    for number, quantity in enumerate([1, 3]):
        CatalogueRequest.objects.create(
            store=store, origin=origin_of(store), external_id=str(number), day=DAY,
            requested_at=noon(DAY), quantity=quantity,
        )  # fmt: skip
    use_facts()

    answer = figures(store, "catalogue_requests", "catalogues_ordered")

    assert (answer["catalogue_requests"].value, answer["catalogues_ordered"].value) == (2, 4)


@pytest.mark.parametrize("way", [use_facts, use_rollups])
@pytest.mark.parametrize(
    ("by", "words"),
    [
        ("country", ["FR", "DE"]),
        ("device", ["mobile", "desktop"]),
        ("customer_type", ["returning", "new"]),
        ("channel", ["amazon", "web"]),
        ("category", ["mugs", "hats"]),
        ("product", None),
    ],
)
def test_net_sales_by(store, way, by, words):
    origin = origin_of(store)
    amazon = store.channels.create(slug="amazon", name="Amazon")
    hats, mugs = (store.categories.create(slug=s, name=s.title()) for s in ("hats", "mugs"))
    products = [
        store.products.create(origin=origin, external_id=name, title=name)
        for name in ("Cap", "Mug")
    ]
    sell(
        store, DAY, {"gross": 10, "category": hats.pk, "product": products[0].pk},
        country=276, device=1, customer_type=1, channel=origin.channel_id,
    )  # fmt: skip
    sell(
        store, DAY, {"gross": 25, "category": mugs.pk, "product": products[1].pk},
        country=250, device=2, customer_type=2, channel=amazon.pk,
    )  # fmt: skip
    way(*([] if way is use_facts else [store]))
    words = words or [str(products[1].pk), str(products[0].pk)]

    answer = figures(store, "net_sales", by=[by])

    assert [(row.words[0], row.cells["net_sales"].value) for row in answer.rows] == [
        (words[0], 25),
        (words[1], 10),
    ]
    assert figure(store, "net_sales", where={by: [words[0]]}) == 25
    assert figure(store, "net_sales", exclude={by: [words[0]]}) == 10
    assert answer["net_sales"].value == 35


def test_labels_are_words_for_people(store):
    sell(store, DAY, {"gross": 10}, country=276, device=2)
    use_facts()

    answer = figures(store, "net_sales", by=["country", "device", "channel"])

    assert answer.rows[0].labels == ("Germany", "Mobile", "Unknown")
    assert answer.rows[0].words == ("DE", "mobile", "unknown")


def test_shipping_has_no_category_and_says_so(store):
    with pytest.raises(Refused, match="Total sales cannot be broken down or filtered by category"):
        figures(store, "net_sales", "total_sales", by=["category"])
    with pytest.raises(Refused, match="Average order value cannot be broken down"):
        figures(store, "average_order", where={"product": ["1"]})


def test_a_line_counts_where_its_order_stands(store):
    order = sell(store, DAY, country=276)
    add_line(order, 7)
    use_facts()

    assert figure(store, "gross_sales", where={"country": ["de"]}) == 7
