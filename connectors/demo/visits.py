"""The visits of one simulated day: who came, what they looked at, and how far they got."""

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache

import numpy as np

from connectors.demo.arrivals import (
    APP,
    DEVICE_BOUNCE,
    DEVICE_DESIRE,
    DEVICE_SHARES,
    META,
    MOBILE,
    NEW_SEASON,
    WAYS,
    country_shares,
    hours,
    visits_expected,
    way_shares,
)
from connectors.demo.goods import Mood, mood
from connectors.demo.world import (
    VISITS_THAT_BUY,
    Bools,
    Floats,
    Ints,
    World,
    demand,
    mixed,
    orders_a_day,
    shares_of,
)

VISITS, MARKETPLACE, SPEND, REQUESTS, TILL = range(5)
BOUNCE = 0.405
CART = 0.109
CHECKOUT = 0.6
PAYMENT = 0.8
PURCHASE = 0.88
DECLINED = 0.03
# Share of the visitors whose every step is kept; of the others only the visit as a whole is.
FOLLOWED = 0.515
# Keys of people: the day they came first, their country and a number; buyers have a range to
# themselves, so that a customer comes back under the key of the first visit.
PER_DAY, PER_COUNTRY, BUYER, MARKET_BUYER, TILL_BUYER = 10**6, 10**4, 500_000, 200_000, 400_000
FIRST_DAY = 400


@dataclass(frozen=True)
class Visits:
    """One store's visits of one local day, as columns; `looked` is flat, by visit in order."""

    start: Ints
    seconds: Ints
    country: Ints
    device: Ints
    way: Ints
    is_untagged: Bools
    person: Ints
    is_bounce: Bools
    searches: Ints
    browsed: Ints
    promotions: Ints
    looked: Ints
    looked_from: Ints
    looks: Ints
    carted: Ints
    checkout: Bools
    payment: Bools
    declined: Bools
    purchase: Bools
    is_followed: Bools

    @property
    def size(self) -> int:
        return len(self.start)

    @property
    def has_order(self) -> Bools:
        return self.purchase | self.declined

    @property
    def steps(self) -> Ints:
        """How many events the visit consists of."""
        tail = self.checkout.astype(np.int64) + self.payment + self.purchase
        return 1 + self.searches + self.browsed + self.promotions + self.looks + self.carted + tail


@dataclass(frozen=True)
class Arrivals:
    """Who stands at the door: the part of a visit that is settled before anything is seen."""

    start: Ints
    country: Ints
    device: Ints
    way: Ints


def _arrivals(world: World, day: date, chance: np.random.Generator) -> Arrivals:
    course = demand(world)
    number = world.number(day)
    size = int(chance.poisson(visits_expected(world, day, course.traffic[number])))
    country = shares_of(chance, country_shares(world, day), size)
    device = shares_of(chance, DEVICE_SHARES, size)
    way = shares_of(chance, way_shares(world, day), size)
    begin, end = world.midnight(day), world.midnight(day + timedelta(days=1))
    behind = np.isin(country, [n for n, c in enumerate(world.plan.countries) if c in ("GB", "IE")])
    draw = chance.random(size)
    quarter = np.empty(size)
    for kind in range(len(DEVICE_SHARES)):
        for lag in (0, 1):
            here = (device == kind) & (behind == bool(lag))
            # The British store's own clock is already theirs.
            curve = hours(kind, lag if world.plan.code == 1 else 0)
            quarter[here] = np.interp(draw[here], curve, np.arange(97))
    start = begin + (quarter * 900 * (end - begin) / 86400).astype(np.int64)
    # Within a tick nobody comes twice at the same place in the queue: order is by time.
    order = np.argsort(start, kind="stable")
    return Arrivals(start[order], country[order], device[order], way[order])


def person_keys(number: Ints, country: Ints, place: Ints) -> Ints:
    """The key of a buyer by first day, country and place among that day's newcomers."""
    return np.asarray((number + FIRST_DAY) * PER_DAY + BUYER + country * PER_COUNTRY + place)


