"""The simulated shop: the same every time, a minute at a time or at once, and like a real one."""

from collections import Counter
from datetime import date, timedelta

import numpy as np
import pyarrow.compute as pc
import pytest

from connectors.demo import orders as orders_module
from connectors.demo import visits as visits_module
from connectors.demo.connector import pages
from connectors.demo.opening import SMALL
from connectors.demo.orders import MARKET_CHANNEL, NEVER, TILL_CHANNEL, orders
from connectors.demo.visits import visits
from connectors.demo.world import World, black_friday, easter

ANCHOR = date(2026, 1, 15)
WORLD = World(anchor=ANCHOR)
LITTLE = World(anchor=ANCHOR, days=20, scale=0.1)
KEYS = {
    "rates": ["day", "currency"],
    "products": ["variant_id"],
    "levels": ["variant_id"],
    "customers": ["external_id"],
    "orders": ["external_id"],
    "lines": ["order_id", "external_id"],
    "payments": ["external_id"],
    "refunds": ["external_id"],
    "catalogue_requests": ["external_id"],
    "events": ["visitor", "external_id"],
    "sessions": ["visitor", "external_id"],
    "ad_spend": ["external_id", "day"],
}


def forget() -> None:
    visits_module.visits.cache_clear()
    orders_module.orders.cache_clear()


def landed(world: World, moments: list[int]) -> dict[str, dict[tuple, dict]]:
    """What stands after pulls at these moments: by stream and key, the last telling."""
    stand: dict[str, dict[tuple, dict]] = {}
    begin = world.midnight(world.start)
    for now in moments:
        for page in pages(world, begin, now, now):
            begin = page.next["to"]
            for batch in page.batches:
                rows = stand.setdefault(batch.stream, {})
                for row in batch.table.to_pylist():
                    rows[tuple(row[key] for key in KEYS[batch.stream])] = row
    return stand


def test_a_day_is_the_same_alone_and_after_others():
    day = ANCHOR - timedelta(40)
    alone = orders(WORLD, day)
    forget()
    for back in (45, 44, 43, 41):
        orders(WORLD, ANCHOR - timedelta(back))
    again = orders(WORLD, day)
    for name in ("placed", "person", "total", "refunded", "product", "line_of"):
        assert (getattr(alone, name) == getattr(again, name)).all()


def test_another_seed_is_another_shop():
    other = World(anchor=ANCHOR, seed=8)
    day = ANCHOR - timedelta(40)
    assert visits(WORLD, day).size != visits(other, day).size


@pytest.mark.slow
def test_a_shop_pulled_bit_by_bit_equals_the_shop_pulled_at_once():
    begin = LITTLE.midnight(LITTLE.start)
    end = LITTLE.midnight(LITTLE.start + timedelta(4)) + 11 * 3600
    steps = [60, 61, 7 * 60, 3600, 3 * 3600, 13 * 3600, 30]
    moments, now, n = [], begin + 100, 0
    while now < end:
        moments.append(now)
        now += steps[n % len(steps)]
        n += 1
    bit_by_bit = landed(LITTLE, [*moments, end])
    at_once = landed(LITTLE, [end])
    assert set(bit_by_bit) == set(at_once)
    for stream in at_once:
        assert bit_by_bit[stream] == at_once[stream], stream


def test_reading_again_from_an_old_cursor_gives_the_same_rows():
    now = LITTLE.midnight(LITTLE.start + timedelta(3))
    begin = now - 86400
    first, again = (next(pages(LITTLE, begin, now, now)) for _ in range(2))
    assert [b.table for b in first.batches] == [b.table for b in again.batches]


def test_the_small_shop_has_these_rows():
    world = World(anchor=ANCHOR, seed=SMALL.seed, days=SMALL.days, scale=SMALL.scale)
    now = world.midnight(ANCHOR)
    rows: Counter[str] = Counter()
    for page in pages(world, world.midnight(world.start), now, now):
        rows.update({batch.stream: batch.table.num_rows for batch in page.batches})
    assert rows == SMALL_ROWS


SMALL_ROWS = {
    "products": 1968,
    "customers": 477,
    "orders": 504,
    "lines": 716,
    "payments": 504,
    "refunds": 42,
    "catalogue_requests": 51,
    "ad_spend": 720,
    "events": 11223,
    "sessions": 3142,
}


def test_every_order_of_the_shop_is_the_end_of_a_followed_visit():
    end = LITTLE.midnight(LITTLE.start + timedelta(9))
    stand = landed(LITTLE, [end])
    purchases = {
        (row["visitor"], row["at"]): row
        for row in stand["events"].values()
        if row["kind"] == "purchase"
    }
    sold = [
        row
        for row in stand["orders"].values()
        if row["channel"] in {"shop", "app"} and row["source_status"] != "payment declined"
    ]
    assert len(sold) == len(purchases)
    assert len(sold) > 10
    for order in sold:
        event = purchases["v" + order["customer_id"].removeprefix("c-"), order["placed_at"]]
        for name in ("channel", "country", "device", "source", "medium", "campaign"):
            assert event[name] == order[name], name


def test_the_shops_in_town_close_on_sundays_and_ship_nothing():
    week = [WORLD.start + timedelta(n) for n in range(400, 407)]
    for day in week:
        placed = orders(WORLD, day)
        is_till = placed.channel == TILL_CHANNEL
        assert is_till.any() == (day.weekday() < 6)
        assert (placed.shipping[is_till] == 0).all()
        assert (placed.visit[is_till] == -1).all()
        hours = (placed.placed[is_till] - WORLD.midnight(day)) / 3600
        assert ((hours >= 10) & (hours < 19)).all()


