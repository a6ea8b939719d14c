import re
from datetime import UTC, datetime, timedelta
from io import BytesIO

import openpyxl
import pytest
from django.http import QueryDict
from django.urls import reverse

from metrics.answers import ask
from sales.models import Order
from stores.page_state.read import parse
from stores.page_state.resolved import resolve
from stores.queries import viewer_of
from tests.analytics.shop import MAY, open_shop
from tests.factories.sales import (
    CustomerFactory,
    OrderFactory,
    OrderLineFactory,
    PaymentFactory,
    RefundFactory,
    RefundLineFactory,
)

ORDERS, CUSTOMERS = reverse("sales:order-list"), reverse("customers:customer-list")
PART = {"HX-Request": "true", "HX-Target": "results"}


def numbers_on(response) -> list[str]:
    """The order numbers of the list, from the top."""
    return re.findall(r'class="rowlink[^"]*"[^>]*>([^<]+)</a>', response.content.decode())


def text_of(response) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", response.content.decode()).split())


@pytest.fixture
def dora(store, origin):
    return CustomerFactory(
        store=store, origin=origin, name="Dora", email="dora@mail.example", order_count=1
    )


@pytest.fixture
def order(store, origin, dora):
    order = OrderFactory(
        store=store, origin=origin, number="#1", total=32, shipping=5, country=276,
        customer=dora, status=Order.Status.PAID,
    )  # fmt: skip
    line = OrderLineFactory(
        order=order, title="Mug", quantity=3, unit_price=10, discount=5, tax=2, cost=12
    )
    PaymentFactory(order=order, amount=32, method="bank_transfer")
    refund = RefundFactory(order=order, shipping=1, reason="broken")
    RefundLineFactory(refund=refund, line=line, amount=7)
    return order


def test_order_list_shows_the_newest_first_and_searches_by_number(
    alice_signed_in, store, origin, order
):
    later = order.placed_at + timedelta(hours=1)
    OrderFactory(store=store, origin=origin, number="#2", placed_at=later, status="open")

    assert numbers_on(alice_signed_in.get(ORDERS)) == ["#2", "#1"]
    assert numbers_on(alice_signed_in.get(ORDERS, {"sort": "placed_at"})) == ["#1", "#2"]
    assert numbers_on(alice_signed_in.get(ORDERS, {"q": "#2"})) == ["#2"]
    assert numbers_on(alice_signed_in.get(ORDERS, {"q": "dora@mail.example"})) == ["#1"]
    assert numbers_on(alice_signed_in.get(ORDERS, {"status": "paid"})) == ["#1"]


def test_order_list_part_is_the_card_alone(alice_signed_in, order):
    whole, part = alice_signed_in.get(ORDERS), alice_signed_in.get(ORDERS, headers=PART)

    assert b"<html" in whole.content
    assert b"<html" not in part.content
    assert 'data-announce="1 order"' in part.content.decode()


def test_order_list_says_why_it_is_empty(alice_signed_in, store):
    assert "No orders yet" in text_of(alice_signed_in.get(ORDERS))
    assert "No orders match" in text_of(alice_signed_in.get(ORDERS, {"q": "nothing"}))


