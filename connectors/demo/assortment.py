"""The shop's range and what surrounds it as rows: products, levels, rates, requests, ad spend."""

from datetime import date, timedelta
from functools import lru_cache

import numpy as np

from connectors.base import Batch
from connectors.demo.arrivals import WAYS, WEEKLY
from connectors.demo.causes import CAUSES
from connectors.demo.columns import amounts, batch, joined, moments, numbered, rates, words
from connectors.demo.extras import (
    SPEND_STEP_S,
    levels,
    pounds_in_euros,
    regions_of,
    requests,
    spend_until,
)
from connectors.demo.goods import LEAVES, goods, in_category
from connectors.demo.period import Columns, Period, tag_columns
from connectors.demo.words import BRANDS, COLOURS
from connectors.demo.world import Ints, World, mixed

KINDS = ("print", "pdf", "sample")


@lru_cache(maxsize=8)
def product_ids(world: World) -> list[str]:
    return [f"p-{n + 1}" for n in range(len(goods(world).titles))]


@lru_cache(maxsize=8)
def titles(world: World) -> list[str]:
    return goods(world).titles


@lru_cache(maxsize=8)
def variant_ids(world: World) -> tuple[list[str], list[str]]:
    """The ids of all variants in order, and their stock-keeping numbers."""
    catalogue = goods(world)
    ids, skus = [], []
    for n, count in enumerate(catalogue.variants):
        for k in range(count):
            ids.append(f"p-{n + 1}-{k + 1}")
            skus.append(f"AF-{catalogue.leaf[n] + 10}{n + 1:04d}-{k + 1}")
    return ids, skus


def _changed(world: World, now: int) -> Ints:
    """When each product came or last changed, in seconds; -1 if it is still to come."""
    catalogue = goods(world)
    begin = world.midnight(world.start)
    changed = begin + catalogue.born * 86400
    if world.plan.code == 1:
        rise = world.midnight(CAUSES["price_rise"].starts_on(world.anchor))
        if rise <= now:
            coffee = in_category(world, "Coffee & tea")
            changed[coffee] = np.maximum(changed[coffee], rise)
    return np.where(changed <= now, changed, -1)


def products(period: Period) -> Batch:
    """The range as it stands; the first time all of it, then what came or changed."""
    world = period.world
    catalogue = goods(world)
    changed = _changed(world, period.now)
    chosen = changed >= 0 if period.is_first else period.holds(changed)
    variant = np.flatnonzero(np.repeat(chosen, catalogue.variants))
    product = catalogue.variant_product()[variant]
    nth = variant - catalogue.first_variant[product]
    price = np.round(catalogue.price[product] * 100).astype(np.int64)
    cost = np.round(price * catalogue.cost_share[product]).astype(np.int64)
    rose = changed[product] > world.midnight(world.start) + catalogue.born[product] * 86400
    price = np.where(rose, np.round(price * CAUSES["price_rise"].size), price).astype(np.int64)
    was = np.round(price * 1.25).astype(np.int64)
    colour = (catalogue.colours[product] + nth) % len(COLOURS)
    ids, skus = variant_ids(world)
    leaf = catalogue.leaf[product]
    return batch("products", len(variant), {
        "product_id": words(product_ids(world), product),
        "variant_id": words(ids, variant),
        "title": words(catalogue.titles, product),
        "handle": words(catalogue.handles, product),
        "description": words(_descriptions(world), product),
        "status": "live",
        "category": words([f"{top} > {name}" for top, name in LEAVES], leaf),
        "brand": words(BRANDS, catalogue.brand[product]),
        "image_url": words([f"/static/demo/{_file(top)}.svg" for top, _ in LEAVES], leaf),
        "variant_title": words(COLOURS, colour),
        "sku": words(skus, variant),
        "barcode": numbered("", 2_000_000_000_000 + _checked(product * 10 + nth)),
        "price": amounts(price),
        "compare_price": amounts(was, known=mixed(product, 31) < 0.12),
        "cost": amounts(cost),
        "weight_g": catalogue.weight_g[product],
        "updated_at": moments(changed[product]),
    })  # fmt: skip


def _file(top: str) -> str:
    return top.lower().replace(" & ", "-").replace(" ", "-")


