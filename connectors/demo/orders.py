"""The orders of one simulated day with all that becomes of them later. Money is in cents."""

from dataclasses import dataclass, fields
from datetime import date, timedelta
from functools import lru_cache

import numpy as np

from connectors.demo.arrivals import DESKTOP, MOBILE, hours
from connectors.demo.goods import BAD_BATCH_BRAND, Goods, Mood, goods, mood
from connectors.demo.visits import (
    MARKET_BUYER,
    MARKETPLACE,
    TILL,
    TILL_BUYER,
    Visits,
    buyers,
    is_app,
    side_of,
    visits,
)
from connectors.demo.words import REASONS
from connectors.demo.world import (
    TAX,
    Bools,
    Ints,
    World,
    black_friday,
    demand,
    public_holidays,
    shares_of,
)

DAY_S = 86400
SHOP, APP_CHANNEL, MARKET_CHANNEL, TILL_CHANNEL = range(4)
CHANNELS = ("shop", "app", "marketplace", "stores")
METHODS = ("paypal", "card", "invoice", "apple_pay", "bank_transfer", "marketplace", "cash")
CARD, MARKET_METHOD, CASH = 1, 5, 6
METHOD_SHARES = np.array([0.34, 0.31, 0.19, 0.11, 0.05])
CANCELLED = 0.018
CASH_SHARE = 0.3
OPENS_S, OPEN_S = 10 * 3600, 9 * 3600
SATURDAY, SUNDAY = 5, 6
VOUCHER, VOUCHER_SHARE = 0.17, 0.10
SALE_SHARE = 0.15
FREE_FROM, CARRIAGE, CARRIAGE_ABROAD = 6000, 412, 832
# No order changes, and no refund comes, later than this after the order.
LATEST_CHANGE_DAYS = 15
LATEST_REFUND_DAYS = 47
NEVER = 2**40
DAMAGED = REASONS.index("Damaged")


@dataclass(frozen=True)
class Orders:
    """One store's orders of one local day, by column; `line_…` columns are flat, by order.

    Moments are seconds of the epoch, NEVER for what does not happen. `visit` is -1 for orders
    from the marketplace and the tills, `way` too.
    """

    number: Ints
    placed: Ints
    visit: Ints
    person: Ints
    country: Ints
    device: Ints
    way: Ints
    channel: Ints
    method: Ints
    is_declined: Bools
    shipped: Ints
    delivered: Ints
    cancelled: Ints
    discount: Ints
    shipping: Ints
    shipping_tax: Ints
    total: Ints
    value: Ints
    line_of: Ints
    line_place: Ints
    product: Ints
    variant: Ints
    quantity: Ints
    unit_price: Ints
    line_discount: Ints
    line_tax: Ints
    line_cost: Ints
    refunded: Ints
    refund_quantity: Ints
    refund_amount: Ints
    refund_tax: Ints
    reason: Ints

    @property
    def size(self) -> int:
        return len(self.number)


@dataclass(frozen=True)
class Basket:
    """What a day's orders hold before prices: the order of each line, and what it is."""

    line_of: Ints
    line_place: Ints
    product: Ints
    orders: int


@dataclass(frozen=True)
class Heads:
    """Who ordered, when and where: the part of an order that does not depend on its lines."""

    placed: Ints
    visit: Ints
    person: Ints
    country: Ints
    device: Ints
    way: Ints
    channel: Ints
    is_declined: Bools


def _from_visits(found: Visits) -> tuple[Heads, Basket]:
    at = np.flatnonzero(found.has_order)
    heads = Heads(
        placed=found.start[at] + found.seconds[at], visit=at, person=found.person[at],
        country=found.country[at], device=found.device[at],
        way=np.where(found.is_untagged[at], 0, found.way[at]),
        channel=np.where(is_app(found)[at], APP_CHANNEL, SHOP),
        is_declined=found.declined[at],
    )  # fmt: skip
    counts = found.carted[at]
    line_of = np.repeat(np.arange(len(at)), counts)
    place = np.arange(len(line_of)) - (np.cumsum(counts) - counts)[line_of]
    product = found.looked[found.looked_from[at][line_of] + place]
    return heads, Basket(line_of, place, product, len(at))