def test_order_list_pages_forth_and_back_without_gaps(alice_signed_in, store, origin):
    for number in range(60):
        at = datetime(2026, 5, 1, tzinfo=UTC) + timedelta(hours=number // 2)
        OrderFactory(store=store, origin=origin, number=f"#{number:02}", placed_at=at)
    first = alice_signed_in.get(ORDERS)
    second = alice_signed_in.get(first.context["next"])
    back = alice_signed_in.get(second.context["previous"])

    assert numbers_on(first) == [f"#{n:02}" for n in range(59, 9, -1)]
    assert numbers_on(second) == [f"#{n:02}" for n in range(9, -1, -1)]
    assert numbers_on(back) == numbers_on(first)
    assert back.context["previous"] == ""


@pytest.mark.parametrize(
    "query",
    [MAY, f"{MAY}&country=DE", f"{MAY}&country!=DE", f"{MAY}&country=FR",
     f"{MAY}&customer_type=new", "r=custom&from=2026-05-04&to=2026-05-04"],
)  # fmt: skip
def test_a_page_state_lists_exactly_the_orders_that_it_counts(alice, alice_signed_in, store, query):
    open_shop(store)
    state, _ = parse(QueryDict(query))
    counted = ask(resolve(viewer_of(alice), state).asks(["orders"]))["orders"].value

    listed = alice_signed_in.get(f"{ORDERS}?{query}")

    assert listed.context["count"] == counted
    assert counted > 0


def test_figures_lead_to_the_orders_of_their_own_days(alice_signed_in, store):
    open_shop(store)
    page = alice_signed_in.get(reverse("analytics:kpis"), {"country": "DE"})

    address = page.context["orders_url"]

    assert address == f"{ORDERS}?country=DE&r=last30"
    assert alice_signed_in.get(address).context["chosen"].sales_only


def test_what_is_not_understood_is_said_and_left_out(alice_signed_in, order):
    response = alice_signed_in.get(ORDERS, {"nonsense": "1", "status": "odd", "country": "DE"})

    assert numbers_on(response) == ["#1"]
    assert 'class="note warn' in response.content.decode()


def test_order_detail_adds_up(alice_signed_in, order):
    text = text_of(alice_signed_in.get(reverse("sales:order-detail", args=[order.pk])))

    for told in ("Gross sales €30.00", "Discounts €5.00", "Shipping €5.00", "Tax €2.00",
                 "Total €32.00", "Paid €32.00", "Refunded €8.00", "Bank transfer", "broken",
                 "€12.00"):  # fmt: skip
        assert told in text


def test_order_detail_hides_costs_from_staff_and_people_from_executives(
    bob_signed_in, staff_signed_in, order
):
    address = reverse("sales:order-detail", args=[order.pk])
    for_staff, for_bob = text_of(staff_signed_in.get(address)), text_of(bob_signed_in.get(address))

    assert "Cost" not in for_staff
    assert "€12.00" not in for_staff
    assert "Dora" in for_staff
    assert "€12.00" in for_bob
    assert "Dora" not in for_bob


def test_executives_neither_see_nor_search_personal_data(bob_signed_in, order, dora):
    page = reverse("customers:customer-detail", args=[dora.pk])
    listed = text_of(bob_signed_in.get(CUSTOMERS))

    assert f"Customer {dora.pk}" in listed
    assert "Dora" not in listed
    assert "Dora" not in text_of(bob_signed_in.get(ORDERS))
    assert "dora@" not in text_of(bob_signed_in.get(page))
    assert bob_signed_in.get(CUSTOMERS, {"q": "Dora"}).context["count"] == 0
    assert bob_signed_in.get(ORDERS, {"q": "Dora"}).context["count"] == 0


def test_order_detail_is_not_found_for_a_stranger(charlie_signed_in, order):
    assert charlie_signed_in.get(reverse("sales:order-detail", args=[order.pk])).status_code == 404


def test_a_list_of_another_store_is_not_found(alice_signed_in, charlie, order):
    assert alice_signed_in.get(ORDERS, {"store": "other"}).status_code == 404


def test_customer_list_tells_kinds_of_customers_apart(alice_signed_in, store, origin, dora):
    CustomerFactory(store=store, origin=origin, name="Emil", order_count=2, net_spent=90)
    CustomerFactory(store=store, origin=origin, name="Fred", order_count=0)

    found = {
        segment: numbers_on(alice_signed_in.get(CUSTOMERS, {"segment": segment, "sort": "name"}))
        for segment in ("", "new", "returning", "none")
    }

    assert found == {
        "": ["Dora", "Emil", "Fred"], "new": ["Dora"], "returning": ["Emil"], "none": ["Fred"],
    }  # fmt: skip


def test_customer_detail_lists_their_orders_and_what_they_buy(alice_signed_in, order, dora):
    text = text_of(alice_signed_in.get(reverse("customers:customer-detail", args=[dora.pk])))

    assert "#1" in text
    assert "Mug 3 pieces" in text
    assert "dora@mail.example" in text


@pytest.mark.parametrize("rows", [1, 20])
def test_order_list_costs_the_same_however_long(
    rows, alice_signed_in, store, origin, django_assert_num_queries
):
    for _ in range(rows):
        who = CustomerFactory(store=store, origin=origin)
        OrderFactory(store=store, origin=origin, customer=who)
    alice_signed_in.get(ORDERS, headers=PART)
    with django_assert_num_queries(QUERIES):
        alice_signed_in.get(ORDERS, headers=PART)


@pytest.mark.parametrize("rows", [1, 20])
def test_customer_list_costs_the_same_however_long(
    rows, alice_signed_in, store, origin, django_assert_num_queries
):
    CustomerFactory.create_batch(rows, store=store, origin=origin)
    alice_signed_in.get(CUSTOMERS, headers=PART)
    with django_assert_num_queries(QUERIES - 2):
        alice_signed_in.get(CUSTOMERS, headers=PART)


QUERIES = 12
"""Session, person, memberships, shell, today, the rows and their count."""


def test_order_tabs_count_and_saved_views_become_tabs(alice, alice_signed_in, store, order):
    OrderFactory(store=store, origin=order.origin, number="#2", status=Order.Status.SHIPPED)
    view = {"page": "orders", "name": "Sent", "query": "status=shipped&view=9"}
    alice_signed_in.post(reverse("stores:view-save"), view)

    found = alice_signed_in.get(ORDERS)
    tabs = [(str(tab.label), tab.count, tab.is_current) for tab in found.context["tabs"]]

    assert tabs == [
        ("All", 2, True), ("To ship", 1, False), ("On the way", 1, False),
        ("Cancelled", 0, False), ("Sent", 1, False),
    ]  # fmt: skip
    saved = alice_signed_in.get(found.context["tabs"][-1].href)
    assert numbers_on(saved) == ["#2"]
    assert saved.context["tabs"][-1].is_current


def test_columns_and_density_are_kept_for_the_person(alice_signed_in, order):
    assert "Country" in text_of(alice_signed_in.get(ORDERS))
    given = {"page": "orders", "columns": ["total", "nonsense"], "density": "dense", "next": ORDERS}
    assert alice_signed_in.post(reverse("accounts:list-look"), given).url == ORDERS

    found = alice_signed_in.get(ORDERS)
    assert found.context["look"].shown == {"order", "total"}
    assert 'class="tbl stack compact' in found.content.decode()
    wider = alice_signed_in.get(ORDERS, {"cols": "status,channel"})
    assert wider.context["look"].shown == {"order", "status", "channel"}


def test_order_facets_count_what_the_other_filters_leave(alice_signed_in, store, origin, order):
    OrderFactory(store=store, origin=origin, country=250)
    found = alice_signed_in.get(ORDERS, {"facets": "1", "country": "DE"})
    words = {word.label: (word.count, word.is_chosen) for word in found.context["facets"][0].words}

    assert words == {"Germany": (1, True), "France": (1, False)}
    assert "facets" not in found.context["facets"][0].words[0].href
    assert not alice_signed_in.get(ORDERS).context["facets"]


def test_totals_are_of_every_order_that_fits_by_currency(alice_signed_in, store, origin, order):
    OrderFactory(store=store, origin=origin, total=8, currency="EUR")
    OrderFactory(store=store, origin=origin, total=5, currency="USD")

    totals = alice_signed_in.get(ORDERS).context["totals"]

    assert totals == {"EUR": (2, 40), "USD": (1, 5)}


def test_orders_as_files_have_the_shown_columns_and_typed_cells(alice_signed_in, order):
    address = reverse("sales:order-export", args=["csv"])
    file = alice_signed_in.get(address, {"cols": "status,total", "q": "#1"})
    assert file.content.decode("utf-8-sig").splitlines() == [
        "Order,Status,Total,Currency,Store", "#1,Paid,32,EUR,Berlin",
    ]  # fmt: skip

    book = alice_signed_in.get(reverse("sales:order-export", args=["xlsx"]), {"q": "#1"})
    sheets = openpyxl.load_workbook(BytesIO(book.content))
    row = [cell.value for cell in sheets["Orders"][2]]
    assert row[0] == "#1"
    assert isinstance(row[1], datetime)
    assert row[-3:] == [32, "EUR", "Berlin"]
    assert ("Filters", "q: #1") in list(sheets["About"].values)


def test_customers_in_files_are_hidden_from_who_may_not_see_people(
    alice_signed_in, bob_signed_in, dora
):
    address = reverse("customers:customer-export", args=["csv"])
    assert "Dora" in alice_signed_in.get(address).content.decode()

    hidden = bob_signed_in.get(address)
    assert hidden.status_code == 200
    assert "Dora" not in hidden.content.decode()


def test_customers_are_narrowed_by_country(alice_signed_in, store, origin, dora):
    CustomerFactory(store=store, origin=origin, name="Emil", country=250)

    assert numbers_on(alice_signed_in.get(CUSTOMERS, {"country": "FR"})) == ["Emil"]
    assert alice_signed_in.get(CUSTOMERS).context["totals"].count == 2
