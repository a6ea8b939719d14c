"""What happens around the simulated sales: ads, exchange rates, catalogue requests, stock."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import numpy as np

from connectors.demo.arrivals import (
    GENERIC,
    NEW_SEASON,
    WAYS,
    country_shares,
    day_share,
    visits_expected,
    way_shares,
)
from connectors.demo.goods import goods
from connectors.demo.visits import REQUESTS, SPEND
from connectors.demo.world import MAIN_VISITS, Floats, Ints, World, demand, mixed, shares_of

PAID = tuple(n for n, way in enumerate(WAYS) if way.platform)
AD_GROUPS = 3
SPEND_STEP_S = 900
REQUESTS_A_DAY = 6.0
RATE_START = date(2015, 1, 1)
REORDER_DAYS = 42
# All click prices together, so that ads take about an eighth of what shop and app sell.
AUCTION = 1.5


@dataclass(frozen=True)
class Spend:
    """What each paid campaign cost and reached in each ad group's region on one day, in cents."""

    way: Ints
    region: Ints
    cents: Ints
    impressions: Ints
    clicks: Ints


@dataclass(frozen=True)
class Requests:
    """Catalogue requests of one day."""

    number: Ints
    at: Ints
    kind: Ints
    country: Ints
    quantity: Ints
    way: Ints


def regions_of(world: World) -> tuple[str, ...]:
    """The countries that have ads of their own."""
    return world.plan.countries[:AD_GROUPS]


@lru_cache(maxsize=64)
def spend(world: World, day: date) -> Spend:
    """The whole day's spend; it does not know how many visits came, as the platform does not."""
    chance = world.chance(day, SPEND)
    visits_due = visits_expected(world, day, demand(world).traffic[world.number(day)])
    shares = way_shares(world, day)
    places = country_shares(world, day)[: len(regions_of(world))]
    places = places / places.sum()
    way = np.repeat(np.array(PAID), len(places))
    region = np.tile(np.arange(len(places)), len(PAID))
    noise = np.exp(chance.normal(0, 0.08, len(way)))
    clicks_due = visits_due / shares.sum() * shares[way] * places[region] * 1.12 * noise
    clicks = np.round(clicks_due).astype(np.int64)
    season = 1.0 + 0.25 * (demand(world).desire[world.number(day)] > 1.25)
    price = np.array([WAYS[n].click_cost for n in PAID])[np.searchsorted(PAID, way)] * season
    price = price * AUCTION * np.exp(chance.normal(0, 0.06, len(way)))
    cents = np.round(clicks * price * 100).astype(np.int64)
    over = world.size("overspend", day)
    cents[way == GENERIC] = np.round(cents[way == GENERIC] * over).astype(np.int64)
    rate = np.array([WAYS[n].click_rate for n in PAID])[np.searchsorted(PAID, way)]
    impressions = np.round(clicks / rate * np.exp(chance.normal(0, 0.05, len(way))))
    runs = (way != NEW_SEASON) | (world.size("campaign_launch", day, 0.0) > 0)
    return Spend(way[runs], region[runs], cents[runs], impressions[runs].astype(np.int64),
                 clicks[runs])  # fmt: skip


def spend_until(world: World, day: date, moment: int) -> Spend:
    """The day's spend as the platform reports it at that moment, whole from the day's end on."""
    whole = spend(world, day)
    done = day_share(moment - world.midnight(day))
    if done >= 1:
        return whole
    part = [np.floor(column * done).astype(np.int64) for column in
            (whole.cents, whole.impressions, whole.clicks)]  # fmt: skip
    return Spend(whole.way, whole.region, *part)


def pounds_in_euros(seed: int, day: date) -> float:
    """What a pound was worth in euros: slow swings and a little noise around 1.17."""
    n = (day - RATE_START).days
    swing = 0.018 * np.sin(n / 97) + 0.011 * np.sin(n / 31 + 1) + 0.005 * np.sin(n / 8.3)
    noise = np.random.default_rng([seed, 77, n]).normal(0, 0.0012)
    return round(1.17 + float(swing + noise), 5)


@lru_cache(maxsize=64)
def requests(world: World, day: date) -> Requests:
    """Who asked for a catalogue or a sample that day."""
    chance = world.chance(day, REQUESTS)
    level = (
        world.plan.visits_a_day
        / MAIN_VISITS
        * demand(world).traffic[world.number(day)]
        * world.scale
    )
    size = int(chance.poisson(REQUESTS_A_DAY * level))
    kind = shares_of(chance, np.array([0.55, 0.3, 0.15]), size)
    begin = world.midnight(day)
    return Requests(
        number=np.arange(size, dtype=np.int64) + world.number(day) * 1000,
        at=np.sort(begin + (chance.random(size) * 16 * 3600).astype(np.int64) + 6 * 3600),
        kind=kind,
        country=shares_of(chance, np.array(world.plan.shares), size),
        quantity=np.where(chance.random(size) < 0.08, 3, 1).astype(np.int64),
        way=np.where(chance.random(size) < 0.4, 0, shares_of(chance, way_shares(world, day), size)),
    )


@dataclass(frozen=True)
class Levels:
    """Pieces of each variant on the shelf at the start of a day."""

    on_hand: Ints
    committed: Ints
    incoming: Ints


def levels(world: World, day: date) -> Levels:
    """Stock falls with sales and is filled up every six weeks, each variant at its own time."""
    catalogue = goods(world)
    product = catalogue.variant_product()
    sales: Floats = catalogue.popularity[product] / catalogue.popularity.sum()
    a_day = (
        sales
        * 130
        * world.scale
        * world.plan.visits_a_day
        / MAIN_VISITS
        / catalogue.variants[product]
    )
    variant = np.arange(len(product), dtype=np.int64)
    age = (world.number(day) + (mixed(variant, 3) * REORDER_DAYS).astype(np.int64)) % REORDER_DAYS
    left = (REORDER_DAYS + 6 - age) * a_day + 2 + mixed(variant, 4) * 4
    if world.size("stock_out", day) == 0:
        left = np.where(np.isin(product, catalogue.best), 0, left)
    order_due = age > REORDER_DAYS - 12
    return Levels(
        on_hand=np.floor(left).astype(np.int64),
        committed=np.floor(np.minimum(a_day * 1.5, left)).astype(np.int64),
        incoming=np.where(order_due, np.ceil(a_day * REORDER_DAYS), 0).astype(np.int64),
    )