def country_of(person: Ints) -> Ints:
    """The country of a buyer's key, whichever side of the shop they bought on."""
    return np.asarray((person % PER_DAY - BUYER) % MARKET_BUYER // PER_COUNTRY)


@dataclass(frozen=True)
class Side:
    """One side of the shop with customers of its own: their keys, and its share of the orders."""

    offset: int = 0
    share: float = 1.0


def side_of(world: World, a_day: float, offset: int = 0) -> Side:
    return Side(offset, a_day / orders_a_day(world.plan))


def buyers_known(
    world: World, number: int, country: Ints, chance: np.random.Generator, side: Side
) -> Ints:
    """People of these countries who bought before on this side of the shop."""
    weights = _weights(world, number)
    drawn = chance.random(len(country)) * weights[-1]
    first = np.searchsorted(weights, drawn, side="right").astype(np.int64)
    return _someone_of(world, first, country, chance, side)


def buyers_soon(
    world: World, number: int, country: Ints, chance: np.random.Generator, side: Side
) -> Ints:
    """People of these countries who may buy for the first time within the week."""
    first = number + chance.integers(0, 7, len(country))
    return _someone_of(world, first, country, chance, side)


def _someone_of(
    world: World, first: Ints, country: Ints, chance: np.random.Generator, side: Side
) -> Ints:
    """One of the newcomers of each day, the earliest of them more often."""
    shares = np.array(world.plan.shares)[country] / sum(world.plan.shares)
    newcomers = demand(world).newcomers[first] * shares * side.share * 0.95
    places = np.maximum(1, np.round(newcomers)).astype(np.int64)
    place = (places * chance.random(len(country)) ** 1.4).astype(np.int64)
    return np.asarray(person_keys(first, country, place) + side.offset)


@lru_cache(maxsize=8)
def _weights(world: World, number: int) -> Floats:
    """Running weight of each earlier day's newcomers among those who come back today."""
    days = np.arange(number, 0, -1)
    rate = 0.5 * np.exp(-days / 70) / 70 + 0.42 * np.exp(-days / 320) / 320
    newcomers = demand(world).newcomers[:number]
    return np.cumsum(newcomers * rate) if number else np.array([1.0])


def _people(
    world: World, number: int, came: Arrivals, has_order: Bools, chance: np.random.Generator
) -> Ints:
    """Who each visitor is: a stranger, somebody seen before, or one who buys now or soon."""
    size = len(came.start)
    kind = chance.random(size)
    # Strangers: half are new today, the others came some days ago.
    back = np.where(chance.random(size) < 0.5, chance.geometric(1 / 9, size), 0)
    first = np.maximum(number - back, -300)
    place = (chance.random(size) ** 1.3 * world.plan.visits_a_day * world.scale * 0.55).astype(int)
    fresh = np.arange(size) % BUYER
    person = (first + FIRST_DAY) * PER_DAY + np.where(back == 0, fresh, place)
    looking = (kind < 0.12) & ~has_order
    online = side_of(world, world.plan.visits_a_day * VISITS_THAT_BUY)
    person[looking] = buyers_soon(world, number, came.country[looking], chance, online)
    known = (kind > 0.93) & ~has_order
    person[known] = buyers_known(world, number, came.country[known], chance, online)
    person[has_order] = buyers(world, number, came.country[has_order], chance, online)
    return np.asarray(person)


def buyers(
    world: World, number: int, country: Ints, chance: np.random.Generator, side: Side
) -> Ints:
    """Who buys, by country: newcomers in their order, or customers who come back."""
    person = np.zeros(len(country), dtype=np.int64)
    returns = chance.random(len(country)) < demand(world).returning_share[number]
    returns &= number > 0
    person[returns] = buyers_known(world, number, country[returns], chance, side)
    for code in range(len(world.plan.countries)):
        here = np.flatnonzero(~returns & (country == code))
        places = np.arange(len(here), dtype=np.int64)
        keys = person_keys(np.full(len(here), number), np.full(len(here), code), places)
        person[here] = keys + side.offset
    return person


def _looks(
    day_mood: Mood, is_bounce: Bools, chance: np.random.Generator
) -> tuple[Ints, Ints, Ints]:
    """Products looked at: flat, where each visit's begin, and how many they are."""
    size = len(is_bounce)
    looks = np.where(chance.random(size) < 0.8, chance.geometric(0.43, size), 0)
    looks = np.minimum(np.where(is_bounce, 0, looks), 12).astype(np.int64)
    looked = shares_of(chance, day_mood.interest, int(looks.sum()))
    return looked, np.cumsum(looks) - looks, looks


def main_product(looked: Ints, looked_from: Ints, looks: Ints) -> Ints:
    """The product that a visit looked at first; 0 for one that looked at none."""
    if not len(looked):
        return np.zeros(len(looks), dtype=np.int64)
    first = looked[np.minimum(looked_from, len(looked) - 1)]
    return np.where(looks > 0, first, 0)


def _bounces(world: World, day: date, came: Arrivals, chance: np.random.Generator) -> Bools:
    tags = np.array([way.bounce for way in WAYS])
    rate = BOUNCE * DEVICE_BOUNCE[came.device] * tags[came.way] * world.size("slow_release", day)
    return np.asarray(chance.random(len(came.start)) < np.minimum(rate, 0.9))


@lru_cache(maxsize=450)
def visits(world: World, day: date) -> Visits:
    """All visits of the store's local day, the same every time."""
    chance = world.chance(day, VISITS)
    number = world.number(day)
    came = _arrivals(world, day, chance)
    size = len(came.start)
    day_mood = mood(world, day)
    is_bounce = _bounces(world, day, came, chance)
    looked, looked_from, looks = _looks(day_mood, is_bounce, chance)
    main = main_product(looked, looked_from, looks)
    desire = _desire(came) * demand(world).desire[number]
    cart = CART * desire * day_mood.desire[main] * day_mood.in_stock[main]
    in_cart = (chance.random(size) < np.minimum(cart, 0.95)) & (looks > 0)
    wanted = np.where(in_cart, np.minimum(chance.geometric(0.45, size), looks), 0)
    checkout = in_cart & (chance.random(size) < CHECKOUT * np.minimum(1.25, desire**0.3))
    payment = checkout & (chance.random(size) < PAYMENT)
    broken = np.where(came.device == MOBILE, world.size("payment_broken", day), 1.0)
    pays = payment & (chance.random(size) < PURCHASE * broken)
    declined = pays & (chance.random(size) < _decline_rate(world, day, came.country))
    purchase = pays & ~declined
    has_order = purchase | declined
    person = _people(world, number, came, has_order, chance)
    is_open = ~is_bounce
    draws = chance.random((4, size))
    found = Visits(
        start=came.start, seconds=np.zeros(size, dtype=np.int64), country=came.country,
        device=came.device, way=came.way, person=person, is_bounce=is_bounce,
        is_untagged=_untagged(world, day, came.way, draws[0]),
        searches=np.where(is_open, (draws[1] < 0.17).astype(np.int64), 0),
        browsed=np.where(is_open, chance.poisson(0.9, size) + (looks == 0), 0),
        promotions=np.where(is_open & (draws[2] < 0.06), 1, 0),
        looked=looked, looked_from=looked_from, looks=looks,
        carted=_carted(day_mood, looked, looked_from, looks, wanted),
        checkout=checkout, payment=payment, declined=declined, purchase=purchase,
        is_followed=has_order | (mixed(person, 5) < FOLLOWED),
    )  # fmt: skip
    gaps = np.maximum(found.steps - 1, 0)
    seconds = np.where(gaps > 0, chance.gamma(np.maximum(gaps, 1) * 1.1, 34.0), 0)
    found.seconds[:] = np.minimum(seconds, gaps * 600).astype(np.int64) + gaps
    return found


def _desire(came: Arrivals) -> Floats:
    """How ready to buy each visitor is, by device and way in."""
    ways = np.array([way.desire for way in WAYS])
    return np.asarray(DEVICE_DESIRE[came.device] * ways[came.way])


def _decline_rate(world: World, day: date, country: Ints) -> Floats:
    rate = np.full(len(country), DECLINED)
    if world.plan.code == 1:
        rate[country == world.plan.countries.index("FR")] *= world.size("payment_declines", day)
    return rate


def _untagged(world: World, day: date, way: Ints, draw: Floats) -> Bools:
    """Visits from Meta that lost their tag; the new campaign's links were made anew and hold."""
    kept = world.size("tracking_break", day)
    broken = np.isin(way, META) & (way != NEW_SEASON)
    return np.asarray(broken & (draw >= kept))


def _carted(day_mood: Mood, looked: Ints, looked_from: Ints, looks: Ints, wanted: Ints) -> Ints:
    """How many of the products looked at first went into the cart: until one is not in stock."""
    visit = np.repeat(np.arange(len(looks)), looks)
    place = np.arange(len(looked)) - looked_from[visit]
    gone = ~day_mood.in_stock[looked] & (place < wanted[visit])
    stop = wanted.copy()
    np.minimum.at(stop, visit[gone], place[gone])
    return stop


def is_app(found: Visits) -> Bools:
    return np.asarray(found.device == APP)
