"""Where visitors of the simulated shop come from: source tags, devices and hours of the day."""

from dataclasses import dataclass
from datetime import date
from functools import lru_cache

import numpy as np

from connectors.demo.world import Floats, World

DEVICES = ("desktop", "mobile", "tablet", "app")
DEVICE_SHARES = np.array([0.27, 0.65, 0.03, 0.05])
DEVICE_DESIRE = np.array([1.3, 0.88, 1.05, 1.4])
DEVICE_BOUNCE = np.array([0.88, 1.06, 1.0, 0.75])
DESKTOP, MOBILE, TABLET, APP = range(4)

# Visits by hour of the local day; phones and tablets in the evening, desks at work.
DESK_HOURS = (
    6,
    4,
    3,
    3,
    4,
    8,
    18,
    36,
    62,
    82,
    90,
    92,
    84,
    82,
    84,
    82,
    76,
    68,
    64,
    70,
    74,
    64,
    40,
    16,
)
PHONE_HOURS = (
    14, 8, 5, 4, 5, 12, 34, 52, 54, 52, 54, 58, 66, 60, 56, 58, 64, 72, 84, 100, 112, 104, 70, 34,
)  # fmt: skip


@dataclass(frozen=True)
class Way:
    """One way into the shop: its tag, its share of visits, and how its visitors behave.

    `platform` is where it is paid for, `click_cost` what a visit costs there before season.
    """

    source: str
    medium: str
    campaign: str = ""
    share: float = 0.0
    desire: float = 1.0
    bounce: float = 1.0
    platform: str = ""
    click_cost: float = 0.0
    click_rate: float = 0.01
    content: str = ""


WAYS: tuple[Way, ...] = (
    Way("(direct)", "(none)", share=0.17, desire=1.25, bounce=0.95),
    Way("google", "organic", share=0.25, desire=1.0),
    Way("bing", "organic", share=0.02, desire=1.1),
    Way("google", "cpc", "brand", 0.07, 1.7, 0.75, "Google Ads", 0.24, 0.11),
    Way("google", "cpc", "generic", 0.07, 0.9, 1.05, "Google Ads", 0.62, 0.035),
    Way("google", "cpc", "shopping", 0.1, 1.15, 1.0, "Google Ads", 0.4, 0.012),
    Way("google", "display", "remarketing", 0.03, 0.8, 1.2, "Google Ads", 0.3, 0.004),
    Way("bing", "cpc", "search", 0.015, 1.1, 0.95, "Microsoft Advertising", 0.38, 0.02),
    Way("facebook", "paid_social", "prospecting", 0.075, 0.5, 1.25, "Meta Ads", 0.44, 0.011),
    Way("facebook", "paid_social", "retargeting", 0.045, 1.15, 1.0, "Meta Ads", 0.56, 0.014),
    Way("tiktok", "paid_social", "discovery", 0.025, 0.35, 1.35, "TikTok Ads", 0.29, 0.009),
    Way("instagram", "social", share=0.04, desire=0.6, bounce=1.15),
    Way("pinterest", "social", share=0.025, desire=0.7, bounce=1.1),
    Way("cashback-club", "affiliate", "cashback", 0.025, 1.5, 0.8),
    Way("homeblog.example", "referral", share=0.02, desire=0.8),
    Way("newsletter", "email", "welcome", 0.012, 1.6, 0.8),
    Way("newsletter", "email", "abandoned-cart", 0.012, 3.0, 0.6),
    Way("newsletter", "email", "weekly", 0.05, 1.4, 0.85),
    Way("facebook", "paid_social", "new-season", 0.0, 0.75, 1.1, "Meta Ads", 0.5, 0.012),
)
WEEKLY, NEW_SEASON = len(WAYS) - 2, len(WAYS) - 1
MARKETPLACE = Way("homemarket", "marketplace")
META = tuple(n for n, way in enumerate(WAYS) if way.platform == "Meta Ads")
GENERIC = next(n for n, way in enumerate(WAYS) if way.campaign == "generic")
# Sent on Tuesday and Friday mornings; mostly opened on the same day.
MAIL_BY_WEEKDAY = (0.35, 2.1, 0.9, 0.6, 1.8, 0.8, 0.45)


def newsletter_of(day: date) -> str:
    """The campaign name of the newsletter that was sent last."""
    year, week, _ = day.isocalendar()
    return f"weekly-{year}-w{week:02d}"


def way_shares(world: World, day: date) -> Floats:
    """Visits by each way, 1 in all on a plain day; a launched campaign adds its own."""
    shares = np.array([way.share for way in WAYS])
    plain = shares.sum()
    shares[WEEKLY] *= MAIL_BY_WEEKDAY[day.weekday()]
    shares[NEW_SEASON] = plain * world.size("campaign_launch", day, 0.0)
    return np.asarray(shares / plain)


def visits_expected(world: World, day: date, traffic: float) -> float:
    """Visits of an average day with this much traffic, planted causes included."""
    plan = world.plan
    launched = 1 + world.size("campaign_launch", day, 0.0)
    from_countries = country_shares(world, day).sum() / sum(plan.shares)
    return float(plan.visits_a_day * world.scale * traffic * launched * from_countries)


@lru_cache(maxsize=8)
def hours(device: int, hours_behind: int) -> Floats:
    """Running share of a day's visits at each quarter of an hour of the store's day."""
    curve = np.array(DESK_HOURS if device == DESKTOP else PHONE_HOURS, dtype=float)
    quarters = np.interp(np.arange(96) / 4, np.arange(25), np.append(curve, curve[0]))
    quarters = np.roll(quarters, 4 * hours_behind)
    return np.concatenate([[0.0], np.cumsum(quarters) / quarters.sum()])


def day_share(seconds: float) -> float:
    """Share of a day's visits that have come after so many seconds of it, all devices."""
    curve = DEVICE_SHARES[DESKTOP] * hours(DESKTOP, 0) + (1 - DEVICE_SHARES[DESKTOP]) * hours(1, 0)
    return float(np.interp(seconds / 900, np.arange(97), curve))


def country_shares(world: World, day: date) -> Floats:
    """Each country's weight that day; a long weekend in Austria thins its visitors."""
    shares = np.array(world.plan.shares)
    if world.plan.code == 1:
        shares[world.plan.countries.index("AT")] *= world.size("holiday", day)
    return shares