def _from_marketplace(
    world: World, day: date, day_mood: Mood, chance: np.random.Generator
) -> tuple[Heads, Basket]:
    number, plan = world.number(day), world.plan
    size = _expected(world, day, plan.marketplace_a_day, chance)
    begin, end = world.midnight(day), world.midnight(day + timedelta(days=1))
    curve = hours(DESKTOP, 0) + hours(MOBILE, 0)
    quarter = np.interp(chance.random(size) * 2, curve, np.arange(97))
    country = shares_of(chance, np.array(plan.shares), size)
    side = side_of(world, plan.marketplace_a_day, MARKET_BUYER)
    placed = np.sort(begin + (quarter * 900 * (end - begin) / DAY_S).astype(np.int64))
    person = buyers(world, number, country, chance, side)
    heads = _untracked(placed, person, country, MARKET_CHANNEL)
    return heads, _unseen_basket(day_mood, size, chance)


def _from_tills(
    world: World, day: date, day_mood: Mood, chance: np.random.Generator
) -> tuple[Heads, Basket]:
    """What the shops in town sell: in opening hours, most of it on Saturdays, none on Sundays."""
    number, plan = world.number(day), world.plan
    is_closed = day.weekday() == SUNDAY or day in public_holidays(day.year)
    usual = plan.tills_a_day * (1.75 if day.weekday() == SATURDAY else 1.05)
    size = 0 if is_closed else _expected(world, day, usual, chance)
    country = np.zeros(size, dtype=np.int64)
    side = side_of(world, plan.tills_a_day, TILL_BUYER)
    opens = world.midnight(day) + OPENS_S
    placed = np.sort(opens + (chance.triangular(0, 0.6, 1, size) * OPEN_S).astype(np.int64))
    person = buyers(world, number, country, chance, side)
    heads = _untracked(placed, person, country, TILL_CHANNEL)
    return heads, _unseen_basket(day_mood, size, chance)


def _expected(world: World, day: date, a_day: float, chance: np.random.Generator) -> int:
    number, course = world.number(day), demand(world)
    return int(chance.poisson(a_day * course.traffic[number] * course.desire[number] * world.scale))


def _untracked(placed: Ints, person: Ints, country: Ints, channel: int) -> Heads:
    """Orders of a channel whose customers' way to it nobody sees."""
    blank = np.zeros(len(placed), dtype=np.int64)
    return Heads(
        placed=placed, visit=blank - 1, person=person, country=country, device=blank - 1,
        way=blank - 1, channel=blank + channel, is_declined=np.zeros(len(placed), dtype=bool),
    )  # fmt: skip


def _unseen_basket(day_mood: Mood, size: int, chance: np.random.Generator) -> Basket:
    counts = np.minimum(chance.geometric(0.7, size), 5)
    line_of = np.repeat(np.arange(size), counts)
    place = np.arange(len(line_of)) - (np.cumsum(counts) - counts)[line_of]
    interest = day_mood.interest * day_mood.in_stock
    return Basket(line_of, place, shares_of(chance, interest, len(line_of)), size)


def _joined(first: tuple[Heads, Basket], second: tuple[Heads, Basket]) -> tuple[Heads, Basket]:
    columns = [
        np.concatenate([getattr(first[0], f.name), getattr(second[0], f.name)])
        for f in fields(Heads)
    ]
    one, two = first[1], second[1]
    basket = Basket(
        np.concatenate([one.line_of, two.line_of + one.orders]),
        np.concatenate([one.line_place, two.line_place]),
        np.concatenate([one.product, two.product]),
        one.orders + two.orders,
    )
    return Heads(*columns), basket


