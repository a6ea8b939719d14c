"""Sales as rows: customers, orders, lines, payments and refunds, as they stand at a moment."""

from datetime import date

import numpy as np

from connectors.base import Batch
from connectors.demo.arrivals import DEVICES, MARKETPLACE, WAYS
from connectors.demo.assortment import product_ids, titles, variant_ids
from connectors.demo.columns import amounts, batch, joined, moments, numbered, words
from connectors.demo.orders import (
    CHANNELS,
    LATEST_CHANGE_DAYS,
    LATEST_REFUND_DAYS,
    MARKET_CHANNEL,
    METHODS,
    Orders,
    orders,
)
from connectors.demo.period import Columns, Period, tag_columns
from connectors.demo.visits import FIRST_DAY, PER_DAY, country_of
from connectors.demo.words import CITIES, FIRST_NAMES, LAST_NAMES, REASONS
from connectors.demo.world import Ints, World, mixed

STATUSES = ("paid", "shipped", "delivered", "cancelled")
PAID, SHIPPED, DELIVERED, CANCELLED = range(4)
SOURCE_STATUSES = ("paid", "shipped", "delivered", "cancelled", "payment declined")
PAYMENT_STATES = ("captured", "voided", "failed")
CARD_CHARGE_S = 2
NUMBERS = {1: "AF-", 2: "UK-"}


def _status(placed: Orders, now: int) -> Ints:
    status = np.where(placed.shipped <= now, SHIPPED, PAID)
    status = np.where(placed.delivered <= now, DELIVERED, status)
    return np.where(placed.cancelled <= now, CANCELLED, status)


def _changed(placed: Orders, now: int) -> Ints:
    """When each order last changed, as known now."""
    changed = placed.placed.copy()
    for moment in (placed.shipped, placed.delivered, placed.cancelled):
        changed = np.maximum(changed, np.where(moment <= now, moment, 0))
    return changed


ORDER_COLUMNS = (
    "placed", "person", "country", "device", "way", "channel", "method", "discount", "shipping",
    "shipping_tax", "total",
)  # fmt: skip
LINE_COLUMNS = (
    "line_place", "product", "variant", "quantity", "unit_price", "line_discount", "line_tax",
    "line_cost",
)  # fmt: skip


def _orders_of(period: Period, day: date) -> Columns:
    placed = orders(period.world, day)
    changed = _changed(placed, period.now)
    here = period.holds(changed) & (placed.placed <= period.now)
    columns = {name: getattr(placed, name) for name in ORDER_COLUMNS} | {
        "id": placed.number, "changed": changed, "status": _status(placed, period.now),
        "declined": placed.is_declined,
    }  # fmt: skip
    return {name: column[here] for name, column in columns.items()}


def _lines_of(period: Period, day: date) -> Columns:
    placed = orders(period.world, day)
    changed = _changed(placed, period.now)
    here = (period.holds(changed) & (placed.placed <= period.now))[placed.line_of]
    columns = {name: getattr(placed, name) for name in LINE_COLUMNS} | {
        "id": placed.number[placed.line_of], "changed": changed[placed.line_of],
    }  # fmt: skip
    return {name: column[here] for name, column in columns.items()}


def _refunds_of(period: Period, day: date) -> Columns:
    placed = orders(period.world, day)
    here = period.holds(placed.refunded)
    columns = {
        "id": placed.number[placed.line_of], "line_place": placed.line_place,
        "refunded": placed.refunded, "quantity": placed.refund_quantity,
        "amount": placed.refund_amount, "tax": placed.refund_tax, "reason": placed.reason,
    }  # fmt: skip
    return {name: column[here] for name, column in columns.items()}


