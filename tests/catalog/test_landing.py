"""Products of a source become rows; one that was only named before takes its place, once."""

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from catalog.models import Category, Product, Variant
from catalog.records import ProductRecord
from inventory.models import Level
from inventory.records import LevelRecord
from sales.models import OrderLine
from sales.records import LineRecord, OrderRecord
from sales.services.follow import follow_products
from tests.landings import land
from traffic.models import Event
from traffic.records import EventRecord

pytestmark = pytest.mark.django_db
NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)
D = Decimal


def product(key="P", variant="V", title="Mug", **fields) -> ProductRecord:
    return ProductRecord(key, variant, title, **fields)


def landed(store, origin, *records):
    """Land products as a page does: what hangs on them follows."""
    done = land(store, origin, *records)["products"]
    follow_products(store=store, product_ids=done.touched)
    return done


def test_a_product_with_two_variants_becomes_rows(store, origin):
    done = landed(
        store, origin,
        product(variant="a", sku="MUG-A", category="Home > Kitchen", brand=" Acme ", status="draft",
                tags="red, new", price=D("9.99"), cost=D("3.00005"), variant_title="Red"),
        product(variant="b", sku="MUG-B", category="Home > Kitchen", brand="Acme", status="draft",
                tags="red, new", price=D("8"), compare_price=D(10), weight_g=300),
    )  # fmt: skip

    mug = Product.objects.get()
    assert (done.new, done.changed) == (2, 0)
    assert (mug.title, mug.status, mug.brand.name, mug.tags) == (
        "Mug", "draft", "Acme", ["red", "new"],
    )  # fmt: skip
    assert (mug.category.name, mug.category.parent.name) == ("Kitchen", "Home")
    assert list(Variant.objects.order_by("external_id").values_list(
        "external_id", "sku", "sku_key", "price", "compare_price", "cost", "weight_g"
    )) == [
        ("a", "MUG-A", "mug-a", D("9.99"), None, D("3.0000"), None),
        ("b", "MUG-B", "mug-b", D(8), D(10), None, 300),
    ]  # fmt: skip


def test_the_same_products_again_change_nothing(store, origin):
    landed(store, origin, product(cost=D(3)))

    again = landed(store, origin, product(cost=D(3)))

    assert (again.new, again.changed, again.unchanged, again.touched) == (0, 0, 1, [])
    assert Variant.objects.get().version == 1


def test_an_older_telling_has_no_effect_and_a_newer_one_has(store, origin):
    landed(store, origin, product(title="New", price=D(2), updated_at=NOON))

    landed(store, origin, product(title="Old", price=D(1), updated_at=NOON.replace(hour=1)))
    assert (Product.objects.get().title, Variant.objects.get().price) == ("New", 2)

    landed(store, origin, product(title="Newest", price=D(3), updated_at=NOON.replace(hour=20)))
    assert (Product.objects.get().title, Variant.objects.get().price) == ("Newest", 3)


@pytest.mark.parametrize("column", ["price", "compare_price", "cost"])
def test_an_amount_below_zero_is_named(store, origin, column):
    done = land(store, origin, product(**{column: D(-1)}), product("Q", "Q"))["products"]

    assert [(r.position, r.column, r.value) for r in done.rejected] == [
        (0, column, "-1.0000000000")
    ]
    assert list(Product.objects.values_list("external_id", flat=True)) == ["Q"]


def test_another_category_is_followed_by_the_lines(store, origin):
    land(store, origin, OrderRecord("1", NOON), LineRecord("1", "1", 1, D(10), sku="MUG"))
    landed(store, origin, product(sku="mug", category="Home"))

    landed(store, origin, product(sku="mug", category="Garden"))

    assert OrderLine.objects.get().category == Category.objects.get(name="Garden").pk


def test_a_line_by_an_id_of_its_own_leaves_no_second_product(store, origin):
    land(store, origin, OrderRecord("1", NOON),
         LineRecord("1", "1", 2, D(10), product_id="mug-as-sold", sku="MUG"),
         EventRecord("v", "1", NOON, "product_view", product_id="mug-as-sold"))  # fmt: skip
    assert Product.objects.get().external_id == "mug-as-sold"

    landed(store, origin, product("100", "200", sku="MUG", cost=D(3)))

    mug = Product.objects.get()
    line = OrderLine.objects.get()
    assert (mug.external_id, mug.title) == ("100", "Mug")
    assert (line.product, line.variant.external_id, line.cost) == (mug.pk, "200", 6)
    assert Event.objects.get().product == mug.pk


def test_a_variant_that_a_line_named_otherwise_is_reused_by_its_sku(store, origin):
    land(store, origin, OrderRecord("1", NOON),
         LineRecord("1", "1", 1, D(10), variant_id="V9", sku=" Mug "))  # fmt: skip
    land(store, origin, LevelRecord("Main", variant_id="V9", on_hand=4))
    before = Variant.objects.get()

    landed(store, origin, product("100", "200", sku="MUG", cost=D(3)))

    variant = Variant.objects.get()
    assert (variant.pk, variant.external_id, variant.product.external_id) == (
        before.pk,
        "200",
        "100",
    )
    assert (Product.objects.count(), Level.objects.get().variant_id) == (1, variant.pk)
    assert (OrderLine.objects.get().product, OrderLine.objects.get().cost) == (
        variant.product_id,
        3,
    )

    # The line's own id is known by its SKU from now on.
    land(store, origin, OrderRecord("2", NOON),
         LineRecord("2", "1", 1, D(10), variant_id="V9", sku="mug"))  # fmt: skip
    assert (Product.objects.count(), Variant.objects.count()) == (1, 1)


def test_a_product_that_a_source_described_is_never_taken_for_another(store, origin):
    landed(store, origin, product("A", "a", "First", sku="SAME"))

    landed(store, origin, product("B", "b", "Second", sku="SAME"))

    assert list(Product.objects.order_by("title").values_list("external_id", flat=True)) == [
        "A",
        "B",
    ]
    assert Variant.objects.count() == 2
