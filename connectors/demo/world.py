"""The shop's frame: where and when it sells, how much, and chance that can be asked day by day.

Everything here is a function of the seed and the day, so any day can be made alone.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from connectors.demo.causes import size_of

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

HISTORY_DAYS = 730
MAIN_VISITS = 830.0
# Orders per visit on a plain day: what the shop counts on, the visits themselves decide.
VISITS_THAT_BUY = 0.029
# How far past the anchor the demand curve is drawn out; a demo may live for ten years.
HORIZON_DAYS = 3653
TAX = {
    "DE": 0.19, "AT": 0.20, "CH": 0.0, "FR": 0.20, "NL": 0.21, "BE": 0.21, "IT": 0.22, "ES": 0.21,
    "PL": 0.23, "DK": 0.25, "SE": 0.25, "LU": 0.17, "GB": 0.20, "IE": 0.23,
}  # fmt: skip
WEEKDAYS = np.array([1.06, 1.02, 1.0, 0.98, 0.91, 0.92, 1.11])


@dataclass(frozen=True)
class ShopPlan:
    """One of the demo's stores: its money, its clock, its countries and its volume a day."""

    slug: str
    name: str
    code: int
    currency: str
    zone: str
    countries: tuple[str, ...]
    shares: tuple[float, ...]
    visits_a_day: float
    marketplace_a_day: float
    tills_a_day: float
    product_share: float
    price_factor: float
    # So that a page is worth its trouble, and not too large to hold.
    page_days: int


PLANS: dict[str, ShopPlan] = {
    plan.slug: plan
    for plan in (
        ShopPlan(
            "demo", "Alder & Finch (demo)", 1, "EUR", "Europe/Berlin",
            ("DE", "AT", "CH", "FR", "NL", "BE", "IT", "ES", "PL", "DK", "SE", "LU"),
            (0.525, 0.09, 0.07, 0.115, 0.06, 0.03, 0.03, 0.025, 0.02, 0.015, 0.01, 0.01),
            MAIN_VISITS, 26.8, 22.0, 1.0, 1.0, 60,
        ),
        ShopPlan(
            "demo-uk", "Alder & Finch UK (demo)", 2, "GBP", "Europe/London",
            ("GB", "IE"), (0.94, 0.06), 112.0, 3.7, 3.0, 0.6, 0.9, 150,
        ),
    )
}  # fmt: skip


@dataclass(frozen=True)
class World:
    """One simulated store: which, by what seed, ending where. `scale` shrinks its volume."""

    shop: str = "demo"
    seed: int = 7
    anchor: date = date(2026, 1, 15)
    days: int = HISTORY_DAYS
    scale: float = 1.0

    @property
    def plan(self) -> ShopPlan:
        return PLANS[self.shop]

    @property
    def start(self) -> date:
        return self.anchor - timedelta(days=self.days)

    def number(self, day: date) -> int:
        """Days since the history's start."""
        return (day - self.start).days

    def from_anchor(self, day: date) -> int:
        return (day - self.anchor).days

    def chance(self, day: date, purpose: int) -> np.random.Generator:
        return np.random.default_rng([self.seed, self.plan.code, day.toordinal(), purpose])

    def midnight(self, day: date) -> int:
        """The moment the local day begins, in seconds of the epoch."""
        local = datetime(day.year, day.month, day.day, tzinfo=ZoneInfo(self.plan.zone))
        return int(local.timestamp())

    def local_day(self, moment: int) -> date:
        return datetime.fromtimestamp(moment, UTC).astimezone(ZoneInfo(self.plan.zone)).date()

    def size(self, cause: str, day: date, otherwise: float = 1.0) -> float:
        """The planted cause's size on that day; the causes are planted in the main store."""
        if self.plan.code != 1:
            return otherwise
        return size_of(cause, self.from_anchor(day), otherwise)


@dataclass(frozen=True)
class Demand:
    """Expected volumes, one value for each day from the history's start on."""

    traffic: Floats
    desire: Floats
    newcomers: Floats
    returning_share: Floats


@cache
def black_friday(year: int) -> date:
    """The day after the fourth Thursday of November."""
    first = date(year, 11, 1)
    thursday = first + timedelta(days=(3 - first.weekday()) % 7 + 21)
    return thursday + timedelta(days=1)


