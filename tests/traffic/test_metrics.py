"""Each figure of traffic from a few sessions."""

from datetime import date
from decimal import Decimal

import pytest

from tests.metrics.rows import DAY, figure, figures, use_facts, use_rollups, visit
from traffic.models import Page, Session

pytestmark = pytest.mark.django_db
VIEW, CART, CHECKOUT, PAYMENT, PURCHASE = 1, 2, 4, 8, 16
BEFORE = date(2026, 4, 30)


@pytest.fixture(params=["facts", "rollups"])
def shop(request, store):
    """Six sessions of five visitors in May; one of them had been there in April."""
    visit(store, BEFORE, visitor=1, events=1, page_views=1, is_first=True, is_derived=False)
    bits = [
        VIEW | CART | CHECKOUT | PAYMENT | PURCHASE,
        VIEW | CART | CHECKOUT | PURCHASE,
        VIEW | CART | PURCHASE,
        VIEW,
        CART,
        0,
    ]
    for number, steps in enumerate(bits):
        last = number == 5
        visit(
            store, DAY, visitor=1 if last else number + 1, steps=steps, events=1 if last else 6,
            page_views=1 if last else 3, product_views=2 * (steps & VIEW), seconds=60 * number,
            is_first=1 <= number <= 4, purchases=steps // PURCHASE, is_derived=False,
            purchase_value=Decimal(9) * (steps // PURCHASE), country=276 if number < 2 else 250,
            device=1 if number % 2 else 2,
        )  # fmt: skip
    use_facts() if request.param == "facts" else use_rollups(store)
    return store


@pytest.mark.parametrize(
    ("slug", "value"),
    [
        ("sessions", 6),
        ("visitors", 5),
        ("new_visitors", 4),
        ("page_views", 16),
        ("pages_per_session", Decimal(16) / 6),
        ("bounce_rate", Decimal(1) / 6),
        ("time_per_session", 150),
        ("product_views", 8),
        ("purchase_events", 3),
        ("purchase_value", 27),
        ("product_view_sessions", 4),
        ("add_to_cart_sessions", 3),
        ("checkout_sessions", 2),
        ("payment_sessions", 1),
        ("purchase_sessions", 2),
        ("product_view_rate", Decimal(4) / 6),
        ("add_to_cart_rate", Decimal(3) / 4),
        ("checkout_rate", Decimal(2) / 3),
        ("payment_rate", Decimal(1) / 2),
        ("purchase_rate", 1),
        ("cart_abandonment", 1 - Decimal(2) / 3),
    ],
)
def test_figure_of_may(shop, slug, value):
    assert figure(shop, slug) == value


def test_visitors_are_counted_once_over_each_range(shop):
    by_country = figures(shop, "visitors", "sessions", by=["country"])

    assert by_country["visitors", "DE"].value == 2
    assert by_country["visitors", "FR"].value == 4
    assert by_country["visitors"].value == 5
    assert figure(shop, "visitors", where={"country": ["DE", "FR"]}) == 5
    assert figure(shop, "visitors", where={"country": ["DE"], "device": ["mobile"]}) == 1
    assert figures(shop, "visitors", by=["day"])["visitors", DAY].value == 5
    assert figures(shop, "visitors", by=["week"])["visitors", DAY].value == 5
    assert figures(shop, "visitors", by=["month"])["visitors", date(2026, 5, 1)].value == 5


def test_visitors_say_how_they_were_counted(store):
    for day in (DAY, date(2026, 5, 9)):
        visit(store, day, visitor=1, country=276, device=2, is_derived=False)
    use_rollups(store)

    assert figures(store, "visitors").sources == ("metrics_gap",)
    both = {"country": ["DE"], "device": ["mobile"]}
    answer = figures(store, "visitors", where=both)
    assert (answer["visitors"].value, answer.sources) == (1, ("metrics_cell",))


def test_sessions_by_landing_page(store):
    home = Page.objects.create(store_id=store.pk, path="/")
    visit(store, landing_page=home.pk)
    visit(store, landing_page=home.pk)
    visit(store)
    use_facts()

    answer = figures(store, "sessions", by=["landing_page"])

    assert [(row.labels, row.cells["sessions"].value) for row in answer.rows] == [
        (("/",), 2),
        (("Unknown",), 1),
    ]
    assert figure(store, "sessions", where={"landing_page": ["/"]}) == 2


def test_a_page_and_its_product_are_one_look(store):
    visit(store, events=2, page_views=1, product_views=1)
    visit(store, events=2, page_views=1, cart_adds=1)
    visit(store, events=1)
    use_facts()

    assert figure(store, "bounce_rate") == Decimal(2) / 3
    assert Session.objects.count() == 3
