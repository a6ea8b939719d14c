"""Each planted cause can be measured in the simulated data, against a scope it spares."""

from collections.abc import Callable
from datetime import date, timedelta

import numpy as np
import pytest

from connectors.demo.arrivals import GENERIC, META, MOBILE, NEW_SEASON
from connectors.demo.causes import CAUSES, table_rows
from connectors.demo.extras import spend
from connectors.demo.goods import BAD_BATCH_BRAND, goods, in_category
from connectors.demo.orders import DAMAGED, NEVER, orders
from connectors.demo.visits import Visits, visits
from connectors.demo.world import World
from ecomgr.environment import ROOT

ANCHOR = date(2026, 1, 15)
WORLD = World(anchor=ANCHOR)
CODES = WORLD.plan.countries
Shares = Callable[[date], tuple[float, float]]


def days_of(slug: str) -> tuple[list[date], list[date]]:
    """The cause's days (three weeks at most), and as many before it on the same weekdays."""
    cause = CAUSES[slug]
    last = cause.last if cause.last is not None else -1
    during = [ANCHOR + timedelta(n) for n in range(cause.first, last + 1)][:21]
    weeks = -(-len(during) // 7)
    return during, [day - timedelta(7 * weeks) for day in during]


def ratio(days: list[date], share: Shares) -> float:
    parts, wholes = zip(*(share(day) for day in days), strict=True)
    return sum(parts) / sum(wholes)


def change(slug: str, affected: Shares, control: Shares) -> float:
    """How the affected ratio moved from before to during, beside the control's move."""
    during, before = days_of(slug)
    moved = ratio(during, affected) / ratio(before, affected)
    return moved / (ratio(during, control) / ratio(before, control))


def main_product(seen: Visits) -> np.ndarray:
    first = seen.looked[np.minimum(seen.looked_from, len(seen.looked) - 1)]
    return np.where(seen.looks > 0, first, -1)


def cart_share(chosen: np.ndarray) -> Shares:
    """Visits that looked at one of these products first, and how many of them filled a cart."""

    def share(day: date) -> tuple[float, float]:
        seen = visits(WORLD, day)
        main = main_product(seen)
        here = (main >= 0) & chosen[np.maximum(main, 0)]
        return float((here & (seen.carted > 0)).sum()), float(here.sum())

    return share


def these(products: np.ndarray) -> np.ndarray:
    chosen = np.zeros(len(goods(WORLD).titles), dtype=bool)
    chosen[products] = True
    return chosen


def visit_share(
    part: Callable[[Visits], np.ndarray], whole: Callable[[Visits], np.ndarray]
) -> Shares:
    def share(day: date) -> tuple[float, float]:
        seen = visits(WORLD, day)
        return float((part(seen) & whole(seen)).sum()), float(whole(seen).sum())

    return share


def everyone(seen: Visits) -> np.ndarray:
    return np.ones(seen.size, dtype=bool)


def test_best_sellers_cannot_be_bought_while_out_of_stock():
    during, before = days_of("stock_out")
    best = these(goods(WORLD).best)
    assert ratio(during, cart_share(best)) == 0
    assert ratio(before, cart_share(best)) > 0.1
    sold = [orders(WORLD, day).product for day in during]
    assert not np.isin(np.concatenate(sold), goods(WORLD).best).any()


def test_mobile_payments_break_for_two_days():
    def paid(device: int) -> Shares:
        return visit_share(
            lambda seen: seen.purchase | seen.declined,
            lambda seen: seen.payment & (seen.device == device),
        )

    assert change("payment_broken", paid(MOBILE), paid(0)) < 0.35


def test_visits_from_meta_lose_their_tag():
    def tagged(seen: Visits) -> np.ndarray:
        return ~seen.is_untagged

    def from_meta(seen: Visits) -> np.ndarray:
        return np.isin(seen.way, META) & (seen.way != NEW_SEASON)

    during, before = days_of("tracking_break")
    assert ratio(before, visit_share(tagged, from_meta)) == 1
    assert ratio(during, visit_share(tagged, from_meta)) == pytest.approx(0.1, abs=0.03)


def test_coffee_costs_more_and_sells_less_after_the_price_rise():
    coffee = in_category(WORLD, "Coffee & tea")

    def price(day: date) -> tuple[float, float]:
        placed = orders(WORLD, day)
        chosen = coffee[placed.product]
        listed = np.round(goods(WORLD).price[placed.product] * 100)
        return float(placed.unit_price[chosen].sum()), float(listed[chosen].sum())

    during, before = days_of("price_rise")
    assert ratio(before, price) == 1
    assert ratio(during, price) == pytest.approx(1.12, abs=0.002)
    assert change("price_rise", cart_share(coffee), cart_share(~coffee)) < 0.9


def test_the_new_campaign_brings_a_seventh_more_visits():
    during, before = days_of("campaign_launch")
    new = visit_share(lambda seen: seen.way == NEW_SEASON, everyone)
    assert ratio(before, new) == 0
    assert ratio(during, new) == pytest.approx(0.14 / 1.14, abs=0.01)
    spent = [spend(WORLD, day) for day in during]
    assert all((found.cents[found.way == NEW_SEASON] > 0).all() for found in spent)
    assert not any((spend(WORLD, day).way == NEW_SEASON).any() for day in before)


def test_overspend_buys_no_visits():
    def cost_per_click(campaign: Callable[[np.ndarray], np.ndarray]) -> Shares:
        def share(day: date) -> tuple[float, float]:
            found = spend(WORLD, day)
            here = campaign(found.way)
            return float(found.cents[here].sum()), float(found.clicks[here].sum())

        return share

    moved = change(
        "overspend",
        cost_per_click(lambda way: way == GENERIC),
        cost_per_click(lambda way: way != GENERIC),
    )
    assert moved == pytest.approx(2.8, rel=0.1)


def test_the_bad_batch_comes_back_damaged():
    brand = goods(WORLD).brand

    def refunded(chosen: np.ndarray) -> Shares:
        def share(day: date) -> tuple[float, float]:
            placed = orders(WORLD, day)
            here = chosen[placed.product] & (placed.delivered[placed.line_of] < NEVER)
            return float((here & (placed.refunded < NEVER)).sum()), float(here.sum())

        return share

    bad = brand == BAD_BATCH_BRAND
    during, before = days_of("bad_batch")
    assert ratio(during, refunded(bad)) > 2.5 * max(
        ratio(before, refunded(bad)), ratio(during, refunded(~bad))
    )
    reasons = np.concatenate(
        [
            placed.reason[bad[placed.product] & (placed.refunded < NEVER)]
            for placed in (orders(WORLD, day) for day in during)
        ]
    )
    assert (reasons == DAMAGED).mean() > 0.7


def test_more_visits_bounce_after_the_slow_release():
    during, before = days_of("slow_release")
    bounced = visit_share(lambda seen: seen.is_bounce, everyone)
    assert ratio(during, bounced) / ratio(before, bounced) == pytest.approx(1.35, abs=0.06)


def test_bedroom_sells_less_during_the_competitors_promotion():
    bedroom = in_category(WORLD, "Bedroom")
    assert change("competitor_promotion", cart_share(bedroom), cart_share(~bedroom)) < 0.78


def test_austria_stays_away_over_the_long_weekend():
    def from_country(code: str) -> Shares:
        return visit_share(lambda seen: seen.country == CODES.index(code), everyone)

    assert change("holiday", from_country("AT"), from_country("CH")) < 0.6


def test_french_payments_are_declined():
    def declined(of: Callable[[Visits], np.ndarray]) -> Shares:
        return visit_share(
            lambda seen: seen.declined, lambda seen: (seen.purchase | seen.declined) & of(seen)
        )

    during, _ = days_of("payment_declines")
    french = ratio(during, declined(lambda seen: seen.country == CODES.index("FR")))
    others = ratio(during, declined(lambda seen: seen.country != CODES.index("FR")))
    assert french > 0.15
    assert others < 0.06


def test_badly_reviewed_products_are_carted_half_as_often():
    chosen = these(goods(WORLD).badly_reviewed)
    assert change("review_drop", cart_share(chosen), cart_share(~chosen)) < 0.75


def test_the_other_store_is_spared():
    uk = World(shop="demo-uk", anchor=ANCHOR)
    day = ANCHOR + timedelta(CAUSES["tracking_break"].first)
    assert not visits(uk, day).is_untagged.any()


def test_the_document_lists_the_causes_as_they_are():
    text = (ROOT / "docs" / "demo.md").read_text()
    assert [row for row in text.splitlines() if row.startswith("| −")] == table_rows()