def _sale(day: date) -> float:
    """Share taken off marked-down goods: Black Friday week, and the winter and summer sales."""
    if -3 <= (day - black_friday(day.year)).days <= 3:
        return 0.2
    in_sale = (day.month == 1 and day.day <= 21) or (day.month == 7 and day.day <= 20)
    return SALE_SHARE if in_sale else 0.0


@dataclass(frozen=True)
class Priced:
    """The lines' money, in cents."""

    quantity: Ints
    unit_price: Ints
    line_discount: Ints
    line_cost: Ints
    variant: Ints


def _priced(
    day: date, catalogue: Goods, day_mood: Mood, basket: Basket, chance: np.random.Generator
) -> Priced:
    lines = len(basket.product)
    price = np.round(day_mood.price[basket.product] * 100).astype(np.int64)
    cheap = price < 2500
    quantity = np.where(cheap, np.minimum(chance.geometric(0.62, lines), 6), 1)
    quantity = np.where(~cheap & (chance.random(lines) < 0.06), 2, quantity).astype(np.int64)
    off = np.where(chance.random(lines) < 0.4, _sale(day), 0.0)
    cost = np.round(catalogue.price * catalogue.cost_share * 100).astype(np.int64)
    pick = (chance.random(lines) * catalogue.variants[basket.product]).astype(np.int64)
    return Priced(
        quantity=quantity,
        unit_price=price,
        line_discount=np.round(price * quantity * off).astype(np.int64),
        line_cost=cost[basket.product],
        variant=catalogue.first_variant[basket.product] + pick,
    )


def _per_order(basket: Basket, values: Ints) -> Ints:
    return np.bincount(basket.line_of, values, basket.orders).astype(np.int64)


@dataclass(frozen=True)
class Money:
    """The orders' money, in cents, and each line's tax with its share of the order's discount."""

    discount: Ints
    shipping: Ints
    shipping_tax: Ints
    total: Ints
    value: Ints
    line_tax: Ints
    line_share: Ints


def _money(
    world: World, heads: Heads, basket: Basket, priced: Priced, chance: np.random.Generator
) -> Money:
    size = basket.orders
    net = priced.unit_price * priced.quantity - priced.line_discount
    goods_value = _per_order(basket, net)
    has_voucher = (chance.random(size) < VOUCHER) & (heads.way >= 0)
    discount = np.where(has_voucher, np.round(goods_value * VOUCHER_SHARE), 0).astype(np.int64)
    share = np.where(has_voucher, VOUCHER_SHARE, 0.0)[basket.line_of] * net
    rates = np.array([TAX[code] for code in world.plan.countries])[heads.country]
    line_tax = np.round((net - share) * rates[basket.line_of]).astype(np.int64)
    home = heads.country == 0
    carriage = np.where(home, CARRIAGE, CARRIAGE_ABROAD)
    shipping = np.where(goods_value - discount >= FREE_FROM, np.where(home, 0, 420), carriage)
    shipping = np.where(heads.channel == TILL_CHANNEL, 0, shipping)
    shipping_tax = np.round(shipping * rates).astype(np.int64)
    value = goods_value - discount
    total = value + _per_order(basket, line_tax) + shipping + shipping_tax
    return Money(discount, shipping, shipping_tax, total, value, line_tax, share.astype(np.int64))


@dataclass(frozen=True)
class Course:
    """When what happens to an order after it was placed."""

    shipped: Ints
    delivered: Ints
    cancelled: Ints


