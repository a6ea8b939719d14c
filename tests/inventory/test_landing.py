"""Stock levels of a source become rows; the newest telling of one stands."""

from datetime import UTC, datetime, timedelta

import pytest

from catalog.models import Variant
from catalog.records import ProductRecord
from inventory.models import Level, Location
from inventory.records import LevelRecord
from tests.landings import land

pytestmark = pytest.mark.django_db
NOON = datetime(2024, 5, 1, 12, tzinfo=UTC)


def level(on_hand, place="Main", **fields) -> LevelRecord:
    return LevelRecord(place, on_hand=on_hand, **{"variant_id": "V", "as_of": NOON} | fields)


def held() -> list[tuple]:
    found = Level.objects.order_by("location__name")
    return list(found.values_list("location__name", "on_hand", "committed", "incoming"))


def test_a_level_becomes_a_row_at_its_location(store, origin):
    done = land(store, origin, level(5, committed=2, incoming=7), level(3, "Shop"))["levels"]

    assert (done.new, held()) == (2, [("Main", 5, 2, 7), ("Shop", 3, 0, 0)])
    assert set(Location.objects.values_list("name", flat=True)) == {"Main", "Shop"}
    assert Variant.objects.get().external_id == "V"


def test_the_newest_count_stands_in_whatever_order_they_come(store, origin):
    newer = level(9, as_of=NOON + timedelta(hours=1))

    land(store, origin, newer)
    assert land(store, origin, level(1))["levels"].unchanged == 1
    assert land(store, origin, newer, level(1))["levels"].landed == 0

    assert held() == [("Main", 9, 0, 0)]


def test_a_level_by_sku_waits_until_the_sku_is_known(store, origin):
    by_sku = level(5, variant_id=None, sku="MUG")
    done = land(store, origin, by_sku)["levels"]
    assert [(w.key, w.waits_for) for w in done.waiting] == [("MUG", "sku:mug")]
    assert held() == []

    land(store, origin, ProductRecord("P", "V", "Mug", sku="mug"), by_sku)

    assert held() == [("Main", 5, 0, 0)]


def test_a_level_that_names_nothing_is_refused(store, origin):
    done = land(store, origin, level(5, variant_id=None), level(1))["levels"]

    assert [(r.position, r.column, r.remedy) for r in done.rejected] == [
        (0, "sku", "Give an id or a SKU.")
    ]
    assert held() == [("Main", 1, 0, 0)]


def test_stock_below_zero_is_kept_as_it_was_told(store, origin):
    land(store, origin, level(-2))

    assert held() == [("Main", -2, 0, 0)]
