from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from django.urls import reverse

from catalog.models import Category
from inventory.models import Level, Location
from tests.factories.catalog import ProductFactory, VariantFactory
from tests.metrics.rows import sell, use_rollups
from tests.sales.test_views import PART, numbers_on, text_of

PRODUCTS = reverse("listings:product-list")


@pytest.fixture
def mug(store, origin):
    product = ProductFactory(store=store, origin=origin, title="Mug")
    variant = VariantFactory(product=product, sku="MUG-1", price=12, cost=4, barcode="4001")
    VariantFactory(product=product, sku="MUG-2", price=15, cost=5)
    place = Location.objects.create(store=store, name="Hall")
    Level.objects.create(
        store=store, origin=origin, variant=variant, location=place, on_hand=9, committed=2,
        as_of=datetime(2026, 5, 4, tzinfo=UTC),
    )  # fmt: skip
    return product


def yesterday():
    return (datetime.now(UTC) - timedelta(days=2)).date()


def test_product_list_shows_a_product_that_has_neither_stock_nor_sales(alice_signed_in, store):
    VariantFactory(product=ProductFactory(store=store, title="Plate"), sku="P-1", price=9)

    text = text_of(alice_signed_in.get(PRODUCTS))

    assert "Plate P-1" in text
    assert "No sales" in text


def test_product_list_tells_stock_prices_and_the_last_30_days(alice_signed_in, store, mug):
    sell(store, yesterday(), {"gross": 48, "quantity": 4, "cost": 12, "product": mug.pk})
    use_rollups(store)

    text = text_of(alice_signed_in.get(PRODUCTS))

    assert "MUG-1 · 2 variants" in text
    assert "7 in stock" in text
    assert "52 days from €12.00 75.0% 4 €48.00" in text


@pytest.mark.parametrize("words", ["mug", "MUG-2", "4001"])
def test_product_list_finds_by_name_sku_and_barcode(words, alice_signed_in, store, origin, mug):
    ProductFactory(store=store, origin=origin, title="Plate")

    assert numbers_on(alice_signed_in.get(PRODUCTS, {"q": words})) == ["Mug"]


def test_product_list_is_narrowed_by_status_category_and_product(
    alice_signed_in, store, origin, mug
):
    lamps = Category.objects.create(store=store, slug="lamps", name="Lamps")
    lamp = ProductFactory(
        store=store, origin=origin, title="Lamp", category=lamps, status="archived"
    )

    for query in ({"status": "archived"}, {"category": "lamps"}, {"product": str(lamp.pk)}):
        assert numbers_on(alice_signed_in.get(PRODUCTS, query)) == ["Lamp"]
    assert "No products match" in text_of(alice_signed_in.get(PRODUCTS, {"q": "zebra"}))


def test_product_detail_tells_figures_stock_and_variants(alice_signed_in, store, mug):
    sell(store, yesterday(), {"gross": 48, "quantity": 4, "cost": 12, "product": mug.pk})
    use_rollups(store)

    text = text_of(alice_signed_in.get(reverse("listings:product-detail", args=[mug.pk])))

    for told in ("Net sales €48.00", "Units sold 4", "Gross margin €36.00", "Hall 7 available of 9",
                 "MUG-2", "€4.00"):  # fmt: skip
        assert told in text


def test_costs_and_margins_are_hidden_from_staff(staff_signed_in, store, mug):
    listed = text_of(staff_signed_in.get(PRODUCTS))
    shown = text_of(staff_signed_in.get(reverse("listings:product-detail", args=[mug.pk])))

    assert "Margin" not in listed
    assert "margin" not in shown
    assert "€4.00" not in shown
    assert "€12.00" in shown


def test_orders_with_a_product_are_those_that_hold_it(alice_signed_in, store, mug):
    sell(store, yesterday(), {"gross": Decimal(12), "product": mug.pk})
    sell(store, yesterday(), {"gross": Decimal(12)})
    page = alice_signed_in.get(reverse("listings:product-detail", args=[mug.pk]))

    assert alice_signed_in.get(page.context["orders_url"]).context["count"] == 1