def customers(world: World, person: Ints, country: Ints) -> Batch:
    """The people behind these orders, each once."""
    person, at = np.unique(person, return_index=True)
    home = country[at]
    first = words(FIRST_NAMES, (mixed(person, 21) * len(FIRST_NAMES)).astype(np.int64))
    last = words(LAST_NAMES, (mixed(person, 22) * len(LAST_NAMES)).astype(np.int64))
    cities = [CITIES[code] for code in world.plan.countries]
    starts = np.cumsum([0, *(len(names) for names in cities)])
    counts = np.array([len(names) for names in cities])
    city = starts[home] + (mixed(person, 23) ** 1.5 * counts[home]).astype(np.int64)
    plain = [name.lower() for name in FIRST_NAMES], [name.lower() for name in LAST_NAMES]
    places = [
        (mixed(person, 21 + n) * len(names)).astype(np.int64) for n, names in enumerate(plain)
    ]
    address = joined(words(plain[0], places[0]), words(plain[1], places[1]), between=".")
    begins = world.midnight(world.start)
    since = begins + (person // PER_DAY - FIRST_DAY) * 86400
    return batch("customers", len(person), {
        "external_id": numbered("c-", person),
        "email": joined(address, numbered(".", person), "@mail.example"),
        "name": joined(first, last, between=" "),
        "country": words(world.plan.countries, country_of(person)),
        "city": words([name for names in cities for name in names], city),
        "accepts_marketing": mixed(person, 24) < 0.46,
        "created_at": moments(since),
    })  # fmt: skip


def _tags(world: World, rows: Columns) -> dict[str, object]:
    """The tag of the visit that ordered; the marketplace's own for its orders, none at a till."""
    tags = tag_columns(world, rows["way"], rows["number"])
    market = {"source": MARKETPLACE.source, "medium": MARKETPLACE.medium}
    found: dict[str, object] = dict(tags)
    for name, value in market.items():
        names = [*(getattr(way, name) for way in WAYS), value]
        is_market = rows["channel"] == MARKET_CHANNEL
        found[name] = words(names, np.where(is_market, len(WAYS), rows["way"]))
    return found


def _payments(rows: Columns) -> Batch:
    state = np.where(rows["declined"], 2, np.where(rows["status"] == CANCELLED, 1, 0))
    return batch("payments", len(state), {
        "order_id": numbered("o-", rows["id"]),
        "external_id": numbered("t-", rows["id"]),
        "amount": amounts(rows["total"]),
        "method": words(METHODS, rows["method"]),
        "status": words(PAYMENT_STATES, state),
        "paid_at": moments(rows["placed"] + CARD_CHARGE_S),
    })  # fmt: skip


def _order_numbers(world: World, ids: Ints) -> object:
    """What people call an order: short, rising, and no two alike."""
    return numbered(NUMBERS[world.plan.code], ids // 100_000 * 1000 + ids % 100_000 + 100_000)


def _orders(world: World, rows: Columns) -> Batch:
    status = np.where(rows["declined"], len(SOURCE_STATUSES) - 1, rows["status"])
    return batch("orders", len(status), _tags(world, rows) | {
        "external_id": numbered("o-", rows["id"]),
        "number": _order_numbers(world, rows["id"]),
        "placed_at": moments(rows["placed"]),
        "status": words(STATUSES, rows["status"]),
        "source_status": words(SOURCE_STATUSES, status),
        "customer_id": numbered("c-", rows["person"]),
        "channel": words(CHANNELS, rows["channel"]),
        "country": words(world.plan.countries, rows["country"]),
        "device": words(DEVICES, rows["device"]),
        "currency": world.plan.currency,
        "shipping": amounts(rows["shipping"]),
        "shipping_tax": amounts(rows["shipping_tax"]),
        "discount": amounts(rows["discount"]),
        "total": amounts(rows["total"]),
        "updated_at": moments(rows["changed"]),
    })  # fmt: skip


def _lines(world: World, rows: Columns) -> Batch:
    size = len(rows["id"])
    variant = rows["variant"]
    return batch("lines", size, {
        "order_id": numbered("o-", rows["id"]),
        "external_id": numbered("", rows["line_place"] + 1),
        "quantity": rows["quantity"],
        "unit_price": amounts(rows["unit_price"]),
        "product_id": words(product_ids(world), rows["product"]),
        "variant_id": words(variant_ids(world)[0], variant),
        "sku": words(variant_ids(world)[1], variant),
        "title": words(titles(world), rows["product"]),
        "discount": amounts(rows["line_discount"]),
        "tax": amounts(rows["line_tax"]),
        "cost": amounts(rows["line_cost"] * rows["quantity"]),
        "updated_at": moments(rows["changed"]),
    })  # fmt: skip


def _refunds(period: Period) -> Batch:
    rows = period.gather(lambda day: _refunds_of(period, day), before=LATEST_REFUND_DAYS)
    place = rows["line_place"] + 1
    name = joined(numbered("r-", rows["id"]), numbered("", place), between="-")
    damaged = rows["reason"] == REASONS.index("Damaged")
    return batch("refunds", len(place), {
        "order_id": numbered("o-", rows["id"]),
        "refund_id": name,
        "external_id": name,
        "refunded_at": moments(rows["refunded"]),
        "line_id": numbered("", place),
        "quantity": rows["quantity"],
        "amount": amounts(rows["amount"]),
        "tax": amounts(rows["tax"]),
        "is_restocked": ~damaged,
        "reason": words(REASONS, rows["reason"]),
    })  # fmt: skip


def sales(period: Period) -> list[Batch]:
    """Customers, orders, lines, payments and refunds that came or changed within the period."""
    world = period.world
    rows = period.gather(lambda day: _orders_of(period, day), before=LATEST_CHANGE_DAYS)
    lines = period.gather(lambda day: _lines_of(period, day), before=LATEST_CHANGE_DAYS)
    return [
        customers(world, rows["person"], rows["country"]),
        _orders(world, rows),
        _lines(world, lines),
        _payments(rows),
        _refunds(period),
    ]