def _checked(number: Ints) -> Ints:
    """The number with an EAN-13 check digit for the prefix 2, kept for shops' own use."""
    digits = [(number // 10**n) % 10 for n in range(11)]
    total = 2 + sum(digit * (3 if n % 2 == 0 else 1) for n, digit in enumerate(digits))
    return np.asarray(number * 10 + (10 - total % 10) % 10)


@lru_cache(maxsize=8)
def _descriptions(world: World) -> list[str]:
    catalogue = goods(world)
    return [
        f"{title} by {BRANDS[brand]}, from our {LEAVES[leaf][1].lower()}. Made to be used daily."
        for title, brand, leaf in zip(
            catalogue.titles, catalogue.brand, catalogue.leaf, strict=True
        )
    ]


def stock(period: Period) -> Batch | None:
    """Stock at the newest local midnight, if it lies in the period."""
    world = period.world
    today = world.local_day(period.now)
    midnight = world.midnight(today)
    if not (period.begin <= midnight < period.end):
        return None
    known = np.repeat(_changed(world, period.now) >= 0, goods(world).variants)
    variant = np.flatnonzero(known)
    found = levels(world, today)
    ids, skus = variant_ids(world)
    return batch("levels", len(variant), {
        "location": "Main warehouse",
        "variant_id": words(ids, variant),
        "sku": words(skus, variant),
        "on_hand": found.on_hand[variant],
        "committed": found.committed[variant],
        "incoming": found.incoming[variant],
        "as_of": moments(np.full(len(variant), midnight, dtype=np.int64)),
    })  # fmt: skip


def _rate_days(period: Period) -> list[date]:
    """The days that begin in the period; the first time all days so far, as rates that come later
    make every store's amounts be looked through again."""
    world = period.world
    if not period.is_first:
        return [day for day in period.days() if world.midnight(day) >= period.begin]
    known = (world.local_day(period.now) - world.start).days
    return [world.start + timedelta(days=n) for n in range(known + 1)]


def exchange_rates(period: Period) -> Batch | None:
    """The pound's rate of each day that begins in the period; the euro store needs none."""
    world = period.world
    if world.plan.currency == "EUR":
        return None
    days = _rate_days(period)
    if not days:
        return None
    return batch("rates", len(days), {
        "day": days,
        "currency": world.plan.currency,
        "to_currency": "EUR",
        "rate": rates([pounds_in_euros(world.seed, day) for day in days]),
    })  # fmt: skip


def catalogue_requests(period: Period) -> Batch:
    """Who asked for a catalogue, a leaflet or a sample within the period."""
    world = period.world

    names = ("at", "kind", "country", "quantity", "way")

    def rows_of(day: date) -> Columns:
        found = requests(world, day)
        here = period.holds(found.at)
        return {"id": found.number[here]} | {name: getattr(found, name)[here] for name in names}

    rows = period.gather(rows_of)
    tags = tag_columns(world, rows["way"], rows["number"])
    return batch("catalogue_requests", len(rows["id"]), tags | {
        "external_id": numbered("k-", rows["id"]),
        "requested_at": moments(rows["at"]),
        "kind": words(KINDS, rows["kind"]),
        "email": joined(numbered("reader.", rows["id"]), "@mail.example"),
        "country": words(world.plan.countries, rows["country"]),
        "quantity": rows["quantity"],
    })  # fmt: skip


def ad_spend(period: Period) -> Batch | None:
    """Spend of each day as last reported: every quarter of an hour, whole after the day's end."""
    world = period.world
    step = SPEND_STEP_S
    begin, end = period.begin // step * step, period.end // step * step
    parts = []
    for day in period.days(before=1):
        closes = world.midnight(day + timedelta(days=1))
        told = min(closes, period.now // step * step)
        if begin < told <= end and told > world.midnight(day):
            parts.append((day, spend_until(world, day, told)))
    if not parts:
        return None
    way = np.concatenate([found.way for _, found in parts])
    region = np.concatenate([found.region for _, found in parts])
    days = [day for day, found in parts for _ in range(len(found.way))]
    tags = tag_columns(world, np.where(way == WEEKLY, 0, way), way * 0)
    where = words(regions_of(world), region)
    platform = words([each.platform for each in WAYS], way)
    return batch("ad_spend", len(way), tags | {
        "day": days,
        "platform": platform,
        "external_id": joined(platform, tags["campaign"], where, between="/"),
        "ad_group": where,
        "country": where,
        "spend": amounts(np.concatenate([found.cents for _, found in parts])),
        "impressions": np.concatenate([found.impressions for _, found in parts]),
        "clicks": np.concatenate([found.clicks for _, found in parts]),
        "currency": world.plan.currency,
    })  # fmt: skip