def _course(heads: Heads, chance: np.random.Generator) -> Course:
    size = len(heads.placed)
    shipped = heads.placed + (DAY_S * np.minimum(0.3 + chance.gamma(2.2, 0.5, size), 6.0)).astype(
        np.int64
    )
    delivered = shipped + (DAY_S * np.minimum(0.8 + chance.gamma(2.0, 0.7, size), 8.0)).astype(
        np.int64
    )
    # At a till the goods change hands at once.
    is_till = heads.channel == TILL_CHANNEL
    shipped = np.where(is_till, heads.placed + 1, shipped)
    delivered = np.where(is_till, heads.placed + 2, delivered)
    is_cancelled = (chance.random(size) < CANCELLED) & ~heads.is_declined & ~is_till
    after = 600 + (chance.random(size) * 5 * 3600).astype(np.int64)
    stopped = is_cancelled | heads.is_declined
    cancelled = np.where(is_cancelled, heads.placed + after, NEVER)
    return Course(
        np.where(stopped, NEVER, shipped),
        np.where(stopped, NEVER, delivered),
        np.where(heads.is_declined, heads.placed, cancelled),
    )


def _refunds(
    catalogue: Goods, day_mood: Mood, basket: Basket, course: Course, chance: np.random.Generator
) -> tuple[Bools, Ints, Ints]:
    """Which lines come back, when, and why; a refund follows the delivery."""
    lines = len(basket.product)
    delivered = course.delivered[basket.line_of]
    back = chance.random(lines) < day_mood.refund_share[basket.product]
    back &= delivered < NEVER
    days = np.minimum(1.5 + chance.gamma(1.9, 4.2, lines), 32.0)
    reason = shares_of(chance, np.array([0.42, 0.22, 0.1, 0.14, 0.06, 0.06]), lines)
    was_bad = day_mood.refund_share > catalogue.refund_share * 1.01
    from_batch = was_bad[basket.product] & (catalogue.brand[basket.product] == BAD_BATCH_BRAND)
    reason = np.where(from_batch & (chance.random(lines) < 0.85), DAMAGED, reason)
    return back, np.where(back, delivered + (days * DAY_S).astype(np.int64), NEVER), reason


def _methods(heads: Heads, chance: np.random.Generator) -> Ints:
    size = len(heads.placed)
    method = shares_of(chance, METHOD_SHARES, size)
    method = np.where(heads.channel == MARKET_CHANNEL, MARKET_METHOD, method)
    at_till = np.where(chance.random(size) < CASH_SHARE, CASH, CARD)
    return np.where(heads.channel == TILL_CHANNEL, at_till, method)


@lru_cache(maxsize=700)
def orders(world: World, day: date) -> Orders:
    """All orders placed on the store's local day, and their fate, the same every time."""
    chance = world.chance(day, MARKETPLACE)
    catalogue, day_mood = goods(world), mood(world, day)
    market = _from_marketplace(world, day, day_mood, chance)
    tills = _from_tills(world, day, day_mood, world.chance(day, TILL))
    heads, basket = _joined(_joined(_from_visits(visits(world, day)), market), tills)
    priced = _priced(day, catalogue, day_mood, basket, chance)
    money = _money(world, heads, basket, priced, chance)
    course = _course(heads, chance)
    back, refunded, reason = _refunds(catalogue, day_mood, basket, course, chance)
    paid = priced.unit_price * priced.quantity - priced.line_discount - money.line_share
    method = _methods(heads, chance)
    return Orders(
        number=np.arange(basket.orders, dtype=np.int64) + world.number(day) * 100_000,
        placed=heads.placed, visit=heads.visit, person=heads.person, country=heads.country,
        device=heads.device, way=heads.way, channel=heads.channel,
        method=method, is_declined=heads.is_declined,
        shipped=course.shipped, delivered=course.delivered, cancelled=course.cancelled,
        discount=money.discount, shipping=money.shipping, shipping_tax=money.shipping_tax,
        total=money.total, value=money.value, line_of=basket.line_of,
        line_place=basket.line_place, product=basket.product, variant=priced.variant,
        quantity=priced.quantity, unit_price=priced.unit_price,
        line_discount=priced.line_discount, line_tax=money.line_tax, line_cost=priced.line_cost,
        refunded=refunded, refund_quantity=np.where(back, priced.quantity, 0),
        refund_amount=np.where(back, paid, 0), refund_tax=np.where(back, money.line_tax, 0),
        reason=reason,
    )  # fmt: skip