def test_only_who_may_import_is_offered_it(alice_signed_in, staff_signed_in, mug):
    link = f'href="{reverse("connectors:upload")}"'

    assert link in alice_signed_in.get(PRODUCTS).content.decode()
    assert link not in staff_signed_in.get(PRODUCTS).content.decode()


@pytest.mark.parametrize("rows", [1, 20])
def test_product_list_costs_the_same_however_long(
    rows, alice_signed_in, store, origin, django_assert_max_num_queries
):
    for _ in range(rows):
        VariantFactory(product=ProductFactory(store=store, origin=origin))
    alice_signed_in.get(PRODUCTS, headers=PART)
    with django_assert_max_num_queries(30):
        alice_signed_in.get(PRODUCTS, headers=PART)


@pytest.fixture
def shelf(store, origin, mug):
    """A mug that sells and runs out, a plate that does not sell."""
    VariantFactory(product=ProductFactory(store=store, title="Plate"), sku="P-1", price=9)
    sell(store, yesterday(), {"gross": 480, "quantity": 60, "cost": 12, "product": mug.pk})
    use_rollups(store)


def test_products_are_sorted_by_cover_and_by_what_sold(alice_signed_in, shelf):
    for sort in ("cover", "stock", "-sold", "-net", "-margin"):
        assert numbers_on(alice_signed_in.get(PRODUCTS, {"sort": sort})) == ["Mug", "Plate"]
    found = alice_signed_in.get(PRODUCTS, {"sort": "cover"})
    assert "3 days" in text_of(found)
    assert 'aria-sort="ascending"' in found.content.decode()


def test_totals_are_of_every_product_that_fits(alice_signed_in, shelf):
    totals = alice_signed_in.get(PRODUCTS).context["shelf"].totals
    assert (totals.stock, totals.units, totals.net_sales) == (7, 60, {"EUR": 480})

    assert alice_signed_in.get(PRODUCTS, {"q": "plate"}).context["shelf"].totals.units == 0


def test_figures_pages_follow_each_other(alice_signed_in, store, origin, monkeypatch):
    for number in range(53):
        VariantFactory(product=ProductFactory(store=store, origin=origin, title=f"T{number:02}"))
    first = alice_signed_in.get(PRODUCTS, {"sort": "stock"})
    second = alice_signed_in.get(first.context["next"])
    back = alice_signed_in.get(second.context["previous"])

    assert len(numbers_on(first)) == 50
    assert len(set(numbers_on(first) + numbers_on(second))) == 53
    assert numbers_on(back) == numbers_on(first)
    assert not second.context["next"]


def test_staff_are_not_shown_costs_as_columns_sorting_or_file(staff_signed_in, shelf):
    found = staff_signed_in.get(PRODUCTS, {"sort": "-margin", "cols": "cost,margin,stock"})
    assert found.context["look"].shown == {"product", "stock"}
    assert found.context["sort"] == "title"

    file = staff_signed_in.get(reverse("listings:product-export", args=["csv"]), {"cols": "cost"})
    assert file.status_code in {200, 403}
    assert b"Cost" not in file.content


def test_products_as_a_file_carry_their_figures(alice_signed_in, shelf):
    address = reverse("listings:product-export", args=["csv"])
    file = alice_signed_in.get(address, {"q": "mug", "cols": "stock,cover,sold,net"})

    assert file.content.decode("utf-8-sig").splitlines() == [
        'Product,Stock,Days of cover,"Sold, 30 days","Net sales, 30 days",Currency,Store',
        "Mug,7,3,60,480,EUR,Berlin",
    ]


def test_category_facets_are_counted(alice_signed_in, store, origin, mug):
    lamps = Category.objects.create(store=store, slug="lamps", name="Lamps")
    ProductFactory(store=store, origin=origin, title="Lamp", category=lamps)
    found = alice_signed_in.get(PRODUCTS, {"facets": "1"})

    assert [(w.label, w.count) for w in found.context["facets"][0].words] == [("Lamps", 1)]