@cache
def easter(year: int) -> date:
    """Easter Sunday, by Butcher's rule."""
    a, b, c = year % 19, year // 100, year % 100
    d, e = divmod(b, 4)
    g = (8 * b + 13) // 25
    h = (19 * a + b - d - g + 15) % 30
    i, k = divmod(c, 4)
    weekday = (32 + 2 * e + 2 * i - h - k) % 7
    m = (a + 11 * h + 19 * weekday) // 433
    month = (h + weekday - 7 * m + 90) // 25
    return date(year, month, (h + weekday - 7 * m + 33 * month + 19) % 32)


def public_holidays(year: int) -> dict[date, str]:
    """Days on which hardly anybody works, and less is bought."""
    return {
        date(year, 1, 1): "New Year's Day",
        easter(year) - timedelta(days=2): "Good Friday",
        easter(year) + timedelta(days=1): "Easter Monday",
        date(year, 5, 1): "Labour Day",
        date(year, 12, 25): "Christmas Day",
        date(year, 12, 26): "Second day of Christmas",
    }


def _season(day: date) -> float:
    """How many come because of the time of the year: Advent, summer, holidays, Black Friday."""
    advent = (day - date(day.year, 12, 9)).days
    summer = (day - date(day.year, 7, 28)).days
    level = 1 + 0.5 * np.exp(-((advent / 14) ** 2)) - 0.12 * np.exp(-((summer / 28) ** 2))
    if day in public_holidays(day.year):
        level *= 0.72
    week = (day - black_friday(day.year)).days
    level *= {-4: 1.1, -3: 1.1, -2: 1.15, -1: 1.3, 0: 1.9, 1: 1.4, 2: 1.35, 3: 1.6}.get(week, 1.0)
    return float(level)


def _desire(day: date) -> float:
    """How ready to buy visitors are: pay-day, Black Friday, the last days before Christmas."""
    level = 1.06 if day.day >= 27 or day.day <= 2 else 0.99
    week = (day - black_friday(day.year)).days
    if -1 <= week <= 3:
        level *= 1.3
    if day.month == 12 and 5 <= day.day <= 19:
        level *= 1.12
    if day.month == 12 and 21 <= day.day <= 27:
        level *= 0.75
    return level


def _returns_after() -> Floats:
    """Expected further orders of a customer, by days since the first one."""
    days = np.arange(1, HISTORY_DAYS + HORIZON_DAYS)
    soon, later = np.exp(-days / 70) / 70, np.exp(-days / 320) / 320
    return 0.5 * soon + 0.42 * later


@lru_cache(maxsize=8)
def demand(world: World) -> Demand:
    """The expected course of the shop; new and returning customers balance day by day."""
    length = world.days + HORIZON_DAYS
    days = [world.start + timedelta(days=n) for n in range(length)]
    numbers = np.arange(length)
    growth = np.exp(0.2 * (np.minimum(numbers, world.days + 400) - world.days / 2) / 365)
    noise = np.random.default_rng([world.seed, world.plan.code]).normal(0, 0.035, length)
    weekday = WEEKDAYS[[day.weekday() for day in days]]
    traffic = growth * weekday * np.array([_season(day) for day in days]) * np.exp(noise)
    desire = np.array([_desire(day) for day in days])
    orders = traffic * desire * orders_a_day(world.plan) * world.scale
    hazard = _returns_after()
    newcomers = np.zeros(length)
    for n in range(length):
        back = float(newcomers[:n] @ hazard[:n][::-1]) if n else 0.0
        newcomers[n] = max(orders[n] - back, 0.4 * orders[n])
    return Demand(traffic, desire, newcomers, 1 - newcomers / np.maximum(orders, 1e-9))


def orders_a_day(plan: ShopPlan) -> float:
    """About how many orders an average day brings, before season and growth."""
    return plan.visits_a_day * VISITS_THAT_BUY + plan.marketplace_a_day + plan.tills_a_day


def shares_of(chance: np.random.Generator, shares: Floats, size: int) -> Ints:
    """Positions drawn with these weights."""
    steps = np.cumsum(shares)
    return np.searchsorted(steps / steps[-1], chance.random(size), side="right").astype(np.int64)


def mixed(keys: Ints, salt: int) -> Floats:
    """A number from 0 to 1 that depends on the key alone (splitmix64)."""
    z = keys.astype(np.uint64) + np.uint64((salt * 0x9E3779B97F4A7C15) % 2**64)
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    z ^= z >> np.uint64(31)
    return (z >> np.uint64(11)).astype(np.float64) / float(2**53)