def test_each_side_of_the_shop_has_customers_of_its_own():
    people: dict[int, set[int]] = {}
    for n in range(400, 420):
        placed = orders(WORLD, WORLD.start + timedelta(n))
        for person, channel in zip(placed.person, placed.channel, strict=True):
            people.setdefault(max(channel, 1), set()).add(int(person))
    web, market, till = (people[n] for n in (1, MARKET_CHANNEL, TILL_CHANNEL))
    assert not web & market
    assert not web & till
    assert not market & till


def test_an_order_costs_the_sum_of_its_parts():
    end = LITTLE.midnight(LITTLE.start + timedelta(9))
    stand = landed(LITTLE, [end])
    parts: Counter = Counter()
    for line in stand["lines"].values():
        goods = line["unit_price"] * line["quantity"] - line["discount"] + line["tax"]
        parts[line["order_id"]] += goods
    for order in stand["orders"].values():
        extra = order["shipping"] + order["shipping_tax"] - order["discount"]
        assert order["total"] == parts[order["external_id"]] + extra


def test_every_refund_belongs_to_a_line_that_came_before():
    stand = landed(LITTLE, [LITTLE.midnight(ANCHOR)])
    placed = {key: row["placed_at"] for (key,), row in stand["orders"].items()}
    assert stand["refunds"]
    for refund in stand["refunds"].values():
        assert (refund["order_id"], refund["line_id"]) in stand["lines"]
        assert refund["refunded_at"] > placed[refund["order_id"]]


def test_orders_go_on_after_they_were_placed():
    day = LITTLE.start + timedelta(2)
    placed = orders(LITTLE, day)
    is_live = placed.cancelled == NEVER
    assert is_live.sum() > 3
    assert (placed.shipped[is_live] > placed.placed[is_live]).all()
    assert (placed.delivered[is_live] > placed.shipped[is_live]).all()


def test_no_table_holds_what_its_stream_does_not_allow():
    now = LITTLE.midnight(LITTLE.start + timedelta(5))
    for page in pages(LITTLE, LITTLE.midnight(LITTLE.start), now, now):
        for batch in page.batches:
            batch.table.validate(full=True)
            for field in batch.table.schema:
                nulls = batch.table[field.name].null_count
                assert field.nullable or nulls == 0, (batch.stream, field.name)


@pytest.fixture(scope="module")
def year() -> dict[str, float]:
    """Sums over a sample of days, spread over the weekdays and the year."""
    days = [WORLD.start + timedelta(n) for n in range(300, 660, 9)]
    sums: Counter[str] = Counter()
    for day in days:
        seen, placed = visits(WORLD, day), orders(WORLD, day)
        counts = placed.cancelled == NEVER
        per_line = counts[placed.line_of]
        sums["visits"] += seen.size
        sums["bounces"] += int(seen.is_bounce.sum())
        sums["mobile"] += int((seen.device == 1).sum())
        sums["orders"] += int(counts.sum())
        sums["visit_orders"] += int((counts & (placed.visit >= 0)).sum())
        sums["mobile_orders"] += int((counts & (placed.device == 1)).sum())
        sums["tills"] += int((placed.channel == TILL_CHANNEL).sum())
        sums["market"] += int((placed.channel == MARKET_CHANNEL).sum())
        sums["gross"] += int((placed.unit_price * placed.quantity)[per_line].sum())
        by_visit = per_line & (placed.visit >= 0)[placed.line_of]
        sums["online"] += int((placed.unit_price * placed.quantity)[by_visit].sum())
        sums["discounts"] += int(
            placed.line_discount[per_line].sum() + placed.discount[counts].sum()
        )
        sums["cost"] += int((placed.line_cost * placed.quantity)[per_line].sum())
        sums["refunds"] += int(placed.refund_amount.sum())
        sums["spend"] += int(pc.sum(_spend(day)).as_py() * 100)
    return sums


def _spend(day: date):
    begin = WORLD.midnight(day + timedelta(1))
    page = next(pages(WORLD, begin - 900, begin, begin))
    return next(b.table for b in page.batches if b.stream == "ad_spend")["spend"]


@pytest.mark.slow
def test_the_figures_are_those_of_a_real_shop(year):
    sold = year["gross"] - year["discounts"]
    assert 0.018 <= year["visit_orders"] / year["visits"] <= 0.03
    assert 0.25 <= year["visit_orders"] / year["orders"] <= 0.4
    assert 0.25 <= year["tills"] / year["orders"] <= 0.4
    assert 0.3 <= year["market"] / year["orders"] <= 0.45
    assert 6000 <= sold / year["orders"] <= 12000
    assert 0.40 <= 1 - year["cost"] / sold <= 0.55
    assert 0.06 <= year["refunds"] / year["gross"] <= 0.10
    assert 0.10 <= year["spend"] / year["online"] <= 0.18
    assert 0.35 <= year["bounces"] / year["visits"] <= 0.50
    assert 0.63 <= year["mobile"] / year["visits"] <= 0.67
    assert 0.46 <= year["mobile_orders"] / year["visit_orders"] <= 0.54


def test_customers_come_back_one_to_three_times():
    people: Counter[int] = Counter()
    for n in range(400, 700, 3):
        people.update(orders(WORLD, WORLD.start + timedelta(n)).person.tolist())
    again = sum(people.values()) / len(people)
    assert 1.05 <= again <= 3
    assert np.max(list(people.values())) < 20


@pytest.mark.parametrize(
    ("year", "friday", "sunday"),
    [(2024, date(2024, 11, 29), date(2024, 3, 31)), (2026, date(2026, 11, 27), date(2026, 4, 5))],
)
def test_the_movable_days_are_where_they_belong(year, friday, sunday):
    assert black_friday(year) == friday
    assert easter(year) == sunday
